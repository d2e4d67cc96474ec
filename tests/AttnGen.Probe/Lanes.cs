using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace AttnGen.Probe;

internal static class Lanes
{
    public static int Run(string file)
    {
        using var outputs = new MemoryStream();
        foreach (var model in ModelCase.All)
            foreach (var tokens in (int[])[1, 3, 7, Math.Min(17, model.MaxTokens), model.MaxTokens])
            {
                var y = Output(model, tokens);
                outputs.Write(MemoryMarshal.AsBytes<float>(y));
            }
        var bytes = outputs.ToArray();
        File.WriteAllBytes(file, bytes);

        var widest = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        Console.WriteLine($"widest {widest}");
        Console.WriteLine($"lane {LaneBits()}");
        Console.WriteLine($"fma {Fma.IsSupported}");
        Console.WriteLine($"shapes {ModelCase.All.Count}");
        Console.WriteLine($"hash {Convert.ToHexString(SHA256.HashData(bytes))}");
        return 0;
    }

    // What the generated code branches on.
    private static int LaneBits() =>
        (int)(typeof(AttentionMask).Assembly.GetType("AttnGen.SimdLane", throwOnError: true)!.GetProperty("Bits")!.GetValue(null)!);

    private static float[] Output(ModelCase model, int tokens)
    {
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        var inputs = new Inputs(model, tokens, tokens, seed: 100 + tokens, model.Attends ? MaskKind.HeadAdditive : MaskKind.None);
        var y = new float[tokens * model.OutputWidth];
        if (model.HasSelf)
            loaded.Forward(inputs.Query, inputs.Query, inputs.Query, y, inputs.Mask());
        else
            loaded.Forward(inputs.Query, inputs.Key, inputs.Value, y, inputs.Mask());
        return y;
    }
}
