namespace AttnGen.Generator.Models;

/// <summary>BART (Lewis et al. 2019, arXiv:1910.13461), mBART (Liu et al. 2020, arXiv:2001.08210), which is pre-norm, and Marian (Junczys-Dowmunt et al. 2018, arXiv:1804.00344), whose positions are computed.</summary>
internal static class Bart
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["bart", "mbart", "marian"],
        Kind = ArchitectureKind.EncoderDecoder,
        Prefix = "model.",
        Probe = "encoder.layers.0.self_attn.q_proj.weight",
        Layer = "encoder.layers.{0}.",
        Body = ["shared.", "encoder.", "decoder."],
        // One table of words under several names, and positions that are computed.
        Unused = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "encoder.embed_positions.weight", "decoder.embed_positions.weight"],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        string type = c.Word("model_type", "bart"), family = type switch { "bart" => "Bart", "mbart" => "MBart", _ => "Marian" };
        bool normFirst = type == "mbart", isMarian = type == "marian";
        var d = c.Size(c.Either("hidden_size", "d_model"), 1024);
        var vocabulary = c.Vocabulary(isMarian ? 58101 : 50265);
        var positions = c.Size("max_position_embeddings", 1024, maximum: Limits.Tokens);
        string activation = c.Activation("activation_function", "gelu");
        Switch scales = c.Flag("scale_embedding", false), shared = isMarian ? c.Flag("share_encoder_decoder_embeddings", true) : new Switch(true, ""), tied = c.Flag("tie_word_embeddings", true);
        var words = isMarian && c["decoder_vocab_size"] is not null ? c.Size("decoder_vocab_size", vocabulary.Size, maximum: 1 << 24) : vocabulary;
        int pad = c.PadToken(isMarian ? 58100 : 1, vocabulary), start = c.Integer("decoder_start_token_id", isMarian ? 58100 : type == "bart" ? 2 : -1, -1, words.Size - 1);
        var encoder = Sizes(c, "encoder", d, vocabulary, positions.Size);
        var decoder = Sizes(c, "decoder", d, words, positions.Size);
        if (!c.HasProblems && shared && words.Size != vocabulary.Size)
            c.Wrong($"decoder_vocab_size {Text.Of(words.Size)} is not vocab_size {Text.Of(vocabulary.Size)}, but share_encoder_decoder_embeddings says that both halves have one table of words");
        if (c.HasProblems)
            return null;

        string p = m.Prefix;
        var outputs = EncoderParts.OfClass(
            m, family,
            new(isMarian ? "MTModel" : "ForConditionalGeneration", () => Outputs.None),
            // The same without a head of its own: what the class with one makes of the folder.
            new("Model", () => Outputs.None));
        string table = !shared ? p + "encoder.embed_tokens.weight" : m.Has(p + "shared.weight") || !m.Has(p + "encoder.embed_tokens.weight") ? p + "shared.weight" : p + "encoder.embed_tokens.weight";
        string written = shared ? table : p + "decoder.embed_tokens.weight";
        var read = Input(encoder, "encoder", table);
        var input = Input(decoder, "decoder", written);
        var stack = Stack(m, encoder, "encoder", activation, normFirst, isDecoder: false);
        var layers = Stack(m, decoder, "decoder", activation, normFirst, isDecoder: true);
        string head = m.Ties(tied, "lm_head.weight") ? written : "lm_head.weight";
        m.Whole(head, tied, words, d);
        // Zeros, unless the file has others.
        var bias = m.Has("final_logits_bias") ? m.Whole("final_logits_bias", 0, new Dim(1, ""), words) with { TensorRows = words.Size } : null;
        var map = LinearTensors.Of(new(head, 0, words.Size), bias, d.Size, words.Size);
        return new(read, stack, "encoder_layers", outputs with { Task = ModelTask.LanguageModel }, pad)
        {
            Decoder = new(input, layers, EncoderParts.Head(StatesRead.EveryToken, words.Size, EncoderParts.Map(map)), start),
        };

        TokenInputSpec Input(DecoderSizes s, string half, string name)
        {
            m.Whole(name, 0, s.Vocabulary, d);
            int first = isMarian ? 0 : 2; // rows before the first position, from when padding took them
            string place = $"{p}{half}.embed_positions.weight";
            if (!isMarian)
                m.Whole(place, 0, new Dim(positions.Size + first, $"{positions.From} + 2"), d);
            var norm = isMarian ? null : m.Norm($"{p}{half}.layernorm_embedding", d, 1e-5);
            return new(s.Vocabulary.Size, d.Size, name, new(place, positions.Size + first, first, SkipsPadding: false, -1) { IsSinusoidal = isMarian }, null, norm, null) { Scale = scales ? Math.Sqrt(d.Size) : 1 };
        }
    }

    /// <summary>The layers of a half.</summary>
    public static StackSpec Stack(ModelDraft m, DecoderSizes s, string half, string activation, bool normFirst, bool isDecoder, Switch? keyBias = null)
    {
        int n = s.Layers.Size;
        var d = s.Hidden;
        string layer = $"{m.Prefix}{half}.layers.{{0}}.";
        LinearTensors Map(string name, Dim inputs, Dim outputs, Switch? bias = null) => m.Map(layer + name, inputs, outputs, bias, n);
        AttentionPart Attends(string name, bool causal) => new(
            DecoderParts.Attention(s, DecoderParts.Score(s, position: PositionKind.None) with { Causal = causal }),
            new(Map(name + ".q_proj", d, d), Map(name + ".k_proj", d, d, keyBias), Map(name + ".v_proj", d, d), Map(name + ".out_proj", d, d)));
        StageSpec Stage(PartSpec part, string norm) => StageSpec.Of(part, m.Norm(layer + norm, d, 1e-5, layers: n), normFirst);
        List<StageSpec> stages = [Stage(Attends("self_attn", isDecoder), "self_attn_layer_norm")];
        if (isDecoder)
            stages.Add(Stage(Attends("encoder_attn", causal: false) with { ReadsSource = true }, "encoder_attn_layer_norm"));
        stages.Add(Stage(new FeedForwardPart(new(Map("fc1", d, s.FeedForward), null, Map("fc2", s.FeedForward, d)), activation), "final_layer_norm"));
        return new(n, n, stages.ToEquatable(), EquatableArray<LayerSpec>.Empty, normFirst ? m.Norm($"{m.Prefix}{half}.layer_norm", d, 1e-5) : null, LastStateIsNormed: true) { KeepsKeys = isDecoder };
    }

    /// <summary>The sizes of a half.</summary>
    public static DecoderSizes Sizes(ConfigReader c, string half, Dim d, Dim vocabulary, int positions, int layers = 12, int heads = 16, int feedForward = 4096)
    {
        var count = c.Heads($"{half}_attention_heads", heads, d, "d_model");
        return new(
            c.Size($"{half}_layers", layers, maximum: Limits.Layers), d, count, count, new(Math.Max(1, d.Size / count.Size), $"{d.From}/{count.From}"), c.Size($"{half}_ffn_dim", feedForward), vocabulary, positions);
    }
}
