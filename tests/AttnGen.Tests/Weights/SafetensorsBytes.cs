using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace AttnGen.Tests.Weights;

/// <summary>Makes safetensors files, good and bad.</summary>
internal static class SafetensorsBytes
{
    /// <summary>The length field, a header as given, and so many bytes of data.</summary>
    public static byte[] Raw(string header, int dataLength) => Raw(Encoding.UTF8.GetBytes(header), new byte[dataLength]);

    public static byte[] Raw(byte[] header, byte[] data)
    {
        var file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return file;
    }

    /// <summary>A sound file of these tensors, in this order.</summary>
    public static byte[] File(params (string Name, string Type, long[] Shape, byte[] Data)[] tensors)
    {
        var header = new StringBuilder("{");
        var end = 0;
        foreach (var (name, type, shape, data) in tensors)
        {
            header.Append(header.Length > 1 ? "," : "").Append(
                CultureInfo.InvariantCulture,
                $"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(",", shape)}],\"data_offsets\":[{end},{end + data.Length}]}}");
            end += data.Length;
        }

        return Raw(Encoding.UTF8.GetBytes(header.Append('}').ToString()), [.. tensors.SelectMany(tensor => tensor.Data)]);
    }

    public static byte[] Floats(params float[] values) =>
        [.. values.SelectMany(BitConverter.GetBytes)];
}

/// <summary>A stream without a length that gives a few bytes at a time, like a socket.</summary>
internal sealed class Trickle(byte[] bytes, int step = 7) : Stream
{
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(step, buffer.Length), bytes.Length - _at);
        bytes.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A file on disk that goes away with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] bytes)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"attngen {Guid.NewGuid():N}.safetensors");
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
