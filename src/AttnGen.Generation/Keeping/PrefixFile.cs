using System.Buffers.Binary;
using System.Security.Cryptography;

namespace AttnGen.Generation;

/// <summary>
/// A text that was read, in a file: "AttnGenP", version (4 bytes), number of tokens (4), their ids (4 each), SHA-256 of all that (32), then what <see cref="TokenSequence.Save"/> writes. All numbers are
/// little-endian.
/// </summary>
internal static class PrefixFile
{
    private const int Version = 1;
    private const int NumbersAt = 8;
    private const int IdsAt = NumbersAt + (2 * sizeof(int));

    private static ReadOnlySpan<byte> Magic => "AttnGenP"u8;

    public static void Save(Stream stream, ReadOnlySpan<int> ids, TokenSequence sequence)
    {
        var head = new byte[IdsAt + (ids.Length * sizeof(int)) + SHA256.HashSizeInBytes];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(NumbersAt), Version);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(NumbersAt + sizeof(int)), ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(IdsAt + (i * sizeof(int))), ids[i]);
        }

        SHA256.HashData(head.AsSpan(..^SHA256.HashSizeInBytes), head.AsSpan(^SHA256.HashSizeInBytes..));
        stream.Write(head);
        sequence.Save(stream);
    }

    /// <exception cref="InvalidDataException">The stream holds no prefix of this model, or is damaged.</exception>
    public static (int[] Ids, TokenSequence Sequence) Load(Stream stream, ILanguageModel model)
    {
        var start = new byte[IdsAt];
        Read(start);
        if (!start.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException("The stream does not hold a prefix: it does not begin with 'AttnGenP'. TextGenerator.SavePrefix writes one.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(NumbersAt));
        if (version != Version)
        {
            throw new InvalidDataException($"The prefix is of version {version}, but this version of AttnGen reads {Version}; save it again.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(NumbersAt + sizeof(int)));
        if (count < 1 || count > model.Info.MaxTokens)
        {
            throw new InvalidDataException($"The prefix has {count} tokens, but the context window of the model is {model.Info.MaxTokens}; it is of another model, or damaged.");
        }

        var rest = new byte[(count * sizeof(int)) + SHA256.HashSizeInBytes];
        Read(rest);
        var ids = new int[count];
        for (var i = 0; i < count; i++)
        {
            ids[i] = BinaryPrimitives.ReadInt32LittleEndian(rest.AsSpan(i * sizeof(int)));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        hash.AppendData(rest.AsSpan(..^SHA256.HashSizeInBytes));
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(rest.AsSpan(^SHA256.HashSizeInBytes..)))
        {
            throw new InvalidDataException("The prefix is damaged: its checksum is not that of its tokens. Save it again.");
        }

        var sequence = model.CreateSequence(Math.Min((count + 31) & ~31, model.Info.MaxTokens));
        try
        {
            sequence.Load(stream);
            return sequence.Position == count ? (ids, sequence) : throw new InvalidDataException($"The prefix is damaged: it names {count} tokens, and holds {sequence.Position}. Save it again.");
        }
        catch
        {
            sequence.Dispose();
            throw;
        }

        void Read(Span<byte> bytes)
        {
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            {
                throw new InvalidDataException("The prefix is cut: the stream ends before it does. Save it again.");
            }
        }
    }
}
