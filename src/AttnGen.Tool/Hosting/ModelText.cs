using System.Text;
using AttnGen.Folders;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace AttnGen.Tool;

/// <summary>A file of a model's folder as the compiler sees it: its text, the folder's name and the file's place in the folder.</summary>
internal sealed class ModelText(string folder, string name, string text) : AdditionalText
{
    /// <summary>Gives a model's files the metadata that the build gives them.</summary>
    public static AnalyzerConfigOptionsProvider Options { get; } = new FolderOptions(file => file is ModelText text ? (text.Folder, text.Name) : null);

    /// <summary>The folder's name.</summary>
    public string Folder => folder;

    /// <summary>The file's place in the folder.</summary>
    public string Name => name;

    /// <summary>The file's text.</summary>
    public string Text => text;

    /// <inheritdoc/>
    public override string Path => $"/{folder}/{name}";

    /// <inheritdoc/>
    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text, Encoding.UTF8);
}
