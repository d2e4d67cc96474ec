using AttnGen.Generator.Models;
using AttnGen.Generator.Planning;
using AttnGen.Generator.Spec;
using AttnGen.Generator.Templates;
using AttnGen.Runtime;

namespace AttnGen.Tool;

/// <summary>What the generator reads and decides of a folder, without printing any code: for <c>inspect</c>, and what <c>bench</c> counts.</summary>
internal sealed class ModelFacts
{
    private static readonly TypeSpec s_type = new("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "Model", ""), "Model.g.cs");

    private readonly ModelPlan _plan;

    private ModelFacts(TransformerSpec spec, ModelPlan plan)
    {
        Spec = spec;
        _plan = plan;
    }

    public TransformerSpec Spec { get; }

    public long Parameters => _plan.Weights.Parameters;

    public long WeightBytes => _plan.Weights.Bytes;

    public int MaxTokens => _plan.MaxTokens;

    /// <summary>Of its sequences; null: it has none.</summary>
    public SequencesPlan? Sequences => _plan.Sequences;

    /// <summary>Bytes of scratch memory of one caller.</summary>
    public long WorkspaceBytes(int tokens) => ((long)Calls.Capacity(tokens, MaxTokens) * _plan.TokenFloats + _plan.FixedFloats) * 4;

    /// <summary>Resolves a folder as the generator does.</summary>
    /// <returns>The facts, or what is wrong.</returns>
    public static (ModelFacts? Facts, IReadOnlyList<Finding> Findings) Read(ModelDirectory directory, ModelRequest request)
    {
        var resolved = Resolve(directory, request);
        return resolved.Target is { Model: TransformerSpec spec } target
            ? (new ModelFacts(spec, Planner.Plan(target)), [])
            : (null, [.. resolved.Problems.Select(problem => Found(problem, resolved.Folder))]);
    }

    /// <summary>What is only to be told of a folder: keys that nothing reads, in config.json and in the tokenizer's files.</summary>
    public static IReadOnlyList<Finding> Notes(ModelDirectory directory, ModelRequest request)
    {
        var resolved = Resolve(directory, request);
        return
        [
            .. resolved.Notes.Select(note => Found(note, resolved.Folder)),
            .. AttnGen.Tokenizers.TokenizerFiles.UnknownKeys(directory.Path).GroupBy(key => key.File).Select(keys => new Finding(
                "", $"{keys.Key}: {string.Join(", ", keys.Select(key => $"'{key.Key}'"))} {(keys.Count() == 1 ? "is a key that is not known; it has" : "are keys that are not known; they have")} no effect")),
        ];
    }

    /// <summary>Whether a folder says how its model writes a conversation down.</summary>
    public static bool HasChatTemplate(ModelDirectory directory) => FolderTemplates.Read(s_type, Files(directory)) is { Templates.Count: > 0 };

    private static FolderFiles Files(ModelDirectory directory) =>
        new(directory.Name, directory.Texts.Select(text => new FolderFile(text.Name, text.Text)).OrderBy(file => file.Name, StringComparer.Ordinal).ToEquatable());

    private static ResolvedModel Resolve(ModelDirectory directory, ModelRequest request)
    {
        var asked = new RequestSpec(directory.Name, request.MaxTokens, (PoolingKind)(int)request.Pooling, (NormalizeKind)(int)request.Normalize, (TowerKind)(int)request.Tower);
        return ModelResolver.Resolve(new ModelInput(new TargetSpec(s_type, asked, ""), Files(directory), EquatableArray<string>.Empty));
    }

    private static Finding Found(Problem problem, string folder) =>
        new(problem.Descriptor.Id, string.Format(System.Globalization.CultureInfo.InvariantCulture, problem.Descriptor.MessageFormat.ToString(System.Globalization.CultureInfo.InvariantCulture), folder, problem.Message));

    /// <summary>Floating-point operations of one pass through the encoder (a multiplication and an addition are two), norms and activations not counted.</summary>
    public double Operations(int tokens)
    {
        var stack = Spec.Stack;
        double maps = stack.Parts.SelectMany(part => part.Maps).Sum(Map);
        double scores = 0;
        for (var i = 0; i < stack.Layers; i++)
        {
            // Keys outside a window cost nothing; blocks of them that are touched anyway are not counted.
            double window = stack.Varies.Count > 0 && stack.Varies[i].Window > 0 ? Math.Min(tokens, stack.Attention.Score.Causal ? stack.Varies[i].Window : 2 * stack.Varies[i].Window - 1) : tokens;
            scores += 2.0 * tokens * window * stack.Attention.Heads * (stack.Attention.HeadDim + stack.Attention.ValueHeadDim);
        }

        var input = Spec.Input switch
        {
            TokenInputSpec { Project: { } project } => tokens * Map(project),
            ImageInputSpec image => image.PatchRows * image.PatchColumns * Map(image.Patches),
            _ => 0,
        };
        return tokens * stack.Layers * maps + scores + input;
    }

    private static double Map(LinearTensors? map) => map is null ? 0 : 2.0 * map.Inputs * map.Outputs;
}
