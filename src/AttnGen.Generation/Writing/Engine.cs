namespace AttnGen.Generation;

/// <summary>
/// Runs the passes. Texts that wait at the same time go through one pass together; whoever waits for a text computes the next pass, or waits while another does. Texts that are awaited are taken on by
/// threads of the pool.
/// </summary>
/// <remarks>The lock is held to choose what goes into a pass and to hand out what came of it; never while anything is computed.</remarks>
internal sealed class Engine : IThreadPoolWorkItem
{
    /// <summary>Tokens that a text may be ahead of its reader, so that a reader that takes its time stops nobody else.</summary>
    public const int MostAhead = 8;

    // Tokens of a pass that make good use of the weights that it reads; more only make the others wait.
    private const int MostRows = 256;

    private readonly object _gate = new();
    private readonly List<TextRun> _runs = [];
    private readonly Stack<Pass> _idle = [];
    private readonly int _threads;
    private readonly int _piece;
    private int _workers;

    public Engine(int vocabulary, TextGeneratorOptions options)
    {
        _threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        _piece = options.PromptPiece;
        for (var i = 0; i < _threads; i++)
        {
            _idle.Push(new Pass(vocabulary, options.PromptPiece));
        }
    }

    /// <summary>Passes that were computed, texts that they took further, and tokens that they read; tests count.</summary>
    public (long Passes, long Steps, long Tokens) Counted { get; private set; }

    /// <summary>Texts that are being written.</summary>
    public int Running
    {
        get
        {
            lock (_gate)
            {
                return _runs.Count;
            }
        }
    }

    /// <summary>Adds a text.</summary>
    public void Begin(TextRun run)
    {
        lock (_gate)
        {
            _runs.Add(run);
        }
    }

    /// <summary>The text's reader is done with it. What it needs is released now, or after the pass that it is in.</summary>
    /// <returns>Whether it is in no pass, so that the caller releases it.</returns>
    public bool Leave(TextRun run)
    {
        lock (_gate)
        {
            _runs.Remove(run);
            run.IsLeft = true;
            return !run.InPass;
        }
    }

    /// <summary>Ends a text whose reader waits or will wait.</summary>
    public void Cancel(TextRun run)
    {
        lock (_gate)
        {
            run.IsCancelled = true;
            Monitor.PulseAll(_gate);
            if (run.IsAwaited)
            {
                run.Wake();
            }
        }
    }

    /// <summary>Waits, on this thread, until there is something new of a text, and takes it. Computes where nobody else does.</summary>
    public void Wait(TextRun run)
    {
        Monitor.Enter(_gate);
        try
        {
            while (!run.HasNews)
            {
                if (Choose() is { } pass)
                {
                    Compute(pass);
                }
                else
                {
                    Monitor.Wait(_gate);
                }
            }

            run.TakeNews();
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    /// <summary>Awaits until there is something new of a text.</summary>
    public ValueTask<bool> WaitAsync(TextRun run)
    {
        lock (_gate)
        {
            if (run.HasNews)
            {
                return new ValueTask<bool>(true);
            }

            var task = run.Await();
            CallWorkers();
            return task;
        }
    }

    /// <summary>Takes what is new of a text.</summary>
    public void Take(TextRun run)
    {
        lock (_gate)
        {
            run.TakeNews();
            CallWorkers();
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Monitor.Enter(_gate);
        try
        {
            while (HasAsyncWork() && Choose() is { } pass)
            {
                Compute(pass);
            }

            _workers--;
        }
        finally
        {
            Monitor.Exit(_gate);
        }
    }

    private static bool IsReady(TextRun run) => !run.InPass && !run.IsCancelled && !run.IsOver && run.Error is null && run.Untaken < MostAhead;

    private bool HasAsyncWork()
    {
        foreach (var run in _runs)
        {
            if (run.IsAsync && IsReady(run))
            {
                return true;
            }
        }

        return false;
    }

    private void CallWorkers()
    {
        if (_workers < _threads && _idle.Count > 0 && HasAsyncWork())
        {
            _workers++;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // The texts of the next pass: those that are ready, shared among the passes that may run, those first that waited longest.
    private Pass? Choose()
    {
        var ready = 0;
        foreach (var run in _runs)
        {
            ready += IsReady(run) ? 1 : 0;
        }

        if (ready == 0 || _idle.Count == 0)
        {
            return null;
        }

        var (most, rows) = ((ready + _idle.Count - 1) / _idle.Count, 0);
        var pass = _idle.Pop();
        pass.Runs.Clear();
        foreach (var run in _runs)
        {
            if (IsReady(run) && pass.Runs.Count < most && (rows == 0 || rows + Math.Min(run.Waiting, _piece) <= MostRows))
            {
                rows += Math.Min(run.Waiting, _piece);
                run.InPass = true;
                pass.Runs.Add(run);
            }
        }

        // Who had a turn goes behind those who had none.
        foreach (var run in pass.Runs)
        {
            _runs.Remove(run);
            _runs.Add(run);
        }

        return pass;
    }

    private void Compute(Pass pass)
    {
        Monitor.Exit(_gate);
        try
        {
            pass.Compute();
        }
        finally
        {
            Monitor.Enter(_gate);
            Counted = (Counted.Passes + 1, Counted.Steps + pass.Runs.Count, Counted.Tokens + pass.Tokens);
            foreach (var run in pass.Runs)
            {
                run.InPass = false;
                run.Publish();
                if (run.IsLeft)
                {
                    run.Release();
                }
                else if (run.IsAwaited && run.HasNews)
                {
                    run.Wake();
                }
            }

            pass.Runs.Clear();
            _idle.Push(pass);
            Monitor.PulseAll(_gate);
            CallWorkers();
        }
    }
}
