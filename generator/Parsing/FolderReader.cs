using AttnGen.Folders;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace AttnGen.Generator.Parsing;

/// <summary>One file of a model's folder, as the build hands it to the compiler.</summary>
internal sealed record FolderFileEntry(string Folder, string Name, string Text);

/// <summary>Picks the files of model folders out of the compiler's additional files.</summary>
internal static class FolderReader
{
    /// <summary>Null if the file belongs to no model.</summary>
    public static FolderFileEntry? Read(AdditionalText file, AnalyzerConfigOptionsProvider options, CancellationToken cancellationToken)
    {
        var own = options.GetOptions(file);
        if (!own.TryGetValue(FolderNames.ModelOption, out string? folder) || folder.Length == 0 || !own.TryGetValue(FolderNames.FileOption, out string? name) || name.Length == 0)
            return null;
        return file.GetText(cancellationToken) is { } text ? new FolderFileEntry(FolderNames.Normal(FolderNames.FromOption(folder)), name.Replace('\\', '/'), text.ToString()) : null;
    }

    /// <summary>The files folder by folder, in an order that does not depend on the build's.</summary>
    public static EquatableArray<FolderFiles> Group(ImmutableArray<FolderFileEntry?> files) =>
        files
            .GroupBy(file => file!.Folder, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new FolderFiles(group.Key, group
                .GroupBy(file => file!.Name, StringComparer.Ordinal)
                .Select(same => new FolderFile(same.Key, same.First()!.Text))
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .ToEquatable()))
            .ToEquatable();
}
