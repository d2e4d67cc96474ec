using System.Numerics.Tensors;

namespace AttnGen.Bench;

/// <summary>What a good C# developer writes today: row-major loops over <see cref="TensorPrimitives"/>, buffers reused.</summary>
internal sealed class TensorPrimitivesContender : IContender
{
    private Work _work = null!;
    private float[] _qkv = [], _mixed = [], _attended = [], _hidden = [], _scores = [], _scratch = [], _output = [];

    public string Name => "TensorPrimitives";

    public ReadOnlySpan<float> Output => _output;

    public void Prepare(Work work)
    {
        Shape s = work.Shape;
        _work = work;
        _output = new float[s.Tokens * s.Outputs];
        if (s.Kind == Kind.Linear) return;
        _qkv = new float[s.Tokens * 3 * s.Inputs];
        _mixed = new float[s.Tokens * s.Inputs];
        _attended = new float[s.Tokens * s.Inputs];
        _hidden = new float[s.Tokens * s.FeedForward];
        _scores = new float[s.Tokens];
        _scratch = new float[3 * s.FeedForward];
    }

    public void Run()
    {
        Work w = _work;
        Shape s = w.Shape;
        int t = s.Tokens, d = s.Inputs;
        if (s.Kind == Kind.Linear)
        {
            Linear(w.Input, w["weight"], w["bias"], _output, t, d);
            return;
        }

        Linear(w.Input, w["self_attn.in_proj_weight"], w["self_attn.in_proj_bias"], _qkv, t, d);
        Attend(t, d, s.Heads);
        Linear(_mixed, w["self_attn.out_proj.weight"], w["self_attn.out_proj.bias"], _attended, t, d);
        AddAndNorm(_attended, w.Input, w["norm1.weight"], w["norm1.bias"], t, d);
        Linear(_attended, w["linear1.weight"], w["linear1.bias"], _hidden, t, d);
        for (int i = 0; i < t; i++) Gelu(_hidden.AsSpan(i * s.FeedForward, s.FeedForward), _scratch);
        Linear(_hidden, w["linear2.weight"], w["linear2.bias"], _output, t, s.FeedForward);
        AddAndNorm(_output, _attended, w["norm2.weight"], w["norm2.bias"], t, d);
    }

    public void Dispose()
    {
    }

    /// <summary>A weight row stays in L1 while all tokens pass: weights are read once a call.</summary>
    private static void Linear(ReadOnlySpan<float> x, ReadOnlySpan<float> weight, float[] bias, Span<float> y, int rows, int inputs)
    {
        int outputs = bias.Length;
        for (int n = 0; n < outputs; n++)
        {
            ReadOnlySpan<float> row = weight.Slice(n * inputs, inputs);
            for (int i = 0; i < rows; i++) y[i * outputs + n] = TensorPrimitives.Dot(x.Slice(i * inputs, inputs), row) + bias[n];
        }
    }

    private void Attend(int tokens, int width, int heads)
    {
        int size = width / heads, stride = 3 * width;
        float scale = 1 / MathF.Sqrt(size);
        ReadOnlySpan<float> qkv = _qkv;
        Span<float> scores = _scores;
        for (int h = 0; h < heads; h++)
        {
            for (int i = 0; i < tokens; i++)
            {
                ReadOnlySpan<float> query = qkv.Slice(i * stride + h * size, size);
                for (int j = 0; j < tokens; j++)
                    scores[j] = TensorPrimitives.Dot(query, qkv.Slice(j * stride + width + h * size, size)) * scale;

                // TensorPrimitives.SoftMax does not subtract the maximum.
                TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
                TensorPrimitives.SoftMax<float>(scores, scores);

                Span<float> mixed = _mixed.AsSpan(i * width + h * size, size);
                mixed.Clear();
                for (int j = 0; j < tokens; j++)
                    TensorPrimitives.MultiplyAdd(qkv.Slice(j * stride + 2 * width + h * size, size), scores[j], mixed, mixed);
            }
        }
    }

    private static void AddAndNorm(Span<float> y, ReadOnlySpan<float> residual, float[] weight, float[] bias, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
        {
            Span<float> row = y.Slice(i * width, width);
            TensorPrimitives.Add(row, residual.Slice(i * width, width), row);
            TensorPrimitives.Subtract(row, TensorPrimitives.Sum<float>(row) / width, row);
            float variance = TensorPrimitives.SumOfSquares<float>(row) / width;
            TensorPrimitives.Multiply(row, 1 / MathF.Sqrt(variance + 1e-5f), row);
            TensorPrimitives.MultiplyAdd<float>(row, weight, bias, row);
        }
    }

    /// <summary>
    /// x/2·(1 + erf(x/√2)). TensorPrimitives has no erf: Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7), pass by pass.
    /// </summary>
    private static void Gelu(Span<float> x, Span<float> scratch)
    {
        Span<float> a = scratch[..x.Length], t = scratch.Slice(x.Length, x.Length), p = scratch.Slice(2 * x.Length, x.Length);
        TensorPrimitives.Abs<float>(x, a);
        TensorPrimitives.Multiply(a, 0.70710678f, a);
        TensorPrimitives.Multiply(a, 0.3275911f, t);
        TensorPrimitives.Add(t, 1f, t);
        TensorPrimitives.Divide(1f, t, t);
        TensorPrimitives.Multiply(t, 1.061405429f, p);
        TensorPrimitives.Add(p, -1.453152027f, p);
        TensorPrimitives.MultiplyAdd<float>(p, t, 1.421413741f, p);
        TensorPrimitives.MultiplyAdd<float>(p, t, -0.284496736f, p);
        TensorPrimitives.MultiplyAdd<float>(p, t, 0.254829592f, p);
        TensorPrimitives.Multiply<float>(p, t, p);
        TensorPrimitives.Multiply<float>(a, a, a);
        TensorPrimitives.Negate<float>(a, a);
        TensorPrimitives.Exp<float>(a, a);
        TensorPrimitives.Multiply<float>(p, a, p);
        TensorPrimitives.Subtract(1f, p, p);
        TensorPrimitives.CopySign<float>(p, x, p);
        TensorPrimitives.AddMultiply<float>(p, 1f, x, p);
        TensorPrimitives.Multiply(p, 0.5f, x);
    }
}
