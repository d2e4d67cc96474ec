using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Parsing;

/// <summary>An attribute that gives a class its shape.</summary>
/// <param name="Kind">Which one.</param>
internal sealed record ShapeAttribute(ShapeKind Kind)
{
    public const string Namespace = "AttnGen";

    public static readonly ImmutableArray<ShapeAttribute> All =
        Enum.GetValues(typeof(ShapeKind)).Cast<ShapeKind>().Select(kind => new ShapeAttribute(kind)).ToImmutableArray();

    /// <summary>As it is written between brackets.</summary>
    public string Name => Kind.ToString();

    public string MetadataName => $"{Namespace}.{Kind}Attribute";

    /// <summary>The shape attribute that this class symbol is, or null.</summary>
    public static ShapeAttribute? Find(INamedTypeSymbol? attributeClass) =>
        attributeClass is { ContainingType: null, ContainingNamespace: { Name: Namespace, ContainingNamespace.IsGlobalNamespace: true } }
            ? All.FirstOrDefault(shape => attributeClass.MetadataName == shape.Kind + "Attribute")
            : null;
}
