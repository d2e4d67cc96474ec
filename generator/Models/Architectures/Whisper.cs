namespace AttnGen.Generator.Models;

/// <summary>Whisper (Radford et al. 2022, arXiv:2212.04356): sound through two convolutions into a pre-norm encoder, and a decoder that writes it down. Keys have no bias.</summary>
internal static class Whisper
{
    public static readonly Architecture Row = new()
    {
        ModelTypes = ["whisper"],
        Kind = ArchitectureKind.EncoderDecoder,
        Prefix = "model.",
        Probe = "encoder.conv1.weight",
        Layer = "encoder.layers.{0}.",
        Body = ["encoder.", "decoder."],
        HeadMayBeTied = true,
        Describe = Describe,
    };

    private static TransformerParts? Describe(ModelDraft m)
    {
        var c = m.Config;
        var d = c.Size(c.Either("hidden_size", "d_model"), 384);
        var vocabulary = c.Vocabulary(51865);
        var bins = c.Size("num_mel_bins", 80, maximum: 4096);
        Dim heard = c.Size("max_source_positions", 1500, maximum: Limits.Tokens / 2), written = c.Size("max_target_positions", 448, maximum: Limits.Tokens);
        string activation = c.Activation("activation_function", "gelu");
        Switch scales = c.Flag("scale_embedding", false), tied = c.Flag("tie_word_embeddings", true);
        int pad = c.PadToken(50256, vocabulary), start = c.Integer("decoder_start_token_id", 50257, -1, vocabulary.Size - 1);
        var encoder = Bart.Sizes(c, "encoder", d, vocabulary, heard.Size, layers: 4, heads: 6, feedForward: 1536);
        var decoder = Bart.Sizes(c, "decoder", d, vocabulary, written.Size, layers: 4, heads: 6, feedForward: 1536);
        if (c.HasProblems)
            return null;

        string p = m.Prefix;
        var outputs = EncoderParts.OfClass(m, "Whisper", new("ForConditionalGeneration", () => Outputs.None), new("Model", () => Outputs.None));
        LinearTensors Convolution(string name, Dim channels)
        {
            m.Whole($"{p}encoder.{name}.weight", 0, d, channels, new Dim(3, ""));
            m.Whole($"{p}encoder.{name}.bias", 0, d);
            return LinearTensors.Of(new($"{p}encoder.{name}.weight", 0, d.Size), new($"{p}encoder.{name}.bias", 0, d.Size), 3 * channels.Size, d.Size);
        }

        m.Whole(p + "encoder.embed_positions.weight", 0, heard, d);
        m.Whole(p + "decoder.embed_positions.weight", 0, written, d);
        string table = p + "decoder.embed_tokens.weight", head = m.Ties(tied, "proj_out.weight") ? table : "proj_out.weight";
        m.Whole(table, 0, vocabulary, d);
        m.Whole(head, tied, vocabulary, d);
        var input = new AudioInputSpec(bins.Size, 2 * heard.Size, Convolution("conv1", bins), Convolution("conv2", d), p + "encoder.embed_positions.weight");
        var words = new TokenInputSpec(vocabulary.Size, d.Size, table, new(p + "decoder.embed_positions.weight", written.Size, 0, SkipsPadding: false, -1), null, null, null) { Scale = scales ? Math.Sqrt(d.Size) : 1 };
        var key = new Switch(false, "of Whisper's keys");
        var map = LinearTensors.Of(new(head, 0, vocabulary.Size), null, d.Size, vocabulary.Size);
        return new(input, Bart.Stack(m, encoder, "encoder", activation, normFirst: true, isDecoder: false, key), "encoder_layers", outputs with { Task = ModelTask.LanguageModel }, pad)
        {
            Decoder = new(words, Bart.Stack(m, decoder, "decoder", activation, normFirst: true, isDecoder: true, key), EncoderParts.Head(StatesRead.EveryToken, vocabulary.Size, EncoderParts.Map(map)), start),
        };
    }
}
