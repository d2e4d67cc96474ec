using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints what comes before the layers of a whole model: token ids to vectors, an image to patches.</summary>
internal static class InputEmitter
{
    public static void Write(SourceWriter w, Step step)
    {
        if (step is EmbedTokensStep tokens)
            EmbedTokens(w, tokens);
        else if (step is PatchesStep patches)
            Patches(w, patches);
        else if (step is AnglesStep angles)
            Angles(w, angles);
    }

    private static void EmbedTokens(SourceWriter w, EmbedTokensStep s)
    {
        bool panels = s.Words.Layout == WeightLayout.Panels;
        bool goesOn = s is { GoesOn: true, Places: not null }; // rows stand where their sequences are
        int stride = s.To.Stride;
        string parameters = $"ref float to, ref float words{(s.Positions is null ? "" : ", ref float positions")}{(s.Types is null ? "" : ", ref float types")}, global::System.ReadOnlySpan<int> tokenIds{(s.Types is null ? "" : ", global::System.ReadOnlySpan<int> tokenTypes")}{(goesOn ? ", global::System.ReadOnlySpan<global::AttnGen.Runtime.CacheSlice> sequences" : "")}";
        w.Line($"/// <summary>to[T, {s.Width}] = words[id]{(s.Scale == 1 ? "" : "·" + Text.Of(s.Scale))}{(s.Types is null ? "" : " + types[segment]")}{(s.Positions is null ? "" : " + positions[place]")}. The ids have been checked{(panels ? "; words lie in panels of 16, because they are also the last map's weights" : "")}.</summary>");
        w.Line("[MethodImplAttribute(MethodImplOptions.AggressiveOptimization)]");
        using (w.Open($"private static void {s.Method}({parameters})"))
        {
            if (s.Places is { PadId: { } pad } places)
                w.Line($"int next = {places.First}; // positions count the tokens that are not padding ({pad})");
            using (goesOn ? w.Open("foreach (ref readonly global::AttnGen.Runtime.CacheSlice sequence in sequences)") : default)
            using (w.Open(goesOn ? "for (int t = sequence.Row; t < sequence.Row + sequence.Rows; t++)" : "for (int t = 0; t < tokenIds.Length; t++)"))
            {
                w.Line($"int id = (int)Math.Min((uint)tokenIds[t], {s.Words.Rows - 1}u); // was checked; another thread may have written since");
                w.Line($"ref float row = ref Unsafe.Add(ref to, (nint)t * {stride});");
                w.Line(panels
                    ? $"ref float word = ref Unsafe.Add(ref words, (nint)(id >> 4) * {Blocking.Panel * s.Width} + (id & 15));"
                    : $"ref float word = ref Unsafe.Add(ref words, (nint)id * {stride});");
                if (s.Places is { } rule)
                    w.Line($"ref float position = ref Unsafe.Add(ref positions, (nint){(rule.PadId is { } id ? $"(id == {id} ? {id} : next++)" : goesOn ? $"({(rule.First == 0 ? "" : rule.First + " + ")}sequence.Position + t - sequence.Row)" : rule.First == 0 ? "t" : $"({rule.First} + t)")} * {stride});");
                if (s.Types is not null)
                    w.Line($"ref float type = ref Unsafe.Add(ref types, tokenTypes.IsEmpty ? 0 : (nint)Math.Min((uint)tokenTypes[t], {s.Types.Rows - 1}u) * {stride});");
                string scaled = s.Scale == 1 ? "" : " * " + Text.Float(s.Scale);
                string sum = (s.Types is null ? "" : " + Vector256.LoadUnsafe(ref Unsafe.Add(ref type, i))") + (s.Positions is null ? "" : " + Vector256.LoadUnsafe(ref Unsafe.Add(ref position, i))");
                if (panels)
                {
                    w.Line($"for (int i = 0; i < {s.Width}; i++)");
                    w.Line($"    Unsafe.Add(ref row, i) = Unsafe.Add(ref word, i * 16){scaled};");
                    if (sum.Length > 0)
                    {
                        w.Line($"for (nint i = 0; i < {stride}; i += 8)");
                        w.Line($"    (Vector256.LoadUnsafe(ref Unsafe.Add(ref row, i)){sum}).StoreUnsafe(ref Unsafe.Add(ref row, i));");
                    }
                }
                else
                {
                    w.Line($"for (nint i = 0; i < {stride}; i += 8)");
                    w.Line($"    (Vector256.LoadUnsafe(ref Unsafe.Add(ref word, i)){scaled}{sum}).StoreUnsafe(ref Unsafe.Add(ref row, i));");
                }
            }
        }
    }

    private static void Angles(SourceWriter w, AnglesStep s)
    {
        w.Line($"/// <summary>to[T, {s.To.Stride}]: of each kind of rotation cos, padded to {s.Half} floats, then sin with the sign of its place, at each row's position.</summary>");
        using (w.Open("private static void Angles(ref float to, global::System.ReadOnlySpan<global::AttnGen.Runtime.CacheSlice> sequences)"))
        {
            for (int i = 0; i < s.Kinds.Count; i++)
            {
                var kind = s.Kinds[i];
                w.Line($"global::AttnGen.Runtime.PositionTables.Angles(ref {(i == 0 ? "to" : $"Unsafe.Add(ref to, {i * 2 * s.Half})")}, {s.To.Stride}, {s.Half}, {(s.Interleaved ? "true" : "false")}, sequences, {Text.Of(kind.Factor)}, [{string.Join(", ", kind.Frequencies.Select(Text.Of))}]);");
            }
        }
    }

    private static void Patches(SourceWriter w, PatchesStep s)
    {
        var image = s.Image;
        w.Line($"/// <summary>The image [{image.Channels}, {image.Height}, {image.Width}] as rows [{image.PatchRows}·{image.PatchColumns}, {image.Channels}·{image.PatchHeight}·{image.PatchWidth}]: one row a patch, in the order of the convolution's weights.</summary>");
        using (w.Open("private static void Patches(ref float pixels, ref float to)"))
        {
            w.Line($"for (int y = 0; y < {image.PatchRows}; y++)");
            w.Line($"for (int x = 0; x < {image.PatchColumns}; x++)");
            w.Line($"for (int channel = 0; channel < {image.Channels}; channel++)");
            using (w.Open($"for (int line = 0; line < {image.PatchHeight}; line++)"))
            {
                w.Line($"ref float from = ref Unsafe.Add(ref pixels, ((nint)channel * {image.Height} + y * {image.PatchHeight} + line) * {image.Width} + x * {image.PatchWidth});");
                w.Line($"ref float row = ref Unsafe.Add(ref to, ((nint)y * {image.PatchColumns} + x) * {s.To.Stride} + (channel * {image.PatchHeight} + line) * {image.PatchWidth});");
                w.Line($"MemoryMarshal.CreateReadOnlySpan(ref from, {image.PatchWidth}).CopyTo(MemoryMarshal.CreateSpan(ref row, {image.PatchWidth}));");
            }
        }
    }
}
