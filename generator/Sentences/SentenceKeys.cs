using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>A key of one of the files.</summary>
internal sealed class SentenceKey(string section, string name, string kinds, KeyUse use, string versions, string note)
{
    /// <summary>The file, or the object in it.</summary>
    public string Section { get; } = section;

    public string Name { get; } = name;

    /// <summary>What the value may be, for the ledger.</summary>
    public string Kinds { get; } = kinds;

    public KeyUse Use { get; } = use;

    /// <summary>Which versions of sentence-transformers write or read it.</summary>
    public string Versions { get; } = versions;

    public string Note { get; } = note;
}

/// <summary>
/// Every key that sentence-transformers' files of a folder may hold, and what is done with it. A reader reads a key only through this table, and a key
/// of a folder that is not in it is refused by name, because the reference hands most of these keys to constructors, where an unknown one
/// changes something or fails. docs/folder-settings.md is this table; a test holds one against the other.
/// </summary>
internal static class SentenceKeys
{
    public const string Model = "config_sentence_transformers.json";
    public const string Versions = Model + ": __version__";
    public const string Module = "modules.json: a module";
    public const string Pooling = "1_Pooling/config.json";
    public const string Dense = "2_Dense/config.json";
    public const string Normalize = "2_Normalize/config.json";
    public const string Dropout = "1_Dropout/config.json";
    public const string Transformer = "sentence_bert_config.json";
    public const string Modality = Transformer + ": modality_config.text";
    public const string Processing = Transformer + ": processing_kwargs";
    public const string Call = Transformer + ": processing_kwargs.text and .common";
    public const string Loading = Transformer + ": model_kwargs, processor_kwargs and config_kwargs";
    public const string CrossEncoder = "config.json: sentence_transformers";

    private const string Text = "string", Flag = "true, false", Count = "integer above 0", Object = "object", List = "list";
    private const string All = "all", UpTo53 = "up to 5.3", Since54 = "5.4 and later";

    /// <summary>The rows, section by section, in the ledger's order.</summary>
    public static IReadOnlyList<SentenceKey> Rows { get; } =
    [
        new(Model, "__version__", Object, KeyUse.Followed, All, "says by whose rules the other files are read"),
        new(Model, "model_type", Text, KeyUse.Followed, "5.0 and later", "`SentenceTransformer` (also where it is absent) or `CrossEncoder`; others are refused. Prompts belong to the kind that it names: a reranker takes those of a CrossEncoder, embeddings those of a SentenceTransformer"),
        new(Model, "prompts", "object of strings and null", KeyUse.Followed, "2.4 and later; of cross-encoders 5.4 and later", "null is the empty prompt"),
        new(Model, "default_prompt_name", "string, null", KeyUse.Followed, "2.4 and later; of cross-encoders 5.4 and later", "must be one of `prompts`. Since 5.0 embeddings have `query` and `document` without being told: they are empty"),
        new(Model, "similarity_fn_name", "string, null", KeyUse.NoEffect, "3.0 and later", "how vectors are to be compared: `cosine`, `dot`, `euclidean` or `manhattan`, and no other name; the vectors are the same"),
        new(Model, "truncate_dim", "integer above 0, null", KeyUse.Followed, Since54, "vectors are cut to it, without being scaled again; `TextEmbeddingOptions.Dimensions` comes before it. `Embed` of the class on token ids gives the whole vector"),
        new(Model, "activation_fn", "string, null", KeyUse.Followed, Since54, "a class of torch, see below; without it, what config.json says"),
        new(Model, "requirements", "any", KeyUse.NoEffect, "6.0", "versions of Python packages"),

        new(Versions, "sentence_transformers", Text, KeyUse.Followed, All, "the version that wrote the folder, such as `5.3.0`; where it is absent, the rules of 6.0 hold"),
        new(Versions, "transformers", "any", KeyUse.NoEffect, All, ""),
        new(Versions, "pytorch", "any", KeyUse.NoEffect, All, ""),

        new(Module, "idx", "any", KeyUse.NoEffect, All, "modules follow each other as they stand in the list, so the reference"),
        new(Module, "name", Text, KeyUse.Followed, All, "each name once: a second module of a name would replace the first"),
        new(Module, "path", Text, KeyUse.Followed, All, "the module's folder, whatever its name; `Transformer` must be in the model's own (`\"\"`)"),
        new(Module, "type", Text, KeyUse.Followed, All, "`Transformer`, `Pooling`, any number of `Dense`, and `Normalize` of `sentence_transformers.…`, in this order, with `Dropout` anywhere after the first; others (`Router`, `LayerNorm`, …) are refused by name, and so are classes of other packages, whatever their last name"),
        new(Module, "kwargs", List, KeyUse.NoEffect, "3.1 and later", "names of further arguments of `encode`; without them nothing changes"),

        new(Pooling, "word_embedding_dimension", Count, KeyUse.NoEffect, UpTo53, "the library reports it, and computes with the width that comes"),
        new(Pooling, "embedding_dimension", Count, KeyUse.NoEffect, Since54, "the same"),
        new(Pooling, "pooling_mode", "string, list of strings", KeyUse.Followed, Since54, "`cls`, `max`, `mean`, `mean_sqrt_len_tokens`, `weightedmean`, `lasttoken`; a list's vectors stand side by side in its order, as often as it names them. It wins over the flags; null and an empty list are refused. Names are in small letters; up to 5.3 capitals are the same"),
        new(Pooling, "pooling_mode_cls_token", Flag, KeyUse.Followed, UpTo53, "the flags that are true count, in this order: cls, max, mean, mean_sqrt_len, weightedmean, lasttoken. Of a folder up to 5.3 one that is absent is false"),
        new(Pooling, "pooling_mode_max_tokens", Flag, KeyUse.Followed, UpTo53, "the same"),
        new(Pooling, "pooling_mode_mean_tokens", Flag, KeyUse.Followed, UpTo53, "the same, but of a folder up to 5.3 it is true where it is absent. Of later folders the mean counts where no flag is true"),
        new(Pooling, "pooling_mode_mean_sqrt_len_tokens", Flag, KeyUse.Followed, UpTo53, "as `pooling_mode_cls_token`"),
        new(Pooling, "pooling_mode_weightedmean_tokens", Flag, KeyUse.Followed, "2.3 to 5.3", "the same"),
        new(Pooling, "pooling_mode_lasttoken", Flag, KeyUse.Followed, "2.3 to 5.3", "the same"),
        new(Pooling, "include_prompt", Flag, KeyUse.Refused, "2.4 and later", "false (tokens of the prompt are not pooled) is refused"),

        new(Dense, "in_features", Count, KeyUse.Followed, All, "numbers of the vector that it takes; as many as the module before it gives"),
        new(Dense, "out_features", Count, KeyUse.Followed, All, "numbers of the vector that it gives"),
        new(Dense, "bias", Flag, KeyUse.Followed, All, "whether there is `linear.bias`; true where it is absent"),
        new(Dense, "activation_function", Text, KeyUse.Followed, All, "a class of torch.nn: `Identity`, `Tanh`, `ReLU`, `GELU`, `SiLU`, `Sigmoid`; others are refused by name. Since 5.5 `Tanh` where it is absent; before, it must be there"),
        new(Dense, "module_input_name", Text, KeyUse.Refused, Since54, "anything but `sentence_embedding` (token embeddings, for example) is refused"),
        new(Dense, "module_output_name", "string, null", KeyUse.Refused, Since54, "the same"),
        new(Dense, "use_residual", Flag, KeyUse.Refused, "6.0", "true is refused"),

        new(Normalize, "module_input_name", Text, KeyUse.Refused, "6.0", "anything but `sentence_embedding` is refused"),
        new(Normalize, "module_output_name", "string, null", KeyUse.Refused, "6.0", "the same"),

        new(Dropout, "dropout", "number", KeyUse.NoEffect, All, "trained models drop nothing"),

        new(Transformer, "max_seq_length", "integer above 0, null", KeyUse.Followed, UpTo53 + "; later ones read it", "longest text; without it, the smaller of what model and tokenizer take"),
        new(Transformer, "do_lower_case", Flag, KeyUse.Followed, UpTo53 + "; later ones read it", "up to 5.3 the whole text is put in lower case; later the tokenizer gets a Lowercase step before its others (unless it has one), which added tokens do not go through"),
        new(Transformer, "transformer_task", Text, KeyUse.Followed, Since54, "`feature-extraction` (also where it is absent) or `sequence-classification`; others are refused"),
        new(Transformer, "modality_config", Object, KeyUse.Followed, Since54, "`text` alone, as below; other modalities, `message` among them, are refused"),
        new(Transformer, "module_output_name", Text, KeyUse.Refused, Since54, "`token_embeddings`; of `sequence-classification` `scores`. It must be there where `modality_config` is"),
        new(Transformer, "processing_kwargs", Object, KeyUse.Followed, Since54, "arguments of each call of the tokenizer, see below"),
        new(Transformer, "unpad_inputs", "true, false, null", KeyUse.NoEffect, "5.4 and later", "how batches are laid out"),
        new(Transformer, "query_length", "null", KeyUse.Refused, "6.0", "a number is refused"),
        new(Transformer, "document_length", "null", KeyUse.Refused, "6.0", "the same"),
        new(Transformer, "query_expansion", "null", KeyUse.Refused, "6.0", "an object is refused"),
        new(Transformer, "model_args", Object, KeyUse.Refused, "3.0 to 5.3", "see below"),
        new(Transformer, "model_kwargs", Object, KeyUse.Refused, Since54, "the same"),
        new(Transformer, "tokenizer_args", Object, KeyUse.Followed, "3.0 to 5.3", "see below"),
        new(Transformer, "processor_kwargs", Object, KeyUse.Followed, Since54, "the same"),
        new(Transformer, "config_args", Object, KeyUse.Refused, "3.0 to 5.3", "see below"),
        new(Transformer, "config_kwargs", Object, KeyUse.Refused, Since54, "the same"),
        new(Transformer, "tokenizer_name_or_path", "null", KeyUse.Refused, All, "another tokenizer than the folder's is refused"),
        new(Transformer, "cache_dir", "any", KeyUse.NoEffect, All, "where files are kept"),
        new(Transformer, "backend", "any", KeyUse.NoEffect, "3.2 and later", "the reference overwrites it"),

        new(Modality, "method", Text, KeyUse.Refused, Since54, "anything but `forward` is refused"),
        new(Modality, "method_output_name", "string, list of one string", KeyUse.Refused, Since54, "anything but `last_hidden_state` (of `sequence-classification`, `logits`) is refused, `pooler_output` too"),

        new(Processing, "text", Object, KeyUse.Followed, Since54, "see below"),
        new(Processing, "common", Object, KeyUse.Followed, Since54, "see below; it wins over `text`"),
        new(Processing, "audio", Object, KeyUse.NoEffect, Since54, "texts alone are read"),
        new(Processing, "image", Object, KeyUse.NoEffect, Since54, "the same"),
        new(Processing, "video", Object, KeyUse.NoEffect, Since54, "the same"),
        new(Processing, "chat_template", Object, KeyUse.NoEffect, Since54, "it is for the modality `message`, which is refused"),

        new(Call, "max_length", "integer above 0, null", KeyUse.Followed, Since54, "longest text; it wins over `max_seq_length`"),
        new(Call, "truncation", "true, string", KeyUse.Refused, Since54, "anything but true and `longest_first` is refused"),
        new(Call, "padding", "true, false, string", KeyUse.NoEffect, Since54, "texts are read one by one, without padding"),
        new(Call, "pad_to_multiple_of", "integer above 0, null", KeyUse.NoEffect, Since54, "the same"),
        new(Call, "padding_side", Text, KeyUse.Refused, Since54, "anything but `right` is refused"),
        new(Call, "add_special_tokens", Flag, KeyUse.Refused, Since54, "false is refused"),
        new(Call, "return_token_type_ids", "true, false, null", KeyUse.Followed, Since54, "false: both texts of a pair are of segment 0; true wins over `model_input_names`"),
        new(Call, "return_attention_mask", "true, null", KeyUse.Refused, Since54, "false is refused"),
        new(Call, "return_tensors", Text, KeyUse.Refused, Since54, "anything but `pt` is refused"),
        new(Call, "verbose", Flag, KeyUse.NoEffect, Since54, ""),

        new(Loading, "model_max_length", Count, KeyUse.Followed, "3.0 and later", "of the tokenizer: longest text. Up to 5.3 `max_seq_length` wins over it; later it wins"),
        new(Loading, "attn_implementation", "any", KeyUse.NoEffect, "3.0 and later", "of the model: how attention is computed"),
        new(Loading, "add_pooling_layer", Flag, KeyUse.NoEffect, "3.0 and later", "of the model: whether the pooler is loaded, which no vector is made of"),
        new(Loading, "trust_remote_code", "any", KeyUse.NoEffect, "3.0 and later", "the reference takes no notice"),

        new(CrossEncoder, "activation_fn", "string, null", KeyUse.Followed, "4.0 to 5.3; later ones read it", "a class of torch, see below. Where it is absent, `sbert_ce_default_activation_function` of config.json (up to 3.4) counts"),
        new(CrossEncoder, "version", Text, KeyUse.Followed, "4.0 to 5.3", "the version that wrote a cross-encoder, where config_sentence_transformers.json does not say"),
    ];

    // Behind the rows that it is made of.
    private static readonly Dictionary<string, HashSet<string>> s_sections =
        Rows.GroupBy(row => row.Section).ToDictionary(section => section.Key, section => new HashSet<string>(section.Select(row => row.Name), StringComparer.Ordinal));

    /// <summary>The keys of a section, in their order.</summary>
    public static IEnumerable<string> Names(string section) => Rows.Where(row => row.Section == section).Select(row => row.Name);

    public static bool Has(string section, string key) => s_sections[section].Contains(key);

    /// <summary>Holds a reader to the table.</summary>
    /// <exception cref="InvalidOperationException">The reader asks for a key that has no row.</exception>
    public static void Ask(string section, string key)
    {
        if (!Has(section, key))
            throw new InvalidOperationException($"'{key}' of {section} has no row in SentenceKeys; give it one, and docs/folder-settings.md with it.");
    }
}
