using System.Text.RegularExpressions;

namespace AttnGen.Package.Tests.Documents;

/// <summary>A block of code of a page.</summary>
/// <param name="Page">The page, from the repository's root, with slashes.</param>
/// <param name="Line">The line of its fence, from 1.</param>
/// <param name="Language">What the fence says; "" if nothing, "(indented)" or "(pre)" if there is no fence.</param>
/// <param name="Text">The lines, each with its end.</param>
internal sealed partial record MarkdownBlock(string Page, int Line, string Language, string Text)
{
    /// <summary>The block before this one if nothing but blank lines and comments lies between; else null.</summary>
    public MarkdownBlock? Follows { get; private init; }

    public string Place => $"{Page}:{Line}";

    /// <summary>All blocks of a page.</summary>
    /// <exception cref="FormatException">A fence is not closed.</exception>
    public static List<MarkdownBlock> Read(string page, string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        var blocks = new List<MarkdownBlock>();
        var nothingSince = false;
        var inList = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (Fence().Match(line) is { Success: true } fence)
            {
                var (indent, mark) = (fence.Groups[1].Length, fence.Groups[2].Value);
                var end = Array.FindIndex(lines, i + 1, l => l.TrimStart().StartsWith(mark, StringComparison.Ordinal) && l.Trim().Trim(mark[0]).Length == 0);
                if (end < 0)
                    throw new FormatException($"{page}:{i + 1}: the fence is not closed.");
                var body = string.Concat(lines[(i + 1)..end].Select(l => l[Math.Min(indent, l.Length - l.TrimStart().Length)..] + "\n"));
                blocks.Add(new(page, i + 1, fence.Groups[3].Value.Trim(), body) { Follows = nothingSince ? blocks[^1] : null });
                nothingSince = true;
                i = end;
                continue;
            }

            if (line.Contains("<pre", StringComparison.OrdinalIgnoreCase))
                blocks.Add(new(page, i + 1, "(pre)", line));
            if (line.Trim().Length == 0 || Comment().IsMatch(line))
                continue;

            nothingSince = false;
            var afterBlank = i == 0 || lines[i - 1].Trim().Length == 0;
            if (!inList && afterBlank && (line.StartsWith("    ", StringComparison.Ordinal) || line.StartsWith('\t')))
                blocks.Add(new(page, i + 1, "(indented)", line));
            inList = ListItem().IsMatch(line) || (inList && line.StartsWith(' '));
        }

        return blocks;
    }

    [GeneratedRegex("^( *)(`{3,}|~{3,})([^`]*)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^ *<!--.*-->$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^ *([-*+]|[0-9]+\.) ")]
    private static partial Regex ListItem();
}
