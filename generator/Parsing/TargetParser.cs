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
    /// <summary>What a class with this attribute is, or what is wrong with it. A fault in here is this class's.</summary>
    public static ParseResult Parse(GeneratorAttributeSyntaxContext context, ShapeAttribute shape, Action<Stage, string>? probe, CancellationToken cancellationToken)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        // A class is parsed once, at its first shape attribute; the others are refused there. (The compiler refuses the same one twice.)
        if (First(type) is not { } first || !context.Attributes.Any(data => data.ApplicationSyntaxReference?.Span == first.ApplicationSyntaxReference?.Span
            && data.ApplicationSyntaxReference?.SyntaxTree == first.ApplicationSyntaxReference?.SyntaxTree))
            return ParseResult.Nothing;
        try
        {
            probe?.Invoke(Stage.Parsing, type.Name);
            return Parse(type, (TypeDeclarationSyntax)context.TargetNode, first, context.SemanticModel.Compilation, cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            var diagnostic = DiagnosticInfo.Create(Descriptors.Fault, PlaceOf(first, cancellationToken), type.Name, Fault.Describe(fault));
            return new ParseResult(null, new(ImmutableArray.Create(diagnostic)), TryStandIn(type, (TypeDeclarationSyntax)context.TargetNode, shape, context.SemanticModel.Compilation));
        }
    }

    /// <summary>The attribute that gives a class its shape, or null.</summary>
    public static AttributeData? First(INamedTypeSymbol type)
    {
        for (var level = type; level is not null; level = level.ContainingType)
        {
            if (level.Name.Length == 0)
                return null; // Half-typed: the compiler waits for a name.
        }

        return type.GetAttributes().FirstOrDefault(data => ShapeAttribute.Find(data.AttributeClass) is not null);
    }

    /// <summary>Where an attribute's name is written.</summary>
    public static LocationInfo? PlaceOf(AttributeData data, CancellationToken cancellationToken) =>
        LocationInfo.From((data.ApplicationSyntaxReference?.GetSyntax(cancellationToken) as AttributeSyntax)?.Name.GetLocation());

    /// <summary>A fault's diagnostic at the class's attribute. Only where something failed is the class looked for: a Spec knows no places.</summary>
    public static DiagnosticInfo Diagnostic(Fault fault, Compilation compilation, CancellationToken cancellationToken)
    {
        var symbol = compilation.Assembly.GetTypeByMetadataName(fault.Type.MetadataName);
        var place = symbol is not null && First(symbol) is { } attribute ? PlaceOf(attribute, cancellationToken) : null;
        return DiagnosticInfo.Create(Descriptors.Fault, place, fault.Type.Self.Name.TrimStart('@'), fault.Description);
    }

    /// <summary>The same of a class that was found otherwise.</summary>
    public static ParseResult Parse(INamedTypeSymbol type, TypeDeclarationSyntax declaration, AttributeData first, Compilation compilation, CancellationToken cancellationToken)
    {
        var shape = ShapeAttribute.Find(first.AttributeClass)!;
        if (AttributeArguments.TryRead(first, cancellationToken) is not { } arguments)
            return ParseResult.Nothing;

        var extras = new List<DiagnosticInfo>();
        foreach (var other in type.GetAttributes())
        {
            if (ShapeAttribute.Find(other.AttributeClass) is { } second && second.Name != shape.Name)
                extras.Add(DiagnosticInfo.Create(Descriptors.TwoShapes, PlaceOf(other, cancellationToken), type.Name, shape.Name, second.Name));
        }

        var diagnostics = new List<DiagnosticInfo>();
        var typeSpec = TypeParser.Parse(type, declaration, shape, compilation, arguments.Attribute, diagnostics);
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

    // The class's place is not what failed, as a rule; then its other half has a stand-in, and what uses it no errors of its own.
    private static StandInSpec? TryStandIn(INamedTypeSymbol type, TypeDeclarationSyntax declaration, ShapeAttribute shape, Compilation compilation)
    {
        try
        {
            return TypeParser.Parse(type, declaration, shape, compilation, null, []) is { } spec ? new StandInSpec(spec, shape.Kind) : null;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return null;
        }
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
