using AttnGen.Generator.Emission.Kernels;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what a lane offers (the interface) and each lane's kernels.</summary>
internal static class LaneEmitter
{
    public static void Interface(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>What the program asks of a vector width. Each lane below is a struct, so the JIT and the AOT compiler bind every call directly.</summary>");
        using (w.Open("file interface ILane"))
        {
            foreach (var panel in plan.Panels)
            {
                foreach (int columns in Columns(panel))
                    w.Line($"static abstract void Panel{columns}A{panel.Stride}(ref float a, ref float b, nint pair, ref float sums, ref float bias, ref float residual, ref float c, nint ldc, int rows, int k);");
            }

            if (plan.Attention is not null)
            {
                w.Line($"static abstract void Shape({RowKernels.ShapeParameters(plan.Attention)});");
                w.Line("static abstract void Softmax(ref float scores, ref float inverse, int rows, int n, float scale);");
                w.Line("static abstract void WeightedSum(ref float p, ref float v, ref float inverse, ref float c, int rows, int keys);");
            }

            foreach (var norm in plan.Norms)
                w.Line($"static abstract void {norm.Name}(ref float x, nint ldx, ref float y, nint ldy, ref float gain, {(norm.Kind == NormKind.LayerNorm ? "ref float shift, " : "")}int rows);");
            foreach (string activation in plan.Activations)
                w.Line($"static abstract void {activation}(ref float c, nint ldc, int rows, int columns);");
            if (plan.Form == CallForm.Softmax)
                w.Line("static abstract float SoftmaxRow(ref float row, ref float tail, int n);");
        }
    }

    public static void Lane(SourceWriter w, ModelPlan plan, LanePlan lane)
    {
        w.Line($"/// <summary>Kernels for Vector{lane.Bits}: {lane.Width} floats a vector, {lane.Registers} registers.</summary>");
        using (w.Open($"file readonly struct Lane{lane.Bits} : ILane"))
        {
            bool first = true;
            var tiles = new HashSet<string>(StringComparer.Ordinal);
            foreach (var panel in plan.Panels)
            {
                foreach (int columns in Columns(panel))
                {
                    Gap();
                    TileKernel.Panel(w, lane, panel, columns, tiles);
                }
            }

            if (plan.Attention is { } attention)
            {
                Gap();
                RowKernels.Shape(w, lane, attention);
                Gap();
                RowKernels.Softmax(w, lane, attention.ScoreStride);
                Gap();
                TileKernel.WeightedSum(w, lane, attention);
            }

            foreach (var norm in plan.Norms)
            {
                Gap();
                RowKernels.Norm(w, lane, norm);
            }

            foreach (string activation in plan.Activations)
            {
                Gap();
                RowKernels.Activate(w, lane, activation);
            }

            if (plan.Form == CallForm.Softmax)
            {
                Gap();
                RowKernels.SoftmaxRow(w, lane);
            }

            if (plan.Panels.Count > 0)
            {
                Gap();
                ProgramEmitter.Offset(w, "No sums, no bias and no residual stay none.");
            }

            void Gap()
            {
                if (!first)
                    w.Line();
                first = false;
            }
        }
    }

    private static IEnumerable<int> Columns(PanelKernel panel)
    {
        if (panel.Full)
            yield return 32;
        if (panel.Half)
            yield return 16;
    }
}
