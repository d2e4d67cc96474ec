namespace AttnGen.Tool;

/// <summary>Runs every case of a golden file and compares every output.</summary>
internal static class GoldenVerifier
{
    public static void Run(ModelRunner model, GoldenFile golden, GoldenNotes notes, VerifyReport report, ToolConsole console, CancellationToken cancellation)
    {
        var cases = golden.Names.Select(name => GoldenKey.Parse(name, model.Writes)).GroupBy(key => key.Case, StringComparer.Ordinal).ToDictionary(
            group => group.Key, group => group.OrderBy(key => key.Layer < 0 ? key.Name : key.Name[..key.Name.LastIndexOf('.')], StringComparer.Ordinal).ThenBy(key => key.Layer).ToList(), StringComparer.Ordinal);
        var context = new GoldenContext(model, golden, notes, report, console, cases);
        foreach (var (name, keys) in cases.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            console.Progress($"case {name} …");
            if (keys.TrueForAll(key => key.IsInput))
                report.Problems.Add($"case {Show.Name(name)} has inputs and no output to compare with; add one, or remove the case");
            else
                Case(context, name, keys).Run(cancellation);
        }

        console.EndProgress();
        CompareDescriptions(golden, notes, report);
    }

    private static GoldenCase Case(GoldenContext context, string name, List<GoldenKey> keys) => (context.Model, GoldenKey.Kind(name)) switch
    {
        ({ Writes: false }, _) => new EncoderCase(context, name, keys),
        (_, "greedy") => new GreedyCase(context, name, keys),
        ({ HasHalves: true }, _) => new SourceCase(context, name, keys),
        (_, "decode") => new DecodeCase(context, name, keys),
        _ => new DecoderCase(context, name, keys),
    };

    // The JSON file of this golden file says what it holds: an array that is absent, or another, would not be missed otherwise.
    private static void CompareDescriptions(GoldenFile golden, GoldenNotes notes, VerifyReport report)
    {
        var file = Path.GetFileName(notes.Path);
        foreach (var (name, description) in notes.Arrays)
        {
            if (!golden.Has(name))
            {
                if (notes.IsOwn)
                    report.Problems.Add($"{file} describes {Show.Name(name)}, which the golden file does not hold; make both anew");
                continue;
            }

            var array = golden[name];
            if (description.Type is { } type && type != array.Type)
                report.Problems.Add($"{Show.Name(name)} is of type {array.Type}, and {file} says {ToolConsole.OneLine(type)}; make both anew");
            if (description.Shape is { } shape && !shape.AsSpan().SequenceEqual(array.Shape))
                report.Problems.Add($"{Show.Name(name)} is {Show.Shape(array.Shape)}, and {file} says {Show.Shape(shape)}; make both anew");
        }
    }
}

/// <summary>Comparing bits.</summary>
internal static class Bits
{
    public static bool Equal(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(a).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(b));
}
