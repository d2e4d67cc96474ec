using AttnGen.Reference;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>[Decoder] and [EncoderDecoder] against a scalar double computation that is written down here.</summary>
public sealed class ShapeDecoderTests
{
    private const int D = 20, F = 28, V = 33, Heads = 4, Kv = 2, Dh = 6, Layers = 2;

    [Theory]
    [InlineData("", false, false)]
    [InlineData(", position: Position.Alibi, gated: false, norm: Norm.LayerNorm, bias: true, normFirst: false, finalNorm: false", true, false)]
    [InlineData(", position: Position.None, inputPosition: InputPosition.Sinusoidal, window: 4, softcap: 3, tied: false", false, true)]
    [InlineData(", position: Position.RotaryInterleaved, rotaryDim: 4, inputPosition: InputPosition.Learned, qkNorm: QkNorm.RmsNorm, activation: Activation.GeluTanh", false, false)]
    public void A_decoder_of_a_shape_agrees(string options, bool isOther, bool isUntied)
    {
        var source = new RandomTensors();
        var type = GeneratorHost.Compile($"using AttnGen;\n[Decoder(layers: {Layers}, dModel: {D}, heads: {Heads}, kvHeads: {Kv}, headDim: {Dh}, feedForward: {F}, vocabulary: {V}, maxTokens: 30{options})]\npublic sealed partial class Model;", new HostOptions()).GetType("Model")!;
        using var model = (IDisposable)type.GetMethod("Load", [typeof(ITensorSource), typeof(string), typeof(Func<string, string>)])!.Invoke(null, [source, "", null])!;
        using var sequence = type.GetMethod("CreateSequence")!.CreateDelegate<Func<int, TokenSequence>>(model)(0);
        int[] ids = [.. Enumerable.Range(0, 25).Select(i => (i * 7 + 3) % V)];
        var logits = new float[ids.Length * V];
        for (var i = 0; i < ids.Length; i += 4)
            sequence.Extend(ids.AsSpan(i, Math.Min(4, ids.Length - i)), logits.AsSpan(i * V, Math.Min(4, ids.Length - i) * V));

        var attention = new AttentionOptions
        {
            Heads = Heads,
            KvHeads = Kv,
            HeadDim = Dh,
            Causal = true,
            Window = options.Contains("window: 4", StringComparison.Ordinal) ? 4 : 0,
            Softcap = options.Contains("softcap", StringComparison.Ordinal) ? 3 : 0,
            Position = options.Length == 0 ? Position.RotaryHalf : options.Contains("Alibi", StringComparison.Ordinal) ? Position.Alibi : options.Contains("Interleaved", StringComparison.Ordinal) ? Position.RotaryInterleaved : Position.None,
            RotaryDim = options.Contains("rotaryDim", StringComparison.Ordinal) ? 4 : 0,
            QkNorm = options.Contains("qkNorm", StringComparison.Ordinal) ? QkNorm.RmsNorm : QkNorm.None,
        };
        var r = new Scalar(source, isOther, options.Contains("GeluTanh", StringComparison.Ordinal) ? Activation.GeluTanh : Activation.Silu);
        var h = r.Words("model.embed_tokens.weight", ids, options.Contains("Sinusoidal", StringComparison.Ordinal), options.Contains("Learned", StringComparison.Ordinal) ? "model.embed_positions.weight" : null);
        for (var layer = 0; layer < Layers; layer++)
        {
            var p = $"model.layers.{layer}.";
            h = r.Stage(h, p + "input_layernorm", !isOther, x => r.Attend(x, x, p + "self_attn.", "o_proj", attention));
            h = r.Stage(h, p + "post_attention_layernorm", !isOther, x => r.FeedForward(x, isOther ? null : p + "mlp.gate_proj", p + "mlp.up_proj", p + "mlp.down_proj"));
        }

        h = isOther ? h : r.Norm(h, "model.norm");
        Compare(r.Map(h, isUntied ? "lm_head" : "model.embed_tokens", V, biased: false), logits);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(", bias: false, position: Position.RotaryHalf, qkNorm: QkNorm.RmsNorm, gated: true, normFirst: true, norm: Norm.RmsNorm, finalNorm: true, inputPosition: InputPosition.Learned, tied: false", false)]
    public void An_encoder_decoder_of_a_shape_agrees(string options, bool isPlain)
    {
        var source = new RandomTensors();
        var type = GeneratorHost.Compile($"using AttnGen;\n[EncoderDecoder(encoderLayers: {Layers}, decoderLayers: {Layers + 1}, dModel: {D}, heads: {Heads}, kvHeads: {Kv}, headDim: {Dh}, feedForward: {F}, vocabulary: {V}, maxTokens: 30{options})]\npublic sealed partial class Model;", new HostOptions()).GetType("Model")!;
        using var model = (IDisposable)type.GetMethod("Load", [typeof(ITensorSource), typeof(string), typeof(Func<string, string>)])!.Invoke(null, [source, "", null])!;
        int[] read = [.. Enumerable.Range(0, 19).Select(i => (i * 5 + 1) % V)], ids = [.. Enumerable.Range(0, 14).Select(i => (i * 7 + 3) % V)];
        using var sequence = type.GetMethod("Encode")!.CreateDelegate<Encode>(model)(read);
        var logits = new float[ids.Length * V];
        for (var i = 0; i < ids.Length; i += 3)
            sequence.Extend(ids.AsSpan(i, Math.Min(3, ids.Length - i)), logits.AsSpan(i * V, Math.Min(3, ids.Length - i) * V));

        var attention = new AttentionOptions { Heads = Heads, KvHeads = Kv, HeadDim = Dh, Position = isPlain ? Position.None : Position.RotaryHalf, QkNorm = isPlain ? QkNorm.None : QkNorm.RmsNorm };
        var r = new Scalar(source, isPlain, Activation.Gelu);
        var encoded = r.Words("model.shared.weight", read, isPlain, isPlain ? null : "model.encoder.embed_positions.weight");
        for (var layer = 0; layer < Layers; layer++)
            encoded = Layer(encoded, $"model.encoder.layers.{layer}.", attention, null);
        encoded = isPlain ? encoded : r.Norm(encoded, "model.encoder.layer_norm");
        var h = r.Words("model.shared.weight", ids, isPlain, isPlain ? null : "model.decoder.embed_positions.weight");
        for (var layer = 0; layer <= Layers; layer++)
            h = Layer(h, $"model.decoder.layers.{layer}.", attention with { Causal = true }, encoded);
        h = isPlain ? h : r.Norm(h, "model.decoder.layer_norm");
        Compare(r.Map(h, isPlain ? "model.shared" : "lm_head", V, biased: false), logits);

        var hidden = new float[read.Length * D];
        type.GetMethod("Forward")!.CreateDelegate<States>(model)(read, hidden);
        Compare(encoded, hidden);

        double[] Layer(double[] x, string p, AttentionOptions own, double[]? seen)
        {
            x = r.Stage(x, p + "self_attn_layer_norm", !isPlain, y => r.Attend(y, y, p + "self_attn.", "out_proj", own));
            if (seen is not null)
                x = r.Stage(x, p + "encoder_attn_layer_norm", !isPlain, y => r.Attend(y, seen, p + "encoder_attn.", "out_proj", own with { Causal = false, Position = Position.None }));
            return r.Stage(x, p + "final_layer_norm", !isPlain, y => r.FeedForward(y, isPlain ? null : p + "fc_gate", p + "fc1", p + "fc2"));
        }
    }

    private delegate TokenSequence Encode(ReadOnlySpan<int> tokenIds, int capacity = 0);

    private delegate void States(ReadOnlySpan<int> tokenIds, Span<float> hiddenStates, AttentionMask mask = default, ForwardTrace trace = default);

    private static void Compare(double[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++)
            Assert.InRange(found[i], expected[i] - 1e-5, expected[i] + 1e-5);
    }

    /// <summary>The paper, row by row in double.</summary>
    private sealed class Scalar(RandomTensors tensors, bool isBiasedLayerNorm, Activation activation)
    {
        public double[] Words(string table, int[] ids, bool sinusoidal, string? positions)
        {
            var h = new double[ids.Length * D];
            for (var i = 0; i < h.Length; i++)
            {
                int t = i / D, d = i % D;
                var angle = t / Math.Pow(10000, (d & ~1) / (double)D);
                h[i] = tensors.Get(table, V * D)[ids[t] * D + d] + (positions is null ? 0 : tensors.Get(positions, 30 * D)[i]) + (!sinusoidal ? 0 : d % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }

            return h;
        }

        public double[] Stage(double[] h, string norm, bool normFirst, Func<double[], double[]> part)
        {
            double[] sum = [.. part(normFirst ? Norm(h, norm) : h).Zip(h, (a, b) => a + b)];
            return normFirst ? sum : Norm(sum, norm);
        }

        public double[] Norm(double[] x, string name) => isBiasedLayerNorm
            ? LayerNormReference.Forward(x, tensors.Get(name + ".weight", D), tensors.Get(name + ".bias", D), D, 1e-5)
            : RmsNormReference.Forward(x, tensors.Get(name + ".weight", D), D, 1e-5);

        public double[] Attend(double[] x, double[] seen, string p, string output, AttentionOptions options)
        {
            double[] q = Map(x, p + "q_proj", Heads * Dh), k = Map(seen, p + "k_proj", Kv * Dh), v = Map(seen, p + "v_proj", Kv * Dh);
            ReferenceWeights norms = name => tensors.Get(p + name, Dh);
            return Map(AttentionReference.DotProduct(q, k, v, options, norms: norms), p + output, D);
        }

        public double[] FeedForward(double[] x, string? gate, string up, string down)
        {
            var hidden = Map(x, gate ?? up, F);
            for (var i = 0; i < hidden.Length; i++)
                hidden[i] = ActivationReference.At(hidden[i], activation);
            return Map(gate is null ? hidden : [.. hidden.Zip(Map(x, up, F), (a, b) => a * b)], down, D);
        }

        public double[] Map(double[] x, string name, int outputs, bool? biased = null)
        {
            int inputs = name.EndsWith("o_proj", StringComparison.Ordinal) || name.EndsWith("out_proj", StringComparison.Ordinal) ? Heads * Dh : name.EndsWith("down_proj", StringComparison.Ordinal) || name.EndsWith("fc2", StringComparison.Ordinal) ? F : D;
            var w = tensors.Get(name + ".weight", outputs * inputs);
            var b = biased ?? isBiasedLayerNorm ? tensors.Get(name + ".bias", outputs) : null;
            var y = new double[x.Length / inputs * outputs];
            for (var i = 0; i < y.Length; i++)
            {
                int row = i / outputs, n = i % outputs;
                y[i] = b is null ? 0 : b[n];
                for (var j = 0; j < inputs; j++)
                    y[i] += x[row * inputs + j] * w[n * inputs + j];
            }

            return y;
        }
    }

    /// <summary>Any tensor that is asked for, with numbers made of its name.</summary>
    private sealed class RandomTensors : ITensorSource
    {
        private readonly Dictionary<string, float[]> _made = [];

        public string Name => "made up";

        public IEnumerable<string> TensorNames => _made.Keys;

        public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
        {
            string last = name[(name[..name.LastIndexOf('.')].LastIndexOf('.') + 1)..name.LastIndexOf('.')];
            long[] found = name.EndsWith(".bias", StringComparison.Ordinal) ? [Outputs(last)]
                : last.Contains("norm", StringComparison.Ordinal) ? [last is "q_norm" or "k_norm" ? Dh : D]
                : last == "embed_positions" ? [30, D]
                : last is "embed_tokens" or "shared" or "lm_head" ? [V, D]
                : [Outputs(last), last is "o_proj" or "out_proj" ? Heads * Dh : last is "down_proj" or "fc2" ? F : D];
            shape = found;
            return true;
        }

        public void Read(string name, long first, Span<float> to) => Floats(name, (int)first + to.Length).AsSpan((int)first, to.Length).CopyTo(to);

        public double[] Get(string name, int count) => Array.ConvertAll(Floats(name, count)[..count], value => (double)value);

        private static int Outputs(string last) => last switch
        {
            "q_proj" => Heads * Dh,
            "k_proj" or "v_proj" => Kv * Dh,
            "gate_proj" or "up_proj" or "fc1" or "fc_gate" => F,
            _ => D,
        };

        private float[] Floats(string name, int count)
        {
            if (!_made.TryGetValue(name, out var values) || values.Length < count)
            {
                var random = new Random(name.Sum(c => c * 31));
                var gain = name.Contains("norm", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1f : 0f;
                _made[name] = values = [.. Enumerable.Range(0, Math.Max(count, V * D)).Select(_ => gain + random.Next(-32, 33) / 128f)];
            }

            return values;
        }
    }
}
