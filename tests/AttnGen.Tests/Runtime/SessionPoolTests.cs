using System.Collections.Concurrent;
using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

public class SessionPoolTests
{
    [Fact]
    public void GivesBackWhatItGot()
    {
        var pool = new SessionPool<object>(2);
        Assert.Null(pool.TryRent());
        object a = new(), b = new(), c = new();
        Assert.True(pool.TryReturn(a));
        Assert.True(pool.TryReturn(b));
        Assert.False(pool.TryReturn(c));
        Assert.Same(a, pool.TryRent());
        Assert.Same(b, pool.TryRent());
        Assert.Null(pool.TryRent());
        Assert.True(pool.TryReturn(c));
        Assert.Same(c, pool.TryRent());
        Assert.Throws<ArgumentNullException>(() => pool.TryReturn(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SessionPool<object>(-1));
        Assert.True(new SessionPool<object>().TryReturn(a));
    }

    [Fact]
    public void ADrainedPoolStaysEmpty()
    {
        var pool = new SessionPool<object>(4);
        object a = new(), b = new();
        pool.TryReturn(a);
        pool.TryReturn(b);
        var drained = new List<object>();
        pool.Drain(drained.Add);
        Assert.Equal([a, b], drained);
        Assert.False(pool.TryReturn(a));
        Assert.Null(pool.TryRent());
        pool.Drain(drained.Add);
        Assert.Equal(2, drained.Count);
    }

    [Fact]
    public void NoAllocation()
    {
        var pool = new SessionPool<object>();
        pool.TryReturn(new());
        Assert.Equal(0, Testing.Allocated.Least(() => pool.TryReturn(pool.TryRent()!)));
    }

    [Fact]
    public async Task ManyThreadsAndADrain()
    {
        for (var round = 0; round < 50; round++)
        {
            var pool = new SessionPool<Session>(3);
            var all = new ConcurrentBag<Session>();
            var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < 500; i++)
                {
                    var session = pool.TryRent();
                    if (session is null)
                    {
                        all.Add(session = new());
                    }

                    Assert.Equal(1, Interlocked.Increment(ref session.Users));
                    Interlocked.Decrement(ref session.Users);
                    if (!pool.TryReturn(session))
                    {
                        Interlocked.Increment(ref session.Disposals);
                    }
                }
            })).ToList();
            workers.Add(Task.Run(() => pool.Drain(session => Interlocked.Increment(ref session.Disposals))));
            await Task.WhenAll(workers);

            // Every session was disposed by exactly one: by Drain, or by whoever could not return it.
            Assert.All(all, session => Assert.Equal(1, session.Disposals));
        }
    }

    private sealed class Session
    {
        public int Users;
        public int Disposals;
    }
}
