namespace AttnGen.Tokenizers;

/// <summary>
/// Text to the token ids that a model was trained with, special tokens included. The ids are those of the Hugging Face tokenizers
/// library; what it cannot read the same way is refused when it is loaded. Instances may be used from several threads at once.
/// </summary>
public abstract partial class TextTokenizer
{
    private readonly AddedTokens _raw;
    private readonly IReadOnlyList<AddedToken> _added;
    private readonly SpecialTemplate _template;
    private readonly bool _trimSpans;

    private protected TextTokenizer(TokenizerSettings settings)
    {
        _raw = new AddedTokens(settings.AddedTokens.Where(token => !token.Normalized));
        _added = settings.AddedTokens;
        _template = settings.Template;
        _trimSpans = settings.TrimSpans;
        _decoding = settings.Decoding;
        PadTokenId = settings.PadTokenId;
        UnknownTokenId = settings.UnknownTokenId;
        MaxTokens = settings.MaxTokens;
        TruncationSide = settings.TruncationSide;
    }

    /// <summary>What it is, such as <c>WordPiece</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The longest sequence that the folder's tokenizer_config.json names, special tokens included; <see cref="int.MaxValue"/>: none.</summary>
    public int MaxTokens { get; }

    /// <summary>Which end goes of a text that has too many tokens: the one that the folder's tokenizer_config.json (truncation_side) or tokenizer.json (truncation.direction) names; without them the right one.</summary>
    public TruncationSide TruncationSide { get; }

    /// <summary>The id that pads; −1: none.</summary>
    public int PadTokenId { get; }

    /// <summary>The id of what the vocabulary cannot write; −1: none.</summary>
    public int UnknownTokenId { get; }

    /// <summary>Special tokens that are put around one text.</summary>
    public int SpecialTokens => _template.SingleCount;

    /// <summary>Whether it says of each token of a pair which text it is of; false: the folder's model_input_names has no token_type_ids.</summary>
    internal bool GivesTokenTypes { get; set; } = true;

    /// <summary>Fewest and most characters that are read at once of a text that is longer and falls apart there. Tests set them.</summary>
    internal (int Least, int Most) Chunk { get; set; } = (256, 4096);

    /// <summary>Of those the ones before the text.</summary>
    internal int SpecialTokensBefore => Array.FindIndex(_template.Single, static part => part.IsText);

    /// <summary>Special tokens that are put around and between two texts.</summary>
    public int SpecialTokensOfPair => _template.PairCount;

    /// <summary>Reads a folder's tokenizer: tokenizer.json if it is there, else vocab.txt, vocab.json with merges.txt, sentencepiece.bpe.model, spiece.model or tokenizer.model. Of a GGUF file its metadata.</summary>
    /// <param name="folder">The model's folder, or a GGUF file.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder is not there.</exception>
    /// <exception cref="FileNotFoundException">None of the files is there.</exception>
    /// <exception cref="InvalidDataException">A file is malformed; the message says where.</exception>
    /// <exception cref="NotSupportedException">A file asks for something that would give other ids than the reference; the message says what, and what is accepted.</exception>
    public static TextTokenizer Load(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Directory.Exists(folder) || File.Exists(folder)
            ? TokenizerLoader.Load(new ModelFiles(folder))
            : throw new DirectoryNotFoundException($"The folder '{folder}' is not there; a tokenizer is read from a model's folder.");
    }

    /// <summary>Reads a tokenizer from files that are not in a folder, such as embedded resources.</summary>
    /// <param name="openFile">A file's name to its content, or null where there is none. Each file is opened at most once.</param>
    /// <param name="name">What messages call the source.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="FileNotFoundException">None of the files is there.</exception>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    /// <exception cref="NotSupportedException">A file asks for something that is not supported.</exception>
    public static TextTokenizer Load(Func<string, Stream?> openFile, string name)
    {
        ArgumentNullException.ThrowIfNull(openFile);
        ArgumentNullException.ThrowIfNull(name);
        return TokenizerLoader.Load(new ModelFiles(openFile, name));
    }

    /// <summary>How many ids a text has, special tokens included, however many they are.</summary>
    /// <param name="text">The text.</param>
    public int Count(ReadOnlySpan<char> text) => SpecialTokens + CountText(text);

    /// <summary>How many ids a pair of texts has, special tokens included.</summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text.</param>
    public int CountPair(ReadOnlySpan<char> first, ReadOnlySpan<char> second) => SpecialTokensOfPair + CountText(first) + CountText(second);

    /// <summary>A text's ids, special tokens included, cut to what fits at the end that <see cref="TruncationSide"/> says.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Room for the ids; its length is the limit.</param>
    /// <returns>How many ids were written.</returns>
    /// <exception cref="ArgumentException">There is not even room for the special tokens.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids) => Encode(text, ids, default, out _);

    /// <summary>A text's ids and what each of them stands for, cut to what fits at the end that <see cref="TruncationSide"/> says. Only so much of the text is read as that takes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Room for the ids; its length is the limit.</param>
    /// <param name="spans">Room for the characters of each token, as long as ids; or empty.</param>
    /// <param name="truncated">Whether tokens were cut off.</param>
    /// <returns>How many ids were written.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids, Span<TokenSpan> spans, out bool truncated) => Encode(text, ids, spans, out truncated, out _);

    /// <summary>The same, and whether the text was read up to its end: if not, the ids are those of any text that begins with this one.</summary>
    internal int Encode(ReadOnlySpan<char> text, Span<int> ids, Span<TokenSpan> spans, out bool truncated, out bool readAll) =>
        Encode(_template, text, ids, spans, out truncated, out readAll);

    private int Encode(SpecialTemplate template, ReadOnlySpan<char> text, Span<int> ids, Span<TokenSpan> spans, out bool truncated, out bool readAll)
    {
        if (ids.Length < template.SingleCount)
        {
            throw new ArgumentException($"ids has room for {ids.Length}; the special tokens alone are {template.SingleCount}.", nameof(ids));
        }

        if (!spans.IsEmpty && spans.Length < ids.Length)
        {
            throw new ArgumentException($"spans has room for {spans.Length}, ids for {ids.Length}; give it the same room, or none.", nameof(spans));
        }

        (truncated, readAll) = (false, true);
        var room = ids.Length - template.SingleCount;
        var at = 0;
        foreach (var part in template.Single)
        {
            if (!part.IsText)
            {
                Put(ids, spans, at++, part.Id);
                continue;
            }

            var count = ReadSide(text, ids.Slice(at, room), spans.IsEmpty ? default : spans.Slice(at, room), out truncated, out readAll);
            if (_trimSpans && !spans.IsEmpty)
            {
                Trim(text, ids.Slice(at, count), spans.Slice(at, count));
            }

            at += count;
        }

        return at;
    }

    /// <summary>A text's ids, cut to what fits at the end that <see cref="TruncationSide"/> says. Special tokens that the text writes out are found either way.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ids">Room for the ids; its length is the limit.</param>
    /// <param name="addSpecialTokens">Whether special tokens are put around the text; false: the text of a chat template, which has them, or a text that goes on.</param>
    /// <returns>How many ids were written.</returns>
    /// <exception cref="ArgumentException">There is not even room for the special tokens.</exception>
    public int Encode(ReadOnlySpan<char> text, Span<int> ids, bool addSpecialTokens) =>
        Encode(addSpecialTokens ? _template : SpecialTemplate.None, text, ids, default, out _, out _);

    /// <summary>A text's ids in an array of their own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether special tokens are put around the text.</param>
    /// <returns>The ids.</returns>
    public int[] Encode(string text, bool addSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        var template = addSpecialTokens ? _template : SpecialTemplate.None;
        var buffer = Scratch.Rent<int>(text.Length + template.SingleCount + 16);
        try
        {
            for (; ; )
            {
                var count = Encode(template, text, buffer, default, out var truncated, out _);
                if (!truncated)
                {
                    return buffer.AsSpan(0, count).ToArray();
                }

                Scratch.Grow(ref buffer, 0, 4 * buffer.Length);
            }
        }
        finally
        {
            Scratch.Return(buffer);
        }
    }

    /// <summary>A text's ids in an array of their own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxTokens">The limit, special tokens included.</param>
    /// <returns>The ids.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below the number of special tokens.</exception>
    public int[] Encode(string text, int maxTokens = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, SpecialTokens);
        var ids = new int[Math.Min(maxTokens, Count(text))];
        Encode(text, ids);
        return ids;
    }

    /// <summary>
    /// The ids of two texts, such as a query and a document. What does not fit is cut from the longer text first, as the reference does: of an odd number
    /// of places the longer one has one more, and only where that decides are both texts counted. <see cref="TruncationSide"/> says at which end is cut.
    /// </summary>
    /// <param name="first">The first text.</param>
    /// <param name="second">The second text.</param>
    /// <param name="ids">Room for the ids; its length is the limit.</param>
    /// <param name="types">The segment of each token, as long as ids; or empty.</param>
    /// <returns>How many ids were written.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public int EncodePair(ReadOnlySpan<char> first, ReadOnlySpan<char> second, Span<int> ids, Span<int> types = default)
    {
        if (ids.Length < SpecialTokensOfPair)
        {
            throw new ArgumentException($"ids has room for {ids.Length}; the special tokens of a pair alone are {SpecialTokensOfPair}.", nameof(ids));
        }

        if (!types.IsEmpty && types.Length < ids.Length)
        {
            throw new ArgumentException($"types has room for {types.Length}, ids for {ids.Length}; give it the same room, or none.", nameof(types));
        }

        var room = ids.Length - SpecialTokensOfPair;
        var buffer = Scratch.Rent<int>(2 * room + 1);
        try
        {
            var firstKept = ReadSide(first, buffer.AsSpan(0, room), default, out var firstCut, out _);
            var secondKept = ReadSide(second, buffer.AsSpan(room, room), default, out var secondCut, out _);
            var (firstCount, secondCount) = Shares(
                firstKept, secondKept, room, firstCut && secondCut ? room % 2 != 0 && IsLonger(first, second) : firstCut || (!secondCut && firstKept > secondKept));

            // Of a text that keeps fewer than were read the other end goes.
            var firstFrom = TruncationSide == TruncationSide.Left ? firstKept - firstCount : 0;
            var secondFrom = room + (TruncationSide == TruncationSide.Left ? secondKept - secondCount : 0);
            var at = 0;
            foreach (var part in _template.Pair)
            {
                var count = part.IsText ? (part.Second ? secondCount : firstCount) : 1;
                if (part.IsText)
                {
                    buffer.AsSpan(part.Second ? secondFrom : firstFrom, count).CopyTo(ids[at..]);
                }
                else
                {
                    ids[at] = part.Id;
                }

                if (!types.IsEmpty)
                {
                    types.Slice(at, count).Fill(part.Type);
                }

                at += count;
            }

            return at;
        }
        finally
        {
            Scratch.Return(buffer);
        }
    }

    /// <summary>The id of a token as the vocabulary writes it, such as <c>##ing</c>.</summary>
    /// <param name="token">The token.</param>
    /// <returns>The id, or null if there is none.</returns>
    public abstract int? FindId(string token);

    /// <summary>A token as the vocabulary writes it.</summary>
    /// <param name="id">The id.</param>
    /// <returns>The token, or null if there is none.</returns>
    public abstract string? FindToken(int id);

    /// <summary>The first token whose id is too large for a table, and the largest id; null: there is none.</summary>
    /// <param name="size">Rows of the table.</param>
    internal (int Id, string Token, int Last)? FindBeyond(int size)
    {
        var first = int.MaxValue;
        var last = LargestId(size, ref first);
        foreach (var token in _added)
        {
            See(token.Id);
        }

        foreach (var part in _template.Single.Concat(_template.Pair))
        {
            See(part.Id); // −1 of a text
        }

        return first == int.MaxValue ? null : (first, FindToken(first) ?? "", last);

        void See(int id)
        {
            first = id >= size && id < first ? id : first;
            last = Math.Max(last, id);
        }
    }

    /// <summary>The vocabulary.</summary>
    private protected abstract PieceList List { get; }

    /// <summary>The vocabulary's largest id, and the smallest one from a number on.</summary>
    private protected abstract int LargestId(int from, ref int first);

    /// <summary>A text between added tokens to its tokens.</summary>
    /// <param name="plain">The text; it is looked into only as far as is needed for the tokens that are taken.</param>
    /// <param name="sink">Takes the tokens; after it refuses one, stop.</param>
    private protected abstract void EncodePlain(ref PlainText plain, ref TokenSink sink);

    /// <summary>Whether the tokens of a text are those of its part up to a place and then those of its part from there on, both without added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">The place, within the text.</param>
    private protected abstract bool SplitsPlain(ReadOnlySpan<char> text, int at);

    /// <summary>How many characters to read at once where there is room for so many tokens.</summary>
    private protected int ChunkSize(int room) => (int)Math.Clamp(8L * room + 64, Chunk.Least, Chunk.Most);

    /// <summary>The id of an added token that the vocabulary may not have, or null.</summary>
    private protected int? FindAdded(string token)
    {
        foreach (var one in _added)
        {
            if (one.Content == token)
            {
                return one.Id;
            }
        }

        return null;
    }

    /// <summary>The added token of an id, or null.</summary>
    private protected string? FindAdded(int id)
    {
        foreach (var one in _added)
        {
            if (one.Id == id)
            {
                return one.Content;
            }
        }

        return null;
    }

    /// <summary>The shares of two texts that have too many tokens together: the longer one is cut first, and of an odd number of places it has one more.</summary>
    /// <param name="first">Tokens of the first text, or the room if it has more.</param>
    /// <param name="second">The same of the second text.</param>
    /// <param name="room">Tokens that there is room for.</param>
    /// <param name="firstIsLonger">Whether the first text has more tokens than the second.</param>
    internal static (int First, int Second) Shares(int first, int second, int room, bool firstIsLonger)
    {
        if ((long)first + second <= room)
        {
            return (first, second);
        }

        var small = Math.Min(first, second);
        var large = Math.Max(small, room - small);
        if ((long)small + large > room)
        {
            small = room / 2;
            large = small + room % 2;
        }

        return firstIsLonger ? (large, small) : (small, large);
    }

    // Which of two long texts has more tokens. The one with fewer characters is counted, the other no further than that.
    private bool IsLonger(ReadOnlySpan<char> first, ReadOnlySpan<char> second)
    {
        var swap = first.Length > second.Length;
        var count = CountText(swap ? second : first);
        var sink = TokenSink.Counter(swap ? count : count - 1);
        Read(swap ? first : second, 0, ref sink);
        return sink.Overflowed == swap;
    }

    // Of the vocabulary's tokens spaces go, of added tokens all white space that they took.
    private void Trim(ReadOnlySpan<char> text, ReadOnlySpan<int> ids, Span<TokenSpan> spans)
    {
        for (var i = 0; i < spans.Length; i++)
        {
            var (start, end) = (spans[i].Start, spans[i].End);
            bool? added = null;
            while (start < end && Goes(text[start], ids[i], ref added))
            {
                start++;
            }

            while (end > start && Goes(text[end - 1], ids[i], ref added))
            {
                end--;
            }

            spans[i] = new TokenSpan(start, end);
        }

        bool Goes(char character, int id, ref bool? added) =>
            character == ' ' || (char.IsWhiteSpace(character) && (added ??= FindAdded(id) is not null));
    }

    private static void Put(Span<int> ids, Span<TokenSpan> spans, int at, int id)
    {
        ids[at] = id;
        if (!spans.IsEmpty)
        {
            spans[at] = default;
        }
    }

    private int CountText(ReadOnlySpan<char> text)
    {
        var sink = TokenSink.Counter();
        Read(text, 0, ref sink);
        return sink.Count;
    }

    // The ids that a text keeps of all its ids, and whether there are others.
    private int ReadSide(ReadOnlySpan<char> text, Span<int> ids, Span<TokenSpan> spans, out bool truncated, out bool readAll)
    {
        if (TruncationSide == TruncationSide.Right)
        {
            var sink = TokenSink.Into(ids, spans);
            readAll = Read(text, 0, ref sink);
            truncated = sink.Overflowed;
            return sink.Count;
        }

        readAll = true;

        // From a place near the end, if there is one where the text falls apart; from further away if that was too few.
        for (var length = (long)ChunkSize(ids.Length); ; length *= 8)
        {
            var from = length < text.Length / 2 ? SplitBefore(text, text.Length - (int)length) : 0;
            var sink = TokenSink.Last(ids, spans);
            Read(text, from, ref sink);
            if (from == 0 || sink.Count > ids.Length)
            {
                truncated = sink.Count > ids.Length;
                return sink.Turn();
            }
        }
    }

    // The last place up to one where the text falls apart; 0: none that is near.
    private int SplitBefore(ReadOnlySpan<char> text, int at)
    {
        for (var least = Math.Max(at - Chunk.Most, 1); at >= least; at--)
        {
            if (SplitsPlain(text, at) && (_raw.IsEmpty || _raw.Splits(Characters.CodePointBefore(text, at), Characters.CodePointAt(text, at))))
            {
                return at;
            }
        }

        return 0;
    }

    // Returns whether the end of the text was looked at.
    private bool Read(ReadOnlySpan<char> text, int from, ref TokenSink sink)
    {
        var search = new AddedTokenSearch { Done = from, Next = from };
        for (var goesOn = from > 0; ; goesOn = false)
        {
            var plain = new PlainText(text, _raw, search, goesOn);
            EncodePlain(ref plain, ref sink);
            if (sink.Overflowed)
            {
                return plain.ReachedEnd;
            }

            if (!plain.TryEnd(out var match, out search))
            {
                return true;
            }

            sink.Shift = 0;
            if (!sink.Add(match.Id, match.Start, match.End))
            {
                return plain.ReachedEnd;
            }
        }
    }
}
