using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the public methods: what a caller reads of them, the checks of their arguments, and what they do.</summary>
internal static class MethodEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    /// <summary>A method of the class itself: on a session of the pool.</summary>
    public static void Borrowed(SourceWriter w, ModelPlan plan, MethodPlan method)
    {
        Documentation(w, method, $"Borrows a session from the model's pool: no allocation once there is one for each thread{(plan.Model is null ? "" : " that is large enough")}.");
        using (w.Open($"public void {method.Signature.Declaration}"))
        {
            w.Line($"using {Rt}SessionLease<Session> lease = Rent({(SessionEmitter.Grows(plan) ? "tokenIds.Length" : "")});");
            w.Line($"lease.Session.{method.Signature.Call};");
        }

        w.Line();
    }

    /// <summary>A method of a session.</summary>
    public static void OfSession(SourceWriter w, ModelPlan plan, MethodPlan method)
    {
        Documentation(w, method, "Allocates nothing.");
        w.Line("/// <exception cref=\"global::System.InvalidOperationException\">Another thread is inside this session.</exception>");
        using (w.Open($"public void {method.Signature.Declaration}"))
        {
            foreach (var check in method.Checks)
                Print(w, plan, check);
            foreach (var local in method.Defaults)
                w.Line($"{local.Type} {local.Name} = {local.Default};");
            w.Line($"using {Rt}SessionMemory.Hold hold = _memory.Enter();");
            if (method.MayBeEmpty)
            {
                w.Line("if (rows == 0)");
                w.Line("    return;");
            }

            foreach (var act in method.Acts)
                Print(w, plan, act);
        }

        w.Line();
    }

    /// <summary>A static method, which needs neither weights nor an arena.</summary>
    public static void Static(SourceWriter w, ModelPlan plan, MethodPlan method)
    {
        w.Line($"/// <summary>{method.Summary}</summary>");
        foreach (var doc in method.Docs)
            w.Line($"/// <param name=\"{doc.Name}\">{doc.Text}</param>");
        w.Line("/// <exception cref=\"global::System.ArgumentException\">A length does not fit the shape.</exception>");
        using (w.Open($"public static void {method.Signature.Declaration}"))
        {
            foreach (var check in method.Checks)
                Print(w, plan, check);
            foreach (var act in method.Acts)
                Print(w, plan, act);
        }
    }

    private static void Documentation(SourceWriter w, MethodPlan method, string remark)
    {
        w.Line($"/// <summary>{method.Summary} {remark}</summary>");
        foreach (var doc in method.Docs)
            w.Line($"/// <param name=\"{doc.Name}\">{doc.Text}</param>");
        w.Line($"/// <exception cref=\"global::System.ArgumentException\">{(method.Checks.Any(check => check is TokensCheck) ? "A length, id or segment does not fit" : "A length does not fit the shape")}; the message names value, limit and fix.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model or session has been disposed.</exception>");
    }

    // ---- checks ----

    private static void Print(SourceWriter w, ModelPlan plan, Check check)
    {
        switch (check)
        {
            case RowsCheck c:
                w.Line($"int {c.Variable} = {Rt}Check.Rows({c.Span}.Length, {c.Width}, {(plan.MaxTokens > 0 ? "MaxTokens" : "int.MaxValue")}, \"{c.Span}\");");
                break;
            case LengthCheck c:
                w.Line($"{Rt}Check.Length({c.Span}.Length, {(c.Rows is null ? Text.Of(c.Width) : $"(long){c.Rows} * {c.Width}")}, \"{c.Span}\", \"{c.Shape}\");");
                break;
            case TokensCheck c:
                w.Line($"{Rt}Check.Tokens(tokenIds, {(c.HasTypes ? "tokenTypes" : "default")}, MaxTokens, {c.Vocabulary}, {c.Types});");
                w.Line("int rows = tokenIds.Length;");
                break;
            case PixelsCheck c:
                w.Line($"{Rt}Check.Length(pixels.Length, {(long)c.Channels * c.Height * c.Width}, \"pixels\", \"[{c.Channels}, {c.Height}, {c.Width}]\");");
                w.Line($"const int rows = {c.Tokens};");
                break;
            case SoundCheck c:
                w.Line($"{Rt}Check.Length(inputFeatures.Length, {(long)c.Bins * c.Frames}, \"inputFeatures\", \"[{c.Bins}, {c.Frames}]\");");
                w.Line($"const int rows = {c.Tokens};");
                break;
            case MaskCheck c:
                string positions = c.Positions is { } range ? $"{(range.Lowest == int.MinValue ? "int.MinValue" : Text.Of(range.Lowest))}, {range.End}{(range.Blind is { } blind ? ", " + Text.Of(blind) : "")}" : "int.MinValue, long.MaxValue";
                w.Line($"{Rt}Check.Mask(mask, rows, {c.Keys}, {c.Heads}, {positions});");
                break;
            case ModelMaskCheck c:
                w.Line($"{Rt}Check.ModelMask(mask, rows, {c.Heads}, {(c.KeysOnly ? "true" : "false")});");
                break;
            case TraceCheck c:
                string keys = c.Appended == 0 ? c.Keys : $"({c.Keys} + {c.Appended})", s = c.Keys == "rows" ? "T" : "S", appended = c.Appended == 0 ? "" : $" + {c.Appended}";
                int layers = Math.Max(1, c.Layers);
                w.Line($"{Rt}Traces.Choice(trace, {layers}, {c.Heads});");
                w.Line($"{Rt}Check.OptionalLength(trace.AttentionWeights.Length, {Rt}Traces.Count(trace.Layers, {layers}) * {Rt}Traces.Count(trace.Heads, {c.Heads}) * rows * {keys}, \"trace.AttentionWeights\", \"[{(c.IsStack ? "L, " : "")}H, T, {s}{appended}]\");");
                if (c.HiddenWidth is { } width)
                {
                    w.Line($"{Rt}Check.OptionalLength(trace.HiddenStates.Length, {Rt}Traces.Count(trace.States, {c.Layers + 1}) * rows * {width}, \"trace.HiddenStates\", \"[L + 1, T, {width}]\");");
                }
                else
                {
                    w.Line("if (!trace.HiddenStates.IsEmpty)");
                    w.Line($"    {Rt}Calls.NoHiddenStates();");
                }

                w.Line($"{Rt}Check.Trace(trace, {(c.HasMask ? "mask" : "default")}, {c.Result}, \"{c.Result}\");");
                foreach (string input in c.Inputs)
                    w.Line($"{Rt}Check.TraceInput(trace, {input}, \"{input}\");");
                break;
            case OverlapCheck c:
                w.Line($"{Rt}Check.{(c.Rule == OverlapRule.Apart ? "NoOverlap" : "NoPartialOverlap")}(x, y);");
                break;
            default:
                throw new NotSupportedException(check.GetType().Name); // A check that prints nothing would let anything pass.
        }
    }

    // ---- acts ----

    private static void Print(SourceWriter w, ModelPlan plan, Act act)
    {
        switch (act)
        {
            case OwnCacheAct a:
                var cache = a.Cache.Buffer!;
                w.Line($"{Rt}CacheSlice own = new({Arena(a.Cache)}, ref hold.At({cache.TokenOffset + cache.PerToken}, {cache.FixedOffset}), 0, hold.Capacity, 0, 0, rows);");
                w.Line($"global::System.ReadOnlySpan<{Rt}CacheSlice> sequences = new(in own);");
                break;
            case CopyInAct a:
                w.Line($"{a.From}.CopyTo({a.To});");
                break;
            case RunAct a:
                Run(w, plan, a.Program, a.Arguments, "rows");
                break;
            case RunBlocksAct a:
                w.Line("// Rows are independent: long inputs go through in blocks that fit the arena.");
                using (w.Open("for (int done = 0; done < rows; done += hold.Capacity)"))
                    Run(w, plan, a.Program, [$"x.Slice(done * {a.InputWidth})", $"y.Slice(done * {a.OutputWidth})", "rows"], "global::System.Math.Min(hold.Capacity, rows - done)");
                break;
            case HandOutAct a:
                w.Line($"{Rt}Pools.Copy({Arena(a.From)}, {a.From.Stride}, {a.Width}, rows, {a.Result});");
                break;
            case RoomAct a:
                w.Line($"global::System.Span<float> {a.Name} = global::System.Runtime.InteropServices.MemoryMarshal.CreateSpan({Arena(a.Room)}, {a.Length});");
                break;
            case PoolAct a:
                w.Line($"{Rt}Pools.{a.Mode}({Arena(a.From)}, {a.From.Stride}, {a.Width}, rows, mask, {a.Result}{(a.IsWhole ? "" : $".Slice({a.First}, {a.Width})")});");
                break;
            case NormalizeAct a:
                w.Line($"{Rt}Pools.Normalize({a.Result});");
                break;
            default:
                throw new NotSupportedException(act.GetType().Name);
        }
    }

    private static void Run(SourceWriter w, ModelPlan plan, string name, IEnumerable<string> given, string rows)
    {
        var program = plan.Programs.First(program => program.Name == name);
        var arguments = program.Inputs.Zip(given, (input, argument) =>
            input.Type == "ref float" ? $"ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference({argument})" : argument == "rows" ? rows : argument);
        string memory = plan.Sessions == SessionKind.None ? "" : "hold, ";
        w.Line($"global::{FileHead.Namespace}.Program.{program.Name}({memory}{string.Join(", ", arguments)});");
    }

    private static string Arena(Operand rows)
    {
        var buffer = rows.Buffer!;
        return buffer is { TokenOffset: 0, FixedOffset: 0 } ? "ref hold.Arena" : $"ref hold.At({buffer.TokenOffset}, {buffer.FixedOffset})";
    }
}
