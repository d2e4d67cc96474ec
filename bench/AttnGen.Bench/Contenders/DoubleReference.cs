namespace AttnGen.Bench;

/// <summary>The judge: the same mathematics in double precision. Never timed.</summary>
internal static class DoubleReference
{
    public static double[] Compute(Work work)
    {
        Shape s = work.Shape;
        double[] x = Array.ConvertAll(work.Input, v => (double)v);
        if (s.Kind == Kind.Linear) return Linear(x, s.Tokens, s.Inputs, work["weight"], work["bias"]);

        int t = s.Tokens, d = s.Inputs, size = d / s.Heads;
        double[] qkv = Linear(x, t, d, work["self_attn.in_proj_weight"], work["self_attn.in_proj_bias"]);
        var mixed = new double[t * d];
        var p = new double[t];
        for (int h = 0; h < s.Heads; h++)
        {
            for (int i = 0; i < t; i++)
            {
                double max = double.NegativeInfinity, sum = 0;
                for (int j = 0; j < t; j++)
                {
                    double dot = 0;
                    for (int k = 0; k < size; k++) dot += qkv[i * 3 * d + h * size + k] * qkv[j * 3 * d + d + h * size + k];
                    p[j] = dot / Math.Sqrt(size);
                    max = Math.Max(max, p[j]);
                }

                for (int j = 0; j < t; j++) sum += p[j] = Math.Exp(p[j] - max);
                for (int k = 0; k < size; k++)
                {
                    double value = 0;
                    for (int j = 0; j < t; j++) value += p[j] / sum * qkv[j * 3 * d + 2 * d + h * size + k];
                    mixed[i * d + h * size + k] = value;
                }
            }
        }

        double[] y = Linear(mixed, t, d, work["self_attn.out_proj.weight"], work["self_attn.out_proj.bias"]);
        AddAndNorm(y, x, t, d, work["norm1.weight"], work["norm1.bias"]);
        double[] hidden = Linear(y, t, d, work["linear1.weight"], work["linear1.bias"]);
        for (int i = 0; i < hidden.Length; i++) hidden[i] *= 0.5 * (1 + Erf(hidden[i] / Math.Sqrt(2)));
        double[] z = Linear(hidden, t, s.FeedForward, work["linear2.weight"], work["linear2.bias"]);
        AddAndNorm(z, y, t, d, work["norm2.weight"], work["norm2.bias"]);
        return z;
    }

    /// <summary>erf by a series of positive terms below 3, by a continued fraction above.</summary>
    public static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (a > 6) return Math.Sign(x);
        double result;
        if (a < 3)
        {
            double term = a, sum = a;
            for (int n = 1; term > 1e-17 * sum; n++) sum += term *= 2 * a * a / (2 * n + 1);
            result = 2 / Math.Sqrt(Math.PI) * Math.Exp(-a * a) * sum;
        }
        else
        {
            double fraction = a;
            for (int n = 60; n >= 1; n--) fraction = a + n / 2.0 / fraction;
            result = 1 - Math.Exp(-a * a) / (fraction * Math.Sqrt(Math.PI));
        }

        return Math.CopySign(result, x);
    }

    private static double[] Linear(double[] x, int rows, int inputs, float[] weight, float[] bias)
    {
        int outputs = bias.Length;
        var y = new double[rows * outputs];
        for (int i = 0; i < rows; i++)
        {
            for (int n = 0; n < outputs; n++)
            {
                double sum = bias[n];
                for (int k = 0; k < inputs; k++) sum += x[i * inputs + k] * weight[n * inputs + k];
                y[i * outputs + n] = sum;
            }
        }

        return y;
    }

    private static void AddAndNorm(double[] y, double[] residual, int rows, int width, float[] weight, float[] bias)
    {
        for (int i = 0; i < rows; i++)
        {
            Span<double> row = y.AsSpan(i * width, width);
            double mean = 0, variance = 0;
            for (int k = 0; k < width; k++) mean += row[k] += residual[i * width + k];
            mean /= width;
            for (int k = 0; k < width; k++) variance += (row[k] - mean) * (row[k] - mean);
            double scale = 1 / Math.Sqrt(variance / width + 1e-5);
            for (int k = 0; k < width; k++) row[k] = (row[k] - mean) * scale * weight[k] + bias[k];
        }
    }
}
