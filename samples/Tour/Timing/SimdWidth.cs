using System.Runtime.Intrinsics;

namespace Tour;

/// <summary>The widest vectors that .NET uses on this machine.</summary>
internal static class SimdWidth
{
    public static int Bits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;
}
