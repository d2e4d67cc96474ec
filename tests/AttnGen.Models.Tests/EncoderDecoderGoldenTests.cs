namespace AttnGen.Models.Tests;

/// <summary>Every encoder–decoder of shared/golden/hf, through the public API of its class, against PyTorch in float64.</summary>
public sealed class EncoderDecoderGoldenTests
{
    public static TheoryData<string> Models => ["t5", "t5-gated", "bart", "marian"];

    public static TheoryData<string> All => [.. Models.Select(row => row.Data), "whisper"];

    [Theory]
    [MemberData(nameof(All))]
    public void Both_halves_agree(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = HubModel.Of(folder).Load();
        EncoderDecoderChecks.Single(model, golden);
        EncoderDecoderChecks.Greedy(model, golden);
        EncoderDecoderChecks.Batch(model, golden);
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
    public void A_sound_of_another_length_is_refused()
    {
        using var model = (ISpeechToTextModel)HubModel.Of(Shared.Require("golden", "hf", "whisper")).Load();
        Assert.Contains("inputFeatures", Assert.Throws<ArgumentException>(() => model.Encode(new float[5])).Message, StringComparison.Ordinal);
    }
}
