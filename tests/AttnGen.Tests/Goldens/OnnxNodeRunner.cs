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

/// <summary>Runs the single-node cases of the ONNX backend suite through the generated code (or through the reference).</summary>
internal sealed class OnnxNodeRunner(bool reference)
{
    private static readonly IReadOnlyList<ModelCase> s_models = [.. ModelCase.In(typeof(ModelCase).Assembly).Where(model => model.Type.Namespace == typeof(OnnxSwiGlu).Namespace)];

    public static IEnumerable<string> Cases =>
        Directory.EnumerateFiles(Shared.OnnxNode, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public Outcome Run(string name)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Shared.OnnxNode, name + ".json")));
        var node = new Node(json.RootElement, new GoldenFile(Path.Combine(Shared.OnnxNode, name + ".safetensors")));
        try
        {
            var note = node.Op switch
            {
                "Attention" => Attention(node),
                "LayerNormalization" => Norm(node, "LayerNorm"),
                "RMSNormalization" => Norm(node, "RmsNorm"),
                "Softmax" => Softmax(node),
                "MatMul" => MatMul(node),
                "Gemm" => Gemm(node),
                "Gelu" => Pointwise(node, node.Text("approximate", "none") == "tanh" ? typeof(GeluTanhOnly) : typeof(GeluOnly)),
                "Sigmoid" => Pointwise(node, typeof(SigmoidOnly)),
                "Tanh" => Pointwise(node, typeof(TanhOnly)),
                "SwiGLU" => SwiGlu(node),
                "RotaryEmbedding" => throw new OutOfScope(
                    "cos and sin are inputs of the node and hold random numbers, not rotations; the generated code makes its tables from ropeTheta. The formula is checked on the reference"),
                "LeakyRelu" => throw new OutOfScope("no such activation"),
                "TensorScatter" => throw new OutOfScope("writes into a KV cache, which comes with decoders"),
                _ => throw new OutOfScope("an operator that nobody has looked at yet"),
            };
            return new Outcome(name, node.Op, Verdict.Passed, note);
        }
        catch (OutOfScope reason)
        {
            return new Outcome(name, node.Op, Verdict.NotInScope, reason.Message);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new Outcome(name, node.Op, Verdict.Failed, error.Message.ReplaceLineEndings(" "));
        }
    }

    private string Attention(Node node)
    {
        var notes = new List<string>();
        var four = node.Shape("Q").Length == 4;
        var batch = node.Shape("Q")[0];
        var heads = four ? node.Shape("Q")[1] : node.Int("q_num_heads");
        var kvHeads = four ? node.Shape("K")[1] : node.Int("kv_num_heads");
        var (headDim, valueDim) = four ? (node.Shape("Q")[3], node.Shape("V")[3]) : (node.Shape("Q")[2] / heads, node.Shape("V")[2] / kvHeads);
        var tokens = four ? node.Shape("Q")[2] : node.Shape("Q")[1];
        var newKeys = four ? node.Shape("K")[2] : node.Shape("K")[1];
        var pastKeys = node.Has("past_key") ? node.Shape("past_key")[2] : 0;
        var keys = pastKeys + newKeys;

        using var model = Load(candidate => candidate is { Kind: "DotProductAttention", Options: { } options }
            && options.Heads == heads && options.ActualKvHeads == kvHeads && options.HeadDim == headDim && options.ActualValueHeadDim == valueDim
            && options.Causal == (node.Int("is_causal") != 0) && options.Scale == node.Number("scale") && options.Softcap == node.Number("softcap"));

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
            // is_causal counts from the end of what was there before: the past, or the real keys without the new ones.
            var mask = default(AttentionMask).WithFirstQuery(nonPadded is null ? pastKeys : (int)nonPadded[b] - tokens);
            if (nonPadded is not null)
                mask = mask.WithKeyLength((int)nonPadded[b]);
            if (node.Has("attn_mask"))
                mask = node.IsBool("attn_mask")
                    ? mask.WithKeep(MaskOf(node.Bools("attn_mask"), node.Shape("attn_mask"), b))
                    : mask.WithAdditive(MaskOf(node.Floats("attn_mask"), node.Shape("attn_mask"), b));
            y.AddRange(Models.Run(
                model, TorchGoldens.Part(q, b, batch), TorchGoldens.Part(k, b, batch), TorchGoldens.Part(v, b, batch), mask,
                weights.AsSpan(b * heads * tokens * keys, heads * tokens * keys)));
        }
        Check(node, "Y", Heads([.. y], four, heads, tokens, valueDim));
        if (node.HasOutput("qk_matmul_output"))
        {
            var mode = node.Int("qk_matmul_output_mode");
            if (mode == 3)
            {
                Check(node, "qk_matmul_output", weights);
                notes.Add("attention weights (mode 3) compared, too");
            }
            else
            {
                notes.Add($"Y compared; qk_matmul_output of mode {mode} (before softmax) is not exposed");
            }
        }
        return string.Join("; ", notes);
    }

    // [T, S], [1|B, 1, T, S] or [1|B, H, T, S]; one sequence's [T, S] or [H, T, S].
    private static T[] MaskOf<T>(T[] mask, int[] shape, int b) =>
        shape.Length == 4 && shape[0] > 1 ? TorchGoldens.Part(mask, b, shape[0]) : mask;

    private string Norm(Node node, string kind)
    {
        var shape = node.Shape("X");
        var axis = node.Int("axis", -1);
        var dim = shape[(axis < 0 ? axis + shape.Length : axis)..].Aggregate(1, (product, size) => product * size);
        var epsilon = node.Number("epsilon", 1e-5);
        using var model = Load(candidate => candidate.Kind == kind && candidate.QueryWidth == dim && candidate.Argument<double>("epsilon") == epsilon && candidate.Argument("bias", true),
            source => (kind == "LayerNorm" ? source.Add("bias", [dim], node.Floats("B")) : source).Add("weight", [dim], node.Floats("W")));
        Check(node, "Y", Difference.ToDoubles(Models.Rows(model, node.Floats("X"))));
        var notes = new List<string>();
        if (dim != shape[^1])
            notes.Add($"the {dim} elements of the trailing axes are one row");
        if (node.HasOutput("Mean"))
            notes.Add("Y compared; Mean and InvStdDev are not exposed");
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
        using var model = Load(candidate => candidate.Type == type, source => source.Add("weight", [1, 1], [1]));
        Check(node, "y", Difference.ToDoubles(Models.Rows(model, node.Floats("x"))));
        return "[Linear] of one feature with weight 1 and this activation";
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
        var inner = node.Int("transA") != 0 ? node.Shape("a")[0] : node.Shape("a")[1];
        var columns = node.Int("transB") != 0 ? node.Shape("b")[0] : node.Shape("b")[1];
        if (node.Int("transA") != 0)
            a = Swap(a, 1, inner, a.Length / inner);
        if (node.Int("transB") == 0)
            b = Swap(b, 1, inner, columns);
        var c = node.Has("c") ? node.Floats("c") : null;
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

    private sealed class OutOfScope(string reason) : Exception(reason);

    private sealed class Node(JsonElement json, GoldenFile file)
    {
        private readonly JsonElement _attributes = json.GetProperty("attributes");

        public string Op => json.GetProperty("op").GetString()!;

        public bool Has(string input) => file.Has("input." + input);

        public bool HasOutput(string output) => file.Has("output." + output);

        public int[] Shape(string input) => file.Shape("input." + input);

        public bool IsBool(string input) => file.Type("input." + input) == "BOOL";

        public bool IsHalf(string output) => file.Type("output." + output) == "F16";

        public float[] Floats(string input) => file.Floats("input." + input);

        public bool[] Bools(string input) => file.Bools("input." + input);

        public long[] Longs(string input) => file.Longs("input." + input);

        public double[] Expected(string output) => file.Doubles("output." + output);

        public int Int(string attribute, int otherwise = 0) => _attributes.TryGetProperty(attribute, out var value) ? value.GetInt32() : otherwise;

        public double Number(string attribute, double otherwise = 0) => _attributes.TryGetProperty(attribute, out var value) ? value.GetDouble() : otherwise;

        public string Text(string attribute, string otherwise) => _attributes.TryGetProperty(attribute, out var value) ? value.GetString()! : otherwise;
    }
}
