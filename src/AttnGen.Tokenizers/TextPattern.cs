using System.Numerics;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>
/// A regular expression as split patterns of tokenizers have them, over code points. .NET's own works on UTF-16 units, where a class such
/// as \p{L} does not know letters beyond U+FFFF. Backtracking, the first alternative first; nothing is allocated by a search.
/// </summary>
internal sealed partial class TextPattern
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
    public bool Contains(int codePoint)
    {
        foreach (var step in _code)
        {
            if (step.Set is { } set && set.Contains(codePoint))
            {
                return true;
            }
        }

        return false;
    }

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
