using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using AttnGen;

namespace Tour;

/// <summary>
/// A conversation with the tale teller. Its sequence keeps the keys and values of every token that was said, so that each step reads one token and chooses the next.
/// </summary>
internal sealed class Teller(TaleTeller model, Pieces pieces) : IDisposable
{
    private readonly TokenSequence _sequence = model.CreateSequence();
    private readonly float[] _logits = new float[TaleTeller.LogitsSize];
    private readonly float[] _attention = new float[TaleTeller.Layers * TaleTeller.Heads * TaleTeller.MaxTokens];
    private readonly List<int> _ids = [];

    /// <summary>All tokens that were read or written.</summary>
    public IReadOnlyList<int> Ids => _ids;

    public void Dispose() => _sequence.Dispose();

    /// <summary>Answers piece by piece, always with the likeliest one, until the model says that it is done, or the window is full.</summary>
    /// <returns>What each piece adds to the text. Meanwhile <see cref="Looks"/> is what the model looked at as it chose the piece.</returns>
    public IEnumerable<string> Answer(string request)
    {
        var prompt = pieces.Ask(request, begins: _ids.Count == 0);
        if (prompt.Length > _sequence.Capacity - _sequence.Position)
            yield break;
        Read(prompt.AsSpan(0, prompt.Length - 1));
        Read([prompt[^1]]);
        var text = pieces.Decoder();
        for (var next = Likeliest(); next != pieces.End; next = Likeliest())
        {
            yield return text.Append(next).ToString();
            if (_sequence.Position == _sequence.Capacity)
                yield break;
            Read([next]);
        }

        if (_sequence.Position < _sequence.Capacity)
            Read([pieces.End]);
    }

    /// <summary>How much one head looked at each token so far, as the model chose the latest piece; sums to 1.</summary>
    public ReadOnlySpan<float> Looks(HeadName head) =>
        _attention.AsSpan(((head.Layer * TaleTeller.Heads) + head.Head) * _sequence.Position, _sequence.Position);

    /// <summary>A token with the few before it in its sentence, such as "Mira saw Ana in the shop.".</summary>
    public string TextUpTo(int position, int tokens = 7)
    {
        var start = position + 1;
        for (; start > position - tokens + 1 && start > 0; start--)
        {
            var id = _ids[start - 1];
            if (pieces.IsMark(id) || (start <= position && pieces.Text([id]) is [.., '.']))
                break;
        }

        return pieces.Text(CollectionsMarshal.AsSpan(_ids)[start..(position + 1)]).Trim();
    }

    private int Likeliest() => TensorPrimitives.IndexOfMax<float>(_logits);

    // Attention weights are asked for one token at a time: [L, H, 1, S].
    private void Read(ReadOnlySpan<int> ids)
    {
        var weights = ids.Length == 1 ? _attention.AsSpan(0, TaleTeller.Layers * TaleTeller.Heads * (_sequence.Position + 1)) : default;
        _sequence.Extend(ids, _logits, new ForwardTrace { AttentionWeights = weights });
        _ids.AddRange(ids);
    }
}
