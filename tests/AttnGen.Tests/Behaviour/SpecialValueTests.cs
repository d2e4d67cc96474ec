using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Infinities and NaN: generated code and reference say the same, which is what PyTorch says.</summary>
public class SpecialValueTests
{
    private const float Infinity = float.PositiveInfinity;

    [Theory]
    [InlineData(typeof(ReluOnly), Activation.Relu, Infinity, 0f)]
    [InlineData(typeof(GeluOnly), Activation.Gelu, Infinity, float.NaN)] // −∞·0
    [InlineData(typeof(GeluTanhOnly), Activation.GeluTanh, Infinity, float.NaN)]
    [InlineData(typeof(QuickGeluOnly), Activation.QuickGelu, Infinity, float.NaN)]
    [InlineData(typeof(SiluOnly), Activation.Silu, Infinity, float.NaN)]
    [InlineData(typeof(SigmoidOnly), Activation.Sigmoid, 1f, 0f)]
    [InlineData(typeof(TanhOnly), Activation.Tanh, 1f, -1f)]
    public void Activations(Type type, Activation activation, float atInfinity, float atMinusInfinity)
    {
        float[] x = [Infinity, -Infinity, float.NaN];
        float[] expected = [atInfinity, atMinusInfinity, float.NaN];
        using var loaded = Models.Load(type, new ArraySource().Add("weight", [1, 1], [1]));
        Assert.Equal(expected, Models.Rows(loaded, x));
        Assert.Equal(Difference.ToDoubles(expected), ActivationReference.Forward(Difference.ToDoubles(x), activation));
    }

    /// <summary>No activation is left out above.</summary>
    [Fact]
    public void EveryActivation() => Assert.Equal(
        Enum.GetValues<Activation>().Where(activation => activation != Activation.None),
        typeof(SpecialValueTests).GetMethod(nameof(Activations))!.GetCustomAttributesData().Where(data => data.AttributeType == typeof(InlineDataAttribute))
            .Select(data => (Activation)(int)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)data.ConstructorArguments[0].Value!)[1].Value!).Order());

    /// <summary>A value that a boolean mask hides has weight 0, and 0·NaN and 0·∞ are NaN.</summary>
    [Theory]
    [InlineData(typeof(D3x8), MaskKind.Keys)]
    [InlineData(typeof(D3x8), MaskKind.KeepKeys)]
    [InlineData(typeof(D3x8), MaskKind.Pairs)]
    [InlineData(typeof(D3x8), MaskKind.HeadPairs)]
    [InlineData(typeof(D2x5Values17), MaskKind.Pairs)]
    [InlineData(typeof(A64x8), MaskKind.Keys)]
    [InlineData(typeof(A16x16Grouped), MaskKind.HeadPairs)]
    [InlineData(typeof(A40x5BiasKv), MaskKind.Keys)]
    public void HiddenValues(Type type, MaskKind kind)
    {
        var inputs = new Inputs(ModelCase.From(type), 10, 13, seed: 5, kind);
        inputs.Value[3 * inputs.Model.ValueWidth + 2] = float.NaN;
        inputs.Value[11 * inputs.Model.ValueWidth + 4] = Infinity;
        Same(inputs, out var y);
        Assert.Contains(double.NaN, y);
    }

    /// <summary>The same for what the order of the sequence hides, however far it is: no block of keys is skipped then.</summary>
    [Theory]
    [InlineData(typeof(D9x8Grouped))]
    [InlineData(typeof(A64x8CausalWindow))]
    [InlineData(typeof(A130x2Window))]
    [InlineData(typeof(A18x3LongWindow))]
    public void ValuesHiddenByPosition(Type type)
    {
        var model = ModelCase.From(type);
        foreach (var (key, value) in new[] { (0, float.NaN), (model.MaxTokens - 1, float.NaN), (model.MaxTokens - 1, Infinity) })
        {
            var inputs = new Inputs(model, model.MaxTokens, model.MaxTokens, seed: 6);
            inputs.Value[key * model.ValueWidth + 1] = value;
            Same(inputs, out var y);
            Assert.Contains(double.NaN, y);
        }
    }

    /// <summary>Equal scores of any finite size give equal weights: the distance from the maximum is 0 before it is scaled, at 1/√8 too, which is no power of two.</summary>
    [Theory]
    [InlineData(1e3f)]
    [InlineData(1e10f)]
    [InlineData(1e30f)]
    public void HugeEqualScores(float size)
    {
        var inputs = new Inputs(ModelCase.From(typeof(D3x8)), 5, 20, seed: 5);
        inputs.Query.AsSpan().Fill(1);
        inputs.Key.AsSpan().Fill(size);
        inputs.Value.AsSpan().Fill(1);
        Same(inputs, out var y);
        Assert.All(y, value => Assert.Equal(1, value, 1e-6));
    }

    /// <summary>One key far above the others takes all.</summary>
    [Fact]
    public void HugeScores()
    {
        var inputs = new Inputs(ModelCase.From(typeof(D3x8)), 5, 20, seed: 5);
        inputs.Query.AsSpan().Fill(1);
        inputs.Key.AsSpan().Fill(1e10f);
        inputs.Key.AsSpan(7 * inputs.Model.KeyWidth, inputs.Model.KeyWidth).Fill(1.001e10f);
        Same(inputs, out _);
    }

    /// <summary>Keys beyond the key length do not exist, whatever stands there.</summary>
    [Theory]
    [InlineData(typeof(D3x8))]
    [InlineData(typeof(A64x8))]
    [InlineData(typeof(A16x16Grouped))]
    [InlineData(typeof(A40x5BiasKv))]
    public void ValuesBeyondTheKeyLength(Type type)
    {
        var inputs = new Inputs(ModelCase.From(type), 10, 13, seed: 5, MaskKind.KeyLength);
        Assert.InRange(inputs.KeyLength, 1, 12);
        inputs.Value.AsSpan(inputs.KeyLength * inputs.Model.ValueWidth).Fill(float.NaN);
        inputs.Key.AsSpan(inputs.KeyLength * inputs.Model.KeyWidth).Fill(float.NaN);
        Same(inputs, out var y);
        Assert.DoesNotContain(double.NaN, y);
    }

    private static void Same(Inputs inputs, out double[] y)
    {
        var source = inputs.Model.RandomWeights(seed: 2);
        using var loaded = inputs.Model.Load(source);
        y = Models.Run(loaded, inputs.Query, inputs.Key, inputs.Value, inputs.Mask());
        var expected = inputs.Model.Reference(
            source.ToReference(), Difference.ToDoubles(inputs.Query), Difference.ToDoubles(inputs.Key), Difference.ToDoubles(inputs.Value), inputs.Mask());
        Difference.Check($"{inputs.Model} {inputs.Kind}", y, expected, 1e-5, 1e-5);
    }
}
