extern alias build;

using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace AttnGen.Tool;

/// <summary>A file of a model's folder as the compiler sees it: its text, the folder's name and the file's place in the folder.</summary>
internal sealed class ModelText(string folder, string name, string text) : AdditionalText
{
    /// <summary>Gives a model's files the metadata that the build gives them.</summary>
    public static AnalyzerConfigOptionsProvider Options { get; } = new Provider();

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

    private sealed class Provider : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(null);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Values(textFile as ModelText);
    }

    private sealed class Values(ModelText? text) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = text is null ? null : key switch
            {
                "build_metadata.AdditionalFiles.AttnGenModel" => build::AttnGen.Build.Names.AsOption(text.Folder),
                "build_metadata.AdditionalFiles.AttnGenFile" => text.Name,
                _ => null,
            };
            return value is not null;
        }
    }
}
