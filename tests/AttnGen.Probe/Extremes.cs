using System.Globalization;
using System.Runtime.Intrinsics;

namespace AttnGen.Probe;

/// <summary>Calls at the edges: rows whose squares leave float32, queries before the first key, additive masks that hide by the lowest number.</summary>
public static class Extremes
{
    public static IEnumerable<float[]> Outputs(LoadedModel loaded)
    {
        var model = loaded.Model;
        if (model.Kind is "LayerNorm" or "RmsNorm")
        {
            foreach (var scale in new[] { 1e-40f, 1e-25f, 1e19f, 1e25f, 3e38f })
                yield return Run(loaded, new Inputs(model, 5, 5, seed: 9), scale, default);
        }
        else if (model.Attends)
        {
            var inputs = new Inputs(model, 5, 5, seed: 9);
            var options = model.Options!;
            if (options.Causal || options.Window > 0)
            {
                foreach (var position in new[] { -1, -3, -100, int.MinValue })
                    yield return Run(loaded, inputs, 1, default(AttentionMask).WithFirstQuery(position));
            }

            yield return Run(loaded, inputs, 1, AttentionMask.Additive([.. Enumerable.Range(0, 25).Select(i => i % 7 == 2 ? float.NegativeInfinity : float.MinValue)]));
        }
    }

    /// <summary>What does not depend on fused multiply-add, at values where processors differ, as text.</summary>
    public static int Elementary()
    {
        float[] values = [0f, -0f, float.Epsilon, -float.Epsilon, 1e-40f, -1e-40f, 1.5f, -1.5f, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, -1e-30f, 100, -100];
        Span<float> lanes = stackalloc float[16];
        foreach (var x in values)
        {
            Say("relu", VectorMath.Relu(x), VectorMath.Relu(Vector128.Create(x))[3], VectorMath.Relu(Vector256.Create(x))[7], VectorMath.Relu(Vector512.Create(x))[15]);
            Say("exp", MathF.Abs(x) > 1 || x == 0 || float.IsNaN(x) ? VectorMath.Exp(x) : 1);
            Say("tanh", x == 0 || float.IsNaN(x) || MathF.Abs(x) > 50 ? VectorMath.Tanh(x) : 1);
            Say("sigmoid", x == 0 || float.IsNaN(x) || float.IsInfinity(x) ? VectorMath.Sigmoid(x) : 1);
            Say("gelu", x == 0 || float.IsNaN(x) || MathF.Abs(x) > 50 ? VectorMath.Gelu(x) : 1);
            foreach (var y in values)
            {
                lanes.Fill(float.NegativeInfinity);
                for (var i = 0; i < 16; i++)
                {
                    lanes[i] = x;
                    lanes[15 - i] = y;
                    Say("max", VectorMath.Max16(Vector512.Create<float>(lanes)), VectorMath.Max16(Vector256.Create<float>(lanes), Vector256.Create<float>(lanes[8..])),
                        VectorMath.Max16(Vector128.Create<float>(lanes), Vector128.Create<float>(lanes[4..]), Vector128.Create<float>(lanes[8..]), Vector128.Create<float>(lanes[12..])));
                }
            }
        }

        return 0;

        // NaN's payload and sign are the processor's.
        static void Say(string what, params ReadOnlySpan<float> results)
        {
            Console.Write(what);
            foreach (var result in results)
                Console.Write(float.IsNaN(result) ? " NaN" : " " + BitConverter.SingleToInt32Bits(result).ToString("X8", CultureInfo.InvariantCulture));
            Console.WriteLine();
        }
    }

    private static float[] Run(LoadedModel loaded, Inputs inputs, float scale, AttentionMask mask)
    {
        var model = loaded.Model;
        var y = new float[inputs.Tokens * model.OutputWidth];
        var query = Scaled(inputs.Query);
        if (model.HasSelf)
            loaded.Forward(query, query, query, y, mask);
        else
            loaded.Forward(query, Scaled(inputs.Key), Scaled(inputs.Value), y, mask);
        return y;

        float[] Scaled(float[] values) => scale == 1 ? values : [.. values.Select(value => value / 1.5f * scale)];
    }
}
