namespace AttnGen.Tool;

/// <summary>Calls a model's sequences.</summary>
internal static class SequenceRunner
{
    /// <summary>Whether sequences give logits.</summary>
    public static bool HasLogits(ModelInfo info) => info.LogitsSize > 0;

    /// <summary>Reads tokens in one call, with all that is asked for.</summary>
    public static RowOutput Extend(TokenSequence sequence, ModelInfo info, ReadOnlySpan<int> ids, bool states = false, bool attentions = false)
    {
        var ofHalves = info.DecoderLayers > 0;
        var (layers, heads, after) = (ofHalves ? info.DecoderLayers : info.Layers, ofHalves ? info.DecoderHeads : info.Heads, sequence.Position + ids.Length);
        var output = new RowOutput
        {
            Logits = HasLogits(info) ? ModelRunner.Array((long)ids.Length * info.LogitsSize) : [],
            States = states ? ModelRunner.Array((layers + 1L) * ids.Length * info.HiddenSize) : [],
            Attentions = attentions ? ModelRunner.Array((long)layers * heads * ids.Length * after) : [],
            Cross = attentions && ofHalves ? ModelRunner.Array((long)layers * heads * ids.Length * sequence.SourceTokens) : [],
        };
        sequence.Extend(ids, output.Logits, new ForwardTrace { HiddenStates = output.States, AttentionWeights = output.Attentions, SourceWeights = output.Cross });
        return output;
    }

    /// <summary>Reads tokens one by one.</summary>
    /// <returns>The logits after each.</returns>
    public static float[] OneByOne(TokenSequence sequence, ModelInfo info, ReadOnlySpan<int> ids)
    {
        var size = info.LogitsSize;
        var logits = ModelRunner.Array((long)ids.Length * size);
        for (var i = 0; i < ids.Length; i++)
            sequence.Extend(ids.Slice(i, 1), logits.AsSpan(i * size, size));
        return logits;
    }

    /// <summary>The likeliest token: the first of equals.</summary>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var id = 1; id < logits.Length; id++)
        {
            if (logits[id] > logits[best])
                best = id;
        }

        return best;
    }

    /// <summary>Numbers of real tokens at their places among padding, which is 0.</summary>
    /// <param name="values">[outer, real, inner].</param>
    /// <param name="inner">Numbers of a token.</param>
    /// <param name="real">Real tokens.</param>
    /// <param name="first">Where they begin.</param>
    /// <param name="tokens">Tokens with the padding.</param>
    public static float[] Framed(float[] values, int inner, int real, int first, int tokens)
    {
        if (real == tokens || values.Length == 0)
            return values;
        var outer = values.Length / (real * inner);
        var framed = ModelRunner.Array((long)outer * tokens * inner);
        for (var i = 0; i < outer; i++)
            values.AsSpan(i * real * inner, real * inner).CopyTo(framed.AsSpan(((i * tokens) + first) * inner));
        return framed;
    }

    /// <summary>Texts that must fit the model.</summary>
    public static void CheckRoom(ModelInfo info, int tokens, string what)
    {
        var most = info.DecoderLayers > 0 ? info.DecoderMaxTokens : info.MaxTokens;
        if (tokens > most)
            throw new GoldenException($"{what} are {tokens} tokens, but the context window holds {most}; make a shorter case");
    }
}
