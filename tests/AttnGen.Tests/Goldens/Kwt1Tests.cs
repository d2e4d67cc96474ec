using System.Text.Json;
using AttnGen.Probe;

namespace AttnGen.Tests.Goldens;

/// <summary>KWT-1, a trained keyword spotter (Apache-2.0, ARM-software/keyword-transformer): 12 post-norm layers as one [Encoder].</summary>
public class Kwt1Tests
{
    private const int Tokens = 99, Width = 64;

    /// <summary>The reference first: what fails there is the test's own mistake.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LabelsAndLogits(bool reference)
    {
        var weights = new GoldenFile(Path.Combine(Shared.Kwt1, "kwt1.safetensors"));
        var golden = new GoldenFile(Path.Combine(Shared.Kwt1, "kwt1-golden.safetensors"));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.Kwt1, "kwt1-golden.json")));
        string[] labels = [.. json.RootElement.GetProperty("labels").EnumerateArray().Select(label => label.GetString()!)];

        LoadedModel Load<T>(ITensorSource source, string prefix, Func<string, string>? rename = null) =>
            reference ? ModelCase.From(typeof(T)).LoadReference(source, prefix, rename) : Models.Load<T>(source, prefix, rename);
        using var embed = Load<Kwt1Embed>(weights, "patch_embed.");
        using var encoder = Load<Kwt1>(new WithoutProjectionBias(weights), "", Rename);
        using var head = Load<Kwt1Head>(weights, "head.");

        var cases = 0;
        foreach (var entry in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            var name = $"case{entry.GetProperty("case").GetInt32()}.";

            // The front end: one token a frame, a class token before them, learned positions.
            var x = new float[Tokens * Width];
            weights.Floats("class_token").CopyTo(x, 0);
            Models.Rows(embed, golden.Floats(name + "features")).CopyTo(x, Width);
            var positions = weights.Floats("pos_embed");
            for (var i = 0; i < x.Length; i++)
                x[i] += positions[i];

            var hidden = new double[13 * x.Length];
            var y = Array.ConvertAll(Models.Run(encoder, x, x, x, hidden: hidden), value => (float)value);
            if (golden.Has(name + "hidden_ref"))
                Difference.Check(name + "hidden states", hidden, golden.Doubles(name + "hidden_ref"), 2e-5);

            // The class token decides.
            var logits = Difference.ToDoubles(Models.Rows(head, y[..Width]));
            Difference.Check(name + "logits", logits, golden.Doubles(name + "logits_ref"), 1e-5);
            Assert.Equal(entry.GetProperty("pred").GetString(), labels[Array.IndexOf(logits, logits.Max())]);
            cases++;
        }
        Assert.Equal(11, cases);
    }

    // From PyTorch's names to those of the file.
    private static string Rename(string name) => name
        .Replace("self_attn.q_proj.", "attn.q.", StringComparison.Ordinal)
        .Replace("self_attn.k_proj.", "attn.k.", StringComparison.Ordinal)
        .Replace("self_attn.v_proj.", "attn.v.", StringComparison.Ordinal)
        .Replace("self_attn.out_proj.", "attn.out.", StringComparison.Ordinal)
        .Replace("linear1.", "fc1.", StringComparison.Ordinal)
        .Replace("linear2.", "fc2.", StringComparison.Ordinal);

    /// <summary>KWT-1 has a bias on the output projection but none on q, k and v; an attribute has one switch for all, so they are zeros here.</summary>
    private sealed class WithoutProjectionBias(GoldenFile file) : ITensorSource
    {
        private static readonly long[] s_shape = [Width];

        public string Name => file.Name;

        public IEnumerable<string> TensorNames => file.TensorNames;

        public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
        {
            if (!IsMissing(name))
                return file.TryGetShape(name, out shape);
            shape = s_shape;
            return true;
        }

        public void Read(string name, long start, Span<float> destination)
        {
            if (IsMissing(name))
                destination.Clear();
            else
                file.Read(name, start, destination);
        }

        private static bool IsMissing(string name) => name.EndsWith(".attn.q.bias", StringComparison.Ordinal)
            || name.EndsWith(".attn.k.bias", StringComparison.Ordinal) || name.EndsWith(".attn.v.bias", StringComparison.Ordinal);
    }
}
