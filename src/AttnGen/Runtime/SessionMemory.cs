using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttnGen.Runtime;

/// <summary>What a session holds: its arena, and the weights that it shares. One call at a time enters; neither memory can go while it is inside.</summary>
/// <remarks>For generated code.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SessionMemory : IDisposable
{
    private readonly AlignedBlock _weights;
    private readonly AlignedBlock _arena;
    private readonly Type _model;
    private readonly Type _session;
    private int _busy;

    /// <summary>Allocates the arena.</summary>
    /// <param name="weights">The model's weights, which stay the model's.</param>
    /// <param name="capacity">Tokens that there is room for, a multiple of 32, or rows.</param>
    /// <param name="tokenFloats">Floats for each of them.</param>
    /// <param name="fixedFloats">Further floats.</param>
    /// <param name="model">The model's class, for messages.</param>
    /// <param name="session">The session's class, for messages.</param>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    public SessionMemory(AlignedBlock weights, int capacity, long tokenFloats, long fixedFloats, Type model, Type session)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ObjectDisposedException.ThrowIf(weights.IsClosed, model);
        (_weights, _model, _session) = (weights, model, session);
        Capacity = capacity;
        _arena = AlignedBlock.Allocate((capacity * tokenFloats) + fixedFloats);
    }

    /// <summary>Tokens, or rows, that the arena has room for.</summary>
    public int Capacity { get; }

    /// <summary>Enters: until the hold is disposed no other call gets in, and neither weights nor arena are freed.</summary>
    /// <returns>The hold; dispose it on every way out.</returns>
    /// <exception cref="ObjectDisposedException">Model or session has been disposed.</exception>
    /// <exception cref="InvalidOperationException">Another call is inside.</exception>
    public Hold Enter()
    {
        ObjectDisposedException.ThrowIf(_weights.IsClosed, _model);
        ObjectDisposedException.ThrowIf(_arena.IsClosed, _session);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            Calls.SessionBusy();
        }

        bool weightsHeld = false, arenaHeld = false;
        try
        {
            _weights.DangerousAddRef(ref weightsHeld);
            _arena.DangerousAddRef(ref arenaHeld);
            return new Hold(this, ref _weights.At(0), ref _arena.At(0), Capacity);
        }
        catch
        {
            Leave(weightsHeld, arenaHeld);
            throw;
        }
    }

    /// <summary>Frees the arena, after a call that is inside. Disposing twice is harmless.</summary>
    public void Dispose() => _arena.Dispose();

    private void Leave(bool weightsHeld, bool arenaHeld)
    {
        if (weightsHeld)
        {
            _weights.DangerousRelease();
        }

        if (arenaHeld)
        {
            _arena.DangerousRelease();
        }

        Volatile.Write(ref _busy, 0);
    }

    /// <summary>A call inside a session.</summary>
    public readonly ref struct Hold
    {
        private readonly SessionMemory _memory;
        private readonly ref float _weights;
        private readonly ref float _arena;

        internal Hold(SessionMemory memory, ref float weights, ref float arena, int capacity)
        {
            _memory = memory;
            _weights = ref weights;
            _arena = ref arena;
            Capacity = capacity;
        }

        /// <summary>The first weight.</summary>
        public ref float Weights => ref _weights;

        /// <summary>The arena's first float.</summary>
        public ref float Arena => ref _arena;

        /// <summary>Tokens, or rows, that the arena has room for.</summary>
        public int Capacity { get; }

        /// <summary>A float of the arena: <paramref name="token"/> for each token of capacity, and <paramref name="more"/> further ones.</summary>
        /// <param name="token">Floats a token.</param>
        /// <param name="more">Further floats.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ref float At(nint token, nint more) => ref Unsafe.Add(ref _arena, (Capacity * token) + more);

        /// <summary>Leaves.</summary>
        public void Dispose() => _memory.Leave(weightsHeld: true, arenaHeld: true);
    }
}

/// <summary>A session of a model's pool, for one call.</summary>
/// <remarks>For generated code.</remarks>
/// <typeparam name="T">The session's class.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct SessionLease<T>
    where T : class, IDisposable
{
    private readonly SessionPool<T> _pool;
    private readonly AlignedBlock _weights;

    /// <summary>Takes a session that its maker uses no longer.</summary>
    /// <param name="pool">Where it goes back to.</param>
    /// <param name="weights">The model's weights: once they are gone, the session goes, too.</param>
    /// <param name="session">The session.</param>
    public SessionLease(SessionPool<T> pool, AlignedBlock weights, T session) => (_pool, _weights, Session) = (pool, weights, session);

    /// <summary>The session.</summary>
    public T Session { get; }

    /// <summary>Puts it back, or disposes it where the pool is full or the model is gone.</summary>
    public void Dispose()
    {
        if (_weights.IsClosed || !_pool.TryReturn(Session))
        {
            Session.Dispose();
        }
    }
}
