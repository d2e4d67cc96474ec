using System.Text.Json.Nodes;

namespace AttnGen.Tool.Tests;

/// <summary>A whole folder as sentence-transformers writes it, of a BERT with one layer of width 8, twelve words and random weights.</summary>
internal static class SmallFolder
{
    public static readonly string[] Words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "fox", "owl", "##s", "a", "b", ":"];

    /// <summary>The ids of "red fox", special tokens included.</summary>
    public static readonly long[] RedFox = [2, 5, 6, 3];

    /// <summary>Every file that is JSON.</summary>
    public static readonly string[] JsonFiles =
    [
        "config.json", "1_Pooling/config.json", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    ];

    public static void Write(TestFolder folder, string type = "BertModel")
    {
        Directory.CreateDirectory(folder["1_Pooling"]);
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray(type),
            ["model_type"] = "bert",
            ["hidden_size"] = 8,
            ["num_attention_heads"] = 2,
            ["num_hidden_layers"] = 1,
            ["intermediate_size"] = 16,
            ["hidden_act"] = "gelu",
            ["layer_norm_eps"] = 1e-12,
            ["max_position_embeddings"] = 20,
            ["type_vocab_size"] = 2,
            ["vocab_size"] = Words.Length,
            ["pad_token_id"] = 0,
        };
        Put(folder, "config.json", config);
        Put(folder, "1_Pooling/config.json", new JsonObject { ["word_embedding_dimension"] = 8, ["pooling_mode_mean_tokens"] = true, ["pooling_mode_cls_token"] = false });
        Put(folder, "modules.json", new JsonArray(Module(0, "", "Transformer"), Module(1, "1_Pooling", "Pooling"), Module(2, "2_Normalize", "Normalize")));
        Put(folder, "sentence_bert_config.json", new JsonObject { ["max_seq_length"] = 16, ["do_lower_case"] = false });
        Put(folder, "config_sentence_transformers.json", new JsonObject { ["prompts"] = new JsonObject { ["query"] = "a : " }, ["default_prompt_name"] = null, ["similarity_fn_name"] = "cosine" });
        Put(folder, "tokenizer.json", Tokenizer());
        Put(folder, "tokenizer_config.json", new JsonObject
        {
            ["tokenizer_class"] = "BertTokenizer",
            ["do_lower_case"] = true,
            ["model_max_length"] = 20,
            ["cls_token"] = "[CLS]",
            ["sep_token"] = "[SEP]",
            ["unk_token"] = "[UNK]",
            ["pad_token"] = "[PAD]",
            ["mask_token"] = "[MASK]",
        });
        Put(folder, "special_tokens_map.json", new JsonObject { ["cls_token"] = "[CLS]", ["mask_token"] = new JsonObject { ["content"] = "[MASK]", ["lstrip"] = false } });
        Put(folder, "added_tokens.json", new JsonObject { ["[MASK]"] = 4 });
        Weights().Write(folder["model.safetensors"]);
    }

    /// <summary>A golden file of one text, with the vector that the model itself gives of it.</summary>
    public static void WriteGolden(TestFolder folder, double[] vector)
    {
        new GoldenWriter().Add("t.input_ids", RedFox, 1, 4).Add("t.embedding", vector, 1, 8).Write(folder["golden.safetensors"]);
        Put(folder, "golden.json", new JsonObject
        {
            ["name"] = "small",
            ["max_seq_length"] = 16,
            ["max_abs_f32_minus_f64"] = 1e-7,
            ["texts"] = new JsonArray(new JsonObject { ["key"] = "t", ["text"] = "red fox", ["ids"] = new JsonArray([.. RedFox.Select(id => (JsonNode)id)]) }),
            ["arrays"] = new JsonObject { ["t.embedding"] = new JsonObject { ["dtype"] = "F64", ["shape"] = new JsonArray(1, 8), ["role"] = "output", ["max_abs_f32_minus_f64"] = 1e-7 } },
        });
    }

    public static void Put(TestFolder folder, string file, JsonNode? json) => File.WriteAllText(folder[file], json?.ToJsonString() ?? "null");

    /// <summary>The file with every value once replaced by one of each other kind, and once left out, as text.</summary>
    public static IEnumerable<(string What, string Json)> Mutations(string json)
    {
        foreach (var path in Paths(JsonNode.Parse(json), []))
        {
            var name = "/" + string.Join('/', path);
            foreach (var value in s_others)
                yield return ($"{name} = {value}", Changed(json, path, value));
            if (path.Length > 0)
                yield return ($"without {name}", Changed(json, path, null));
        }
    }

    private static readonly string[] s_others =
        ["null", "true", "0", "-1", "2.5", "99999999999999999999", "1e999", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "[null]", "[{}]", "[[1]]", "{}", "{\"x\": {\"x\": []}}"];

    // Written by hand, because a node cannot hold a number that is out of range or half a surrogate.
    private static string Changed(string json, object[] path, string? value)
    {
        const string Mark = "attngen-mark";
        if (path.Length == 0)
            return value!;
        var root = JsonNode.Parse(json)!;
        var parent = path[..^1].Aggregate(root, (node, step) => step is int at ? node[at]! : node[(string)step]!);
        if (value is null && path[^1] is string name)
            parent.AsObject().Remove(name);
        else if (value is null)
            parent.AsArray().RemoveAt((int)path[^1]);
        else if (path[^1] is string member)
            parent[member] = Mark;
        else
            parent[(int)path[^1]] = Mark;
        return root.ToJsonString().Replace($"\"{Mark}\"", value, StringComparison.Ordinal);
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path)
    {
        yield return path;
        IEnumerable<(object Step, JsonNode? Child)> children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray items => items.Select((item, i) => ((object)i, item)),
            _ => [],
        };
        foreach (var (step, child) in children.ToList())
        {
            foreach (var inner in Paths(child, [.. path, step]))
                yield return inner;
        }
    }

    private static JsonObject Module(int index, string path, string type) =>
        new() { ["idx"] = index, ["name"] = index.ToString(System.Globalization.CultureInfo.InvariantCulture), ["path"] = path, ["type"] = "sentence_transformers.models." + type };

    private static JsonObject Tokenizer()
    {
        static JsonObject Special(string name, int type) => new() { ["SpecialToken"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        static JsonObject Sequence(string name, int type) => new() { ["Sequence"] = new JsonObject { ["id"] = name, ["type_id"] = type } };
        static JsonObject Ids(string name, int id) => new() { ["id"] = name, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(name) };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. Words.Take(5).Select((word, id) => (JsonNode)new JsonObject { ["id"] = id, ["content"] = word, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true })]),
            ["normalizer"] = new JsonObject { ["type"] = "BertNormalizer", ["clean_text"] = true, ["handle_chinese_chars"] = true, ["strip_accents"] = null, ["lowercase"] = true },
            ["pre_tokenizer"] = new JsonObject { ["type"] = "BertPreTokenizer" },
            ["post_processor"] = new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0)),
                ["pair"] = new JsonArray(Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0), Sequence("B", 1), Special("[SEP]", 1)),
                ["special_tokens"] = new JsonObject { ["[CLS]"] = Ids("[CLS]", 2), ["[SEP]"] = Ids("[SEP]", 3) },
            },
            ["decoder"] = new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = new JsonObject(Words.Select((word, id) => KeyValuePair.Create(word, (JsonNode?)id))),
            },
        };
    }

    private static GoldenWriter Weights()
    {
        var random = new Random(3);
        var weights = new GoldenWriter();
        Add("embeddings.word_embeddings.weight", Words.Length, 8);
        Add("embeddings.position_embeddings.weight", 20, 8);
        Add("embeddings.token_type_embeddings.weight", 2, 8);
        Norm("embeddings.LayerNorm");
        const string Layer = "encoder.layer.0.";
        foreach (var map in new[] { "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense" })
            Map(Layer + map, 8, 8);
        Norm(Layer + "attention.output.LayerNorm");
        Map(Layer + "intermediate.dense", 16, 8);
        Map(Layer + "output.dense", 8, 16);
        Norm(Layer + "output.LayerNorm");
        return weights;

        void Add(string name, params long[] shape) => weights.Add(name, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)], shape);

        void Map(string name, int rows, int columns)
        {
            Add(name + ".weight", rows, columns);
            Add(name + ".bias", rows);
        }

        void Norm(string name)
        {
            weights.Add(name + ".weight", [.. Enumerable.Repeat(1f, 8)], 8);
            Add(name + ".bias", 8);
        }
    }
}
