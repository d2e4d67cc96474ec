using System.Numerics;
using System.Text;

namespace AttnGen.Embeddings;

/// <summary>
/// A regular expression as split patterns of tokenizers have them, over code points. .NET's own works on UTF-16 units, where a class such
/// as \p{L} does not know letters beyond U+FFFF. Backtracking, the first alternative first; nothing is allocated by a search.
/// </summary>
internal sealed class TextPattern
{
    private const int NoMost = int.MaxValue;

    // Loops of an expression whose runs are noted on the stack.
    private const int MostTried = 32;

    private readonly List<Instruction> _code = [];
    private readonly string _text;
    private readonly int _loops;
    private Neighbors? _neighbors;
    private int _at;
    private bool _ignoreCase;

    /// <exception cref="FormatException">The expression has what is not supported; the message names it.</exception>
    public TextPattern(string expression)
    {
        _text = expression;
        Alternatives();
        if (_at < _text.Length)
        {
            throw Unsupported(_text[_at..]);
        }

        _code.Add(new Instruction(Operation.Match));
        for (var i = 0; i < _code.Count; i++)
        {
            if (_code[i] is { Operation: Operation.Many or Operation.ManyForGood, Second: NoMost } loop)
            {
                _code[i] = loop with { Loop = ++_loops };
            }
        }
    }

    private enum Operation
    {
        /// <summary>One code point of a set.</summary>
        One,

        /// <summary>As many of a set as possible, and fewer when what follows does not match.</summary>
        Many,

        /// <summary>As many of a set as possible, and no fewer.</summary>
        ManyForGood,

        /// <summary>Goes on at First, and if that fails at Second.</summary>
        Either,
        Jump,

        /// <summary>What follows up to Match must match here and takes nothing; then goes on at First.</summary>
        Ahead,
        NotAhead,

        /// <summary>The code point before is of a set, or is not.</summary>
        Behind,
        NotBehind,
        Start,
        End,
        LastEnd,
        Match,
    }

    /// <summary>Whether a match depends on what stands before or behind it.</summary>
    public bool LooksAround => _code.Exists(static step => step.Operation is Operation.Ahead or Operation.NotAhead) || LooksBack;

    /// <summary>Whether a match depends on what stands before it, or on where a line or the text ends.</summary>
    public bool LooksBack => _code.Exists(static step => step.Operation is Operation.Behind or Operation.NotBehind or Operation.Start or Operation.End or Operation.LastEnd);

    /// <summary>Whether nothing may be a match.</summary>
    public bool MatchesNothing => Reach(0, through: true, []);

    /// <summary>Whether a match may have a code point in it, or look at it.</summary>
    public bool Contains(int codePoint) => _code.Exists(step => step.Set is { } set && set.Contains(codePoint));

    /// <summary>Whether a match, or what it looks ahead to, may have two code points in it that stand next to each other.</summary>
    public bool Joins(int before, int after)
    {
        var neighbors = _neighbors ??= new Neighbors(this);
        var (left, right) = (neighbors.Mask(before), neighbors.Mask(after));
        for (; left != 0; left &= left - 1)
        {
            if ((neighbors.Next[BitOperations.TrailingZeroCount(left)] & right) != 0)
            {
                return true;
            }
        }

        return neighbors.TooMany;
    }

    /// <summary>Whether there certainly is a match that begins with a code point, whatever follows it.</summary>
    public bool Begins(int codePoint)
    {
        var neighbors = _neighbors ??= new Neighbors(this);
        return (neighbors.Mask(codePoint) & neighbors.Alone) != 0;
    }

    // Where a match may go on from an instruction without taking a code point, and whether it may be complete there.
    private bool Reach(int program, bool through, HashSet<int> seen)
    {
        if (!seen.Add(program))
        {
            return false;
        }

        var step = _code[program];
        switch (step.Operation)
        {
            case Operation.One:
                return false;
            case Operation.Many or Operation.ManyForGood:
                return step.First == 0 && Reach(program + 1, through, seen);
            case Operation.Either:
                return Reach(step.First, through, seen) | Reach(step.Second, through, seen);
            case Operation.Jump:
                return Reach(step.First, through, seen);
            case Operation.Ahead or Operation.NotAhead:
                if (!through)
                {
                    return false;
                }

                Reach(program + 1, through, seen);
                return Reach(step.First, through, seen);
            case Operation.Match:
                return true;
            default:
                return through && Reach(program + 1, through, seen);
        }
    }

    /// <summary>The next match.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="start">Where the match begins.</param>
    /// <param name="end">Where it ends.</param>
    public bool TryFind(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var stack = Scratch.Rent<Choice>(64);
        Span<Tried> tried = _loops < MostTried ? stackalloc Tried[MostTried] : new Tried[_loops + 1];
        tried = tried[..(_loops + 1)];
        tried.Fill(new Tried { Start = -1, End = -1 });
        try
        {
            var first = _code[0] is { Operation: Operation.One } or { Operation: Operation.Many or Operation.ManyForGood, First: > 0 } ? _code[0].Set : null;
            for (start = from; start <= text.Length; start += Length(text, start))
            {
                while (first is not null && start < text.Length && !first.Contains(CodePoint(text, start, out var length)))
                {
                    start += length;
                }

                end = Run(text, start, 0, 0, ref stack, tried);
                if (end >= 0)
                {
                    return true;
                }

                if (start == text.Length)
                {
                    break;
                }
            }
        }
        finally
        {
            Scratch.Return(stack);
        }

        (start, end) = (0, 0);
        return false;
    }

    private static int Length(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && char.IsHighSurrogate(text[at]) && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static int LengthBefore(ReadOnlySpan<char> text, int at) =>
        at > 1 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;

    private static int CodePoint(ReadOnlySpan<char> text, int at, out int length)
    {
        int unit = text[at];
        length = 1;
        if (char.IsSurrogate((char)unit))
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out length);
            unit = rune.Value;
        }

        return unit;
    }

    // Where a match that begins at a position ends; −1: there is none.
    private int Run(ReadOnlySpan<char> text, int at, int program, int bottom, ref Choice[] stack, Span<Tried> tried)
    {
        var top = bottom;
        while (true)
        {
            var step = _code[program];
            var fails = false;
            switch (step.Operation)
            {
                case Operation.One:
                    fails = at == text.Length || !step.Set!.Contains(CodePoint(text, at, out var one));
                    if (!fails)
                    {
                        at += Length(text, at);
                        program++;
                    }

                    break;
                case Operation.Many or Operation.ManyForGood when step.Loop > 0:
                    fails = !Loop(text, step, ref at, program, ref top, ref stack, ref tried[step.Loop]);
                    program++;
                    break;
                case Operation.Many or Operation.ManyForGood:
                    var count = 0;
                    var low = at;
                    while (count < step.Second && at < text.Length && step.Set!.Contains(CodePoint(text, at, out one)))
                    {
                        at += one;
                        count++;
                        low = count == step.First ? at : low;
                    }

                    fails = count < step.First;
                    program++;
                    if (!fails && at > low && step.Operation == Operation.Many)
                    {
                        Push(ref stack, ref top, new Choice(program, at - LengthBefore(text, at), low, 0));
                    }

                    break;
                case Operation.Either:
                    Push(ref stack, ref top, new Choice(step.Second, at, at, 0));
                    program = step.First;
                    break;
                case Operation.Jump:
                    program = step.First;
                    break;
                case Operation.Ahead or Operation.NotAhead:
                    fails = Run(text, at, program + 1, top, ref stack, tried) >= 0 != (step.Operation == Operation.Ahead);
                    program = step.First;
                    break;
                case Operation.Behind or Operation.NotBehind:
                    fails = (at > 0 && step.Set!.Contains(CodePoint(text, at - LengthBefore(text, at), out _))) != (step.Operation == Operation.Behind);
                    program++;
                    break;
                case Operation.Start:
                    fails = at > 0 && text[at - 1] != '\n';
                    program++;
                    break;
                case Operation.End:
                    fails = at < text.Length && text[at] != '\n';
                    program++;
                    break;
                case Operation.LastEnd:
                    fails = at < text.Length;
                    program++;
                    break;
                default:
                    return at;
            }

            if (fails)
            {
                if (top == bottom)
                {
                    return -1;
                }

                ref var choice = ref stack[top - 1];
                (program, at) = (choice.Program, choice.At);
                if (choice.Loop > 0)
                {
                    // What follows the loop has failed one code point further on, and would fail there again.
                    ref var known = ref tried[choice.Loop];
                    var failed = at + Length(text, at);
                    if (failed > known.Start && failed <= known.End)
                    {
                        known.Failed = Math.Min(known.Failed, failed);
                    }
                }

                if (choice.At > choice.Low)
                {
                    choice = choice with { At = at - LengthBefore(text, at) };
                }
                else
                {
                    top--;
                }
            }
        }
    }

    // A loop without an upper bound. How far its set reaches is looked at once, and where what follows has failed is not tried again when the
    // search comes to a later beginning: without that a long run takes time with the square of its length.
    private static bool Loop(ReadOnlySpan<char> text, Instruction step, ref int at, int program, ref int top, ref Choice[] stack, ref Tried tried)
    {
        if (at < tried.Start || at > tried.End)
        {
            var reach = at;
            while (reach < text.Length && step.Set!.Contains(CodePoint(text, reach, out var one)))
            {
                reach += one;
            }

            tried = new Tried { Start = at, End = reach, Failed = int.MaxValue };
        }

        var low = at;
        for (var count = 0; count < step.First; count++)
        {
            if (low >= tried.End)
            {
                return false;
            }

            low += Length(text, low);
        }

        if (step.Operation == Operation.ManyForGood)
        {
            at = tried.End;
            return true;
        }

        if (low >= tried.Failed)
        {
            return false;
        }

        at = tried.Failed <= tried.End ? tried.Failed - LengthBefore(text, tried.Failed) : tried.End;
        if (at > low)
        {
            Push(ref stack, ref top, new Choice(program + 1, at - LengthBefore(text, at), low, step.Loop));
        }

        return true;
    }

    private static void Push(ref Choice[] stack, ref int top, Choice choice)
    {
        if (top == stack.Length)
        {
            Scratch.Grow(ref stack, top, top + 1);
        }

        stack[top++] = choice;
    }

    private FormatException Unsupported(string what) => new($"'{what}' of the regular expression '{_text}'");

    private bool Next(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0)
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    // Whether nothing may be matched.
    private bool Alternatives()
    {
        var begin = _code.Count;
        var ends = new List<int>();
        var empty = Sequence();
        while (Next("|"))
        {
            // The alternatives before this one are one choice, this one the other.
            Insert(begin, new Instruction(Operation.Either, null, begin + 1, _code.Count + 2));
            ends.Add(_code.Count);
            _code.Add(new Instruction(Operation.Jump));
            begin = _code.Count;
            empty |= Sequence();
        }

        foreach (var end in ends)
        {
            _code[end] = _code[end] with { First = _code.Count };
        }

        return empty;
    }

    private bool Sequence()
    {
        var ignoreCase = _ignoreCase;
        var empty = true;
        while (_at < _text.Length && _text[_at] is not ('|' or ')'))
        {
            empty &= Item();
        }

        _ignoreCase = ignoreCase;
        return empty;
    }

    private bool Item()
    {
        var begin = _code.Count;
        if (Next("(?i)"))
        {
            _ignoreCase = true;
            return true;
        }

        if (_text[_at] == '(')
        {
            return Quantity(begin, Group());
        }

        if (Next("^"))
        {
            _code.Add(new Instruction(Operation.Start));
            return true;
        }

        if (Next("$"))
        {
            _code.Add(new Instruction(Operation.End));
            return true;
        }

        if (Next("\\z"))
        {
            _code.Add(new Instruction(Operation.LastEnd));
            return true;
        }

        _code.Add(new Instruction(Operation.One, Set()));
        return Quantity(begin, empty: false);
    }

    private bool Group()
    {
        var ignoreCase = _ignoreCase;
        var begin = _code.Count;
        var empty = true;
        if (Next("(?=") || Next("(?!"))
        {
            _code.Add(new Instruction(_text[_at - 1] == '=' ? Operation.Ahead : Operation.NotAhead));
            Alternatives();
            _code.Add(new Instruction(Operation.Match));
            _code[begin] = _code[begin] with { First = _code.Count };
        }
        else if (Next("(?<=") || Next("(?<!"))
        {
            var operation = _text[_at - 1] == '=' ? Operation.Behind : Operation.NotBehind;
            var rest = _text[(_at - 4)..];
            Alternatives();
            if (_code.Count != begin + 1 || _code[begin].Operation != Operation.One)
            {
                throw Unsupported(rest);
            }

            _code[begin] = _code[begin] with { Operation = operation };
        }
        else
        {
            if (Next("(?i:"))
            {
                _ignoreCase = true;
            }
            else if (!Next("(?:") && (string.CompareOrdinal(_text, _at, "(?", 0, 2) == 0 || !Next("(")))
            {
                throw Unsupported(_text[_at..Math.Min(_at + 4, _text.Length)]);
            }

            empty = Alternatives();
        }

        _ignoreCase = ignoreCase;
        return Next(")") ? empty : throw Unsupported("( without )");
    }

    private bool Quantity(int begin, bool empty)
    {
        var (least, most) = (1, 1);
        var start = _at;
        if (Next("*"))
        {
            (least, most) = (0, NoMost);
        }
        else if (Next("+"))
        {
            (least, most) = (1, NoMost);
        }
        else if (Next("?"))
        {
            (least, most) = (0, 1);
        }
        else if (_at < _text.Length && _text[_at] == '{' && Braces(out least, out most, out var end))
        {
            _at = end;
        }
        else
        {
            return empty;
        }

        var lazy = Next("?");
        var forGood = !lazy && _text[_at - 1] != '}' && Next("+");
        if (_at < _text.Length && _text[_at] is '*' or '+' or '?' or '{')
        {
            throw Unsupported(_text[start..(_at + 1)]);
        }

        if (_code.Count == begin + 1 && _code[begin].Operation == Operation.One && !lazy)
        {
            _code[begin] = new Instruction(forGood ? Operation.ManyForGood : Operation.Many, _code[begin].Set, least, most);
            return least == 0;
        }

        if (forGood || least > 1 || (most != 1 && most != NoMost) || (most == NoMost && empty))
        {
            throw Unsupported(_text[start.._at]);
        }

        // X?: either X or on. X+: X, then either back or on. X*: both.
        var either = new Instruction(Operation.Either);
        if (least == 0)
        {
            Insert(begin, either);
            var after = _code.Count + (most == NoMost ? 1 : 0);
            _code[begin] = lazy ? either with { First = after, Second = begin + 1 } : either with { First = begin + 1, Second = after };
            if (most == NoMost)
            {
                _code.Add(new Instruction(Operation.Jump, null, begin));
            }
        }
        else if (most == NoMost)
        {
            var after = _code.Count + 1;
            _code.Add(lazy ? either with { First = after, Second = begin } : either with { First = begin, Second = after });
        }

        return empty || least == 0;
    }

    private bool Braces(out int least, out int most, out int end)
    {
        (least, most) = (1, 1);
        end = _text.IndexOf('}', _at) + 1;
        if (end == 0)
        {
            return false;
        }

        var parts = _text[(_at + 1)..(end - 1)].Split(',');
        if (parts.Length > 2 || !(int.TryParse(parts[0], out least) || (parts.Length == 2 && parts[0].Length == 0)))
        {
            return false;
        }

        most = least;
        return parts.Length == 1 || (parts[1].Length == 0 && (most = NoMost) > 0) || int.TryParse(parts[1], out most);
    }

    private void Insert(int at, Instruction instruction)
    {
        for (var i = at; i < _code.Count; i++)
        {
            var old = _code[i];
            _code[i] = old.Operation switch
            {
                Operation.Either => old with { First = Moved(old.First), Second = Moved(old.Second) },
                Operation.Jump or Operation.Ahead or Operation.NotAhead => old with { First = Moved(old.First) },
                _ => old,
            };
        }

        _code.Insert(at, instruction);

        int Moved(int target) => target >= at ? target + 1 : target;
    }

    private CodePointSet Set()
    {
        var set = new CodePointSet();
        if (Next("["))
        {
            Bracket(set);
        }
        else if (Next("."))
        {
            set.Add('\n', '\n');
            set.Negated = true;
        }
        else
        {
            Single(set);
        }

        set.Complete(_ignoreCase);
        return set;
    }

    private void Bracket(CodePointSet set)
    {
        set.Negated = Next("^");
        var first = true;
        while (first || !Next("]"))
        {
            if (_at >= _text.Length || _text[_at] == '[' || string.CompareOrdinal(_text, _at, "&&", 0, 2) == 0)
            {
                throw Unsupported(_at >= _text.Length ? "[ without ]" : _text[_at..Math.Min(_at + 8, _text.Length)]);
            }

            first = false;
            var low = Single(set, alone: false);
            if (low < 0)
            {
                continue;
            }

            var high = low;
            if (_at + 1 < _text.Length && _text[_at] == '-' && _text[_at + 1] != ']')
            {
                _at++;
                high = Single(set, alone: false);
                if (high < low)
                {
                    throw Unsupported("a range that ends before it begins");
                }
            }

            set.Add(low, high);
        }
    }

    // A code point, which is returned (and added if it stands alone), or a class, which is added: −1.
    private int Single(CodePointSet set, bool alone = true)
    {
        int codePoint;
        if (_text[_at] != '\\')
        {
            codePoint = CodePoint(_text, _at, out var length);
            if (alone && codePoint is '{' or '}' or '*' or '+' or '?')
            {
                // Literal braces are; a quantifier without anything before it is not.
                if (codePoint is not ('{' or '}'))
                {
                    throw Unsupported(_text[_at..]);
                }
            }

            _at += length;
        }
        else
        {
            if (_at + 1 >= _text.Length)
            {
                throw Unsupported("\\");
            }

            var letter = _text[_at + 1];
            _at += 2;
            switch (letter)
            {
                case 's' or 'S':
                    set.AddSpace(letter == 'S');
                    return -1;
                case 'd' or 'D':
                    set.AddCategories("Nd", letter == 'D');
                    return -1;
                case 'w' or 'W':
                    set.AddWord(letter == 'W');
                    return -1;
                case 'p' or 'P':
                    var end = _text.IndexOf('}', _at);
                    var name = _at < _text.Length && _text[_at] == '{' && end > 0 ? _text[(_at + 1)..end] : "";
                    var negated = name.StartsWith('^');
                    if (!set.AddCategories(negated ? name[1..] : name, negated != (letter == 'P')))
                    {
                        throw Unsupported(_text[(_at - 2)..(end < 0 ? _text.Length : end + 1)]);
                    }

                    _at = end + 1;
                    return -1;
                case 'x' or 'u':
                    codePoint = Hexadecimal(letter);
                    break;
                default:
                    codePoint = letter switch
                    {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'f' => '\f',
                        'v' => '\v',
                        _ when !char.IsAsciiLetterOrDigit(letter) => letter,
                        _ => throw Unsupported($"\\{letter}"),
                    };
                    break;
            }
        }

        if (alone)
        {
            set.Add(codePoint, codePoint);
        }

        return codePoint;
    }

    private int Hexadecimal(char letter)
    {
        var braces = letter == 'x' && Next("{");
        var length = braces ? _text.IndexOf('}', _at) - _at : letter == 'x' ? 2 : 4;
        if (length <= 0 || _at + length > _text.Length
            || !int.TryParse(_text.AsSpan(_at, length), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var value)
            || (uint)value > 0x10FFFF)
        {
            throw Unsupported($"\\{letter}");
        }

        _at += length + (braces ? 1 : 0);
        return value;
    }

    /// <summary>Which instructions that take a code point may follow which; a bit for each.</summary>
    private sealed class Neighbors
    {
        private readonly CodePointSet[] _sets;

        public Neighbors(TextPattern pattern)
        {
            var code = pattern._code;
            int[] takers = [.. Enumerable.Range(0, code.Count).Where(i => Takes(code[i]))];
            TooMany = takers.Length > 64;
            takers = TooMany ? [] : takers;
            _sets = [.. takers.Select(taker => code[taker].Set!)];
            Next = new ulong[takers.Length];
            var begins = new HashSet<int>();
            pattern.Reach(0, through: false, begins);
            for (var i = 0; i < takers.Length; i++)
            {
                var step = code[takers[i]];
                var next = new HashSet<int>();
                pattern.Reach(takers[i] + 1, through: true, next);
                for (var j = 0; j < takers.Length; j++)
                {
                    if (next.Contains(takers[j]) || (i == j && step.Operation != Operation.One))
                    {
                        Next[i] |= 1UL << j;
                    }
                }

                if (begins.Contains(takers[i]) && step is { Operation: Operation.One } or { First: <= 1 } && pattern.Reach(takers[i] + 1, through: false, []))
                {
                    Alone |= 1UL << i;
                }
            }
        }

        /// <summary>Whether there are more than bits, and everything may follow everything.</summary>
        public bool TooMany { get; }

        /// <summary>For each instruction those that may follow it.</summary>
        public ulong[] Next { get; }

        /// <summary>Those that alone are a match, if nothing else is.</summary>
        public ulong Alone { get; }

        /// <summary>The instructions that take a code point.</summary>
        public ulong Mask(int codePoint)
        {
            var mask = 0UL;
            for (var i = 0; i < _sets.Length; i++)
            {
                mask |= _sets[i].Contains(codePoint) ? 1UL << i : 0;
            }

            return mask;
        }

        private static bool Takes(Instruction step) => step.Operation is Operation.One or Operation.Many or Operation.ManyForGood;
    }

    private readonly record struct Instruction(Operation Operation, CodePointSet? Set = null, int First = 0, int Second = 0, int Loop = 0);

    /// <summary>Where to go on after a failure, at every position from the present one down to the lowest.</summary>
    private readonly record struct Choice(int Program, int At, int Low, int Loop);

    /// <summary>A run of a loop's set, and the first place in it from which on what follows the loop does not match.</summary>
    private struct Tried
    {
        public int Start;
        public int End;
        public int Failed;
    }
}
