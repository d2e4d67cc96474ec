namespace AttnGen.Generator.Models;

/// <summary>Activations as config.json names them, and the members of the public enum Activation. A new name is a row.</summary>
internal static class ActivationNames
{
    private static readonly (string Name, string Member)[] s_rows =
    [
        ("gelu", "Gelu"),
        ("gelu_python", "Gelu"),
        ("gelu_new", "GeluTanh"),
        ("gelu_fast", "GeluTanh"), // the constant is rounded to ten digits, below float32
        ("gelu_pytorch_tanh", "GeluTanh"),
        ("gelu_accurate", "GeluTanh"),
        ("gelu_python_tanh", "GeluTanh"),
        ("quick_gelu", "QuickGelu"),
        ("relu", "Relu"),
        ("silu", "Silu"),
        ("swish", "Silu"),
        ("sigmoid", "Sigmoid"),
        ("tanh", "Tanh"),
        ("linear", "None"),
    ];

    public static string Known => string.Join(", ", s_rows.Select(row => $"'{row.Name}'"));

    public static string? Find(string name) => s_rows.Where(row => row.Name == name).Select(row => row.Member).FirstOrDefault();
}
