using System.Text.Json.Nodes;

namespace AttnGen.Models.Tests;

/// <summary>Every encoder of shared/golden/hf, through the public API of its class, against PyTorch in float64.</summary>
public sealed class EncoderGoldenTests
{
    public static TheoryData<string> TextModels => ["bert", "distilbert", "roberta", "mpnet", "albert", "modernbert", "bert-cross-encoder"];

    [Theory]
    [MemberData(nameof(TextModels))]
    public void Single_sequences_agree(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ITextModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var ids = Golden.Ints(golden.Integers("single.input_ids"));
        var types = Types(golden, "single.", 0, ids.Length);
        var info = model.Info;
        var hidden = new float[ids.Length * info.HiddenSize];
        var states = new float[(info.Layers + 1) * hidden.Length];
        var maps = new float[info.Layers * info.Heads * ids.Length * ids.Length];
        model.Forward(ids, hidden, types, trace: new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
        checks.Compare("single.last_hidden_state", hidden);
        for (var layer = 0; layer <= info.Layers; layer++)
            checks.Compare($"single.hidden_states.{layer}", states.AsSpan(layer * hidden.Length, hidden.Length));
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"single.attentions.{layer}", maps.AsSpan(layer * info.Heads * ids.Length * ids.Length, info.Heads * ids.Length * ids.Length));
        Outputs(model, ids, types, default, (output, values) =>
        {
            if (golden.Has("single." + output)) // a classifier's golden has no pooler_output
                checks.Compare("single." + output, values);
        });
        checks.Done("single.");
    }

    /// <summary>config.v4.json has the keys of published checkpoints (global_rope_theta, torch_dtype …) and means the same model.</summary>
    [Fact]
    public void Older_keys_of_the_configuration_mean_the_same()
    {
        var folder = Shared.Require("golden", "hf", "modernbert");
        var files = Testing.ModelText.Read("model", folder).Where(file => file.Name != "config.json")
            .Append(new Testing.ModelText("model", "config.json", File.ReadAllText(Path.Combine(folder, "config.v4.json")))).ToList();
        var older = Testing.GeneratorHost.Run(HubModel.Source("model"), new Testing.HostOptions { Models = files }).EnsureClean();
        var newer = Testing.GeneratorHost.Run(HubModel.Source("model"), new Testing.HostOptions { Models = Testing.ModelText.Read("model", folder) }).EnsureClean();
        Assert.Equal(newer.Generated.Values.Single(), older.Generated.Values.Single());
    }

    [Theory]
    [MemberData(nameof(TextModels))]
    public void Padded_batches_agree_and_equal_unpadded_runs_bit_for_bit(string name)
    {
        var folder = Shared.Require("golden", "hf", name);
        using var golden = new Golden(folder);
        using var model = (ITextModel)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var all = Golden.Ints(golden.Integers("batch.input_ids"));
        var mask = golden.Integers("batch.attention_mask");
        int rows = golden.Shape("batch.input_ids")[0], tokens = golden.Shape("batch.input_ids")[1], width = model.Info.HiddenSize;
        for (var row = 0; row < rows; row++)
        {
            var ids = all.AsSpan(row * tokens, tokens).ToArray();
            var types = Types(golden, "batch.", row, tokens);
            var real = mask.AsSpan(row * tokens, tokens).ToArray().Count(m => m == 1);
            var flags = mask.AsSpan(row * tokens, tokens).ToArray().Select(m => m == 1).ToArray();
            Assert.DoesNotContain(true, flags[real..]); // the batch is padded at the right

            var padded = new float[tokens * width];
            model.Forward(ids, padded, types, AttentionMask.KeyLength(real));
            var flagged = new float[tokens * width];
            model.Forward(ids, flagged, types, default(AttentionMask).WithKeepKeys(flags));
            var alone = new float[real * width];
            model.Forward(ids.AsSpan(0, real), alone, types.AsSpan(0, Math.Min(real, types.Length)));
            Assert.Equal(alone, padded[..alone.Length]);
            Assert.Equal(alone, flagged[..alone.Length]);
            checks.Row("batch.last_hidden_state", row, alone, alone.Length);

            var own = row;
            var unpadded = new Dictionary<string, float[]>();
            Outputs(model, ids[..real], types.Length == 0 ? types : types[..real], default, (output, values) => unpadded[output] = values);
            Outputs(model, ids, types, AttentionMask.KeyLength(real), (output, values) =>
            {
                Assert.Equal(unpadded[output], values[..unpadded[output].Length]);
                if (golden.Has("batch." + output))
                    checks.Row("batch." + output, own, unpadded[output], unpadded[output].Length);
            });
        }

        checks.Done("batch.");
    }

    [Fact]
    public void Images_agree()
    {
        var folder = Shared.Require("golden", "hf", "vit");
        using var golden = new Golden(folder);
        using var model = (IImageClassifier)HubModel.Of(folder).Load();
        var checks = new Checks(golden);
        var info = model.Info;
        Assert.Equal(7, info.Labels.Count);
        foreach (var set in new[] { "single.", "batch." })
        {
            var pixels = golden.Floats(set + "pixel_values");
            int images = golden.Shape(set + "pixel_values")[0], size = pixels.Length / images;
            for (var image = 0; image < images; image++)
            {
                var own = pixels.AsSpan(image * size, size);
                var hidden = new float[info.MaxTokens * info.HiddenSize];
                var states = new float[(info.Layers + 1) * hidden.Length];
                var maps = new float[info.Layers * info.Heads * info.MaxTokens * info.MaxTokens];
                model.Forward(own, hidden, new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
                var logits = new float[info.LogitsSize];
                model.ComputeLogits(own, logits);
                checks.Row(set + "last_hidden_state", image, hidden, hidden.Length);
                checks.Row(set + "logits", image, logits, logits.Length);
                for (var layer = 0; set == "single." && layer <= info.Layers; layer++)
                    checks.Compare($"single.hidden_states.{layer}", states.AsSpan(layer * hidden.Length, hidden.Length));
                for (var layer = 0; set == "single." && layer < info.Layers; layer++)
                    checks.Compare($"single.attentions.{layer}", maps.AsSpan(layer * maps.Length / info.Layers, maps.Length / info.Layers));
            }
        }

        checks.Done("single.");
        checks.Done("batch.");
    }

    /// <summary>The encoder of a T5 with a decoder, as the class of the encoder alone reads it; what the decoder has is left over.</summary>
    [Theory]
    [InlineData("t5", "T5EncoderModel", null)]
    [InlineData("t5-gated", "T5EncoderModel", null)]
    [InlineData("t5", "T5ForConditionalGeneration", """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""")]
    public void The_encoder_of_a_model_with_a_decoder_agrees(string name, string named, string? modules)
    {
        var from = Shared.Require("golden", "hf", name);
        var folder = Directory.CreateTempSubdirectory("attngen-encoder-");
        try
        {
            var config = JsonNode.Parse(File.ReadAllText(Path.Combine(from, "config.json")))!;
            config["architectures"] = new JsonArray(named);
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), config.ToJsonString());
            File.Copy(Path.Combine(from, "model.safetensors"), Path.Combine(folder.FullName, "model.safetensors"));
            if (modules is not null)
            {
                File.WriteAllText(Path.Combine(folder.FullName, "modules.json"), modules);
                File.WriteAllText(Path.Combine(folder.CreateSubdirectory("1_Pooling").FullName, "config.json"), "{\"pooling_mode\":\"mean\"}");
            }

            using var golden = new Golden(from);
            using var model = (ITextModel)HubModel.Of(folder.FullName).Load();
            var checks = new Checks(golden);
            var ids = Golden.Ints(golden.Integers("single.input_ids"));
            var info = model.Info;
            var hidden = new float[ids.Length * info.HiddenSize];
            var states = new float[(info.Layers + 1) * hidden.Length];
            var maps = new float[info.Layers * info.Heads * ids.Length * ids.Length];
            model.Forward(ids, hidden, trace: new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
            checks.Compare("single.encoder_last_hidden_state", hidden);
            for (var layer = 0; layer <= info.Layers; layer++)
                checks.Compare($"single.encoder_hidden_states.{layer}", states.AsSpan(layer * hidden.Length, hidden.Length));
            for (var layer = 0; layer < info.Layers; layer++)
                checks.Compare($"single.encoder_attentions.{layer}", maps.AsSpan(layer * maps.Length / info.Layers, maps.Length / info.Layers));
            var all = Golden.Ints(golden.Integers("batch.input_ids"));
            var mask = golden.Integers("batch.attention_mask");
            int rows = golden.Shape("batch.input_ids")[0], tokens = golden.Shape("batch.input_ids")[1];
            for (var row = 0; row < rows; row++)
            {
                var real = (int)mask.AsSpan(row * tokens, tokens).ToArray().Sum();
                var padded = new float[tokens * info.HiddenSize];
                model.Forward(all.AsSpan(row * tokens, tokens), padded, mask: AttentionMask.KeyLength(real));
                checks.Row("batch.encoder_last_hidden_state", row, padded[..(real * info.HiddenSize)], real * info.HiddenSize);
            }

            checks.Done("single.encoder_");
            checks.Done("batch.encoder_");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Outputs(ITextModel model, int[] ids, int[] types, AttentionMask mask, Action<string, float[]> check)
    {
        if (model is IPooledModel pooler)
        {
            var pooled = new float[model.Info.PooledSize];
            pooler.Pool(ids, pooled, types, mask);
            check("pooler_output", pooled);
        }

        if (model is ILogitsModel head)
        {
            var logits = new float[model.Info.LogitsPerToken ? ids.Length * model.Info.LogitsSize : model.Info.LogitsSize];
            head.ComputeLogits(ids, logits, types, mask);
            check("logits", logits);
        }
    }

    private static int[] Types(Golden golden, string set, int row, int tokens) =>
        golden.Has(set + "token_type_ids") ? Golden.Ints(golden.Integers(set + "token_type_ids")).AsSpan(row * tokens, tokens).ToArray() : [];

}
