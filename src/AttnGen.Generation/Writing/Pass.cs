namespace AttnGen.Generation;

/// <summary>One pass over the weights for the texts that wait, and the choice of their next tokens. It is used again and again; one thread at a time.</summary>
internal sealed class Pass(int vocabulary, int piece)
{
    private readonly TokenSampler _sampler = new(vocabulary);
    private readonly List<TextRun> _ready = [];
    private TokenSequence[] _sequences = [];
    private int[] _counts = [];
    private int[] _ids = [];
    private float[] _logits = [];
    private float[]? _scratch;
    private int _rowsOfOne;

    /// <summary>The texts that it is for.</summary>
    public List<TextRun> Runs { get; } = [];

    /// <summary>Tokens that were read.</summary>
    public int Tokens { get; private set; }

    /// <summary>Reads what is next of each, and chooses what follows. What goes wrong with one text is that text's error alone.</summary>
    public void Compute()
    {
        Prepare();
        try
        {
            Read();
        }
        catch (Exception error)
        {
            foreach (var run in _ready)
            {
                run.Error = error;
            }

            return;
        }

        _scratch ??= new float[vocabulary];
        var row = 0;
        foreach (var run in _ready)
        {
            var rows = _ready.Count == 1 ? _rowsOfOne : 1;
            try
            {
                run.Advance(_logits.AsSpan(row * vocabulary, rows * vocabulary), _sampler, _scratch);
            }
            catch (Exception error)
            {
                run.Error = error;
            }

            row += rows;
        }
    }

    private void Prepare()
    {
        _ready.Clear();
        foreach (var run in Runs)
        {
            try
            {
                run.Prepare(piece, Runs.Count == 1);
                run.Kept.MakeRoom(run.Kept.Sequence.Position + run.Next.Length);
                _ready.Add(run);
            }
            catch (Exception error)
            {
                run.Error = error;
            }
        }
    }

    private void Read()
    {
        Tokens = 0;
        if (_ready.Count == 0)
        {
            return;
        }

        if (_ready.Count == 1)
        {
            var run = _ready[0];
            _rowsOfOne = run.Rows;
            Tokens = run.Next.Length;
            run.Kept.Sequence.Extend(run.Next, Logits(run.Rows));
            return;
        }

        var (total, rows) = (0, 0);
        foreach (var run in _ready)
        {
            total += run.Next.Length;
            rows += run.Rows;
        }

        if (_counts.Length < _ready.Count)
        {
            _sequences = new TokenSequence[_ready.Count];
            _counts = new int[_ready.Count];
        }

        if (_ids.Length < total)
        {
            _ids = new int[total];
        }

        total = 0;
        for (var i = 0; i < _ready.Count; i++)
        {
            var next = _ready[i].Next;
            next.CopyTo(_ids.AsSpan(total));
            (_sequences[i], _counts[i]) = (_ready[i].Kept.Sequence, next.Length);
            total += next.Length;
        }

        Tokens = total;
        // Where none of the prompts is through, no logits are needed; else the pass gives a row to each.
        var logits = Logits(_ready.Count);
        TokenSequence.Extend(_sequences.AsSpan(0, _ready.Count), _counts.AsSpan(0, _ready.Count), _ids.AsSpan(0, total), rows == 0 ? default : logits);
        _sequences.AsSpan().Clear();
    }

    private Span<float> Logits(int rows)
    {
        if (_logits.Length < rows * vocabulary)
        {
            _logits = new float[rows * vocabulary];
        }

        return _logits.AsSpan(0, rows * vocabulary);
    }
}
