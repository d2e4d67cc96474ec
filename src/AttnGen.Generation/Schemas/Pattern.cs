using System.Globalization;

namespace AttnGen.Generation.Schemas;

/// <summary>A regular expression of JSON Schema, as far as a finite automaton can follow it. Characters are those of the basic plane.</summary>
internal sealed partial class Pattern
{
    private const int MaxRepeat = 10_000;
    private static readonly (int, int)[] s_all = [(0, 0xFFFF)];

    private readonly string _text;
    private readonly string _where;
    private int _at;

    private Pattern(string text, string where) => (_text, _where) = (text, where);

    private abstract record Part;

    private sealed record Set((int First, int Last)[] Ranges) : Part;

    private sealed record Sequence(List<Part> Parts) : Part;

    private sealed record Choice(List<Part> Parts) : Part;

    private sealed record Repeat(Part Of, int Min, int Max) : Part;

    /// <summary>Writes a pattern between two states.</summary>
    /// <param name="nfa">Where to.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="text">The pattern.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="where">The place in the schema, for messages.</param>
    /// <exception cref="NotSupportedException">The pattern has what no finite automaton follows, or what is not known.</exception>
    public static void Write(Nfa nfa, int from, string text, int to, string where) => new Pattern(text, where).Write(nfa, from, to);

    private void Write(Nfa nfa, int from, int to)
    {
        // Anchors stand at the ends of the pattern's alternatives; a pattern without them is looked for anywhere.
        do
        {
            var (begin, end) = (nfa.Add(), nfa.Add());
            if (Take('^'))
            {
                nfa.Skip(from, begin);
            }
            else
            {
                Anything(nfa, from, begin);
            }

            Write(nfa, begin, ReadSequence(), end);
            if (Take('$'))
            {
                nfa.Skip(end, to);
            }
            else
            {
                Anything(nfa, end, to);
            }
        }
        while (Take('|'));
        if (_at < _text.Length)
        {
            throw Bad(_text[_at] == ')' ? "has a ')' too many" : "has an anchor within");
        }
    }

    private static void Anything(Nfa nfa, int from, int to)
    {
        var loop = nfa.Add();
        nfa.Skip(from, loop);
        JsonText.Character(nfa, loop, 0, 0xFFFF, loop);
        nfa.Skip(loop, to);
    }

    private static void Write(Nfa nfa, int from, Part part, int to)
    {
        switch (part)
        {
            case Set set:
                foreach (var (first, last) in set.Ranges)
                {
                    JsonText.Character(nfa, from, first, last, to);
                }

                break;
            case Sequence sequence:
                foreach (var one in sequence.Parts)
                {
                    var next = nfa.Add();
                    Write(nfa, from, one, next);
                    from = next;
                }

                nfa.Skip(from, to);
                break;
            case Choice choice:
                foreach (var one in choice.Parts)
                {
                    Write(nfa, from, one, to);
                }

                break;
            case Repeat repeat:
                WriteRepeat(nfa, from, repeat, to);
                break;
        }
    }

    private static void WriteRepeat(Nfa nfa, int from, Repeat repeat, int to)
    {
        for (var i = 0; i < repeat.Min; i++)
        {
            var next = nfa.Add();
            Write(nfa, from, repeat.Of, next);
            from = next;
        }

        if (repeat.Max == int.MaxValue)
        {
            var loop = nfa.Add();
            nfa.Skip(from, loop);
            Write(nfa, loop, repeat.Of, loop);
            nfa.Skip(loop, to);
            return;
        }

        for (var i = repeat.Min; i < repeat.Max; i++)
        {
            nfa.Skip(from, to);
            var next = nfa.Add();
            Write(nfa, from, repeat.Of, next);
            from = next;
        }

        nfa.Skip(from, to);
    }

    private Part ReadChoice()
    {
        var parts = new List<Part> { ReadSequence() };
        while (Take('|'))
        {
            parts.Add(ReadSequence());
        }

        return parts.Count == 1 ? parts[0] : new Choice(parts);
    }

    private Sequence ReadSequence()
    {
        var parts = new List<Part>();
        while (_at < _text.Length && _text[_at] is not ('|' or ')' or '$' or '^'))
        {
            parts.Add(ReadRepeats(ReadOne()));
        }

        return new Sequence(parts);
    }

    private Part ReadRepeats(Part part)
    {
        var (min, max) = Take('*') ? (0, int.MaxValue) : Take('+') ? (1, int.MaxValue) : Take('?') ? (0, 1) : ReadBraces();
        if (min < 0)
        {
            return part;
        }

        Take('?'); // lazy: the same texts
        if (_at < _text.Length && _text[_at] is '*' or '+' or '?')
        {
            throw Bad("repeats a repetition");
        }

        return new Repeat(part, min, max);
    }

    // {2}, {2,} and {2,5}; other braces are characters.
    private (int Min, int Max) ReadBraces()
    {
        var end = _at < _text.Length && _text[_at] == '{' ? _text.IndexOf('}', _at) : -1;
        if (end < 0)
        {
            return (-1, 0);
        }

        var inside = _text[(_at + 1)..end];
        var comma = inside.IndexOf(',', StringComparison.Ordinal);
        if (!int.TryParse(comma < 0 ? inside : inside[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out var min))
        {
            return (-1, 0);
        }

        var max = comma < 0 ? min : int.MaxValue;
        if (comma >= 0 && comma + 1 < inside.Length && !int.TryParse(inside[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out max))
        {
            return (-1, 0);
        }

        if (min > max || min > MaxRepeat || (max > MaxRepeat && max != int.MaxValue))
        {
            throw Bad($"repeats {{{inside}}}; at most {MaxRepeat:N0} times, and not fewer than the minimum");
        }

        _at = end + 1;
        return (min, max);
    }

    private bool Take(char one)
    {
        if (_at < _text.Length && _text[_at] == one)
        {
            _at++;
            return true;
        }

        return false;
    }

    private NotSupportedException Bad(string what) =>
        new($"{_where}: the pattern '{_text}' {what}. Patterns may have characters, classes, groups, alternatives, repetitions, and ^ and $ at their ends.");
}
