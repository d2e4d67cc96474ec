using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>No public Forward path allocates: on the model (which borrows a session) and on a session, with every mask and with a trace.</summary>
public class AllocationTests
{
    public static TheoryData<string> Shapes => [.. ModelCase.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ForwardAllocatesNothing(string name)
    {
        var model = ModelCase.All.Single(candidate => candidate.Name == name);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        using var session = loaded.HasSessions ? loaded.CreateSession(model.MaxTokens) : null;
        foreach (var tokens in new[] { 1, Math.Min(9, model.MaxTokens) })
            foreach (var kind in model.Attends ? Enum.GetValues<MaskKind>() : [MaskKind.None])
            {
                var inputs = new Inputs(model, tokens, tokens, seed: 3, kind);
                var y = new float[tokens * model.OutputWidth];
                var weights = new float[model.Layers * model.Heads * tokens * (tokens + model.AppendedKeys)];
                var hidden = new float[model.Kind == "Encoder" ? (model.Layers + 1) * y.Length : 0];
                foreach (var target in session is null ? new[] { loaded } : [loaded, session])
                {
                    if (model.HasSelf)
                        Check(target, inputs, inputs.Query, inputs.Query, y, weights, hidden);
                    if (model.HasSeparate)
                        Check(target, inputs, inputs.Key, inputs.Value, y, weights, hidden);
                }
            }
    }

    private static void Check(LoadedModel target, Inputs inputs, float[] key, float[] value, float[] y, float[] weights, float[] hidden)
    {
        // Twice before: what is made once (the pool's first session, the JIT's own work) does not count.
        long allocated = 0;
        for (var i = 0; i < 3; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            target.Forward(inputs.Query, key, value, y, Mask(inputs));
            target.Forward(inputs.Query, key, value, y, Mask(inputs), new ForwardTrace { AttentionWeights = weights, HiddenStates = hidden });
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated == 0, $"{target.Model} T={inputs.Tokens} {inputs.Kind}: {allocated} bytes");
    }

    private static AttentionMask Mask(Inputs inputs) => inputs.Kind switch
    {
        MaskKind.None => default,
        MaskKind.KeyLength => AttentionMask.KeyLength(inputs.KeyLength),
        MaskKind.Keys => default(AttentionMask).WithHideKeys(inputs.KeyFlags),
        MaskKind.KeepKeys => default(AttentionMask).WithKeepKeys(inputs.KeyFlags),
        MaskKind.Pairs => AttentionMask.Keep(inputs.PairFlags),
        MaskKind.HeadPairs => AttentionMask.Hide(inputs.HeadFlags),
        MaskKind.Additive => AttentionMask.Additive(inputs.Bias),
        MaskKind.HeadAdditive => AttentionMask.Additive(inputs.HeadBias),
        MaskKind.FirstQuery => default(AttentionMask).WithFirstQuery(inputs.FirstQuery),
        MaskKind.Nothing => AttentionMask.KeyLength(0),
        _ => AttentionMask.KeyLength(inputs.KeyLength).WithKeepKeys(inputs.KeyFlags).WithHide(inputs.PairFlags).WithAdditive(inputs.HeadBias).WithFirstQuery(inputs.FirstQuery),
    };
}
