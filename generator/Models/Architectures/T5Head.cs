namespace AttnGen.Generator.Models;

/// <summary>
/// The head of the T5 family. transformers 4 goes by tie_word_embeddings alone: it says whether the head is the table of words, and whether hidden states are divided
/// by √d before it. transformers 5 ties every folder whose file has no head, and scales by another rule for each: T5 by scale_decoder_outputs (without it, unless
/// tie_word_embeddings is false), mT5 never, umT5 always.
/// </summary>
/// <param name="IsTied">Whether the head is the table of words.</param>
/// <param name="Scales">Whether hidden states are divided by √d before it.</param>
internal readonly record struct T5Head(Switch IsTied, bool Scales)
{
    private const string Head = "lm_head.weight";

    /// <summary>What the version that wrote the folder makes of it. Both versions name themselves when they save, so what names none is read as by 4, and told where they differ.</summary>
    public static T5Head Of(ModelDraft m, string type)
    {
        var c = m.Config;
        Switch tied = c.Flag("tie_word_embeddings", type != "mt5"), scales = c.Flag("scale_decoder_outputs", tied.On);
        bool says = c["scale_decoder_outputs"] is not null;
        if (m.Version.IsFive || !m.Version.IsKnown && says)
        {
            bool five = type switch { "mt5" => false, "umt5" => true, _ => scales.On };
            if (says && scales.On != five)
                c.Unsupported($"scale_decoder_outputs {Word(scales)} of model_type '{type}' is not supported; supported is {Word(five)}, which is what transformers 5 computes whatever the key says");
            return new(m.IsKnown ? new Switch(!m.Has(Head), "transformers_version 5") : tied, five);
        }

        if (says && scales.On != tied.On)
            c.Unsupported($"scale_decoder_outputs {Word(scales)} beside tie_word_embeddings {Word(tied)} and transformers_version 4 is not supported; supported is {Word(tied)}: transformers 4 does not know the key");
        if (!m.Version.IsKnown && type != "t5" && tied.On != (type == "umt5"))
            m.Tell($"config.json: tie_word_embeddings {Word(tied)} of model_type '{type}' without a released transformers_version is read as by transformers 4, which {(tied ? "divides" : "does not divide")} hidden states by √d_model before the head; 5 does{(tied ? " not" : "")}. Name the version that wrote the folder ('4.57.1', '5.17.0')");
        return new(new Switch(m.Ties(tied, Head), tied.From), tied);

        static string Word(bool value) => value ? "true" : "false";
    }
}
