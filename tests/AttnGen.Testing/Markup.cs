using System.Text;
using System.Text.RegularExpressions;

namespace AttnGen.Testing;

/// <summary>Source with marked places: <c>{|ID:text|}</c> says that a diagnostic ID covers exactly text.</summary>
public static partial class Markup
{
    /// <summary>The source without marks, and what each mark covers.</summary>
    public static (string Source, IReadOnlyList<(string Id, int Start, int Length)> Spans) Parse(string marked)
    {
        var source = new StringBuilder();
        var spans = new List<(string, int, int)>();
        var end = 0;
        foreach (Match match in Pattern().Matches(marked))
        {
            source.Append(marked, end, match.Index - end);
            foreach (var id in match.Groups["id"].Value.Split('+'))
                spans.Add((id, source.Length, match.Groups["text"].Length));
            source.Append(match.Groups["text"].Value);
            end = match.Index + match.Length;
        }

        return (source.Append(marked, end, marked.Length - end).ToString(), spans);
    }

    [GeneratedRegex(@"\{\|(?<id>[A-Z0-9+]+):(?<text>.*?)\|\}", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
