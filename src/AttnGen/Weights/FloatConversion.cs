using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen;

/// <summary>Little-endian elements of the readable types to float32, from addresses of any alignment.</summary>
/// <remarks>
/// The last vector of a span overlaps the one before it instead of leaving a tail, and the few elements of a short span go through
/// the scalar form of the same steps: an element's bits do not depend on where it stands.
/// The loops are optimised at their first call, because most weights are read once and then never again.
/// </remarks>
internal static class FloatConversion
{
    /// <summary>Converts elements of a readable type.</summary>
    /// <param name="type">F64 (rounds to nearest, ties to even), F32, F16 or BF16 (both exact; a NaN stays a NaN, with its payload).</param>
    /// <param name="source">The elements' bytes.</param>
    /// <param name="destination">As many floats.</param>
    public static void ToSingle(TensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (source.Length != (long)destination.Length * type.Bits() / 8)
        {
            throw new ArgumentException($"{source.Length} bytes are not {destination.Length} elements of {type.Name()}.", nameof(source));
        }

        switch (type)
        {
            case TensorType.F32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case TensorType.F64:
                FromDouble(ref MemoryMarshal.GetReference(source), destination);
                break;
            case TensorType.F16:
                FromHalf(ref MemoryMarshal.GetReference(source), destination);
                break;
            case TensorType.BF16:
                FromBFloat16(ref MemoryMarshal.GetReference(source), destination);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not a readable type.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromDouble(ref byte source, Span<float> destination)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (float)Unsafe.ReadUnaligned<double>(ref Unsafe.Add(ref source, (nint)i * sizeof(double)));
        }
    }

    // A BF16 is the upper half of a float32.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromBFloat16(ref byte source, Span<float> destination)
    {
        var width = Vector256<ushort>.Count;
        if (destination.Length < width)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = BitConverter.UInt32BitsToSingle((uint)LoadUInt16(ref source, i) << 16);
            }

            return;
        }

        ref var y = ref MemoryMarshal.GetReference(destination);
        for (nint i = 0; ; i = nint.Min(i + width, destination.Length - width))
        {
            var (low, high) = Vector256.Widen(Unsafe.ReadUnaligned<Vector256<ushort>>(ref Unsafe.Add(ref source, i * sizeof(ushort))));
            (low << 16).AsSingle().StoreUnsafe(ref y, (nuint)i);
            (high << 16).AsSingle().StoreUnsafe(ref y, (nuint)i + 8);
            if (i == destination.Length - width)
            {
                return;
            }
        }
    }

    // Half: sign 1, exponent 5 (bias 15), fraction 10. Float32: 1, 8 (bias 127), 23.
    // Shifted left by 13, fraction and exponent stand in their places, and the exponent lacks the difference of the biases, 112.
    //   normal:           add 112 to the exponent;
    //   infinity and NaN: exponent 31 must become 255: add 112 twice;
    //   subnormal, zero:  f·2^−24 with f the fraction; 2^−14·(1 + f/1024) is a normal float32 with the same fraction, and taking 2^−14
    //                     from it is exact. (No subnormal float32 appears on the way: they cost a processor hundreds of cycles.)
    private const uint BiasDifference = 112u << 23;
    private const uint FirstNormal = 1u << 23;
    private const uint FirstInfinite = 31u << 23;
    private const uint TwoToMinus14 = 113u << 23;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromHalf(ref byte source, Span<float> destination)
    {
        var width = Vector256<ushort>.Count;
        if (destination.Length < width)
        {
            for (var i = 0; i < destination.Length; i++)
            {
                destination[i] = HalfBits(LoadUInt16(ref source, i));
            }

            return;
        }

        ref var y = ref MemoryMarshal.GetReference(destination);
        for (nint i = 0; ; i = nint.Min(i + width, destination.Length - width))
        {
            var (low, high) = Vector256.Widen(Unsafe.ReadUnaligned<Vector256<ushort>>(ref Unsafe.Add(ref source, i * sizeof(ushort))));
            HalfBits(low).StoreUnsafe(ref y, (nuint)i);
            HalfBits(high).StoreUnsafe(ref y, (nuint)i + 8);
            if (i == destination.Length - width)
            {
                return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> HalfBits(Vector256<uint> half)
    {
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var magnitude = (half & Vector256.Create(0x7FFFu)) << 13;
        var normal = magnitude + Vector256.Create(BiasDifference);
        normal += Vector256.GreaterThanOrEqual(magnitude.AsInt32(), Vector256.Create((int)FirstInfinite)).AsUInt32() & Vector256.Create(BiasDifference);
        var tiny = ((magnitude + Vector256.Create(TwoToMinus14)).AsSingle() - Vector256.Create(TwoToMinus14).AsSingle()).AsUInt32();
        var isTiny = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create((int)FirstNormal)).AsUInt32();
        return (sign | Vector256.ConditionalSelect(isTiny, tiny, normal)).AsSingle();
    }

    private static float HalfBits(uint half)
    {
        var sign = (half & 0x8000u) << 16;
        var magnitude = (half & 0x7FFFu) << 13;
        var bits = magnitude switch
        {
            >= FirstInfinite => magnitude + BiasDifference + BiasDifference,
            >= FirstNormal => magnitude + BiasDifference,
            _ => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude + TwoToMinus14) - BitConverter.UInt32BitsToSingle(TwoToMinus14)),
        };
        return BitConverter.UInt32BitsToSingle(sign | bits);
    }

    private static ushort LoadUInt16(ref byte source, nint index) =>
        Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, index * sizeof(ushort)));
}
