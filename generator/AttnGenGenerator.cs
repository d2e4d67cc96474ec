using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Emission;
using AttnGen.Generator.Emission.Kernels;
using AttnGen.Generator.Models;
using AttnGen.Generator.Parsing;
using AttnGen.Generator.Planning;
using AttnGen.Generator.Templates;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator;

/// <summary>Writes the other half of each partial class that has a shape attribute.</summary>
/// <remarks>
/// Symbols → Spec (Parsing) → Plan (Planning) → text (Emission). The outputs hang on branches: the code (of the class, or of what stands in for
/// a refused one) on the Spec, which says nothing about places, so that moving a class re-runs neither planning nor emission; the diagnostics on their places.
/// An exception that leaves a generator takes the code of every class with it, so each step is guarded for its class: a fault becomes a diagnostic of that class.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class AttnGenGenerator : IIncrementalGenerator
{
    /// <summary>Called before each step with the class's name; tests throw from it.</summary>
    internal Action<Stage, string>? Probe { get; set; }

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<EquatableArray<Kernel>>? kernels = null;
        foreach (var shape in ShapeAttribute.All)
        {
            var parsed = context.SyntaxProvider
                .ForAttributeWithMetadataName(
                    shape.MetadataName,
                    static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
                    (target, cancellationToken) => TargetParser.Parse(target, shape, Probe, cancellationToken))
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
                .Where(static standIn => standIn is not null)
                .Select((standIn, _) => StandIn(standIn!));
            Output(context, refused);

            var plans = shape.Kind == ShapeKind.TransformerModel
                ? WholeModels(context, parsed, specs)
                : specs.Select((target, _) => Plan(target, shape.Kind)).WithTrackingName(TrackingNames.Plans);
            Output(context, plans.Select((planned, _) => Half(planned)));
            var needed = plans
                .Select(static (planned, _) => planned.Plan?.Kernels ?? EquatableArray<Kernel>.Empty)
                .Collect()
                .Select(static (all, _) => KernelSet.Of(all.SelectMany(some => some)));
            kernels = kernels is { } others
                ? others.Combine(needed).Select(static (pair, _) => KernelSet.Of(pair.Left.Concat(pair.Right)))
                : needed;
        }

        context.RegisterSourceOutput(kernels!.Value.WithTrackingName(TrackingNames.Kernels), static (output, all) =>
        {
            if (all.Count > 0)
                output.AddSource(KernelFile.HintName, KernelFile.Emit(all));
        });
    }

    /// <summary>What was decided for one class, or what went wrong with it.</summary>
    private sealed record Planned(TypeSpec Type, ShapeKind Kind, ModelPlan? Plan, Fault? Fault);

    private Planned Plan(TargetSpec target, ShapeKind kind)
    {
        var (plan, fault) = Fault.Guard(target.Type, () =>
        {
            Probe?.Invoke(Stage.Planning, target.Type.Self.Name);
            return Planner.Plan(target);
        });
        return new Planned(target.Type, kind, plan, fault);
    }

    /// <summary>What was written for one class, and what went wrong with it.</summary>
    private sealed record Written(string HintName, string? Source, Fault? Fault);

    /// <summary>The class's other half; where there is none, what stands in for it.</summary>
    private Written Half(Planned planned)
    {
        if (planned.Plan is not { } plan)
            return StandIn(new StandInSpec(planned.Type, planned.Kind), planned.Fault);
        var (source, fault) = Fault.Guard(planned.Type, () =>
        {
            Probe?.Invoke(Stage.Emission, planned.Type.Self.Name);
            return Emitter.Emit(plan);
        });
        return fault is null ? new Written(planned.Type.HintName, source, null) : StandIn(new StandInSpec(planned.Type, planned.Kind), fault);
    }

    private Written StandIn(StandInSpec standIn, Fault? before = null)
    {
        var (source, fault) = Fault.Guard(standIn.Type, () =>
        {
            Probe?.Invoke(Stage.StandIn, standIn.Type.Self.Name);
            return StandInEmitter.Emit(standIn);
        });
        return new Written(standIn.Type.HintName, source, before ?? fault);
    }

    private static void Output(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<Written> written)
    {
        context.RegisterSourceOutput(written, static (output, one) =>
        {
            if (one.Source is not null)
                output.AddSource(one.HintName, one.Source);
        });
        var faults = written
            .Where(static one => one.Fault is not null)
            .Combine(context.CompilationProvider)
            .Select(static (pair, cancellationToken) => TargetParser.Diagnostic(pair.Left.Fault!, pair.Right, cancellationToken));
        context.RegisterSourceOutput(faults, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
    }

    /// <summary>
    /// A whole model is read in a second step: its class (what is asked) meets the files of its folder, by value, so that an edit of one folder
    /// touches one class, and an edit of code touches none.
    /// </summary>
    private IncrementalValuesProvider<Planned> WholeModels(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ParseResult> parsed, IncrementalValuesProvider<TargetSpec> specs)
    {
        var folders = context.AdditionalTextsProvider
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellationToken) => FolderReader.Read(pair.Left, pair.Right, cancellationToken))
            .Where(static file => file is not null)
            .Collect()
            .Select(static (files, _) => FolderReader.Group(files))
            .WithTrackingName(TrackingNames.Folders);

        var inputs = specs
            .Combine(folders)
            .Select(static (pair, _) => ModelResolver.Choose(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.ModelInputs);
        ChatTemplates(context, parsed, inputs);

        var resolved = inputs
            .Select((input, _) => Resolve(input))
            .WithTrackingName(TrackingNames.Models);

        var problems = parsed
            .Where(static result => result.Target is not null)
            .Combine(resolved.Collect())
            .SelectMany(static (pair, _) => Report(pair.Left, pair.Right));
        context.RegisterSourceOutput(problems, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));

        return resolved
            .Select((model, _) => model.Target is { } target ? Plan(target, ShapeKind.TransformerModel) : new Planned(model.Type, ShapeKind.TransformerModel, null, model.Fault))
            .WithTrackingName(TrackingNames.Plans);
    }

    /// <summary>
    /// The chat template of a folder, for projects that have something to call it: a file of its own, which depends on the folder's templates and special tokens alone.
    /// </summary>
    private static void ChatTemplates(IncrementalGeneratorInitializationContext context, IncrementalValuesProvider<ParseResult> parsed, IncrementalValuesProvider<ModelInput> inputs)
    {
        var isAsked = context.CompilationProvider.Select(static (compilation, _) => compilation.GetTypeByMetadataName("AttnGen.Generation.Templates.CompiledTemplates") is not null);
        var templates = inputs
            .Combine(isAsked)
            .Select(static (pair, _) => pair.Right && pair.Left.Files is { } files ? FolderTemplates.Read(pair.Left.Target.Type, files) : null)
            .Where(static spec => spec is not null)
            .WithTrackingName(TrackingNames.ChatTemplates)
            .Select(static (spec, _) => (Spec: spec!, Written: Fault.Guard(spec!.Type, () => TemplateFile.Write(spec))))
            .WithTrackingName(TrackingNames.ChatTemplateFiles);
        Output(context, templates.Select(static (pair, _) => new Written(pair.Written.Value?.HintName ?? "", pair.Written.Value?.Source, pair.Written.Fault)));

        var problems = parsed
            .Where(static result => result.Target is not null)
            .Combine(templates.Collect())
            .SelectMany(static (pair, _) => pair.Right
                .Where(template => template.Spec.Type.HintName == pair.Left.Target!.Type.HintName && template.Written.Value is not null)
                .SelectMany(template => template.Written.Value!.Problems.Select(note => DiagnosticInfo.Create(
                    note.IsError ? Descriptors.ChatTemplate : Descriptors.ChatTemplateFails, pair.Left.Folder, Text.OneLine(template.Spec.Folder), Text.OneLine(note.Message)))));
        context.RegisterSourceOutput(problems, static (output, diagnostic) => output.ReportDiagnostic(diagnostic.ToDiagnostic()));
    }

    /// <summary>What a folder has wrong, at the place where the class names it.</summary>
    private static IEnumerable<DiagnosticInfo> Report(ParseResult parsed, ImmutableArray<ResolvedModel> models) =>
        models
            .Where(model => model.Type.HintName == parsed.Target!.Type.HintName)
            .SelectMany(model => model.Problems.Concat(model.Notes).Select(problem => DiagnosticInfo.Create(problem.Descriptor, parsed.Folder, Text.OneLine(model.Folder), problem.Message)));

    private ResolvedModel Resolve(ModelInput input)
    {
        var (model, fault) = Fault.Guard(input.Target.Type, () =>
        {
            Probe?.Invoke(Stage.Resolving, input.Target.Type.Self.Name);
            return ModelResolver.Resolve(input);
        });
        return model ?? ResolvedModel.Of(fault!);
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
    public const string Plans = nameof(Plans);
    public const string ChatTemplates = nameof(ChatTemplates);
    public const string ChatTemplateFiles = nameof(ChatTemplateFiles);
    public const string Kernels = nameof(Kernels);
}
