using AttnGen.Folders;
using AttnGen.Generator.Json;
using AttnGen.Gguf;

namespace AttnGen.Build;

/// <summary>A GGUF file as a model: the file itself, or the only one of a folder without config.json. Its header becomes the texts that a hub's folder has.</summary>
internal sealed class GgufSource
{
    private const string TokensFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";

    /// <summary>The texts for the compiler, beside the manifest. The last two are of files that have tokens, and a template.</summary>
    public static readonly string[] Texts = ["config.json", FolderNames.GgufNames, TokensFile, TemplateFile];

    private GgufSource(string path, bool isItem)
    {
        Path = path;
        IsItem = isItem;
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>The file's name.</summary>
    public string File => System.IO.Path.GetFileName(Path);

    /// <summary>Whether the project names the file, and not its folder.</summary>
    public bool IsItem { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length => new FileInfo(Path).Length;

    /// <summary>The GGUF file that a path means; null: it is a folder of another kind.</summary>
    /// <exception cref="ProblemException">There is no such file, or the folder has several.</exception>
    public static GgufSource? Find(string path)
    {
        if (System.IO.File.Exists(path) && (FolderNames.IsGguf(path) || HasMagic(path)))
            return new GgufSource(path, isItem: true);
        if (!Directory.Exists(path))
        {
            return FolderNames.IsGguf(path)
                ? throw new ProblemException($"there is no such file (looked for it at {path}); put the model there, or correct the Include of AttnGenModel, which counts from the project's folder.")
                : null;
        }

        if (new[] { "config.json", FolderNames.Weights, FolderNames.Index }.Any(file => System.IO.File.Exists(System.IO.Path.Combine(path, file))))
            return null;
        string[] files = [.. Directory.GetFiles(path).Where(FolderNames.IsGguf).OrderBy(file => file, StringComparer.Ordinal)];
        return files.Length == 0 ? null : files.Length == 1 ? new GgufSource(files[0], isItem: false)
            : throw new ProblemException($"the folder holds {files.Length} GGUF files, the first are {ForeignText.Quote(System.IO.Path.GetFileName(files[0]))} and {ForeignText.Quote(System.IO.Path.GetFileName(files[1]))}; name the file itself in the place of the folder.");
    }

    /// <summary>What the compiler is given of the header, by the names that it would have in a folder; the manifest is among it.</summary>
    /// <exception cref="ProblemException">The file is malformed, or is not supported.</exception>
    public List<(string File, string Text)> Read()
    {
        try
        {
            using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var header = GgufHeader.Read(stream, File);
            var map = GgufMap.Of(header);
            var (config, names) = GgufConfig.Make(header, map.Row, tensor => Numbers(stream, tensor));
            var tensors = map.TensorNames.Select(name => (Name: name, Tensor: map.Find(name)!))
                .Select(tensor => new TensorFacts(tensor.Name, tensor.Tensor.Source.Type.Name, [.. tensor.Tensor.Shape.Select(GgufConfig.Text)])).ToList();
            var tokens = GgufTokens.Read(header, stream);
            List<(string, string)> texts =
            [
                ("config.json", config),
                (FolderNames.GgufNames, ManifestText.OfPairs([("config.json", File), .. names.Select(name => (name.Key, name.Value)), .. map.NamePairs()])),
                (FolderNames.Manifest, ManifestText.Of([(File, tensors)])),
            ];
            if (tokens is not null)
                texts.Add((TokensFile, tokens.Config(withTemplate: false)));
            if (tokens?.Template is { } template)
                texts.Add((TemplateFile, template));
            return texts;
        }
        catch (GgufProblem e)
        {
            throw new ProblemException(e.Message) { IsUnsupported = e.IsUnsupported };
        }
    }

    private static bool HasMagic(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return "GGUF".All(c => stream.ReadByte() == c);
    }

    private static float[] Numbers(FileStream stream, GgufTensor tensor)
    {
        var bytes = new byte[(int)tensor.Bytes];
        stream.Position = tensor.Begin;
        for (int have = 0; have < bytes.Length;)
        {
            int read = stream.Read(bytes, have, bytes.Length - have);
            if (read == 0)
                throw new EndOfStreamException();
            have += read;
        }

        var numbers = new float[bytes.Length / sizeof(float)];
        Buffer.BlockCopy(bytes, 0, numbers, 0, bytes.Length);
        return numbers;
    }
}
