using System.Numerics.Tensors;
using AttnGen;

namespace Tour;

/// <summary>
/// The same encoder as one would write it by hand today: .NET's vectorised span operations (TensorPrimitives), one
/// dot product an output, buffers allocated once. No tricks, no generated code.
/// </summary>
internal sealed class TensorPrimitivesEncoder
{
    private const int D = Reader.DModel;
    private const int HeadDim = D / Reader.Heads;
    private const int Hidden = 256;
    private const float Epsilon = 1e-5f;

    private readonly float[] _positions;
    private readonly Layer[] _layers;
    private readonly float[] _normWeight, _normBias;
    private readonly float[] _normed = new float[Reader.MaxTokens * D];
    private readonly float[] _qkv = new float[Reader.MaxTokens * 3 * D];
    private readonly float[] _context = new float[Reader.MaxTokens * D];
    private readonly float[] _update = new float[Reader.MaxTokens * D];
    private readonly float[] _hidden = new float[Reader.MaxTokens * Hidden];
    private readonly float[] _scratch1 = new float[Reader.MaxTokens * Hidden];
    private readonly float[] _scratch2 = new float[Reader.MaxTokens * Hidden];
    private readonly float[] _scores = new float[Reader.MaxTokens];

    public TensorPrimitivesEncoder(ITensorSource source, string prefix, Func<string, string>? rename)
    {
        float[] Tensor(string name)
        {
            var full = rename is null ? prefix + name : rename(prefix + name);
            if (!source.TryGetShape(full, out var shape))
                throw new InvalidOperationException($"{source.Name} has no tensor '{full}'.");
            var values = new float[checked((int)TensorPrimitives.Product(shape))];
            source.Read(full, 0, values);
            return values;
        }

        _positions = Tensor("position.weight");
        (_normWeight, _normBias) = (Tensor("norm.weight"), Tensor("norm.bias"));
        _layers = new Layer[Reader.Layers];
        for (var l = 0; l < _layers.Length; l++)
        {
            var at = $"layers.{l}.";
            _layers[l] = new Layer(
                Tensor(at + "self_attn.in_proj_weight"), Tensor(at + "self_attn.in_proj_bias"),
                Tensor(at + "self_attn.out_proj.weight"), Tensor(at + "self_attn.out_proj.bias"),
                Tensor(at + "linear1.weight"), Tensor(at + "linear1.bias"),
                Tensor(at + "linear2.weight"), Tensor(at + "linear2.bias"),
                Tensor(at + "norm1.weight"), Tensor(at + "norm1.bias"),
                Tensor(at + "norm2.weight"), Tensor(at + "norm2.bias"));
        }
    }

    public void Forward(ReadOnlySpan<float> x, Span<float> y)
    {
        TensorPrimitives.Add(x, _positions.AsSpan(0, x.Length), y);
        var normed = _normed.AsSpan(0, x.Length);
        var update = _update.AsSpan(0, x.Length);
        foreach (var layer in _layers)
        {
            LayerNorm(y, layer.Norm1Weight, layer.Norm1Bias, normed);
            Attention(normed, layer, update);
            TensorPrimitives.Add(y, update, y);

            LayerNorm(y, layer.Norm2Weight, layer.Norm2Bias, normed);
            FeedForward(normed, layer, update);
            TensorPrimitives.Add(y, update, y);
        }
        LayerNorm(y, _normWeight, _normBias, y);
    }

    private void Attention(ReadOnlySpan<float> x, Layer layer, Span<float> y)
    {
        var tokens = x.Length / D;
        var qkv = _qkv.AsSpan(0, tokens * 3 * D);
        var context = _context.AsSpan(0, x.Length);
        Linear(x, layer.InWeight, layer.InBias, qkv);
        context.Clear();
        for (var h = 0; h < Reader.Heads; h++)
        {
            for (var i = 0; i < tokens; i++)
            {
                var query = qkv.Slice(i * 3 * D + h * HeadDim, HeadDim);
                var scores = _scores.AsSpan(0, tokens);
                for (var j = 0; j < tokens; j++)
                    scores[j] = TensorPrimitives.Dot(query, qkv.Slice(j * 3 * D + D + h * HeadDim, HeadDim));
                Softmax(scores);
                var sum = context.Slice(i * D + h * HeadDim, HeadDim);
                for (var j = 0; j < tokens; j++)
                    TensorPrimitives.MultiplyAdd(qkv.Slice(j * 3 * D + 2 * D + h * HeadDim, HeadDim), scores[j], sum, sum);
            }
        }
        Linear(context, layer.OutWeight, layer.OutBias, y);
    }

    private void FeedForward(ReadOnlySpan<float> x, Layer layer, Span<float> y)
    {
        var hidden = _hidden.AsSpan(0, x.Length / D * Hidden);
        Linear(x, layer.UpWeight, layer.UpBias, hidden);
        Gelu(hidden, _scratch1.AsSpan(0, hidden.Length), _scratch2.AsSpan(0, hidden.Length));
        Linear(hidden, layer.DownWeight, layer.DownBias, y);
    }

    private static void Linear(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y)
    {
        var outputs = bias.Length;
        var inputs = weight.Length / outputs;
        for (var t = 0; t < x.Length / inputs; t++)
        {
            var row = x.Slice(t * inputs, inputs);
            for (var n = 0; n < outputs; n++)
                y[t * outputs + n] = bias[n] + TensorPrimitives.Dot(row, weight.Slice(n * inputs, inputs));
        }
    }

    private static void Softmax(Span<float> scores)
    {
        TensorPrimitives.Multiply(scores, 1 / MathF.Sqrt(HeadDim), scores);
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.Exp<float>(scores, scores);
        TensorPrimitives.Divide(scores, TensorPrimitives.Sum<float>(scores), scores);
    }

    private static void LayerNorm(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> y)
    {
        for (var t = 0; t < x.Length / D; t++)
        {
            var row = y.Slice(t * D, D);
            TensorPrimitives.Subtract(x.Slice(t * D, D), TensorPrimitives.Average<float>(x.Slice(t * D, D)), row);
            var variance = TensorPrimitives.SumOfSquares<float>(row) / D;
            TensorPrimitives.Multiply(row, 1 / MathF.Sqrt(variance + Epsilon), row);
            TensorPrimitives.MultiplyAdd(row, weight, bias, row);
        }
    }

    // x/2 (1 + erf(x/√2)). .NET has no erf: Abramowitz and Stegun 7.1.26, |error| < 1.5e-7, with s = |x|/√2 and
    // p = 1/(1 + 0.3275911 s): erf(s) = 1 − (a1 p + … + a5 p⁵) exp(−s²).
    private static void Gelu(Span<float> x, Span<float> p, Span<float> erf)
    {
        TensorPrimitives.Abs(x, p);
        TensorPrimitives.Multiply(p, 0.3275911f * 0.70710678f, p);
        TensorPrimitives.Add(p, 1, p);
        TensorPrimitives.Divide(1, p, p);
        TensorPrimitives.Multiply(p, 1.061405429f, erf);
        TensorPrimitives.Add(erf, -1.453152027f, erf);
        TensorPrimitives.MultiplyAdd(erf, p, 1.421413741f, erf);
        TensorPrimitives.MultiplyAdd(erf, p, -0.284496736f, erf);
        TensorPrimitives.MultiplyAdd(erf, p, 0.254829592f, erf);
        TensorPrimitives.Multiply(erf, p, erf);
        TensorPrimitives.Multiply(x, x, p);
        TensorPrimitives.Multiply(p, -0.5f, p);
        TensorPrimitives.Exp<float>(p, p);
        TensorPrimitives.Multiply(erf, p, erf);
        TensorPrimitives.Subtract(1, erf, erf);
        TensorPrimitives.CopySign(erf, x, erf);
        TensorPrimitives.Add(erf, 1, erf);
        TensorPrimitives.Multiply(erf, 0.5f, erf);
        TensorPrimitives.Multiply(x, erf, x);
    }

    private sealed record Layer(
        float[] InWeight, float[] InBias, float[] OutWeight, float[] OutBias,
        float[] UpWeight, float[] UpBias, float[] DownWeight, float[] DownBias,
        float[] Norm1Weight, float[] Norm1Bias, float[] Norm2Weight, float[] Norm2Bias);
}
