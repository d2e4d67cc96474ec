using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Models.Tests;

/// <summary>Every case of shared/golden/config-zoo gets the verdict that its index expects, at the attribute's argument.</summary>
public sealed class ZooTests
{
    /// <summary>The ledger: cases that the index accepts and this version does not support yet (decoders and encoder-decoders). Nothing else may be refused.</summary>
    private static readonly string[] s_later =
    [
        "gpt2-no-prefix-conv1d-mask-buffers", "distilgpt2-prefix-lm-head-present", "llama-v1-no-kv-heads-inv-freq", "llama-3.2-1b-rope-llama3-tied",
        "rope-old-type-key-linear", "rope-parameters-v5", "rope-scaling-both-keys-default", "llama-base-model-no-prefix", "head-dim-null",
        "qwen2.5-0.5b-window-switched-off", "qwen3-0.6b-head-dim-128", "mistral-7b-window-4096", "gemma2-2b", "pythia-70m-fused-qkv-buffers",
        "falcon-7b-multi-query", "flan-t5-small-untied", "sharded-two-files",
    ];

    private static readonly string[] s_decoders = ["llama", "mistral", "qwen2", "qwen3", "gpt2", "gemma2", "gpt_neox", "falcon", "t5"];

    [Theory]
    [MemberData(nameof(Zoo.Names), MemberType = typeof(Zoo))]
    public void Case_gets_its_verdict(string name)
    {
        var (folder, expected) = Zoo.Case(name);
        var diagnostics = HubModel.Diagnose(ModelText.Read("model", folder));
        var text = string.Join("\n", diagnostics.Select(d => d.GetMessage(null)));
        foreach (var diagnostic in diagnostics)
        {
            Assert.Equal(DiagnosticSeverity.Error, diagnostic.Severity);
            // The place is the folder in the attribute.
            Assert.Equal("\"model\"", HubModel.Source("model")[diagnostic.Location.SourceSpan.Start..diagnostic.Location.SourceSpan.End]);
        }

        switch (Zoo.Expect(expected))
        {
            case "ok" when s_later.Contains(name):
                var later = Assert.Single(diagnostics);
                Assert.Equal("ATTN0045", later.Id);
                break;
            case "ok":
                Assert.True(diagnostics.Count == 0, text);
                break;
            default:
                Assert.NotEmpty(diagnostics);
                // What no other change would help is said first, and once.
                var config = Path.Combine(folder, "config.json");
                var isLater = s_decoders.Any(type => File.ReadAllText(config).Contains($"\"model_type\": \"{type}\"", StringComparison.Ordinal));
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
    public void Ledger_names_only_cases_that_exist()
    {
        var names = Zoo.Cases().Select(Zoo.Name).ToHashSet();
        Assert.All(s_later, name => Assert.Contains(name, names));
    }

    [Fact]
    public void What_is_resolved_of_encoders_is_what_the_index_says()
    {
        foreach (var zoo in Zoo.Cases())
        {
            var name = Zoo.Name(zoo);
            if (Zoo.Expect(zoo) != "ok" || s_later.Contains(name))
                continue;
            var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = ModelText.Read("model", Shared.Require("golden", "config-zoo", name)) });
            var source = run.EnsureClean().Generated.Values.Single();
            var resolved = zoo.GetProperty("resolved");
            Expect("hidden_size", "DModel");
            Expect("num_hidden_layers", "Layers");
            Expect("num_attention_heads", "Heads");
            Expect("head_dim", "HeadDim");
            Expect("intermediate_size", "FeedForward");
            Expect("vocab_size", "VocabularySize");
            Expect(resolved.TryGetProperty("longest_sequence", out _) ? "longest_sequence" : "max_position_embeddings", "MaxTokens");
            Assert.Contains($"ModelType = \"{resolved.GetProperty("model_type").GetString()}\"", source);
            Assert.Contains($"PadTokenId = {resolved.GetProperty("pad_token_id").GetInt32()}", source);
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
            Assert.Contains($", {activation}, post-norm", source);
            if (resolved.TryGetProperty("prefix", out var prefix))
                Assert.Contains($"\"{prefix.GetString()}embeddings.word_embeddings.weight\"", source);

            void Expect(string key, string constant) =>
                Assert.Contains($"public const int {constant} = {resolved.GetProperty(key).GetInt32()};", source);
        }
    }
}
