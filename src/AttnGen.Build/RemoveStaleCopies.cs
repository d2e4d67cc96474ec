using System.Text;
using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace AttnGen.Build;

/// <summary>
/// Removes what earlier builds put beside the program and this one does not: the files of a model that is embedded now, or that nobody names
/// any more, and the folders that they leave empty. A list on disk says what that was. (MSBuild removes such files from the output by itself,
/// in most cases; it never does when a program is published, and it leaves the folders, in which a program would look for its model.)
/// </summary>
public sealed class RemoveStaleCopies : Task
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly StringComparer s_paths = Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The folder of the output, with its full path. Nothing outside it is touched.</summary>
    [Required]
    public string Root { get; set; } = "";

    /// <summary>The list.</summary>
    [Required]
    public string ListFile { get; set; } = "";

    /// <summary>The copies that belong there now, as paths from <see cref="Root"/>.</summary>
    public string[] Current { get; set; } = [];

    /// <summary>Paths from <see cref="Root"/>, or full ones, that others have put there: they stay, whatever the list says.</summary>
    public string[] Others { get; set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            var root = Full(Root).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
            var current = new SortedSet<string>(Current.Select(file => Full(Path.Combine(root, file))), StringComparer.Ordinal);
            var kept = new HashSet<string>(Others.Select(file => Full(Path.Combine(root, file))).Concat(current), s_paths);
            var before = File.Exists(ListFile) ? File.ReadAllLines(ListFile) : [];
            foreach (var file in before.Where(file => file.Length > 0 && Path.IsPathRooted(file)).Select(Full).Where(file => !kept.Contains(file)))
            {
                if (!IsUnder(root, file))
                    Remember(file, current); // Another folder ("-o"): the next build into that one looks at it.
                else
                    Remove(root, file, current);
            }

            var text = string.Concat(current.Select(file => file + "\n"));
            if (text.Length == 0)
                File.Delete(ListFile);
            else if (text != string.Concat(before.Select(file => file + "\n")))
                Write(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Log.LogWarning($"AttnGen cannot tell which models earlier builds left in '{Root}': {e.Message.TrimEnd('.')}; clean that folder by hand if it has some that the program no longer needs.");
        }

        return !Log.HasLoggedErrors;
    }

    private static void Remember(string file, SortedSet<string> list)
    {
        if (File.Exists(file))
            list.Add(file);
    }

    private void Remove(string root, string file, SortedSet<string> list)
    {
        try
        {
            if (File.Exists(file))
            {
                File.Delete(file);
                Log.LogMessage(MessageImportance.Normal, $"Removed {file}, which the program no longer has beside it.");
            }

            for (var folder = Path.GetDirectoryName(file); folder is not null && IsUnder(root, folder); folder = Path.GetDirectoryName(folder))
            {
                if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                    break;
                if (Directory.Exists(folder))
                    Directory.Delete(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A running program holds its weights. The next build tries again.
            list.Add(file);
            Log.LogMessage(MessageImportance.Normal, $"{file} is not needed any more but cannot be removed now: {e.Message}");
        }
    }

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(ListFile))!);
        File.WriteAllText(ListFile, text, s_utf8);
    }

    private static bool IsUnder(string root, string path) =>
        path.Length > root.Length && path.StartsWith(root, Path.DirectorySeparatorChar == '\\' ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static string Full(string path) => Path.GetFullPath(path);
}
