using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AttnGen;

/// <summary>A safetensors file: named tensors, read as float32 from F64, F32, F16 or BF16.</summary>
/// <remarks>
/// <para>The whole header is proved sound before anything is read: every tensor lies inside the file, tensors cover the data without gap or
/// overlap, sizes agree with shapes and types. The rules are those of the format's reference reader, and stricter where the format's text is:
/// no key may occur twice in an object, a tensor is an object and its dtype a string. Whatever is wrong is a
/// <see cref="SafetensorsFormatException"/> that names the file, the tensor, what was found and what was expected.</para>
/// <para>All members may be used from many threads, also while another thread disposes: a read in flight ends, later ones throw
/// <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public sealed class SafetensorsFile : ITensorSource, IDisposable
{
    // The step in which a mapped file is read; before each, the file is asked whether it is still long enough.
    private const int StepBytes = 1 << 18;

    private readonly SafetensorsHeader _header;

    // The data is either in _memory, or behind a handle (a mapped file, or native memory) from _dataStart on.
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly SafeBuffer? _buffer;
    private readonly SafeFileHandle? _mapped;
    private readonly long _dataStart;
    private volatile bool _disposed;

    private SafetensorsFile(string name, SafetensorsHeader header, ReadOnlyMemory<byte> memory, SafeBuffer? buffer, SafeFileHandle? mapped, long dataStart)
    {
        Name = name;
        _header = header;
        _memory = memory;
        _buffer = buffer;
        _mapped = mapped;
        _dataStart = dataStart;
    }

    /// <summary>The file's path, or what the stream or memory was called.</summary>
    public string Name { get; }

    /// <summary>The names of all tensors, in the order of the header.</summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public IEnumerable<string> TensorNames => Header.Tensors.Keys;

    /// <summary>The entries of the header's <c>__metadata__</c>; empty if there are none.</summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public IReadOnlyDictionary<string, string> Metadata => Header.Metadata;

    private SafetensorsHeader Header
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _header;
        }
    }

    /// <summary>Opens a file and maps its data into memory; nothing is read before it is asked for. A pipe is read to its end instead.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>The file, open until it is disposed. It must not be changed meanwhile; a file that got shorter is noticed when it is read.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read; the message names the path.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a folder, or may not be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireLittleEndian();
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        SafeBuffer? view = null;
        try
        {
            if (!TryGetLength(file, out var length))
            {
                using var pipe = new FileStream(file, FileAccess.Read, bufferSize: 0);
                return Open(pipe, path);
            }

            Span<byte> field = stackalloc byte[SafetensorsHeader.LengthField];
            ReadExactly(file, 0, field[..(int)Math.Min(length, field.Length)], path);
            var headerLength = HeaderLength(field, length, path);
            var json = new byte[headerLength];
            ReadExactly(file, SafetensorsHeader.LengthField, json, path);
            var header = SafetensorsHeader.Parse(json, path);
            var dataStart = SafetensorsHeader.LengthField + (long)headerLength;
            CompareLength(header, length - dataStart, path);
            view = header.DataLength == 0 ? null : Map(file, length, path);
            return new(path, header, default, view, file, dataStart);
        }
        catch
        {
            view?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file from a stream, from where it stands to its end, into memory.</summary>
    /// <param name="stream">The stream; it need not be seekable, and stays open.</param>
    /// <param name="name">What to call it in messages; null: the path if it is a <see cref="FileStream"/>, otherwise "stream".</param>
    /// <returns>The file; the stream is no longer needed.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static SafetensorsFile Open(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        RequireLittleEndian();
        name ??= stream is FileStream file ? file.Name : "stream";
        var left = stream.CanSeek ? Math.Max(0, stream.Length - stream.Position) : (long?)null;
        Span<byte> field = stackalloc byte[SafetensorsHeader.LengthField];
        var got = stream.ReadAtLeast(field, field.Length, throwOnEndOfStream: false);
        var headerLength = HeaderLength(field, got < field.Length ? got : left ?? long.MaxValue, name);

        SafetensorsHeader header;
        using (var json = new NativeBytes())
        {
            if (json.ReadFrom(stream, headerLength) is var have && have < headerLength)
            {
                throw HeaderTooLong(name, headerLength, have);
            }

            header = SafetensorsHeader.Parse(json.Bytes(headerLength), name);
        }

        if (left is not null)
        {
            CompareLength(header, left.Value - field.Length - headerLength, name);
        }

        var data = new NativeBytes();
        try
        {
            var have = data.ReadFrom(stream, header.DataLength);
            if (have == header.DataLength && stream.ReadByte() >= 0)
            {
                throw new SafetensorsFormatException(name, null, $"{name}: the header describes {header.DataLength} bytes of data, but more follow.");
            }

            CompareLength(header, have, name);
            return new(name, header, default, data, null, 0);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>Takes a file that is in memory already, such as an embedded resource. Nothing is copied.</summary>
    /// <param name="bytes">The whole file; it must not change while it is in use.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <returns>The file.</returns>
    /// <exception cref="SafetensorsFormatException">The file is malformed.</exception>
    public static SafetensorsFile Parse(ReadOnlyMemory<byte> bytes, string name = "memory")
    {
        ArgumentNullException.ThrowIfNull(name);
        RequireLittleEndian();
        var headerLength = HeaderLength(bytes.Span, bytes.Length, name);
        var header = SafetensorsHeader.Parse(bytes.Span.Slice(SafetensorsHeader.LengthField, headerLength), name);
        var data = bytes[(SafetensorsHeader.LengthField + headerLength)..];
        CompareLength(header, data.Length, name);
        return new(name, header, data, null, null, 0);
    }

    /// <inheritdoc/>
    /// <remarks>An empty tensor's size beyond <see cref="long.MaxValue"/>, which the format allows, is given as <see cref="long.MaxValue"/>.</remarks>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        var found = Header.Tensors.TryGetValue(name, out var entry);
        shape = found ? entry!.Shape : default;
        return found;
    }

    /// <summary>Looks up how a tensor is stored.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dataType">The type of its elements as the format writes it, such as <c>F32</c>, <c>BF16</c> or <c>I64</c>.</param>
    /// <returns>Whether it is there.</returns>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public bool TryGetDataType(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? dataType)
    {
        ArgumentNullException.ThrowIfNull(name);
        dataType = Header.Tensors.TryGetValue(name, out var entry) ? entry.Type.Name() : null;
        return dataType is not null;
    }

    /// <summary>Reads elements of a tensor as float32, row-major: F32 as it is, F16 and BF16 widened exactly, F64 rounded to the nearest.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">As many as are wanted.</param>
    /// <exception cref="WeightMismatchException">There is no such tensor, or its type is none of the four.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It does not have so many elements.</exception>
    /// <exception cref="SafetensorsFormatException">The file got shorter after it was opened.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public void Read(string name, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Header.Tensors.TryGetValue(name, out var entry))
        {
            throw WeightText.Missing(this, name, "");
        }

        if (!entry.Type.IsReadable())
        {
            throw new WeightMismatchException(
                Name,
                name,
                $"{Name}: tensor {WeightText.Quote(name)} is of type {entry.Type.Name()}; F64, F32, F16 or BF16 is expected where it is read as float32; convert it to one of them, or leave it out of what is loaded.");
        }

        TensorRange.Check(this, name, entry.Elements, start, destination.Length);
        if (destination.Length == 0)
        {
            return;
        }

        var size = entry.Type.Bits() / 8;
        var begin = entry.Begin + (start * size);
        if (_buffer is null)
        {
            FloatConversion.ToSingle(entry.Type, _memory.Span.Slice((int)begin, destination.Length * size), destination);
            return;
        }

        ReadBuffer(_buffer, entry.Type, size, _dataStart + begin, destination, name);
    }

    /// <summary>Closes the file. May be called again, and while other threads read.</summary>
    public void Dispose()
    {
        _disposed = true;
        _buffer?.Dispose();
        _mapped?.Dispose();
    }

    private unsafe void ReadBuffer(SafeBuffer buffer, TensorType type, int size, long begin, Span<float> destination, string name)
    {
        byte* address = null;
        var held = false;
        try
        {
            // A reference to each handle: a Dispose meanwhile takes effect when this read is over.
            _mapped?.DangerousAddRef(ref held);
            buffer.AcquirePointer(ref address);
            for (var done = 0; done < destination.Length;)
            {
                var count = Math.Min(destination.Length - done, StepBytes / size);
                var at = begin + ((long)done * size);
                if (_mapped is not null)
                {
                    CheckStillThere(_mapped, at + ((long)count * size), name);
                }

                FloatConversion.ToSingle(type, new ReadOnlySpan<byte>(address + at, count * size), destination.Slice(done, count));
                done += count;
            }
        }
        catch (ObjectDisposedException)
        {
            // The handle's own would name the handle.
            throw new ObjectDisposedException(typeof(SafetensorsFile).FullName);
        }
        finally
        {
            if (address is not null)
            {
                buffer.ReleasePointer();
            }

            if (held)
            {
                _mapped!.DangerousRelease();
            }
        }
    }

    // Touching a page of a mapping that the file no longer covers would end the process, so the file is asked first.
    private void CheckStillThere(SafeFileHandle file, long end, string tensor)
    {
        var length = RandomAccess.GetLength(file);
        if (length < end)
        {
            throw new SafetensorsFormatException(
                Name,
                tensor,
                $"{Name}: tensor {WeightText.Quote(tensor)} needs {end} bytes of file, but the file has only {length} now: it was cut after it was opened.");
        }
    }

    private static SafeMemoryMappedViewHandle Map(SafeFileHandle file, long length, string path)
    {
        try
        {
            using var map = MemoryMappedFile.CreateFromFile(file, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);

            // The accessor is only the way to the handle, which lives on without it.
            return map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle;
        }
        catch (ArgumentException inner)
        {
            throw new SafetensorsFormatException(path, null, $"{path}: the file got shorter than {length} bytes while it was opened.", inner);
        }
    }

    private static int HeaderLength(ReadOnlySpan<byte> field, long fileLength, string name)
    {
        if (fileLength < SafetensorsHeader.LengthField)
        {
            throw new SafetensorsFormatException(
                name,
                null,
                $"{name}: this is no safetensors file: it has {fileLength} bytes, and its header's length alone takes {SafetensorsHeader.LengthField}.");
        }

        if (field.StartsWith("version "u8))
        {
            throw new SafetensorsFormatException(
                name, null, $"{name}: this is not the model but a pointer of Git LFS to it", fix: "run 'git lfs pull' in the model's repository, or fetch the file itself from the model's page");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(field);
        if (length > SafetensorsHeader.MaxLength)
        {
            throw new SafetensorsFormatException(
                name,
                null,
                $"{name}: the header's length is {length} bytes, at most {SafetensorsHeader.MaxLength} are expected: this may be no safetensors file.");
        }

        var left = fileLength - SafetensorsHeader.LengthField;
        return length <= (ulong)left ? (int)length : throw HeaderTooLong(name, (long)length, left);
    }

    private static SafetensorsFormatException HeaderTooLong(string name, long length, long left) =>
        new(name, null, $"{name}: the header's length is {length} bytes, but only {left} follow in the file.");

    private static void CompareLength(SafetensorsHeader header, long dataLength, string name)
    {
        if (dataLength != header.DataLength)
        {
            throw new SafetensorsFormatException(
                name,
                null,
                $"{name}: the header describes {header.DataLength} bytes of data, but {dataLength} follow it in the file{(dataLength < header.DataLength ? ": it was cut short" : "")}.");
        }
    }

    private static void ReadExactly(SafeFileHandle file, long offset, Span<byte> destination, string path)
    {
        while (destination.Length > 0)
        {
            var count = RandomAccess.Read(file, destination, offset);
            if (count == 0)
            {
                throw new SafetensorsFormatException(path, null, $"{path}: the file ended at byte {offset} while it was opened.");
            }

            offset += count;
            destination = destination[count..];
        }
    }

    private static bool TryGetLength(SafeFileHandle file, out long length)
    {
        try
        {
            length = RandomAccess.GetLength(file);
            return true;
        }
        catch (NotSupportedException)
        {
            // A pipe has none.
            length = 0;
            return false;
        }
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Tensors are stored little-endian, and this processor is not.");
        }
    }

    /// <summary>Native memory that grows with what a stream really holds: a length that a header claims allocates nothing.</summary>
    private sealed unsafe class NativeBytes : SafeBuffer
    {
        private const int FirstStep = 1 << 16;

        public NativeBytes()
            : base(ownsHandle: true)
        {
            SetHandle((nint)NativeMemory.Alloc(1));
            Initialize(1);
        }

        /// <summary>Reads up to so many bytes.</summary>
        /// <returns>How many there were.</returns>
        public long ReadFrom(Stream stream, long wanted)
        {
            long have = 0;
            long capacity = 0;
            while (have < wanted)
            {
                if (have == capacity)
                {
                    capacity = Math.Min(wanted, Math.Max(FirstStep, capacity * 2));
                    SetHandle((nint)NativeMemory.Realloc((void*)handle, (nuint)capacity));
                    Initialize((ulong)capacity);
                }

                var count = stream.Read(new Span<byte>((byte*)handle + have, (int)Math.Min(capacity - have, int.MaxValue)));
                if (count == 0)
                {
                    break;
                }

                have += count;
            }

            return have;
        }

        public ReadOnlySpan<byte> Bytes(int length) => new((void*)handle, length);

        protected override bool ReleaseHandle()
        {
            NativeMemory.Free((void*)handle);
            return true;
        }
    }
}
