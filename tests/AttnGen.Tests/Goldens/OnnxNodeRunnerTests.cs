using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AttnGen.Tests.Weights;

namespace AttnGen.Tests.Goldens;

/// <summary>The runner itself: cases that the suite's folder does not have, and what must fail.</summary>
public sealed class OnnxNodeRunnerTests : IDisposable
{
    private static readonly float[] s_x = [-7f, -1.5f, -0.25f, 0f, 0.25f, 1f, 2.5f, 9f];

    private readonly string _folder = Directory.CreateTempSubdirectory("attngen-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Relu", 14, null)]
    [InlineData("Swish", 24, null)]
    [InlineData("Swish", 24, 1.5)]
    [InlineData("Swish", 24, -0.5)]
    public void ActivationsOfLinearRun(string op, int opset, double? alpha)
    {
        double[] expected = [.. s_x.Select(x => op == "Relu" ? Math.Max(0, x) : x / (1 + Math.Exp(-(alpha ?? 1) * x)))];
        var attributes = new JsonObject();
        if (alpha is not null)
            attributes["alpha"] = alpha;
        Passes("right", Write("right", op, opset, attributes, [("X", [2, 4], s_x)], [("Y", [2, 4], [.. expected.Select(y => (float)y)])]));
        expected[6] += 0.01;
        Fails("wrong", Write("wrong", op, opset, attributes, [("X", [2, 4], s_x)], [("Y", [2, 4], [.. expected.Select(y => (float)y)])]), "[6] is");
    }

    /// <summary>More numbers than the class of one feature has rows.</summary>
    [Fact]
    public void ALongActivationRuns()
    {
        float[] x = [.. Enumerable.Range(0, 5000).Select(i => (i - 2500) / 100f)];
        Passes("long", Write("long", "Relu", 14, [], [("x", [5000], x)], [("y", [5000], [.. x.Select(value => Math.Max(0, value))])]));
    }

    /// <summary>Without is_causal a query has no place among the keys, and fewer real keys than queries are no fault.</summary>
    [Fact]
    public void FewerRealKeysThanQueriesRunWhereTheNodeIsNotCausal()
    {
        const int Heads = 2, Dim = 8, Tokens = 4, Keys = 4, Real = 2;
        var random = new Random(11);
        float[] q = Random(), k = Random(), v = Random();
        var y = new float[q.Length];
        for (var h = 0; h < Heads; h++)
            for (var t = 0; t < Tokens; t++)
            {
                double[] scores = [.. Enumerable.Range(0, Real).Select(s => Enumerable.Range(0, Dim).Sum(i => (double)q[(h * Tokens + t) * Dim + i] * k[(h * Keys + s) * Dim + i]) / Math.Sqrt(Dim))];
                var total = scores.Sum(Math.Exp);
                for (var i = 0; i < Dim; i++)
                    y[(h * Tokens + t) * Dim + i] = (float)Enumerable.Range(0, Real).Sum(s => Math.Exp(scores[s]) / total * v[(h * Keys + s) * Dim + i]);
            }

        int[] shape = [1, Heads, Tokens, Dim];
        var name = Write("short", "Attention", 24, [], [("Q", shape, q), ("K", shape, k), ("V", shape, v)], [("Y", shape, y)], longs: ("nonpad_kv_seqlen", 6, [Real]));
        Passes("short", name);

        float[] Random() => [.. Enumerable.Range(0, Heads * Tokens * Dim).Select(_ => random.NextSingle() - 0.5f)];
    }

    /// <summary>A mask that is shorter than the keys hides the rest, and one of any broadcast is that of all heads, queries or sequences.</summary>
    [Theory]
    [InlineData("test_attention_4d_attn_mask", 1)]
    [InlineData("test_attention_4d_attn_mask", 3)]
    public void AMaskOfFewerKeysHidesTheRest(string like, int less)
    {
        var json = Read(like);
        var file = new GoldenFile(Path.Combine(Shared.OnnxNode, like + ".safetensors"));
        var shape = file.Shape("input.attn_mask");
        var (tokens, keys) = (shape[0], shape[1]);
        var mask = file.Floats("input.attn_mask");

        // The whole mask with −∞ at the end gives what the shorter one must give.
        float[] whole = [.. mask.Select((value, i) => i % keys < keys - less ? value : float.NegativeInfinity)];
        float[] cut = [.. mask.Where((_, i) => i % keys < keys - less)];
        var reference = Outcome(Copy("whole", json, file, ("input.attn_mask", [tokens, keys], whole), wrong: true)).Note;
        Assert.StartsWith("Y: [", reference);
        Assert.Equal(reference, Outcome(Copy("cut", json, file, ("input.attn_mask", [tokens, keys - less], cut), wrong: true)).Note);
    }

    [Theory]
    [InlineData("test_attention_4d")]
    [InlineData("test_layer_normalization_2d_axis1")]
    [InlineData("test_rms_normalization_2d_axis1")]
    [InlineData("test_softmax_example")]
    [InlineData("test_matmul_2d")]
    [InlineData("test_gemm_default_zero_bias")]
    [InlineData("test_gelu_default_1")]
    [InlineData("test_sigmoid_example")]
    [InlineData("test_tanh")]
    [InlineData("test_swiglu")]
    public void WhatTheRunnerDoesNotKnowFails(string like)
    {
        Passes("as it is", Change("same", like, _ => { }));
        Fails("attribute", Change("attribute", like, json => json["attributes"]!["surprise"] = 1), "surprise");
        Fails("input", Change("input", like, json => json["node_inputs"] = new JsonArray([.. Inputs(json), .. Enumerable.Repeat(0, 7 - Inputs(json).Count).Select(_ => JsonValue.Create("")), "more"]), "input.more"), "more");
        Fails("output", Change("output", like, json => json["node_outputs"]!.AsArray().Add("more"), "output.more"), "more");
        Fails("array", Change("array", like, _ => { }, "input.more"), "input.more");
        Fails("initializer", Change("initializer", like, json => json["initializers"]!.AsArray().Add("w")), "initializers");
        Fails("nodes", Change("nodes", like, json => json["nodes"] = 2), "not one node");
        Fails("member", Change("member", like, json => json["domain"] = "com.example"), "domain");
        Fails("operator", Change("operator", like, json => json["op"] = "HardSwish"), "does not know");
        Fails("opset", Change("opset", like, json => json["opset"] = new JsonObject { ["com.example"] = 1 }), "opset");

        static List<JsonNode?> Inputs(JsonObject json) => [.. json["node_inputs"]!.AsArray().Select(input => input!.DeepClone())];
    }

    [Theory]
    [InlineData("test_attention_4d", "softmax_precision", 6)]
    [InlineData("test_attention_4d", "is_causal", 2)]
    [InlineData("test_attention_4d", "q_num_heads", 7)]
    [InlineData("test_attention_4d_with_qk_matmul", "qk_matmul_output_mode", 4)]
    [InlineData("test_layer_normalization_2d_axis1", "stash_type", 11)]
    [InlineData("test_gelu_default_1", "approximate", "other")]
    [InlineData("test_gemm_default_zero_bias", "transA", 2)]
    public void AValueThatTheRunnerDoesNotKnowFails(string like, string attribute, object value) =>
        Fails(attribute, Change("value", like, json => json["attributes"]![attribute] = value is int number ? number : (string)value), "");

    [Fact]
    public void ACaseOnNeitherListFails()
    {
        Assert.Equal(Verdict.NotInScope, new OnnxNodeRunner(reference: false).Run("test_leakyrelu_default").Verdict);
        Fails("leaky", Change("leaky", "test_leakyrelu_default", _ => { }), "does not know");
        Fails("softmax", Change("old", "test_softmax_example", json => json["opset"]!["ai.onnx"] = 11), "opset");
    }

    private Outcome Outcome(string name) => new OnnxNodeRunner(reference: false, _folder).Run(name);

    private void Passes(string what, string name)
    {
        foreach (var reference in new[] { false, true })
        {
            var outcome = new OnnxNodeRunner(reference, _folder).Run(name);
            Assert.True(outcome.Verdict == Verdict.Passed, $"{what}: {outcome.Row}");
        }
    }

    private void Fails(string what, string name, string said)
    {
        var outcome = Outcome(name);
        Assert.True(outcome.Verdict == Verdict.Failed, $"{what}: {outcome.Row}");
        Assert.Contains(said, outcome.Note);
    }

    private static JsonObject Read(string like) => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Shared.OnnxNode, like + ".json")))!.AsObject();

    /// <summary>A case of the suite with something changed, and perhaps one array more.</summary>
    private string Change(string name, string like, Action<JsonObject> change, string? array = null)
    {
        var json = Read(like);
        change(json);
        return Copy(name, json, new GoldenFile(Path.Combine(Shared.OnnxNode, like + ".safetensors")), array is null ? null : (array, [1], [1f]));
    }

    private string Copy(string name, JsonObject json, GoldenFile file, (string Name, int[] Shape, float[] Values)? array, bool wrong = false)
    {
        var arrays = file.TensorNames.Where(tensor => tensor != array?.Name).Select(tensor => (tensor, file.Type(tensor), Long(file.Shape(tensor)), file.Type(tensor) switch
        {
            "BOOL" => MemoryMarshal.AsBytes<bool>(file.Bools(tensor)).ToArray(),
            "I64" => MemoryMarshal.AsBytes<long>(file.Longs(tensor)).ToArray(),
            "F32" => Bytes(wrong && tensor == "output.Y" ? new float[file.Floats(tensor).Length] : file.Floats(tensor)),
            var type => throw new NotSupportedException(type),
        })).ToList();
        if (array is { } more)
            arrays.Add((more.Name, "F32", Long(more.Shape), Bytes(more.Values)));
        return Put(name, json, [.. arrays]);
    }

    private string Write(
        string name, string op, int opset, JsonObject attributes, (string Name, int[] Shape, float[] Values)[] inputs, (string Name, int[] Shape, float[] Values)[] outputs, (string Name, int Place, long[] Values)? longs = null)
    {
        var places = new JsonArray([.. inputs.Select(input => (JsonNode)input.Name)]);
        if (longs is { } other)
        {
            while (places.Count < other.Place)
                places.Add("");
            places.Add(other.Name);
        }

        var json = new JsonObject
        {
            ["case"] = name,
            ["opset"] = new JsonObject { ["ai.onnx"] = opset },
            ["nodes"] = 1,
            ["op"] = op,
            ["initializers"] = new JsonArray(),
            ["node_inputs"] = places,
            ["node_outputs"] = new JsonArray([.. outputs.Select(output => (JsonNode)output.Name)]),
            ["attributes"] = attributes.DeepClone(),
        };
        return Put(name, json,
        [
            .. inputs.Select(input => ("input." + input.Name, "F32", Long(input.Shape), Bytes(input.Values))),
            .. longs is { } ids ? new[] { ("input." + ids.Name, "I64", new long[] { ids.Values.Length }, MemoryMarshal.AsBytes<long>(ids.Values).ToArray()) } : [],
            .. outputs.Select(output => ("output." + output.Name, "F32", Long(output.Shape), Bytes(output.Values))),
        ]);
    }

    private string Put(string name, JsonObject json, (string Name, string Type, long[] Shape, byte[] Data)[] arrays)
    {
        File.WriteAllText(Path.Combine(_folder, name + ".json"), json.ToJsonString());
        File.WriteAllBytes(Path.Combine(_folder, name + ".safetensors"), SafetensorsBytes.File(arrays));
        return name;
    }

    private static long[] Long(int[] shape) => [.. shape.Select(size => (long)size)];

    private static byte[] Bytes(float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
