using Microsoft.ML.OnnxRuntime;

namespace AttnGen.Bench;

/// <summary>
/// ONNX Runtime with its fused operators, one thread, fixed sizes, inputs and outputs bound once. Several equivalent
/// graphs are tried and the fastest is kept, so that it is compared in its best form.
/// </summary>
internal sealed class OnnxRuntimeContender : IContender
{
    private const string Fused = "com.microsoft";
    private Candidate? _best;

    public string Name => "ONNX Runtime";

    /// <summary>Which graph won.</summary>
    public string Form => _best!.Form;

    /// <summary>Every graph tried, with its best time in microseconds.</summary>
    public List<(string Form, double Microseconds)> Tried { get; } = [];

    public ReadOnlySpan<float> Output => _best!.Output;

    public void Prepare(Work work)
    {
        (string, OnnxModel)[] graphs = work.Shape.Kind == Kind.Linear
            ? [("Gemm", Linear(work)), ("MatMul + Add", LinearAsMatMul(work))]
            : [
                ("Attention, BiasGelu", Layer(work, heads: "Attention", gemm: false)),
                ("MultiHeadAttention, BiasGelu", Layer(work, heads: "MultiHeadAttention", gemm: false)),
                ("Attention, Gemm + Gelu", Layer(work, heads: "Attention", gemm: true)),
            ];
        double fastest = double.MaxValue;
        foreach ((string form, OnnxModel model) in graphs)
        {
            var candidate = new Candidate(form, model.Serialize(), work);
            double time = candidate.BestOf(milliseconds: 60);
            Tried.Add((form, time));
            if (time < fastest)
            {
                fastest = time;
                _best?.Dispose();
                _best = candidate;
            }
            else
            {
                candidate.Dispose();
            }
        }
    }

    public void Run() => _best!.Run();

    public void Dispose() => _best?.Dispose();

    private static OnnxModel Linear(Work work)
    {
        Shape s = work.Shape;
        var model = new OnnxModel();
        model.Input("x", s.Tokens, s.Inputs);
        model.Node("y", "", "Gemm", ["x", Weight(model, work, "weight"), Bias(model, work, "bias")]);
        model.Output("y", s.Tokens, s.Outputs);
        return model;
    }

    private static OnnxModel LinearAsMatMul(Work work)
    {
        Shape s = work.Shape;
        var model = new OnnxModel();
        model.Input("x", 1, s.Tokens, s.Inputs);
        model.Node("product", "", "MatMul", ["x", Weight(model, work, "weight")]);
        model.Node("y", "", "Add", ["product", Bias(model, work, "bias")]);
        model.Output("y", 1, s.Tokens, s.Outputs);
        return model;
    }

    private static OnnxModel Layer(Work work, string heads, bool gemm)
    {
        Shape s = work.Shape;
        int t = s.Tokens, d = s.Inputs;
        int[] sizes = gemm ? [t, d] : [1, t, d];
        var model = new OnnxModel();
        model.Input("x", sizes);
        string x = "x";
        string inBias = Bias(model, work, "self_attn.in_proj_bias");
        string mixed;
        if (heads == "Attention")
        {
            string rows = gemm ? model.Node("x3", "", "Reshape", [x, model.Integers("sizes3", 1, t, d)]) : x;
            mixed = model.Node("mixed", Fused, "Attention", [rows, Weight(model, work, "self_attn.in_proj_weight"), inBias], ("num_heads", s.Heads));
            if (gemm) mixed = model.Node("mixed2", "", "Reshape", [mixed, model.Integers("sizes2", t, d)]);
        }
        else
        {
            float[] weight = work["self_attn.in_proj_weight"];
            string[] qkv = new string[3];
            for (int i = 0; i < 3; i++)
            {
                float[] part = Transpose(weight.AsSpan(i * d * d, d * d), d, d);
                qkv[i] = model.Node($"qkv{i}", "", "MatMul", [x, model.Floats($"w{i}", part, d, d)]);
            }

            mixed = model.Node("mixed", Fused, "MultiHeadAttention", [.. qkv, inBias], ("num_heads", s.Heads));
        }

        string attended = gemm
            ? AddAndNorm("attended", Gemm("projected", mixed, "self_attn.out_proj"), x, "norm1", null)
            : AddAndNorm("attended", MatMul("projected", mixed, "self_attn.out_proj"), x, "norm1", "self_attn.out_proj.bias");
        string hidden = gemm
            ? model.Node("hidden", Fused, "Gelu", [Gemm("up", attended, "linear1")])
            : model.Node("hidden", Fused, "BiasGelu", [MatMul("up", attended, "linear1"), Bias(model, work, "linear1.bias")]);
        _ = gemm
            ? AddAndNorm("y", Gemm("down", hidden, "linear2"), attended, "norm2", null)
            : AddAndNorm("y", MatMul("down", hidden, "linear2"), attended, "norm2", "linear2.bias");
        model.Output("y", sizes);
        return model;

        string MatMul(string name, string input, string weight) =>
            model.Node(name, "", "MatMul", [input, Weight(model, work, weight + ".weight")]);

        string Gemm(string name, string input, string weight) =>
            model.Node(name, "", "Gemm", [input, Weight(model, work, weight + ".weight"), Bias(model, work, weight + ".bias")]);

        string AddAndNorm(string name, string input, string residual, string norm, string? bias)
        {
            string gamma = Bias(model, work, norm + ".weight"), beta = Bias(model, work, norm + ".bias");
            string[] inputs = bias is null ? [input, residual, gamma, beta] : [input, residual, gamma, beta, Bias(model, work, bias)];
            return model.Node(name, Fused, "SkipLayerNormalization", inputs, ("epsilon", 1e-5f));
        }
    }

    /// <summary>PyTorch keeps [outputs, inputs], ONNX multiplies by [inputs, outputs].</summary>
    private static string Weight(OnnxModel model, Work work, string name)
    {
        Tensor tensor = work.Weights[name];
        int rows = tensor.Sizes[0], columns = tensor.Sizes[1];
        return model.Floats(name, Transpose(tensor.Values, rows, columns), columns, rows);
    }

    private static string Bias(OnnxModel model, Work work, string name) => model.Floats(name, work[name], work[name].Length);

    private static float[] Transpose(ReadOnlySpan<float> values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
        }

        return result;
    }

    private sealed class Candidate : IDisposable
    {
        private readonly float[] _output;
        private readonly InferenceSession _session;
        private readonly RunOptions _runOptions = new();
        private readonly OrtIoBinding _binding;
        private readonly OrtValue _x, _y;

        public Candidate(string form, byte[] model, Work work)
        {
            Form = form;
            Shape s = work.Shape;
            using var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
            _session = new InferenceSession(model, options);
            long[] Sizes(IReadOnlyDictionary<string, NodeMetadata> values, string name) =>
                Array.ConvertAll(values[name].Dimensions, n => (long)n);
            _output = GC.AllocateArray<float>(s.Tokens * s.Outputs, pinned: true);
            _x = OrtValue.CreateTensorValueFromMemory(work.Input, Sizes(_session.InputMetadata, "x"));
            _y = OrtValue.CreateTensorValueFromMemory(_output, Sizes(_session.OutputMetadata, "y"));
            _binding = _session.CreateIoBinding();
            _binding.BindInput("x", _x);
            _binding.BindOutput("y", _y);
        }

        public string Form { get; }

        public ReadOnlySpan<float> Output => _output;

        public void Run() => _session.RunWithBinding(_runOptions, _binding);

        public double BestOf(int milliseconds)
        {
            long best = long.MaxValue, end = Clock.Now() + milliseconds * 1_000_000L;
            for (int i = 0; i < 3 || Clock.Now() < end; i++)
            {
                long start = Clock.Now();
                Run();
                best = Math.Min(best, Clock.Now() - start);
            }

            return best / 1e3;
        }

        public void Dispose()
        {
            _binding.Dispose();
            _x.Dispose();
            _y.Dispose();
            _runOptions.Dispose();
            _session.Dispose();
        }
    }
}
