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
        {
            using var loaded = model.Load(model.RandomWeights(seed: 1));
            foreach (var (tokens, keys, kind) in Calls(model))
                outputs.Write(MemoryMarshal.AsBytes<float>(Output(loaded, tokens, keys, kind)));
            foreach (var output in Extremes.Outputs(loaded))
                outputs.Write(MemoryMarshal.AsBytes<float>(output));
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

    // Every kind of mask at one T, two of them at the others; keys of another number where they can be.
    private static IEnumerable<(int Tokens, int Keys, MaskKind Kind)> Calls(ModelCase model)
    {
        var middle = Math.Min(17, model.MaxTokens);
        foreach (var tokens in new[] { 1, 3, 7, middle, model.MaxTokens }.Distinct())
            foreach (var kind in !model.Attends ? [MaskKind.None] : tokens == middle ? Enum.GetValues<MaskKind>() : [MaskKind.None, MaskKind.HeadAdditive])
            {
                yield return (tokens, tokens, kind);
                if (model.HasSeparate && tokens < middle)
                    yield return (tokens, model.MaxTokens, kind);
            }
    }

    private static float[] Output(LoadedModel loaded, int tokens, int keys, MaskKind kind)
    {
        var model = loaded.Model;
        var inputs = new Inputs(model, tokens, keys, seed: 100 + tokens, kind);
        var y = new float[tokens * model.OutputWidth];
        if (model.HasSelf && tokens == keys)
            loaded.Forward(inputs.Query, inputs.Query, inputs.Query, y, inputs.Mask());
        else
            loaded.Forward(inputs.Query, inputs.Key, inputs.Value, y, inputs.Mask());
        return y;
    }
}
