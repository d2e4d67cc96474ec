using System.Globalization;

namespace AttnGen.Gguf;

/// <summary>Makes the config.json of a hub's folder of a GGUF file's metadata.</summary>
internal sealed partial class GgufConfig
{
    // What would change the numbers, and the value with which it does not. An architecture that follows a key has asked for it before.
    private static readonly (string Key, double Neutral)[] s_neutral =
    [
        ("expert_count", 0), ("expert_used_count", 0), ("expert_shared_count", 0), ("nextn_predict_layers", 0), ("attention.causal", 1), ("attention.clamp_kqv", 0),
        ("attention.max_alibi_bias", 0),
        ("attention.sliding_window", 0), ("attention.scale", 0), ("attn_logit_softcapping", 0), ("final_logit_softcapping", 0), ("router_logit_softcapping", 0),
        ("logit_scale", 1), ("embedding_scale", 1), ("residual_scale", 1), ("attention.q_lora_rank", 0), ("attention.kv_lora_rank", 0), ("attention.shared_kv_layers", 0),
        ("attention.temperature_length", 0), ("ssm.state_size", 0), ("ssm.inner_size", 0),
        ("use_parallel_residual", 0), ("rope.scaling.yarn_log_multiplier", 0), ("rope.scaling.yarn_ext_factor", 1), ("rope.scaling.yarn_attn_factor", 1), ("rope.scaling.attn_factor", 1),
        ("altup.num_inputs", 0), ("swin_norm", 0), ("decoder_block_count", 0), ("wkv.head_size", 0),
    ];

    // What says what is known already, or has nothing to do with the numbers.
    private static readonly string[] s_ignored =
    [
        "vocab_size", "tensor_data_layout", "rope.scaling.finetuned", "rope.scaling.original_context_length", "rope.dimension_sections", "attention.value_length",
    ];

    private readonly List<(string Key, string Json)> _members = [];
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Func<GgufTensor, float[]> _read;

    private GgufConfig(GgufHeader header, GgufArchitecture row, Func<GgufTensor, float[]> read)
    {
        Header = header;
        Row = row;
        _read = read;
    }

    public GgufHeader Header { get; }

    public GgufArchitecture Row { get; }

    /// <summary>What a key of config.json is called in the file, for messages.</summary>
    public Dictionary<string, string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes config.json.</summary>
    /// <param name="header">The file.</param>
    /// <param name="row">Its architecture.</param>
    /// <param name="read">Reads a small tensor of float32, which holds settings.</param>
    /// <exception cref="GgufProblem">A key is missing, or its value is not supported.</exception>
    public static (string Json, Dictionary<string, string> Names) Make(GgufHeader header, GgufArchitecture row, Func<GgufTensor, float[]> read)
    {
        var config = new GgufConfig(header, row, read);
        config.Put("model_type", GgufJson.Quoted(row.ModelType));
        config.Put("architectures", $"[{GgufJson.Quoted(row.ClassName)}]");
        var words = header.Find("token_embd.weight") ?? throw header.Missing("tensor 'token_embd.weight', the table of words");
        config.Put("vocab_size", Text(words.Shape[0]), "the rows of token_embd.weight");
        config.Put("tie_word_embeddings", header.Find("output.weight") is null ? "true" : "false", "the tensor output.weight");
        row.Configure(config);
        config.Tokens();
        config.Rest();
        return (GgufJson.Object(config._members), config.Names);
    }

    /// <summary>The full name of an architecture's key.</summary>
    public string Key(string suffix) => $"{Row.Name}.{suffix}";

    /// <summary>Whether the file has a key.</summary>
    public bool Has(string suffix) => Header[Key(suffix)] is not null;

    public bool HasTensor(string name) => Header.Find(name) is not null;

    /// <summary>Writes a member.</summary>
    public void Put(string hub, string json, string from = "")
    {
        _members.Add((hub, json));
        if (from.Length > 0)
            Names[hub] = from;
    }

    /// <summary>Writes a number as the file has it.</summary>
    public void Put(string hub, double value, string suffix) => Put(hub, Text(value), Key(suffix));

    /// <summary>Writes an integer that the file must have, or that has a default.</summary>
    /// <returns>The integer.</returns>
    public long Size(string hub, string suffix, long? fallback = null)
    {
        long size = Integer(suffix, fallback);
        Put(hub, Text(size), Key(suffix));
        return size;
    }

    /// <summary>An integer. Of a list, one for each layer, all must be the same.</summary>
    public long Integer(string suffix, long? fallback = null)
    {
        string key = Key(suffix);
        _used.Add(key);
        if (Header[key] is not { } value)
            return fallback ?? throw Header.Missing(key);
        if (value.Numbers is { Length: > 0 } list && value.ItemKind is not (GgufKind.Float32 or GgufKind.Float64 or GgufKind.Bool))
        {
            return list.All(item => item == list[0]) ? (long)list[0]
                : throw Header.Unsupported($"{key} differs from layer to layer, which is not supported; supported is one number for all layers");
        }

        return value.IsInteger ? value.Integer : throw Header.Wrong(key, value, "an integer");
    }

    /// <summary>A number; null: there is none.</summary>
    public double? Number(string suffix)
    {
        string key = Key(suffix);
        _used.Add(key);
        if (Header[key] is not { } value)
            return null;
        return (value.IsInteger || value.IsReal) && !double.IsNaN(value.Number) && !double.IsInfinity(value.Number) ? double.Parse(value.NumberText, NumberStyles.Float, CultureInfo.InvariantCulture)
            : throw Header.Wrong(key, value, "a number");
    }

    /// <summary>Writes a number, if the file has it.</summary>
    public void Optional(string hub, string suffix)
    {
        if (Number(suffix) is { } number)
            Put(hub, number, suffix);
    }

    /// <summary>A number that the file must have.</summary>
    public void Required(string hub, string suffix) => Put(hub, Number(suffix) ?? throw Header.Missing(Key(suffix)), suffix);

    public bool Flag(string suffix, bool fallback)
    {
        string key = Key(suffix);
        _used.Add(key);
        return Header[key] is not { } value ? fallback : value.Kind == GgufKind.Bool ? value.Number != 0 : throw Header.Wrong(key, value, "true or false");
    }

    /// <summary>A word; null: there is none.</summary>
    public string? Word(string suffix)
    {
        _used.Add(Key(suffix));
        return Header.Text(Key(suffix));
    }

    /// <summary>Refuses a value.</summary>
    public GgufProblem Unsupported(string suffix, string supported) =>
        Header.Unsupported($"{Key(suffix)} {Header[Key(suffix)]?.Show() ?? "(absent)"} is not supported; supported is {supported}");

    /// <summary>The numbers of a small tensor of settings.</summary>
    public float[] Read(string tensor, long length)
    {
        var found = Header.Find(tensor)!;
        if (found.Type.Name != "F32" || found.Shape.Length != 1 || found.Elements != length)
            throw Header.Unsupported($"tensor '{tensor}' is {found.Type.Name} [{string.Join(",", found.Shape)}], which is not supported; supported is F32 [{Text(length)}]", tensor);
        float[] values = _read(found);
        return Array.TrueForAll(values, value => value > 0 && !float.IsInfinity(value)) ? values : throw Header.Unsupported($"tensor '{tensor}' has what is no number above 0; supported are such numbers", tensor);
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    // The tokens that begin, end and pad.
    private void Tokens()
    {
        foreach (string role in new[] { "bos", "eos" })
        {
            if (Header[$"tokenizer.ggml.{role}_token_id"] is { IsInteger: true } id)
                Put($"{role}_token_id", Text(id.Integer));
        }
    }

    private void Rest()
    {
        string prefix = Row.Name + ".";
        foreach (string key in Header.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !_used.Contains(key)))
        {
            string suffix = key.Substring(prefix.Length);
            var value = Header[key]!;
            int row = Array.FindIndex(s_neutral, neutral => neutral.Key == suffix);
            bool isNeutral = row < 0 || value.Number == s_neutral[row].Neutral || (value.Number == 0 && value.Kind != GgufKind.Bool); // Numbers that are 0 are not set.
            if (!isNeutral || (row >= 0 && value.Kind is GgufKind.String or GgufKind.Array))
                throw Unsupported(suffix, value.Kind == GgufKind.Bool ? s_neutral[row].Neutral == 0 ? "false" : "true" : Text(s_neutral[row].Neutral));
            if (row < 0 && !s_ignored.Contains(suffix))
                Put(key, "true"); // A key that is not known: the compiler says so.
        }
    }
}
