using System.Text;
using AttnGen.Generator.Json;

namespace AttnGen.Gguf;

/// <summary>Reads the parts of a GGUF file in order. What a file claims to hold is compared with what is left of it before anything is allocated.</summary>
/// <param name="stream">The file; it can seek.</param>
/// <param name="file">What messages call it.</param>
internal sealed class GgufCursor(Stream stream, string file)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _at;
    private int _have;

    /// <summary>What messages call the file.</summary>
    public string File { get; } = file;

    /// <summary>Bytes of the file.</summary>
    public long Length { get; } = stream.Length;

    /// <summary>The byte that is read next.</summary>
    public long Position => stream.Position - _have + _at;

    /// <summary>Bytes that are left.</summary>
    public long Left => Length - Position;

    /// <summary>What is wrong, as an exception.</summary>
    public GgufProblem Fail(string what, string? tensor = null) =>
        new($"{File} {what}; fetch the file again, or write it again with the converter of llama.cpp.", tensor);

    /// <summary>The same, for what is sound and not supported.</summary>
    public GgufProblem Unsupported(string what, string? tensor = null) => new($"{File} {what}.", tensor, isUnsupported: true);

    public void Go(long position)
    {
        stream.Position = position;
        _at = _have = 0;
    }

    public ulong Unsigned(int bytes, string where)
    {
        Need(bytes, where);
        ulong value = 0;
        for (int i = bytes - 1; i >= 0; i--)
            value = (value << 8) | _buffer[_at + i];
        _at += bytes;
        return value;
    }

    /// <summary>A string.</summary>
    /// <param name="where">What it is, for messages.</param>
    /// <param name="longest">The most bytes that it may have.</param>
    public string Text(string where, int longest)
    {
        int length = Length32(where, longest);
        byte[] bytes = new byte[length];
        for (int done = 0; done < length;)
        {
            int part = Math.Min(length - done, _buffer.Length);
            Need(part, where);
            Array.Copy(_buffer, _at, bytes, done, part);
            _at += part;
            done += part;
        }

        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Fail($"has {where} that is not UTF-8 ({ForeignText.Quote(Encoding.UTF8.GetString(bytes))})");
        }
    }

    /// <summary>Passes over a string.</summary>
    public void SkipText(string where, int longest) => Skip(Length32(where, longest));

    public void Skip(long bytes)
    {
        if (bytes <= _have - _at)
            _at += (int)bytes;
        else
            Go(Position + bytes);
    }

    private int Length32(string where, int longest)
    {
        ulong length = Unsigned(8, where);
        if (length > (ulong)Left)
            throw Fail($"has {where} of {length} bytes, but only {Left} are left in the file");
        if (length > (ulong)longest)
            throw Fail($"has {where} of {length} bytes, at most {longest} are expected");
        return (int)length;
    }

    private void Need(int bytes, string where)
    {
        if (_have - _at >= bytes)
            return;
        if (Left < bytes)
            throw Fail($"ends in its header, at byte {Length}, in {where}: it was cut short");
        Array.Copy(_buffer, _at, _buffer, 0, _have - _at);
        _have -= _at;
        _at = 0;
        while (_have < bytes)
        {
            int read = stream.Read(_buffer, _have, _buffer.Length - _have);
            if (read == 0)
                throw Fail($"ends in its header, at byte {Length}, in {where}: it was cut short");
            _have += read;
        }
    }
}
