using System.Text;
using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace AttnGen.Testing;

/// <summary>
/// Texts that were read once by a person and are held against every run, with Verify's conventions: NAME.verified.EXT stands beside
/// the tests, NAME.received.EXT is written next to it when they differ. ATTNGEN_ACCEPT=1 takes what was received.
/// </summary>
/// <param name="folder">The folder of the snapshots, from the repository's root.</param>
public sealed class Snapshots(string folder)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static bool Accept => Environment.GetEnvironmentVariable("ATTNGEN_ACCEPT") == "1";

    /// <inheritdoc cref="Clone.Root"/>
    public static string Root => Clone.Root;

    /// <summary>The folder of these snapshots.</summary>
    public string Folder { get; } = Path.Combine(Root, folder);

    /// <summary>Throws, with a line diff, if <paramref name="received"/> is not the verified text or there is none.</summary>
    public void Verify(string name, string extension, string received)
    {
        received = received.ReplaceLineEndings("\n");
        var verifiedPath = Path.Combine(Folder, $"{name}.verified.{extension}");
        var receivedPath = Path.Combine(Folder, $"{name}.received.{extension}");
        Directory.CreateDirectory(Folder);
        var verified = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath).ReplaceLineEndings("\n") : null;
        if (verified == received)
        {
            File.Delete(receivedPath);
            return;
        }

        if (Accept)
        {
            File.WriteAllText(verifiedPath, received, s_utf8);
            File.Delete(receivedPath);
            return;
        }

        File.WriteAllText(receivedPath, received, s_utf8);
        throw new SnapshotMismatchException(verified is null
            ? $"{name}: there is no snapshot. Read {receivedPath}, then run again with ATTNGEN_ACCEPT=1 to take it."
            : $"{name}: differs from its snapshot. If that is right, run again with ATTNGEN_ACCEPT=1.\n{Diff(verified, received)}");
    }

    /// <summary>The verified files that none of <paramref name="names"/> owns. With the accept switch they are deleted.</summary>
    public IReadOnlyList<string> Orphans(IEnumerable<string> names)
    {
        var known = names.ToHashSet(StringComparer.Ordinal);
        var orphans = Directory.Exists(Folder)
            ? Directory.EnumerateFiles(Folder, "*.verified.*").Where(path => !known.Contains(NameOf(path))).Order(StringComparer.Ordinal).ToList()
            : [];
        if (!Accept)
            return orphans;
        orphans.ForEach(File.Delete);
        return [];
    }

    /// <summary>The changed lines, each with three lines around it.</summary>
    public static string Diff(string expected, string actual)
    {
        const int Around = 3;
        var lines = InlineDiffBuilder.Diff(expected, actual, ignoreWhiteSpace: false).Lines;
        var changed = lines.Select((line, index) => (line, index)).Where(pair => pair.line.Type != ChangeType.Unchanged).Select(pair => pair.index).ToList();
        var text = new StringBuilder();
        var shown = -1;
        foreach (var index in changed.Take(200))
        {
            var from = Math.Max(shown + 1, index - Around);
            if (from > shown + 1)
                text.Append("  …\n");
            for (shown = Math.Max(shown, from - 1); shown < Math.Min(index + Around, lines.Count - 1);)
            {
                var line = lines[++shown];
                text.Append(line.Type switch { ChangeType.Inserted => "+ ", ChangeType.Deleted => "- ", _ => "  " }).Append(line.Text).Append('\n');
            }
        }

        if (changed.Count > 200)
            text.Append($"  … {changed.Count - 200} more changed lines\n");
        return text.ToString();
    }

    private static string NameOf(string path)
    {
        var file = Path.GetFileName(path);
        return file[..file.IndexOf(".verified.", StringComparison.Ordinal)];
    }
}

/// <summary>A text is not the one in its snapshot.</summary>
public sealed class SnapshotMismatchException(string message) : Exception(message);
