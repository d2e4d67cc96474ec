using AttnGen.Folders;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>A folder's files to a Spec, or to what is wrong with them. Never throws: files come from anywhere.</summary>
internal static class TransformerParser
{
    private static readonly string[] s_mean = [nameof(PoolingKind.Mean)];

    public static TransformerSpec? Parse(RequestSpec request, FolderFiles files, List<Problem> problems)
    {
        var tensors = TensorTable.Read(files.Text(FolderNames.Manifest), files.Text(FolderNames.Index), problems);
        if (files.Text(FolderFiles.Config) is not { } text)
        {
            if (problems.Count == 0)
                problems.Add(new Problem(Descriptors.ModelFile, "there is no config.json, which says what the weights are; copy it from where the model came from, beside them"));
            return null;
        }

        if (FolderFiles.Parse(text, FolderFiles.Config, problems) is not { } root)
            return null;
        if (root.Kind != JsonKind.Object)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"config.json is {root.Show()}, but must be an object"));
            return null;
        }

        if (problems.Count > 0)
            return null; // Of the weights: what config.json expects of them cannot be told.
        var config = new ConfigReader(root, problems);
        string className = root["architectures"] is { Kind: JsonKind.Array, Items: [{ Kind: JsonKind.String } first, ..] } ? first.Text : "";
        if (root["architectures"] is { Kind: not JsonKind.Array } notAList)
            config.Wrong($"architectures is {notAList.Show()}, but must be a list of class names");
        if (root["model_type"] is null)
        {
            config.Wrong($"model_type is missing{(className.Length > 0 ? $" (architectures [{Text.Short(className)}])" : "")}; supported are {ArchitectureTable.Supported}");
            return null;
        }

        string modelType = config.Word("model_type", "");
        if (ArchitectureTable.Find(modelType) is not { } architecture)
        {
            var later = ArchitectureTable.Later.FirstOrDefault(row => row.ModelType == modelType);
            if (later.ModelType is not null)
                NotYet(modelType, later.Kind, problems);
            else if (!config.HasProblems)
                config.Unsupported($"model_type '{Text.Short(modelType)}' is not supported; supported are {ArchitectureTable.Supported}");
            return null;
        }

        if (architecture.Kind == ArchitectureKind.Encoder)
        {
            if (root["auto_map"] is { Kind: JsonKind.Object, Members.Count: > 0 } map)
                config.Unsupported($"auto_map ('{Text.Short(map.Members[0].Value.Text)}') names code of the model's own, which is not supported; supported are the published classes of {modelType}");
            if (root["pruned_heads"] is { Kind: JsonKind.Object, Members.Count: > 0 })
                config.Unsupported("pruned_heads is not supported; supported is {}");
        }

        var draft = new ModelDraft(config, tensors, problems, architecture, className);
        var parts = architecture.Describe(draft);
        if (parts is null)
        {
            draft.Finish();
            if (draft.NothingFits)
                problems.RemoveAll(problem => problem.Descriptor == Descriptors.ModelTensor); // Weights of another model: to list its tensors would not help.
            if (problems.Count == 0)
                NotYet(modelType, architecture.Kind, problems);
            return null;
        }

        var unused = draft.Leftovers(parts.LayersKey, parts.Stack.Stored);
        draft.Finish();
        if (tensors.IsKnown && root["quantization_config"] is { Kind: JsonKind.Object } quantization && problems.Count == 0)
            config.Unsupported($"quantization_config (quant_method '{Text.Short(quantization["quant_method"]?.Text ?? "")}') is not supported; supported are weights of F32, F16, BF16 or F64");
        if (files.Text("adapter_config.json") is not null && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelUnsupported, "adapter_config.json names an adapter (LoRA or another), which is not supported; supported are whole weights, so merge the adapter into them, or take the file away if they are"));
        var sentence = SentenceTransformer.Read(files, problems, isPooled: request.Pooling != PoolingKind.Folder);
        int limit = parts.Stack.Attention.MaxTokens, maxTokens = request.MaxTokens == 0 ? limit : request.MaxTokens;
        if (maxTokens > limit && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"maxTokens is {Text.Of(maxTokens)}, but the model has positions for {Text.Of(limit)}"));
        if (parts.Input is ImageInputSpec && maxTokens != limit && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"maxTokens is {Text.Of(maxTokens)}, but an image always makes {Text.Of(limit)} tokens; leave maxTokens out"));
        var labels = Labels(root, parts, config);
        var stack = parts.Stack with { Attention = parts.Stack.Attention with { MaxTokens = maxTokens } };
        CheckSizes(stack, parts, problems);
        if (problems.Count > 0)
            return null;

        var modes = request.Pooling != PoolingKind.Folder ? new[] { request.Pooling.ToString() }.ToEquatable() : sentence.Pooling.Count > 0 ? sentence.Pooling : s_mean.ToEquatable();
        bool normalize = request.Normalize == NormalizeKind.Folder ? sentence.Normalize : request.Normalize == NormalizeKind.Yes;
        var about = new ModelDescription(
            request.Folder, modelType, className, parts.Outputs.Task, config.Word("problem_type", ""), labels, parts.PadTokenId,
            architecture.PairsHaveTokenTypes && parts.Input is TokenInputSpec { Types: not null },
            Math.Min(sentence.MaxSequence, maxTokens), draft.Parameters, tensors.Hash,
            tensors.Files.ToEquatable(), unused.ToEquatable(), draft.DataTypes);
        return problems.Count > 0 ? null : new(about, parts.Input, stack, maxTokens, parts.Outputs.Pooler, parts.Outputs.Head, parts.Input is TokenInputSpec ? new(modes, normalize) : null);
    }

    private static void NotYet(string modelType, ArchitectureKind kind, List<Problem> problems) =>
        problems.Add(new Problem(Descriptors.ModelLater, $"config.json: model_type '{modelType}' is {(kind == ArchitectureKind.Decoder ? "a decoder" : "an encoder-decoder")}, which is not supported yet; supported are {ArchitectureTable.Supported}"));

    /// <summary>id2label in the order of its numbers; none where the logits are no classes.</summary>
    private static EquatableArray<string> Labels(JsonValue root, TransformerParts parts, ConfigReader config)
    {
        if (parts.Outputs.Head is not { } head || !ModelTask.HasLabels(parts.Outputs.Task))
            return EquatableArray<string>.Empty;
        var labels = Enumerable.Range(0, head.Size).Select(i => "LABEL_" + Text.Of(i)).ToArray();
        if (root["id2label"] is not { Kind: JsonKind.Object } map || config.HasProblems)
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

    /// <summary>Sizes that are fine alone and that no span or index holds together.</summary>
    private static void CheckSizes(StackSpec stack, TransformerParts parts, List<Problem> problems)
    {
        long tokens = stack.Attention.MaxTokens;
        long widest = Math.Max(Math.Max(3L * stack.Attention.DModel, 2L * stack.Tensors.FeedForward.In.Outputs), parts.Outputs.Head is { From: StatesRead.EveryToken } head ? head.Size : 0);
        if (tokens * widest > Limits.SpanFloats && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"{Text.Of(tokens)} tokens of {Text.Of(widest)} numbers are more than a span holds; set maxTokens to at most {Text.Of(Limits.SpanFloats / widest)}"));
        if (stack.RelativeBias is not null && tokens > 65536 && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"{Text.Of(tokens)} tokens with relative positions need a table of {Text.Of(2 * tokens)} distances a head; set maxTokens to at most 65536"));
        long floats = parts.Stack.Stored * ((long)stack.Attention.DModel * 4 * stack.Attention.DModel + 3L * stack.Attention.DModel * stack.Tensors.FeedForward.In.Outputs);
        if (floats > Limits.ModelFloats && problems.Count == 0)
            problems.Add(new Problem(Descriptors.ModelConfig, $"the model would have {Text.Of(floats)} numbers, but the limit is {Text.Of(Limits.ModelFloats)}"));
    }
}
