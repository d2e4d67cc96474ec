using System.Text;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool;

/// <summary>A folder and what is asked of it: the arguments of <see cref="TransformerModelAttribute"/>.</summary>
internal sealed record ModelRequest(string Folder)
{
    /// <summary>A file to read in place of config.json.</summary>
    public string? Config { get; init; }

    /// <summary>Longest sequence; 0: the model's.</summary>
    public int MaxTokens { get; init; }

    public Pooling Pooling { get; init; }

    public Normalization Normalize { get; init; }

    public Tower Tower { get; init; }

    /// <summary>The class that a folder becomes.</summary>
    /// <param name="name">The folder, as the attribute names it.</param>
    /// <param name="className">The class.</param>
    /// <param name="nameSpace">Its namespace; empty: none.</param>
    public string Source(string name, string className = "Model", string nameSpace = "")
    {
        var arguments = new StringBuilder(SymbolDisplay.FormatLiteral(name, quote: true));
        if (MaxTokens != 0)
            arguments.Append(System.Globalization.CultureInfo.InvariantCulture, $", maxTokens: {MaxTokens}");
        if (Pooling != Pooling.Folder)
            arguments.Append(System.Globalization.CultureInfo.InvariantCulture, $", pooling: AttnGen.Pooling.{Pooling}");
        if (Normalize != Normalization.Folder)
            arguments.Append(System.Globalization.CultureInfo.InvariantCulture, $", normalize: AttnGen.Normalization.{Normalize}");
        if (Tower != Tower.Folder)
            arguments.Append(System.Globalization.CultureInfo.InvariantCulture, $", tower: AttnGen.Tower.{Tower}");
        return $"{(nameSpace.Length > 0 ? $"namespace {nameSpace};\n\n" : "")}[AttnGen.TransformerModel({arguments})]\npublic sealed partial class {className};\n";
    }
}
