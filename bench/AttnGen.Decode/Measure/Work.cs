namespace AttnGen.Decode;

/// <summary>A figure of the result: one contender at one kind of work.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Kind">What kind of work.</param>
/// <param name="Work">Which of its kind.</param>
/// <param name="Contender">Who.</param>
/// <param name="Threads">With how many threads.</param>
/// <param name="Tokens">Tokens of a call.</param>
/// <param name="Rounds">Rounds that it took part in.</param>
/// <param name="MinimumMs">The fastest call.</param>
/// <param name="MedianMs">The median over the rounds of each round's median call.</param>
/// <param name="Ratio">AttnGen's time over this one, the median over the rounds; below 1: AttnGen is faster.</param>
/// <param name="StreamPercent">The stream's time over this one, likewise; null: not measured beside it.</param>
/// <param name="Bytes">Managed bytes that a call allocates.</param>
internal sealed record Row(string Model, string Kind, string Work, string Contender, int Threads, int Tokens, int Rounds,
    double MinimumMs, double MedianMs, double Ratio, double? StreamPercent, long Bytes);

/// <summary>What is measured of one model, one kind of work after the other.</summary>
internal sealed class Work(ModelShape shape, Decoders decoders, int[] text, bool quick)
{
    public const string Stream = "stream read of the weights", Token = "token", Prompt = "prompt", Together = "together", Opening = "opening";

    public const int Sequences = 8;

    private const int Early = 64;

    /// <summary>All of it.</summary>
    public List<Row> Measure()
    {
        var rows = new List<Row>();
        foreach (int position in (int[])[Early, Math.Min(512, shape.Window - 72), .. quick ? Array.Empty<int>() : [shape.Window - 1]]) rows.AddRange(TokenAt(position));
        foreach (int tokens in quick ? [128] : new[] { 128, 512 }) rows.AddRange(PromptOf(tokens));
        rows.AddRange(TogetherAt(Early));
        rows.AddRange(Open(Math.Min(2048, shape.Window)));
        return rows;
    }

    private List<Row> TokenAt(int position)
    {
        foreach (Decoder decoder in decoders.All) MoveTo(decoder, position);
        var entries = decoders.All.ConvertAll(decoder => One(decoder, position));
        return Rows(Token, $"at {position}", 1, [.. entries, new Entry(Stream, decoders.Weights.Read)]);
    }

    private List<Row> PromptOf(int tokens)
    {
        var entries = decoders.All.Where(decoder => decoder.ReadsTogether).Select(decoder =>
            new Entry(decoder.Name, () => decoder.Append(text.AsSpan(0, tokens)), before: () => decoder.Back(0))).ToList();
        return Rows(Prompt, $"{tokens} tokens", tokens, entries);
    }

    /// <summary>One token of each of several sequences in a pass, in turns with one token of one sequence.</summary>
    private List<Row> TogetherAt(int position)
    {
        var batches = decoders.All.Select(decoder => (Decoder: decoder, Batch: decoder.Together(Sequences, text.AsSpan(0, position)))).Where(pair => pair.Batch is not null).ToList();
        try
        {
            foreach ((Decoder decoder, _) in batches) MoveTo(decoder, position);
            var ones = batches.ConvertAll(pair => One(pair.Decoder, position));
            var alls = batches.ConvertAll(pair => new Entry(pair.Decoder.Name, () => pair.Batch!.Append(text.AsSpan(0, Sequences)), after: () => pair.Batch!.Back(position)));
            Run($"{Sequences} sequences", [.. ones, .. alls]);
            return
            [
                .. ones.Select(entry => ToRow(Together, "1 sequence", 1, entry, ones[0], null)),
                .. alls.Select(entry => ToRow(Together, $"{Sequences} sequences", Sequences, entry, alls[0], null)),
            ];
        }
        finally
        {
            batches.ForEach(pair => pair.Batch!.Dispose());
        }
    }

    private List<Row> Open(int capacity)
    {
        List<Row> rows = [];
        foreach ((string name, int? id) in new[] { ("open", (int?)null), ("open, first token", text[0]) })
        {
            var entries = decoders.All.Where(decoder => decoder.Open(capacity, id)).Select(decoder => new Entry(decoder.Name, () => decoder.Open(capacity, id))).ToList();
            rows.AddRange(Rows(Opening, $"{capacity} tokens: {name}", 1, entries));
        }

        return rows;
    }

    private void MoveTo(Decoder decoder, int position)
    {
        if (decoder.Position > position) decoder.Back(position);
        if (decoder.Position < position) decoder.Fill(text.AsSpan(decoder.Position, position - decoder.Position));
    }

    private Entry One(Decoder decoder, int position) => new(decoder.Name, () => decoder.Append(text.AsSpan(position, 1)), after: () => decoder.Back(position));

    private List<Row> Rows(string kind, string work, int tokens, List<Entry> entries)
    {
        Run(work, entries);
        Entry? stream = entries.Find(entry => entry.Name == Stream);
        return entries.ConvertAll(entry => ToRow(kind, work, tokens, entry, entries[0], stream));
    }

    private void Run(string work, List<Entry> entries)
    {
        Console.Error.WriteLine($"{shape.Name}: {work}");
        Turns.Run(entries, seconds: quick ? 0.5 : 8, least: quick ? 3 : 5, most: quick ? 5 : 31);
    }

    private Row ToRow(string kind, string work, int tokens, Entry entry, Entry ours, Entry? stream) => new(
        shape.Name, kind, work, entry.Name, decoders.All.Find(decoder => decoder.Name == entry.Name)?.Threads ?? 1, tokens, entry.Rounds.Count, entry.Minimum, entry.Median,
        ours.Over(entry), stream is null ? null : 100 * stream.Over(entry), entry.Bytes);
}
