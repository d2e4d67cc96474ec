namespace AttnGen.Models.Tests;

/// <summary>Every decoder of shared/golden/hf, through the public API of its class, against PyTorch in float64.</summary>
public sealed class DecoderGoldenTests
{
    public static TheoryData<string> Models => ["gpt2", "llama", "llama-rope-llama3", "qwen2", "qwen3", "mistral", "gpt_neox", "bloom", "phi", "gemma2"];

    public static TheoryData<string> Older => ["llama", "llama-rope-llama3", "qwen2", "qwen3", "mistral", "gpt_neox", "phi", "gemma2"];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_prompt_agrees(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ILanguageModel)HubModel.Of(folder).Load();
        DecoderChecks.Prompt(model, golden);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_written_is_the_same_text(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ILanguageModel)HubModel.Of(folder).Load();
        DecoderChecks.Greedy(model, golden);
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

    /// <summary>config.v4.json has the keys of published checkpoints (rope_theta, rotary_pct, torch_dtype …) and means the same model.</summary>
    [Theory]
    [MemberData(nameof(Older))]
    public void Older_keys_of_the_configuration_mean_the_same(string name) => DecoderChecks.OlderKeys(Shared.Require("golden", "hf", name));
}
