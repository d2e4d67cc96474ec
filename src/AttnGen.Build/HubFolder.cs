using AttnGen.Generator.Json;

namespace AttnGen.Build;

/// <summary>A folder as a model hub publishes it: which of its files count, and what their headers say.</summary>
internal sealed class HubFolder
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    /// <summary>Where sentence-transformers keeps the longest text; older versions named the file after the architecture.</summary>
    private static readonly string[] s_sentence =
    [
        "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json", "sentence_camembert_config.json",
        "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
    ];

    /// <summary>What the compiler reads besides the manifest (and the index, if the weights are in shards).</summary>
    private static readonly string[] s_configurations = ["config.json", "1_Pooling/config.json", "modules.json", .. s_sentence];

    /// <summary>What the program may need besides the weights (and their index).</summary>
    private static readonly string[] s_runtimeFiles =
    [
        "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "merges.txt", "vocab.json",
        "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "preprocessor_config.json", "modules.json",
        "1_Pooling/config.json", "config_sentence_transformers.json", .. s_sentence,
    ];

    private const int MaxIndexLength = 100_000_000;

    private readonly string _path;

    /// <param name="path">The full path. Messages do not repeat it: they stand behind the folder that the attribute names.</param>
    public HubFolder(string path) => _path = path;

    public bool Exists => Directory.Exists(_path);

    /// <summary>The full path of a file; its name has slashes.</summary>
    public string PathOf(string file) => Path.Combine(_path, file.Replace('/', Path.DirectorySeparatorChar));

    public bool Has(string file) => File.Exists(PathOf(file));

    /// <summary>Whether the weights are in shards. A single file wins where there are both, as everywhere else.</summary>
    public bool IsSharded => !Has(SingleFile) && Has(IndexFile);

    /// <summary>The files for the compiler that are there.</summary>
    public IEnumerable<string> CompilerFiles() => (IsSharded ? s_configurations.Append(IndexFile) : s_configurations).Where(Has);

    /// <summary>The files for the program that are there.</summary>
    /// <param name="weights">The files of weights.</param>
    public IEnumerable<string> RuntimeFiles(IEnumerable<string> weights) =>
        weights.Concat(IsSharded ? s_runtimeFiles.Append(IndexFile) : s_runtimeFiles).Where(Has);

    /// <summary>The names of the files that hold the weights, in ordinal order; each is there.</summary>
    /// <exception cref="ProblemException">There are none, or not all that there should be.</exception>
    public string[] WeightFiles()
    {
        if (!Exists)
            throw new ProblemException($"there is no such folder (looked for it at {_path}); put the model there, or correct the Include of AttnGenModel, which counts from the project's folder.");
        if (Has(SingleFile))
            return [SingleFile];
        if (!Has(IndexFile))
            throw new ProblemException(NoWeights());
        var shards = Shards();
        foreach (var shard in shards)
        {
            if (!Has(shard))
                throw new ProblemException($"{IndexFile} names the shard {shard}, which is not in the folder; fetch that file, too.");
        }

        return shards;
    }

    /// <summary>Reads the header of each file.</summary>
    public List<(string File, List<TensorFacts> Tensors)> ReadHeaders(IEnumerable<string> files) =>
        [.. files.Select(file => (file, HeaderReader.Read(PathOf(file), file)))];

    public long LengthOf(string file) => new FileInfo(PathOf(file)).Length;

    private string[] Shards()
    {
        if (LengthOf(IndexFile) is var length && length > MaxIndexLength)
            throw new ProblemException($"{IndexFile} has {length} bytes, at most {MaxIndexLength} are expected; fetch the file again.");
        var root = ForeignJson.Parse(File.ReadAllBytes(PathOf(IndexFile)), mayHaveMark: true, what => new ProblemException($"{IndexFile} is {what}; fetch the file again."));
        if (root["weight_map"] is not { Kind: JsonKind.Object, Members.Count: > 0 } map)
            throw new ProblemException($"{IndexFile} has no weight_map, an object of tensor names and shards is expected; fetch the file again.");
        var shards = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var member in map.Members)
        {
            if (member.Value.Kind != JsonKind.String)
                throw new ProblemException($"{IndexFile} sends tensor {Show.Quote(member.Key)} to {member.Value.Show()}, the name of a file is expected; fetch the file again.");
            var shard = member.Value.Text;
            if (!IsFileName(shard) || !shard.EndsWith(".safetensors", StringComparison.Ordinal))
                throw new ProblemException($"{IndexFile} sends tensor {Show.Quote(member.Key)} to {Show.Quote(shard)}, the name of a safetensors file in the same folder is expected; fetch the file again.");
            shards.Add(shard);
        }

        return [.. shards];
    }

    // The index is foreign: it must not lead out of the folder.
    private static bool IsFileName(string name) => name.Length < 256 && !name.Any(c => c < ' ' || char.IsSurrogate(c) || "/\\:*?\"<>|".IndexOf(c) >= 0);

    private string NoWeights()
    {
        var names = Directory.GetFiles(_path).Select(Path.GetFileName).OrderBy(name => name, StringComparer.Ordinal).ToArray();
        string? Find(params string[] endings) => Array.Find(names, name => Array.Exists(endings, end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)));

        string? pickle = Find("pytorch_model.bin", ".bin", ".pt", ".pth");
        // golden.safetensors is what verify compares with, not a model.
        if (Array.Find(names, name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("golden", StringComparison.OrdinalIgnoreCase)) is { } other
            && (pickle != "pytorch_model.bin" || other.Contains("-of-")))
        {
            return other.Contains("-of-")
                ? $"the folder holds {Show.Quote(other)}, a shard, but no {IndexFile}, which says what is in which shard; fetch that file, too."
                : $"the folder holds {Show.Quote(other)} but no {SingleFile}; if it is the model, rename it.";
        }

        if (pickle is not null && pickle != "training_args.bin")
        {
            return $"the folder holds {Show.Quote(pickle)} but no {SingleFile}, and only safetensors are read; fetch {SingleFile} from the model's page, "
                + "or convert it in the folder with Python: import torch, safetensors.torch as s; "
                + $"s.save_file({{k: v.clone().contiguous() for k, v in torch.load('{pickle}', weights_only=True).items()}}, '{SingleFile}', {{'format': 'pt'}}).";
        }

        return Find(".h5", ".msgpack", ".onnx", ".gguf", ".ckpt", ".tflite") is { } foreign
            ? $"the folder holds {Show.Quote(foreign)} but no {SingleFile}, and only safetensors are read; fetch {SingleFile} from the model's page."
            : $"the folder holds no {SingleFile} (and no {IndexFile}); fetch it from the model's page.";
    }
}
