using AttnGen.Probe;
using AttnGen.Reference;
using AttnGen.Tests.Goldens;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace AttnGen.Tests.Behaviour;

/// <summary>Random lengths, masks, weights and values for every shape of AttnGen.Probe, generated code against the reference. A failure shrinks to the smallest T and S.</summary>
public class PropertyTests
{
    /// <summary>One draw.</summary>
    public sealed record Sample(ModelCase Model, int Tokens, int Keys, MaskKind Mask, bool Separate, int Seed)
    {
        public override string ToString() => $"{Model.Name} T={Tokens} S={Keys} {Mask}{(Separate ? " separate" : "")} seed={Seed}";
    }

    public static class Samples
    {
        public static Arbitrary<Sample> Sample()
        {
            var draw =
                from index in Gen.Choose(0, ModelCase.All.Count - 1)
                let model = ModelCase.All[index]
                from tokens in Gen.Choose(1, model.MaxTokens)
                from otherKeys in Gen.Choose(1, model.MaxTokens)
                from mask in Gen.Elements(model.Attends ? Enum.GetValues<MaskKind>() : [MaskKind.None])
                from separate in model.HasSeparate && model.HasSelf ? Gen.Elements(true, false) : Gen.Constant(model.HasSeparate)
                from seed in Gen.Choose(0, 1_000_000)
                select new Sample(model, tokens, separate ? otherKeys : tokens, mask, separate, seed);
            return Arb.From(draw, Shrink);
        }

        private static IEnumerable<Sample> Shrink(Sample sample)
        {
            foreach (var tokens in new[] { 1, sample.Tokens / 2, sample.Tokens - 1 }.Distinct())
                if (tokens >= 1 && tokens < sample.Tokens)
                    yield return sample with { Tokens = tokens, Keys = sample.Separate ? sample.Keys : tokens };
            if (sample.Separate)
                foreach (var keys in new[] { 1, sample.Keys / 2, sample.Keys - 1 }.Distinct())
                    if (keys >= 1 && keys < sample.Keys)
                        yield return sample with { Keys = keys };
            if (sample.Mask != MaskKind.None)
                yield return sample with { Mask = MaskKind.None };
        }
    }

    [Property(Arbitrary = [typeof(Samples)], MaxTest = 400)]
    public void GeneratedCodeAgreesWithTheReference(Sample sample)
    {
        var model = sample.Model;
        var inputs = new Inputs(model, sample.Tokens, sample.Keys, sample.Seed, sample.Mask);
        var (query, key, value) = sample.Separate ? (inputs.Query, inputs.Key, inputs.Value) : (inputs.Query, inputs.Query, inputs.Query);
        var source = model.RandomWeights(sample.Seed);

        using var loaded = model.Load(source);
        var weightCount = model.Attends ? model.Layers * model.Heads * sample.Tokens * (sample.Keys + model.AppendedKeys) : 0;
        var hiddenCount = model.HiddenStates * sample.Tokens * model.OutputWidth;
        var (weights, hidden) = (new double[weightCount], new double[hiddenCount]);
        var y = Models.Run(loaded, query, key, value, inputs.Mask(), weights, hidden);

        // The same without a trace, to the bit.
        Assert.Equal(y, Models.Run(loaded, query, key, value, inputs.Mask()));

        var (expectedWeights, expectedHidden) = (new double[weightCount], new double[hiddenCount]);
        var expected = model.Reference(
            source.ToReference(), Difference.ToDoubles(query), Difference.ToDoubles(key), Difference.ToDoubles(value), inputs.Mask(), expectedWeights, expectedHidden);
        Difference.Check($"{sample} y", y, expected, 1e-5, 1e-5);
        Difference.Check($"{sample} attention weights", weights, expectedWeights, 1e-5);
        Difference.Check($"{sample} hidden states", hidden, expectedHidden, 1e-5, 1e-5);
    }
}
