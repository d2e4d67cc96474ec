using AttnGen.Generator.Json;

namespace AttnGen.Folders;

/// <summary>
/// Folders of a model hub that hold something else than the weights of a transformer as safetensors: what they are, and what to do, in one sentence.
/// The compiler, attngen and a program that loads a folder say the same.
/// </summary>
internal static class ForeignFolders
{
    private const string OnlySafetensors = ", and only safetensors are read; fetch config.json and model.safetensors of the model that it was made from";

    private const string Adapter = ": it is an adapter of PEFT, not the model that it changes; load both in Python, call peft's merge_and_unload(), then save_pretrained(), and give the folder that this writes";

    /// <summary>What the files are, and what to do; the first row whose file is there decides. FOLDER is for the reader to fill in.</summary>
    private static readonly (string File, string Advice)[] s_rows =
    [
        ("adapter_config.json", Adapter), ("adapter_model.safetensors", Adapter), ("adapter_model.bin", Adapter),
        ("pytorch_model.bin.index.json", ", and only safetensors are read; fetch model.safetensors from the model's page, or convert PyTorch's shards with Python: "
            + "transformers.AutoModel.from_pretrained('FOLDER').save_pretrained('FOLDER')"),
        (".gguf", "; name the GGUF file itself in the place of the folder, or fetch model.safetensors of the model that it was made from"), ("openvino_model.xml", OnlySafetensors), ("openvino_model.bin", OnlySafetensors),
    ];

    /// <summary>The same for files that count only where there is no pickle of PyTorch's, which can be converted more simply.</summary>
    private static readonly (string File, string Advice)[] s_lastRows =
    [
        (".onnx", OnlySafetensors),
        ("tf_model.h5", ", and only safetensors are read; fetch model.safetensors from the model's page, or convert TensorFlow's weights with Python and transformers 4: "
            + "transformers.AutoModel.from_pretrained('FOLDER', from_tf=True).save_pretrained('FOLDER')"),
        ("flax_model.msgpack", ", and only safetensors are read; fetch model.safetensors from the model's page, or convert Flax's weights with Python and transformers 4: "
            + "transformers.AutoModel.from_pretrained('FOLDER', from_flax=True).save_pretrained('FOLDER')"),
    ];

    private const string FromPage = ", and only safetensors are read; fetch model.safetensors from the model's page";

    // FILE is filled in.
    private const string Pickle = FromPage + ", or convert it in the folder with Python: import torch, safetensors.torch as s; "
        + "s.save_file({k: v.clone().contiguous() for k, v in torch.load('FILE', weights_only=True).items()}, 'model.safetensors', {'format': 'pt'})";

    /// <summary>The same for endings that say least.</summary>
    private static readonly (string File, string Advice)[] s_otherRows =
    [
        (".bin", Pickle), (".pt", Pickle), (".pth", Pickle), (".h5", FromPage), (".msgpack", FromPage), (".ckpt", FromPage), (".tflite", FromPage),
    ];

    /// <summary>What a folder holds whose weights are no safetensors, to stand behind "the folder"; null: nothing that is known, or a pickle of PyTorch's.</summary>
    /// <param name="files">Its files, with slashes, subfolders included.</param>
    /// <param name="absent">The file that is not there.</param>
    public static string? Holds(IReadOnlyCollection<string> files, string absent)
    {
        var names = files.OrderBy(name => name, StringComparer.Ordinal).ToList();
        return Find(s_rows, names, absent) ?? (names.Any(name => name is "pytorch_model.bin") ? null : Find(s_lastRows, names, absent));
    }

    /// <summary>What a folder holds of which <see cref="Holds"/> knows nothing and that has no model.safetensors and no index of shards, to stand behind "the folder".</summary>
    /// <param name="files">Its files, without those of subfolders.</param>
    public static string HoldsOther(IReadOnlyCollection<string> files)
    {
        var names = files.OrderBy(name => name, StringComparer.Ordinal).ToList();
        bool hasPickle = names.Contains("pytorch_model.bin");

        // golden.safetensors is what verify compares with, not a model.
        var tensors = names.Find(name => name.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("golden", StringComparison.OrdinalIgnoreCase));
        bool isShard = tensors?.Contains("-of-") == true;
        if (tensors is not null && (isShard || !hasPickle))
        {
            return isShard
                ? $"holds {ForeignText.Quote(tensors)}, a shard, but no {FolderNames.Index}, which says what is in which shard; fetch that file, too"
                : $"holds {ForeignText.Quote(tensors)} but no {FolderNames.Weights}; if it is the model, rename it";
        }

        return Find(hasPickle ? [("pytorch_model.bin", Pickle)] : s_otherRows, names, FolderNames.Weights)
            ?? $"holds no {FolderNames.Weights} (and no {FolderNames.Index}); fetch it from the model's page";
    }

    /// <summary>A folder without config.json.</summary>
    /// <param name="module">The type and path of the first module of modules.json, if there is one.</param>
    public static string WithoutConfig((string Type, string Path)? module) =>
        (module is { } first ? OfModule(first.Type, first.Path) : null)
        ?? "there is no config.json, which says what the weights are; copy it from where the model came from, beside them";

    /// <summary>What sentence-transformers makes of a folder by its first module; null: the transformer is in the folder itself.</summary>
    /// <param name="type">The module's type, as modules.json has it.</param>
    /// <param name="path">Where it is.</param>
    public static string? OfModule(string type, string path)
    {
        var name = ForeignText.Short(type.Substring(type.LastIndexOf('.') + 1));
        return name == "Transformer"
            ? path.Length == 0 ? null : $"modules.json has the model in '{ForeignText.Short(path)}' and not in the folder itself; load it once with sentence-transformers and save it, which moves it there"
            : name is "StaticEmbedding" or "StaticModel"
                ? $"modules.json begins with '{name}', {StaticTable}; choose a folder whose first module is 'Transformer'"
                : $"modules.json begins with '{name}', which is not supported; choose a folder whose first module is 'Transformer'";
    }

    /// <summary>A model_type that is no transformer of one kind of input; null: nothing more than its name can be said.</summary>
    public static string? OfModelType(string modelType) => modelType switch
    {
        "model2vec" => $"model_type 'model2vec' is {StaticTable}; choose a model with a transformer",
        "siglip" or "siglip2" or "align" or "blip" or "chinese_clip" or "vision-text-dual-encoder" =>
            $"model_type '{modelType}' is a model of texts and one of images together, which is not supported; choose a model of one of them, such as bert or vit",
        _ => null,
    };

    /// <summary>What a model_type has that no architecture here has, and what to choose; null: nothing more than its name can be said.</summary>
    public static string? KindOf(string modelType) => modelType switch
    {
        "mixtral" or "qwen2_moe" or "qwen3_moe" or "gpt_oss" or "granitemoe" or "olmoe" or "phimoe" or "dbrx" or "jetmoe" or "ernie4_5_moe" or "glm4_moe" or "minimax" =>
            "is a mixture of experts; choose a dense model, such as mistral, qwen3 or llama",
        "deepseek_v2" or "deepseek_v3" or "kimi_k2" or "minicpm3" =>
            "has latent attention; choose a model whose heads have keys and values of their own, such as qwen3 or llama",
        "mamba" or "mamba2" or "falcon_mamba" or "jamba" or "bamba" or "rwkv" or "recurrent_gemma" or "zamba" or "zamba2" or "granitemoehybrid" or "nemotron_h" or "falcon_h1" or "lfm2" =>
            "has layers with a state in place of attention; choose a transformer, such as gpt_neox or llama",
        "gemma3" or "gemma3n" or "paligemma" or "llava" or "qwen2_vl" or "qwen2_5_vl" or "qwen3_vl" or "mllama" or "llama4" or "mistral3" or "idefics3" or "smolvlm" or "phi4_multimodal" =>
            "reads texts and images together; choose a model of texts alone, such as gemma3_text, qwen3 or llama",
        _ => null,
    };

    private const string StaticTable = "a table of one vector for each token and no transformer, which is not supported";

    private static string? Find((string File, string Advice)[] rows, List<string> names, string absent)
    {
        foreach (var (file, advice) in rows)
        {
            if (names.Find(name => (file[0] == '.' ? name.EndsWith(file, StringComparison.OrdinalIgnoreCase) : name == file) && name != "training_args.bin") is { } found)
                return $"holds {ForeignText.Quote(found)} but no {absent}{advice.Replace("FILE", ForeignText.OneLine(found))}";
        }

        return null;
    }
}
