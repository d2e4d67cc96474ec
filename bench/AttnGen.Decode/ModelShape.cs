using System.Text.Json;

namespace AttnGen.Decode;

/// <summary>The sizes of a model, from its config.json.</summary>
internal sealed record ModelShape(string Name, bool IsGpt2, int Width, int Layers, int Heads, int KvHeads, int Hidden, int Vocabulary, int Window, float Epsilon, float Theta)
{
    public int HeadDim => Width / Heads;

    public int KvWidth => HeadDim * KvHeads;

    /// <summary>The text of the config.json that the class was compiled for.</summary>
    public static string Config(string name)
    {
        using Stream stream = typeof(ModelShape).Assembly.GetManifestResourceStream(name + ".json") ?? throw new InvalidOperationException($"The program holds no {name}.json.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static ModelShape Read(string name)
    {
        using JsonDocument json = JsonDocument.Parse(Config(name));
        JsonElement root = json.RootElement;
        int Int(string key) => root.GetProperty(key).GetInt32();
        float Float(string key) => root.GetProperty(key).GetSingle();
        return root.GetProperty("model_type").GetString() == "gpt2"
            ? new(name, true, Int("n_embd"), Int("n_layer"), Int("n_head"), Int("n_head"), Int("n_inner"), Int("vocab_size"), Int("n_positions"), Float("layer_norm_epsilon"), 0)
            : new(name, false, Int("hidden_size"), Int("num_hidden_layers"), Int("num_attention_heads"), Int("num_key_value_heads"), Int("intermediate_size"),
                Int("vocab_size"), Int("max_position_embeddings"), Float("rms_norm_eps"), Float("rope_theta"));
    }
}
