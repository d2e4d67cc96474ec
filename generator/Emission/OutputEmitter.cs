using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what is computed of the last hidden states: the pooler, the head.</summary>
internal static class OutputEmitter
{
    public static void Method(SourceWriter w, ModelPlan plan, MethodPlan method)
    {
        w.Line($"/// <summary>y{method.Shape} of the hidden states [T, {plan.OutputWidth}] that Forward left in the arena.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"internal static void {method.Name}<TLane>(ref float weights, ref float arena, int capacity, ref float y, int T, in AttentionMask mask) where TLane : struct, ILane"))
        {
            foreach (var buffer in method.Buffers)
                w.Line($"ref float {buffer.Name} = {ProgramEmitter.Place(buffer)}; // {buffer.Shape}");
            foreach (var weight in method.Weights)
                w.Line($"ref float {weight.Name} = {ProgramEmitter.At("weights", weight.Offset)}; // {weight.Shape}");
            w.Line();
            foreach (var step in method.Steps)
                ProgramEmitter.Print(w, plan, step);
        }
    }

    public static void Step(SourceWriter w, OutputStep s)
    {
        var p = s.Project;
        string count = p.Count;
        bool blocks = p.N > s.Block;
        using (blocks ? w.Open($"for (int column = 0; column < {p.N}; column += {s.Block})") : default)
        {
            string n = Text.Of(p.N), at = "";
            if (blocks)
            {
                w.Line($"int columns = Math.Min({s.Block}, {p.N} - column);");
                n = "columns";
                at = "column";
            }

            string weight = blocks ? $"ref Unsafe.Add(ref {p.Weight.Name}, (nint)column * {p.K})" : "ref " + p.Weight.Name;
            string bias = p.Bias is null ? ProgramEmitter.Null : blocks ? $"ref Unsafe.Add(ref {p.Bias.Name}, {at})" : "ref " + p.Bias.Name;
            w.Line($"{ProgramEmitter.Run(p)}(ref {p.From.Name}, {weight}, {bias}, ref {p.To.Name}, ldc: {p.To.Stride}, add: false, sums: ref {p.To.Name}, rows: {count}, k: {p.K}, n: {n}, {ProgramEmitter.Blocks(p)});");
            if (s.Average)
            {
                w.Line($"for (int i = 0; i < {n}; i++)");
                w.Line($"    Unsafe.Add(ref y, {(blocks ? "column + i" : "i")}) = (Unsafe.Add(ref y, {(blocks ? "column + i" : "i")}) + Unsafe.Add(ref {p.To.Name}, i)) * 0.5f;");
            }
            else
            {
                w.Line($"Rows.Copy(ref {p.To.Name}, {p.To.Stride}, {(blocks ? "ref Unsafe.Add(ref y, column)" : "ref y")}, {p.N}, {count}, {n});");
            }
        }
    }
}
