using System.Numerics;

namespace AttnGen.Tokenizers;

// Which code points a match may have next to each other.
internal sealed partial class TextPattern
{
    /// <summary>Which instructions that take a code point may follow which; a bit for each.</summary>
    private sealed class Neighbors
    {
        private readonly CodePointSet[] _sets;
        private readonly int[] _most;

        public Neighbors(TextPattern pattern)
        {
            var code = pattern._code;
            int[] takers = [.. Enumerable.Range(0, code.Count).Where(i => Takes(code[i]))];
            TooMany = takers.Length > 64;
            takers = TooMany ? [] : takers;
            _sets = [.. takers.Select(taker => code[taker].Set!)];
            _most = [.. takers.Select(taker => code[taker].Operation == Operation.One ? 1 : code[taker].Second)];
            Next = new ulong[takers.Length];
            var (begins, starts) = (new HashSet<int>(), new HashSet<int>());
            pattern.Reach(0, through: false, begins);
            pattern.Reach(0, through: true, starts);
            var looks = Enumerable.Range(0, code.Count).Where(i => code[i].Operation is Operation.Ahead or Operation.NotAhead).Select(i => (From: i, To: code[i].First)).ToArray();
            for (var i = 0; i < takers.Length; i++)
            {
                var step = code[takers[i]];
                var next = new HashSet<int>();
                pattern.Reach(takers[i] + 1, through: true, next);
                for (var j = 0; j < takers.Length; j++)
                {
                    if (next.Contains(takers[j]) || (i == j && step is { Operation: not Operation.One, Second: > 1 }))
                    {
                        Next[i] |= 1UL << j;
                    }
                }

                var endsFreely = pattern.Reach(takers[i] + 1, through: false, []);
                if (begins.Contains(takers[i]) && step is { Operation: Operation.One } or { First: <= 1 } && endsFreely)
                {
                    Alone |= 1UL << i;
                }

                Starts |= starts.Contains(takers[i]) ? 1UL << i : 0;
                Ends |= pattern.Reach(takers[i] + 1, through: true, []) ? 1UL << i : 0;
                Looks |= Array.Exists(looks, look => look.From < takers[i] && takers[i] < look.To) ? 1UL << i : 0;
                if (step is { Operation: not Operation.One, First: <= 1 } && endsFreely)
                {
                    Loops |= step.Second == NoMost ? 1UL << i : 0;
                    RunLength = step.Second is > 1 and < NoMost && RunLength == 0 ? step.Second : RunLength;
                }
            }
        }

        /// <summary>Whether there are more than bits, and everything may follow everything.</summary>
        public bool TooMany { get; }

        /// <summary>For each instruction those that may follow it.</summary>
        public ulong[] Next { get; }

        /// <summary>Those that alone are a match, if nothing else is.</summary>
        public ulong Alone { get; }

        /// <summary>Those that may be the first of a match, or of what it looks ahead to.</summary>
        public ulong Starts { get; }

        /// <summary>Those that may be the last of a match, or of what it looks ahead to.</summary>
        public ulong Ends { get; }

        /// <summary>Those that only look ahead.</summary>
        public ulong Looks { get; }

        /// <summary>Loops without an upper bound after which the match may be complete, whatever follows.</summary>
        public ulong Loops { get; }

        /// <summary>The upper bound of the first loop that has one and after which the match may be complete; 0: there is none.</summary>
        public int RunLength { get; }

        /// <summary>How many there are.</summary>
        public int Count => _sets.Length;

        /// <summary>Whether there is one alone, a loop with that upper bound, which makes a match of its own and nothing else follows.</summary>
        public bool IsCounted(ulong mask) => RunLength > 0 && ulong.IsPow2(mask) && (mask & Alone & ~Loops) != 0
            && Following(mask) == mask && _most[BitOperations.TrailingZeroCount(mask)] == RunLength;

        /// <summary>What may follow one of some.</summary>
        public ulong Following(ulong mask)
        {
            var next = 0UL;
            for (; mask != 0; mask &= mask - 1)
            {
                next |= Next[BitOperations.TrailingZeroCount(mask)];
            }

            return next;
        }

        /// <summary>Those of the right ones that may follow one of the left ones.</summary>
        public ulong Follow(ulong left, ulong right) => Following(left) & right;

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
}
