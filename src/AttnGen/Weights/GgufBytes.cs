using Microsoft.Win32.SafeHandles;

namespace AttnGen;

/// <summary>The bytes of a GGUF file: behind a handle, which many threads may read at once, or in a stream, where they take turns.</summary>
internal sealed class GgufBytes(SafeFileHandle? handle, Stream? stream) : IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>Reads bytes.</summary>
    /// <returns>False: the file ends before.</returns>
    public bool TryRead(long position, Span<byte> bytes)
    {
        if (handle is not null)
        {
            while (bytes.Length > 0)
            {
                var read = RandomAccess.Read(handle, bytes, position);
                if (read == 0)
                {
                    return false;
                }

                bytes = bytes[read..];
                position += read;
            }

            return true;
        }

        lock (_lock)
        {
            stream!.Position = position;
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;
        }
    }

    public void Dispose() => handle?.Dispose();
}
