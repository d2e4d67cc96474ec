namespace AttnGen.Bench;

/// <summary>What is computed: a whole encoder layer, or one matrix product.</summary>
public enum Kind
{
    Layer,
    Linear,
}

/// <summary>The shape of a row of the table.</summary>
/// <param name="Inputs">Layer: D. Linear: K.</param>
/// <param name="Outputs">Layer: D. Linear: N.</param>
/// <param name="Cold">Whether the caches are emptied before every call.</param>
public sealed record Shape(Kind Kind, int Inputs, int Outputs, int Heads, int FeedForward, int Tokens, bool Cold)
{
    public static Shape Layer(int width, int heads, int feedForward, int tokens, bool cold = false) =>
        new(Kind.Layer, width, width, heads, feedForward, tokens, cold);

    public static Shape Linear(int inputs, int outputs, int tokens) =>
        new(Kind.Linear, inputs, outputs, 0, 0, tokens, false);

    /// <summary>What <c>--only</c> matches.</summary>
    public string Name => (Kind == Kind.Layer ? $"layer {Inputs}/{Heads}/{FeedForward}" : $"linear {Inputs}x{Outputs}")
        + $" T={Tokens}" + (Cold ? " cold" : "");

    /// <summary>The name of the generated class.</summary>
    public string ClassName => Kind == Kind.Layer ? $"Layer{Inputs}" : $"Linear{Inputs}x{Outputs}";

    /// <summary>Multiplications and additions of the matrix products; exp, erf and norms are not counted.</summary>
    public double Flops => Kind == Kind.Linear
        ? 2.0 * Tokens * Inputs * Outputs
        : 2.0 * Tokens * (4.0 * Inputs * Inputs + 2.0 * Inputs * FeedForward) + 4.0 * Tokens * Tokens * Inputs;
}

/// <summary>A tensor of the weights, row-major.</summary>
public sealed record Tensor(int[] Sizes, float[] Values);

/// <summary>A shape with weights and an input drawn from a fixed seed; everybody gets the same.</summary>
public sealed class Work
{
    public Work(Shape shape, int seed = 7)
    {
        Shape = shape;
        var random = new Random(seed);
        int d = shape.Inputs, f = shape.FeedForward;
        if (shape.Kind == Kind.Layer)
        {
            Add("self_attn.in_proj_weight", 3 * d, d);
            Add("self_attn.in_proj_bias", 3 * d);
            Add("self_attn.out_proj.weight", d, d);
            Add("self_attn.out_proj.bias", d);
            Add("linear1.weight", f, d);
            Add("linear1.bias", f);
            Add("linear2.weight", d, f);
            Add("linear2.bias", d);
            Add("norm1.weight", 1, d, centre: 1);
            Add("norm1.bias", d);
            Add("norm2.weight", 1, d, centre: 1);
            Add("norm2.bias", d);
            Weights["norm1.weight"] = new Tensor([d], Weights["norm1.weight"].Values);
            Weights["norm2.weight"] = new Tensor([d], Weights["norm2.weight"].Values);
        }
        else
        {
            Add("weight", shape.Outputs, d);
            Add("bias", shape.Outputs);
        }

        Input = Draw(shape.Tokens * d, 1.5, 0);

        void Add(string name, int rows, int columns = 0, double centre = 0) => Weights[name] = columns == 0
            ? new Tensor([rows], Draw(rows, 0.2, 0))
            : new Tensor([rows, columns], Draw(rows * columns, centre != 0 ? 0.2 : Math.Sqrt(3.0 / columns), centre));

        float[] Draw(int count, double half, double centre)
        {
            var values = new float[count];
            for (int i = 0; i < count; i++) values[i] = (float)(centre + half * (2 * random.NextDouble() - 1));
            return values;
        }
    }

    public Shape Shape { get; }

    public Dictionary<string, Tensor> Weights { get; } = [];

    /// <summary>[Tokens, Inputs].</summary>
    public float[] Input { get; }

    public float[] this[string name] => Weights[name].Values;
}
