using System.Text.Json;
using AttnGen.Probe;

namespace AttnGen.Tests.Goldens;

internal enum Verdict
{
    Passed,
    Failed,
    NotInScope,
}

/// <summary>One line of the ledger.</summary>
internal sealed record Outcome(string Case, string Op, Verdict Verdict, string Note)
{
    public string Row => $"| {Case} | {Op} | {(Verdict == Verdict.NotInScope ? "not in scope" : Verdict == Verdict.Passed ? "passed" : "FAILED")} | {Note} |";
}

/// <summary>
/// Runs the single-node cases of the ONNX backend suite through the generated code (or through the reference). A case passes only if every
/// attribute, input and output of its node was looked at: what the runner does not know is a failure. Not in scope is what <see cref="OnnxScope"/> names.
/// </summary>
internal sealed class OnnxNodeRunner(bool reference, string? folder = null)
{
    /// <summary>Most rows of the classes of one feature.</summary>
    private const int MostRows = 4096;

    private static readonly IReadOnlyList<ModelCase> s_models = [.. ModelCase.In(typeof(ModelCase).Assembly).Where(model => model.Type.Namespace == typeof(OnnxSwiGlu).Namespace)];

    public static IEnumerable<string> Cases =>
        Directory.EnumerateFiles(Shared.OnnxNode, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public Outcome Run(string name)
    {
        var place = Path.Combine(folder ?? Shared.OnnxNode, name);
        using var json = JsonDocument.Parse(File.ReadAllBytes(place + ".json"));
        var op = json.RootElement.GetProperty("op").GetString()!;
        if (OnnxScope.NotInScope.TryGetValue(name, out var why))
            return new Outcome(name, op, Verdict.NotInScope, why);
        try
        {
            var node = new Node(json.RootElement, new GoldenFile(place + ".safetensors"), op);
            var note = node.Op switch
            {
                "Attention" => Attention(node),
                "LayerNormalization" => Norm(node, "LayerNorm"),
                "RMSNormalization" => Norm(node, "RmsNorm"),
                "Softmax" => Softmax(node),
                "MatMul" => MatMul(node),
                "Gemm" => Gemm(node),
                "Gelu" => Pointwise(node, node.Text("approximate", "none") switch
                {
                    "none" => typeof(GeluOnly),
                    "tanh" => typeof(GeluTanhOnly),
                    var other => throw new NotSupportedException($"Gelu's approximate '{other}' is not known"),
                }),
                "Relu" => Pointwise(node, typeof(ReluOnly)),
                "Swish" => Swish(node),
                "Sigmoid" => Pointwise(node, typeof(SigmoidOnly)),
                "Tanh" => Pointwise(node, typeof(TanhOnly)),
                "SwiGLU" => SwiGlu(node),
                _ => throw new NotSupportedException("an operator that this runner does not know; run it, or name the case and the reason in OnnxScope"),
            };
            node.Finish();
            return new Outcome(name, op, Verdict.Passed, note);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new Outcome(name, op, Verdict.Failed, error.Message.ReplaceLineEndings(" "));
        }
    }

    private string Attention(Node node)
    {
        var notes = new List<string>();
        var four = node.Shape("Q").Length == 4;
        var batch = node.Shape("Q")[0];
        node.Require(!four || (node.Int("q_num_heads", node.Shape("Q")[1]) == node.Shape("Q")[1] && node.Int("kv_num_heads", node.Shape("K")[1]) == node.Shape("K")[1]), "the attributes of heads differ from the shapes");
        var heads = four ? node.Shape("Q")[1] : node.Int("q_num_heads");
        var kvHeads = four ? node.Shape("K")[1] : node.Int("kv_num_heads");

        // Softmax is computed in float32, which no precision that may be asked for (float32, float16, double, bfloat16) is further from than the tolerance.
        node.Require(node.Int("softmax_precision", 1) is 1 or 10 or 11 or 16, "softmax_precision is no type of float");
        node.Require(node.Int("is_causal") is 0 or 1, "is_causal is neither 0 nor 1");
        node.Require(!(node.Has("nonpad_kv_seqlen") && node.Has("past_key")), "past_key and nonpad_kv_seqlen exclude each other");
        var causal = node.Int("is_causal") == 1;
        var (headDim, valueDim) = four ? (node.Shape("Q")[3], node.Shape("V")[3]) : (node.Shape("Q")[2] / heads, node.Shape("V")[2] / kvHeads);
        var tokens = four ? node.Shape("Q")[2] : node.Shape("Q")[1];
        var newKeys = four ? node.Shape("K")[2] : node.Shape("K")[1];
        var pastKeys = node.Has("past_key") ? node.Shape("past_key")[2] : 0;
        var keys = pastKeys + newKeys;

        using var model = Load(candidate => candidate is { Kind: "DotProductAttention", Options: { } options }
            && options.Heads == heads && options.ActualKvHeads == kvHeads && options.HeadDim == headDim && options.ActualValueHeadDim == valueDim
            && options.Causal == causal && options.Scale == node.Number("scale") && options.Softcap == node.Number("softcap")
            && options is { Window: 0, Position: Position.None, QkNorm: QkNorm.None, BiasKv: false, ZeroAttn: false });

        var q = Tokens(node.Floats("Q"), four, heads, tokens, headDim);
        var k = Append(node, "past_key", Tokens(node.Floats("K"), four, kvHeads, newKeys, headDim), batch, kvHeads, pastKeys, headDim);
        var v = Append(node, "past_value", Tokens(node.Floats("V"), four, kvHeads, newKeys, valueDim), batch, kvHeads, pastKeys, valueDim);
        if (pastKeys > 0)
        {
            Check(node, "present_key", Heads(k, true, kvHeads, keys, headDim));
            Check(node, "present_value", Heads(v, true, kvHeads, keys, valueDim));
            notes.Add("past and new keys concatenated by the caller");
        }

        var nonPadded = node.Has("nonpad_kv_seqlen") ? node.Longs("nonpad_kv_seqlen") : null;
        var weights = new double[batch * heads * tokens * keys];
        var y = new List<double>();
        for (var b = 0; b < batch; b++)
        {
            // is_causal counts from the end of what was there before: the past, or the real keys without the new ones. Without it no query has a place.
            var mask = default(AttentionMask);
            if (causal)
                mask = mask.WithFirstQuery(nonPadded is null ? pastKeys : (int)nonPadded[b] - tokens);
            if (nonPadded is not null)
                mask = mask.WithKeyLength((int)nonPadded[b]);
            if (node.Has("attn_mask"))
                mask = node.IsBool("attn_mask")
                    ? mask.WithKeep(MaskOf(node.Bools("attn_mask"), node.Shape("attn_mask"), b, batch, heads, tokens, keys, hidden: false))
                    : mask.WithAdditive(MaskOf(node.Floats("attn_mask"), node.Shape("attn_mask"), b, batch, heads, tokens, keys, hidden: float.NegativeInfinity));
            y.AddRange(Models.Run(
                model, TorchGoldens.Part(q, b, batch), TorchGoldens.Part(k, b, batch), TorchGoldens.Part(v, b, batch), mask,
                weights.AsSpan(b * heads * tokens * keys, heads * tokens * keys)));
        }
        Check(node, "Y", Heads([.. y], four, heads, tokens, valueDim));
        if (node.HasOutput("qk_matmul_output"))
        {
            var mode = node.Int("qk_matmul_output_mode");
            node.Require(mode is >= 0 and <= 3, $"qk_matmul_output_mode {mode} is not known");
            if (mode == 3)
            {
                Check(node, "qk_matmul_output", weights);
                notes.Add("attention weights (mode 3) compared, too");
            }
            else
            {
                notes.Add($"Y compared; qk_matmul_output of mode {mode} (before softmax) is not exposed");
                node.NotExposed("qk_matmul_output");
            }
        }
        else
        {
            node.Require(node.Int("qk_matmul_output_mode") is >= 0 and <= 3, "qk_matmul_output_mode is not known"); // of an output that nobody takes
        }

        return string.Join("; ", notes);
    }

    // Whatever broadcasts to [B, H, T, S], with fewer keys than there are filled up with hidden ones; one sequence's [T, S], or [H, T, S] if the heads differ.
    private static T[] MaskOf<T>(T[] mask, int[] shape, int b, int batch, int heads, int tokens, int keys, T hidden)
    {
        int[] four = [.. Enumerable.Repeat(1, Math.Max(0, 4 - shape.Length)), .. shape];
        int[] full = [batch, heads, tokens, keys];
        if (four.Length != 4 || Enumerable.Range(0, 3).Any(axis => four[axis] != 1 && four[axis] != full[axis]) || four[3] > keys || (four[3] == 1 && keys > 1))
            throw new NotSupportedException($"attn_mask is [{string.Join(", ", shape)}], and the scores are [{string.Join(", ", full)}]");
        var result = new List<T>();
        for (var h = 0; h < four[1]; h++)
            for (var t = 0; t < tokens; t++)
                for (var s = 0; s < keys; s++)
                    result.Add(s < four[3] ? mask[(((four[0] == 1 ? 0 : b) * four[1] + h) * four[2] + (four[2] == 1 ? 0 : t)) * four[3] + s] : hidden);
        return [.. result];
    }

    private string Norm(Node node, string kind)
    {
        var shape = node.Shape("X");
        var axis = node.Int("axis", -1);
        var dim = shape[(axis < 0 ? axis + shape.Length : axis)..].Aggregate(1, (product, size) => product * size);
        var epsilon = node.Number("epsilon", 1e-5);
        node.Require(node.Int("stash_type", 1) == 1, "stash_type is not float32");
        var hasBias = kind == "LayerNorm" && node.Has("B");
        foreach (var weight in hasBias ? new[] { "W", "B" } : ["W"])
            node.Require(Product(node.Shape(weight)) == dim, $"{weight} does not have {dim} elements");
        using var model = Load(candidate => candidate.Kind == kind && candidate.QueryWidth == dim && candidate.Argument<double>("epsilon") == epsilon && (kind != "LayerNorm" || candidate.Argument("bias", true) == hasBias),
            source => (hasBias ? source.Add("bias", [dim], node.Floats("B")) : source).Add("weight", [dim], node.Floats("W")));
        Check(node, "Y", Difference.ToDoubles(Models.Rows(model, node.Floats("X"))));
        var notes = new List<string>();
        if (dim != shape[^1])
            notes.Add($"the {dim} elements of the trailing axes are one row");
        if (node.HasOutput("Mean"))
            notes.Add("Y compared; Mean and InvStdDev are not exposed");
        node.NotExposed("Mean");
        node.NotExposed("InvStdDev");
        return string.Join("; ", notes);
    }

    private string Softmax(Node node)
    {
        var shape = node.Shape("x");
        var axis = node.Int("axis", -1);
        axis = axis < 0 ? axis + shape.Length : axis;
        var (outer, dim, inner) = (Product(shape[..axis]), shape[axis], Product(shape[(axis + 1)..]));
        using var model = Load(candidate => candidate.Kind == "Softmax" && candidate.QueryWidth == dim);
        var y = Models.Rows(model, Swap(node.Floats("x"), outer, dim, inner));
        Check(node, "y", Difference.ToDoubles(Swap(y, outer, inner, dim)));
        return inner == 1 ? "" : $"axis {axis} moved to the end by the caller";
    }

    private string Pointwise(Node node, Type type)
    {
        Check(node, "y", Difference.ToDoubles(Activate(type, node.Floats("x"), 1)));
        return "[Linear] of one feature with weight 1 and this activation";
    }

    private string Swish(Node node)
    {
        // x·σ(alpha·x) = silu(alpha·x)/alpha.
        var alpha = (float)node.Number("alpha", 1);
        node.Require(alpha != 0 && float.IsFinite(alpha), "alpha is 0 or not finite, and the product is divided by it");
        Check(node, "y", [.. Activate(typeof(SiluOnly), node.Floats("x"), alpha).Select(value => (double)value / alpha)]);
        return "[Linear] of one feature and Silu, with weight " + (alpha == 1 ? "1" : "alpha; divided by alpha by the caller");
    }

    // As many rows at once as the class takes.
    private float[] Activate(Type type, float[] x, float weight)
    {
        using var model = Load(candidate => candidate.Type == type, source => source.Add("weight", [1, 1], [weight]));
        return [.. x.Chunk(MostRows).SelectMany(rows => Models.Rows(model, rows))];
    }

    private string SwiGlu(Node node)
    {
        // a·σ(alpha·a)·b = silu(alpha·a)·(b/alpha).
        var alpha = (float)node.Number("alpha", 1);
        using var model = Load(candidate => candidate.Type == typeof(OnnxSwiGlu), source => source
            .Add("gate_proj.weight", [1, 2], [alpha, 0]).Add("up_proj.weight", [1, 2], [0, 1 / alpha]).Add("down_proj.weight", [2, 1], [1, 0]));
        var (a, b) = (node.Floats("a"), node.Floats("b"));
        var y = Models.Rows(model, [.. a.Zip(b).SelectMany(pair => new[] { pair.First, pair.Second })]);
        Check(node, "y", [.. y.Where((_, i) => i % 2 == 0).Select(value => (double)value)]);
        return "[FeedForward(gated)] whose projections pick a and b" + (alpha == 1 ? "" : "; alpha folded into their weights");
    }

    private string MatMul(Node node)
    {
        // As NumPy: a row vector in front, a column vector behind, the axes before the last two repeated.
        var (left, right) = (node.Shape("a"), node.Shape("b"));
        var a = left.Length == 1 ? [1, left[0]] : left;
        var b = right.Length == 1 ? [right[0], 1] : right;
        var (rows, inner, columns) = (a[^2], a[^1], b[^1]);
        var rank = Math.Max(a.Length, b.Length);
        var outer = new int[rank - 2];
        for (var i = 0; i < outer.Length; i++)
            outer[i] = Math.Max(At(a, i, rank), At(b, i, rank));
        var y = new List<double>();
        for (var index = 0; index < Product(outer); index++)
        {
            var x = node.Floats("a").AsSpan(Offset(a, outer, index, rank) * rows * inner, rows * inner).ToArray();
            var w = node.Floats("b").AsSpan(Offset(b, outer, index, rank) * inner * columns, inner * columns).ToArray();
            using var model = Load(candidate => candidate.Kind == "Linear" && candidate.QueryWidth == inner && candidate.OutputWidth == columns && !candidate.Argument("bias", true)
                && candidate.Argument<int>("activation") == 0, source => source.Add("weight", [columns, inner], Swap(w, 1, inner, columns)));
            y.AddRange(Difference.ToDoubles(Models.Rows(model, x)));
        }
        Check(node, "c", [.. y]);
        return Product(outer) == 1 ? "[Linear] without bias; b transposed at load" : $"{Product(outer)} products, each a [Linear] without bias; b transposed at load";
    }

    private string Gemm(Node node)
    {
        var (alpha, beta) = ((float)node.Number("alpha", 1), (float)node.Number("beta", 1));
        var (a, b) = (node.Floats("a"), node.Floats("b"));
        node.Require(node.Shape("a").Length == 2 && node.Shape("b").Length == 2, "a or b is no matrix");
        node.Require(node.Int("transA") is 0 or 1 && node.Int("transB") is 0 or 1, "transA or transB is neither 0 nor 1");
        var inner = node.Int("transA") != 0 ? node.Shape("a")[0] : node.Shape("a")[1];
        var columns = node.Int("transB") != 0 ? node.Shape("b")[0] : node.Shape("b")[1];
        if (node.Int("transA") != 0)
            a = Swap(a, 1, inner, a.Length / inner);
        if (node.Int("transB") == 0)
            b = Swap(b, 1, inner, columns);
        var c = node.Has("c") ? node.Floats("c") : null;
        node.Require(c is null || (c.Length is var size && (size == 1 || (size == columns && node.Shape("c")[^1] == columns))), "c differs from row to row, and a [Linear] has one bias");
        using var model = Load(
            candidate => candidate.Kind == "Linear" && candidate.QueryWidth == inner && candidate.OutputWidth == columns && candidate.Argument("bias", true) == c is not null && candidate.Argument<int>("activation") == 0,
            source =>
            {
                source.Add("weight", [columns, inner], [.. b.Select(value => alpha * value)]);
                if (c is not null)
                    source.Add("bias", [columns], [.. Enumerable.Range(0, columns).Select(n => beta * c[c.Length == 1 ? 0 : n])]);
                return source;
            });
        Check(node, "y", Difference.ToDoubles(Models.Rows(model, a)));
        return "[Linear]" + (c is null ? " without bias" : "") + (alpha == 1 && beta == 1 ? "" : "; alpha and beta folded into weight and bias") + (node.Int("transA") == 0 ? "" : "; a transposed by the caller");
    }

    private LoadedModel Load(Func<ModelCase, bool> fits, Func<ArraySource, ArraySource>? weights = null)
    {
        var model = s_models.FirstOrDefault(fits) ?? throw new InvalidOperationException("no class of this shape is declared in OnnxModels.cs");
        var source = weights is null ? new ArraySource() : weights(new ArraySource());
        return reference ? model.LoadReference(source) : Models.Load(model.Type, source);
    }

    // The suite's own tolerance; float16 results are rounded to 11 bits.
    private static void Check(Node node, string output, double[] actual) =>
        Difference.Check(output, actual, node.Expected(output), node.IsHalf(output) ? 1e-3 : 1e-7, node.IsHalf(output) ? 2e-3 : 1e-3);

    /// <summary>What the operators call their inputs and outputs, and the first version that means what is computed here.</summary>
    private static readonly Dictionary<string, (string[] Inputs, string[] Outputs, int Opset)> s_signatures = new(StringComparer.Ordinal)
    {
        ["Attention"] = (["Q", "K", "V", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen"], ["Y", "present_key", "present_value", "qk_matmul_output"], 23),
        ["LayerNormalization"] = (["X", "W", "B"], ["Y", "Mean", "InvStdDev"], 17),
        ["RMSNormalization"] = (["X", "W"], ["Y"], 23),
        ["Softmax"] = (["x"], ["y"], 13), // before, all axes from this one on were one row
        ["MatMul"] = (["a", "b"], ["c"], 1),
        ["Gemm"] = (["a", "b", "c"], ["y"], 7),
        ["Gelu"] = (["x"], ["y"], 20),
        ["Relu"] = (["x"], ["y"], 6),
        ["Swish"] = (["x"], ["y"], 24),
        ["Sigmoid"] = (["x"], ["y"], 6),
        ["Tanh"] = (["x"], ["y"], 6),
        ["SwiGLU"] = (["a", "b"], ["y"], 1),
    };

    private static readonly string[] s_members =
        ["case", "opset", "nodes", "op", "graph_inputs", "graph_outputs", "initializers", "inputs", "outputs", "node_inputs", "node_outputs", "attributes"];

    // [B, H, T, d] or [B, T, H·d] to [B, T, H·d], and back.
    private static float[] Tokens(float[] x, bool four, int heads, int tokens, int dim) => four ? SwapMiddle(x, heads, tokens, dim) : x;

    private static T[] Heads<T>(T[] x, bool four, int heads, int tokens, int dim) => four ? SwapMiddle(x, tokens, heads, dim) : x;

    private static double[] Heads(float[] x, bool four, int heads, int tokens, int dim) => Difference.ToDoubles(Heads<float>(x, four, heads, tokens, dim));

    private static float[] Append(Node node, string past, float[] now, int batch, int kvHeads, int pastKeys, int dim)
    {
        if (!node.Has(past))
            return now;
        var before = SwapMiddle(node.Floats(past), kvHeads, pastKeys, dim);
        return [.. Enumerable.Range(0, batch).SelectMany(b => TorchGoldens.Part(before, b, batch).Concat(TorchGoldens.Part(now, b, batch)))];
    }

    private static T[] SwapMiddle<T>(T[] x, int first, int second, int dim)
    {
        var y = new T[x.Length];
        for (var b = 0; b < x.Length / (first * second * dim); b++)
            for (var i = 0; i < first; i++)
                for (var j = 0; j < second; j++)
                    x.AsSpan(((b * first + i) * second + j) * dim, dim).CopyTo(y.AsSpan(((b * second + j) * first + i) * dim));
        return y;
    }

    private static T[] Swap<T>(T[] x, int outer, int first, int second)
    {
        var y = new T[x.Length];
        for (var o = 0; o < outer; o++)
            for (var i = 0; i < first; i++)
                for (var j = 0; j < second; j++)
                    y[(o * second + j) * first + i] = x[(o * first + i) * second + j];
        return y;
    }

    private static int Product(IEnumerable<int> sizes) => sizes.Aggregate(1, (product, size) => product * size);

    private static int At(int[] shape, int axis, int rank) => axis - (rank - shape.Length) is var own and >= 0 ? shape[own] : 1;

    private static int Offset(int[] shape, int[] outer, int index, int rank)
    {
        var offset = 0;
        var stride = 1;
        for (var axis = outer.Length - 1; axis >= 0; axis--)
        {
            var place = index % outer[axis];
            index /= outer[axis];
            if (At(shape, axis, rank) is var size && size > 1)
                offset += place * stride;
            stride *= size;
        }
        return offset;
    }

    /// <summary>A node, which knows what of it was looked at.</summary>
    private sealed class Node
    {
        private readonly GoldenFile _file;
        private readonly JsonElement _attributes;
        private readonly HashSet<string> _looked = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _inputs, _outputs;
        private readonly HashSet<string> _open;

        public Node(JsonElement json, GoldenFile file, string op)
        {
            _file = file;
            Op = op;
            Require(json.EnumerateObject().All(member => s_members.Contains(member.Name)), "the case has a member that is not known: " + string.Join(", ", json.EnumerateObject().Select(member => member.Name).Except(s_members)));
            Require(json.GetProperty("nodes").GetInt32() == 1, "there is not one node");
            Require(json.GetProperty("initializers").GetArrayLength() == 0, "there are initializers");
            _attributes = json.GetProperty("attributes");
            if (!s_signatures.TryGetValue(op, out var signature))
            {
                (_inputs, _outputs, _open) = ([], [], []);
                return;
            }

            var opset = json.GetProperty("opset");
            Require(opset.EnumerateObject().Count() == 1 && opset.TryGetProperty("ai.onnx", out var version) && version.GetInt32() >= signature.Opset, $"{op} is of another opset than ai.onnx from {signature.Opset} on");
            _inputs = Named(json.GetProperty("node_inputs"), signature.Inputs, "input");
            _outputs = Named(json.GetProperty("node_outputs"), signature.Outputs, "output");
            _open = [.. _inputs.Values.Select(name => "input." + name), .. _outputs.Values.Select(name => "output." + name)];
            var stray = file.TensorNames.Except(_open).Concat(_open.Except(file.TensorNames)).ToArray();
            Require(stray.Length == 0, "not both in the node and in its file: " + string.Join(", ", stray));
        }

        public string Op { get; }

        public void Require(bool holds, string otherwise)
        {
            if (!holds)
                throw new NotSupportedException(otherwise);
        }

        public bool Has(string input) => _inputs.ContainsKey(input);

        public bool HasOutput(string output) => _outputs.ContainsKey(output);

        public int[] Shape(string input) => _file.Shape("input." + _inputs[input]);

        public bool IsBool(string input) => _file.Type("input." + _inputs[input]) == "BOOL";

        public bool IsHalf(string output) => _file.Type("output." + _outputs[output]) == "F16";

        public float[] Floats(string input) => _file.Floats(Look(input));

        public bool[] Bools(string input) => _file.Bools(Look(input));

        public long[] Longs(string input) => _file.Longs(Look(input));

        public double[] Expected(string output)
        {
            _open.Remove("output." + _outputs[output]);
            return _file.Doubles("output." + _outputs[output]);
        }

        /// <summary>An output, if it is there, that the generated code does not give.</summary>
        public void NotExposed(string output)
        {
            if (_outputs.TryGetValue(output, out var name))
                _open.Remove("output." + name);
        }

        public int Int(string attribute, int otherwise = 0) => Attribute(attribute) is { } value ? value.GetInt32() : otherwise;

        public double Number(string attribute, double otherwise = 0) => Attribute(attribute) is { } value ? value.GetDouble() : otherwise;

        public string Text(string attribute, string otherwise) => Attribute(attribute) is { } value ? value.GetString()! : otherwise;

        /// <summary>That nothing was passed over.</summary>
        public void Finish()
        {
            var unknown = _attributes.EnumerateObject().Select(attribute => attribute.Name).Where(name => !_looked.Contains(name)).ToArray();
            Require(unknown.Length == 0, $"{Op} has an attribute that this runner does not know: {string.Join(", ", unknown)}");
            Require(_open.Count == 0, $"{Op} has what this runner does not look at: {string.Join(", ", _open.Order(StringComparer.Ordinal))}");
        }

        private JsonElement? Attribute(string name)
        {
            _looked.Add(name);
            return _attributes.TryGetProperty(name, out var value) ? value : null;
        }

        private string Look(string input)
        {
            var name = "input." + _inputs[input];
            _open.Remove(name);
            return name;
        }

        // By place, as ONNX counts them: the graph may call them anything, and "" is one that is left out.
        private Dictionary<string, string> Named(JsonElement names, string[] formal, string what)
        {
            Require(names.GetArrayLength() <= formal.Length, $"{Op} has {what} {string.Join(", ", names.EnumerateArray().Skip(formal.Length))}, which this runner does not know");
            return names.EnumerateArray().Select((name, i) => (Formal: formal[i], Name: name.GetString()!)).Where(pair => pair.Name.Length > 0).ToDictionary(pair => pair.Formal, pair => pair.Name);
        }
    }
}
