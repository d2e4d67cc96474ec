using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Tokenizers;

// Texts to words.
internal sealed partial class BpeTokenizer
{
    private WordCache? _cache;

    /// <summary>Whether a word of GPT-2's expression certainly ends between two code points, or goes over the place, and neither side depends on the other.</summary>
    internal static SplitPlace WordEnds(int before, int after)
    {
        const CharacterKind Others = CharacterKind.Other | CharacterKind.Mark;
        Span<char> text = stackalloc char[4];
        var length = new Rune(before).EncodeToUtf16(text);
        text = text[..(length + new Rune(after).EncodeToUtf16(text[length..]))];
        var kind = Plain(CharacterKinds.At(text, 0, out _));
        var next = Plain(CharacterKinds.At(text, length, out _));
        return (kind, next) switch
        {
            (CharacterKind.Space, CharacterKind.Space) => SplitPlace.Spaces,
            (CharacterKind.Space, _) => SplitPlace.Whole,
            _ when before == '\'' => SplitPlace.Whole,
            _ when kind != next => SplitPlace.Boundary,
            (CharacterKind.Letters, _) when before is 's' or 't' or 'm' or 'd' or 'r' or 'e' or 'v' or 'l' => SplitPlace.Letters,
            (Others, _) when after == '\'' => SplitPlace.Whole,
            _ => SplitPlace.Apart,
        };

        static CharacterKind Plain(CharacterKind kind) => (kind & CharacterKind.Letters) != 0 ? CharacterKind.Letters
            : (kind & CharacterKind.Space) != 0 ? CharacterKind.Space
            : kind == CharacterKind.Number ? kind
            : Others;
    }

    private void Words(ReadOnlySpan<char> text, ReadOnlySpan<TokenSpan> spans, bool goesOn, ref OpenWord open, ref TokenSink sink)
    {
        for (var at = 0; at < text.Length && !sink.Overflowed;)
        {
            var length = _splitter!.Length(text[at..]);
            var ends = at + length < text.Length || !goesOn;
            var word = spans.IsEmpty ? default : spans.Slice(at, length);
            if (!ends || open.IsOpen)
            {
                Part(text.Slice(at, length), word, at, ends, ref open, ref sink);
            }
            else if (length > WordCache.Longest || sink.KeepsSpans)
            {
                Word(text.Slice(at, length), word, at, ref sink);
            }
            else
            {
                Cached(text, at, length, word, ref sink);
            }

            at += length;
        }
    }

    private protected override void Word(ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        if (word.IsEmpty || word.Length > WordCache.Longest || sink.KeepsSpans)
        {
            Word(word, spans, 0, ref sink);
        }
        else
        {
            Cached(word, 0, word.Length, spans, ref sink);
        }
    }

    // A short word's tokens are the same wherever it stands; what they stand for is not asked here.
    [SkipLocalsInit]
    private void Cached(ReadOnlySpan<char> text, int at, int length, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        var cache = _cache ?? NewCache();
        var key = WordCache.Key(text, at, length);
        Span<int> more = stackalloc int[WordCache.More];
        var count = cache.Find(key, length, out var tokens, more);
        if (count < 0)
        {
            Met(cache, key, text.Slice(at, length), spans, ref sink);
            return;
        }

        for (var i = 0; i < count && sink.Add(i < WordCache.Most ? tokens[i] : more[i - WordCache.Most], 0, 0); i++)
        {
        }
    }

    private WordCache NewCache() => Interlocked.CompareExchange(ref _cache, new WordCache(), null) ?? _cache;

    [SkipLocalsInit]
    private void Met(WordCache cache, in WordKey key, ReadOnlySpan<char> word, ReadOnlySpan<TokenSpan> spans, ref TokenSink sink)
    {
        const int Most = 4 * WordCache.Longest; // bytes of the longest word
        Span<int> room = stackalloc int[Most];
        var own = TokenSink.Into(room);
        Word(word, spans, 0, ref own);
        if (own.Overflowed)
        {
            Word(word, spans, 0, ref sink); // characters that are written with a prefix and a suffix have more bytes
            return;
        }

        ReadOnlySpan<int> ids = room[..own.Count];
        cache.Add(key, word.Length, ids);
        foreach (var id in ids)
        {
            if (!sink.Add(id, 0, 0))
            {
                return;
            }
        }
    }
}
