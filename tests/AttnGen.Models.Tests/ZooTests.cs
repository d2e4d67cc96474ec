using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Models.Tests;

/// <summary>Every case of shared/golden/config-zoo gets the verdict that its index expects, at the attribute's argument.</summary>
public sealed class ZooTests
{
    // Tied, and the head is in the file all the same: a message, no verdict.
    private static readonly string[] s_tiedTwice = ["distilgpt2-prefix-lm-head-present", "falcon-7b-multi-query", "qwen3-0.6b-head-dim-128"];

    [Theory]
    [MemberData(nameof(Zoo.Names), MemberType = typeof(Zoo))]
    public void Case_gets_its_verdict(string name)
    {
        var (folder, expected) = Zoo.Case(name);
        var told = HubModel.Diagnose(ModelText.Read("model", folder)).ToLookup(d => d.Severity == DiagnosticSeverity.Info);
        Assert.Equal(s_tiedTwice.Contains(name) ? ["tensor 'lm_head.weight' is in the file"] : Array.Empty<string>(), told[true].Select(d => d.GetMessage(null)[7..45]));
        var diagnostics = told[false].ToList();
        var text = string.Join("\n", diagnostics.Select(d => d.GetMessage(null)));
        foreach (var diagnostic in diagnostics)
        {
            Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
            // The place is the folder in the attribute.
            Assert.Equal("\"model\"", HubModel.Source("model")[diagnostic.Location.SourceSpan.Start..diagnostic.Location.SourceSpan.End]);
        }

        switch (Zoo.Expect(expected))
        {
            case "ok":
                Assert.True(diagnostics.Count == 0, text);
                break;
            case "ok-or-error" when name == "rope-yarn": // computed as published: PublishedDecoderTests has its numbers
                Assert.Empty(diagnostics);
                break;
            default:
                Assert.NotEmpty(diagnostics);
                // What no other change would help is said first, and once.
                var config = Path.Combine(folder, "config.json");
                var isLater = File.ReadAllText(config).Contains("\"model_type\": \"t5\"", StringComparison.Ordinal);
                Assert.Equal(isLater ? 1 : 0, diagnostics.Count(d => d.Id == "ATTN0045"));
                List<Problem> problems = [];
                TransformerParser.Parse(
                    new RequestSpec("m", 0, PoolingKind.Folder, NormalizeKind.Folder),
                    new FolderFiles("m", ModelText.Read("m", folder).Select(file => new FolderFile(file.Name, file.GetText().ToString())).ToEquatable()), problems);
                Assert.Equal(isLater, problems[0].Descriptor.Id == "ATTN0045");
                Assert.All(Zoo.Facts(expected), fact => Assert.Contains(fact, text));
                break;
        }
    }

    /// <summary>The encoder of a published model with a decoder, by the class of the encoder alone.</summary>
    [Fact]
    public void The_encoder_of_flan_t5_small_is_read()
    {
        var folder = Shared.Require("golden", "config-zoo", "flan-t5-small-untied");
        var files = ModelText.Read("model", folder).Select(file => file.Name != "config.json" ? file : new ModelText("model", file.Name, file.GetText().ToString().Replace("T5ForConditionalGeneration", "T5EncoderModel", StringComparison.Ordinal))).ToList();
        var source = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = files }).EnsureClean().Generated.Values.Single();
        foreach (var constant in new[] { "DModel = 512", "Layers = 8", "Heads = 6", "HeadDim = 64", "FeedForward = 1024", "VocabularySize = 32128", "MaxTokens = 512", "ParameterCount = 35332800" })
            Assert.Contains($" {constant};", source, StringComparison.Ordinal);
        Assert.Contains(", GeluTanh gated, pre-norm", source, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_resolved_is_what_the_index_says()
    {
        foreach (var zoo in Zoo.Cases())
        {
            var name = Zoo.Name(zoo);
            if (Zoo.Expect(zoo) != "ok")
                continue;
            var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = ModelText.Read("model", Shared.Require("golden", "config-zoo", name)) });
            var source = run.EnsureClean().Generated.Values.Single();
            var resolved = zoo.GetProperty("resolved");
            Expect("hidden_size", "DModel");
            Expect("num_hidden_layers", "Layers");
            Expect("num_attention_heads", "Heads");
            Expect("head_dim", "HeadDim");
            Expect(resolved.TryGetProperty("feed_forward", out var width) && width.ValueKind == System.Text.Json.JsonValueKind.Number ? "feed_forward" : "intermediate_size", "FeedForward");
            Expect("vocab_size", "VocabularySize");
            if (resolved.GetProperty("max_position_embeddings").ValueKind == System.Text.Json.JsonValueKind.Number)
                Expect(resolved.TryGetProperty("longest_sequence", out _) ? "longest_sequence" : "max_position_embeddings", "MaxTokens");
            Assert.Contains($"ModelType = \"{resolved.GetProperty("model_type").GetString()}\"", source);
            var isDecoder = resolved.TryGetProperty("rope", out var rope) || resolved.GetProperty("model_type").GetString() == "gpt2";
            if (resolved.TryGetProperty("pad_token_id", out var pad))
                Assert.Contains($"PadTokenId = {pad.GetInt32()}", source);
            Assert.Contains($"ε = {resolved.GetProperty("norm_eps").GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture)})", source);
            var activation = resolved.GetProperty("activation").GetString() switch
            {
                "gelu" => "Gelu",
                "gelu_new" or "gelu_fast" or "gelu_pytorch_tanh" => "GeluTanh",
                "quick_gelu" => "QuickGelu",
                "relu" => "Relu",
                "silu" or "swish" => "Silu",
                var other => throw new InvalidOperationException(other),
            };
            if (isDecoder)
            {
                Assert.Contains($", {activation}", source);
                Decoder(resolved, rope, source);
                continue;
            }

            if (resolved.GetProperty("model_type").GetString() == "t5")
            {
                // Both halves, an untied head, and no factor before it.
                Assert.Contains($", {activation} gated, pre-norm", source);
                Assert.Contains("Panels(\"lm_head.weight\"", source);
                Assert.DoesNotContain("Logits.Reshape", source);
                continue;
            }

            Assert.Contains($", {activation}, post-norm", source);
            if (resolved.TryGetProperty("prefix", out var prefix))
                Assert.Contains($"\"{prefix.GetString()}embeddings.word_embeddings.weight\"", source);

            void Expect(string key, string constant) =>
                Assert.Contains($"public const int {constant} = {resolved.GetProperty(key).GetInt32()};", source);
        }
    }

    /// <summary>Groups of heads, windows, caps, rotations, the head, and the tensors that are left over.</summary>
    private static void Decoder(System.Text.Json.JsonElement resolved, System.Text.Json.JsonElement rope, string source)
    {
        var heads = resolved.GetProperty("num_attention_heads").GetInt32();
        if (resolved.TryGetProperty("num_key_value_heads", out var groups) && groups.GetInt32() != heads)
            Assert.Contains($"{groups.GetInt32()} key/value heads", source);
        else
            Assert.DoesNotContain("key/value heads", source);
        var window = resolved.TryGetProperty("sliding_window", out var said) && said.ValueKind == System.Text.Json.JsonValueKind.Number ? said.GetInt32() : 0;
        if (window > 0)
            Assert.Contains(window.ToString(System.Globalization.CultureInfo.InvariantCulture), source);
        else
            Assert.DoesNotMatch("window [0-9]|int window", source);
        foreach (var (key, shown) in new[] { ("attn_logit_softcapping", "softcap"), ("final_logit_softcapping", "capped at") })
        {
            if (resolved.TryGetProperty(key, out var cap))
                Assert.Contains($"{shown} {cap.GetDouble()}", source);
            else
                Assert.DoesNotContain(shown, source);
        }

        if (rope.ValueKind == System.Text.Json.JsonValueKind.Object)
        {
            var theta = rope.GetProperty("rope_theta").GetDouble();
            var features = resolved.TryGetProperty("rotary_dims", out var part) ? part.GetInt32() : resolved.GetProperty("head_dim").GetInt32();
            Assert.Contains($"RotaryHalf on {features} features, theta = {theta}", source);
        }

        var tied = resolved.GetProperty("tie_word_embeddings").GetBoolean();
        var prefix = resolved.TryGetProperty("prefix", out var before) ? before.GetString()! : null;
        Assert.Equal(!tied && prefix != "", source.Contains("Entry.Panels(\"lm_head.weight\"", StringComparison.Ordinal));
    }
}
