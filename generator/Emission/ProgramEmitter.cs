using AttnGen.Generator.Emission.Kernels;
using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the programs: the paper's steps in order, written once for all lanes, with the kernels behind TLane.</summary>
internal static class ProgramEmitter
{
    public static void Write(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>The steps, in the order of the paper. Row-major everywhere; T queries, S keys.</summary>");
        using (w.Open("file static class Program"))
        {
            foreach (var program in plan.Programs)
            {
                Dispatch(w, plan, program);
                Program(w, plan, program);
            }

            foreach (var step in plan.Programs.SelectMany(program => program.Steps))
            {
                if (step is EmbedTokensStep or PatchesStep or AnglesStep)
                {
                    InputEmitter.Write(w, step);
                    w.Line();
                }
            }
        }

        foreach (var heads in plan.Heads)
        {
            w.Line();
            Heads(w, heads);
        }
    }

    /// <summary>The program compiled for the lane that runs here.</summary>
    private static void Dispatch(SourceWriter w, ModelPlan plan, ProgramPlan program)
    {
        bool held = plan.Sessions != SessionKind.None;
        string memory = held ? "in SessionMemory.Hold hold, " : "", given = held ? "ref hold.Weights, ref hold.Arena, hold.Capacity, " : "";
        string arguments = string.Join(", ", program.Inputs.Select(input => (input.Type.StartsWith("ref ", StringComparison.Ordinal) ? "ref " : "") + input.Name));
        w.Line("/// <summary>On the widest vectors of this processor.</summary>");
        using (w.Open($"internal static void {program.Name}({memory}{Parameters(program)})"))
        {
            using (w.Open("switch (SimdLane.Bits)"))
            {
                foreach (var lane in LaneTable.Lanes)
                    w.Line($"{(lane.Bits == 128 ? "default" : "case " + lane.Bits)}: {program.Name}<Lane{lane.Bits}>({given}{arguments}); break;");
            }
        }

        w.Line();
    }

    private static string Parameters(ProgramPlan program) => string.Join(", ", program.Inputs.Select(input => $"{input.Type} {input.Name}"));

    private static void Program(SourceWriter w, ModelPlan plan, ProgramPlan program)
    {
        bool held = plan.Sessions != SessionKind.None;
        w.Line($"/// <summary>{program.Summary}.{(held ? " Capacity is the number of tokens that the arena has room for." : "")}</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {program.Name}<TLane>({(held ? "ref float weights, ref float arena, int capacity, " : "")}{Parameters(program)}) where TLane : struct, ILane"))
        {
            var used = new HashSet<BufferPlan>(program.Buffers);
            if (used.Count > 0)
            {
                w.Line("// The session's arena.");
                foreach (var buffer in plan.Buffers.Where(buffer => !buffer.IsCache && used.Contains(buffer)))
                    w.Line($"ref float {buffer.Name} = {Place(buffer)}; // {buffer.Shape}");
                w.Line();
            }

            var weights = new HashSet<WeightPlan>(program.Weights);
            var shared = plan.Weights.Items.Where(weight => !weight.PerLayer && weights.Contains(weight)).ToList();
            if (shared.Count > 0)
            {
                w.Line(program.Body.Any(node => node is Loop) ? "// Weights that belong to no layer." : "// The weights.");
                foreach (var weight in shared)
                    w.Line($"ref float {weight.Name} = {At("weights", weight.Offset)}; // {weight.Shape}");
                w.Line();
            }

            foreach (var node in program.Body)
            {
                if (node is Loop loop)
                    Layers(w, plan, loop);
                else
                    StepEmitter.Print(w, (Step)node, inLoop: false);
            }
        }

        w.Line();
    }

    private static void Layers(SourceWriter w, ModelPlan plan, Loop loop)
    {
        using (w.Open($"for (int layer = 0; layer < {loop.Layers}; layer++)"))
        {
            if (loop.Varies.Count > 0)
            {
                w.Line("// What differs from layer to layer.");
                foreach (var table in loop.Varies)
                    w.Line($"{table.Type} {table.Name} = ((global::System.ReadOnlySpan<{table.Type}>)[{string.Join(", ", table.Values)}])[layer]; // {table.Meaning}");
                w.Line();
            }

            var used = new HashSet<WeightPlan>(loop.Body.SelectMany(step => step.Weights));
            var own = plan.Weights.Items.Where(weight => weight.PerLayer && used.Contains(weight)).ToList();
            if (own.Count > 0)
            {
                w.Line("// This layer's weights.");
                var (first, bytes, layers) = plan.Weights.Of(loop.Stack);
                string set = layers == 1 ? "" : $" + (nint){(loop.Sets is null ? "layer" : LayerTable.SetName)} * {Text.Offset(bytes)}";
                w.Line($"ref float own = ref Unsafe.AddByteOffset(ref weights, {Text.Offset(first)}{set});");
                foreach (var weight in own)
                    w.Line($"ref float {weight.Name} = {At("own", weight.Offset)}; // {weight.Shape}");
                w.Line();
            }

            foreach (var step in loop.Body)
                StepEmitter.Print(w, step, inLoop: true);
        }

        w.Line();
    }

    private static string Place(BufferPlan b) => (b.TokenOffset, b.FixedOffset) switch
    {
        (0, 0) => "ref arena",
        (0, _) => $"ref Unsafe.Add(ref arena, {b.FixedOffset})",
        (_, 0) => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset})",
        _ => $"ref Unsafe.Add(ref arena, (nint)capacity * {b.TokenOffset} + {b.FixedOffset})",
    };

    private static string At(string block, long bytes) => bytes == 0 ? "ref " + block : $"ref Unsafe.AddByteOffset(ref {block}, {Text.Offset(bytes)})";

    /// <summary>What attention is compiled for, as the type argument of the kernels.</summary>
    private static void Heads(SourceWriter w, HeadsPlan a)
    {
        w.Line($"/// <summary>{a.Count} heads of {a.KeyDim}{(a.KvCount == a.Count ? "" : $", {a.KvCount} of keys and values")}{(a.ValueDim == a.KeyDim ? "" : $", values of {a.ValueDim}")}.</summary>");
        using (w.Open($"file readonly struct {a.Name} : IHeads"))
        {
            foreach (var constant in AttentionKernels.Constants)
                w.Line($"public static {constant.Type} {constant.Name} => {constant.Value(a)};");
            w.Line();
            w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveInlining)]");
            w.Line("public static void WeightedSum<TLane>(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys) where TLane : struct, ILane =>");
            w.Line($"    TLane.WeightedSum{a.ValueDim}<A{a.ScoreStride}, A{a.ValueStride}, A{a.ContextStride}>(ref p, ref v, ref inverse, ref c, rows, keys);");
        }
    }
}
