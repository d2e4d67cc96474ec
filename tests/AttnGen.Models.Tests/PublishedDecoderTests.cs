using System.Text.Json;

namespace AttnGen.Models.Tests;

/// <summary>The decoders of Reference/decoders.zip, made by an implementation that follows the published code and shares nothing with the generator (tools/reference).</summary>
public sealed class PublishedDecoderTests(PublishedDecoders folders) : IClassFixture<PublishedDecoders>
{
    /// <summary>The ledger: what is not supported of them, and what is said. Nothing else may be refused.</summary>
    private static readonly Dictionary<string, string> s_refused = new()
    {
        ["falcon-rw-alibi"] = "alibi true is not supported; supported is false",
        ["falcon-alibi-of-six-heads"] = "alibi true is not supported; supported is false",
        ["opt-no-bias-bare-norms-wide-words"] = "layer_norm_elementwise_affine false is not supported; supported is true",
        ["embeddinggemma-newer-keys-odd-window"] = "use_bidirectional_attention true beside a rope_type other than 'default' is not supported",
    };

    /// <summary>Their rotations change with the length of a text, from before the prompt's end on; sequences end there.</summary>
    private static readonly string[] s_tooShort = ["llama-rope-dynamic-grows", "phi3-longrope-long", "phi3-newer-keys", "phi4-mini"];

    public static TheoryData<string> Names => [.. PublishedDecoders.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_agrees(string name)
    {
        var folder = folders.Of(name);
        using var golden = new Golden(folder.Path);
        var kind = golden.About.TryGetProperty("kind", out var said) ? said.GetString() : "encoder";
        if (s_refused.TryGetValue(name, out var reason))
        {
            Assert.Contains(reason, Assert.Single(folder.Problems), StringComparison.Ordinal);
            return;
        }

        Assert.True(folder.Problems.Count == 0, $"{name} is refused: {string.Join("; ", folder.Problems)}");
        if (kind == "encoder-decoder")
        {
            using var both = folder.Load();
            EncoderDecoderChecks.Single(both, golden);
            EncoderDecoderChecks.Greedy(both, golden);
            EncoderDecoderChecks.Batch(both, golden);
            return;
        }

        if (kind != "decoder")
        {
            PublishedCodeTests.Verify(name, folder);
            return;
        }

        using var model = (ILanguageModel)folder.Load();
        var longest = golden.Integers("prefill.input_ids").Length;
        if (s_tooShort.Contains(name))
        {
            Assert.True(model.Info.MaxTokens < longest, $"{name} is no longer too short: {model.Info.MaxTokens}");
            using var sequence = model.CreateSequence();
            Assert.ThrowsAny<Exception>(() => sequence.Extend(Golden.Ints(golden.Integers("prefill.input_ids")), []));
            return;
        }

        DecoderChecks.Prompt(model, golden);
        DecoderChecks.Greedy(model, golden);
        if (File.Exists(Path.Combine(folder.Path, "config.v4.json")))
            DecoderChecks.OlderKeys(folder.Path);
    }

    /// <summary>What is compared does not shrink unseen.</summary>
    [Fact]
    public void Every_decoder_is_there()
    {
        Assert.All(s_refused.Keys.Concat(s_tooShort), name => Assert.Contains(name, PublishedDecoders.Names));
        var missing = Generator.Models.ArchitectureTable.Rows.Where(row => row.Kind != Generator.Models.ArchitectureKind.Encoder).SelectMany(row => row.ModelTypes).ToHashSet();
        foreach (var name in PublishedDecoders.Names.Except(s_refused.Keys).Except(s_tooShort))
        {
            using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folders.Of(name).Path, "config.json")));
            missing.Remove(config.RootElement.GetProperty("model_type").GetString()!);
        }

        Assert.Empty(missing);
    }
}
