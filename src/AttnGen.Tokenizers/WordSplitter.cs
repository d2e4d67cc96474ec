namespace AttnGen.Tokenizers;

/// <summary>The expressions of widely used language models, without a regular expression. Each takes every text apart without a gap.</summary>
internal abstract class WordSplitter
{
    private const string Contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Lower = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+";
    private const string Upper = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
    private const string Before = "[^\\r\\n\\p{L}\\p{N}]?";
    private const string Spaces = "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static readonly Dictionary<string, WordSplitter> s_all = new(StringComparer.Ordinal)
    {
        [Words("\\p{N}{1,3}")] = new CaseBlind(3), // Llama 3
        [Qwen] = new CaseBlind(1),
        [$"{Before}{Lower}{Contraction}?|{Before}{Upper}{Contraction}?|\\p{{N}}{{1,3}}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n/]*|{Spaces}"] = new CaseAware(), // GPT-4o
    };

    /// <summary>Qwen's expression.</summary>
    public static string Qwen => Words("\\p{N}");

    /// <summary>GPT-2's: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.</summary>
    public static WordSplitter Gpt2 { get; } = new Gpt2Words();

    /// <summary>An expression's splitter, or null.</summary>
    public static WordSplitter? Find(string expression) => s_all.GetValueOrDefault(expression);

    /// <summary>How long the first word of a text is, which is not empty.</summary>
    public abstract int Length(ReadOnlySpan<char> text);

    private static string Words(string digits) => $"{Contraction}|{Before}\\p{{L}}+|{digits}| ?[^\\s\\p{{L}}\\p{{N}}]+[\\r\\n]*|{Spaces}";

    // The characters of some kinds from a place on.
    private static int Run(ReadOnlySpan<char> text, int at, CharacterKind kinds)
    {
        while (at < text.Length && (CharacterKinds.At(text, at, out var length) & kinds) != 0)
        {
            at += length;
        }

        return at;
    }

    // What is neither a space, a letter nor a number, from a place on, and then breaks.
    private static int Others(ReadOnlySpan<char> text, int at, bool slashes)
    {
        at = Run(text, at, CharacterKind.Other | CharacterKind.Mark);
        while (at < text.Length && (text[at] is '\r' or '\n' || (slashes && text[at] == '/')))
        {
            at++;
        }

        return at;
    }

    // White space up to its last line break; without one but for the last, which goes with the next word or alone.
    private static int Blanks(ReadOnlySpan<char> text, bool breaks)
    {
        var (at, last) = (0, 0);
        for (; at < text.Length && (CharacterKinds.At(text, at, out _) & CharacterKind.Space) != 0; at++)
        {
            last = text[at] is '\r' or '\n' ? at + 1 : last;
        }

        return breaks && last > 0 ? last : at == text.Length || at == 1 ? at : at - 1;
    }

    private static int Numbers(ReadOnlySpan<char> text, int most)
    {
        var at = 0;
        for (; most > 0 && at < text.Length && CharacterKinds.At(text, at, out var length) == CharacterKind.Number; most--)
        {
            at += length;
        }

        return at;
    }

    // 's and its like, in either case; long s is an s.
    private static int Contracted(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 >= text.Length || text[at] != '\'')
        {
            return 0;
        }

        return (text[at + 1] | 0x20) is 's' or 't' or 'm' or 'd' || text[at + 1] == '\u017F' ? 2
            : at + 2 < text.Length && ((char)(text[at + 1] | 0x20), (char)(text[at + 2] | 0x20)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3
            : 0;
    }

    private sealed class Gpt2Words : WordSplitter
    {
        public override int Length(ReadOnlySpan<char> text)
        {
            if (text[0] == '\'' && text.Length > 1)
            {
                if (text[1] is 's' or 't' or 'm' or 'd')
                {
                    return 2;
                }

                if (text.Length > 2 && text[1..3] is "re" or "ve" or "ll")
                {
                    return 3;
                }
            }

            var at = text[0] == ' ' && text.Length > 1 ? 1 : 0;
            var kind = CharacterKinds.At(text, at, out _);
            return (kind & CharacterKind.Space) != 0 ? Blanks(text, breaks: false)
                : Run(text, at, (kind & CharacterKind.Letters) != 0 ? CharacterKind.Letters : kind == CharacterKind.Number ? kind : CharacterKind.Other | CharacterKind.Mark);
        }
    }

    /// <summary>Llama 3's and Qwen's.</summary>
    private sealed class CaseBlind(int digits) : WordSplitter
    {
        public override int Length(ReadOnlySpan<char> text)
        {
            var kind = CharacterKinds.At(text, 0, out var length);
            if ((kind & CharacterKind.Letters) != 0)
            {
                return Run(text, length, CharacterKind.Letters);
            }

            if (kind == CharacterKind.Number)
            {
                return Numbers(text, digits);
            }

            if (Contracted(text, 0) is > 0 and var contracted)
            {
                return contracted;
            }

            if ((kind & CharacterKind.Break) == 0 && length < text.Length)
            {
                var next = CharacterKinds.At(text, length, out _);
                if ((next & CharacterKind.Letters) != 0)
                {
                    return Run(text, length, CharacterKind.Letters);
                }

                if (text[0] == ' ' && (next & (CharacterKind.Other | CharacterKind.Mark)) != 0)
                {
                    return Others(text, 1, slashes: false);
                }
            }

            return (kind & CharacterKind.Space) != 0 ? Blanks(text, breaks: true) : Others(text, 0, slashes: false);
        }
    }

    /// <summary>GPT-4o's: a word ends where capitals begin anew.</summary>
    private sealed class CaseAware : WordSplitter
    {
        private const CharacterKind Capitals = CharacterKind.Upper | CharacterKind.Letter | CharacterKind.Mark;
        private const CharacterKind Smalls = CharacterKind.Lower | CharacterKind.Letter | CharacterKind.Mark;

        public override int Length(ReadOnlySpan<char> text)
        {
            var kind = CharacterKinds.At(text, 0, out var length);
            var before = (kind & (CharacterKind.Letters | CharacterKind.Number | CharacterKind.Break)) == 0 ? length : 0;
            var end = before > 0 ? Word(text, before) : 0;
            if (end == 0 && (kind & (CharacterKind.Letters | CharacterKind.Mark)) != 0)
            {
                end = Word(text, 0);
            }

            if (end == 0 && Run(text, before, Capitals) is var capitals && capitals > before)
            {
                end = capitals;
            }

            return end > 0 ? end + Contracted(text, end)
                : kind == CharacterKind.Number ? Numbers(text, 3)
                : text[0] == ' ' && text.Length > 1 && (CharacterKinds.At(text, 1, out _) & (CharacterKind.Other | CharacterKind.Mark)) != 0 ? Others(text, 1, slashes: true)
                : (kind & CharacterKind.Space) != 0 ? Blanks(text, breaks: true)
                : Others(text, 0, slashes: true);
        }

        // Capitals, and then at least one that is none; letters without case and marks are both. 0: there is no such word.
        private static int Word(ReadOnlySpan<char> text, int at)
        {
            var end = 0;
            for (; at < text.Length;)
            {
                var kind = CharacterKinds.At(text, at, out var length);
                if ((kind & Capitals) == 0)
                {
                    // The capitals reach up to here.
                    return kind == CharacterKind.Lower ? Run(text, at, Smalls) : end;
                }

                at += length;
                end = (kind & Smalls) != 0 ? at : end; // as far as they can be given back
            }

            return end;
        }
    }
}
