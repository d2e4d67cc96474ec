namespace AttnGen.Decode;

/// <summary>Who takes part: one sequence that can be set to a position, and what else it can do.</summary>
internal abstract class Decoder(string name) : IDisposable
{
    public string Name => name;

    /// <summary>How many threads it uses.</summary>
    public virtual int Threads => 1;

    /// <summary>How far a logit may be from AttnGen's, as a part of the largest one.</summary>
    public abstract float Tolerance { get; }

    /// <summary>Whether it reads a prompt in one pass; otherwise it goes token by token, and that is not measured again.</summary>
    public virtual bool ReadsTogether => true;

    /// <summary>Tokens so far.</summary>
    public abstract int Position { get; }

    /// <summary>Appends tokens; the logits after the last one.</summary>
    public abstract ReadOnlySpan<float> Append(ReadOnlySpan<int> ids);

    /// <summary>Forgets what came after a position.</summary>
    public abstract void Back(int position);

    /// <summary>Appends tokens that only have to be there: their time is not measured.</summary>
    public virtual void Fill(ReadOnlySpan<int> ids) => Append(ids);

    /// <summary>Makes a sequence with room for so many tokens, and with a token in it if there is one; then frees it. False: it cannot.</summary>
    public virtual bool Open(int capacity, int? id) => false;

    /// <summary>Sequences that go on together; null: it has none.</summary>
    public virtual DecoderBatch? Together(int count, ReadOnlySpan<int> prompt) => null;

    public abstract void Dispose();
}

/// <summary>Several sequences, to each of which a pass appends one token.</summary>
internal abstract class DecoderBatch : IDisposable
{
    /// <summary>One token for each; the logits, [count, vocabulary], or of one sequence after the other.</summary>
    public abstract void Append(ReadOnlySpan<int> ids);

    /// <summary>The logits of one sequence after the last pass.</summary>
    public abstract ReadOnlySpan<float> Logits(int sequence);

    /// <summary>Forgets the last tokens.</summary>
    public abstract void Back(int position);

    public abstract void Dispose();
}
