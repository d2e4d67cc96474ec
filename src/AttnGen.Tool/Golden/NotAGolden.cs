namespace AttnGen.Tool;

/// <summary>The JSON files that lie beside golden files, given in their place.</summary>
internal static class NotAGolden
{
    /// <summary>What a JSON file is, and what to run.</summary>
    /// <param name="path">The file that was given as the golden one.</param>
    /// <param name="model">The model's folder, as it was typed.</param>
    /// <returns>Null: it is not JSON.</returns>
    public static string? Why(string path, string model)
    {
        if (!IsJson(path))
            return null;
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } there ? there : ".";
        if (GoldenNotes.Of(path) is { } golden)
            return $"'{path}' holds the notes on a golden file, which are read along with it; give the golden file itself: --golden {Show.Argument(golden)}";
        var (own, goldens) = (VerifyCommand.In(model), Goldens(folder));
        if (!IsIndex(path, goldens))
            return $"'{path}' is JSON, and a golden file is a safetensors file; make one with tools/make_golden.py, see docs/golden-format.md.";
        return $"'{path}' is an index of the {goldens.Count} folders beside it that have a golden file, and verify takes one of them at a time; run 'attngen verify FOLDER' for each, which finds the golden file in the folder: attngen verify {Show.Argument(own is null ? goldens[0] : model)}";
    }

    // A golden file begins with the length of its header: eight bytes, of which the last ones are 0, as no text has them.
    private static bool IsJson(string path)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return true;
        try
        {
            Span<byte> start = stackalloc byte[8];
            using var file = File.OpenRead(path);
            start = start[..file.ReadAtLeast(start, 8, throwOnEndOfStream: false)];
            return start is [(byte)'{' or (byte)'[', ..] && !start.Contains((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // whoever opens it says what is wrong
        }
    }

    // An index names the folders.
    private static bool IsIndex(string path, List<string> goldens)
    {
        try
        {
            return goldens.Count > 0 && new FileInfo(path).Length < 16 << 20 && File.ReadAllText(path) is var text
                && goldens.Exists(folder => text.Contains($"\"{Path.GetFileName(folder)}\"", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static List<string> Goldens(string folder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder).Where(model => VerifyCommand.In(model) is not null).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
