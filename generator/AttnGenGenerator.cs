using AttnGen.Generator.Emission;
using AttnGen.Generator.Models;
using AttnGen.Generator.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator;

/// <summary>Writes the other half of each partial class that has a shape attribute.</summary>
/// <remarks>
/// Symbols → Spec (Parsing) → Plan (Planning) → text (Emission). The outputs hang on branches: the code (of the class, or of what stands in for
/// a refused one) on the Spec, which says nothing about places, so that moving a class re-runs neither planning nor emission; the diagnostics on their places.
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
                .Select(static (target, _) => target!)
                .WithTrackingName(TrackingNames.Specs);

            var diagnostics = parsed
                .SelectMany(static (result, _) => result.Diagnostics.Items)
                .WithTrackingName(TrackingNames.Diagnostics);
            context.RegisterSourceOutput(diagnostics, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));

            var refused = parsed
                .Select(static (result, _) => result.StandIn)
                .Where(static standIn => standIn is not null);
            context.RegisterSourceOutput(refused, static (output, standIn) => output.AddSource(standIn!.Type.HintName, StandInEmitter.Emit(standIn)));

            if (shape.Kind == ShapeKind.TransformerModel)
                WholeModels(context, parsed, specs);
            else
                context.RegisterSourceOutput(specs, static (output, target) => output.AddSource(target.Type.HintName, Emitter.Emit(target)));
        }
    }

    /// <summary>
    /// A whole model is read in a second step: its class (what is asked) meets the files of its folder, by value, so that an edit of one folder
    /// touches one class, and an edit of code touches none.
    /// </summary>
    private static void WholeModels(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ParseResult> parsed, IncrementalValuesProvider<TargetSpec> specs)
    {
        var folders = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellationToken) => FolderReader.Read(pair.Left, pair.Right, cancellationToken))
            .Where(static file => file is not null)
            .Collect()
            .Select(static (files, _) => FolderReader.Group(files))
            .WithTrackingName(TrackingNames.Folders);

        var resolved = specs
            .Combine(folders)
            .Select(static (pair, _) => ModelResolver.Choose(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.ModelInputs)
            .Select(static (input, _) => ModelResolver.Resolve(input))
            .WithTrackingName(TrackingNames.Models);

        context.RegisterSourceOutput(
            resolved,
            static (output, model) => output.AddSource(
                model.Type.HintName,
                model.Target is { } target ? Emitter.Emit(target) : StandInEmitter.Emit(new StandInSpec(model.Type, ShapeKind.TransformerModel))));

        var problems = parsed
            .Where(static result => result.Target is not null)
            .Combine(resolved.Collect())
            .SelectMany(static (pair, _) => ModelResolver.Report(pair.Left, pair.Right));
        context.RegisterSourceOutput(problems, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
    }
}

/// <summary>The pipeline's steps, for the tests of what an edit re-runs.</summary>
internal static class TrackingNames
{
    public const string Parsed = nameof(Parsed);
    public const string Specs = nameof(Specs);
    public const string Diagnostics = nameof(Diagnostics);
    public const string Folders = nameof(Folders);
    public const string ModelInputs = nameof(ModelInputs);
    public const string Models = nameof(Models);
}
