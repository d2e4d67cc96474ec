using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Additive masks that hide: −∞ does; float.MinValue, which exporters write, is a number, and a row of it the plain mean.</summary>
public class AdditiveMaskTests
{
    public static TheoryData<Type, bool> Shapes => new(
        from model in ModelCase.All
        where model.Attends && model.Heads > 0
        from perHead in new[] { false, true }
        select (model.Type, perHead));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AsTheReferenceSays(Type type, bool perHead)
    {
        var model = ModelCase.From(type);
        const int Tokens = 9;
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        var inputs = new Inputs(model, Tokens, Tokens, seed: 4);
        var (query, key, value) = model.HasSelf ? (inputs.Query, inputs.Query, inputs.Query) : (inputs.Query, inputs.Key, inputs.Value);

        // Row by row: all −∞; all MinValue; MinValue and −∞; MinValue and one usual; usual and −∞; −∞ and one usual; one MinValue among −∞; usual; all MinValue.
        var bias = new float[(perHead ? model.Heads : 1) * Tokens * Tokens];
        for (var i = 0; i < bias.Length; i++)
        {
            int row = i / Tokens % Tokens, j = i % Tokens;
            bias[i] = row switch
            {
                0 => float.NegativeInfinity,
                1 or 8 => float.MinValue,
                2 => j % 3 == 1 ? float.NegativeInfinity : float.MinValue,
                3 => j == 2 ? 0.5f : float.MinValue,
                4 => j % 2 == 0 ? float.NegativeInfinity : 0.25f * j,
                5 => j == 4 ? -1 : float.NegativeInfinity,
                6 => j == 0 ? float.MinValue : float.NegativeInfinity,
                _ => 0.125f * j,
            };
        }

        var count = model.Layers * model.Heads * Tokens * (Tokens + model.AppendedKeys);
        var (weights, expectedWeights) = (new double[count], new double[count]);
        var y = Models.Run(loaded, query, key, value, AttentionMask.Additive(bias), weights);
        var expected = model.Reference(source.ToReference(), Difference.ToDoubles(query), Difference.ToDoubles(key), Difference.ToDoubles(value), AttentionMask.Additive(bias), expectedWeights);
        Difference.Check($"{model} weights", weights, expectedWeights, 1e-5);
        Difference.Check($"{model}", y, expected, 2e-5, 2e-5);

        if (model.AppendedKeys > 0)
            return; // the appended keys are hidden by nothing, and take all
        for (var head = 0; head < model.Layers * model.Heads; head++)
        {
            double[] Row(int t) => weights[((head * Tokens + t) * Tokens)..((head * Tokens + t + 1) * Tokens)];
            bool Seen(int t, int j) => (!model.Options!.Causal || j <= t) && (model.Options.Window == 0 || Math.Abs(t - j) < model.Options.Window);
            Assert.All(Row(0), weight => Assert.Equal(0, weight));
            foreach (var t in new[] { 1, 8 })
            {
                var seen = Enumerable.Range(0, Tokens).Where(j => Seen(t, j)).ToList();
                for (var j = 0; j < Tokens; j++)
                    Assert.Equal(seen.Contains(j) ? 1.0 / seen.Count : 0, Row(t)[j], 1e-6);
            }

            var some = Enumerable.Range(0, Tokens).Where(j => Seen(2, j) && j % 3 != 1).ToList();
            for (var j = 0; j < Tokens; j++)
                Assert.Equal(some.Contains(j) ? 1.0 / some.Count : 0, Row(2)[j], 1e-6);
        }
    }
}
