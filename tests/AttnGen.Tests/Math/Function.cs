using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Tests.Elementary;

/// <summary>One function of <see cref="VectorMath"/> at its four widths, and the same in double precision.</summary>
internal interface IFunction
{
    static abstract Vector512<float> At(Vector512<float> x);
    static abstract Vector256<float> At(Vector256<float> x);
    static abstract Vector128<float> At(Vector128<float> x);
    static abstract float At(float x);
    static abstract double Exact(double x);
}

/// <summary>The functions, as type arguments: the loops over all floats are compiled once for each, with the function inlined.</summary>
internal static class Function
{
    internal readonly struct Exp : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Exp(x);

        public static double Exact(double x) => Math.Exp(x);
    }

    internal readonly struct ExpNonPositive : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.ExpNonPositive(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.ExpNonPositive(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.ExpNonPositive(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.ExpNonPositive(x);

        public static double Exact(double x) => Math.Exp(x);
    }

    internal readonly struct Erf : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Erf(x);

        public static double Exact(double x) => ExactErf.Erf(x);
    }

    internal readonly struct Tanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Tanh(x);

        public static double Exact(double x) => Math.Tanh(x);
    }

    internal readonly struct Sigmoid : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Sigmoid(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Sigmoid(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Sigmoid(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Sigmoid(x);

        public static double Exact(double x) => 1 / (1 + Math.Exp(-x));
    }

    internal readonly struct Gelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Gelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Gelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Gelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Gelu(x);

        public static double Exact(double x) => x * 0.5 * (1 + ExactErf.Erf(x * 0.70710678118654752440));
    }

    internal readonly struct GeluTanh : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.GeluTanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.GeluTanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.GeluTanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.GeluTanh(x);

        public static double Exact(double x) => x / (1 + Math.Exp(-2 * Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    internal readonly struct QuickGelu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.QuickGelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.QuickGelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.QuickGelu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.QuickGelu(x);

        public static double Exact(double x) => x / (1 + Math.Exp(-1.702 * x));
    }

    internal readonly struct Silu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Silu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Silu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Silu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Silu(x);

        public static double Exact(double x) => x / (1 + Math.Exp(-x));
    }

    internal readonly struct Relu : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.Relu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.Relu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.Relu(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.Relu(x);

        public static double Exact(double x) => x > 0 ? x : double.IsNaN(x) ? x : 0;
    }

    internal readonly struct ReciprocalSqrt : IFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => VectorMath.ReciprocalSqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> At(Vector256<float> x) => VectorMath.ReciprocalSqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> At(Vector128<float> x) => VectorMath.ReciprocalSqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float At(float x) => VectorMath.ReciprocalSqrt(x);

        public static double Exact(double x) => 1 / Math.Sqrt(x);
    }
}
