using AttnGen.Generation.Schemas;

namespace AttnGen.Generation;

/// <summary>Holds a text to a <see cref="JsonGrammar"/>, token by token. One instance follows one text; nothing is allocated once the piles have grown.</summary>
public sealed class JsonSchemaConstraint : TokenConstraint
{
    private readonly CompiledGrammar _grammar;
    private readonly Stacks _stacks;
    private readonly TokenWalk _walk;
    private readonly byte[] _bytes;
    private readonly int[] _endIds;
    private int _remaining = int.MaxValue;
    private bool _ended;
    private bool _isFound;

    internal JsonSchemaConstraint(CompiledGrammar grammar, ReadOnlySpan<int> endIds)
    {
        _grammar = grammar;
        _stacks = new Stacks(grammar.Automaton, grammar.MaxDepth);
        _walk = new TokenWalk(grammar, _stacks);
        _bytes = new byte[grammar.Tree.MaxBytes];
        _endIds = endIds.ToArray();
        Reset();
    }

    /// <inheritdoc/>
    public override bool MayEnd => _ended;

    /// <summary>Whether the text is whole, and nothing may follow but its end.</summary>
    public bool IsComplete => _ended && _stacks.Top.Threads == 0;

    /// <inheritdoc/>
    /// <remarks>The ids that end a text are left as they are where the text may end, if the constraint was made with them.</remarks>
    /// <exception cref="ArgumentException">There are fewer logits than the vocabulary has ids.</exception>
    public override void Mask(Span<float> logits)
    {
        if (logits.Length < _grammar.Tree.VocabularySize)
        {
            throw new ArgumentException($"{logits.Length} logits, but the tokenizer has {_grammar.Tree.VocabularySize} ids. Give the logits of the whole vocabulary.", nameof(logits));
        }

        Find();
        if (_ended)
        {
            foreach (var id in _endIds)
            {
                if ((uint)id < (uint)_grammar.Tree.VocabularySize)
                {
                    _walk.Mask[id >> 6] |= 1UL << id;
                }
            }
        }

        TokenMask.Apply(_walk.Mask, logits);
    }

    /// <summary>Whether a token may come next.</summary>
    /// <param name="id">The token's id.</param>
    public bool Allows(int id)
    {
        if ((uint)id >= (uint)_grammar.Tree.VocabularySize)
        {
            return false;
        }

        Find();
        return (_walk.Mask[id >> 6] & (1UL << id)) != 0 || (_ended && _endIds.AsSpan().Contains(id));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The token may not come here.</exception>
    public override void Accept(int id)
    {
        var bytes = _grammar.Tree.Bytes(id, _bytes);
        if (bytes.IsEmpty && _ended && _endIds.AsSpan().Contains(id))
        {
            return;
        }

        var before = _stacks.Top;
        var from = 0;
        foreach (var one in bytes)
        {
            var to = _stacks.Top.Threads;
            if (!_stacks.Step(from, to, one))
            {
                bytes = default;
                break;
            }

            from = to;
        }

        if (bytes.IsEmpty)
        {
            _stacks.Back(before);
            throw new ArgumentException($"Token {id} may not come here. Take one whose logit Mask leaves finite.", nameof(id));
        }

        _remaining = _remaining == int.MaxValue ? _remaining : Math.Max(0, _remaining - 1);
        _ended = _stacks.Ended;
        _stacks.Keep(from);
        _isFound = false;
    }

    /// <inheritdoc/>
    public override void Remaining(int tokens)
    {
        _remaining = tokens;
        _isFound = false;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        _stacks.Begin();
        (_ended, _isFound, _remaining) = (false, false, int.MaxValue);
    }

    private void Find()
    {
        // Where the end does not fit any more, the text goes on as if there were time.
        if (!_isFound && (_remaining == int.MaxValue || !_walk.Find(Math.Max(0, _remaining - 1))))
        {
            _walk.Find(int.MaxValue);
        }

        _isFound = true;
    }
}
