using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>
/// Prints what every class with weights has, whatever it computes: the facts of its memory, the pool of sessions, the session with its arena, and
/// the frame of a call (borrow a session; hold weights and arena against a Dispose meanwhile; refuse a second thread).
/// </summary>
internal static class SessionEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    /// <summary>The class's own fields and constants.</summary>
    public static void Facts(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>Trained numbers.</summary>");
        w.Line($"public const long ParameterCount = {plan.Parameters};");
        w.Line();
        w.Line("/// <summary>Bytes of the packed weights, shared by all sessions.</summary>");
        w.Line($"public const long WeightBytes = {plan.WeightFloats * 4};");
        w.Line();
        if (plan.MaxTokens > 0)
        {
            w.Line($"/// <summary>Bytes of a session's arena, the only scratch memory there is: {plan.TokenFloats * 4L} for each token, rounded up to a multiple of 32 tokens{(plan.FixedFloats > 0 ? $", and {plan.FixedFloats * 4L} more" : "")}.</summary>");
            w.Line("/// <param name=\"maxTokens\">The longest sequence of the session, 1 to <see cref=\"MaxTokens\"/>.</param>");
            w.Line($"public static long {Signatures.WorkspaceBytes.Declaration} => ({Rt}Calls.Capacity(maxTokens, MaxTokens) * {plan.TokenFloats}L{Fixed(plan)}) * 4L;");
            w.Line();
        }

        w.Line($"private readonly {Rt}AlignedBlock _weights;");
        w.Line($"private readonly {Rt}SessionPool<Session> _sessions = new();");
        w.Line();
    }

    private static string Fixed(ModelPlan plan) => plan.FixedFloats > 0 ? $" + {plan.FixedFloats}L" : "";

    /// <summary>CreateSession: for a longest sequence that the caller chooses, for one of a fixed length, or for blocks of rows, however many there are.</summary>
    public static void Create(SourceWriter w, ModelPlan plan)
    {
        bool chosen = plan.MaxTokens > 0 && plan.Form != CallForm.Image;
        w.Line("/// <summary>Scratch memory of one caller. A session serves one call at a time; any number of sessions share the weights.</summary>");
        if (chosen)
            w.Line("/// <param name=\"maxTokens\">The longest sequence it will see, 1 to <see cref=\"MaxTokens\"/>.</param>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model has been disposed.</exception>");
        w.Line(chosen ? $"public Session {Signatures.CreateSession.Declaration} => new Session(_weights, {Rt}Calls.Capacity(maxTokens, MaxTokens), maxTokens);"
            // An image always makes MaxTokens tokens: a smaller arena would be overrun.
            : plan.MaxTokens > 0 ? $"public Session {Signatures.CreateFixedSession.Declaration} => new Session(_weights, {Rt}Calls.Capacity(MaxTokens, MaxTokens), MaxTokens);"
            : $"public Session {Signatures.CreateFixedSession.Declaration} => new Session(_weights, {Blocking.Rows});");
        w.Line();
    }

    /// <summary>A call of the class itself: on a session of the pool.</summary>
    public static void Borrowed(SourceWriter w, Signature call, string rent)
    {
        using (w.Open($"public void {call.Declaration}"))
        {
            w.Line($"Session session = {rent};");
            using (w.Open("try"))
                w.Line($"session.{call.Call};");
            using (w.Open("finally"))
            {
                w.Line("if (_weights.IsClosed || !_sessions.TryReturn(session))");
                w.Line("    session.Dispose();");
            }
        }

        w.Line();
    }

    public static void Dispose(SourceWriter w)
    {
        w.Line("/// <summary>Frees weights and pooled sessions. Calls that are under way finish first; later ones throw <see cref=\"global::System.ObjectDisposedException\"/>. Disposing twice is harmless.</summary>");
        using (w.Open("public void Dispose()"))
        {
            w.Line("_weights.Dispose();");
            w.Line("_sessions.Drain(static session => session.Dispose());");
        }

        w.Line();
    }

    /// <summary>The class Session, around its methods.</summary>
    public static void Session(SourceWriter w, ModelPlan plan, Action methods)
    {
        w.Line("/// <summary>One caller's scratch memory: a single 64-byte aligned arena.</summary>");
        using (w.Open("public sealed class Session : global::System.IDisposable"))
        {
            w.Line($"private readonly {Rt}AlignedBlock _weights;");
            w.Line($"private readonly {Rt}AlignedBlock _arena;");
            w.Line("private readonly int _capacity; // tokens that the arena has room for, a multiple of 32");
            w.Line("private int _busy;");
            w.Line();
            bool tokens = plan.MaxTokens > 0;
            using (w.Open($"internal Session({Rt}AlignedBlock weights, int capacity{(tokens ? ", int maxTokens" : "")})"))
            {
                w.Line($"global::System.ObjectDisposedException.ThrowIf(weights.IsClosed, typeof({plan.Type.Reference}));");
                w.Line("_weights = weights;");
                w.Line("_capacity = capacity;");
                if (tokens)
                    w.Line("MaxTokens = maxTokens;");
                w.Line($"_arena = {Rt}AlignedBlock.Allocate(capacity * {plan.TokenFloats}L{Fixed(plan)});");
            }

            if (tokens)
            {
                w.Line();
                w.Line("/// <summary>The longest sequence that the session was made for.</summary>");
                w.Line("public int MaxTokens { get; }");
            }

            methods();
            w.Line();
            w.Line("/// <summary>Frees the arena, after a call that is under way.</summary>");
            w.Line("public void Dispose() => _arena.Dispose();");
        }
    }

    /// <summary>A session's computation, after its arguments have been checked: weights and arena cannot go while it runs, and no second thread comes in.</summary>
    public static void Held(SourceWriter w, ModelPlan plan, string? nothing, Action computation)
    {
        w.Line($"global::System.ObjectDisposedException.ThrowIf(_weights.IsClosed, typeof({plan.Type.Reference}));");
        w.Line("global::System.ObjectDisposedException.ThrowIf(_arena.IsClosed, typeof(Session));");
        if (nothing is not null)
        {
            w.Line($"if ({nothing})");
            w.Line("    return;");
        }

        w.Line("if (global::System.Threading.Interlocked.Exchange(ref _busy, 1) != 0)");
        w.Line($"    {Rt}Calls.SessionBusy();");
        w.Line("bool weightsHeld = false, arenaHeld = false;");
        using (w.Open("try"))
        {
            w.Line("_weights.DangerousAddRef(ref weightsHeld);");
            w.Line("_arena.DangerousAddRef(ref arenaHeld);");
            computation();
        }

        using (w.Open("finally"))
        {
            w.Line("if (weightsHeld)");
            w.Line("    _weights.DangerousRelease();");
            w.Line("if (arenaHeld)");
            w.Line("    _arena.DangerousRelease();");
            w.Line("global::System.Threading.Volatile.Write(ref _busy, 0);");
        }
    }

    /// <summary>Program.method compiled for the lane that runs here.</summary>
    public static void Dispatch(SourceWriter w, string method, string arguments)
    {
        using (w.Open("switch (global::AttnGen.Runtime.SimdLane.Bits)"))
        {
            foreach (var lane in LaneTable.Lanes)
                w.Line($"{(lane.Bits == 128 ? "default" : "case " + lane.Bits)}: global::{Emitter.Namespace}.Program.{method}<global::{Emitter.Namespace}.Lane{lane.Bits}>({arguments}); break;");
        }
    }
}
