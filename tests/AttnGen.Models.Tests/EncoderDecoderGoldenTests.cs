namespace AttnGen.Models.Tests;

/// <summary>Every encoder–decoder of shared/golden/hf, through the public API of its class, against PyTorch in float64.</summary>
public sealed class EncoderDecoderGoldenTests
{
    public static TheoryData<string> Models => ["t5", "t5-gated", "bart", "marian"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Both_halves_agree(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (IEncoderDecoderModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var info = model.Info;
        var source = Golden.Ints(golden.Integers("single.input_ids"));
        var ids = Golden.Ints(golden.Integers("single.decoder_input_ids"));
        Encoder(model, source, golden, checks);

        Decoder(model.Encode(source), "single.", ids, info, golden, checks);
        checks.Done("single.");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_written_is_the_same_text(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (IEncoderDecoderModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        using var sequence = model.Encode(Golden.Ints(golden.Integers("single.input_ids")));
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

    /// <summary>Texts of a padded batch are texts of their own; several are written in one pass.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Batches_agree(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (IEncoderDecoderModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        var sources = golden.Integers("batch.input_ids");
        var mask = golden.Integers("batch.attention_mask");
        var ids = Golden.Ints(golden.Integers("batch.decoder_input_ids"));
        int rows = golden.Shape("batch.input_ids")[0], tokens = sources.Length / rows, written = ids.Length / rows;
        var sequences = Enumerable.Range(0, rows).Select(row => model.Encode(Golden.Ints([.. sources.Skip(row * tokens).Take(tokens).Where((_, i) => mask[row * tokens + i] != 0)]))).ToArray();
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

    [Theory]
    [MemberData(nameof(Models))]
    public void However_it_is_cut_forked_or_saved_a_text_has_the_same_bits(string name)
    {
        using var model = (IEncoderDecoderModel)HubModel.Of(Shared.Require("golden", "hf", name)).Load();
        var size = model.Info.LogitsSize;
        int[] source = [.. Enumerable.Range(0, 19).Select(i => (i * 7 + 3) % model.Info.VocabularySize)];
        int[] ids = [.. Enumerable.Range(0, 20).Select(i => (i * 11 + 2) % size)];
        var whole = new float[ids.Length * size];
        using (var sequence = model.Encode(source))
            sequence.Extend(ids, whole);
        for (var cut = 1; cut < ids.Length; cut += 3)
        {
            using var sequence = model.Encode(source, ids.Length);
            var logits = new float[whole.Length];
            sequence.Extend(ids.AsSpan(0, cut), logits.AsSpan(0, cut * size));
            using var fork = sequence.Fork();
            using var saved = new MemoryStream();
            sequence.Save(saved);
            sequence.Extend(ids.AsSpan(cut), logits.AsSpan(cut * size));
            Assert.Equal(whole, logits);
            fork.Extend(ids.AsSpan(cut), logits.AsSpan(cut * size));
            Assert.Equal(whole, logits);
            using var loaded = model.Encode([.. source.Reverse()]);
            loaded.Extend(ids);
            saved.Position = 0;
            loaded.Load(saved);
            loaded.Extend(ids.AsSpan(cut), logits.AsSpan(cut * size));
            Assert.Equal(whole, logits);
            using var other = model.Encode(source[1..]);
            saved.Position = 0;
            Assert.Contains("encode the same source first", Assert.Throws<InvalidOperationException>(() => other.Load(saved)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sound_is_written_down()
    {
        var folder = Shared.Require("golden", "hf", "whisper");
        using var golden = new Golden(folder);
        using var model = (ISpeechToTextModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var info = model.Info;
        var sound = golden.Floats("single.input_features");
        Assert.Equal([1, info.AudioBins, info.AudioFrames], golden.Shape("single.input_features"));
        int s = info.MaxTokens, d = info.HiddenSize, size = info.LogitsSize;
        var hidden = new float[s * d];
        var heard = new float[(info.Layers + 1) * hidden.Length];
        var hearing = new float[info.Layers * info.Heads * s * s];
        model.Forward(sound, hidden, new ForwardTrace { AttentionWeights = hearing, HiddenStates = heard });
        checks.Compare("single.encoder_last_hidden_state", hidden);
        for (var layer = 0; layer <= info.Layers; layer++)
            checks.Compare($"single.encoder_hidden_states.{layer}", heard.AsSpan(layer * hidden.Length, hidden.Length));
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"single.encoder_attentions.{layer}", hearing.AsSpan(layer * info.Heads * s * s, info.Heads * s * s));
        Decoder(model.Encode(sound), "single.", Golden.Ints(golden.Integers("single.decoder_input_ids")), info, golden, checks);
        checks.Done("single.");

        // The start of a text of its own, and then what is written.
        var expected = Golden.Ints(golden.Integers("greedy.ids"));
        using (var sequence = model.Encode(sound))
        {
            var logits = new float[expected.Length * size];
            int[] ids = [info.DecoderStartTokenId, .. expected];
            for (var i = 0; i < expected.Length; i++)
            {
                var row = logits.AsSpan(i * size, size);
                sequence.Extend(ids.AsSpan(i, 1), row);
                Assert.Equal(expected[i], row.IndexOf(row.ToArray().Max()));
            }

            checks.Compare("greedy.logits", logits);
        }

        // Two sounds, of which each is as if alone.
        var both = golden.Floats("batch.input_features");
        var texts = Golden.Ints(golden.Integers("batch.decoder_input_ids"));
        var (states, written) = (new float[2 * s * d], new float[texts.Length * size]);
        for (var row = 0; row < 2; row++)
        {
            var one = both.AsSpan(row * both.Length / 2, both.Length / 2);
            model.Forward(one, states.AsSpan(row * s * d, s * d));
            using var sequence = model.Encode(one);
            sequence.Extend(texts.AsSpan(row * texts.Length / 2, texts.Length / 2), written.AsSpan(row * written.Length / 2, written.Length / 2));
        }

        checks.Compare("batch.encoder_last_hidden_state", states);
        checks.Compare("batch.logits", written);
        checks.Done("batch.");
        Assert.Contains("inputFeatures", Assert.Throws<ArgumentException>(() => model.Encode(new float[5])).Message, StringComparison.Ordinal);
    }

    private static void Decoder(TokenSequence text, string set, int[] ids, ModelInfo info, Golden golden, Checks checks)
    {
        using var sequence = text;
        int t = ids.Length, s = sequence.SourceTokens, d = info.HiddenSize;
        var states = new float[(info.DecoderLayers + 1) * t * d];
        var maps = new float[info.DecoderLayers * info.DecoderHeads * t * t];
        var cross = new float[info.DecoderLayers * info.DecoderHeads * t * s];
        var logits = new float[t * info.LogitsSize];
        sequence.Extend(ids, logits, new ForwardTrace { AttentionWeights = maps, HiddenStates = states, SourceWeights = cross });
        checks.Compare(set + "logits", logits);
        for (var layer = 0; layer <= info.DecoderLayers; layer++)
            checks.Compare($"{set}decoder_hidden_states.{layer}", states.AsSpan(layer * t * d, t * d));
        if (golden.Has(set + "last_hidden_state"))
            checks.Compare(set + "last_hidden_state", states.AsSpan(info.DecoderLayers * t * d));
        for (var layer = 0; layer < info.DecoderLayers; layer++)
        {
            checks.Compare($"{set}decoder_attentions.{layer}", maps.AsSpan(layer * info.DecoderHeads * t * t, info.DecoderHeads * t * t));
            checks.Compare($"{set}cross_attentions.{layer}", cross.AsSpan(layer * info.DecoderHeads * t * s, info.DecoderHeads * t * s));
        }
    }

    private static void Encoder(IEncoderDecoderModel model, int[] source, Golden golden, Checks checks)
    {
        var info = model.Info;
        int s = source.Length, d = info.HiddenSize;
        var hidden = new float[s * d];
        var states = new float[(info.Layers + 1) * hidden.Length];
        var maps = new float[info.Layers * info.Heads * s * s];
        model.Forward(source, hidden, trace: new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
        checks.Compare("single.encoder_last_hidden_state", hidden);
        for (var layer = 0; layer <= info.Layers; layer++)
            checks.Compare($"single.encoder_hidden_states.{layer}", states.AsSpan(layer * hidden.Length, hidden.Length));
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"single.encoder_attentions.{layer}", maps.AsSpan(layer * info.Heads * s * s, info.Heads * s * s));
    }
}
