using System.ComponentModel;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AttnGen.Runtime;

/// <summary>Which vector width this process computes with. Results do not depend on it; time does.</summary>
/// <remarks>
/// For generated code, and for whoever wants to know which lane ran. The width can be lowered, never raised, by the AppContext value
/// <c>AttnGen.MaxVectorBits</c> or the environment variable <c>ATTNGEN_MAX_VECTOR_BITS</c> (the lower of the two counts).
/// That is how the 128-bit lane runs with fused multiply-add, which switching AVX2 off in the runtime would take away as well.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SimdLane
{
    /// <summary>The name of the AppContext value.</summary>
    public const string SwitchName = "AttnGen.MaxVectorBits";

    /// <summary>The name of the environment variable.</summary>
    public const string VariableName = "ATTNGEN_MAX_VECTOR_BITS";

    /// <summary>512, 256 or 128: the widest that the processor accelerates, unless lowered. 128 also where nothing is accelerated.</summary>
    public static int Bits { get; } = Lower(Widest, AppContext.GetData(SwitchName), Environment.GetEnvironmentVariable(VariableName));

    /// <summary>Whether a·b+c is one operation with one rounding. Without it (x86 before 2013, WebAssembly) results differ in the last bits.</summary>
    public static bool FusedMultiplyAdd => Fma.IsSupported || AdvSimd.IsSupported;

    /// <summary>Whether the calling thread takes subnormal numbers (below 1.18e−38) for 0.</summary>
    /// <remarks>
    /// .NET never asks the processor for that, but native code that runs on the thread may and leave it so: one ONNX Runtime session with <c>session.set_denormal_as_zero</c> does
    /// it to the thread that makes it and to those started from there. Results that involve subnormal numbers then differ from those of other threads (docs/numerics.md); others do not.
    /// The answer is worked out at each call, in a few nanoseconds.
    /// </remarks>
    public static bool SubnormalsAreFlushed => Volatile.Read(ref s_smallestNormal) * 0.5f == 0f; // flushed as a result, or taken for 0 by the comparison

    private static float s_smallestNormal = 1.17549435E-38f;

    private static int Widest =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128;

    /// <summary>Lowers a width to what was asked for. Values that are no numbers are ignored; below 128 there is nothing.</summary>
    internal static int Lower(int widest, object? appContext, string? environment)
    {
        var limit = Math.Min(Limit(Convert.ToString(appContext, CultureInfo.InvariantCulture)), Limit(environment));
        return widest >= 512 && limit >= 512 ? 512 : widest >= 256 && limit >= 256 ? 256 : 128;
    }

    private static int Limit(string? text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var bits) ? bits : int.MaxValue;
}
