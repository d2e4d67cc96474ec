namespace AttnGen.Tokenizers;

// Places within a match at which a text may be cut, because the match goes on there whatever stands further on. Expressions that look back have none.
internal sealed partial class TextPattern
{
    // White space as the published expressions have it, as their last choices: up to the last line break, up to the last of it, or all.
    private static readonly string[] s_breaks = [@"|\s*[\r\n]+|\s+(?!\S)|\s+", @"|\s*[\r\n]|\s+(?!\S)|\s+"];
    private const string Blanks = @"|\s+(?!\S)|\s+";

    /// <summary>The code points of a match of digits and the like, such as \p{N}{1,3}; 0: there is no such choice.</summary>
    public int RunLength => (_neighbors ??= new Neighbors(this)).RunLength;

    /// <summary>Whether white space up to a line break is one match, however much there is.</summary>
    public bool JoinsBreaks => Array.Exists(s_breaks, _text.EndsWith);

    /// <summary>What may be made of a place between two code points in a match, if what stands around them allows it.</summary>
    public SplitPlace Within(int before, int after)
    {
        var all = _neighbors ??= new Neighbors(this);
        var (left, right) = (all.Mask(before), all.Mask(after));
        if (all.TooMany)
        {
            return SplitPlace.Whole;
        }

        if ((left & ~all.Looks) == (right & ~all.Looks) && all.IsCounted(left & ~all.Looks) && all.Follow(left, right) == all.Follow(left & ~all.Looks, right & ~all.Looks))
        {
            return SplitPlace.Counted;
        }

        if (Characters.IsWhiteSpace(before) && Characters.IsWhiteSpace(after))
        {
            return IsBlank(all, before, after) ? SplitPlace.Blanks : SplitPlace.Whole;
        }

        return (left & right & all.Loops) != 0 ? SplitPlace.Near : SplitPlace.Whole;
    }

    /// <summary>
    /// Whether a match certainly goes over the place between two code points, and is the same up to the place if the text ends there, and from the place on if the
    /// text begins there. That is so where nothing that a match or an attempt at one may do goes over the place, except to stay in one loop without an upper
    /// bound after which the match may be complete at once; where the code point before the place is certainly taken by that loop; and where a match that begins
    /// at the place certainly comes to be in that loop. Then up to the place each attempt has the same end, and the loop goes up to the same code point.
    /// </summary>
    /// <param name="before">Code points before the place, the nearest first.</param>
    /// <param name="after">Code points after it, the nearest first.</param>
    public bool GoesOver(ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        var all = _neighbors ??= new Neighbors(this);
        if (all.TooMany || before.IsEmpty || after.IsEmpty)
        {
            return false;
        }

        // What may have taken the code point before the place: what begins a match, or may follow what may have taken the one before it.
        var may = all.Mask(before[^1]);
        for (var i = before.Length - 2; i >= 0; i--)
        {
            may = all.Mask(before[i]) & (all.Starts | all.Following(may));
        }

        var next = all.Mask(after[0]);
        var loop = may & next & all.Loops & all.Alone;
        if (!ulong.IsPow2(loop) || all.Follow(may, next) != loop || all.Follow(may & ~loop, next) != 0 || (may & ~loop & ~all.Looks & all.Ends) != 0)
        {
            return false;
        }

        // What a match that begins at the place may do instead must come to nothing soon.
        var others = next & all.Starts & ~loop;
        for (var i = 1; others != 0; i++)
        {
            if ((others & (all.Ends | all.Looks)) != 0 || i == after.Length)
            {
                return false;
            }

            others = all.Following(others) & all.Mask(after[i]);
        }

        return true;
    }

    // Whether two white spaces are joined by the last choices alone, and a match that begins with the second one is one of these. A run of line breaks may be the
    // end of another match.
    private bool IsBlank(Neighbors all, int before, int after)
    {
        var choices = JoinsBreaks ? 5 : _text.EndsWith(Blanks, StringComparison.Ordinal) ? 3 : 0;
        if (choices == 0 || all.Count <= choices)
        {
            return false;
        }

        var blanks = ~0UL << (all.Count - choices);
        var (left, right) = (all.Mask(before), all.Mask(after));
        var ends = IsBreak(before) && IsBreak(after) ? left & right & all.Loops : 0;
        var starts = right & all.Starts & ~blanks;
        return (all.Follow(left & ~blanks & ~ends, right) | (all.Follow(ends & ~blanks, right) & ~ends) | (left & ~blanks & ~ends & ~all.Looks & all.Ends)) == 0
            && (starts & (all.Ends | all.Looks)) == 0 && (starts == 0 || !IsBreak(after));
    }

    /// <summary>The two characters that the expressions mean by a line break.</summary>
    public static bool IsBreak(int codePoint) => codePoint is '\r' or '\n';
}
