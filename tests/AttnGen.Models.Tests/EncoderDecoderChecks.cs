namespace AttnGen.Models.Tests;

/// <summary>What a golden file of an encoder–decoder holds, against the class: of texts and of sounds alike.</summary>
internal static class EncoderDecoderChecks
{
    /// <summary>One source and one text: the encoder, the decoder, and how it looks at the source.</summary>
    public static void Single(ITransformerModel model, Golden golden)
    {
        var checks = new Checks(golden);
        var info = model.Info;
        var ids = Golden.Ints(golden.Integers("single.decoder_input_ids"));
        Encoder(model, golden, checks);
        using var sequence = Encode(model, golden, "single.", 0);
        int t = ids.Length, s = sequence.SourceTokens, d = info.HiddenSize;
        var states = new float[(info.DecoderLayers + 1) * t * d];
        var maps = new float[info.DecoderLayers * info.DecoderHeads * t * t];
        var cross = new float[info.DecoderLayers * info.DecoderHeads * t * s];
        var logits = new float[t * info.LogitsSize];
        sequence.Extend(ids, logits, new ForwardTrace { AttentionWeights = maps, HiddenStates = states, SourceWeights = cross });
        checks.Compare("single.logits", logits);
        for (var layer = 0; layer <= info.DecoderLayers; layer++)
            checks.Compare($"single.decoder_hidden_states.{layer}", states.AsSpan(layer * t * d, t * d));
        if (golden.Has("single.last_hidden_state"))
            checks.Compare("single.last_hidden_state", states.AsSpan(info.DecoderLayers * t * d));
        for (var layer = 0; layer < info.DecoderLayers; layer++)
        {
            checks.Compare($"single.decoder_attentions.{layer}", maps.AsSpan(layer * info.DecoderHeads * t * t, info.DecoderHeads * t * t));
            checks.Compare($"single.cross_attentions.{layer}", cross.AsSpan(layer * info.DecoderHeads * t * s, info.DecoderHeads * t * s));
        }

        checks.Done("single.");
    }

    /// <summary>What is written of the single source, from the start on.</summary>
    public static void Greedy(ITransformerModel model, Golden golden)
    {
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        using var sequence = Encode(model, golden, "single.", 0);
        var expected = Golden.Ints(golden.Integers("greedy.ids"));
        var logits = new float[expected.Length * size];
        int[] ids = [model.Info.DecoderStartTokenId, .. expected];
        for (var i = 0; i < expected.Length; i++)
        {
            var row = logits.AsSpan(i * size, size);
            sequence.Extend(ids.AsSpan(i, 1), row);
            var best = 0;
            for (var id = 1; id < size; id++)
                best = row[id] > row[best] ? id : best;
            Assert.Equal(expected[i], best);
        }

        checks.Compare("greedy.logits", logits);
        checks.Done("greedy.");
    }

    /// <summary>Texts of a padded batch are texts of their own; all are written in one pass.</summary>
    public static void Batch(ITransformerModel model, Golden golden)
    {
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        var ids = Golden.Ints(golden.Integers("batch.decoder_input_ids"));
        int rows = golden.Shape("batch.decoder_input_ids")[0], written = ids.Length / rows;
        var sequences = Enumerable.Range(0, rows).Select(row => Encode(model, golden, "batch.", row)).ToArray();
        var logits = new float[rows * written * size];
        var some = new float[rows * size];
        for (var i = 0; i < written; i++)
        {
            TokenSequence.Extend(sequences, [.. sequences.Select(_ => 1)], [.. Enumerable.Range(0, rows).Select(row => ids[row * written + i])], some);
            for (var row = 0; row < rows; row++)
                some.AsSpan(row * size, size).CopyTo(logits.AsSpan((row * written + i) * size));
        }

        checks.Compare("batch.logits", logits);
        Array.ForEach(sequences, sequence => sequence.Dispose());
    }

    private static TokenSequence Encode(ITransformerModel model, Golden golden, string set, int row)
    {
        if (model is ISpeechToTextModel speech)
        {
            var all = golden.Floats(set + "input_features");
            var one = all.Length / golden.Shape(set + "input_features")[0];
            return speech.Encode(all.AsSpan(row * one, one));
        }

        var ids = golden.Integers(set + "input_ids");
        var tokens = golden.Shape(set + "input_ids")[1];
        var mask = golden.Has(set + "attention_mask") ? golden.Integers(set + "attention_mask") : null;
        return ((IEncoderDecoderModel)model).Encode(Golden.Ints([.. Enumerable.Range(row * tokens, tokens).Where(i => mask is null || mask[i] != 0).Select(i => ids[i])]));
    }

    private static void Encoder(ITransformerModel model, Golden golden, Checks checks)
    {
        var info = model.Info;
        var source = model is ISpeechModel ? [] : Golden.Ints(golden.Integers("single.input_ids"));
        int s = model is ISpeechModel ? info.MaxTokens : source.Length, d = info.HiddenSize;
        var hidden = new float[s * d];
        var states = new float[(info.Layers + 1) * hidden.Length];
        var maps = new float[info.Layers * info.Heads * s * s];
        var trace = new ForwardTrace { AttentionWeights = maps, HiddenStates = states };
        if (model is ISpeechModel speech)
            speech.Forward(golden.Floats("single.input_features"), hidden, trace);
        else
            ((ITextModel)model).Forward(source, hidden, trace: trace);
        checks.Compare("single.encoder_last_hidden_state", hidden);
        for (var layer = 0; layer <= info.Layers; layer++)
            checks.Compare($"single.encoder_hidden_states.{layer}", states.AsSpan(layer * hidden.Length, hidden.Length));
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"single.encoder_attentions.{layer}", maps.AsSpan(layer * info.Heads * s * s, info.Heads * s * s));
    }
}
