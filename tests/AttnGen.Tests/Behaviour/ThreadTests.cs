using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>One model, many threads: the same bits; Dispose in the middle ends in ObjectDisposedException and nothing worse.</summary>
public class ThreadTests
{
    private const int Threads = 8;

    [Theory]
    [InlineData(typeof(A64x8))]
    [InlineData(typeof(E20Learned))]
    [InlineData(typeof(F64Gelu))]
    [InlineData(typeof(D9x8Grouped))]
    [InlineData(typeof(L64PreNorm))]
    public void SameBitsFromEveryThread(Type type)
    {
        var model = ModelCase.From(type);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        var inputs = Enumerable.Range(0, 4).Select(i => new Inputs(model, Math.Min(5 + 4 * i, model.MaxTokens), Math.Min(5 + 4 * i, model.MaxTokens), seed: i)).ToArray();
        var expected = inputs.Select(input => Run(loaded, input)).ToArray();
        RunThreads(thread =>
        {
            for (var i = 0; i < 50; i++)
            {
                var which = (i + thread) % inputs.Length;
                Assert.Equal(expected[which], Run(loaded, inputs[which]));
            }
        });
    }

    [Theory]
    [InlineData(typeof(A64x8))]
    [InlineData(typeof(E24Sinusoidal))]
    [InlineData(typeof(F64Gelu))]
    public void DisposeDuringCalls(Type type)
    {
        var model = ModelCase.From(type);
        for (var round = 0; round < 10; round++)
        {
            var loaded = model.Load(model.RandomWeights(seed: 1));
            var input = new Inputs(model, 16, 16, seed: round);
            var expected = Run(loaded, input);
            var calls = 0;
            RunThreads(thread =>
            {
                if (thread == 0)
                {
                    while (Volatile.Read(ref calls) < 20)
                        Thread.Yield();
                    loaded.Dispose();
                    loaded.Dispose();
                    return;
                }
                try
                {
                    while (true)
                    {
                        Assert.Equal(expected, Run(loaded, input));
                        Interlocked.Increment(ref calls);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // As it should be.
                }
            });
            Assert.Throws<ObjectDisposedException>(() => Run(loaded, input));
        }
    }

    [Fact]
    public void SessionsOutliveNothing()
    {
        var model = ModelCase.From(typeof(A64x8));
        var loaded = model.Load(model.RandomWeights(seed: 1));
        var session = loaded.CreateSession(16);
        var input = new Inputs(model, 16, 16, seed: 1);
        Assert.Equal(Run(loaded, input), Run(session, input));

        // Longer than the session was made for.
        Assert.Throws<ArgumentException>(() => Run(session, new Inputs(model, 70, 70, seed: 1)));

        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Run(session, input));

        var other = loaded.CreateSession(16);
        loaded.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Run(other, input));
        Assert.Throws<ObjectDisposedException>(() => loaded.CreateSession(16));
        other.Dispose();
    }

    private static float[] Run(LoadedModel loaded, Inputs inputs)
    {
        var y = new float[inputs.Tokens * loaded.Model.OutputWidth];
        if (loaded.Model.HasSelf)
            loaded.Forward(inputs.Query, inputs.Query, inputs.Query, y);
        else
            loaded.Forward(inputs.Query, inputs.Key, inputs.Value, y);
        return y;
    }

    private static void RunThreads(Action<int> body)
    {
        Exception? failure = null;
        var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            try
            {
                body(index);
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref failure, error, null);
            }
        })).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        if (failure is not null)
            throw new Xunit.Sdk.XunitException(failure.ToString());
    }
}
