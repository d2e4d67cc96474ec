using AttnGen.Generator.Spec;
using AttnGen.Reference;

namespace AttnGen.Models.Tests;

/// <summary>
/// A whole model in scalar double, read straight from its Spec: no plan, no layouts, no tiles. What the generated class computes is held against it
/// where no other implementation's numbers are at hand.
/// </summary>
internal sealed class ReferenceModel(TransformerSpec spec, IReadOnlyDictionary<string, (long[] Shape, float[] Values)> tensors)
{
    private readonly int _d = spec.Stack.Attention.DModel;

    /// <summary>The last hidden states [T, D] of token ids.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="types">Their segments, or none.</param>
    /// <param name="keys">Which tokens may be attended to; null: all.</param>
    public double[] Forward(int[] ids, int[] types, bool[]? keys = null)
    {
        var input = (TokenInputSpec)spec.Input;
        int e = input.Width, next = input.Positions?.FirstRow ?? 0;
        var h = new double[ids.Length * e];
        for (var t = 0; t < ids.Length; t++)
        {
            var position = input.Positions is not { } places ? 0 : !places.SkipsPadding ? places.FirstRow + t : ids[t] == places.PadId ? places.PadId : next++;
            for (var i = 0; i < e; i++)
            {
                h[t * e + i] = Tensor(input.Table)[ids[t] * e + i] * input.Scale
                    + (input.Positions is null or { AfterMap: true } ? 0 : Tensor(input.Positions.Name)[position * e + i])
                    + (input.Types is null ? 0 : Tensor(input.Types.Name)[(types.Length == 0 ? 0 : types[t]) * e + i]);
            }
        }

        if (input.Norm is { } norm)
            h = Norm(h, norm, 0);
        if (input.Project is { } map)
            h = Map(h, map, 0);
        if (input.Positions is { AfterMap: true } late)
            h = [.. h.Select((value, i) => value + Tensor(late.Name)[late.FirstRow * _d + i])];
        return Layers(h, ids.Length, keys);
    }

    /// <summary>The last hidden states of an image.</summary>
    public double[] Forward(float[] pixels)
    {
        var image = (ImageInputSpec)spec.Input;
        List<double> h = [.. image.Tokens.SelectMany(token => Tensor(token).Select(value => (double)value))];
        for (var patch = 0; patch < image.PatchRows * image.PatchColumns; patch++)
        {
            int y = patch / image.PatchColumns * image.PatchHeight, x = patch % image.PatchColumns * image.PatchWidth;
            var row = from c in Enumerable.Range(0, image.Channels)
                      from i in Enumerable.Range(0, image.PatchHeight)
                      from j in Enumerable.Range(0, image.PatchWidth)
                      select (double)pixels[(c * image.Height + y + i) * image.Width + x + j];
            h.AddRange(Map([.. row], image.Patches, 0));
        }

        double[] placed = [.. h.Select((value, i) => value + Tensor(image.Positions)[i])];
        return Layers(image.Norm is { } norm ? Norm(placed, norm, 0) : placed, image.SequenceLength);
    }

    /// <summary>A head's output of the last hidden states.</summary>
    public double[] Head(OutputSpec head, double[] h, int[]? ids = null)
    {
        var x = head.From switch
        {
            StatesRead.EveryToken => h,
            StatesRead.FirstToken => h[.._d],
            StatesRead.LastToken => h[^_d..],
            StatesRead.EndToken => End(ids!, head.EndId) is var end ? h[(end * _d)..((end + 1) * _d)] : [],
            _ => [.. Enumerable.Range(0, _d).Select(i => Enumerable.Range(0, h.Length / _d).Average(t => h[t * _d + i]))],
        };
        foreach (var stage in head.Stages)
            x = stage.Norm is { } norm ? Norm(x, norm, 0) : Activate(Map(x, stage.Map!, 0), stage.Activation);
        if (head.Second is { } second)
            return [.. x.Zip(Map(h[_d..(2 * _d)], second, 0), (a, b) => (a + b) / 2)];
        return [.. x.Select(value => Cap(value * head.Scale, head.Softcap))];
    }

    private static double Cap(double x, double cap) => cap == 0 ? x : cap * Math.Tanh(x / cap);

    // The first token with the id, or the first of all; of the largest id, if none is named.
    private static int End(int[] ids, int id) => Math.Max(0, Array.IndexOf(ids, id < 0 ? ids.Max() : id));

    private double[] Layers(double[] h, int tokens, bool[]? keys = null)
    {
        var s = spec.Stack;
        for (var layer = 0; layer < s.Layers; layer++)
        {
            // As published: the group of a layer is the floor of its number by layers in a group.
            var stored = s.Stored == s.Layers ? layer : (int)(layer / ((double)s.Layers / s.Stored));
            foreach (var stage in s.Stages)
            {
                // All branches read the same h.
                h = NormOf(stage.First, h);
                var sum = h;
                foreach (var branch in stage.Branches)
                {
                    var x = NormOf(branch.Before, h);
                    x = branch.Part switch
                    {
                        AttentionPart part => Map(Attend(x, tokens, keys, layer, stored, part), part.Tensors.Output, stored),
                        FeedForwardPart part => Map(FeedForward(x, part, stored), part.Tensors.Out, stored),
                        _ => throw new NotSupportedException(),
                    };
                    sum = Add(sum, [.. NormOf(branch.Inside, x).Select(value => value * branch.Scale)]);
                }

                h = NormOf(stage.After, sum);
            }

            double[] NormOf(NormTensors? norm, double[] x) => norm is null || layer < norm.FirstLayer ? x : Norm(x, norm, stored);
        }

        return s.FinalNorm is { } final ? Norm(h, final, 0) : h;
    }

    private double[] FeedForward(double[] x, FeedForwardPart part, int stored)
    {
        var hidden = Activate(Map(x, part.Tensors.In, stored), part.Activation);
        return part.Tensors.Up is { } up ? [.. hidden.Zip(Map(x, up, stored), (a, b) => a * b)] : hidden;
    }

    private double[] Attend(double[] x, int tokens, bool[]? keys, int layer, int stored, AttentionPart part)
    {
        var varies = spec.Stack.Varies.Count > 0 ? spec.Stack.Varies[layer] : null;
        var (a, t) = (part.Sizes, part.Tensors);
        int heads = a.Heads, dh = a.HeadDim, shared = a.Heads / a.KvHeads;
        double[] q = Map(x, t.Query, stored), k = Map(x, t.Key, stored), v = Map(x, t.Value, stored);
        if (t.Heads is { QueryNorm: { } queryNorm, KeyNorm: { } keyNorm })
            (q, k) = (Norm(q, queryNorm, stored), Norm(k, keyNorm, stored));
        if (spec.Stack.Angles.Count > 0 && a.Score.RotaryDim > 0)
        {
            if (varies is not { Angles: < 0 })
                (q, k) = (Turn(q, heads), Turn(k, a.KvHeads));
        }
        else if (a.Score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved)
        {
            var theta = varies?.Theta ?? a.Score.RopeTheta;
            var position = a.Score.Position == PositionKind.RotaryHalf ? Position.RotaryHalf : Position.RotaryInterleaved;
            q = RotaryReference.Forward(q, heads, dh, a.Score.RotaryDim, theta, position);
            k = RotaryReference.Forward(k, a.KvHeads, dh, a.Score.RotaryDim, theta, position);
        }

        // By halves, which is how all decoders have them.
        double[] Turn(double[] rows, int count)
        {
            var angles = spec.Stack.Angles[varies?.Angles ?? 0];
            double[] turned = [.. rows];
            int half = a.Score.RotaryDim / 2;
            for (var i = 0; i < rows.Length / dh; i++)
            {
                for (var p = 0; p < half; p++)
                {
                    var (sin, cos) = Math.SinCos(i / count * angles.Frequencies[p]);
                    double first = rows[i * dh + p], second = rows[i * dh + p + half];
                    turned[i * dh + p] = angles.Factor * (first * cos - second * sin);
                    turned[i * dh + p + half] = angles.Factor * (second * cos + first * sin);
                }
            }

            return turned;
        }

        // Each head's slope: powers of two, and beyond the largest power of two heads every other one of the finer row.
        double Slope(int head)
        {
            var whole = (int)Math.Pow(2, Math.Floor(Math.Log2(heads)));
            return a.Score.Position != PositionKind.Alibi ? 0 : head < whole ? Math.Pow(2, -8.0 * (head + 1) / whole) : Math.Pow(2, -4.0 * (2 * (head - whole) + 1) / whole);
        }

        var window = varies is { Window: > 0 } ? varies.Window : varies is null && a.Score.Window > 0 ? a.Score.Window : int.MaxValue;
        var scale = varies is { Scale: > 0 } ? varies.Scale * a.Score.Scale : a.Score.Scale;
        var y = new double[tokens * heads * dh];
        for (var head = 0; head < heads; head++)
        {
            for (var i = 0; i < tokens; i++)
            {
                var weights = new double[tokens];
                for (var j = 0; j < tokens; j++)
                {
                    for (var d = 0; d < dh; d++)
                        weights[j] += q[(i * heads + head) * dh + d] * k[(j * a.KvHeads + head / shared) * dh + d];
                    weights[j] = Cap(weights[j] * scale, a.Score.Softcap) - Slope(head) * Math.Abs(i - j) + (part.RelativeBias is { } bias ? Tensor(bias.Name, stored)[Bucket(j - i, bias) * heads + head] : 0);
                    weights[j] = Math.Abs(i - j) < window && (j <= i || !a.Score.Causal) && keys?[j] != false ? Math.Exp(weights[j]) : 0;
                }

                // Who sees nothing gets zeros.
                var sum = weights.Sum();
                for (var j = 0; j < tokens && sum > 0; j++)
                {
                    for (var d = 0; d < dh; d++)
                        y[(i * heads + head) * dh + d] += weights[j] / sum * v[(j * a.KvHeads + head / shared) * dh + d];
                }
            }
        }

        return y;
    }

    // MPNet's and T5's: half of the buckets for keys behind, half of each for near distances one by one.
    private static int Bucket(int distance, RelativeBiasSpec s)
    {
        int half = s.Buckets / 2, exact = half / 2, n = Math.Abs(distance);
        var far = exact + (int)(Math.Log((double)Math.Max(n, 1) / exact) / Math.Log((double)s.MaxDistance / exact) * (half - exact));
        return (distance > 0 ? half : 0) + (n < exact ? n : Math.Min(far, half - 1));
    }

    private double[] Map(double[] x, LinearTensors map, int layer)
    {
        var weight = Tensor(map.Weight[0].Name, layer);
        var bias = map.Bias.Count == 0 ? null : Tensor(map.Bias[0].Name, layer);
        var y = new double[x.Length / map.Inputs * map.Outputs];
        for (var i = 0; i < y.Length; i++)
        {
            int row = i / map.Outputs, n = i % map.Outputs;
            y[i] = bias is null ? 0 : bias[Row(map.Bias[0], n)];
            var at = Row(map.Weight[0], n);
            for (var k = 0; k < map.Inputs; k++)
                y[i] += x[row * map.Inputs + k] * weight[map.Weight[0].IsTurned ? k * map.Weight[0].TensorRows + at : at * map.Inputs + k];
        }

        return y;
    }

    private static int Row(TensorPart part, int n) => part.FirstRow + (part.Group == 0 ? n : n / part.Group * part.GroupStride + n % part.Group);

    private double[] Norm(double[] x, NormTensors norm, int layer)
    {
        double[] gain = [.. Tensor(norm.Weight, layer).Select(value => value + (norm.IsLessOne ? 1.0 : 0))];
        double[] shift = norm.Bias is { } bias ? [.. Tensor(bias, layer).Select(value => (double)value)] : new double[gain.Length];
        return norm.Norm.Kind == NormKind.RmsNorm ? RmsNormReference.Forward(x, gain, norm.Norm.Dim, norm.Norm.Epsilon) : LayerNormReference.Forward(x, gain, shift, norm.Norm.Dim, norm.Norm.Epsilon);
    }

    private static double[] Activate(double[] x, string activation) => ActivationReference.Forward(x, Enum.Parse<Activation>(activation));

    private static double[] Add(double[] x, double[] y) => [.. x.Zip(y, (a, b) => a + b)];

    private float[] Tensor(string name, int layer = 0) => tensors[name.Replace("{0}", layer.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)].Values;
}
