using AttnGen.Tokenizers;

namespace AttnGen.Tool;

/// <summary>Texts that stand beside a golden file: the folder's tokenizer must give the ids of their cases.</summary>
internal static class TextCheck
{
    private const string Name = "token ids of the texts";

    public static void Run(ModelDirectory directory, ModelInfo info, GoldenFile golden, GoldenNotes notes, VerifyReport report)
    {
        if (notes.Texts is not { } texts)
            return;
        if (texts.Count == 0)
        {
            report.Checks.Add(new BitCheck(Name, true, $"texts of {Path.GetFileName(notes.Path)} is empty", IsSkipped: true));
            return;
        }

        // A text that no case of the file belongs to, or that two lists of ids belong to, is looked at without any tokenizer.
        var faults = new List<string>();
        var known = new List<(GoldenText Text, long[] Ids)>();
        foreach (var text in texts)
        {
            if (Fault(golden, text, out var ids) is { } fault)
                faults.Add(fault);
            else
                known.Add((text, ids));
        }

        if (info.VocabularySize == 0)
            faults.Add("the model reads images, and no texts");
        else if (Load(directory, report) is { } tokenizer)
            faults.AddRange(Limit(info, notes, tokenizer) < tokenizer.SpecialTokens ? [$"texts are cut at {Limit(info, notes, tokenizer)} of {tokenizer.SpecialTokens} special tokens; a limit (max_seq_length) of {tokenizer.SpecialTokens} or more is expected"] :
                known.Select(text => Fault(text.Text, text.Ids, tokenizer, Limit(info, notes, tokenizer))).OfType<string>());
        else if (faults.Count == 0)
            return; // why is said
        report.Checks.Add(new BitCheck(
            Name, faults.Count == 0, faults.Count == 0 ? $"{known.Count} text{(known.Count == 1 ? "" : "s")}" : $"{faults.Count} of {texts.Count} differ: {string.Join("; ", faults.Take(3))}{(faults.Count > 3 ? $"; and {faults.Count - 3} more" : "")}"));
    }

    /// <summary>The tokenizer; null: there is none to compare with, which is put into the report.</summary>
    private static TextTokenizer? Load(ModelDirectory directory, VerifyReport report)
    {
        try
        {
            return TextTokenizer.Load(directory.Path);
        }
        catch (FileNotFoundException)
        {
            // The folder is for programs that bring ids.
            report.Checks.Add(new BitCheck(Name, true, "the folder has no tokenizer", IsSkipped: true));
        }
        catch (NotSupportedException e)
        {
            // The model is what is verified; it takes ids of whoever makes them.
            report.Checks.Add(new BitCheck(Name, true, e.Message.TrimEnd('.'), IsSkipped: true));
        }
        catch (Exception e) when (FolderFault.Is(e))
        {
            report.Checks.Add(new BitCheck(Name, false, e.Message));
        }

        return null;
    }

    // What the reference says that it cut at; else what a program cuts at that reads the folder.
    private static int Limit(ModelInfo info, GoldenNotes notes, TextTokenizer tokenizer) =>
        Math.Min(notes.MaxTokens ?? (info.RecommendedTokens > 0 ? info.RecommendedTokens : Math.Min(info.MaxTokens, tokenizer.MaxTokens)), info.MaxTokens);

    /// <summary>Looks for the ids of a text.</summary>
    /// <returns>Why there are none that count; null: they are in <paramref name="ids"/>.</returns>
    private static string? Fault(GoldenFile golden, GoldenText text, out long[] ids)
    {
        ids = [];
        var name = golden.Names.Select(GoldenKey.Parse).Where(key => key.Role is (GoldenRole.Ids or GoldenRole.Prompt) && key.Case == text.Case).OrderBy(key => key.Role == GoldenRole.Prompt ? 0 : 1).Select(key => key.Name).FirstOrDefault();
        if (name is null)
            return $"{Show.Name(text.Case)} is no case of the golden file, which has no {Show.Name(text.Case.Length == 0 ? "input_ids" : text.Case + ".input_ids")}";
        if (golden[name].Shape is not ([_] or [1, _]))
            return $"{Show.Name(name)} is {Show.Shape(golden[name].Shape)}, more than the ids of one text";
        try
        {
            ids = golden.Integers(name);
        }
        catch (GoldenException e)
        {
            return e.Message;
        }

        return text.Ids is null || text.Ids.AsSpan().SequenceEqual(ids) ? null
            : $"the ids beside the text of {Show.Name(text.Case)} are others than {Show.Name(name)}";
    }

    // White space at the ends of a text is the caller's: some references take it away, others keep it. Nothing else may differ, no id at the end either.
    private static string? Fault(GoldenText text, long[] expected, TextTokenizer tokenizer, int limit)
    {
        var ids = Encode(text.Text);
        if (ids.AsSpan().SequenceEqual(expected) || (text.Text.Trim() is var trimmed && trimmed.Length < text.Text.Length && Encode(trimmed).AsSpan().SequenceEqual(expected)))
            return null;
        var at = ids.AsSpan().CommonPrefixLength(expected);
        return $"{Show.Name(text.Case)} has {Place(expected, at)} where the tokenizer gives {Place(ids, at)}, cut at {limit}";

        long[] Encode(string of) => [.. tokenizer.Encode(of, limit).Select(id => (long)id)];

        static string Place(long[] ids, int at) => at < ids.Length ? $"id {ids[at]} at {at} of {ids.Length}" : $"{ids.Length} ids";
    }
}
