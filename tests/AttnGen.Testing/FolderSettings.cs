using System.Text;

namespace AttnGen.Testing;

/// <summary>docs/folder-settings.md: what is done with each key of a folder's files. Its tables are those of the code.</summary>
public static class FolderSettings
{
    private static readonly string s_path = Path.Combine(Snapshots.Root, "docs", "folder-settings.md");

    /// <summary>A row of a table.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Kinds">The kinds of value.</param>
    /// <param name="Done">"followed", "refused" or "no effect".</param>
    /// <param name="Versions">Of the library that writes or reads it.</param>
    /// <param name="Note">What it means.</param>
    public sealed record Row(string Key, string Kinds, string Done, string Versions, string Note);

    /// <summary>Holds a section of the document, from its ## on, against tables; with ATTNGEN_ACCEPT it is written.</summary>
    /// <param name="section">The section's title.</param>
    /// <param name="tables">Titles and rows; an empty title has no heading.</param>
    /// <returns>What differs; empty: nothing.</returns>
    public static string Compare(string section, IEnumerable<(string Title, IEnumerable<Row> Rows)> tables)
    {
        var text = File.ReadAllText(s_path);
        var heading = $"\n## {section}\n";
        var start = text.IndexOf(heading, StringComparison.Ordinal);
        if (start < 0)
            return $"There is no section '## {section}' in docs/folder-settings.md.";
        start += heading.Length;
        var end = text.IndexOf("\n## ", start, StringComparison.Ordinal) is >= 0 and var next ? next : text.Length;

        // What stands before the first table is prose.
        var found = text[start..end];
        var first = new[] { found.IndexOf("\n### ", StringComparison.Ordinal), found.IndexOf("\n| key |", StringComparison.Ordinal) }.Where(at => at >= 0).DefaultIfEmpty(found.Length).Min();
        var expected = new StringBuilder();
        foreach (var (title, rows) in tables)
        {
            expected.Append(title.Length > 0 ? $"\n### {title}\n" : "").Append("\n| key | kinds | done | versions | note |\n|---|---|---|---|---|\n");
            foreach (var row in rows)
                expected.Append($"| `{row.Key.Replace("|", "\\|", StringComparison.Ordinal)}` | {row.Kinds} | {row.Done} | {row.Versions} | {row.Note} |\n");
        }

        var wanted = found[..first] + expected;
        if (wanted.TrimEnd('\n') == found.TrimEnd('\n'))
            return "";
        if (Environment.GetEnvironmentVariable("ATTNGEN_ACCEPT") is "1")
        {
            File.WriteAllText(s_path, text[..start] + wanted.TrimEnd('\n') + "\n" + text[end..]);
            return "";
        }

        var (have, want) = (found.Split('\n').ToHashSet(StringComparer.Ordinal), wanted.Split('\n').ToHashSet(StringComparer.Ordinal));
        return $"docs/folder-settings.md, '## {section}', is not what the code says (ATTNGEN_ACCEPT=1 writes it).\nonly in the code:\n{string.Join('\n', want.Except(have))}\nonly in the document:\n{string.Join('\n', have.Except(want))}";
    }
}
