using System.Text;
using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace AttnGen.Build;

/// <summary>
/// Removes the copies of a model's files that are no longer what they are copies of, so that MSBuild copies them again. By itself it does so for what
/// is newer than the copy; a file that comes back from an archive or another branch is older, and one of a package may have the very time of the old one.
/// </summary>
public sealed class RefreshCopies : Task
{
    /// <summary>The folder of the output.</summary>
    [Required]
    public string Root { get; set; } = "";

    /// <summary>Where it is kept from which file each copy was made.</summary>
    [Required]
    public string ListFile { get; set; } = "";

    /// <summary>The files, with the metadata <c>TargetPath</c>, from <see cref="Root"/>.</summary>
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>What is to be copied, with the metadata <c>TargetPath</c>.</summary>
    public ITaskItem[] Copies { get; set; } = [];

    /// <summary><see cref="Copies"/> without the files of models that are there already: MSBuild would copy one that is a link each time.</summary>
    [Output]
    public ITaskItem[] OutdatedCopies { get; private set; } = [];

    /// <summary>The copies that are there already.</summary>
    [Output]
    public ITaskItem[] CurrentCopies { get; private set; } = [];

    /// <summary>Whether a file is another one than the last time: what was made of it, and is not a copy, is old.</summary>
    [Output]
    public bool IsChanged { get; private set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            string[] lines = File.Exists(ListFile) ? File.ReadAllLines(ListFile) : [];
            var before = new HashSet<string>(lines, Paths.Comparer);
            var now = new StringBuilder();
            var current = new Dictionary<string, string>(Paths.Comparer);
            foreach (var model in Models)
            {
                string source = Path.GetFullPath(model.ItemSpec), copy = CopyOf(model);
                var line = $"{copy}\t{source}\t{FileBytes.State(source)}";
                now.Append(line).Append('\n');
                if (!File.Exists(copy))
                    continue;

                // The first time, of another file than the last time, or after a change, every byte is compared; after that, what tells a change.
                if (before.Contains(line) ? FileBytes.SeemSame(copy, source) : FileBytes.AreSame(copy, source))
                {
                    current[copy] = source;
                }
                else
                {
                    File.SetAttributes(copy, FileAttributes.Normal);
                    File.Delete(copy);
                }
            }

            OutdatedCopies = [.. Copies.Where(copy => !(current.TryGetValue(CopyOf(copy), out var source) && Paths.Comparer.Equals(source, Path.GetFullPath(copy.ItemSpec))))];
            CurrentCopies = [.. current.Keys.Select(copy => Items.Of(copy))];
            IsChanged = now.ToString() != string.Concat(lines.Select(line => line + "\n"));
            ManifestFile.Keep(Path.GetDirectoryName(Path.GetFullPath(ListFile))!, Path.GetFileName(ListFile), now.ToString());
        }
        catch (Exception e) when (HubFolder.IsUnreadable(e))
        {
            Log.LogError($"AttnGen cannot bring the models in '{Root}' up to date: {e.Message.TrimEnd('.')}; end the program that uses them, or allow this user to write there.");
        }

        return !Log.HasLoggedErrors;
    }

    private string CopyOf(ITaskItem file) => Path.GetFullPath(Path.Combine(Root, file.GetMetadata("TargetPath")));
}
