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
        if (plan.Model?.Spec is { } model)
            Read(model);
        Line("Decided");
        Line($"  Sizes: {string.Join(", ", plan.Constants.Select(c => $"{c.Name} = {N(c.Value)}"))}");
        if (plan.Attention is { Score: var score })
            Line($"  Scores: scale = {Text.Float(score.Scale)}{(score.Softcap > 0 ? $", softcap = {Text.Of(score.Softcap)}" : "")}{(score.RotaryDim > 0 && score.Position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved ? $", {score.Position} on {score.RotaryDim} features, theta = {Text.Of(score.RopeTheta)}" : "")}{(score.Position == PositionKind.Alibi ? ", ALiBi" : "")}{(score.Causal ? ", causal" : "")}{(score.Window > 0 ? $", window {score.Window}" : "")}");
        Line($"  Numbers: float32; every output sums over k in order, one fused multiply-add a step, the bias last; reductions have sixteen virtual lanes and one tree: the same bits on every lane.");
        if (plan.Kernels.Any(kernel => kernel is ProductKernel))
            Line($"  Code: the largest method is a register tile, about {N(plan.LargestIl)} bytes of IL, of {N(CodeSize.Budget)} that a method may have");
        foreach (var lane in LaneTable.Lanes)
            Line($"  Vector{lane.Bits}: tiles of {string.Join(", ", lane.Tiles.Select(t => $"{t.Rows}×{t.Vectors * lane.Width}"))} (rows × columns)");
        if (plan.Parameters > 0)
            Line($"  Weights: {N(plan.Parameters)} parameters, packed into {N(plan.WeightFloats * 4)} bytes{(plan.Layers > 1 ? $" ({N(plan.LayerFloats * 4)} a layer)" : "")}");
        foreach (var weight in plan.Weights.Items.Where(x => x.Form is WeightForm.Panels))
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
        foreach (var step in plan.Before)
            Line($"  {i++}. {step.Title}");
        foreach (var step in plan.Layer)
            Line($"  {i++}. {(plan.Layers > 1 ? "each layer: " : "")}{step.Title}");
        foreach (var step in plan.After)
            Line($"  {i++}. {step.Title}");
        foreach (var method in plan.Model?.Methods ?? EquatableArray<MethodPlan>.Empty)
        {
            foreach (var step in method.Steps)
                Line($"  {i++}. {method.Name}: {step.Title}");
        }

        return text.ToString().TrimEnd('\n');

        void Read(TransformerSpec model)
        {
            var about = model.About;
            Line("Read in the folder");
            Line($"  config.json: model_type {about.ModelType}{(about.Architecture.Length > 0 ? $", {about.Architecture}" : "")}");
            Line($"  Weights: {string.Join(", ", about.Files)}{(about.DataTypes.Length > 0 ? $" ({about.DataTypes})" : "")}; {(about.ManifestHash.Length > 0 ? $"names, types and shapes have the hash {about.ManifestHash}" : "not seen, so names and shapes are checked when they are loaded")}");
            if (about.Unused.Count > 0)
                Line($"  Not used: {string.Join(", ", about.Unused.Take(12))}{(about.Unused.Count > 12 ? $" and {about.Unused.Count - 12} more" : "")}");
            if (model.Embed is { } embed)
                Line($"  Embed: {string.Join(" and ", embed.Modes)}{(embed.Normalize ? ", scaled to length 1" : "")}");
            if (model.Head is not null)
                Line($"  Logits: {about.Task}{(about.Labels.Count > 0 ? $" ({string.Join(", ", about.Labels.Take(12))}{(about.Labels.Count > 12 ? ", …" : "")})" : "")}");
            Line("");
        }

        // Names and labels come from files and may hold anything; what the compiler takes for a line's end must not get into a comment.
        void Line(string s) => text.Append(Text.OneLine(s)).Append('\n');
    }

    private static string N(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
