using AttnGen.Folders;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>A folder's files to a Spec, or to what is wrong with them. Never throws: files come from anywhere.</summary>
internal static class TransformerParser
{
    private const int MostKeys = 12;

    private static readonly string[] s_mean = [nameof(PoolingKind.Mean)];

    /// <summary>Reads a folder's files.</summary>
    /// <param name="request">What the attribute asks for.</param>
    /// <param name="files">The files.</param>
    /// <param name="problems">Gets what is wrong; without a Spec there is at least one.</param>
    /// <param name="notes">Gets what is only to be told.</param>
    public static TransformerSpec? Parse(RequestSpec request, FolderFiles files, List<Problem> problems, List<Problem>? notes = null)
    {
        if (files.Text(FolderFiles.Config) is not { } text)
        {
            // What the weights are is the first question; what is wrong with them may answer it.
            TensorTable.Read(files.Text(FolderNames.Manifest), files.Text(FolderNames.Index), problems);
            if (problems.Count == 0)
                problems.Add(new Problem(Descriptors.ModelFile, ForeignFolders.WithoutConfig(files.Text(ModuleFolders.File) is { } modules ? ModuleFolders.First(modules) : null)));
            return null;
        }

        if (FolderText.Parse(text, FolderFiles.Config, problems) is not { } root)
            return null;
        if (root.Kind != JsonKind.Object)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"config.json is {root.Show()}, but must be an object"));
            return null;
        }

        var config = new ConfigReader(root, problems);
        if (!config.Has("model_type"))
        {
            string named = ClassName(config);
            config.Wrong($"model_type is missing{(named.Length > 0 ? $" (architectures [{Text.Short(named)}])" : "")}; supported are {ArchitectureTable.Supported}");
            return null;
        }

        // An architecture that is not supported is said before anything else, and mostly alone: no other change would help.
        string modelType = config.Word("model_type", "");
        if (ArchitectureTable.Find(modelType) is not { } architecture)
        {
            var later = ArchitectureTable.Later.FirstOrDefault(row => row.ModelType == modelType);
            if (later.ModelType is not null)
                NotYet(modelType, later.Kind, problems);
            else if (!config.HasProblems)
                config.Unsupported(ForeignFolders.OfModelType(modelType) ?? $"model_type '{Text.Short(modelType)}' is not supported; supported are {ArchitectureTable.Supported}{(ForeignFolders.KindOf(modelType) is { } kind ? $"; {modelType} {kind}" : "")}");
            return null;
        }

        bool hasDecoder = HasDecoder(architecture, root, files);
        if (hasDecoder && ClassName(config) is { Length: > 0 } unread && !architecture.DecoderEndings.Any(ending => unread.EndsWith(ending, StringComparison.Ordinal)))
        {
            if (!config.HasProblems)
                config.Unsupported($"architectures ['{Text.Short(unread)}'] of model_type '{modelType}' is both halves without a language model, which is not supported; supported are classes that write a text ({Endings(architecture.DecoderEndings)}), classes that are the encoder alone ({Endings(architecture.EncoderEndings)}) and folders of sentence-transformers, which have modules.json");
            return null;
        }

        int before = problems.Count;
        var tensors = TensorTable.Read(files.Text(FolderNames.Manifest), files.Text(FolderNames.Index), problems);
        if (problems.Count > before)
            return null; // Of the weights: what config.json expects of them cannot be told.
        if (hasDecoder && tensors.IsKnown && tensors.All.All(tensor => !architecture.DecoderBody.Any(body => tensor.Key.Contains(body))))
        {
            if (!config.HasProblems)
                config.Unsupported($"architectures [{Shown(config)}] of model_type '{modelType}' is both halves, but the file holds the encoder alone, which is supported of classes that are the encoder alone ({Endings(architecture.EncoderEndings)}) and of folders of sentence-transformers, which have modules.json");
            return null;
        }

        config.Use(modelType);
        string className = ClassName(config);
        var version = FolderVersion.Of(config.Word("transformers_version", ""));
        Tell(config, "", modelType);
        var described = config; // the part of the file that describes the model
        if (architecture.Towers.Length > 0)
        {
            // The older name of an object wins in the published code, where it is written.
            var objects = architecture.Towers.SelectMany(candidate => new[] { candidate.Key + "_dict", candidate.Key }).ToDictionary(name => name, config.Object);
            var (_, key, towerType) = architecture.Towers.FirstOrDefault(candidate => candidate.Tower == request.Tower);
            if (towerType is null)
            {
                config.Unsupported($"model_type '{modelType}' holds a model of texts and one of images, and a class is one of them; name it at the class: {string.Join(" or ", architecture.Towers.Select(candidate => $"tower: Tower.{candidate.Tower}"))}");
                return null;
            }

            string place = objects[key + "_dict"] is null ? key : key + "_dict";
            described = new ConfigReader(objects[place] ?? JsonValue.Parse("{}"), problems, place, config);
            described.Use(towerType);
            Tell(described, place + ": ", towerType);
            architecture = ArchitectureTable.Find(towerType)!;
            Refuse(described);
        }

        void Tell(ConfigReader read, string place, string type)
        {
            if (read.UnknownKeys is { Count: > 0 } unknown)
                notes?.Add(new Problem(Descriptors.ModelUnknownKey, $"config.json: {place}{string.Join(", ", unknown.Take(MostKeys).Select(key => $"'{Text.Short(key)}'"))}{(unknown.Count > MostKeys ? $" and {Text.Of(unknown.Count - MostKeys)} more" : "")} {(unknown.Count == 1 ? "is a key" : "are keys")} that {type} does not have; {(unknown.Count == 1 ? "it has" : "they have")} no effect"));
            foreach (var (key, table, value) in read.Objects)
            {
                var inner = new ConfigReader(value, problems, key, read);
                inner.Use(table);
                Tell(inner, $"{place}{key}: ", type);
            }
        }

        void Refuse(ConfigReader read)
        {
            read.MustBeEmpty("pruned_heads");
            read.MustBeEmpty("per_layer_config");
            if (architecture.Kind != ArchitectureKind.Decoder)
                read.MustBe("is_decoder", false);
            read.MustBe("add_cross_attention", false);
        }

        {
            if (config.Object("auto_map")?.Members.Where(entry => entry.Key != "AutoTokenizer" && (architecture.HubCode.Length == 0 || !entry.Value.Text.Contains(architecture.HubCode))).ToList() is [var foreign, ..])
                config.Unsupported($"auto_map ('{Text.Short(foreign.Value.Text)}') names code of the model's own, which is not supported; supported are the published classes of {modelType}{(architecture.HubCode.Length == 0 ? "" : $" and, of the hub's code, '*{architecture.HubCode}*'")}");
            Refuse(config);
            if (config.Object("quantization_config") is { } quantization)
            {
                // The one cause of all that would be missing or of another type.
                var first = tensors.All.Where(tensor => !ModelDraft.IsFloat(tensor.Value.DataType)).OrderBy(tensor => tensor.Value.DataType is "I64" or "BOOL").ThenBy(tensor => tensor.Key, StringComparer.Ordinal).FirstOrDefault();
                config.Unsupported($"quantization_config (quant_method '{Text.Short(quantization["quant_method"]?.Text ?? "")}') is not supported; supported are weights of F32, F16, BF16 or F64{(first.Key is null ? "" : $", but tensor '{Text.Short(first.Key)}' is of type {Text.Short(first.Value.DataType)}")}; take the model that these were made from");
                return null;
            }
        }

        var draft = new ModelDraft(described, tensors, problems, architecture, className) { HasDecoder = hasDecoder, Version = version, Notes = notes };
        var parts = architecture.Describe(draft);
        if (parts is null)
        {
            draft.Finish();
            if (draft.NothingFits)
                problems.RemoveAll(problem => problem.Descriptor == Descriptors.ModelTensor); // Weights of another model: to list its tensors would not help.
            return null;
        }

        List<Problem> beside = [];
        var sentence = SentenceTransformer.Read(files, beside, isPooled: request.Pooling != PoolingKind.Folder, isNormalized: request.Normalize != NormalizeKind.Folder);
        var modes = request.Pooling != PoolingKind.Folder ? new[] { request.Pooling.ToString() }.ToEquatable() : sentence.Pooling.Count > 0 ? sentence.Pooling : s_mean.ToEquatable();
        var dense = parts.Input is TokenInputSpec && beside.Count == 0 ? DenseStages.Of(sentence, draft, parts.Stack.Attention.DModel * modes.Count, beside) : EquatableArray<OutputStage>.Empty;
        var unused = draft.Leftovers(parts.LayersKey, parts.Stack.Stored);
        draft.Finish();
        if (files.Text("adapter_config.json") is not null && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelUnsupported, "adapter_config.json names an adapter (LoRA or another), which is not supported; supported are whole weights, so merge the adapter into them, or take the file away if they are"));
        problems.AddRange(beside);
        int limit = parts.Stack.Attention.MaxTokens, usual = parts.UsualTokens == 0 ? limit : sentence.MaxSequence > 0 ? sentence.MaxSequence : parts.UsualTokens;
        int maxTokens = request.MaxTokens == 0 ? parts.Beyond.Length > 0 ? usual : Math.Min(usual, limit) : request.MaxTokens;
        if (maxTokens > limit && problems.Count == 0 && parts.Beyond.Length > 0)
            problems.Add(new Problem(Descriptors.ModelUnsupported, $"config.json: {parts.Beyond}, which is not supported, and the longest text is {Text.Of(maxTokens)}; set maxTokens at the class to at most {Text.Of(limit)}"));
        if (maxTokens > limit && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"maxTokens is {Text.Of(maxTokens)}, but the model has positions for {Text.Of(limit)}"));
        if (request.Tower != TowerKind.Folder && (request.Tower == TowerKind.Image) != parts.Input is ImageInputSpec && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"tower is Tower.{request.Tower}, but the folder holds a model of {(parts.Input is ImageInputSpec ? "images" : "texts")}; leave tower out"));
        if (parts.Input is ImageInputSpec && parts.Outputs.Projection is not null && request.Pooling != PoolingKind.Folder && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"pooling is Pooling.{request.Pooling}, but an image's vector is the model's own projection; leave pooling out"));
        if (parts.Input is ImageInputSpec && maxTokens != limit && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"maxTokens is {Text.Of(maxTokens)}, but an image always makes {Text.Of(limit)} tokens; leave maxTokens out"));
        if (files.Text(ModuleFolders.File) is null && SentenceTransformer.Uncounted(files) is { } uncounted)
            notes?.Add(new Problem(Descriptors.ModelUnknownKey, $"{uncounted} has no effect without modules.json, which is not there, as in sentence-transformers: vectors are the mean of the tokens; fetch modules.json, too, if the model has it"));
        var labels = Labels(parts, config);
        var stack = parts.Stack.WithMaxTokens(maxTokens);
        CheckSizes(stack, parts, problems);
        if (parts.Decoder is { } decoder)
            CheckSizes(decoder.Stack, parts, problems);
        if (problems.Count > 0)
            return null;

        bool normalize = request.Normalize == NormalizeKind.Folder ? sentence.Normalize : request.Normalize == NormalizeKind.Yes;
        var about = new ModelDescription(
            request.Folder, modelType, className, parts.Outputs.Task, ProblemType(config), labels, parts.PadTokenId,
            architecture.PairsHaveTokenTypes && parts.Input is TokenInputSpec { Types: not null },
            Math.Min(sentence.MaxSequence, maxTokens), draft.Parameters, tensors.Hash,
            tensors.Files.Concat(DenseStages.Files(sentence)).Distinct().ToEquatable(), unused.ToEquatable(), draft.DataTypes,
            sentence.ModulesHash);
        var projection = request.Pooling == PoolingKind.Folder && files.Text(ModuleFolders.File) is null ? parts.Outputs.Projection : null;
        var embed = projection is not null ? new EmbedSpec(EquatableArray<string>.Empty, EquatableArray<OutputStage>.Empty, normalize, projection) : parts.Input is TokenInputSpec ? new EmbedSpec(modes, dense, normalize) : null;
        return problems.Count > 0 ? null : new(about, parts.Input, stack, maxTokens, parts.Outputs.Pooler, parts.Outputs.Head, embed) { Decoder = parts.Decoder?.WithSource(maxTokens) };
    }

    /// <summary>Whether the folder's class has a decoder that it needs. sentence-transformers loads the encoder of such a folder alone.</summary>
    private static bool HasDecoder(Architecture architecture, JsonValue config, FolderFiles files) =>
        architecture.EncoderEndings.Length > 0 && files.Text(ModuleFolders.File) is null && config["architectures"] switch
        {
            null or { Kind: JsonKind.Array, Items.Count: 0 } => true,
            { Kind: JsonKind.Array, Items: [{ Kind: JsonKind.String } name, ..] } => !architecture.EncoderEndings.Any(ending => name.Text.EndsWith(ending, StringComparison.Ordinal)),
            _ => false, // what it is instead will be told
        };

    private static string Shown(ConfigReader config) => ClassName(config) is { Length: > 0 } name ? $"'{Text.Short(name)}'" : "";

    private static string Endings(string[] endings) => $"their names end in {string.Join(" or ", endings.Select(ending => $"'{ending}'"))}";

    private static void NotYet(string modelType, ArchitectureKind kind, List<Problem> problems, string? supported = null) =>
        problems.Add(new Problem(Descriptors.ModelLater, $"config.json: model_type '{modelType}' is {(kind == ArchitectureKind.Decoder ? "a decoder" : "an encoder-decoder")}, which is not supported yet; {supported ?? "supported are " + ArchitectureTable.Supported}"));

    /// <summary>The class of the model; "": none is named.</summary>
    private static string ClassName(ConfigReader config)
    {
        if (config["architectures"] is not { } classes || classes is { Kind: JsonKind.Array, Items.Count: 0 })
            return "";
        if (classes is { Kind: JsonKind.Array, Items: [{ Kind: JsonKind.String } first, ..] })
            return first.Text;
        config.Wrong($"architectures is {classes.Show()}, but must be a list of class names");
        return "";
    }

    private static string ProblemType(ConfigReader config) =>
        config["problem_type"] is null ? "" : config.Choice("problem_type", "", "regression", "single_label_classification", "multi_label_classification");

    /// <summary>id2label in the order of its numbers; none where the logits are no classes.</summary>
    private static EquatableArray<string> Labels(TransformerParts parts, ConfigReader config)
    {
        if (parts.Outputs.Head is not { } head || !ModelTask.HasLabels(parts.Outputs.Task))
            return EquatableArray<string>.Empty;
        var labels = Enumerable.Range(0, head.Size).Select(i => "LABEL_" + Text.Of(i)).ToArray();
        if (config.Object("id2label") is not { } map || config.HasProblems)
            return labels.ToEquatable();
        foreach (var entry in map.Members)
        {
            if (!int.TryParse(entry.Key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int id))
            {
                config.Wrong($"id2label names class '{Text.Short(entry.Key)}', but classes have numbers");
                break;
            }

            // Names only: a class that has none keeps LABEL_n, and a name without a class is nobody's.
            if (id < labels.Length)
                labels[id] = entry.Value.Kind == JsonKind.String ? entry.Value.Text : entry.Value.Show();
        }

        return labels.ToEquatable();
    }

    /// <summary>Sizes that are valid one by one but not together: no span or index can hold them.</summary>
    private static void CheckSizes(StackSpec stack, TransformerParts parts, List<Problem> problems)
    {
        long tokens = stack.Attention.MaxTokens;
        long heads = Math.Max(stack.Attention.DModel, (long)stack.Attention.Heads * stack.Attention.HeadDim);
        // Whoever writes asks for the logits of few tokens at a time, and long texts go through in parts.
        long widest = stack.KeepsKeys
            ? Math.Max(heads, stack.FeedForward.Tensors.In.Outputs)
            : Math.Max(Math.Max(3L * heads, 2L * stack.FeedForward.Tensors.In.Outputs), parts.Outputs.Head is { From: StatesRead.EveryToken } head ? head.Size : 0);
        if (tokens * widest > Limits.SpanFloats && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"{Text.Of(tokens)} tokens of {Text.Of(widest)} numbers are more than a span holds; set maxTokens to at most {Text.Of(Limits.SpanFloats / widest)}"));
        if (stack.RelativeBias is not null && tokens > Limits.RelativeTokens && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"{Text.Of(tokens)} tokens with relative positions need a table of {Text.Of(2 * tokens)} distances a head; set maxTokens to at most {Text.Of(Limits.RelativeTokens)}"));
        long floats = parts.Stack.Stored * (heads * 4 * stack.Attention.DModel + 3L * stack.Attention.DModel * stack.FeedForward.Tensors.In.Outputs);
        if (floats > Limits.ModelFloats && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"the model would have {Text.Of(floats)} numbers, but the limit is {Text.Of(Limits.ModelFloats)}"));
    }
}
