using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace AttnGen.Folders;

/// <summary>Gives the files of model folders the metadata that a build gives them, in a compiler that runs without one. The tests' host compiles this file, too.</summary>
/// <param name="placeOf">A file's folder, as the project includes it, and its place there; null: it belongs to no model.</param>
internal sealed class FolderOptions(Func<AdditionalText, (string Folder, string Name)?> placeOf) : AnalyzerConfigOptionsProvider
{
    /// <inheritdoc/>
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(null);

    /// <inheritdoc/>
    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    /// <inheritdoc/>
    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Values(placeOf(textFile));

    private sealed class Values((string Folder, string Name)? place) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = key switch
            {
                FolderNames.ModelOption when place is { } known => FolderNames.ToOption(known.Folder),
                FolderNames.FileOption when place is { } known => known.Name,
                _ => null,
            };
            return value is not null;
        }
    }
}
