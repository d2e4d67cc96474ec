using AttnGen.Reference;

namespace AttnGen.Tests.Goldens;

/// <summary>The double-precision reference against PyTorch in double: everything else is measured against this reference, so it comes first.</summary>
public class TorchReferenceTests
{
    private const double Relative = 1e-10, Absolute = 1e-11;

    [Theory]
    [InlineData("mha_d64_h8", 8)]
    [InlineData("mha_d64_h8_nobias", 8)]
    [InlineData("mha_d64_h4_kdim40_vdim24", 4)]
    [InlineData("mha_d64_h8_biaskv_zeroattn", 8)]
    [InlineData("mha_d384_h12", 12)]
    public void MultiHead(string @case, int heads)
    {
        var file = TorchGoldens.Open(@case);
        var weights = file.ToReference("weight.");
        var dModel = weights.Required("out_proj.weight").Length is var length ? (int)Math.Sqrt(length) : 0;
        var options = new AttentionOptions
        {
            Heads = heads,
            HeadDim = dModel / heads,
            BiasKv = weights("bias_k") is not null,
            ZeroAttn = @case.Contains("zeroattn", StringComparison.Ordinal),
        };
        TorchGoldens.Check(file, TorchGoldens.Runs(@case), heads, options.AppendedKeys, (_, _) => (Absolute, Relative), (q, k, v, mask, attention) =>
            AttentionReference.MultiHead(Difference.ToDoubles(q), Difference.ToDoubles(k), Difference.ToDoubles(v), dModel, options, weights, mask, attention));
    }

    [Theory]
    [InlineData("enc_d64_h8_ff256_relu_post", 64, 8, Activation.Relu, false, 1e-5)]
    [InlineData("enc_d64_h8_ff256_relu_pre", 64, 8, Activation.Relu, true, 1e-5)]
    [InlineData("enc_d64_h8_ff256_gelu_post", 64, 8, Activation.Gelu, false, 1e-5)]
    [InlineData("enc_d384_h12_ff1536_gelu_pre", 384, 12, Activation.Gelu, true, 1e-5)]
    [InlineData("enc_d384_h12_ff1536_gelu_post_eps1e-12", 384, 12, Activation.Gelu, false, 1e-12)]
    [InlineData("enc_d768_h12_ff3072_gelu_post_eps1e-12", 768, 12, Activation.Gelu, false, 1e-12)]
    public void EncoderLayer(string @case, int dModel, int heads, Activation activation, bool normFirst, double epsilon)
    {
        var file = TorchGoldens.Open(@case);
        var weights = Cached(file.ToReference("weight."));
        var options = Layer(dModel, heads, activation, normFirst, epsilon);
        TorchGoldens.Check(file, TorchGoldens.Runs(@case), heads, 0, (_, _) => (Absolute, Relative), (x, _, _, mask, attention) =>
            EncoderLayerReference.Forward(Difference.ToDoubles(x), weights, dModel, options, mask, attention));
    }

    [Fact]
    public void EncoderStack()
    {
        var file = TorchGoldens.Open("encoder_stack6_d64");
        var weights = Cached(file.ToReference("weight."));
        var options = new EncoderOptions { Layers = 6, Layer = Layer(64, 8, StackActivation, true, 1e-5), FinalNorm = true };
        TorchGoldens.Check(file, TorchGoldens.Runs("encoder_stack6_d64"), 8, 0, (_, _) => (Absolute, Relative), (x, _, _, mask, attention) =>
            EncoderReference.Forward(Difference.ToDoubles(x), weights, 64, options, mask, attention));
    }

    /// <summary>The description does not name the stack's activation; the numbers do.</summary>
    internal const Activation StackActivation = Activation.Gelu;

    [Theory]
    [InlineData("gelu_erf", Activation.Gelu)]
    [InlineData("gelu_tanh", Activation.GeluTanh)]
    [InlineData("silu", Activation.Silu)]
    [InlineData("relu", Activation.Relu)]
    [InlineData("sigmoid", Activation.Sigmoid)]
    [InlineData("tanh", Activation.Tanh)]
    public void Activations(string name, Activation activation)
    {
        var file = TorchGoldens.Open("functional");
        Difference.Check(name, ActivationReference.Forward(file.Doubles("x"), activation), file.Doubles(name + ".f64"), 1e-15, 1e-13);
    }

    [Fact]
    public void ErrorFunction()
    {
        var file = TorchGoldens.Open("functional");
        var x = file.Doubles("x");
        Difference.Check("erf", Array.ConvertAll(x, ActivationReference.Erf), file.Doubles("erf.f64"), 0, 1e-14);
        Difference.Check("erfc", Array.ConvertAll(x, t => 1 - ActivationReference.Erfc(t)), file.Doubles("erf.f64"), 1e-15, 1e-14);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("softmax_neginf")]
    public void Softmax(string name)
    {
        var file = TorchGoldens.Open("functional");
        Difference.Check(name, SoftmaxReference.Forward(file.Doubles(name + ".x"), 37), file.Doubles(name + ".f64"), 1e-16, 1e-13);
    }

    [Fact]
    public void Norms()
    {
        var file = TorchGoldens.Open("functional");
        var (x, weight, bias) = (file.Doubles("ln.x"), file.Doubles("ln.weight"), file.Doubles("ln.bias"));
        Difference.Check("layer norm 1e-5", LayerNormReference.Forward(x, weight, bias, 384, 1e-5), file.Doubles("ln.eps1e-05.f64"), 1e-10, 1e-10);
        Difference.Check("layer norm 1e-12", LayerNormReference.Forward(x, weight, bias, 384, 1e-12), file.Doubles("ln.eps1e-12.f64"), 1e-10, 1e-10);
        Difference.Check("RMS norm", RmsNormReference.Forward(x, weight, 384, 1e-5), file.Doubles("rms.eps1e-5.f64"), 1e-10, 1e-10);
    }

    internal static EncoderLayerOptions Layer(int dModel, int heads, Activation activation, bool normFirst, double epsilon) => new()
    {
        Attention = new AttentionOptions { Heads = heads, HeadDim = dModel / heads },
        Activation = activation,
        NormFirst = normFirst,
        Epsilon = epsilon,
    };

    internal static ReferenceWeights Cached(ReferenceWeights weights)
    {
        var cache = new Dictionary<string, double[]?>();
        return name =>
        {
            if (!cache.TryGetValue(name, out var values))
                cache.Add(name, values = weights(name));
            return values;
        };
    }
}
