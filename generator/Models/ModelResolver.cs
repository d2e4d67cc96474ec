using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Emission;
using AttnGen.Generator.Parsing;

namespace AttnGen.Generator.Models;

/// <summary>A class and the files of its folder (null: the project has no such folder; then Others are those that it has).</summary>
internal sealed record ModelInput(TargetSpec Target, ModelFiles? Files, EquatableArray<string> Others);

/// <summary>A class whose model was read, or what is wrong with the folder.</summary>
internal sealed record ResolvedModel(string HintName, TargetSpec? Target, EquatableArray<ModelProblem> Problems);

/// <summary>A problem by value.</summary>
internal sealed record ModelProblem(Microsoft.CodeAnalysis.DiagnosticDescriptor Descriptor, string Subject, string Text);

/// <summary>Brings a class and its folder together.</summary>
internal static class ModelResolver
{
    public static ModelInput Choose(TargetSpec target, EquatableArray<ModelFiles> folders)
    {
        string folder = ModelFiles.Normal(((RequestSpec)target.Model).Folder);
        var files = folders.FirstOrDefault(candidate => candidate.Folder == folder);
        return new(target, files, files is null ? folders.Select(candidate => candidate.Folder).ToEquatable() : EquatableArray<string>.Empty);
    }

    public static ResolvedModel Resolve(ModelInput input)
    {
        var request = (RequestSpec)input.Target.Model;
        string hint = input.Target.Type.HintName;
        if (input.Files is not { } files)
        {
            string others = input.Others.Count == 0 ? "" : $"; the project has {string.Join(", ", input.Others.Select(folder => $"'{folder}'"))}";
            return new(hint, null, new[] { new ModelProblem(Descriptors.ModelFolder, PlanText.Clean(request.Folder), PlanText.Clean(others)) }.ToEquatable());
        }

        var problems = new List<Problem>();
        var spec = TransformerParser.Parse(request with { Folder = files.Folder }, files, problems);
        return problems.Count > 0 || spec is null
            ? new(hint, null, problems.Select(problem => new ModelProblem(problem.Descriptor, PlanText.Clean(files.Folder), PlanText.Clean(problem.Message))).ToEquatable())
            : new(hint, input.Target with { Model = spec }, EquatableArray<ModelProblem>.Empty);
    }

    /// <summary>The problems at the place where the class names the folder.</summary>
    public static IEnumerable<DiagnosticInfo> Report(ParseResult parsed, ImmutableArray<ResolvedModel> models) =>
        models
            .Where(model => model.HintName == parsed.Target!.Type.HintName)
            .SelectMany(model => model.Problems.Select(problem => DiagnosticInfo.Create(problem.Descriptor, parsed.Folder, problem.Subject, problem.Text)));
}
