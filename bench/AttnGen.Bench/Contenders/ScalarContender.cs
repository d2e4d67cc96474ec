namespace AttnGen.Bench;

/// <summary>Plain float loops, one operation at a time: what the formulas look like in C# without SIMD.</summary>
internal sealed class ScalarContender : IContender
{
    private Work _work = null!;
    private float[] _qkv = [], _mixed = [], _attended = [], _hidden = [], _scores = [], _output = [];

    public string Name => "scalar C#";

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
        Attend(_qkv, _mixed, _scores, t, d, s.Heads);
        Linear(_mixed, w["self_attn.out_proj.weight"], w["self_attn.out_proj.bias"], _attended, t, d);
        AddAndNorm(_attended, w.Input, w["norm1.weight"], w["norm1.bias"], t, d);
        Linear(_attended, w["linear1.weight"], w["linear1.bias"], _hidden, t, d);
        for (int i = 0; i < _hidden.Length; i++) _hidden[i] = Gelu(_hidden[i]);
        Linear(_hidden, w["linear2.weight"], w["linear2.bias"], _output, t, s.FeedForward);
        AddAndNorm(_output, _attended, w["norm2.weight"], w["norm2.bias"], t, d);
    }

    public void Dispose()
    {
    }

    private static void Linear(float[] x, float[] weight, float[] bias, float[] y, int rows, int inputs)
    {
        int outputs = bias.Length;
        for (int i = 0; i < rows; i++)
        {
            for (int n = 0; n < outputs; n++)
            {
                float sum = bias[n];
                for (int k = 0; k < inputs; k++) sum += x[i * inputs + k] * weight[n * inputs + k];
                y[i * outputs + n] = sum;
            }
        }
    }

    private static void Attend(float[] qkv, float[] y, float[] scores, int tokens, int width, int heads)
    {
        int size = width / heads, stride = 3 * width;
        float scale = 1 / MathF.Sqrt(size);
        for (int h = 0; h < heads; h++)
        {
            int q = h * size, k = width + h * size, v = 2 * width + h * size;
            for (int i = 0; i < tokens; i++)
            {
                float max = float.NegativeInfinity, sum = 0;
                for (int j = 0; j < tokens; j++)
                {
                    float dot = 0;
                    for (int c = 0; c < size; c++) dot += qkv[i * stride + q + c] * qkv[j * stride + k + c];
                    scores[j] = dot * scale;
                    max = MathF.Max(max, scores[j]);
                }

                for (int j = 0; j < tokens; j++) sum += scores[j] = MathF.Exp(scores[j] - max);
                for (int c = 0; c < size; c++)
                {
                    float value = 0;
                    for (int j = 0; j < tokens; j++) value += scores[j] * qkv[j * stride + v + c];
                    y[i * width + q + c] = value / sum;
                }
            }
        }
    }

    private static void AddAndNorm(float[] y, float[] residual, float[] weight, float[] bias, int rows, int width)
    {
        for (int i = 0; i < rows; i++)
        {
            float mean = 0, variance = 0;
            for (int k = 0; k < width; k++) mean += y[i * width + k] += residual[i * width + k];
            mean /= width;
            for (int k = 0; k < width; k++) variance += (y[i * width + k] - mean) * (y[i * width + k] - mean);
            float scale = 1 / MathF.Sqrt(variance / width + 1e-5f);
            for (int k = 0; k < width; k++) y[i * width + k] = (y[i * width + k] - mean) * scale * weight[k] + bias[k];
        }
    }

    /// <summary>x/2·(1 + erf(x/√2)), erf by Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7).</summary>
    private static float Gelu(float x)
    {
        float a = MathF.Abs(x) * 0.70710678f;
        float t = 1 / (1 + 0.3275911f * a);
        float poly = ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t + 0.254829592f) * t;
        return 0.5f * x * (1 + MathF.CopySign(1 - poly * MathF.Exp(-a * a), x));
    }
}
