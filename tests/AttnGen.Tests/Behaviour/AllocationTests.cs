using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>No public Forward path allocates: on the model (which borrows a session) and on a session, with every mask and with a trace.</summary>
public class AllocationTests
{
    // Other tests make garbage meanwhile, and a collection (also a background one) takes the unused rest of this thread's allocation buffer
    // away, which counts as allocated: up to 8 KB, once. What a call itself allocates it allocates in every try.
    private const int MostTries = 20;

    public static TheoryData<string> Shapes => [.. ModelCase.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ForwardAllocatesNothing(string name)
    {
        var model = ModelCase.All.Single(candidate => candidate.Name == name);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        using var session = loaded.HasSessions ? loaded.CreateSession(model.MaxTokens) : null;
        foreach (var tokens in new[] { 1, Math.Min(9, model.MaxTokens), model.MaxTokens })
            foreach (var kind in model.Attends ? Enum.GetValues<MaskKind>() : [MaskKind.None])
            {
                var inputs = new Inputs(model, tokens, tokens, seed: 3, kind);
                var y = new float[tokens * model.OutputWidth];
                var weights = new float[model.Layers * model.Heads * tokens * (tokens + model.AppendedKeys)];
                var hidden = new float[model.HiddenStates * y.Length];
                foreach (var target in session is null ? new[] { loaded } : [loaded, session])
                {
                    if (model.HasSelf)
                        Check(target, inputs, inputs.Query, inputs.Query, y, weights, hidden);
                    if (model.HasSeparate)
                        Check(target, inputs, inputs.Key, inputs.Value, y, weights, hidden);
                }
            }
    }

    /// <summary>Nor does the first call on a session (the model's own first call makes its session): on a fresh thread, so that nothing kept for the thread helps.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheFirstCallAllocatesNothing(string name)
    {
        var model = ModelCase.All.Single(candidate => candidate.Name == name);
        long allocated = 1;
        for (var i = 0; i < MostTries && allocated != 0; i++)
            OnItsOwnThread(() => allocated = FirstCall(model));
        Assert.True(allocated == 0, $"{model}: {allocated} bytes in the first call");
    }

    private static void Check(LoadedModel target, Inputs inputs, float[] key, float[] value, float[] y, float[] weights, float[] hidden)
    {
        // Twice before: what is made once (the pool's first session, the JIT's own work) does not count.
        long allocated = 0;
        for (var i = 0; i < 3 || (allocated != 0 && i < MostTries); i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            target.Forward(inputs.Query, key, value, y, inputs.Mask());
            target.Forward(inputs.Query, key, value, y, inputs.Mask(), new ForwardTrace { AttentionWeights = weights, HiddenStates = hidden });
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.True(allocated == 0, $"{target.Model} T={inputs.Tokens} {inputs.Kind}: {allocated} bytes");
    }

    private static long FirstCall(ModelCase model)
    {
        var inputs = new Inputs(model, Math.Min(9, model.MaxTokens), Math.Min(9, model.MaxTokens), seed: 3);
        var y = new float[inputs.Tokens * model.OutputWidth];
        var (key, value) = model.HasSelf ? (inputs.Query, inputs.Query) : (inputs.Key, inputs.Value);

        // The runtime's own work (the JIT, static fields) is done by another instance; where there are none, by another class.
        var other = model.HasSessions ? model : ModelCase.From(typeof(Softmax37));
        using (var loadedOther = other.Load(other.RandomWeights(seed: 1)))
        using (var sessionOther = other.HasSessions ? loadedOther.CreateSession(other.MaxTokens) : null)
        {
            if (other == model)
                (sessionOther ?? loadedOther).Forward(inputs.Query, key, value, y);
            else
                loadedOther.Forward(new float[37], default, default, new float[37]);
        }

        using var loaded = model.Load(model.RandomWeights(seed: 1));
        using var session = model.HasSessions ? loaded.CreateSession(model.MaxTokens) : null;
        var target = session ?? loaded;
        var before = GC.GetAllocatedBytesForCurrentThread();
        target.Forward(inputs.Query, key, value, y);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void OnItsOwnThread(Action body)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new Xunit.Sdk.XunitException(failure.ToString());
    }
}
