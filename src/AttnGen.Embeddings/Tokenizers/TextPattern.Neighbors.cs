namespace AttnGen.Embeddings;

// Which code points a match may have next to each other.
internal sealed partial class TextPattern
{
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
}
