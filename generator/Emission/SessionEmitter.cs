using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints sessions: how they are made and borrowed, and their class around its methods.</summary>
internal static class SessionEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    /// <summary>Whether pooled sessions start small and grow with the calls, because a whole model's longest text may be far from the usual one.</summary>
    public static bool Grows(ModelPlan plan) => (plan.Model is not null || plan.Sequences is not null) && plan.Sessions == SessionKind.Chosen;

    /// <summary>CreateSession: for a longest sequence that the caller chooses, for one of a fixed length, or for blocks of rows, however many there are.</summary>
    public static void Create(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>Scratch memory of one caller. A session serves one call at a time; any number of sessions share the weights.</summary>");
        if (plan.Sessions == SessionKind.Chosen)
            w.Line("/// <param name=\"maxTokens\">The longest sequence it will see, 1 to <see cref=\"MaxTokens\"/>.</param>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model has been disposed.</exception>");
        w.Line(plan.Sessions switch
        {
            SessionKind.Chosen => $"public Session {Signatures.CreateSession.Declaration} => new Session(_weights, {Rt}Calls.Capacity(maxTokens, MaxTokens), maxTokens);",
            // An image always makes MaxTokens tokens: a smaller arena would be overrun.
            SessionKind.Fixed => $"public Session {Signatures.CreateFixedSession.Declaration} => new Session(_weights, {Rt}Calls.Capacity(MaxTokens, MaxTokens), MaxTokens);",
            _ => $"public Session {Signatures.CreateFixedSession.Declaration} => new Session(_weights, {Blocking.Rows});",
        });
        w.Line();
    }

    /// <summary>Rent: a session of the pool for one call.</summary>
    public static void Rent(SourceWriter w, ModelPlan plan)
    {
        if (Grows(plan))
        {
            w.Line("// Pooled sessions start small and grow with the calls; more tokens than MaxTokens are refused by the call itself.");
            using (w.Open($"private {Rt}SessionLease<Session> Rent(int tokens)"))
            {
                w.Line("Session? session = _sessions.TryRent();");
                using (w.Open("if (session is null || session.MaxTokens < global::System.Math.Min(tokens, MaxTokens))"))
                {
                    w.Line("session?.Dispose();");
                    w.Line($"session = CreateSession({Rt}Calls.SessionTokens(tokens, MaxTokens));");
                }

                w.Line();
                w.Line("return new(_sessions, _weights, session);");
            }
        }
        else
        {
            w.Line($"private {Rt}SessionLease<Session> Rent() => new(_sessions, _weights, _sessions.TryRent() ?? CreateSession());");
        }

        w.Line();
    }

    public static void Dispose(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>Frees weights and pooled sessions. Calls that are under way finish first; later ones throw <see cref=\"global::System.ObjectDisposedException\"/>. Disposing twice is harmless.</summary>");
        using (w.Open("public void Dispose()"))
        {
            w.Line("_weights.Dispose();");
            w.Line("_sessions.Drain(static session => session.Dispose());");
            if (plan.Sequences is not null)
                w.Line("_decoder.Drain();");
        }

        w.Line();
    }

    /// <summary>The class Session.</summary>
    public static void Session(SourceWriter w, ModelPlan plan)
    {
        w.Line("/// <summary>One caller's scratch memory: a single 64-byte aligned arena.</summary>");
        using (w.Open("public sealed class Session : global::System.IDisposable"))
        {
            w.Line($"private readonly {Rt}SessionMemory _memory;");
            w.Line();
            bool hasLength = plan.MaxTokens > 0;
            using (w.Open($"internal Session({Rt}AlignedBlock weights, int capacity{(hasLength ? ", int maxTokens" : "")})"))
            {
                w.Line($"_memory = new {Rt}SessionMemory(weights, capacity, {plan.TokenFloats}L, {plan.FixedFloats}L, typeof({plan.Type.Reference}), typeof(Session));");
                if (hasLength)
                    w.Line("MaxTokens = maxTokens;");
            }

            w.Line();
            if (hasLength)
            {
                w.Line("/// <summary>The longest sequence that the session was made for.</summary>");
                w.Line("public int MaxTokens { get; }");
                w.Line();
            }

            foreach (var method in plan.Methods)
                MethodEmitter.OfSession(w, plan, method);
            w.Line("/// <summary>Frees the arena, after a call that is under way.</summary>");
            w.Line("public void Dispose() => _memory.Dispose();");
        }
    }
}
