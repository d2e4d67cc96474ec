using AttnGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator.Parsing;

/// <summary>What became of one annotated class: something to emit, or something to say.</summary>
/// <param name="Target">The class and its shape, or null.</param>
/// <param name="Diagnostics">What is wrong.</param>
/// <param name="StandIn">The class whose shape is refused while nothing else is wrong with it, or null.</param>
/// <param name="Folder">Where the folder of a whole model is written: the place of what its files turn out to have wrong.</param>
internal sealed record ParseResult(TargetSpec? Target, EquatableArray<DiagnosticInfo> Diagnostics, StandInSpec? StandIn = null, LocationInfo? Folder = null)
{
    public static ParseResult Nothing { get; } = new(null, EquatableArray<DiagnosticInfo>.Empty);
}

/// <summary>Symbols to Spec. Nothing past this folder sees a symbol or a syntax node.</summary>
internal static class TargetParser
{
    public static ParseResult Parse(GeneratorAttributeSyntaxContext context, ShapeAttribute shape, CancellationToken cancellationToken)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var compilation = context.SemanticModel.Compilation;
        for (var level = type; level is not null; level = level.ContainingType)
        {
            if (level.Name.Length == 0)
                return ParseResult.Nothing; // Half-typed: the compiler waits for a name.
        }

        // A class is parsed once, at its first shape attribute; the others are refused there. (The compiler refuses the same one twice.)
        var shapes = type.GetAttributes().Where(data => ShapeAttribute.Find(data.AttributeClass) is not null).ToList();
        var first = shapes.FirstOrDefault();
        if (first is null || !context.Attributes.Any(data => data.ApplicationSyntaxReference?.Span == first.ApplicationSyntaxReference?.Span
            && data.ApplicationSyntaxReference?.SyntaxTree == first.ApplicationSyntaxReference?.SyntaxTree))
            return ParseResult.Nothing;
        if (AttributeArguments.TryRead(first, cancellationToken) is not { } arguments)
            return ParseResult.Nothing;

        var extras = new List<DiagnosticInfo>();
        foreach (var other in shapes.Skip(1))
        {
            var name = ShapeAttribute.Find(other.AttributeClass)!.Name;
            var place = LocationInfo.From((other.ApplicationSyntaxReference?.GetSyntax(cancellationToken) as AttributeSyntax)?.Name.GetLocation());
            if (name != shape.Name)
                extras.Add(DiagnosticInfo.Create(Descriptors.TwoShapes, place, type.Name, shape.Name, name));
        }

        var diagnostics = new List<DiagnosticInfo>();
        var typeSpec = TypeParser.Parse(type, (TypeDeclarationSyntax)context.TargetNode, shape, compilation, arguments.Attribute, diagnostics);
        var modelSpec = ModelParser.Parse(shape.Kind, arguments);
        diagnostics.AddRange(arguments.Diagnostics);

        if (RuntimeProblem(first.AttributeClass!, arguments, compilation) is { } problem)
        {
            diagnostics = [DiagnosticInfo.Create(Descriptors.RuntimeMissing, arguments.Attribute, problem)];
            typeSpec = null;
        }

        var target = diagnostics.Count == 0 && typeSpec is not null && modelSpec is not null ? new TargetSpec(typeSpec, modelSpec, arguments.Asked(shape.Name)) : null;
        var standIn = target is null && typeSpec is not null ? new StandInSpec(typeSpec, shape.Kind) : null;
        return new ParseResult(target, extras.Concat(diagnostics).ToEquatable(), standIn, shape.Kind == ShapeKind.TransformerModel ? arguments.Place("folder") : null);
    }

    private static string? RuntimeProblem(INamedTypeSymbol attribute, AttributeArguments arguments, Compilation compilation)
    {
        if (attribute.ContainingAssembly.GetTypeByMetadataName("AttnGen.ITensorSource") is null)
            return $"the attribute comes from '{attribute.ContainingAssembly.Name}', which is not that library";
        if (arguments.MissingParameter is { } parameter)
            return $"the referenced one is of another version: its attribute has no '{parameter}'";
        if (compilation.GetMetadataReference(attribute.ContainingAssembly) is { Properties.Aliases: { IsEmpty: false } aliases } && !aliases.Contains("global"))
            return $"it is referenced under the alias '{aliases[0]}' only, where generated code cannot see it";
        return null;
    }
}
