using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AttnGen;

// Sequences in files. All numbers are little-endian:
//   "AttnGenS"  version (4 bytes)  format (4)  layers (4)  heads of keys (4)  floats of a key (4)  floats of a value (4)  tokens (4)  first token of sliding layers (4)  tokens of the source (4)  state (4 + 4)
//   SHA-256 of the model's packed weights (32)
//   layer by layer, head by head: keys [tokens/16, rounded up][Dh][16], values [tokens][Dv], as float32, in sliding layers from their first token on; then the same of the source
//   SHA-256 of everything before (32)
public sealed partial class TokenSequence
{
    private const int FileVersion = 1;
    private const int HeaderNumbers = 11;
    private const int Float32Format = 0;
    private const int HeaderBytes = 8 + (HeaderNumbers * sizeof(int)) + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "AttnGenS"u8;

    /// <summary>Writes the tokens' keys and values to a stream, so that a text that was read once (a long prompt) need not be read again.</summary>
    /// <remarks>The first save or load of a loaded model goes once through its weights, to tell it from other models.</remarks>
    /// <param name="stream">The stream; it stays open.</param>
    /// <exception cref="InvalidOperationException">Another call is using this sequence.</exception>
    /// <exception cref="IOException">The stream could not be written; what was written is no saved sequence.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        LittleEndianOnly();
        Enter();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> header = stackalloc byte[HeaderBytes];
            WriteHeader(header);
            Write(header);
            for (var part = 0; part < Parts; part++)
            {
                Write(MemoryMarshal.AsBytes(Part(part)));
            }

            stream.Write(hash.GetHashAndReset());

            void Write(ReadOnlySpan<byte> bytes)
            {
                hash.AppendData(bytes);
                stream.Write(bytes);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Puts what was saved in the place of this sequence's tokens. What does not fit is refused, and then the sequence is as it was.</summary>
    /// <param name="stream">The stream, at the first byte that <see cref="Save"/> wrote; it stays open, and is read to the last byte that Save wrote.</param>
    /// <exception cref="InvalidDataException">The stream does not hold a saved sequence of this model, or is cut or damaged; the message says which.</exception>
    /// <exception cref="InvalidOperationException">There is no room for so many tokens, or another call is using this sequence.</exception>
    /// <exception cref="ObjectDisposedException">The sequence or its model has been disposed.</exception>
    public void Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        LittleEndianOnly();
        Enter();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> header = stackalloc byte[HeaderBytes];
            Read(header);
            Span<float> state = stackalloc float[2];
            var (tokens, oldest) = ReadHeader(header, state);

            // To a place of its own first: a file that turns out to be damaged at its end must not have changed anything.
            var fresh = new TokenSequence(_model, Math.Max(1, tokens), SourceTokens);
            fresh.Take(tokens, oldest);
            using (fresh)
            {
                for (var part = 0; part < Parts; part++)
                {
                    Read(MemoryMarshal.AsBytes(fresh.Part(part)));
                }

                Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes], found = stackalloc byte[SHA256.HashSizeInBytes];
                hash.GetHashAndReset(sum);
                Read(found);
                if (!sum.SequenceEqual(found))
                {
                    throw new InvalidDataException("The saved sequence is damaged: its checksum is not that of its bytes. Save it again.");
                }

                Take(tokens, oldest);
                for (var part = 0; part < Parts; part++)
                {
                    fresh.Part(part).CopyTo(Part(part));
                }

                state.CopyTo(State);
                Mirror();
            }

            void Read(Span<byte> bytes)
            {
                if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                {
                    throw new InvalidDataException("The saved sequence is cut: the stream ends before it does. Save it again.");
                }

                hash.AppendData(bytes);
            }
        }
        finally
        {
            Leave();
        }
    }

    private static void LittleEndianOnly()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Sequences are saved and loaded on little-endian processors only.");
        }
    }

    private void WriteHeader(Span<byte> header)
    {
        var sizes = _model.Sizes;
        Magic.CopyTo(header);
        ReadOnlySpan<int> numbers = [FileVersion, Float32Format, sizes.Layers, sizes.KvHeads, sizes.KeyDim, sizes.ValueStride, _position, Held, SourceTokens, State[0] == 0 ? 0 : 1, State[1] == 0 ? 0 : 1];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header[(Magic.Length + (i * sizeof(int)))..], numbers[i]);
        }

        _model.Fingerprint.CopyTo(header[(HeaderBytes - SHA256.HashSizeInBytes)..]);
    }

    private (int Tokens, int Oldest) ReadHeader(ReadOnlySpan<byte> header, Span<float> state)
    {
        if (!header.StartsWith(Magic))
        {
            throw new InvalidDataException("The stream does not hold a saved sequence: it does not begin with 'AttnGenS'.");
        }

        Span<int> numbers = stackalloc int[HeaderNumbers];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(header[(Magic.Length + (i * sizeof(int)))..]);
        }

        if (numbers[0] != FileVersion)
        {
            throw new InvalidDataException($"The saved sequence is of version {numbers[0]}, but this version of AttnGen reads {FileVersion}; read the text again and save that.");
        }

        if (numbers[1] != Float32Format)
        {
            throw new InvalidDataException($"The saved sequence holds numbers of format {numbers[1]}, but this one holds {Float32Format} (float32); read the text again and save that.");
        }

        var sizes = _model.Sizes;
        ReadOnlySpan<int> expected = [sizes.Layers, sizes.KvHeads, sizes.KeyDim, sizes.ValueStride];
        if (!numbers[2..6].SequenceEqual(expected) || !header[^SHA256.HashSizeInBytes..].SequenceEqual(_model.Fingerprint))
        {
            throw new InvalidDataException($"The saved sequence is of another model, or of other weights, than {_model.Name}; load it into the model that saved it.");
        }

        var tokens = numbers[6];
        if (tokens < 0 || tokens > sizes.MaxTokens)
        {
            throw new InvalidDataException($"The saved sequence is damaged: it says that it holds {tokens} tokens, and the model's context window is {sizes.MaxTokens}.");
        }

        var oldest = numbers[7];
        if (oldest != HeldOf(tokens))
        {
            throw new InvalidDataException($"The saved sequence is damaged: it says that sliding layers hold its tokens from {oldest} on.");
        }

        if (tokens > Capacity)
        {
            throw new InvalidOperationException($"The saved sequence holds {tokens} tokens, but this one has room for {Capacity}; make it with a capacity of at least {tokens}.");
        }

        if (sizes.SourceKvHeads == 0 && numbers[8] != 0)
        {
            throw new InvalidDataException($"The saved sequence is damaged: it says that it reads a source of {numbers[8]} tokens, and {_model.Name} reads none.");
        }

        if (numbers[8] != SourceTokens)
        {
            throw new InvalidOperationException($"The saved sequence reads a source of {numbers[8]} tokens, but this one reads a source of {SourceTokens}; encode the same source first.");
        }

        state[0] = numbers[9] == 0 ? 0 : 1;
        state[1] = numbers[10] == 0 ? 0 : 1;
        return (tokens, oldest);
    }
}
