using System.Globalization;
using AttnGen.Folders;
using Microsoft.Build.Framework;
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

    // What other items have named already: models with their folders, the folders, and places beside or in the program with the folder that goes there.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _targets = new(Paths.Comparer);

    private readonly HashSet<string> _files = new(Paths.Comparer);

    // What the compiler's output is made of: files and their bytes.
    private readonly SortedSet<string> _compiled = new(StringComparer.Ordinal);

    private readonly List<ITaskItem> _compilerFiles = [];
    private readonly List<ITaskItem> _copiedFiles = [];
    private readonly List<ITaskItem> _embeddedFiles = [];
    private readonly List<ITaskItem> _modelFiles = [];
    private readonly List<(string Path, string Place, string File)> _packed = [];
    private readonly List<ITaskItem> _packedFiles = [];
    private readonly List<ITaskItem> _writtenFiles = [];

    /// <summary>The items <c>AttnGenModel</c>, with the metadata <c>Name</c>, <c>Copy</c>, <c>Embed</c> and <c>Pack</c>.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The project's folder, from which relative paths count. (The current directory may be another one.)</summary>
    [Required]
    public string ProjectFolder { get; set; } = "";

    /// <summary>Where the manifests go.</summary>
    [Required]
    public string OutputFolder { get; set; } = "";

    /// <summary>The name of the project's assembly.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <summary>For <c>AdditionalFiles</c>, with the metadata <c>AttnGenModel</c> (the model's name, see <see cref="FolderNames.ToOption"/>) and <c>AttnGenFile</c> (the file's path in the folder).</summary>
    [Output]
    public ITaskItem[] CompilerFiles => [.. _compilerFiles];

    /// <summary>What goes beside the program, with the metadata <c>Link</c>.</summary>
    [Output]
    public ITaskItem[] CopiedFiles => [.. _copiedFiles];

    /// <summary>What goes into the program, with the metadata <c>LogicalName</c>.</summary>
    [Output]
    public ITaskItem[] EmbeddedFiles => [.. _embeddedFiles];

    /// <summary>The files that the program reads from folders, copied or not, for those who reference the project; see <see cref="ModelClaim"/>.</summary>
    [Output]
    public ITaskItem[] ModelFiles => [.. _modelFiles];

    /// <summary>What goes into the project's package, with the metadata <c>Stored</c>; see <see cref="PackedModels"/>.</summary>
    [Output]
    public ITaskItem[] PackedFiles => [.. _packedFiles];

    /// <summary>A file that is newer than the compiler's output if that is to be made again, whatever the times of the model's files are.</summary>
    [Output]
    public ITaskItem[] CompilerInputs { get; private set; } = [];

    /// <summary>What the task keeps in <see cref="OutputFolder"/>.</summary>
    [Output]
    public ITaskItem[] WrittenFiles => [.. _writtenFiles];

    /// <inheritdoc/>
    public override bool Execute()
    {
        foreach (var item in Models)
        {
            var given = item.GetMetadata("Name");
            var name = FolderNames.Normal(given.Length > 0 ? given : item.ItemSpec);
            var path = FullPath(FolderNames.Normal(item.ItemSpec));
            var isNew = !_names.TryGetValue(name, out var other);
            if (isNew)
                _names.Add(name, path);
            else if (other == path)
                continue;
            var manifest = new ManifestFile(Path.Combine(ProjectFolder, OutputFolder, Names.Safe(name)));
            try
            {
                try
                {
                    if (!isNew)
                        throw new ProblemException($"two AttnGenModel items of the project have this Name, {other} and {path}; give one of them another.");
                    if (given.Length > 0 && (FolderNames.IsAbsolute(name) || name.Split('/').Any(part => part is "" or "." or "..")))
                        throw new ProblemException($"the project's AttnGenModel '{item.ItemSpec}' has Name=\"{given}\", a relative path without '..' is expected, such as models/{FolderNames.Last(FolderNames.Normal(item.ItemSpec))}; correct it there.");
                    AddFolder(item, Path.GetFullPath(path), name, manifest);
                }
                catch (ProblemException e)
                {
                    Refuse(manifest, e);
                }
                catch (Exception e) when (HubFolder.IsUnreadable(e))
                {
                    Refuse(manifest, new ProblemException($"the {(File.Exists(path) ? "file" : "folder")} {HubFolder.Unreadable(e)}"));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.LogError($"AttnGen cannot write the manifest of '{name}' into {OutputFolder}: {e.Message.TrimEnd('.')}; make room there, or allow this user to write.");
            }

            if (!isNew)
                continue;
            AddForCompiler(manifest.Path, name, FolderNames.Manifest);
            _writtenFiles.AddRange(manifest.Files.Select(file => Items.Of(file)));
        }

        try
        {
            var folder = Path.Combine(ProjectFolder, OutputFolder);
            if (_packed.Count > 0)
                _packedFiles.AddRange(PackedModels.Write(_packed, folder).Select(file => Items.Of(file.Path, ("Stored", file.Stored))));

            // MSBuild compiles again for what is newer than the compiler's output, and a file that replaces another may be older.
            CompilerInputs = [Items.Of(ManifestFile.Keep(folder, "compiled.inputs", string.Concat(_compiled)))];
            _writtenFiles.AddRange(_packedFiles.Take(1).Concat(CompilerInputs));
        }
        catch (Exception e) when (HubFolder.IsUnreadable(e))
        {
            Log.LogError($"AttnGen cannot write into {OutputFolder}: {e.Message.TrimEnd('.')}; make room there, or allow this user to write.");
        }

        return !Log.HasLoggedErrors;
    }

    private void AddFolder(ITaskItem item, string path, string name, ManifestFile manifest)
    {
        if (GgufSource.Find(path) is { } gguf)
        {
            AddGguf(item, gguf, name, path, manifest);
            return;
        }

        var folder = new HubFolder(path);
        if (folder.Exists)
        {
            // The compiler's options go by a file's path: a folder that the project names in two ways contributes its own files only once.
            var isFirst = _folders.Add(path);
            foreach (var file in folder.CompilerFiles())
            {
                AddForCompiler(isFirst ? folder.PathOf(file) : manifest.Copy(folder.PathOf(file), file), name, file);
                _compiled.Add(State(folder.PathOf(file)));
            }
        }

        var weights = folder.WeightFiles();
        if (Flag(item, "Embed", false))
            CheckEmbedding(folder, weights);
        var inputs = ManifestFile.Inputs(weights.Select(folder.PathOf));
        void Write()
        {
            if (!manifest.IsUpToDate(inputs))
                manifest.Write(ManifestText.Of(folder.ReadHeaders(weights)), inputs);
        }

        Ship(item, name, path, Write, folder.RuntimeFiles(weights).Select(file => (folder.PathOf(file), file)));
    }

    // The header's texts stand beside the manifest.
    private void AddGguf(ITaskItem item, GgufSource gguf, string name, string path, ManifestFile manifest)
    {
        if (Flag(item, "Embed", false) && gguf.Length > MaxEmbedded)
            throw TooLong(gguf.File, gguf.Length);
        var inputs = ManifestFile.Inputs([gguf.Path]);
        void Write()
        {
            if (manifest.IsUpToDate(inputs))
                return;
            var texts = gguf.Read();
            foreach (var file in GgufSource.Texts)
                manifest.Put(file, texts.Find(text => text.File == file).Text);
            manifest.Write(texts.Single(text => text.File == FolderNames.Manifest).Text, inputs);
        }

        var folder = new HubFolder(Path.GetDirectoryName(gguf.Path)!);
        Ship(item, name, path, Write, gguf.IsItem ? [(gguf.Path, "")] : folder.RuntimeFiles([gguf.File]).Select(file => (folder.PathOf(file), file)), gguf.File);
        foreach (var text in GgufSource.Texts.Where(text => File.Exists(manifest.PathOf(text))))
        {
            manifest.Own(text);
            AddForCompiler(manifest.PathOf(text), name, text);
        }
    }

    // What the program gets. Embedded, a model that is one file has that file's name.
    private void Ship(ITaskItem item, string name, string path, Action write, IEnumerable<(string Source, string File)> files, string embedded = "")
    {
        var copy = Flag(item, "Copy", true);
        var embed = Flag(item, "Embed", false);
        var pack = Flag(item, "Pack", true);
        var shipped = FolderNames.Shipped(name);
        var place = FolderNames.Beside(name);
        TakePlace(embed ? FolderNames.Resource(shipped, "") : place, path, embed, embed || copy);
        TakePlace("name: " + shipped, path, embed, embed || copy, shipped); // By which the class finds the embedded folder before any other.
        write();

        foreach (var (source, file) in files)
        {
            var target = embed ? FolderNames.Resource(shipped, file.Length == 0 ? embedded : file) : ModelClaim.In(place, file);
            if (!_files.Add(embed || copy ? target : "not copied: " + target))
                continue;
            if (embed)
            {
                _embeddedFiles.Add(Items.Of(source, ("LogicalName", target)));
                _compiled.Add(State(source));
                continue;
            }

            _modelFiles.Add(ModelClaim.Item(source, Assembly, place, file, path, copy));
            if (!copy)
                continue;
            _copiedFiles.Add(Items.Of(source, ("Link", target)));
            if (pack)
                _packed.Add((source, place, file));
        }
    }

    // Folders from elsewhere go under their last name, which others may have.
    private void TakePlace(string target, string path, bool embed, bool goes, string? shown = null)
    {
        if (!_targets.TryGetValue(target, out var other))
            _targets.Add(target, path);
        else if (!Paths.Comparer.Equals(other, path))
            throw new ProblemException($"it {(embed ? "goes into the program" : goes ? "goes beside the program" : "is looked for")} as {shown ?? target.TrimEnd('/')}, where another AttnGenModel of the project ({other}) goes, too; give one of the folders another name, or one of the items a Name=\"…\", by which attribute and program then know it.");
    }

    private string FullPath(string folder)
    {
        try
        {
            return Path.GetFullPath(Path.Combine(ProjectFolder, folder));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or PathTooLongException)
        {
            return folder; // No path at all: said where it is used.
        }
    }

    private static string State(string path) => $"{path}|{FileBytes.State(path)}\n";

    private void Refuse(ManifestFile manifest, ProblemException problem)
    {
        manifest.Write(ManifestText.OfProblem(problem), inputs: null);
        Log.LogMessage(MessageImportance.Normal, problem.Message);
    }

    private void AddForCompiler(string path, string name, string file) => _compilerFiles.Add(Items.Of(path, ("AttnGenModel", FolderNames.ToOption(name)), ("AttnGenFile", file)));

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
            throw new ProblemException($"the folder has its weights in {weights.Count(file => !file.Contains('/'))} shards, and Embed=\"true\" of AttnGenModel takes one {FolderNames.Weights} only; remove Embed, and the files are copied beside the program.");
        foreach (var file in weights.Where(file => folder.LengthOf(file) > MaxEmbedded))
            throw TooLong(file, folder.LengthOf(file));
    }

    private static ProblemException TooLong(string file, long length) =>
        new($"{file} has {length} bytes, and Embed=\"true\" of AttnGenModel takes at most {MaxEmbedded.ToString(CultureInfo.InvariantCulture)}, the limit of an assembly; remove Embed, and the file is copied beside the program.");
}
