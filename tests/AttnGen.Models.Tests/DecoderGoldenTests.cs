namespace AttnGen.Models.Tests;

/// <summary>Every decoder of shared/golden/hf, through the public API of its class, against PyTorch in float64.</summary>
public sealed class DecoderGoldenTests
{
    public static TheoryData<string> Models => ["gpt2", "llama", "llama-rope-llama3", "qwen2", "qwen3", "mistral"];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_prompt_agrees(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ILanguageModel)HubModel.Of(folder).Load();
        using var sequence = model.CreateSequence();
        var checks = new Checks(golden);
        var ids = Golden.Ints(golden.Integers("prefill.input_ids"));
        var info = model.Info;
        var states = new float[(info.Layers + 1) * ids.Length * info.HiddenSize];
        var maps = new float[info.Layers * info.Heads * ids.Length * ids.Length];
        var logits = new float[ids.Length * info.LogitsSize];
        sequence.Extend(ids, logits, new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
        Assert.Equal(ids.Length, sequence.Position);
        checks.Compare("prefill.logits", logits);
        for (var layer = 0; layer <= info.Layers; layer++)
            checks.Compare($"prefill.hidden_states.{layer}", states.AsSpan(layer * ids.Length * info.HiddenSize, ids.Length * info.HiddenSize));
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"prefill.attentions.{layer}", maps.AsSpan(layer * info.Heads * ids.Length * ids.Length, info.Heads * ids.Length * ids.Length));
        var hidden = new float[ids.Length * info.HiddenSize];
        model.Forward(ids, hidden);
        checks.Compare("prefill.last_hidden_state", hidden);
        checks.Done("prefill.");

        // Token by token through the cache.
        var more = Golden.Ints(golden.Integers("decode.input_ids"));
        var decoded = new float[more.Length * info.LogitsSize];
        for (var i = 0; i < more.Length; i++)
            sequence.Extend(more.AsSpan(i, 1), decoded.AsSpan(i * info.LogitsSize, info.LogitsSize));
        checks.Compare("decode.logits", decoded);
        checks.Done("decode.");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_written_is_the_same_text(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ILanguageModel)HubModel.Of(folder).Load();
        using var sequence = model.CreateSequence();
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        var expected = Golden.Ints(golden.Integers("greedy.ids"));
        var logits = new float[expected.Length * size];
        var ids = new List<int>();
        sequence.Extend(Golden.Ints(golden.Integers("greedy.prompt_ids")), logits.AsSpan(0, size));
        for (var i = 0; i < expected.Length; i++)
        {
            var row = logits.AsSpan(i * size, size);
            ids.Add(Argmax(row));
            if (i + 1 < expected.Length)
                sequence.Extend([ids[i]], logits.AsSpan((i + 1) * size, size));
        }

        Assert.Equal(expected, ids);
        checks.Compare("greedy.logits", logits);
        checks.Done("greedy.");
    }

    /// <summary>The rows of a left-padded batch are texts of their own.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Left_padding_changes_nothing(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ILanguageModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        var all = Golden.Ints(golden.Integers("leftpad.input_ids"));
        var mask = golden.Integers("leftpad.attention_mask");
        int rows = golden.Shape("leftpad.input_ids")[0], tokens = golden.Shape("leftpad.input_ids")[1];
        var logits = new float[rows * tokens * size];
        for (var row = 0; row < rows; row++)
        {
            var padding = mask.AsSpan(row * tokens, tokens).IndexOf(1);
            using var sequence = model.CreateSequence(tokens);
            sequence.Extend(all.AsSpan(row * tokens + padding, tokens - padding), logits.AsSpan((row * tokens + padding) * size, (tokens - padding) * size));
        }

        checks.Compare("leftpad.logits", logits);
        checks.Done("leftpad.");
    }

    private static int Argmax(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }

        return best;
    }
}
