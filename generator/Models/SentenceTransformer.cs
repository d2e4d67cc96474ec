using AttnGen.Folders;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;
using AttnGen.Sentences;

namespace AttnGen.Generator.Models;

/// <summary>What sentence-transformers keeps beside a model: pooling, normalisation, the longest text.</summary>
internal sealed record SentenceTransformer(EquatableArray<string> Pooling, bool Normalize, int MaxSequence)
{
    private const string UsualPooling = "1_Pooling/config.json";

    // Both spellings: "pooling_mode", or a flag for each mode. All that are true stand side by side, in this order.
    private static readonly (string Flag, string Name, PoolingKind Kind)[] s_modes =
    [
        ("pooling_mode_cls_token", "cls", PoolingKind.FirstToken),
        ("pooling_mode_max_tokens", "max", PoolingKind.Max),
        ("pooling_mode_mean_tokens", "mean", PoolingKind.Mean),
        ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens", PoolingKind.MeanSqrtLength),
        ("pooling_mode_weightedmean_tokens", "weightedmean", PoolingKind.WeightedMean),
        ("pooling_mode_lasttoken", "lasttoken", PoolingKind.LastToken),
    ];

    /// <param name="files">The folder.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="isPooled">Whether the class says how its vectors are made: then the folder need not.</param>
    public static SentenceTransformer Read(FolderFiles files, List<Problem> problems, bool isPooled = false)
    {
        var found = new List<SentenceProblem>();
        var config = SentenceConfig.Read(files.Text, found);
        var input = SentenceInput.Read(files.Text, config.Version, found);
        string? pooling = UsualPooling;
        bool normalize = false;
        if (KeyedObject.Parse(files.Text, ModuleFolders.File, found) is { } modules)
        {
            int before = found.Count;
            (pooling, normalize) = Modules(files, modules, found);
            if (found.Count == 0 && pooling is null && !isPooled && !input.GivesScores && !config.IsCrossEncoder)
                found.Add(new(SentenceFault.Unsupported, "modules.json has no module 'Pooling', so it makes no vector of a text; supported is 'Pooling' after 'Transformer' (or say at the class how to pool: pooling: Pooling.Mean)"));
            if (found.Count == before && pooling is not null && !isPooled && files.Text(pooling) is null)
                found.Add(new(SentenceFault.File, $"modules.json names the module 'Pooling', but {pooling} is not there, which says how to pool; fetch that file, too"));
        }

        if (pooling is not null && files.Text(ModuleFolders.File) is not null && input.GivesScores)
            found.Add(new(SentenceFault.Unsupported, "modules.json: the module 'Pooling' pools hidden states, but sentence_bert_config.json says by its transformer_task 'sequence-classification' that there are none; supported is 'feature-extraction' before 'Pooling'"));
        var modes = pooling is not null && KeyedObject.Parse(files.Text, pooling, found) is { } root && KeyedObject.Of(pooling, SentenceKeys.Pooling, root, found) is { } how
            ? Modes(how, config.Version) : [];
        problems.AddRange(found.Select(problem => new Problem(
            problem.Fault switch { SentenceFault.File => Descriptors.ModelFile, SentenceFault.Wrong => Descriptors.ModelConfig, _ => Descriptors.ModelUnsupported }, problem.Message)));
        return new(modes.ToEquatable(), normalize, input.MaxTokens);
    }

    private static List<string> Modes(KeyedObject pooling, SentenceVersion version)
    {
        foreach (string size in new[] { "word_embedding_dimension", "embedding_dimension" })
            pooling.Count(size);
        pooling.Only("include_prompt", value => value.Kind == JsonKind.True, "is true");
        var flags = s_modes.ToDictionary(mode => mode.Flag, mode => pooling.Flag(mode.Flag));

        // A mode that is named counts alone, ignoring case.
        if (pooling.Raw("pooling_mode") is { } named && (named.Kind != JsonKind.Null || version.IsFrom54))
        {
            var names = named.Kind == JsonKind.Array ? named.Items : [named];
            if (names.Count == 0 || names.Any(name => name.Kind != JsonKind.String))
            {
                pooling.Wrong("pooling_mode", named, $"one of {Known} or a list of them");
                return [];
            }

            foreach (var unknown in names.Where(name => s_modes.All(mode => !IsNamed(mode.Name, name))))
                pooling.Report(SentenceFault.Unsupported, $"pooling_mode {KeyedObject.Quote(unknown.Text)} is not supported; supported are {Known}");
            return [.. names.SelectMany(name => s_modes.Where(mode => IsNamed(mode.Name, name))).Select(mode => mode.Kind.ToString())];
        }

        // Up to 5.3 each flag has its own default, and the mean's is true; later ones take the flags that are true, and the mean where none is.
        var modes = s_modes.Where(mode => flags[mode.Flag] ?? (mode.Kind == PoolingKind.Mean && !version.IsFrom54)).Select(mode => mode.Kind.ToString()).ToList();
        if (modes.Count == 0 && version.IsFrom54)
            modes.Add(nameof(PoolingKind.Mean));
        if (modes.Count == 0)
            pooling.Report(SentenceFault.Unsupported, $"it names no pooling that is known; known are {string.Join(", ", s_modes.Select(mode => KeyedObject.Quote(mode.Flag)))}");
        return modes;
    }

    private static bool IsNamed(string mode, JsonValue name) => mode.Equals(name.Text, StringComparison.OrdinalIgnoreCase);

    private static string Known => string.Join(", ", s_modes.Select(mode => KeyedObject.Quote(mode.Name)));

    /// <summary>The modules in their order: the transformer, then pooling, then whether vectors are scaled to length 1. Dropout does nothing once a model is trained.</summary>
    private static (string? Pooling, bool Normalize) Modules(FolderFiles files, JsonValue modules, List<SentenceProblem> problems)
    {
        if (modules.Kind != JsonKind.Array || modules.Items.Count == 0)
        {
            problems.Add(new(SentenceFault.Wrong, $"modules.json is {modules.Show()}, but must be a list of modules"));
            return default;
        }

        string? pooling = null;
        bool normalize = false;
        int at = 0;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < modules.Items.Count; i++)
        {
            if (KeyedObject.Of($"modules.json: module {Text.Of(i + 1)}", SentenceKeys.Module, modules.Items[i], problems) is not { } module || Missing(module))
                continue;
            if (module.Text("name") is { } label && !taken.Add(label))
                module.Report(SentenceFault.Wrong, $"name is {KeyedObject.Quote(label)}, as another module's, which it would replace");
            module.Only("kwargs", value => value.Kind == JsonKind.Null || (value.Kind == JsonKind.Array && value.Items.All(item => item.Kind == JsonKind.String)), "is a list of names");
            if (module.Text("type") is not { } type || module.Text("path") is not { } path)
                continue;
            string name = type.Substring(type.LastIndexOf('.') + 1);
            if (!type.StartsWith("sentence_transformers.", StringComparison.Ordinal))
            {
                module.Report(SentenceFault.Unsupported, $"type {KeyedObject.Quote(type)} is code of another package, which is not supported; supported are sentence_transformers' own 'Transformer', 'Pooling', 'Dropout', 'Normalize'");
                continue;
            }

            string? file = ModuleFolders.Config(path);
            if (name == "Dropout" && at > 0)
            {
                Settings(file, SentenceKeys.Dropout);
                continue;
            }

            bool fits = name switch { "Transformer" => at == 0 && path.Length == 0, "Pooling" => at == 1 && file is not null, "Normalize" => at >= 1, _ => false };
            if (fits && name == "Pooling")
                pooling = file;
            if (fits && name == "Normalize")
            {
                normalize = true;
                var settings = Settings(file, SentenceKeys.Normalize);
                settings?.Only("module_input_name", value => value.Kind == JsonKind.String && value.Text == "sentence_embedding", "is 'sentence_embedding'");
                settings?.Only("module_output_name", value => value.Kind == JsonKind.Null || (value.Kind == JsonKind.String && value.Text == "sentence_embedding"), "is 'sentence_embedding'");
            }

            at++;
            if (!fits)
            {
                string supported = name switch
                {
                    "Transformer" => "supported is the folder itself ('') at place 1",
                    "Pooling" => "supported is a folder in the model's at place 2, after 'Transformer'",
                    "Normalize" => "supported is 'Normalize' after 'Transformer' and 'Pooling'",
                    _ => "supported are 'Transformer', 'Pooling', 'Dropout', 'Normalize'",
                };
                problems.Add(new(SentenceFault.Unsupported, $"modules.json: the module {KeyedObject.Quote(name)} in {KeyedObject.Quote(path)} at place {Text.Of(at)} is not supported; {supported}"));
            }
        }

        return (pooling, normalize);

        KeyedObject? Settings(string? file, string section) =>
            file is not null && KeyedObject.Parse(files.Text, file, problems) is { } root ? KeyedObject.Of(file, section, root, problems) : null;

        bool Missing(KeyedObject module)
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
    }
}
