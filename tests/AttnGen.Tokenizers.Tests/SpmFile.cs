using System.Buffers.Binary;
using System.Text;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Writes SentencePiece's own files.</summary>
internal static class SpmFile
{
    /// <summary>A model.</summary>
    /// <param name="type">1: Unigram; 2: BPE.</param>
    /// <param name="pieces">Texts, scores, and types: 1 normal, 2 unknown, 3 control, 4 the user's, 6 a byte.</param>
    /// <param name="unknown">The unknown piece.</param>
    /// <param name="byteFallback">Whether unknown characters are bytes.</param>
    public static byte[] Write(int type, IEnumerable<(string Text, float Score, int Type)> pieces, int unknown, bool byteFallback)
    {
        using var file = new MemoryStream();
        foreach (var piece in pieces)
        {
            byte[] text = Encoding.UTF8.GetBytes(piece.Text);
            var score = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(score, piece.Score);
            Field(file, 1, [1 << 3 | 2, .. Number(text.Length), .. text, 2 << 3 | 5, .. score, 3 << 3, (byte)piece.Type]);
        }

        Field(file, 2, [3 << 3, (byte)type, .. Number(35 << 3), byteFallback ? (byte)1 : (byte)0, .. Number(40 << 3), .. Number(unknown)]);
        return file.ToArray();
    }

    private static void Field(MemoryStream to, int field, byte[] content)
    {
        to.WriteByte((byte)(field << 3 | 2));
        to.Write(Number(content.Length));
        to.Write(content);
    }

    private static byte[] Number(int value) => value < 0x80 ? [(byte)value] : [(byte)(value & 0x7F | 0x80), .. Number(value >> 7)];
}
