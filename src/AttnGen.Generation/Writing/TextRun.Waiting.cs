using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace AttnGen.Generation;

// What is new of a text, and whoever waits for it. All of this is done under the engine's lock, apart from reading what was taken.
internal sealed partial class TextRun : IValueTaskSource<bool>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<bool> _source;
    private List<TokenLogProbability>? _newProbabilities;
    private List<TokenLogProbability>? _takenProbabilities;
    private CharBuffer _new = new();
    private CharBuffer _taken = new();
    private int _lastCount;
    private bool _ends;

    /// <summary>Whether its reader awaits; false: its reader's thread waits.</summary>
    public required bool IsAsync { get; init; }

    /// <summary>Whether a pass is under way that it takes part in.</summary>
    public bool InPass { get; set; }

    /// <summary>Whether nobody reads it any more.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Whether its reader does not want it any more.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Whether its reader awaits now.</summary>
    public bool IsAwaited { get; private set; }

    /// <summary>What went wrong; its reader gets it.</summary>
    public Exception? Error { get; set; }

    /// <summary>Tokens that its reader has not taken yet.</summary>
    public int Untaken { get; private set; }

    /// <summary>Whether there is something for its reader; tokens without text (special ones, parts of a character) are, too, before they are so many that the text would wait for its reader.</summary>
    public bool HasNews => IsCancelled || Error is not null || _ends || _new.Text.Length > 0 || Untaken >= Engine.MostAhead || _newProbabilities is { Count: > 0 };

    /// <summary>What the reader took.</summary>
    public ReadOnlySpan<char> Taken => _taken.Text;

    public List<TokenLogProbability>? TakenProbabilities => _takenProbabilities;

    /// <summary>Tokens that were chosen when it was taken.</summary>
    public int TakenTokens { get; private set; }

    /// <summary>Whether what was taken is the last of it.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Makes what a pass gave visible to the reader.</summary>
    public void Publish()
    {
        _new.Append(_fresh.Text);
        _fresh.Clear();
        if (_freshProbabilities is not null)
        {
            _newProbabilities!.AddRange(CollectionsMarshal.AsSpan(_freshProbabilities));
            _freshProbabilities.Clear();
        }

        Untaken += Math.Max(0, Count - Math.Max(_lastCount, PromptTokens));
        _lastCount = Count;
        _ends = IsOver;
    }

    /// <summary>The reader takes what is new.</summary>
    public void TakeNews()
    {
        (_new, _taken) = (_taken, _new);
        _new.Clear();
        (_newProbabilities, _takenProbabilities) = (_takenProbabilities, _newProbabilities);
        _newProbabilities?.Clear();
        TakenTokens += Untaken;
        Untaken = 0;
        IsLast = _ends;
    }

    /// <summary>The reader will await what is new.</summary>
    public ValueTask<bool> Await()
    {
        _source.Reset();
        IsAwaited = true;
        return new ValueTask<bool>(this, _source.Version);
    }

    /// <summary>Wakes the reader, on a thread of the pool.</summary>
    public void Wake()
    {
        IsAwaited = false;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => _source.SetResult(true);

    bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
