using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>Queries may stand anywhere, also before the first key: those that see none get zeros, the others what the reference says.</summary>
public class PositionTests
{
    public static TheoryData<Type> Shapes => [.. ModelCase.All.Where(model => model.Attends).Select(model => model.Type)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void AsTheReferenceSays(Type type)
    {
        var model = ModelCase.From(type);
        var options = model.Options!;
        int counted = options.Position == Position.Alibi ? 1 << 24 : options.Position == Position.None ? int.MaxValue : model.MaxTokens;
        bool seesNothing = options.Causal || (options.Window > 0 && options.Window <= counted);
        var source = model.RandomWeights(seed: 3);
        using var loaded = model.Load(source);
        foreach (var (tokens, keys) in new[] { (1, 1), (7, 7), (Math.Min(30, model.MaxTokens), Math.Min(30, model.MaxTokens)), (3, Math.Min(37, model.MaxTokens)) })
        {
            if (tokens != keys && !model.HasSeparate)
                continue;
            var inputs = new Inputs(model, tokens, keys, seed: 4);
            var (query, key, value) = model.HasSelf && tokens == keys ? (inputs.Query, inputs.Query, inputs.Query) : (inputs.Query, inputs.Key, inputs.Value);
            foreach (long position in new[] { -1L, -2, 1 - tokens, -tokens, -tokens - 1, -5, -6, -7, -8, -17, 1 - model.MaxTokens, -model.MaxTokens, 1 - counted, -counted, 1 - options.Window - tokens, -options.Window - tokens, int.MinValue + 1L, int.MinValue, model.MaxTokens - tokens, counted - tokens, int.MaxValue - 1L, int.MaxValue }.Distinct())
            {
                if (position is < int.MinValue or > int.MaxValue)
                    continue;
                var mask = default(AttentionMask).WithFirstQuery((int)position);
                bool allBlind = options.Window > 0 && position + tokens - 1 <= -options.Window;
                bool allowed = options.Position == Position.None || ((position > -counted || seesNothing || allBlind) && position <= counted - tokens);
                if (!allowed)
                {
                    var first = (int)position;
                    var error = Assert.Throws<ArgumentOutOfRangeException>(() => Models.Run(loaded, query, key, value, default(AttentionMask).WithFirstQuery(first)));
                    Assert.Contains($"position {position}; {tokens} queries must lie ", error.Message, StringComparison.Ordinal);
                    Assert.Contains(position > counted - tokens ? $"lower FirstQuery to {counted - tokens} or less, or raise maxTokens in the attribute." : "raise FirstQuery to ", error.Message, StringComparison.Ordinal);
                    Assert.DoesNotContain($"{int.MinValue} to", error.Message, StringComparison.Ordinal);
                    continue;
                }

                var weightCount = model.Layers * model.Heads * tokens * (keys + model.AppendedKeys);
                var (weights, expectedWeights) = (new double[weightCount], new double[weightCount]);
                var y = Models.Run(loaded, query, key, value, mask, weights);
                var expected = model.Reference(source.ToReference(), Difference.ToDoubles(query), Difference.ToDoubles(key), Difference.ToDoubles(value), mask, expectedWeights);
                // Far away ALiBi's distances swallow the scores in float32; then all that can be asked is that there are weights.
                if (options is { Position: Position.Alibi, Window: 0 } && Math.Abs(position) > 1000 && !(position < 0 && seesNothing))
                {
                    for (var row = 0; row < weights.Length; row += keys)
                        Assert.Equal(1, weights.AsSpan(row, keys).ToArray().Sum(), 1e-5);
                    continue;
                }

                Difference.Check($"{model} T={tokens} S={keys} at {position}: weights", weights, expectedWeights, 2e-5);
                Difference.Check($"{model} T={tokens} S={keys} at {position}", y, expected, 2e-5, 2e-5);
                Assert.Equal(y, Models.Run(loaded, query, key, value, mask)); // without a trace

                // Rows that the definition shows no key, to the bit.
                for (var t = 0; t < tokens; t++)
                {
                    var at = position + t;
                    var blind = model.AppendedKeys == 0 && Enumerable.Range(0, keys).All(j => (options.Causal && j > at) || (options.Window > 0 && Math.Abs(at - j) >= options.Window));
                    if (!blind)
                        continue;
                    for (var row = 0; row < model.Layers * model.Heads; row++)
                        Assert.All(weights.AsSpan((row * tokens + t) * keys, keys).ToArray(), weight => Assert.Equal(0, BitConverter.DoubleToInt64Bits(weight)));
                    if (model.Kind == "DotProductAttention")
                        Assert.All(y.AsSpan(t * model.OutputWidth, model.OutputWidth).ToArray(), one => Assert.Equal(0, one));
                }
            }
        }
    }

    /// <summary>A NaN among the values reaches every query, those before the first key, too.</summary>
    [Fact]
    public void NaNReachesThem()
    {
        var inputs = new Inputs(ModelCase.From(typeof(D9x8Grouped)), 5, 6, seed: 4);
        using var loaded = inputs.Model.Load(inputs.Model.RandomWeights(seed: 3));
        inputs.Value[0] = float.NaN;
        var y = Models.Run(loaded, inputs.Query, inputs.Key, inputs.Value, default(AttentionMask).WithFirstQuery(-100));
        Assert.Contains(double.NaN, y);
        Assert.Contains(0, y);
    }
}
