using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the norm of each head's query and key.</summary>
internal static class HeadEmitter
{
    public static void HeadNorm(SourceWriter w, HeadNormStep s)
    {
        bool layer = s.Norm.Kind == NormKind.LayerNorm;
        string shift = layer ? "ref shift, " : "";
        w.Line($"/// <summary>Norm of each of {s.Heads} heads' {s.HeadDim} features.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void NormHeads{s.Heads}<TLane>(ref float rows, ref float headRow, ref float gain, ref float shift, int count) where TLane : struct, ILane"))
        {
            using (w.Open("for (int t = 0; t < count; t++)"))
            {
                w.Line($"ref float row = ref Unsafe.Add(ref rows, (nint)t * {s.Rows.Stride});");
                if (s.HeadDim % 16 == 0)
                {
                    w.Line($"TLane.{s.Norm.Kernel.Name}(ref row, {s.HeadDim}, ref row, {s.HeadDim}, ref gain, {shift}{s.Heads}, {ProgramEmitter.Epsilon(s.Norm)});");
                }
                else
                {
                    using (w.Open($"for (int head = 0; head < {s.Heads}; head++)"))
                    {
                        w.Line("// A head that is no multiple of sixteen goes through a padded row.");
                        w.Line($"Rows.Copy(ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, ref headRow, 0, 1, {s.HeadDim});");
                        w.Line($"TLane.{s.Norm.Kernel.Name}(ref headRow, 0, ref headRow, 0, ref gain, {shift}1, {ProgramEmitter.Epsilon(s.Norm)});");
                        w.Line($"Rows.Copy(ref headRow, 0, ref Unsafe.Add(ref row, head * {s.HeadDim}), 0, 1, {s.HeadDim});");
                    }
                }
            }
        }
    }
}
