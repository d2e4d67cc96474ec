using AttnGen.Reference;
using AttnGen.Sentences;

namespace AttnGen.Embeddings;

/// <summary>The classes of torch.nn that a cross-encoder's logit may go through, as their constructors without arguments make them.</summary>
internal static class TorchActivation
{
    private const double SeluScale = 1.0507009873554804934193349852946, SeluAlpha = 1.6732632423543772848170429916717;

    private static readonly OrderedDictionary<string, Func<double, double>> s_functions = new(StringComparer.Ordinal)
    {
        ["Identity"] = static x => x,
        ["Sigmoid"] = ActivationReference.Sigmoid,
        ["Tanh"] = ActivationReference.Tanh,
        ["ReLU"] = static x => Math.Max(x, 0),
        ["ReLU6"] = static x => Math.Clamp(x, 0, 6),
        ["LeakyReLU"] = static x => x > 0 ? x : 0.01 * x,
        ["PReLU"] = static x => x > 0 ? x : 0.25 * x,
        ["ELU"] = static x => x > 0 ? x : ExpM1(x),
        ["CELU"] = static x => x > 0 ? x : ExpM1(x),
        ["SELU"] = static x => SeluScale * (x > 0 ? x : SeluAlpha * ExpM1(x)),
        ["GELU"] = ActivationReference.Gelu,
        ["SiLU"] = ActivationReference.Silu,
        ["Mish"] = static x => x * Math.Tanh(Softplus(x)),
        ["Softplus"] = static x => x > 20 ? x : Softplus(x), // torch leaves large numbers as they are
        ["Softsign"] = static x => x / (1 + Math.Abs(x)),
        ["LogSigmoid"] = static x => -Softplus(-x),
        ["Tanhshrink"] = static x => x - Math.Tanh(x),
        ["Hardtanh"] = static x => Math.Clamp(x, -1, 1),
        ["Hardsigmoid"] = static x => Math.Clamp(x / 6 + 0.5, 0, 1),
        ["Hardswish"] = static x => x * Math.Clamp(x / 6 + 0.5, 0, 1),
        ["Hardshrink"] = static x => Math.Abs(x) > 0.5 ? x : 0,
        ["Softshrink"] = static x => x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0,
    };

    /// <summary>The names that are accepted, for messages.</summary>
    public static string Known { get; } = $"those of torch.nn that take one number: {string.Join(", ", s_functions.Keys)}";

    /// <summary>The function of a class, by the name that Python writes.</summary>
    public static Func<double, double>? Find(string path) =>
        TorchClass.Name(path) is { } name && s_functions.TryGetValue(name, out var function) ? function : null;

    // log(1 + eˣ), also where eˣ is too large, or lost beside 1.
    private static double Softplus(double x)
    {
        var small = Math.Exp(-Math.Abs(x));
        return Math.Max(x, 0) + (small < 1e-8 ? small : Math.Log(1 + small));
    }

    private static double ExpM1(double x) => x > -1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
