namespace AttnGen.Tool;

/// <summary>What a model writes by itself, the likeliest token each time: after a prompt, or of the source of the case "single".</summary>
internal sealed class GreedyCase(GoldenContext context, string name, List<GoldenKey> keys) : GoldenCase(context, name, keys)
{
    private readonly List<GoldenKey> _keys = keys;
    private int _tokens;

    protected override void RunRows(CancellationToken cancellation)
    {
        var info = Info;
        Inputs.RefuseOthers("this case, in which the model writes by itself", GoldenRole.Prompt);
        if (_keys.Where(key => key.Role == GoldenRole.Written).ToList() is not [var ids])
            throw new GoldenException("there is no ids: what is written, the likeliest token each time");
        if (!SequenceRunner.HasLogits(info))
            throw new GoldenException("the model has no logits to choose tokens by");
        var expected = Inputs.Row(ids);
        if (Array.FindIndex(expected, id => id < 0 || id >= info.LogitsSize) is var wrong and >= 0)
            throw new GoldenException($"{Show.Name(ids.Name)} holds {expected[wrong]} at {wrong}, but ids go from 0 to {info.LogitsSize - 1}");
        foreach (var logits in _keys.Where(key => key.Role == GoldenRole.Logits).Select(key => Context.Golden[key.Name]))
        {
            if (logits.Shape.Length > 1 && logits.Shape[^2] != expected.Length)
                throw new GoldenException($"{Show.Name(ids.Name)} has {expected.Length} ids, but {Show.Name(logits.Name)} is {Show.Shape(logits.Shape)}; each id is chosen by a row of logits");
        }

        _tokens = expected.Length;
        Prepare(new bool[]?[1], isBatch: false);
        var prompt = Inputs.One(GoldenRole.Prompt) is { } given ? Inputs.Row(given) : null;
        using var sequence = Begin(ref prompt, expected.Length);
        var size = info.LogitsSize;
        var values = ModelRunner.Array((long)expected.Length * size);
        var written = new int[expected.Length];
        for (var i = 0; i < expected.Length; i++)
        {
            // The file's ids are what goes on, so that a wrong one is followed by rows that can be compared.
            cancellation.ThrowIfCancellationRequested();
            var row = values.AsSpan(i * size, size);
            sequence.Extend(i == 0 ? prompt : expected.AsSpan(i - 1, 1), row);
            written[i] = SequenceRunner.Likeliest(row);
        }

        foreach (var output in Compared)
            output.Compare(0, null, values);
        CompareWritten(expected, written);
    }

    private TokenSequence Begin(ref int[]? prompt, int tokens)
    {
        if (Model.Language is { } language)
        {
            if (prompt is null)
                throw new GoldenException("there is no prompt_ids for the model to go on from");
            SequenceRunner.CheckRoom(Info, prompt.Length + tokens - 1, "prompt_ids and ids");
            return language.CreateSequence(prompt.Length + tokens - 1);
        }

        var single = GoldenKey.Beside(Name, "single");
        var (role, input) = Model.IsSpeech ? (GoldenRole.Features, "input_features") : (GoldenRole.Ids, "input_ids");
        if (!Context.Cases.TryGetValue(single, out var keys) || !keys.Exists(key => key.Role == role))
            throw new GoldenException($"it reads the source of the case {Show.Name(single)}, which the file does not have; add {single}.{input}");
        if (prompt is null && Info.DecoderStartTokenId < 0)
            throw new GoldenException("the folder has no decoder_start_token_id; add prompt_ids, which the text begins with");
        prompt ??= [Info.DecoderStartTokenId];
        SequenceRunner.CheckRoom(Info, prompt.Length + tokens - 1, "prompt_ids and ids");
        return SourceCase.ReadSources(Context.Inputs(single), Info, out _) is [var source] ? Model.Encode(source.Mask is null ? source : source.Unpadded(), prompt.Length + tokens - 1)
            : throw new GoldenException($"{single}.{input} has several rows; one source is expected");
    }

    protected override OutputShape Shape(GoldenKey key) => key is { Role: GoldenRole.Logits, Half: GoldenHalf.Whole }
        ? new([_tokens, Info.LogitsSize], Info.LogitsSize)
        : OutputShape.None("of what the model writes by itself, ids and logits are compared");
}
