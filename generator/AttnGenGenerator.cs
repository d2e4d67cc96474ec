using AttnGen.Generator.Emission;
using AttnGen.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator;

/// <summary>Writes the other half of each partial class that has a shape attribute.</summary>
/// <remarks>
/// Symbols → Spec (Parsing) → Plan (Planning) → text (Emission). The two outputs hang on two branches: the code on the Spec, which says
/// nothing about places, so that moving a class re-runs neither planning nor emission; the diagnostics on their places.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class AttnGenGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        foreach (var shape in ShapeAttribute.All)
        {
            var parsed = context.SyntaxProvider
                .ForAttributeWithMetadataName(
                    shape.MetadataName,
                    static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                    (target, cancellationToken) => TargetParser.Parse(target, shape, cancellationToken))
                .WithTrackingName(TrackingNames.Parsed);

            var specs = parsed
                .Select(static (result, _) => result.Target)
                .Where(static target => target is not null)
                .WithTrackingName(TrackingNames.Specs);

            var diagnostics = parsed
                .SelectMany(static (result, _) => result.Diagnostics.Items)
                .WithTrackingName(TrackingNames.Diagnostics);

            context.RegisterSourceOutput(specs, static (output, target) => output.AddSource(target!.Type.HintName, Emitter.Emit(target)));
            context.RegisterSourceOutput(diagnostics, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
        }
    }
}

/// <summary>The pipeline's steps, for the tests of what an edit re-runs.</summary>
internal static class TrackingNames
{
    public const string Parsed = nameof(Parsed);
    public const string Specs = nameof(Specs);
    public const string Diagnostics = nameof(Diagnostics);
}
