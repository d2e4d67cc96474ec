using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace AttnGen.Generator.Diagnostics;

/// <summary>A place in the source, by value: unlike a Location it keeps no syntax tree (and so no compilation) alive.</summary>
internal sealed record LocationInfo(string FilePath, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo? From(Location? location) =>
        location?.SourceTree is { } tree
            ? new(tree.FilePath, location.SourceSpan, tree.GetLineSpan(location.SourceSpan).Span)
            : null;

    public Location ToLocation() => Location.Create(FilePath, Span, Lines);
}
