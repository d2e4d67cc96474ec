using System.Globalization;

namespace AttnGen.Embeddings;

/// <summary>A part of a text.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="Tokens">Tokens of the part on its own, special tokens included.</param>
public readonly record struct TextChunk(int Start, int Length, int Tokens)
{
    /// <summary>The part as a range of the text.</summary>
    public Range Range => Start..(Start + Length);
}

/// <summary>Cuts long texts into parts that a model can read, at white space, with an overlap where wanted.</summary>
public static class TextChunker
{
    /// <summary>Cuts a text. Every word is in some part, the parts are in order, and none has more tokens than asked for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tokenizer">Counts tokens.</param>
    /// <param name="maxTokens">Most tokens of a part, special tokens included.</param>
    /// <param name="overlap">About how many tokens of a part are repeated at the beginning of the next; whole words, never more than this.</param>
    /// <returns>The parts; none if the text is empty or white space. A word that alone has too many tokens, such as a text without spaces, is cut between characters.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for a token, or the overlap is not less than that room.</exception>
    public static IReadOnlyList<TextChunk> Split(string text, TextTokenizer tokenizer, int maxTokens, int overlap = 0)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var room = maxTokens - tokenizer.SpecialTokens;
        if (room < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(maxTokens), maxTokens, $"maxTokens is at least {tokenizer.SpecialTokens + 1}: {tokenizer.SpecialTokens} special tokens and one of the text.");
        }

        if (overlap < 0 || overlap >= room)
        {
            throw new ArgumentOutOfRangeException(nameof(overlap), overlap, $"overlap is from 0 to {room - 1}, less than what a part has of the text.");
        }

        var units = Units(text, tokenizer, room);
        var chunks = new List<TextChunk>();
        for (var first = 0; first < units.Count;)
        {
            var end = first;
            for (var tokens = 0; end < units.Count && (end == first || tokens + units[end].Tokens <= room); end++)
            {
                tokens += units[end].Tokens;
            }

            // Words count differently where nothing stands before them; the part itself decides.
            int count;
            while ((count = tokenizer.Count(Text(first, end))) > maxTokens && end - first > 1)
            {
                end--;
            }

            if (count > maxTokens)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(maxTokens), maxTokens, $"The character at {units[first].Start} alone has {count} tokens with the special tokens; maxTokens is at least that.");
            }

            chunks.Add(new TextChunk(units[first].Start, units[end - 1].End - units[first].Start, count));
            if (end == units.Count)
            {
                break;
            }

            var next = end;
            var most = Math.Min(overlap, room - units[end].Tokens); // so that the next part has something new
            for (var tokens = units[next - 1].Tokens; next - 1 > first && tokens <= most; tokens += units[next - 1].Tokens)
            {
                next--;
            }

            first = next;
        }

        return chunks;

        ReadOnlySpan<char> Text(int first, int end) => text.AsSpan(units[first].Start..units[end - 1].End);
    }

    private static List<(int Start, int End, int Tokens)> Units(string text, TextTokenizer tokenizer, int room)
    {
        var units = new List<(int Start, int End, int Tokens)>();
        for (int at = 0, gap = 0; at < text.Length; gap = at)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (start < at)
            {
                // Counted with the space before it, as it stands in the text.
                var tokens = tokenizer.Count(text.AsSpan(gap..at)) - tokenizer.SpecialTokens;
                if (tokens * 2 > room)
                {
                    // Long enough to be a part of its own, with nothing before it.
                    tokens = Math.Max(tokens, tokenizer.Count(text.AsSpan(start..at)) - tokenizer.SpecialTokens);
                }

                if (tokens <= room)
                {
                    units.Add((start, at, tokens));
                }
                else
                {
                    Halve(start, at);
                }
            }
        }

        return units;

        // A word with too many tokens: halves of halves between text elements, until they fit with room for an overlap.
        void Halve(int start, int end)
        {
            var tokens = tokenizer.Count(text.AsSpan(start..end)) - tokenizer.SpecialTokens;
            var middle = start;
            while (tokens > Math.Max(room / 4, 1) && middle < start + (end - start) / 2)
            {
                middle += StringInfo.GetNextTextElementLength(text.AsSpan(middle..end));
            }

            if (middle == start && tokens > room)
            {
                middle = start + StringInfo.GetNextTextElementLength(text.AsSpan(start..end));
            }

            if (middle <= start || middle >= end)
            {
                if (tokens > room && end - start > (char.IsHighSurrogate(text[start]) && char.IsLowSurrogate(text[Math.Min(start + 1, end - 1)]) ? 2 : 1))
                {
                    middle = start + (end - start) / 2;
                    if (char.IsLowSurrogate(text[middle]) && char.IsHighSurrogate(text[middle - 1]))
                    {
                        middle += middle - 1 > start ? -1 : 1;
                    }
                }
                else
                {
                    units.Add((start, end, tokens));
                    return;
                }
            }

            Halve(start, middle);
            Halve(middle, end);
        }
    }
}
