using System.ComponentModel;

namespace AttnGen.Runtime;

/// <summary>Idle sessions of one model, so that a call on the model itself can borrow one without allocating and without a lock.</summary>
/// <remarks>
/// For generated code. All members may be called from any thread. A pool holds a few sessions only: where <see cref="TryReturn"/>
/// says no, the caller disposes. A session that is not in the pool is unknown to it.
/// </remarks>
/// <typeparam name="T">The session's class.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SessionPool<T>
    where T : class
{
    // A struct around the reference spares the type check that a store into an array of references costs.
    private readonly Slot[] _slots;
    private volatile bool _drained;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="capacity">The most idle sessions; 0: one for each processor.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is negative.</exception>
    public SessionPool(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _slots = new Slot[capacity == 0 ? Environment.ProcessorCount : capacity];
    }

    /// <summary>Takes an idle session out of the pool.</summary>
    /// <returns>The session, now the caller's alone, or null if there is none.</returns>
    public T? TryRent()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            ref var slot = ref _slots[i];

            // The plain read first: an exchange would take the cache line away from other cores for nothing.
            if (slot.Session is not null && Interlocked.Exchange(ref slot.Session, null) is { } session)
            {
                return session;
            }
        }

        return null;
    }

    /// <summary>Puts a session back.</summary>
    /// <param name="session">One that its caller no longer uses.</param>
    /// <returns>Whether the pool took it; if not (it is full, or drained), the caller disposes it.</returns>
    public bool TryReturn(T session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (_drained)
        {
            return false;
        }

        for (var i = 0; i < _slots.Length; i++)
        {
            ref var slot = ref _slots[i];
            if (slot.Session is null && Interlocked.CompareExchange(ref slot.Session, session, null) is null)
            {
                // Drain may have passed this slot before the session came: then it is taken back, unless Drain or a renter has it.
                return !_drained || Interlocked.CompareExchange(ref slot.Session, null, session) != session;
            }
        }

        return false;
    }

    /// <summary>Closes the pool: hands out every idle session for disposal and refuses all that come back later. May be called again.</summary>
    /// <param name="dispose">What to do with each.</param>
    public void Drain(Action<T> dispose)
    {
        ArgumentNullException.ThrowIfNull(dispose);
        _drained = true;
        Interlocked.MemoryBarrier();
        while (TryRent() is { } session)
        {
            dispose(session);
        }
    }

    private struct Slot
    {
        public T? Session;
    }
}
