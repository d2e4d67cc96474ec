using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>A module that maps the vector to another: act(x·Wᵀ + b), with its tensors in a folder of its own.</summary>
/// <param name="Folder">The folder, in the model's.</param>
/// <param name="Inputs">Numbers of the vector that it takes.</param>
/// <param name="Outputs">Numbers of the vector that it gives.</param>
/// <param name="Bias">Whether it has a bias.</param>
/// <param name="Activation">By the name of the public enum Activation.</param>
internal sealed record SentenceDense(string Folder, int Inputs, int Outputs, bool Bias, string Activation)
{
    /// <summary>The file of its tensors, linear.weight and linear.bias.</summary>
    public const string Weights = "model.safetensors";

    private const string InKey = "in_features", OutKey = "out_features", ActivationKey = "activation_function";

    // As their constructors without arguments make them.
    private static readonly (string Class, string Member)[] s_activations =
    [
        ("Identity", "None"), ("Tanh", "Tanh"), ("ReLU", "Relu"), ("GELU", "Gelu"), ("SiLU", "Silu"), ("Sigmoid", "Sigmoid"),
    ];

    /// <summary>What it means, in a few words.</summary>
    public override string ToString() => $"dense {Inputs} to {Outputs}{(Bias ? "" : " without bias")}{(Activation == "None" ? "" : " " + Activation)}";

    /// <summary>Reads its configuration; null, and a problem, where it cannot be followed.</summary>
    public static SentenceDense? Read(string folder, KeyedObject settings, SentenceVersion version)
    {
        foreach (string key in new[] { InKey, OutKey })
        {
            if (!settings.Has(key))
                settings.Report(SentenceFault.Wrong, $"{key} is missing");
        }

        int inputs = settings.Count(InKey), outputs = settings.Count(OutKey);
        bool bias = settings.Flag("bias") ?? true;
        SentenceModules.OfSentences(settings);
        settings.Only("use_residual", value => value.Kind == JsonKind.False, "is false");

        // Since 5.5 it need not be named.
        string? activation = "Tanh";
        if (settings.Has(ActivationKey))
        {
            activation = null;
            if (settings.Text(ActivationKey) is { } path)
            {
                activation = TorchClass.Name(path) is { } name ? s_activations.FirstOrDefault(row => row.Class == name).Member : null;
                if (activation is null)
                    settings.Unsupported(ActivationKey, settings.Raw(ActivationKey)!, $"are of torch.nn {string.Join(", ", s_activations.Select(row => KeyedObject.Quote(row.Class)))}");
            }
        }
        else if (!version.IsFrom(5, 5))
        {
            settings.Report(SentenceFault.Wrong, $"{ActivationKey} is missing");
        }

        return inputs > 0 && outputs > 0 && activation is not null ? new(folder, inputs, outputs, bias, activation) : null;
    }
}
