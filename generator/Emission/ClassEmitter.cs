using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the user's class: what it is and says of itself, Load, its methods, sessions. Everything is named with global::, because the user's namespace may hold anything.</summary>
internal static class ClassEmitter
{
    private const string Root = "global::AttnGen.";
    private const string Rt = "global::AttnGen.Runtime.";

    public static void Write(SourceWriter w, ModelPlan plan) => Inside(w, plan.Type, () => Class(w, plan));

    /// <summary>Prints what is around the class: its namespace and the types that contain it.</summary>
    public static void Inside(SourceWriter w, TypeSpec type, Action content)
    {
        var opened = new Stack<SourceWriter.Block>();
        if (type.Namespace.Length > 0)
            opened.Push(w.Open("namespace " + type.Namespace));
        foreach (var container in type.Containers)
            opened.Push(w.Open($"partial {container.Keyword} {container.Name}{container.TypeParameters}"));
        content();
        while (opened.Count > 0)
            opened.Pop().Dispose();
    }

    /// <summary>The interfaces of a whole model with these methods.</summary>
    public static string Bases(string name, IEnumerable<Signature> calls) =>
        string.Join(", ", calls.Where(call => call.Interface.Length > 0).Select(call => Root + call.Interface).Prepend($"{Root}ITransformerModel<{name}>"));

    private static void Class(SourceWriter w, ModelPlan plan)
    {
        w.Line($"/// <summary>{Text.Xml(plan.Summary)}.</summary>");
        string bases = plan.Model is not null ? " : " + Bases(plan.Type.Reference, plan.Methods.Select(method => method.Signature).Concat(plan.Sequences?.Signatures ?? []))
            : plan.Sessions == SessionKind.None ? "" : " : global::System.IDisposable";
        w.Line(FileHead.GeneratedCode);
        using (w.Open($"partial {plan.Type.Self.Keyword} {plan.Type.Self.Name}{bases}"))
        {
            foreach (var c in plan.Constants)
            {
                w.Line($"/// <summary>{c.Summary}</summary>");
                w.Line($"public const int {c.Name} = {c.Value};");
                w.Line();
            }

            w.Line("/// <summary>What was asked and what was decided: sizes, tiles, buffers, bytes and steps.</summary>");
            w.Line("public const string GeneratedPlan =");
            w.Raw(PlanText.Describe(plan));
            w.Line();
            if (plan.Sessions == SessionKind.None)
            {
                foreach (var method in plan.Methods)
                    MethodEmitter.Static(w, plan, method);
                return;
            }

            Memory(w, plan);
            if (plan.Model is { } model)
                Describe(w, model);
            LoadEmitter.Write(w, plan);
            SessionEmitter.Create(w, plan);
            foreach (var method in plan.Methods)
                MethodEmitter.Borrowed(w, plan, method);
            if (plan.Sequences is { } sequences)
                SequenceEmitter.Write(w, plan, sequences);
            SessionEmitter.Rent(w, plan);
            SessionEmitter.Dispose(w, plan);
            SessionEmitter.Session(w, plan);
        }
    }

    /// <summary>The facts of its memory, and its fields.</summary>
    private static void Memory(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>Number of trained parameters.</summary>");
        w.Line($"public const long ParameterCount = {plan.Weights.Parameters};");
        w.Line();
        w.Line("/// <summary>Bytes of the packed weights, shared by all sessions.</summary>");
        w.Line($"public const long WeightBytes = {plan.Weights.Bytes};");
        w.Line();
        if (plan.MaxTokens > 0)
        {
            w.Line($"/// <summary>Bytes of a session's arena, the only scratch memory there is: {plan.TokenFloats * 4L} for each token, rounded up to a multiple of 32 tokens{(plan.FixedFloats > 0 ? $", and {plan.FixedFloats * 4L} more" : "")}.</summary>");
            w.Line("/// <param name=\"maxTokens\">The longest sequence of the session, 1 to <see cref=\"MaxTokens\"/>.</param>");
            w.Line($"public static long {Signatures.WorkspaceBytes.Declaration} => ({Rt}Calls.Capacity(maxTokens, MaxTokens) * {plan.TokenFloats}L{(plan.FixedFloats > 0 ? $" + {plan.FixedFloats}L" : "")}) * 4L;");
            w.Line();
        }

        w.Line($"private readonly {Rt}AlignedBlock _weights;");
        w.Line($"private readonly {Rt}SessionPool<Session> _sessions = new();");
        if (plan.Sequences is not null)
            w.Line("private readonly Decoder _decoder;");
        w.Line();
    }

    private static void Describe(SourceWriter w, WholeModelPlan model)
    {
        w.Line("/// <summary>The model's description.</summary>");
        w.Line($"public {Root}ModelInfo Info => Description;");
        w.Line();
        w.Line("/// <summary>The model's description, without loading it.</summary>");
        using (w.Open($"public static {Root}ModelInfo Description {{ get; }} = new {Root}ModelInfo", "};"))
        {
            foreach (var fact in model.Facts)
                w.Line($"{fact.Name} = {fact.Value},");
        }

        w.Line();
    }
}
