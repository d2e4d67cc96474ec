using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using AttnGen.Runtime;

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
        Console.WriteLine($"lane {SimdLane.Bits}");
        Console.WriteLine($"fma {SimdLane.FusedMultiplyAdd}");
        Console.WriteLine($"shapes {ModelCase.All.Count}");
        Console.WriteLine($"hash {Convert.ToHexString(SHA256.HashData(bytes))}");
        return 0;
    }

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
