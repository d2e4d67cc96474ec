using System.Globalization;
using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>
/// What makes a vector of hidden states: modules.json and the configurations that it names. The compiler makes the class of it; AttnGen.Embeddings holds another folder's against it, because nothing of
/// it can be followed any more when the program runs.
/// </summary>
internal sealed class SentenceModules
{
    public const string File = "modules.json";

    private const string Supported = "'Transformer', 'Pooling', 'Dense', 'Dropout', 'Normalize'";

    private readonly List<SentenceDense> _dense = [];
    private readonly Func<string, string?> _open;
    private readonly SentenceVersion _version;
    private readonly List<SentenceProblem> _problems;

    private SentenceModules(Func<string, string?> open, SentenceVersion version, List<SentenceProblem> problems)
    {
        _open = open;
        _version = version;
        _problems = problems;
    }

    /// <summary>Whether there is a list of modules. Without one the library reads no file of its own, and makes the mean.</summary>
    public bool IsListed { get; private set; }

    /// <summary>The poolings, side by side, by the names of the public enum Pooling; none: hidden states are not pooled, or how was not understood.</summary>
    public IReadOnlyList<string> Pooling { get; private set; } = [];

    /// <summary>Maps of the vector after the pooling, in their order.</summary>
    public IReadOnlyList<SentenceDense> Dense => _dense;

    /// <summary>Whether vectors are scaled to length 1.</summary>
    public bool Normalize { get; private set; }

    /// <summary>What it means, however the files write it; empty: nothing that counts is said.</summary>
    /// <param name="isPooled">Whether the class says how its hidden states are pooled.</param>
    /// <param name="isNormalized">Whether the class says if its vectors are scaled to length 1.</param>
    public string Description(bool isPooled, bool isNormalized)
    {
        var parts = new List<string>();
        if (IsListed && !isPooled)
            parts.Add("pooling " + (Pooling.Count == 0 ? "none" : string.Join(" and ", Pooling)));
        parts.AddRange(_dense.Select(dense => $"{dense} in {dense.Folder}"));
        if (Normalize && !isNormalized)
            parts.Add("length 1");
        return string.Join(", ", parts);
    }

    /// <param name="open">A file's text by its path in the folder; null: it is not there.</param>
    /// <param name="config">The folder's config_sentence_transformers.json.</param>
    /// <param name="input">The folder's sentence_bert_config.json.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="isPooled">Whether the class says how its hidden states are pooled: then the folder need not, and what it says does not count.</param>
    public static SentenceModules Read(Func<string, string?> open, SentenceConfig config, SentenceInput input, List<SentenceProblem> problems, bool isPooled = false)
    {
        var read = new SentenceModules(open, config.Version, problems);
        if (open(File) is null)
        {
            read.Pooling = [SentencePooling.Mean];
            return read;
        }

        read.IsListed = true;
        if (KeyedObject.Parse(open, File, problems) is { } modules)
            read.Read(modules, config, input, isPooled);
        return read;
    }

    private void Read(JsonValue modules, SentenceConfig config, SentenceInput input, bool isPooled)
    {
        int before = _problems.Count;
        string? pooling = List(modules);
        if (_problems.Count == 0 && pooling is null && !isPooled && !input.GivesScores && !config.IsCrossEncoder)
            _problems.Add(new(SentenceFault.Unsupported, "modules.json has no module 'Pooling', so it makes no vector of a text; supported is 'Pooling' after 'Transformer' (or say at the class how to pool: pooling: Pooling.Mean)"));
        if (pooling is not null && input.GivesScores)
            _problems.Add(new(SentenceFault.Unsupported, "modules.json: the module 'Pooling' pools hidden states, but sentence_bert_config.json says by its transformer_task 'sequence-classification' that there are none; supported is 'feature-extraction' before 'Pooling'"));
        if (pooling is null || isPooled)
            return;
        if (_open(pooling) is null && _problems.Count == before)
            _problems.Add(new(SentenceFault.File, $"modules.json names the module 'Pooling', but {pooling} is not there, which says how to pool; fetch that file, too"));
        if (Settings(pooling, SentenceKeys.Pooling) is { } how)
            Pooling = SentencePooling.Read(how, _version);
    }

    /// <summary>The modules in their order: the transformer, then pooling, then maps of the vector, then whether vectors are scaled to length 1. Dropout does nothing once a model is trained.</summary>
    /// <returns>The pooling's configuration.</returns>
    private string? List(JsonValue modules)
    {
        if (modules.Kind != JsonKind.Array || modules.Items.Count == 0)
        {
            _problems.Add(new(SentenceFault.Wrong, $"modules.json is {modules.Show()}, but must be a list of modules"));
            return null;
        }

        string? pooling = null;
        int at = 0;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < modules.Items.Count; i++)
        {
            if (KeyedObject.Of($"modules.json: module {Number(i + 1)}", SentenceKeys.Module, modules.Items[i], _problems) is not { } module || Missing(module))
                continue;
            if (module.Text("name") is { } label && !taken.Add(label))
                module.Report(SentenceFault.Wrong, $"name is {KeyedObject.Quote(label)}, as another module's, which it would replace");
            module.Only("kwargs", value => value.Kind == JsonKind.Null || (value.Kind == JsonKind.Array && value.Items.All(item => item.Kind == JsonKind.String)), "is a list of names");
            if (module.Text("type") is not { } type || module.Text("path") is not { } path)
                continue;
            string name = type.Substring(type.LastIndexOf('.') + 1);
            if (!type.StartsWith("sentence_transformers.", StringComparison.Ordinal))
            {
                module.Report(SentenceFault.Unsupported, $"type {KeyedObject.Quote(type)} is code of another package, which is not supported; supported are sentence_transformers' own {Supported}");
                continue;
            }

            string? file = ModulePath.Config(path);
            if (name == "Dropout" && at > 0)
            {
                Settings(file, SentenceKeys.Dropout);
                continue;
            }

            bool fits = name switch { "Transformer" => at == 0 && path.Length == 0, "Pooling" => at == 1 && file is not null, "Normalize" => at >= 1, "Dense" => pooling is not null && !Normalize && file is not null, _ => false };
            if (fits && name == "Pooling")
                pooling = file;
            if (fits && name == "Normalize")
            {
                Normalize = true;
                if (Settings(file, SentenceKeys.Normalize) is { } settings)
                    OfSentences(settings);
            }

            if (fits && name == "Dense")
            {
                if (_open(file!) is null)
                    _problems.Add(new(SentenceFault.File, $"modules.json names the module 'Dense', but {file} is not there, which says what it maps; fetch that file, too"));
                else if (Settings(file, SentenceKeys.Dense) is { } map && SentenceDense.Read(ModulePath.Folder(path)!, map, _version) is { } dense)
                    _dense.Add(dense);
            }

            at++;
            if (!fits)
            {
                string supported = name switch
                {
                    "Transformer" => "supported is the folder itself ('') at place 1",
                    "Pooling" => "supported is a folder in the model's at place 2, after 'Transformer'",
                    "Dense" => "supported is a folder in the model's after 'Transformer' and 'Pooling', and before 'Normalize'",
                    "Normalize" => "supported is 'Normalize' after 'Transformer' and 'Pooling'",
                    _ => $"supported are {Supported}",
                };
                _problems.Add(new(SentenceFault.Unsupported, $"modules.json: the module {KeyedObject.Quote(name)} in {KeyedObject.Quote(path)} at place {Number(at)} is not supported; {supported}"));
                break; // What comes after it would only seem to be at a wrong place.
            }
        }

        return pooling;
    }

    /// <summary>Other modules than the pooling may be told to read and write something else than the vector, which is refused.</summary>
    public static void OfSentences(KeyedObject settings)
    {
        settings.Only("module_input_name", value => value.Kind == JsonKind.String && value.Text == "sentence_embedding", "is 'sentence_embedding'");
        settings.Only("module_output_name", value => value.Kind == JsonKind.Null || (value.Kind == JsonKind.String && value.Text == "sentence_embedding"), "is 'sentence_embedding'");
    }

    private KeyedObject? Settings(string? file, string section) =>
        file is not null && KeyedObject.Parse(_open, file, _problems) is { } root ? KeyedObject.Of(file, section, root, _problems) : null;

    private static bool Missing(KeyedObject module)
    {
        bool missing = false;
        foreach (string key in new[] { "type", "path" })
        {
            if (!module.Has(key))
            {
                module.Report(SentenceFault.Wrong, $"{key} is missing");
                missing = true;
            }
        }

        return missing;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
