using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace AttnGen.TextBench;

/// <summary>A tokenizer package: ids with [CLS] and [SEP] into the buffer, at most as many as it holds; gives their number.</summary>
internal interface ITokens
{
    int Encode(string text, long[] ids);
}

/// <summary>
/// ONNX Runtime as a careful program uses it: every graph optimisation, one thread, no spinning, inputs reused from call to call,
/// mean over the tokens and length 1 with TensorPrimitives.
/// </summary>
internal sealed class OnnxRuntimeContender : ITextContender
{
    public const int MaxTokens = 256, Size = 384;
    private static readonly string[] s_inputs = ["input_ids", "attention_mask", "token_type_ids"];
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly ITokens? _tokens;
    private readonly long[] _ids = GC.AllocateArray<long>(MaxTokens, pinned: true), _ones = GC.AllocateArray<long>(MaxTokens, pinned: true), _zeros = GC.AllocateArray<long>(MaxTokens, pinned: true);
    private readonly string[] _outputs;

    public OnnxRuntimeContender(string model, ITokens? tokens)
    {
        using SessionOptions options = OneThread();
        _session = new InferenceSession(model, options);
        _outputs = [_session.OutputNames[0]];
        _tokens = tokens;
        Array.Fill(_ones, 1);
    }

    public static SessionOptions OneThread()
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        return options;
    }

    public void Embed(string text, Span<float> vector)
    {
        int count = _tokens!.Encode(text, _ids);
        long[] shape = [1, count];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _ids.AsMemory(0, count), shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _ones.AsMemory(0, count), shape);
        using OrtValue types = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _zeros.AsMemory(0, count), shape);
        using IDisposableReadOnlyCollection<OrtValue> output = _session.Run(_runOptions, s_inputs, [ids, mask, types], _outputs);
        Pool(output[0].GetTensorDataAsSpan<float>(), count, vector);
    }

    /// <summary>The session alone, ids bound once: (a call, and where its hidden states are).</summary>
    public (Action Run, float[] Hidden) Bind(ReadOnlySpan<int> ids)
    {
        int count = ids.Length;
        long[] own = GC.AllocateArray<long>(count, pinned: true);
        for (int i = 0; i < count; i++) own[i] = ids[i];
        float[] hidden = GC.AllocateArray<float>(count * Size, pinned: true);
        OrtIoBinding binding = _session.CreateIoBinding();
        long[] shape = [1, count];
        binding.BindInput("input_ids", OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, own.AsMemory(), shape));
        binding.BindInput("attention_mask", OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _ones.AsMemory(0, count), shape));
        binding.BindInput("token_type_ids", OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _zeros.AsMemory(0, count), shape));
        binding.BindOutput(_outputs[0], OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, hidden.AsMemory(), [1, count, Size]));
        return (() => _session.RunWithBinding(_runOptions, binding), hidden);
    }

    public static void Pool(ReadOnlySpan<float> hidden, int count, Span<float> vector)
    {
        hidden[..Size].CopyTo(vector);
        for (int t = 1; t < count; t++) TensorPrimitives.Add(vector, hidden.Slice(t * Size, Size), vector);
        TensorPrimitives.Divide(vector, count, vector);
        TensorPrimitives.Divide(vector, MathF.Max(TensorPrimitives.Norm(vector), 1e-12f), vector);
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }
}
