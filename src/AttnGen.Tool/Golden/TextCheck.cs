using AttnGen.Embeddings;

namespace AttnGen.Tool;

/// <summary>Texts that stand beside a golden file: the folder's tokenizer must give the ids of their cases.</summary>
internal static class TextCheck
{
    public static void Run(ModelDirectory directory, ModelInfo info, GoldenFile golden, GoldenNotes notes, VerifyReport report)
    {
        // A text whose ids are known: those of the case of its name, or those beside it.
        var known = notes.Texts
            .Select(text => (text.Case, text.Text, Ids: Ids(golden, text.Case) ?? text.Ids))
            .Where(text => text.Ids is not null)
            .ToList();
        if (known.Count == 0 || info.VocabularySize == 0)
            return;
        TextTokenizer tokenizer;
        try
        {
            tokenizer = TextTokenizer.Load(directory.Path);
        }
        catch (FileNotFoundException)
        {
            return; // the folder is for programs that bring ids
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            report.Checks.Add(new BitCheck("token ids of the texts", false, e.Message));
            return;
        }

        var limit = Math.Min(notes.MaxTokens ?? info.RecommendedTokens, info.MaxTokens);
        var faults = new List<string>();
        foreach (var (name, text, expected) in known)
        {
            // As sentence-transformers does: white space around a text goes.
            long[] ids = [.. tokenizer.Encode(text.Trim(), limit).Select(id => (long)id)];
            if (!ids.AsSpan().SequenceEqual(expected))
            {
                var at = ids.AsSpan().CommonPrefixLength(expected);
                faults.Add($"{Show.Name(name)} has {Place(expected!, at)} where the tokenizer gives {Place(ids, at)}");
            }
        }

        report.Checks.Add(new BitCheck("token ids of the texts", faults.Count == 0, faults.Count == 0 ? $"{known.Count} text{(known.Count == 1 ? "" : "s")}" : $"{faults.Count} of {known.Count} differ: {string.Join("; ", faults.Take(3))}"));

        static string Place(long[] ids, int at) => at < ids.Length ? $"id {ids[at]} at {at}" : $"{ids.Length} ids";
    }

    private static long[]? Ids(GoldenFile golden, string name)
    {
        var array = new[] { name + ".input_ids", name + ".ids" }.FirstOrDefault(golden.Has);
        return array is not null && golden[array] is { Type: "I64" or "I32", Shape: [_] or [1, _] } ? golden.Integers(array) : null;
    }
}
