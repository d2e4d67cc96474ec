using AttnGen.Bench;
using Microsoft.ML.OnnxRuntime;

namespace AttnGen.TextBench;

/// <summary>
/// ONNX Runtime at its best: the same weights in a graph of its fused operators (Attention, SkipLayerNormalization, BiasGelu), which
/// its own optimiser does not make of the published model.onnx. One text of a fixed length, so no mask; ids and result bound once.
/// </summary>
internal sealed class FusedOnnx : IDisposable
{
    private const string Fused = "com.microsoft";
    private const int Size = 384, Heads = 12, Layers = 6, Inner = 1536, Words = 30522;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly OrtIoBinding _binding;

    /// <param name="folder">The model.</param>
    /// <param name="ids">The text.</param>
    /// <param name="gemm">Gemm and Gelu in place of MatMul and BiasGelu: which is faster depends on the length.</param>
    public FusedOnnx(string folder, ReadOnlySpan<int> ids, bool gemm)
    {
        using SessionOptions options = OnnxRuntimeContender.OneThread();
        _session = new InferenceSession(Graph(folder, ids.Length, gemm), options);
        long[] own = GC.AllocateArray<long>(ids.Length, pinned: true);
        for (int i = 0; i < own.Length; i++) own[i] = ids[i];
        Hidden = GC.AllocateArray<float>(ids.Length * Size, pinned: true);
        _binding = _session.CreateIoBinding();
        _binding.BindInput("ids", OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, own.AsMemory(), [ids.Length]));
        _binding.BindOutput("hidden", OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Hidden.AsMemory(), [1, ids.Length, Size]));
    }

    public float[] Hidden { get; }

    public void Run() => _session.RunWithBinding(_runOptions, _binding);

    public void Dispose()
    {
        _binding.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static byte[] Graph(string folder, int tokens, bool gemm)
    {
        using SafetensorsFile weights = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        float[] Read(string name, int count)
        {
            var values = new float[count];
            weights.Read(name, 0, values);
            return values;
        }

        var model = new OnnxModel();
        model.IntegerInput("ids", tokens);
        string words = model.Node("words", "", "Gather", [model.Floats("word_table", Read("embeddings.word_embeddings.weight", Words * Size), Words, Size), "ids"]);

        // Positions and token type 0 are the same for every text of this length.
        float[] positions = Read("embeddings.position_embeddings.weight", tokens * Size), type = Read("embeddings.token_type_embeddings.weight", Size);
        for (int i = 0; i < positions.Length; i++) positions[i] += type[i % Size];
        string rows = model.Node("rows", "", "Reshape", [words, model.Integers("rows_shape", 1, tokens, Size)]);
        string x = Norm("embedded", rows, model.Floats("positions", positions, 1, tokens, Size), "embeddings.LayerNorm", null);
        for (int l = 0; l < Layers; l++)
        {
            string at = $"encoder.layer.{l}.";
            float[] packed = new float[Size * 3 * Size], bias = new float[3 * Size];
            int part = 0;
            foreach (string name in new[] { "query", "key", "value" })
            {
                float[] w = Read($"{at}attention.self.{name}.weight", Size * Size);
                Read($"{at}attention.self.{name}.bias", Size).CopyTo(bias, part * Size);
                for (int o = 0; o < Size; o++)
                {
                    for (int i = 0; i < Size; i++) packed[i * 3 * Size + part * Size + o] = w[o * Size + i];
                }

                part++;
            }

            string context = model.Node($"context{l}", Fused, "Attention", [x, model.Floats($"qkv{l}", packed, Size, 3 * Size), model.Floats($"qkv_bias{l}", bias, 3 * Size)], ("num_heads", Heads));
            string attended = Linear($"attended{l}", context, at + "attention.output.dense", Size, Size, out string? rest);
            string y = Norm($"middle{l}", attended, x, at + "attention.output.LayerNorm", rest);
            string up = Linear($"up{l}", y, at + "intermediate.dense", Size, Inner, out rest);
            string active = rest is null ? model.Node($"active{l}", Fused, "Gelu", [up]) : model.Node($"active{l}", Fused, "BiasGelu", [up, rest]);
            string down = Linear($"down{l}", active, at + "output.dense", Inner, Size, out rest);
            x = Norm(l == Layers - 1 ? "hidden" : $"x{l}", down, y, at + "output.LayerNorm", rest);
        }

        model.Output("hidden", 1, tokens, Size);
        return model.Serialize();

        // The bias is either in the product (Gemm) or left to the operator that follows.
        string Linear(string name, string input, string weight, int inputs, int outputs, out string? bias)
        {
            float[] w = Read(weight + ".weight", inputs * outputs), transposed = new float[w.Length];
            for (int o = 0; o < outputs; o++)
            {
                for (int i = 0; i < inputs; i++) transposed[i * outputs + o] = w[o * inputs + i];
            }

            string table = model.Floats(name + "_w", transposed, inputs, outputs), b = model.Floats(name + "_b", Read(weight + ".bias", outputs), outputs);
            if (!gemm)
            {
                bias = b;
                return model.Node(name, "", "MatMul", [input, table]);
            }

            bias = null;
            string flat = model.Node(name + "_flat", "", "Reshape", [input, model.Integers(name + "_in", tokens, inputs)]);
            string product = model.Node(name + "_2d", "", "Gemm", [flat, table, b]);
            return model.Node(name, "", "Reshape", [product, model.Integers(name + "_out", 1, tokens, outputs)]);
        }

        string Norm(string name, string input, string residual, string weight, string? bias)
        {
            string gamma = model.Floats(name + "_g", Read(weight + ".weight", Size), Size), beta = model.Floats(name + "_beta", Read(weight + ".bias", Size), Size);
            string[] inputs = bias is null ? [input, residual, gamma, beta] : [input, residual, gamma, beta, bias];
            return model.Node(name, Fused, "SkipLayerNormalization", inputs, ("epsilon", 1e-12f));
        }
    }
}
