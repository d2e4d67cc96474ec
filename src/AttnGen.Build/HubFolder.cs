using AttnGen.Folders;
using AttnGen.Generator.Json;

namespace AttnGen.Build;

/// <summary>A folder as a model hub publishes it: which of its files count, and what their headers say.</summary>
internal sealed class HubFolder
{
    private const int MaxIndexLength = 100_000_000;

    private readonly string _path;

    /// <param name="path">The full path. Messages do not repeat it: they stand behind the folder that the attribute names.</param>
    public HubFolder(string path) => _path = path;

    public bool Exists => Directory.Exists(_path);

    /// <summary>The full path of a file; its name has slashes.</summary>
    public string PathOf(string file) => Path.Combine(_path, file.Replace('/', Path.DirectorySeparatorChar));

    public bool Has(string file) => File.Exists(PathOf(file));

    /// <summary>Whether the weights are in shards. A single file wins where there are both, as everywhere else.</summary>
    public bool IsSharded => !Has(FolderNames.Weights) && Has(FolderNames.Index);

    /// <summary>The files for the compiler that are there, without the manifest.</summary>
    public IEnumerable<string> CompilerFiles() => WithIndex(WithTemplates(WithModules(HubFiles.For(ReadBy.Compiler))));

    /// <summary>The files for the program that are there.</summary>
    /// <param name="weights">The files of weights.</param>
    public IEnumerable<string> RuntimeFiles(IEnumerable<string> weights) => WithIndex(weights.Concat(WithTemplates(WithModules(HubFiles.All.Select(file => file.Name)))));

    // Poolings and the like may lie in folders of any name.
    private IEnumerable<string> WithModules(IEnumerable<string> files) =>
        Has(ModuleFolders.File) ? files.Concat(ModuleFolders.Configs(File.ReadAllText(PathOf(ModuleFolders.File)))).Distinct(StringComparer.Ordinal) : files;

    private IEnumerable<string> WithTemplates(IEnumerable<string> files) =>
        Directory.Exists(PathOf(TemplateFiles.Folder))
            ? files.Concat(Directory.GetFiles(PathOf(TemplateFiles.Folder), "*" + TemplateFiles.Extension).Select(file => $"{TemplateFiles.Folder}/{Path.GetFileName(file)}").OrderBy(name => name, StringComparer.Ordinal))
            : files;

    private IEnumerable<string> WithIndex(IEnumerable<string> files) => (IsSharded ? files.Append(FolderNames.Index) : files).Where(Has);

    /// <summary>The names of the files that hold the weights, in ordinal order; each is there.</summary>
    /// <exception cref="ProblemException">There are none, or not all that there should be.</exception>
    public string[] WeightFiles()
    {
        if (!Exists)
            throw new ProblemException($"there is no such folder (looked for it at {_path}); put the model there, or correct the Include of AttnGenModel, which counts from the project's folder.");
        if (Has(FolderNames.Weights))
            return [FolderNames.Weights, .. ModuleWeights()];
        if (!Has(FolderNames.Index))
            throw new ProblemException(NoWeights());
        var shards = Shards();
        foreach (var shard in shards)
        {
            if (!Has(shard))
                throw new ProblemException($"{FolderNames.Index} names the shard {shard}, which is not in the folder; fetch that file, too.");
        }

        return [.. shards, .. ModuleWeights()];
    }

    // Dense modules have weights of their own, each in its folder.
    private IEnumerable<string> ModuleWeights()
    {
        if (!Has(ModuleFolders.File))
            yield break;
        foreach (var module in ModuleFolders.WithWeights(File.ReadAllText(PathOf(ModuleFolders.File))))
        {
            var file = $"{module}/{FolderNames.Weights}";
            if (!Has(file))
                throw new ProblemException($"modules.json names the module 'Dense', but {file} is not there; {(Has($"{module}/pytorch_model.bin") ? $"there is {module}/pytorch_model.bin, and only safetensors are read: load the folder once with sentence-transformers and save it, which writes that file" : "fetch that file, too")}.");
            yield return file;
        }
    }

    /// <summary>Whether an exception says that a file of the folder cannot be read.</summary>
    public static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;

    /// <summary>What it says, to stand behind the folder's name: a link whose file is gone, a lock, a right that is missing.</summary>
    public static string Unreadable(Exception e) =>
        e is FileNotFoundException or DirectoryNotFoundException
            ? $"has a file that leads nowhere: {e.Message.TrimEnd('.')}; it is a link whose file is gone, so fetch that file again."
            : $"cannot be read: {e.Message.TrimEnd('.')}; close what uses it, allow this user to read it, or fetch it again.";

    /// <summary>Reads the header of each file.</summary>
    public List<(string File, List<TensorFacts> Tensors)> ReadHeaders(IEnumerable<string> files) =>
        [.. files.Select(file => (file, HeaderReader.Read(PathOf(file), file)))];

    public long LengthOf(string file) => new FileInfo(PathOf(file)).Length;

    private string[] Shards()
    {
        if (LengthOf(FolderNames.Index) is var length && length > MaxIndexLength)
            throw new ProblemException($"{FolderNames.Index} has {length} bytes, at most {MaxIndexLength} are expected; fetch the file again.");
        var root = ForeignJson.Parse(File.ReadAllBytes(PathOf(FolderNames.Index)), mayHaveMark: true, what => new ProblemException($"{FolderNames.Index} is {what}; fetch the file again."));
        if (root["weight_map"] is not { Kind: JsonKind.Object, Members.Count: > 0 } map)
            throw new ProblemException($"{FolderNames.Index} has no weight_map, an object of tensor names and shards is expected; fetch the file again.");
        var shards = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var member in map.Members)
        {
            if (member.Value.Kind != JsonKind.String)
                throw new ProblemException($"{FolderNames.Index} sends tensor {ForeignText.Quote(member.Key)} to {member.Value.Show()}, the name of a file is expected; fetch the file again.");
            var shard = member.Value.Text;
            if (!IsFileName(shard) || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new ProblemException($"{FolderNames.Index} sends tensor {ForeignText.Quote(member.Key)} to {ForeignText.Quote(shard)}, the name of a safetensors file in the same folder is expected; fetch the file again.");
            shards.Add(shard);
        }

        return [.. shards];
    }

    // The index is foreign: it must not lead out of the folder.
    private static bool IsFileName(string name) => name.Length < 256 && !name.Any(c => c < ' ' || char.IsSurrogate(c) || "/\\:*?\"<>|".IndexOf(c) >= 0);

    /// <summary>What a folder is that is no transformer's, or has its weights in another form, and what to do; null: nothing of the kind.</summary>
    public string? Foreign() =>
        ForeignFolders.Holds([.. Directory.GetFiles(_path).Select(Path.GetFileName)!, .. SubfolderNames()], FolderNames.Weights) is { } known ? $"the folder {known}."
        : FirstModule() is { } module && ForeignFolders.OfModule(module.Type, module.Path) is { } sentence ? sentence + "."
        : null;

    // Exports are in subfolders as often as not ("onnx/model.onnx").
    private IEnumerable<string> SubfolderNames() =>
        Directory.GetDirectories(_path).OrderBy(folder => folder, StringComparer.Ordinal)
            .SelectMany(folder => Directory.GetFiles(folder).Select(file => Path.GetFileName(folder) + "/" + Path.GetFileName(file)));

    private (string Type, string Path)? FirstModule()
    {
        if (!Has(ModuleFolders.File) || LengthOf(ModuleFolders.File) > MaxIndexLength)
            return null;
        try
        {
            return ModuleFolders.First(ForeignJson.Parse(File.ReadAllBytes(PathOf(ModuleFolders.File)), mayHaveMark: true, what => new ProblemException(what)));
        }
        catch (ProblemException)
        {
            return null; // What is wrong with it is said where it is read.
        }
    }

    private string NoWeights() => Foreign() ?? $"the folder {ForeignFolders.HoldsOther([.. Directory.GetFiles(_path).Select(Path.GetFileName)!])}.";
}
