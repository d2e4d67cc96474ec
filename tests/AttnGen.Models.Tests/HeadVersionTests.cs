using System.Text.Json.Nodes;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;

namespace AttnGen.Models.Tests;

/// <summary>Language models' heads where transformers 4 and 5 compute something else: which tensor it is, and whether hidden states are divided before it.</summary>
public sealed class HeadVersionTests
{
    private const string Four = "4.57.1", Five = "5.17.0", Own = "lm_head.weight", Table = "shared.weight";

    /// <summary>T5, mT5 and umT5: the version, the two keys ("": absent), whether the file has a head; which tensor is read, and whether √d divides.</summary>
    [Theory]
    [InlineData("t5", Four, "", "", false, Table, true)]
    [InlineData("t5", Four, "", "", true, Table, true)]
    [InlineData("t5", Four, "true", "true", true, Table, true)]
    [InlineData("t5", "4.31.0.dev0", "false", "", true, Own, false)]
    [InlineData("t5", Five, "", "", false, Table, true)]
    [InlineData("t5", Five, "true", "true", false, Table, true)]
    [InlineData("t5", Five, "true", "false", false, Table, false)]
    [InlineData("t5", Five, "true", "false", true, Own, false)]
    [InlineData("t5", Five, "false", "", true, Own, false)]
    [InlineData("t5", Five, "false", "", false, Table, false)]
    [InlineData("t5", Five, "false", "true", false, Table, true)]
    [InlineData("t5", "", "", "", false, Table, true)]
    [InlineData("t5", "", "true", "false", true, Own, false)]
    [InlineData("t5", "", "false", "", true, Own, false)]
    [InlineData("mt5", Four, "", "", true, Own, false)]
    [InlineData("mt5", Four, "true", "", false, Table, true)]
    [InlineData("mt5", Five, "", "", false, Table, false)]
    [InlineData("mt5", Five, "true", "", false, Table, false)]
    [InlineData("mt5", Five, "true", "", true, Own, false)]
    [InlineData("mt5", "", "", "", true, Own, false)]
    [InlineData("mt5", "", "true", "", false, Table, true)]
    [InlineData("mt5", "5.0.0rc1", "true", "", false, Table, true)]
    [InlineData("umt5", "", "false", "", true, Own, false)]
    [InlineData("umt5", Four, "", "", false, Table, true)]
    [InlineData("umt5", Four, "false", "", true, Own, false)]
    [InlineData("umt5", Five, "", "", false, Table, true)]
    [InlineData("umt5", Five, "true", "", true, Own, true)]
    [InlineData("umt5", "", "true", "", false, Table, true)]
    public void The_head_of_the_T5_family(string type, string version, string tie, string scale, bool hasHead, string head, bool divides)
    {
        List<Problem> problems = [], notes = [];
        var spec = Parse(Config(type, version, tie, scale), Manifest(type, hasHead), problems, notes);
        Assert.Empty(problems.Select(problem => problem.Message));
        var output = spec!.Decoder!.Head!;
        Assert.Equal((head, divides ? 0.25 : 1), (output.Stages[^1].Map!.Weight[0].Name, output.Scale));
        // The one case in which two tensors may say two things, and versions take another.
        List<string> told = hasHead && head == Table ? ["tensor 'lm_head.weight' is in the file, but tie_word_embeddings=true"] : [];
        if (version is not (Four or Five) && ((type, tie) is ("mt5", "true") or ("umt5", "false")))
            told.Add($"config.json: tie_word_embeddings {tie} of model_type '{type}' without a released transformers_version is read as by transformers 4, which {(divides ? "divides" : "does not divide")}");
        Assert.Equal(told, notes.Select((note, i) => note.Message[..told[i].Length]));
    }

    [Theory]
    [InlineData("t5", Four, "false", "", false, "tensor 'lm_head.weight' [20,16] is missing; it is expected from vocab_size=20, d_model=16, tie_word_embeddings=false")]
    [InlineData("mt5", Four, "", "", false, "tensor 'lm_head.weight' [20,16] is missing; it is expected from vocab_size=20, d_model=16, tie_word_embeddings=false (default)")]
    [InlineData("t5", Four, "true", "false", false, "config.json: scale_decoder_outputs false beside tie_word_embeddings true and transformers_version 4 is not supported; supported is true: transformers 4 does not know the key")]
    [InlineData("mt5", Five, "true", "true", false, "config.json: scale_decoder_outputs true of model_type 'mt5' is not supported; supported is false, which is what transformers 5 computes whatever the key says")]
    [InlineData("umt5", Five, "true", "false", false, "config.json: scale_decoder_outputs false of model_type 'umt5' is not supported; supported is true, which is what transformers 5 computes whatever the key says")]
    public void What_no_version_computes_is_refused(string type, string version, string tie, string scale, bool hasHead, string expected)
    {
        List<Problem> problems = [];
        Assert.Null(Parse(Config(type, version, tie, scale), Manifest(type, hasHead), problems, []));
        Assert.StartsWith(expected, Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    /// <summary>The same rule for every language model: a tied head that the file holds as well.</summary>
    [Theory]
    [InlineData("gemma", "lm_head.weight", "model.embed_tokens.weight")]
    [InlineData("gpt2", "lm_head.weight", "transformer.wte.weight")]
    [InlineData("bart", "lm_head.weight", "model.shared.weight")]
    [InlineData("whisper", "proj_out.weight", "model.decoder.embed_tokens.weight")]
    public void A_tied_head_that_the_file_holds(string type, string head, string table)
    {
        var (config, manifest) = Small(type);
        var file = JsonNode.Parse(manifest)!.AsObject();
        var tensors = file.Single().Value!.AsObject();
        Assert.False(tensors.ContainsKey(head));
        tensors[head] = tensors[table]!.DeepClone();
        foreach (var (version, expected, told) in new[] { (Five, head, 0), (Four, table, 1), ("", table, 1) })
        {
            List<Problem> problems = [], notes = [];
            var node = JsonNode.Parse(config)!.AsObject();
            node["transformers_version"] = version.Length == 0 ? null : version;
            var spec = Parse(node.ToJsonString(), file.ToJsonString(), problems, notes);
            Assert.Empty(problems);
            Assert.Equal(expected, (spec!.Decoder?.Head ?? spec.Head)!.Stages[^1].Map!.Weight[0].Name);
            Assert.Equal(told, notes.Count);
            Assert.All(notes, note => Assert.Equal((Descriptors.ModelUnknownKey, true), (note.Descriptor, note.Message.StartsWith($"tensor '{head}' is in the file, but tie_word_embeddings=true", StringComparison.Ordinal))));
        }
    }

    private static string Config(string type, string version, string tie, string scale)
    {
        var config = JsonNode.Parse(Small("t5", "ForConditionalGeneration").Config)!.AsObject();
        config["model_type"] = type;
        config["architectures"] = new JsonArray((type == "mt5" ? "MT5" : type == "umt5" ? "UMT5" : "T5") + "ForConditionalGeneration");
        config["feed_forward_proj"] = "relu";
        config.Remove("tie_word_embeddings");
        foreach (var (key, value) in new[] { ("tie_word_embeddings", tie), ("scale_decoder_outputs", scale) })
        {
            if (value.Length > 0)
                config[key] = value == "true";
        }

        if (version.Length > 0)
            config["transformers_version"] = version;
        return config.ToJsonString();
    }

    private static string Manifest(string type, bool hasHead)
    {
        var file = JsonNode.Parse(Small("t5", "ForConditionalGeneration").Manifest)!.AsObject();
        var tensors = file.Single().Value!.AsObject();
        if (!hasHead)
            Assert.True(tensors.Remove(Own));
        const string bias = "layer.0.SelfAttention.relative_attention_bias.weight";
        if (type == "umt5") // one a layer
            tensors["encoder.block.1." + bias] = tensors["encoder.block.0." + bias]!.DeepClone();
        return file.ToJsonString();
    }

    private static (string Config, string Manifest) Small(string modelType, string ending = "") =>
        SmallModels.All.First(small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal) && small.Config.Contains(ending, StringComparison.Ordinal));

    private static TransformerSpec? Parse(string config, string manifest, List<Problem> problems, List<Problem> notes) => TransformerParser.Parse(
        new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder),
        new FolderFiles("model", new[] { new FolderFile("config.json", config), new FolderFile("manifest.json", manifest) }.ToEquatable()), problems, notes);
}
