using System.Globalization;
using AttnGen.Folders;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = Microsoft.Build.Utilities.Task;

namespace AttnGen.Build;

/// <summary>
/// For each <c>AttnGenModel</c>: writes the manifest of its weights for the compiler and lists the files that compiler and program need.
/// What is wrong with a folder is written into its manifest; the task itself fails only where it cannot write.
/// </summary>
public sealed class ReadModelFolders : Task
{
    /// <summary>An assembly's managed resources are counted in 32 bits.</summary>
    private const long MaxEmbedded = 2_000_000_000;

    // What other items have named already: models, their folders, and places beside or in the program with the folder that goes there.
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _targets = new(Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private readonly HashSet<string> _files = new(Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private readonly List<ITaskItem> _compilerFiles = [];
    private readonly List<ITaskItem> _copiedFiles = [];
    private readonly List<ITaskItem> _embeddedFiles = [];
    private readonly List<ITaskItem> _writtenFiles = [];

    /// <summary>The items <c>AttnGenModel</c>, with the metadata <c>Copy</c> and <c>Embed</c>.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The project's folder, from which relative paths count. (The current directory may be another one.)</summary>
    [Required]
    public string ProjectFolder { get; set; } = "";

    /// <summary>Where the manifests go.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>For <c>AdditionalFiles</c>, with the metadata <c>AttnGenModel</c> (the model's name, see <see cref="FolderNames.ToOption"/>) and <c>AttnGenFile</c> (the file's path in the folder).</summary>
    [Output]
    public ITaskItem[] CompilerFiles => [.. _compilerFiles];

    /// <summary>What goes beside the program, with the metadata <c>Link</c>.</summary>
    [Output]
    public ITaskItem[] CopiedFiles => [.. _copiedFiles];

    /// <summary>What goes into the program, with the metadata <c>LogicalName</c>.</summary>
    [Output]
    public ITaskItem[] EmbeddedFiles => [.. _embeddedFiles];

    /// <summary>What the task keeps in <see cref="OutputFolder"/>.</summary>
    [Output]
    public ITaskItem[] WrittenFiles => [.. _writtenFiles];

    /// <inheritdoc/>
    public override bool Execute()
    {
        foreach (var item in Models)
        {
            var name = FolderNames.Normal(item.ItemSpec);
            if (!_names.Add(name))
                continue;
            var manifest = new ManifestFile(Path.Combine(ProjectFolder, OutputFolder, Names.Safe(name)));
            try
            {
                try
                {
                    AddFolder(item, name, manifest);
                }
                catch (ProblemException e)
                {
                    Refuse(manifest, e.Message);
                }
                catch (Exception e) when (HubFolder.IsUnreadable(e))
                {
                    Refuse(manifest, "the folder " + HubFolder.Unreadable(e));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.LogError($"AttnGen cannot write the manifest of '{name}' into {OutputFolder}: {e.Message.TrimEnd('.')}; make room there, or allow this user to write.");
            }

            AddForCompiler(manifest.Path, name, FolderNames.Manifest);
            _writtenFiles.AddRange(manifest.Files.Select(file => Item(file)));
        }

        return !Log.HasLoggedErrors;
    }

    private void AddFolder(ITaskItem item, string name, ManifestFile manifest)
    {
        var path = Path.GetFullPath(Path.Combine(ProjectFolder, name));
        var folder = new HubFolder(path);
        if (folder.Exists)
        {
            // The compiler's options go by a file's path: a folder that the project names in two ways lends its own files only once.
            var isFirst = _folders.Add(path);
            foreach (var file in folder.CompilerFiles())
                AddForCompiler(isFirst ? folder.PathOf(file) : manifest.Copy(folder.PathOf(file), file), name, file);
        }

        var copy = Flag(item, "Copy", true);
        var embed = Flag(item, "Embed", false);
        var weights = folder.WeightFiles();
        if (embed)
            CheckEmbedding(folder, weights);
        var inputs = ManifestFile.Inputs(folder, weights);
        if (embed || copy)
            TakePlace(embed ? FolderNames.Resource(FolderNames.Shipped(name), "") : FolderNames.Beside(name), path, name, embed);
        if (!manifest.IsUpToDate(inputs))
            manifest.Write(ManifestText.Of(folder.ReadHeaders(weights)), inputs);

        foreach (var file in folder.RuntimeFiles(weights))
        {
            if (embed)
                Add(_embeddedFiles, "LogicalName", FolderNames.Resource(FolderNames.Shipped(name), file));
            else if (copy)
                Add(_copiedFiles, "Link", FolderNames.Beside(name, file));

            void Add(List<ITaskItem> items, string metadata, string target)
            {
                if (_files.Add(target))
                    items.Add(Item(folder.PathOf(file), (metadata, target)));
            }
        }
    }

    // Folders from elsewhere go under their last name, which others may have.
    private void TakePlace(string target, string path, string name, bool embed)
    {
        if (!_targets.TryGetValue(target, out var other))
            _targets.Add(target, path);
        else if (other != path)
            throw new ProblemException($"it goes {(embed ? "into the program" : "beside the program")} as {target.TrimEnd('/')}, where another AttnGenModel of the project ({other}) goes, too; give one of the folders another name{(embed ? "" : ", or Copy=\"false\"")}.");
    }

    private void Refuse(ManifestFile manifest, string problem)
    {
        manifest.Write(ManifestText.OfProblem(problem), inputs: null);
        Log.LogMessage(MessageImportance.Normal, problem);
    }

    private void AddForCompiler(string path, string name, string file) => _compilerFiles.Add(Item(path, ("AttnGenModel", FolderNames.ToOption(name)), ("AttnGenFile", file)));

    private static bool Flag(ITaskItem item, string name, bool otherwise)
    {
        var text = item.GetMetadata(name);
        if (text.Length == 0)
            return otherwise;
        return bool.TryParse(text, out var value)
            ? value
            : throw new ProblemException($"The project's AttnGenModel '{item.ItemSpec}' has {name}=\"{text}\", true or false is expected; correct it there.");
    }

    private static void CheckEmbedding(HubFolder folder, string[] weights)
    {
        if (folder.IsSharded)
            throw new ProblemException($"the folder has its weights in {weights.Length} shards, and Embed=\"true\" of AttnGenModel takes one {FolderNames.Weights} only; remove Embed, and the files are copied beside the program.");
        if (folder.LengthOf(FolderNames.Weights) is var length && length > MaxEmbedded)
            throw new ProblemException($"{FolderNames.Weights} has {length} bytes, and Embed=\"true\" of AttnGenModel takes at most {MaxEmbedded.ToString(CultureInfo.InvariantCulture)}, the limit of an assembly; remove Embed, and the file is copied beside the program.");
    }

    private static TaskItem Item(string path, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(Names.Escape(path));
        foreach (var (name, value) in metadata)
            item.SetMetadata(name, Names.Escape(value));
        return item;
    }
}
