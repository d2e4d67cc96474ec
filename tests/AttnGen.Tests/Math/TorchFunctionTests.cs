using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Elementary;

/// <summary>PyTorch's functions in double precision: our error is at most twice its own float32 error, plus 1e-7.</summary>
public class TorchFunctionTests
{
    [Fact]
    public void Erf() => Compare<Function.Erf>("erf");

    [Fact]
    public void Tanh() => Compare<Function.Tanh>("tanh");

    [Fact]
    public void Sigmoid() => Compare<Function.Sigmoid>("sigmoid");

    [Fact]
    public void Gelu() => Compare<Function.Gelu>("gelu_erf");

    [Fact]
    public void Gelu_tanh() => Compare<Function.GeluTanh>("gelu_tanh");

    [Fact]
    public void Silu() => Compare<Function.Silu>("silu");

    [Fact]
    public void Relu() => Compare<Function.Relu>("relu");

    private static void Compare<T>(string name)
        where T : IFunction
    {
        var file = new GoldenFile(Path.Combine(Shared.Torch, "functional.safetensors"));
        var x = file.Floats("x");
        var theirs = file.Floats(name + ".f32");
        var exact = file.Doubles(name + ".f64");
        double ourWorst = 0, theirWorst = 0;
        for (var i = 0; i < x.Length; i++)
        {
            var ours = T.At(x[i]);
            if (!double.IsFinite(exact[i]))
            {
                Assert.Equal((float)exact[i], ours);
                continue;
            }
            var scale = Math.Max(1, Math.Abs((double)x[i]));
            ourWorst = Math.Max(ourWorst, Math.Abs(ours - exact[i]) / scale);
            theirWorst = Math.Max(theirWorst, Math.Abs(theirs[i] - exact[i]) / scale);
        }
        TestContext.Current.SendDiagnosticMessage("{0}: ours {1:g3}, PyTorch's float32 {2:g3}", name, ourWorst, theirWorst);
        Assert.True(ourWorst <= (2 * theirWorst) + 1e-7, $"{name}: {ourWorst:g3} against {theirWorst:g3}");
    }
}
