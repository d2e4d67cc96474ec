using System.Buffers;
using System.Text;

namespace AttnGen.Generation.Schemas;

/// <summary>How JSON writes strings and their characters, as automata.</summary>
internal static class JsonText
{
    private static readonly SearchValues<char> s_escaped = SearchValues.Create("\"\\\b\t\n\f\r");

    /// <summary>A string of any characters. Surrogates come in pairs, also those that are escaped.</summary>
    public static Dfa AnyString()
    {
        var nfa = new Nfa();
        var open = nfa.Then(nfa.Start, '"');
        nfa.Byte(open, '"', nfa.Final);
        Raw(nfa, open, 0x20, 0x10FFFF, open);
        var escape = nfa.Then(open, '\\');
        foreach (var one in "\"\\/bfnrt")
        {
            nfa.Byte(escape, one, open);
        }

        var unicode = nfa.Then(escape, 'u');
        Hex(nfa, unicode, 0, 0xD7FF, open);
        Hex(nfa, unicode, 0xE000, 0xFFFF, open);
        var high = nfa.Add();
        Hex(nfa, unicode, 0xD800, 0xDBFF, high);
        Hex(nfa, nfa.Then(high, "\\u"u8), 0xDC00, 0xDFFF, open);
        return Dfa.Of(nfa, "a string");
    }

    /// <summary>A string that can be written in one way only, so that equal bytes are equal names.</summary>
    public static Dfa AnyKey()
    {
        var nfa = new Nfa();
        var open = nfa.Then(nfa.Start, '"');
        nfa.Byte(open, '"', nfa.Final);
        Raw(nfa, open, 0x20, 0x10FFFF, open);
        var escape = nfa.Then(open, '\\');
        foreach (var one in "\"\\bfnrt")
        {
            nfa.Byte(escape, one, open);
        }

        return Dfa.Of(nfa, "a name");
    }

    /// <summary>A string of one character that is one unit of UTF-16: what a char is read from.</summary>
    public static Dfa OneUnit()
    {
        var nfa = new Nfa();
        var (open, close) = (nfa.Then(nfa.Start, '"'), nfa.Add());
        nfa.Byte(close, '"', nfa.Final);
        Raw(nfa, open, 0x20, 0xFFFF, close);
        var escape = nfa.Then(open, '\\');
        foreach (var one in "\"\\/bfnrt")
        {
            nfa.Byte(escape, one, close);
        }

        var unicode = nfa.Then(escape, 'u');
        Hex(nfa, unicode, 0, 0xD7FF, close);
        Hex(nfa, unicode, 0xE000, 0xFFFF, close);
        return Dfa.Of(nfa, "a character");
    }

    /// <summary>A string's bytes, in the shortest form.</summary>
    public static byte[] Literal(string text)
    {
        var written = new StringBuilder("\"");
        foreach (var one in text)
        {
            written.Append(s_escaped.Contains(one) ? "\\" + "\"\\btnfr"["\"\\\b\t\n\f\r".IndexOf(one, StringComparison.Ordinal)] : one < ' ' ? $"\\u{(int)one:x4}" : one);
        }

        return Encoding.UTF8.GetBytes(written.Append('"').ToString());
    }

    /// <summary>One character of a range, within a string, in the shortest form.</summary>
    public static void Character(Nfa nfa, int from, int first, int last, int to)
    {
        for (var one = first; one <= Math.Min(last, '\\'); one++)
        {
            if (one < ' ' || one is '"' or '\\')
            {
                var literal = Literal(((char)one).ToString());
                nfa.Text(from, literal.AsSpan(1..^1), to);
            }
        }

        Raw(nfa, from, first, last, to);
    }

    // Characters as they are: without quotes, backslashes, controls and surrogates.
    private static void Raw(Nfa nfa, int from, int first, int last, int to)
    {
        foreach (var (low, high) in (ReadOnlySpan<(int, int)>)[(0x20, 0x21), (0x23, 0x5B), (0x5D, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)])
        {
            if (Math.Max(low, first) is var begin && Math.Min(high, last) is var end && begin <= end)
            {
                Utf8(nfa, from, Encoding.UTF8.GetBytes(char.ConvertFromUtf32(begin)), Encoding.UTF8.GetBytes(char.ConvertFromUtf32(end)), to);
            }
        }
    }

    // All sequences of one length between two, in the order of bytes.
    private static void Utf8(Nfa nfa, int from, ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int to)
    {
        if (low.Length == 1)
        {
            nfa.Byte(from, low[0], high[0], to);
            return;
        }

        if (low[0] == high[0])
        {
            Utf8(nfa, nfa.Then(from, low[0], low[0]), low[1..], high[1..], to);
            return;
        }

        Span<byte> least = stackalloc byte[low.Length - 1], most = stackalloc byte[low.Length - 1];
        least.Fill(0x80);
        most.Fill(0xBF);
        var (first, last) = (low[0], high[0]);
        if (!low[1..].SequenceEqual(least))
        {
            Utf8(nfa, nfa.Then(from, first, first), low[1..], most, to);
            first++;
        }

        if (!high[1..].SequenceEqual(most))
        {
            Utf8(nfa, nfa.Then(from, last, last), least, high[1..], to);
            last--;
        }

        if (first <= last)
        {
            Utf8(nfa, nfa.Then(from, first, last), least, most, to);
        }
    }

    // Four hexadecimal digits of a range whose ends are ends of blocks of 256.
    private static void Hex(Nfa nfa, int from, int first, int last, int to)
    {
        var (low, high) = (first >> 8, last >> 8);
        var tail = nfa.Add();
        for (var one = low; one <= high; one++)
        {
            Digit(nfa, one & 15, Digit(nfa, one >> 4, from, nfa.Add()), tail);
        }

        var middle = nfa.Add();
        for (var digit = 0; digit < 16; digit++)
        {
            Digit(nfa, digit, tail, middle);
            Digit(nfa, digit, middle, to);
        }
    }

    private static int Digit(Nfa nfa, int digit, int from, int to)
    {
        nfa.Byte(from, "0123456789abcdef"[digit], to);
        if (digit > 9)
        {
            nfa.Byte(from, "0123456789ABCDEF"[digit], to);
        }

        return to;
    }
}
