namespace AttnGen.Generation;

/// <summary>A conversation's keys and values, and the tokens that they are of.</summary>
internal sealed class KeptSequence(SequenceShelf shelf, TokenSequence sequence) : IDisposable
{
    private readonly Lock _copying = new();
    private int[] _ids = [];
    private int _count;

    public TokenSequence Sequence { get; private set; } = sequence;

    /// <summary>The sequence as it was at the end of the last prompt, where the other one cannot go back that far; or null.</summary>
    public TokenSequence? AtPrompt { get; private set; }

    /// <summary>Where the last prompt ended.</summary>
    public int PromptEnd { get; private set; }

    /// <summary>Whether a text is being written with it, or it is being copied.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether it stays and is only copied: a prefix that was loaded.</summary>
    public bool IsFixed { get; init; }

    /// <summary>When it was used last.</summary>
    public long Used { get; set; }

    /// <summary>The tokens.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    public long Bytes => Sequence.Bytes + (AtPrompt?.Bytes ?? 0);

    /// <summary>How many of a prompt's first tokens need not be read again; one is left to read, whose logits are wanted.</summary>
    public int Common(ReadOnlySpan<int> prompt)
    {
        var common = Math.Min(Ids.CommonPrefixLength(prompt), prompt.Length - 1);
        return Sequence.CanRewind(common) ? common : AtPrompt is { } prompts && prompts.Position <= common ? prompts.Position : 0;
    }

    /// <summary>Goes back to what is common with a prompt.</summary>
    public void Rewind(int common)
    {
        if (!Sequence.CanRewind(common))
        {
            var capacity = Sequence.Capacity;
            Sequence.Dispose();
            Sequence = AtPrompt!.Fork(capacity);
        }

        Sequence.Rewind(common);
        PromptEnd = Math.Min(PromptEnd, common);
        DropPrompt();
    }

    /// <summary>A sequence of its own that holds what is common with a prompt.</summary>
    public TokenSequence Copy(int common, int capacity)
    {
        var source = Sequence.CanRewind(common) ? Sequence : AtPrompt!;
        TokenSequence copy;
        lock (_copying) // a prefix that was loaded serves several texts
        {
            copy = source.Fork(Math.Max(capacity, source.Position));
        }

        try
        {
            // Of layers that slide a copy holds what its next token sees, and cannot go back as far as the original: then all is read again.
            copy.Rewind(copy.CanRewind(common) ? common : 0);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Sees to it that there is room.</summary>
    /// <exception cref="InvalidOperationException">The bound on memory is reached.</exception>
    public void MakeRoom(int tokens)
    {
        if (tokens > Sequence.Capacity)
        {
            Replace(shelf.Grow(this, tokens));
        }
    }

    /// <summary>Puts a copy in the sequence's place.</summary>
    public void Replace(TokenSequence larger)
    {
        Sequence.Dispose();
        Sequence = larger;
    }

    /// <summary>The prompt is read: it must be possible to come back here.</summary>
    /// <param name="most">Most tokens that follow.</param>
    public void KeepPromptEnd(int most)
    {
        PromptEnd = Sequence.Position;
        DropPrompt();
        var reach = Sequence.RewindReach;

        // A sequence that outgrows its room is copied, and a copy does not go back further than its window.
        if (shelf.Keeps && reach != int.MaxValue && most > Math.Min(reach, Sequence.Capacity - PromptEnd + 1))
        {
            var copy = Sequence.Fork(PromptEnd);
            if (shelf.HasRoom(copy.Bytes))
            {
                AtPrompt = copy;
            }
            else
            {
                copy.Dispose(); // the next turn reads more, and that is all
            }
        }
    }

    /// <summary>Goes back to the others, or, if something went wrong, away.</summary>
    public void Return(ReadOnlySpan<int> ids, bool isSound) => shelf.Return(this, ids, isSound);

    /// <summary>Notes which tokens it holds, after a text.</summary>
    public void Note(ReadOnlySpan<int> ids)
    {
        if (_ids.Length < ids.Length)
        {
            _ids = new int[Math.Max(ids.Length, Sequence.Capacity)];
        }

        ids.CopyTo(_ids);
        _count = ids.Length;
    }

    public void Dispose()
    {
        Sequence.Dispose();
        DropPrompt();
    }

    private void DropPrompt()
    {
        AtPrompt?.Dispose();
        AtPrompt = null;
    }
}
