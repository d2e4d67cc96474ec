using AttnGen.Probe;

namespace AttnGen.Tests.Goldens;

/// <summary>The generated code against PyTorch in double: at most twice the error that PyTorch itself makes in float32, plus 1e-7.</summary>
public class TorchGeneratedTests
{
    private static readonly Dictionary<string, Type> s_inScope = new()
    {
        ["mha_d64_h8"] = typeof(Mha64x8),
        ["mha_d64_h8_nobias"] = typeof(Mha64x8NoBias),
        ["mha_d64_h4_kdim40_vdim24"] = typeof(Mha64x4KeyValueWidths),
        ["mha_d64_h8_biaskv_zeroattn"] = typeof(Mha64x8BiasKvZero),
        ["mha_d384_h12"] = typeof(Mha384x12),
        ["enc_d64_h8_ff256_relu_post"] = typeof(Layer64ReluPost),
        ["enc_d64_h8_ff256_relu_pre"] = typeof(Layer64ReluPre),
        ["enc_d64_h8_ff256_gelu_post"] = typeof(Layer64GeluPost),
        ["enc_d384_h12_ff1536_gelu_pre"] = typeof(Layer384GeluPre),
        ["enc_d384_h12_ff1536_gelu_post_eps1e-12"] = typeof(Layer384GeluPost),
        ["enc_d768_h12_ff3072_gelu_post_eps1e-12"] = typeof(Layer768GeluPost),
        ["encoder_stack6_d64"] = typeof(Stack6),
    };

    public static TheoryData<string> InScope => [.. s_inScope.Keys];

    [Theory]
    [MemberData(nameof(InScope))]
    public void Case(string @case)
    {
        using var loaded = Models.Load(s_inScope[@case], TorchGoldens.Open(@case), "weight.");
        TorchGoldens.Check(TorchGoldens.Open(@case), TorchGoldens.Runs(@case), loaded.Model.Heads, loaded.Model.AppendedKeys, Tolerance, (q, k, v, mask, weights) =>
        {
            var y = Models.Run(loaded, q, k, v, mask, weights);

            // The Forward with three inputs must agree with the one with one input, to the bit.
            if (ReferenceEquals(q, k) && ReferenceEquals(k, v) && loaded.Separate is not null)
                Assert.Equal(y, Models.Run(loaded, q, [.. k], [.. v], mask));
            return y;
        });
    }

    /// <summary>Nobody forgot a case: it is run here, or put together from blocks in <see cref="TorchDecoderTests"/>.</summary>
    [Fact]
    public void EveryCaseIsRunOrNamed()
    {
        Assert.Equal(TorchGoldens.Cases().Order(), s_inScope.Keys.Concat(TorchDecoderTests.Composed).Append("functional").Order());
        var (generated, composed) = (s_inScope.Keys.Sum(Count), TorchDecoderTests.Composed.Sum(Count));
        TestContext.Current.TestOutputHelper?.WriteLine($"{generated + composed} runs: {generated} of generated models, {composed} of decoders put together from generated blocks");
        Assert.Equal(47, generated + composed);

        static int Count(string @case) => TorchGoldens.Runs(@case).Count();
    }

    /// <summary>What the file of functions holds, and what happens with it.</summary>
    private static readonly Dictionary<string, string> s_functions = new()
    {
        ["gelu_erf"] = nameof(Activations),
        ["gelu_tanh"] = nameof(Activations),
        ["silu"] = nameof(Activations),
        ["relu"] = nameof(Activations),
        ["sigmoid"] = nameof(Activations),
        ["tanh"] = nameof(Activations),
        ["erf"] = nameof(Elementary.TorchFunctionTests),
        ["softmax"] = nameof(Softmax),
        ["softmax_neginf"] = nameof(Softmax),
        ["logsoftmax"] = "not offered: training losses take the logarithm; inference takes softmax itself or the scores, and no layer here ends in it",
        ["ln.eps1e-05"] = nameof(Norms),
        ["ln.eps1e-12"] = nameof(Norms),
        ["rms.eps1e-5"] = nameof(Norms),
    };

    [Fact]
    public void EveryFunctionIsRunOrNamed()
    {
        const string Answer = ".f64";
        Assert.Equal(
            TorchGoldens.Open("functional").TensorNames.Where(name => name.EndsWith(Answer, StringComparison.Ordinal)).Select(name => name[..^Answer.Length]).Order(),
            s_functions.Keys.Order());
        foreach (var (name, where) in s_functions)
            TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {where}");
    }

    private static (double, double) Tolerance(TorchGoldens.Run run, int output) => (2 * run.Error[output] + 1e-7, 0);

    [Theory]
    [InlineData("gelu_erf", typeof(GeluOnly))]
    [InlineData("gelu_tanh", typeof(GeluTanhOnly))]
    [InlineData("silu", typeof(SiluOnly))]
    [InlineData("relu", typeof(ReluOnly))]
    [InlineData("sigmoid", typeof(SigmoidOnly))]
    [InlineData("tanh", typeof(TanhOnly))]
    public void Activations(string name, Type type)
    {
        var file = TorchGoldens.Open("functional");
        using var loaded = Models.Load(type, new ArraySource().Add("weight", [1, 1], [1]));
        var error = Difference.Largest(file.Doubles(name + ".f32"), file.Doubles(name + ".f64"));
        Difference.Check(name, Difference.ToDoubles(Models.Rows(loaded, file.Floats("x"))), file.Doubles(name + ".f64"), 2 * error + 1e-7);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("softmax_neginf")]
    public void Softmax(string name)
    {
        var file = TorchGoldens.Open("functional");
        using var loaded = Models.Load<SoftmaxOf37>(new ArraySource());
        var error = Difference.Largest(file.Doubles("softmax.f32"), file.Doubles("softmax.f64"));
        Difference.Check(name, Difference.ToDoubles(Models.Rows(loaded, file.Floats(name + ".x"))), file.Doubles(name + ".f64"), 2 * error + 1e-7);
    }

    [Theory]
    [InlineData("ln.eps1e-05", "ln.eps1e-05", typeof(Norm384))]
    [InlineData("ln.eps1e-12", "ln.eps1e-12", typeof(Norm384Tiny))]
    [InlineData("rms.eps1e-5", "ln.eps1e-05", typeof(Rms384))] // There is no float32 run of RMS norm: layer norm's error is the measure.
    public void Norms(string name, string measure, Type type)
    {
        var file = TorchGoldens.Open("functional");
        using var loaded = Models.Load(type, file, "ln.");
        var error = Difference.Largest(file.Doubles(measure + ".f32"), file.Doubles(measure + ".f64"));
        Difference.Check(name, Difference.ToDoubles(Models.Rows(loaded, file.Floats("ln.x"))), file.Doubles(name + ".f64"), 2 * error + 1e-7);
    }
}
