using AttnGen.Folders;
using AttnGen.Generator.Diagnostics;

namespace AttnGen.Generator.Models;

/// <summary>A class and the files of its folder (null: the project has no such folder; then Others are those that it has).</summary>
internal sealed record ModelInput(TargetSpec Target, FolderFiles? Files, EquatableArray<string> Others);

/// <summary>A class whose model was read (Target), or what is wrong with the folder.</summary>
internal sealed record ResolvedModel(TypeSpec Type, TargetSpec? Target, string Folder, EquatableArray<Problem> Problems)
{
    /// <summary>What the generator itself did wrong with it, or null.</summary>
    public Fault? Fault { get; init; }

    /// <summary>A model that was not read because of a fault.</summary>
    public static ResolvedModel Of(Fault fault) => new(fault.Type, null, "", EquatableArray<Problem>.Empty) { Fault = fault };

    /// <summary>What is only to be told.</summary>
    public EquatableArray<Problem> Notes { get; init; } = EquatableArray<Problem>.Empty;
}

/// <summary>Brings a class and its folder together.</summary>
internal static class ModelResolver
{
    public static ModelInput Choose(TargetSpec target, EquatableArray<FolderFiles> folders)
    {
        string folder = FolderNames.Normal(((RequestSpec)target.Model).Folder);
        var files = folders.FirstOrDefault(candidate => candidate.Folder == folder);
        if (files is null && folders.Where(candidate => FolderNames.Shipped(candidate.Folder) == folder).ToList() is [var absolute])
            files = absolute; // by the name under which the program knows it
        return new(target, files, files is null ? folders.Select(candidate => candidate.Folder).ToEquatable() : EquatableArray<string>.Empty);
    }

    public static ResolvedModel Resolve(ModelInput input)
    {
        var request = (RequestSpec)input.Target.Model;
        if (input.Files is not { } files)
        {
            string others = input.Others.Count == 0 ? "" : $", which has {string.Join(", ", input.Others.Select(folder => $"'{folder}'"))}";
            return new(input.Target.Type, null, Text.OneLine(request.Folder), Safe([new Problem(Descriptors.ModelFolder, others)]));
        }

        List<Problem> problems = [], notes = [];
        string shipped = FolderNames.Shipped(files.Folder);
        var spec = TransformerParser.Parse(request with { Folder = shipped }, files, problems, notes);
        return problems.Count > 0 || spec is null
            ? Refused(files.Folder, [.. problems])
            : new(input.Target.Type, input.Target with { Model = spec, Asked = shipped == files.Folder ? input.Target.Asked : input.Target.Asked.Replace(request.Folder, shipped) }, files.Folder, EquatableArray<Problem>.Empty) { Notes = Safe(notes) };

        ResolvedModel Refused(string folder, params Problem[] problems) => new(input.Target.Type, null, Text.OneLine(folder), Safe(problems)) { Notes = Safe(notes) };

        // Names come from files and may hold anything. Of a GGUF file they are its own.
        EquatableArray<Problem> Safe(IEnumerable<Problem> problems)
        {
            var words = GgufWords.Of(input.Files);
            return problems.Select(problem => problem with { Message = Text.OneLine(words?.Rename(problem.Message) ?? problem.Message) }).ToEquatable();
        }
    }
}
