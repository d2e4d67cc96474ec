extern alias build;

using AttnGen.Folders;
using build::AttnGen.Build;

namespace AttnGen.Tool;

/// <summary>What the compiler is given of a model's folder: the files and the manifest that the build would hand over, made by the build's own reader.</summary>
internal sealed class ModelDirectory
{
    private const long MaxTextLength = 100_000_000;

    private ModelDirectory(string path, string name, IReadOnlyList<ModelText> texts, string? noWeights, IReadOnlyList<string> weightFiles)
    {
        Path = path;
        Name = name;
        Texts = texts;
        NoWeights = noWeights;
        WeightFiles = weightFiles;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>The folder in messages and in the attribute: as it was typed.</summary>
    public string Name { get; }

    /// <summary>The compiler's additional files.</summary>
    public IReadOnlyList<ModelText> Texts { get; }

    /// <summary>Why there are no weights to load, or null. (Then the configuration is checked alone, or against a manifest.json of the folder.)</summary>
    public string? NoWeights { get; }

    /// <summary>The files that hold weights.</summary>
    public IReadOnlyList<string> WeightFiles { get; }

    /// <summary>Bytes of the weight files.</summary>
    public long WeightFileBytes => File.Exists(Path) ? new FileInfo(Path).Length : WeightFiles.Sum(file => new FileInfo(System.IO.Path.Combine(Path, file)).Length);

    /// <summary>Reads a folder. What is wrong with its files is for the generator to say.</summary>
    /// <exception cref="ToolException">There is no such folder, or it may not be read.</exception>
    public static ModelDirectory Read(ModelRequest request)
    {
        var typed = request.Folder;
        var path = System.IO.Path.GetFullPath(typed);
        if (File.Exists(path) && !FolderNames.IsGguf(path))
            throw new ToolException($"'{typed}' is a file; give the folder that holds config.json and model.safetensors, or a GGUF file.");
        if (!File.Exists(path) && !Directory.Exists(path))
            throw new ToolException($"There is no {(FolderNames.IsGguf(path) ? "file" : "folder")} '{typed}'; give the folder that holds config.json and model.safetensors, or a GGUF file.");
        var name = NameOf(typed, path);
        try
        {
            return Read(request, path, name);
        }
        catch (Exception e) when (HubFolder.IsUnreadable(e))
        {
            throw new ToolException($"'{typed}' {HubFolder.Unreadable(e)}");
        }
    }

    private static ModelDirectory Read(ModelRequest request, string path, string name)
    {
        try
        {
            if (GgufSource.Find(path) is { } gguf)
                return OfGguf(request, gguf, path, name);
        }
        catch (ProblemException e)
        {
            return new ModelDirectory(path, name, [new ModelText(name, FolderNames.Manifest, ManifestText.OfProblem(e))], e.Message, []);
        }

        var folder = new HubFolder(path);
        string? noWeights = null, manifest;
        string[] weights = [];
        var hasManifest = false;
        try
        {
            weights = folder.WeightFiles();
            manifest = ManifestText.Of(folder.ReadHeaders(weights));
        }
        catch (ProblemException e)
        {
            // A folder without any weights may hold a manifest of them, or its configuration alone.
            var anyWeights = weights.Length > 0 || Directory.EnumerateFiles(path, "*.safetensors").Any(file => !System.IO.Path.GetFileName(file).StartsWith("golden", StringComparison.OrdinalIgnoreCase));
            hasManifest = !anyWeights && folder.Has(FolderNames.Manifest);
            manifest = hasManifest ? Text(folder.PathOf(FolderNames.Manifest), FolderNames.Manifest)
                : anyWeights || folder.IsSharded || (request.Config is null && !folder.Has("config.json") && folder.Foreign() is not null) ? ManifestText.OfProblem(e.Message) // what the folder is, if no model
                : null;
            noWeights = anyWeights ? null : e.Message;
            weights = [];
        }

        var texts = folder.CompilerFiles()
            .Where(file => request.Config is null || file != "config.json")
            .Select(file => new ModelText(name, file, Text(folder.PathOf(file), file)))
            .ToList();
        if (request.Config is { } config)
        {
            var file = File.Exists(config) ? config : System.IO.Path.Combine(path, config);
            if (!File.Exists(file))
                throw new ToolException($"There is no file '{config}', neither here nor in '{request.Folder}'; give an existing file to --config, or leave it out.");
            texts.Add(new ModelText(name, "config.json", Text(file, config)));
        }

        if (hasManifest && folder.Has(FolderNames.Index) && !texts.Exists(text => text.Name == FolderNames.Index))
            texts.Add(new ModelText(name, FolderNames.Index, Text(folder.PathOf(FolderNames.Index), FolderNames.Index)));
        if (manifest is not null)
            texts.Add(new ModelText(name, FolderNames.Manifest, manifest));
        return new ModelDirectory(path, name, texts, noWeights, weights);
    }

    // The header's texts, and of a folder with a GGUF file nothing else.
    private static ModelDirectory OfGguf(ModelRequest request, GgufSource gguf, string path, string name)
    {
        if (request.Config is not null)
            throw new ToolException("--config is for folders, and this is a GGUF file, whose configuration is in the file; leave it out.");
        return new ModelDirectory(path, name, [.. gguf.Read().Select(text => new ModelText(name, text.File, text.Text))], null, [gguf.File]);
    }

    private static string Text(string path, string file) =>
        new FileInfo(path).Length is var length && length > MaxTextLength
            ? throw new ToolException($"{file} has {length} bytes, at most {MaxTextLength} are expected; fetch the file again.")
            : File.ReadAllText(path);

    // "." says nothing in a message.
    private static string NameOf(string typed, string path)
    {
        var name = FolderNames.Normal(typed);
        var last = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path));
        return name.Length == 0 || name.Split('/').All(part => part is "." or ".." or "") ? (last.Length > 0 ? last : path) : name;
    }
}
