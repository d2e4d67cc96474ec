using AttnGen.Embeddings;

namespace AttnGen.Tool;

/// <summary>Texts that stand beside a golden file: the folder's tokenizer must give the ids of their cases.</summary>
internal static class TextCheck
{
    private const string Name = "token ids of the texts";

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
        catch (NotSupportedException e)
        {
            // The model is what is verified; it takes ids of whoever makes them.
            report.Checks.Add(new BitCheck(Name, true, e.Message.TrimEnd('.'), IsSkipped: true));
            return;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            report.Checks.Add(new BitCheck(Name, false, e.Message));
            return;
        }

        var limit = Math.Min(notes.MaxTokens ?? (info.RecommendedTokens > 0 ? info.RecommendedTokens : info.MaxTokens), info.MaxTokens);
        var faults = new List<string>();
        foreach (var (name, text, expected) in known)
        {
            // As sentence-transformers does: white space around a text goes. Other programs keep it, or cut at another length than the folder recommends.
            var ids = Encode(text.Trim(), limit);
            if (!Same(ids, expected) && !Same(Encode(text, limit), expected) && !(expected!.Length is > 2 and var most && most < ids.Length && Same(Encode(text.Trim(), most), expected)))
            {
                var at = ids.AsSpan().CommonPrefixLength(expected);
                faults.Add($"{Show.Name(name)} has {Place(expected!, at)} where the tokenizer gives {Place(ids, at)}");
            }
        }

        report.Checks.Add(new BitCheck(Name, faults.Count == 0, faults.Count == 0 ? $"{known.Count} text{(known.Count == 1 ? "" : "s")}" : $"{faults.Count} of {known.Count} differ: {string.Join("; ", faults.Take(3))}"));

        long[] Encode(string text, int most) => [.. tokenizer.Encode(text, most).Select(id => (long)id)];

        static bool Same(long[] ids, long[]? expected) => ids.AsSpan().SequenceEqual(expected);

        static string Place(long[] ids, int at) => at < ids.Length ? $"id {ids[at]} at {at}" : $"{ids.Length} ids";
    }

    private static long[]? Ids(GoldenFile golden, string name)
    {
        var array = new[] { name + ".input_ids", name + ".ids" }.FirstOrDefault(golden.Has);
        return array is not null && golden[array] is { Type: "I64" or "I32", Shape: [_] or [1, _] } ? golden.Integers(array) : null;
    }
}
