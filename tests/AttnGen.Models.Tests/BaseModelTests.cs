using System.Text;
using System.Text.Json.Nodes;

namespace AttnGen.Models.Tests;

/// <summary>
/// Folders of an encoder–decoder's base model ("BartModel"): no head, and no prefix. They become what from_pretrained of the class with a head makes of them, and its goldens
/// hold for them. Here they are goldens' folders, whose tensors are renamed.
/// </summary>
public sealed class BaseModelTests
{
    [Theory]
    [InlineData("t5", "\"T5Model\"")]
    [InlineData("t5", "")]
    [InlineData("bart", "\"BartModel\"")]
    [InlineData("bart", "")]
    [InlineData("marian", "\"MarianModel\"")]
    [InlineData("whisper", "\"WhisperModel\"")]
    public void A_base_model_writes_by_its_table_of_words(string name, string architectures)
    {
        using var folder = new Renamed(name, config => config["architectures"] = JsonNode.Parse($"[{architectures}]"), tensor => tensor.StartsWith("model.", StringComparison.Ordinal) ? tensor[6..] : tensor);
        using var golden = new Golden(Shared.Require("golden", "hf", name));
        using var model = HubModel.Of(folder.Path).Load();
        EncoderDecoderChecks.Single(model, golden);
        EncoderDecoderChecks.Greedy(model, golden);
        Assert.Equal("LanguageModel", model.Info.Task);
    }

    /// <summary>A base model's file has no bias of the logits; it is zero then.</summary>
    [Fact]
    public void Without_a_bias_of_the_logits_it_is_zero()
    {
        var path = Shared.Require("golden", "hf", "bart");
        using var folder = new Renamed("bart", config => config["architectures"] = new JsonArray("BartModel"), tensor => tensor == "final_logits_bias" ? null : tensor[6..]);
        using var golden = new Golden(path);
        using var biased = (IEncoderDecoderModel)HubModel.Of(path).Load();
        using var plain = (IEncoderDecoderModel)HubModel.Of(folder.Path).Load();
        var bias = Renamed.Floats(path, "final_logits_bias");
        var source = Golden.Ints(golden.Integers("single.input_ids"));
        float[] with = new float[biased.Info.LogitsSize], without = new float[with.Length];
        using (var one = biased.Encode(source))
            one.Extend([3, 7, 5], with);
        using (var two = plain.Encode(source))
            two.Extend([3, 7, 5], without);
        Assert.Contains(bias, value => Math.Abs(value) > 0.1f);
        for (var i = 0; i < with.Length; i++)
            Assert.Equal(with[i] - bias[i], without[i], 1e-5f);
    }

    /// <summary>What T5 v1.1 is when transformers 5 saves it: the flag is true whatever it was, and another key says what it meant.</summary>
    [Theory]
    [InlineData("t5-gated", "\"tie_word_embeddings\":true,\"scale_decoder_outputs\":false")]
    [InlineData("t5-gated", "\"transformers_version\":\"4.57.1\"")]
    [InlineData("t5", "\"transformers_version\":\"4.57.1\"")]
    [InlineData("t5", "\"transformers_version\":null")]
    public void However_it_was_saved_it_is_the_same(string name, string members)
    {
        using var folder = new Renamed(name, config =>
        {
            foreach (var (key, value) in JsonNode.Parse("{" + members + "}")!.AsObject())
                config[key] = value?.DeepClone();
            if (members.Contains("transformers_version", StringComparison.Ordinal))
                config.Remove("scale_decoder_outputs");
        });
        using var golden = new Golden(Shared.Require("golden", "hf", name));
        using var model = HubModel.Of(folder.Path).Load();
        EncoderDecoderChecks.Single(model, golden);
    }

    /// <summary>Without a head of its own an untied one is missing, and the message says where it is expected from.</summary>
    [Theory]
    [InlineData("t5-gated", "T5Model", "\"transformers_version\":\"4.57.1\"", "tensor 'lm_head.weight' [101,40] is missing; it is expected from vocab_size=101, d_model=40, tie_word_embeddings=false")]
    [InlineData("bart", "BartModel", "\"tie_word_embeddings\":false", "is missing; it is expected from vocab_size=")]
    [InlineData("bart", "BartForSequenceClassification", "\"use_cache\":true", "architectures ['BartForSequenceClassification'] is not supported; supported are 'BartForConditionalGeneration', 'BartModel'")]
    public void What_has_no_head_is_refused(string name, string architecture, string members, string expected)
    {
        using var folder = new Renamed(name, config =>
        {
            config["architectures"] = new JsonArray(architecture);
            foreach (var (key, value) in JsonNode.Parse("{" + members + "}")!.AsObject())
                config[key] = value?.DeepClone();
        }, tensor => tensor == "lm_head.weight" ? null : tensor);
        Assert.Contains(HubModel.Diagnose(AttnGen.Testing.ModelText.Read("model", folder.Path)), d => d.GetMessage(null).Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>A golden's folder with another configuration and other names of tensors.</summary>
    private sealed class Renamed : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("attngen-base-");

        /// <summary>Copies a folder.</summary>
        /// <param name="name">The golden's name.</param>
        /// <param name="configure">Changes config.json.</param>
        /// <param name="rename">A tensor's name to another, or null: without it.</param>
        public Renamed(string name, Action<JsonObject> configure, Func<string, string?>? rename = null)
        {
            var from = Shared.Require("golden", "hf", name);
            var config = JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(from, "config.json")))!.AsObject();
            configure(config);
            File.WriteAllText(System.IO.Path.Combine(Path, "config.json"), config.ToJsonString());
            var (header, data) = Read(from);
            var renamed = new JsonObject();
            var kept = new MemoryStream();
            foreach (var (tensor, value) in header)
            {
                if (tensor == "__metadata__" || (rename is null ? tensor : rename(tensor)) is not { } to)
                    continue;
                var (begin, end) = Range(value!);
                var entry = value!.DeepClone();
                entry["data_offsets"] = new JsonArray(kept.Length, kept.Length + end - begin);
                kept.Write(data, begin, end - begin);
                renamed[to] = entry;
            }

            var json = Encoding.UTF8.GetBytes(renamed.ToJsonString());
            File.WriteAllBytes(System.IO.Path.Combine(Path, "model.safetensors"), [.. BitConverter.GetBytes((long)json.Length), .. json, .. kept.ToArray()]);
        }

        public string Path => _folder.FullName;

        public static float[] Floats(string folder, string tensor)
        {
            var (header, data) = Read(folder);
            var (begin, end) = Range(header[tensor]!);
            return [.. Enumerable.Range(0, (end - begin) / 4).Select(i => BitConverter.ToSingle(data, begin + 4 * i))];
        }

        public void Dispose() => _folder.Delete(recursive: true);

        private static (int Begin, int End) Range(JsonNode entry) => (entry["data_offsets"]![0]!.GetValue<int>(), entry["data_offsets"]![1]!.GetValue<int>());

        private static (JsonObject Header, byte[] Data) Read(string folder)
        {
            var bytes = File.ReadAllBytes(System.IO.Path.Combine(folder, "model.safetensors"));
            var length = (int)BitConverter.ToInt64(bytes);
            return (JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject(), bytes[(8 + length)..]);
        }
    }
}
