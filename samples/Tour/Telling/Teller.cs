using System.Numerics.Tensors;
using System.Text;
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
        var text = Encoding.UTF8.GetDecoder();
        for (var next = Likeliest(); next != pieces.End; next = Likeliest())
        {
            var bytes = pieces.BytesOf(next);
            var characters = new char[text.GetCharCount(bytes, flush: false)];
            text.GetChars(bytes, characters, flush: false);
            yield return new string(characters);
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
        var bytes = new List<byte>();
        for (var i = position; i > position - tokens && i >= 0; i--)
        {
            var piece = pieces.BytesOf(_ids[i]);
            if (piece.Length == 0 || (i < position && piece is [.., (byte)'.']))
                break;
            bytes.InsertRange(0, piece);
        }

        return Encoding.UTF8.GetString([.. bytes]).Trim();
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
