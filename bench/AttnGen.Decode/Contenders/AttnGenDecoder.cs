namespace AttnGen.Decode;

/// <summary>The generated class.</summary>
internal sealed class AttnGenDecoder(ILanguageModel model) : Decoder("AttnGen")
{
    private readonly TokenSequence _sequence = model.CreateSequence();
    private readonly float[] _logits = new float[model.Info.LogitsSize];

    public override float Tolerance => 0;

    public override int Position => _sequence.Position;

    public override ReadOnlySpan<float> Append(ReadOnlySpan<int> ids)
    {
        _sequence.Extend(ids, _logits);
        return _logits;
    }

    public override void Fill(ReadOnlySpan<int> ids) => _sequence.Extend(ids);

    public override void Back(int position) => _sequence.Rewind(position);

    public override bool Open(int capacity, int? id)
    {
        using TokenSequence sequence = model.CreateSequence(capacity);
        if (id is { } first) sequence.Extend([first], _logits);
        return true;
    }

    public override DecoderBatch Together(int count, ReadOnlySpan<int> prompt) => new Batch(model, count, prompt);

    public override void Dispose() => _sequence.Dispose();

    private sealed class Batch : DecoderBatch
    {
        private readonly TokenSequence[] _sequences;
        private readonly int[] _ones;
        private readonly float[] _logits;
        private readonly int _size;

        public Batch(ILanguageModel model, int count, ReadOnlySpan<int> prompt)
        {
            _sequences = new TokenSequence[count];
            _ones = new int[count];
            Array.Fill(_ones, 1);
            _size = model.Info.LogitsSize;
            _logits = new float[count * _size];
            for (int i = 0; i < count; i++)
            {
                _sequences[i] = model.CreateSequence(2 * prompt.Length);
                _sequences[i].Extend(prompt);
            }
        }

        public override void Append(ReadOnlySpan<int> ids) => TokenSequence.Extend(_sequences, _ones, ids, _logits);

        public override ReadOnlySpan<float> Logits(int sequence) => _logits.AsSpan(sequence * _size, _size);

        public override void Back(int position) => Array.ForEach(_sequences, sequence => sequence.Rewind(position));

        public override void Dispose() => Array.ForEach(_sequences, sequence => sequence.Dispose());
    }
}
