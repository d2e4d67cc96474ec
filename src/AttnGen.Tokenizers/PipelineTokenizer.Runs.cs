namespace AttnGen.Tokenizers;

// Runs of digits and of white space, which are followed from where they begin.
internal abstract partial class PipelineTokenizer
{
    // The last place up to one within a run of digits or of white space, of which it is known from the chunk's beginning on what it is; 0: there is none.
    private int RunEnd(in PlainText plain, int from, int until, ref RunState run, out SplitPlace place)
    {
        var (found, at, state) = (0, from, run);
        place = SplitPlace.Whole;
        while (at < until)
        {
            var codePoint = Characters.CodePointAt(plain.Text, at);
            at += Units(codePoint);
            if (at >= plain.End)
            {
                break;
            }

            var here = PlaceOfTwo(plain.Text, at);
            var ends = false;
            switch (here)
            {
                case SplitPlace.Boundary:
                    state = RunState.New;
                    break;
                case SplitPlace.Counted when state.IsKnown && _runLength > 0:
                    state.Count = (state.Count + 1) % _runLength;
                    ends = state.Count == 0;
                    break;
                case SplitPlace.Blanks when state.IsKnown:
                    var next = Characters.CodePointAt(plain.Text, at);
                    var goesOn = at + Units(next) < plain.End && PlaceOfTwo(plain.Text, at + Units(next)) == SplitPlace.Blanks;
                    state.HasBreak |= TextPattern.IsBreak(codePoint);
                    ends = !_joinsBreaks ? goesOn
                        : TextPattern.IsBreak(next) ? !state.HasBreak || TextPattern.IsBreak(codePoint)
                        : !state.HasBreak && goesOn;
                    break;
                default:
                    state = default;
                    break;
            }

            if (ends)
            {
                (found, run, place) = (at, state, here == SplitPlace.Counted ? SplitPlace.Boundary : SplitPlace.Apart);
            }
        }

        return found;
    }

    // What is known at a place of the run of digits or white space that it stands in: code points from a boundary on, and whether there is a line break among them.
    private struct RunState
    {
        public static readonly RunState New = new() { IsKnown = true };

        public bool IsKnown;
        public bool HasBreak;
        public int Count;
    }
}
