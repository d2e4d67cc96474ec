using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>How a BPE model puts a word together.</summary>
/// <param name="Bytes">Words are bytes; else they are characters.</param>
/// <param name="Compose">Canonical composition (NFC) first, where there is no pipeline.</param>
/// <param name="Lower">Lower case before all else, where there is no pipeline.</param>
/// <param name="PrefixSpace">A space before a text that has none, where there is no pipeline.</param>
/// <param name="WholeWords">A word that the vocabulary has is not put together from merges.</param>
/// <param name="FuseUnknown">Neighbouring unknown characters are one token.</param>
/// <param name="ByteFallback">An unknown character is the tokens of its bytes, such as &lt;0x0A&gt;.</param>
/// <param name="Prefix">What characters that do not begin a word have before them in the vocabulary.</param>
/// <param name="Suffix">What the last character of a word has after it.</param>
internal sealed record BpeOptions(
    bool Bytes = true, bool Compose = false, bool Lower = false, bool PrefixSpace = false, bool WholeWords = false, bool FuseUnknown = false,
    bool ByteFallback = false, string Prefix = "", string Suffix = "");

/// <summary>Byte-pair encoding: of GPT-2, RoBERTa and ModernBERT on bytes, of Llama 2, Gemma and CLIP on characters; merged in the order that was learnt.</summary>
internal sealed partial class BpeTokenizer : PipelineTokenizer
{
    /// <summary>Most characters of prefix and suffix together.</summary>
    public const int MostAffixes = 62;

    private const int NoMerge = int.MaxValue;
    private const int LongWord = 1 << 10;

    private readonly BpeOptions _options;
    private readonly bool _plain; // no pipeline
    private readonly WordSplitter? _splitter; // in place of the pipeline's steps; null: they split
    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly int[] _byteIds;
    private readonly int _unknown;
    private readonly bool _unknownToo; // whatever the word, it has a token
    private HashSet<long>? _merged;

    /// <param name="settings">What all tokenizers have.</param>
    /// <param name="list">The vocabulary.</param>
    /// <param name="vocabulary">The vocabulary as a table.</param>
    /// <param name="merges">Left and right parts of merges.</param>
    /// <param name="options">How words are put together.</param>
    /// <param name="pipeline">What the text goes through; null: GPT-2's expression.</param>
    /// <param name="splitter">What splits as the pipeline does, faster; its normaliser is NFC or nothing.</param>
    /// <param name="unknown">The token for what the vocabulary does not have; negative: there is none, and it is left out.</param>
    public BpeTokenizer(
        TokenizerSettings settings, PieceList list, PieceTable vocabulary, PieceList merges, BpeOptions options, TextPipeline? pipeline = null, int unknown = -1,
        WordSplitter? splitter = null)
        : base(settings, list, vocabulary, pipeline ?? new TextPipeline(options.Compose ? [new NormalizerStep.Form(compatibility: false, compose: true)] : [], []).Lowered(options.Lower))
    {
        _options = options;
        _plain = pipeline is null;
        _splitter = _plain ? WordSplitter.Gpt2 : splitter;
        _unknown = unknown;
        _merges = ReadMerges(merges);
        _byteIds = new int[256];
        for (var i = 0; i < _byteIds.Length; i++)
        {
            _byteIds[i] = options.Bytes ? vocabulary.Find([ByteCharacter(i)]) : vocabulary.Find(FormattableString.Invariant($"<0x{i:X2}>"));
        }

        _unknownToo = unknown >= 0 || (options.Bytes && Array.TrueForAll(_byteIds, static id => id >= 0));
    }

    public override string Kind => _options.Bytes ? "byte-level BPE" : "BPE";

    private protected override void EncodeChunk(ReadOnlySpan<char> text, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        // Most texts: nothing to normalise, so the words are looked up where they stand.
        if (_splitter is not null && !_options.Lower && !_options.PrefixSpace && !HasNormalizedTokens && (!_options.Compose || Nfc.IsNormalized(text)))
        {
            Words(text, default, place.WordGoesOn, ref open, ref sink);
        }
        else
        {
            base.EncodeChunk(text, place, ref open, ref sink);
        }
    }

    private protected override SplitPlace SplitsNormalized(ref int before, ref int after) =>
        !_plain ? base.SplitsNormalized(ref before, ref after)
            : WordEnds(before, after) is var place && place == SplitPlace.Boundary && _options.PrefixSpace && after != ' ' ? SplitPlace.Whole
            : place;

    // No token that merges make has the two next to each other, and neither is unknown: nothing is merged over the place.
    private protected override bool SplitsWord(int before, int after)
    {
        if (_options is not { WholeWords: false, Prefix: "", Suffix: "" } || (_plain && _options.PrefixSpace && after != ' '))
        {
            return false;
        }

        if (_options.Bytes)
        {
            Span<byte> bytes = stackalloc byte[4];
            var last = bytes[new Rune(before).EncodeToUtf8(bytes) - 1];
            new Rune(after).EncodeToUtf8(bytes);
            var first = bytes[0];
            if (_byteIds[last] < 0 || _byteIds[first] < 0)
            {
                return false;
            }

            (before, after) = (ByteCharacter(last), ByteCharacter(first));
        }
        else if (Vocabulary.Find(new Rune(before).ToString()) < 0 || Vocabulary.Find(new Rune(after).ToString()) < 0)
        {
            return false;
        }

        return !(_merged ??= MergedPairs()).Contains(((long)before << 21) | (uint)after);
    }

    private HashSet<long> MergedPairs()
    {
        var pairs = new HashSet<long>();
        foreach (var (_, id) in _merges.Values)
        {
            var previous = -1;
            foreach (var rune in List.Find(id)!.EnumerateRunes())
            {
                if (previous >= 0)
                {
                    pairs.Add(((long)previous << 21) | (uint)rune.Value);
                }

                previous = rune.Value;
            }
        }

        return pairs;
    }

    private protected override void Part(ref NormalizedText normalized, int from, int to, in ChunkPlace place, ref OpenWord open, ref TokenSink sink)
    {
        if (_splitter is null)
        {
            base.Part(ref normalized, from, to, place, ref open, ref sink);
            return;
        }

        if (!_options.PrefixSpace || open.IsOpen || normalized.Text[from] == ' ')
        {
            Words(normalized.Text[from..to], normalized.Spans[from..to], place.WordGoesOn, ref open, ref sink);
            return;
        }

        var spaced = new NormalizedText(to - from + 1);
        try
        {
            spaced.Add(' ', normalized.Start(from), normalized.Start(from));
            spaced.AddRange(normalized.Text[from..to], normalized.Spans[from..to]);
            Words(spaced.Text, spaced.Spans, place.WordGoesOn, ref open, ref sink);
        }
        finally
        {
            spaced.Dispose();
        }
    }

    private protected override void Normalize(ReadOnlySpan<char> text, ref NormalizedText to)
    {
        if (!_plain || _options.Lower)
        {
            base.Normalize(text, ref to);
            return;
        }

        if (_options.Compose && !Nfc.IsNormalized(text))
        {
            Nfc.Normalize(text, ref to);
            return;
        }

        for (var i = 0; i < text.Length; i++)
        {
            to.Add(text[i], i, i + 1);
        }
    }
}
