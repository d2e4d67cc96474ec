namespace AttnGen.Tokenizers;

/// <summary>A part of what goes to the model: a special token, or one of the texts.</summary>
/// <param name="Id">The special token's id; −1: a text.</param>
/// <param name="Second">Whether the text is the second.</param>
/// <param name="Type">Segment of the part's tokens.</param>
internal sealed record TemplatePart(int Id, bool Second, int Type)
{
    public bool IsText => Id < 0;
}

/// <summary>Where special tokens stand around one text and around two.</summary>
internal sealed class SpecialTemplate
{
    public SpecialTemplate(TemplatePart[] single, TemplatePart[] pair)
    {
        Single = single;
        Pair = pair;
        SingleCount = single.Count(part => !part.IsText);
        PairCount = pair.Count(part => !part.IsText);
    }

    public TemplatePart[] Single { get; }

    public TemplatePart[] Pair { get; }

    /// <summary>Special tokens around one text.</summary>
    public int SingleCount { get; }

    /// <summary>Special tokens around two texts.</summary>
    public int PairCount { get; }

    /// <summary>[CLS] a [SEP] and [CLS] a [SEP] b [SEP], the second text and what follows of segment 1.</summary>
    public static SpecialTemplate Bert(int cls, int sep) => new(
        [new(cls, false, 0), new(-1, false, 0), new(sep, false, 0)],
        [new(cls, false, 0), new(-1, false, 0), new(sep, false, 0), new(-1, true, 1), new(sep, false, 1)]);

    /// <summary>&lt;s&gt; a &lt;/s&gt; and &lt;s&gt; a &lt;/s&gt;&lt;/s&gt; b &lt;/s&gt;, all of segment 0.</summary>
    public static SpecialTemplate Roberta(int bos, int eos) => new(
        [new(bos, false, 0), new(-1, false, 0), new(eos, false, 0)],
        [new(bos, false, 0), new(-1, false, 0), new(eos, false, 0), new(eos, false, 0), new(-1, true, 0), new(eos, false, 0)]);

    /// <summary>The texts alone, the second of segment 1.</summary>
    public static SpecialTemplate None { get; } = new([new(-1, false, 0)], [new(-1, false, 0), new(-1, true, 1)]);
}
