using System.Buffers.Binary;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A SentencePiece model file: what of its protocol buffer is needed.</summary>
internal sealed class SentencePieceFile
{
    private const int Unigram = 1;
    private const int Bpe = 2;
    private const int Control = 3;
    private const int UserDefined = 4;

    /// <summary>The pieces; ids are positions.</summary>
    public PieceList Pieces { get; }

    public List<float> Scores { get; } = [];

    /// <summary>Pieces that are looked for in the text before anything else: control symbols and those that the user defined.</summary>
    public List<(string Text, bool Control)> Symbols { get; } = [];

    /// <summary>1: Unigram; 2: BPE; 3: words; 4: characters.</summary>
    public int ModelType { get; private set; } = Unigram;

    public int UnknownId { get; private set; }

    public bool ByteFallback { get; private set; }

    public bool TreatWhitespaceAsSuffix { get; private set; }

    public byte[] CharacterMap { get; private set; } = [];

    public bool IsUnigram => ModelType == Unigram;

    public bool IsBpe => ModelType == Bpe;

    /// <exception cref="FormatException">The file is cut off or no such file.</exception>
    public SentencePieceFile(ReadOnlySpan<byte> bytes)
    {
        Pieces = new PieceList(bytes.Length, 1 << 15);
        var reader = new Reader(bytes);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    ReadPiece(reader.Bytes());
                    break;
                case 2:
                    ReadTrainer(reader.Bytes());
                    break;
                case 3:
                    ReadNormalizer(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (Pieces.Count == 0)
        {
            throw new FormatException("it has no pieces");
        }
    }

    private void ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        var (length, score, kind) = (0, 0f, 1L);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 1:
                    var text = reader.Bytes();
                    length = Encoding.UTF8.GetChars(text, Pieces.Room(text.Length));
                    break;
                case 2:
                    score = reader.Single();
                    break;
                case 3:
                    kind = reader.Number();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Pieces.Take(length, Pieces.Count);
        Scores.Add(score);
        if (kind is Control or UserDefined)
        {
            Symbols.Add((Pieces[Pieces.Count - 1].ToString(), kind == Control));
        }
    }

    private void ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        while (reader.Next(out var field))
        {
            switch (field)
            {
                case 3:
                    ModelType = (int)reader.Number();
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = reader.Number() != 0;
                    break;
                case 35:
                    ByteFallback = reader.Number() != 0;
                    break;
                case 40:
                    UnknownId = (int)reader.Number();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        var reader = new Reader(bytes);
        while (reader.Next(out var field))
        {
            if (field == 2)
            {
                CharacterMap = reader.Bytes().ToArray();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Reads the fields of a message.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;
        private int _wire;

        public bool Next(out int field)
        {
            field = 0;
            if (_rest.IsEmpty)
            {
                return false;
            }

            var key = Number();
            (field, _wire) = ((int)(key >> 3), (int)(key & 7));
            return true;
        }

        public long Number()
        {
            long value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var one = Take(1)[0];
                value |= (long)(one & 0x7F) << shift;
                if (one < 0x80)
                {
                    return value;
                }
            }

            throw new FormatException("a number has too many bytes");
        }

        public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

        public ReadOnlySpan<byte> Bytes()
        {
            var length = Number();
            return _wire == 2 && length is >= 0 and <= int.MaxValue ? Take((int)length) : throw new FormatException("a field has another kind than expected");
        }

        public void Skip()
        {
            switch (_wire)
            {
                case 0:
                    Number();
                    break;
                case 1:
                    Take(8);
                    break;
                case 2:
                    Bytes();
                    break;
                case 5:
                    Take(4);
                    break;
                default:
                    throw new FormatException("it is no protocol buffer");
            }
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if ((uint)count > (uint)_rest.Length)
            {
                throw new FormatException("it is cut off");
            }

            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }
    }
}
