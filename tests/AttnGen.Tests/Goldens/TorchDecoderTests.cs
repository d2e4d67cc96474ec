using AttnGen.Probe;

namespace AttnGen.Tests.Goldens;

/// <summary>
/// There is no [Decoder] yet. A decoder layer is put together here from generated blocks (causal self-attention,
/// cross-attention, feed-forward, norms): that is what a user can do today, and it holds cross-attention against PyTorch's decoder.
/// </summary>
public class TorchDecoderTests
{
    internal static readonly string[] Composed = ["dec_d64_h8_ff256_relu_post", "dec_d64_h8_ff256_gelu_pre", "transformer_d64_e2_d2"];

    [Theory]
    [InlineData("dec_d64_h8_ff256_relu_post", typeof(Feed64Relu), false)]
    [InlineData("dec_d64_h8_ff256_gelu_pre", typeof(Feed64Gelu), true)]
    public void Layer(string @case, Type feedForward, bool normFirst)
    {
        var file = TorchGoldens.Open(@case);
        using var layer = new DecoderLayer(file, "weight.", feedForward, normFirst);
        foreach (var run in TorchGoldens.Runs(@case))
            Check(file, run, "mem", (target, memory, selfMask, memoryMask) => layer.Forward(target, memory, selfMask(), memoryMask()));
    }

    [Fact]
    public void Transformer()
    {
        const string Case = "transformer_d64_e2_d2";
        var file = TorchGoldens.Open(Case);
        using var encoder = Models.Load<Stack2>(file, "weight.encoder.");
        using var first = new DecoderLayer(file, "weight.decoder.layers.0.", typeof(Feed64Gelu), normFirst: true);
        using var second = new DecoderLayer(file, "weight.decoder.layers.1.", typeof(Feed64Gelu), normFirst: true);
        using var norm = Models.Load<Norm64>(file, "weight.decoder.norm.");
        foreach (var run in TorchGoldens.Runs(Case))
            Check(file, run, "src", (target, source, selfMask, sourceMask) =>
            {
                var memory = new float[source.Length];
                encoder.Forward(source, source, source, memory, sourceMask());

                // The padded sources are hidden from the decoder, too (memory_key_padding_mask).
                var x = first.Forward(target, memory, selfMask(), sourceMask());
                x = second.Forward(x, memory, selfMask(), sourceMask());
                return Models.Rows(norm, x);
            });
    }

    private delegate AttentionMask MaskSource();

    private static void Check(GoldenFile file, TorchGoldens.Run run, string memoryName, Func<float[], float[], MaskSource, MaskSource, float[]> forward)
    {
        var inputs = $"run.{run.Name}.in.";
        var batch = file.Shape(inputs + "tgt")[0];
        var y = new List<float>();
        for (var b = 0; b < batch; b++)
        {
            var index = b;
            y.AddRange(forward(
                TorchGoldens.Part(file.Floats(inputs + "tgt"), b, batch),
                TorchGoldens.Part(file.Floats(inputs + memoryName), b, batch),
                () => Mask(file, inputs + "tgt_mask", inputs + "tgt_pad", index, batch),
                () => Mask(file, inputs + "mem_mask", inputs + (memoryName == "src" ? "src_pad" : "mem_pad"), index, batch)));
        }
        Difference.Check($"{run.Case}/{run.Name}", Difference.ToDoubles([.. y]), file.Doubles($"run.{run.Name}.out64.y"), 2 * run.Error[0] + 1e-7);
    }

    private static AttentionMask Mask(GoldenFile file, string pairs, string keys, int b, int batch)
    {
        var mask = default(AttentionMask);
        if (file.Has(pairs))
            mask = file.Type(pairs) == "BOOL" ? mask.WithHide(file.Bools(pairs)) : mask.WithAdditive(file.Floats(pairs));
        return file.Has(keys) ? mask.WithHideKeys(TorchGoldens.Part(file.Bools(keys), b, batch)) : mask;
    }

    private sealed class DecoderLayer(GoldenFile file, string prefix, Type feedForward, bool normFirst) : IDisposable
    {
        private readonly LoadedModel _self = Models.Load<Mha64x8>(file, prefix + "self_attn.");
        private readonly LoadedModel _cross = Models.Load<Mha64x8>(file, prefix + "multihead_attn.");
        private readonly LoadedModel _feed = Models.Load(feedForward, file, prefix);
        private readonly LoadedModel[] _norms = [.. new[] { "norm1.", "norm2.", "norm3." }.Select(name => Models.Load<Norm64>(file, prefix + name))];

        public float[] Forward(float[] x, float[] memory, AttentionMask selfMask, AttentionMask memoryMask)
        {
            var normed = normFirst ? Models.Rows(_norms[0], x) : x;
            var attended = new float[x.Length];
            _self.Forward(normed, normed, normed, attended, selfMask);
            x = After(0, x, attended);

            normed = normFirst ? Models.Rows(_norms[1], x) : x;
            attended = new float[x.Length];
            _cross.Forward(normed, memory, memory, attended, memoryMask);
            x = After(1, x, attended);

            normed = normFirst ? Models.Rows(_norms[2], x) : x;
            return After(2, x, Models.Rows(_feed, normed));
        }

        public void Dispose()
        {
            foreach (var part in (LoadedModel[])[_self, _cross, _feed, .. _norms])
                part.Dispose();
        }

        private float[] After(int norm, float[] x, float[] added)
        {
            var sum = new float[x.Length];
            for (var i = 0; i < x.Length; i++)
                sum[i] = x[i] + added[i];
            return normFirst ? sum : Models.Rows(_norms[norm], sum);
        }
    }
}
