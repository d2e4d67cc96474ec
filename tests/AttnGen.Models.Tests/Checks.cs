namespace AttnGen.Models.Tests;

/// <summary>Compares, and remembers what was compared, so that no output of the golden file is left out.</summary>
internal sealed class Checks(Golden golden)
{
    private static readonly string[] s_inputs = ["input_ids", "decoder_input_ids", "input_features", "attention_mask", "token_type_ids", "pixel_values", "position_ids", "prompt_ids", "ids"];

    private readonly HashSet<string> _compared = [];

    public void Compare(string name, ReadOnlySpan<float> values) => Compare(name, golden.Doubles(name), values);

    /// <summary>The first rows of an array.</summary>
    public void Beginning(string name, float[] values)
    {
        Assert.True(values.Length > 0, $"{name}: nothing is compared");
        Compare(name, golden.Doubles(name).AsSpan(0, values.Length), values);
    }

    /// <summary>Arrays that are not compared.</summary>
    public void Skip(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            _compared.Add(name);
    }

    public void Row(string name, int row, float[] values, int count)
    {
        var all = golden.Doubles(name);
        var size = all.Length / golden.Shape(name)[0];
        Compare(name, all.AsSpan(row * size, count), values);
    }

    public void Done(string set)
    {
        var left = golden.Names.Where(name => name.StartsWith(set, StringComparison.Ordinal) && !s_inputs.Contains(name[set.Length..]) && !_compared.Contains(name));
        Assert.Empty(left);
    }

    private void Compare(string name, ReadOnlySpan<double> expected, ReadOnlySpan<float> values)
    {
        _compared.Add(name);
        Assert.Equal(expected.Length, values.Length);
        double worst = 0;
        for (var i = 0; i < expected.Length; i++)
            worst = Math.Max(worst, double.IsNaN(values[i]) ? double.PositiveInfinity : Math.Abs(expected[i] - values[i]));
        Assert.True(worst <= golden.Tolerance(name), $"{name}: |ours − float64| is {worst:E2}, allowed are {golden.Tolerance(name):E2}");
    }
}
