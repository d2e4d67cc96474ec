namespace AttnGen.Gguf;

// What architectures have in common.
internal sealed partial class GgufConfig
{
    /// <summary>The sizes under Llama's keys.</summary>
    /// <param name="epsilon">The key of ε in config.json: of norms without mean, or with.</param>
    /// <param name="needsHeadDim">Whether head_dim has a default of its own there.</param>
    /// <returns>Heads, and the size of one.</returns>
    public (long Heads, long HeadDim) Sizes(string epsilon = "rms_norm_eps", bool needsHeadDim = false)
    {
        long width = Size("hidden_size", "embedding_length");
        Size("num_hidden_layers", "block_count");
        long heads = Size("num_attention_heads", "attention.head_count");
        Size("num_key_value_heads", "attention.head_count_kv", heads);
        Size("intermediate_size", "feed_forward_length");
        Size("max_position_embeddings", "context_length");
        Epsilon(epsilon);
        long size = HeadDim(width, heads);
        if (Has("attention.key_length") || needsHeadDim)
            Put("head_dim", Text(size), Key("attention.key_length"));
        return (heads, size);
    }

    /// <summary>ε of every norm.</summary>
    public void Epsilon(string hub) => Required(hub, hub.StartsWith("rms", StringComparison.Ordinal) ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon");

    /// <summary>The size of a head, which keys and values share.</summary>
    public long HeadDim(long width, long heads)
    {
        if (heads <= 0)
            throw Unsupported("attention.head_count", "a number above 0");
        long size = Integer("attention.key_length", width / heads);
        if (Integer("attention.value_length", size) != size)
            throw Unsupported("attention.value_length", $"that of keys, {Text(size)}");
        return size;
    }

    /// <summary>The size of a head where it can only be the width divided by the heads.</summary>
    public long DividedHeadDim(long width, long heads)
    {
        long size = HeadDim(width, heads);
        return !Has("attention.key_length") || size * heads == width ? size : throw Unsupported("attention.key_length", Text(width / heads));
    }

    /// <summary>Writes whether maps of attention, or of feed-forward networks, have biases: the tensors say so.</summary>
    public void Bias(string hub, params string[] tensors) => Put(hub, tensors.Any(tensor => HasTensor($"blk.0.{tensor}.bias")) ? "true" : "false", $"the tensor blk.0.{tensors[0]}.bias");

    /// <summary>Writes how positions turn.</summary>
    /// <param name="headDim">The size of a head.</param>
    /// <param name="theta">The key of the base in config.json.</param>
    /// <param name="part">The key of the part of a head that turns; "": all of it must.</param>
    /// <returns>How many features of a head turn.</returns>
    public long Rope(long headDim, string theta = "rope_theta", string part = "")
    {
        long turned = Integer("rope.dimension_count", headDim);
        if (turned <= 0 || turned > headDim || (part.Length == 0 && turned != headDim))
            throw Unsupported("rope.dimension_count", part.Length == 0 ? Text(headDim) : $"1 to {Text(headDim)}");
        if (part.Length > 0)
            Put(part, Text(turned == (long)(headDim * (turned / (double)headDim)) ? turned / (double)headDim : (turned + 0.25) / headDim), Key("rope.dimension_count"));
        Put(theta, Number("rope.freq_base") ?? 10000, "rope.freq_base");
        Scaling(turned);
        return turned;
    }

    private void Scaling(long turned)
    {
        const string Hub = "rope_scaling";
        string kind = Word("rope.scaling.type") ?? (Number("rope.scale_linear") is > 0 and not 1 ? "linear" : "none");
        double factor = Number("rope.scaling.factor") ?? Number("rope.scale_linear") ?? 1;
        long context = Integer("context_length", null);
        if (HasTensor("rope_freqs.weight"))
        {
            if (kind is not ("none" or "llama3"))
                throw Header.Unsupported($"{Key("rope.scaling.type")} '{kind}' beside the tensor 'rope_freqs.weight' is not supported; supported is one of the two", "rope_freqs.weight");
            Put(Hub, Frequencies(Read("rope_freqs.weight", turned / 2), context), "the tensor rope_freqs.weight");
            return;
        }

        switch (kind)
        {
            case "none":
            case "linear" when factor == 1:
                break;
            case "linear":
                Put(Hub, $"{{\"rope_type\": \"linear\", \"factor\": {Text(factor)}}}", Key("rope.scaling.factor"));
                break;
            case "yarn":
                long original = Integer("rope.scaling.original_context_length", null);
                string fast = Number("rope.scaling.yarn_beta_fast") is { } high ? $", \"beta_fast\": {Text(high)}" : "", slow = Number("rope.scaling.yarn_beta_slow") is { } low ? $", \"beta_slow\": {Text(low)}" : "";
                Put(Hub, $"{{\"rope_type\": \"yarn\", \"factor\": {Text(factor)}, \"original_max_position_embeddings\": {Text(original)}{fast}{slow}}}", Key("rope.scaling.factor"));
                break;
            case "longrope" when HasTensor("rope_factors_short.weight") && HasTensor("rope_factors_long.weight"):
                break; // Phi-3's, which writes it.
            default:
                throw Unsupported("rope.scaling.type", "'none', 'linear' or 'yarn', or 'longrope' of phi3");
        }
    }

    /// <summary>
    /// Factors for each pair, as llama.cpp's converter computes them of Llama 3.1's settings. Where those are Meta's usual ones but for the factor and the
    /// positions before stretching, the settings are found again, and the positions turn as those of the folder do; else the factors are taken as they are.
    /// </summary>
    private string Frequencies(float[] factors, long context)
    {
        double theta = Number("rope.freq_base") ?? 10000;
        float last = factors[factors.Length - 1];
        long known = Integer("rope.scaling.original_context_length", 0);
        foreach (long original in new[] { known, 8192L, 4096L, 2048L, 1024L, 512L, 256L, 128L, 64L, 32L, 16L, 8L }.Where(original => original > 0).Distinct())
        {
            if (last > 1 && factors.Select((factor, pair) => Math.Abs(Llama3(pair, original) - factor) <= 4e-7 * factor).All(isSame => isSame))
                return $"{{\"rope_type\": \"llama3\", \"factor\": {GgufValue.Shortest(last)}, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": {Text(original)}}}";
        }

        string list = $"[{string.Join(", ", factors.Select(GgufValue.Shortest))}]";
        return $"{{\"rope_type\": \"longrope\", \"short_factor\": {list}, \"long_factor\": {list}, \"attention_factor\": 1.0, \"original_max_position_embeddings\": {Text(context)}}}";

        double Llama3(int pair, long original)
        {
            double wave = 2 * Math.PI * Math.Pow(theta, pair / (double)factors.Length);
            if (wave < original / 4.0)
                return 1;
            if (wave > original)
                return last;
            double smooth = (original / wave - 1) / 3;
            return 1 / ((1 - smooth) / last + smooth);
        }
    }
}
