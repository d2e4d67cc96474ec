using System.Globalization;
using System.Text;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>The header of a generated file: what was asked, and what was decided.</summary>
internal static class PlanText
{
    public static string Describe(ModelPlan plan)
    {
        var text = new StringBuilder();
        Line($"{plan.Type.DisplayName}: {plan.Summary}");
        Line("");
        Line("Asked");
        Line($"  {plan.Asked}");
        Line("");
        if (plan.Model is { } model)
        {
            Line("Read in the folder");
            foreach (string line in model.Read)
                Line("  " + line);
            Line("");
        }

        Line("Decided");
        Line($"  Sizes: {string.Join(", ", plan.Constants.Select(c => $"{c.Name} = {N(c.Value)}"))}");
        if (plan.Scores.Length > 0)
            Line($"  Scores: {plan.Scores}");
        Line($"  Numbers: float32; every output sums over k in order, one fused multiply-add a step, the bias last; reductions have sixteen virtual lanes and one tree: the same bits on every lane.");
        if (plan.Kernels.Any(kernel => kernel is ProductKernel))
            Line($"  Code: the largest method is a register tile, about {N(plan.LargestIl)} bytes of IL, of {N(CodeSize.Budget)} that a method may have");
        foreach (var lane in LaneTable.Lanes)
            Line($"  Vector{lane.Bits}: tiles of {string.Join(", ", lane.Tiles.Select(t => $"{t.Rows}×{t.Vectors * lane.Width}"))} (rows × columns)");
        var weights = plan.Weights;
        if (weights.Parameters > 0)
            Line($"  Weights: {N(weights.Parameters)} parameters, packed into {N(weights.Bytes)} bytes{(weights.StoredLayers > 1 ? $" ({N(weights.LayerBytes)} a layer)" : "")}");
        foreach (var weight in weights.Items.Where(x => x.Layout is WeightLayout.Panels))
            Line($"    {weight.Name} [{weight.Rows}, {weight.Columns}] in panels {weight.Shape}");
        if (plan.Buffers.Count > 0)
        {
            Line($"  Arena of a session: {N(plan.TokenFloats * 4L)} bytes a token (tokens rounded up to a multiple of 32){(plan.FixedFloats > 0 ? $" and {N(plan.FixedFloats * 4L)} more" : "")}");
            foreach (var b in plan.Buffers)
                Line($"    {b.Name} {b.Shape}: {(b.PerToken > 0 ? N(b.PerToken * 4L) + " bytes a token" : "")}{(b.PerToken > 0 && b.Fixed > 0 ? " + " : "")}{(b.Fixed > 0 ? N(b.Fixed * 4L) + " bytes" : "")}");
        }

        Line($"  Kernels: {string.Join(", ", plan.Kernels.Select(kernel => kernel.Name))} of {Kernels.KernelFile.HintName}");
        Line("");
        Line("Steps");
        int i = 1;
        foreach (var program in plan.Programs)
        {
            string of = program == plan.Programs[0] ? "" : program.Name + ": ";
            foreach (var node in program.Body)
            {
                foreach (var step in node.Steps)
                    Line($"  {i++}. {of}{(node is Loop ? "each layer: " : "")}{step.Title}");
            }
        }

        return text.ToString().TrimEnd('\n');

        // Names and labels come from files and may hold anything; what the compiler takes for a line's end must not get into a comment.
        void Line(string s) => text.Append(Text.OneLine(s)).Append('\n');
    }

    private static string N(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
