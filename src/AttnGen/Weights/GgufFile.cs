using System.Diagnostics.CodeAnalysis;
using AttnGen.Gguf;

namespace AttnGen;

/// <summary>A GGUF file: named tensors under the names that the file has, read as float32 from F32, F16, BF16, F64, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K.</summary>
/// <remarks>
/// <para>The whole header is proved sound before anything is read: every tensor lies inside the file, where its alignment wants it, and none
/// overlaps another. Nothing is allocated because the file says how much it holds.</para>
/// <para>All members may be used from many threads. <see cref="GgufModel"/> has the tensors as a hub's folder of the same model has them.</para>
/// </remarks>
public sealed class GgufFile : ITensorSource, IDisposable
{
    private const int StepBytes = 1 << 18;

    private readonly GgufHeader _header;
    private readonly GgufBytes _bytes;

    private GgufFile(string name, GgufHeader header, GgufBytes bytes)
    {
        Name = name;
        _header = header;
        _bytes = bytes;
    }

    /// <summary>The file's path, or what the stream was called.</summary>
    public string Name { get; }

    /// <summary>The names of all tensors, in the order of the header.</summary>
    public IEnumerable<string> TensorNames => _header.Tensors.Select(tensor => tensor.Name);

    /// <summary>The keys of the metadata, in the file's order.</summary>
    public IEnumerable<string> MetadataKeys => _header.Keys;

    internal GgufHeader Header => _header;

    /// <summary>Opens a file. Only its header is read before something is asked for.</summary>
    /// <param name="path">The file's path.</param>
    /// <returns>The file, open until it is disposed. It must not be changed meanwhile; a file that got shorter is noticed when it is read.</returns>
    /// <exception cref="GgufFormatException">The file is malformed, or not supported.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read; the message names the path.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        try
        {
            // A pipe is read to its end.
            return file.CanSeek ? new(path, ReadHeader(file, path), new(file.SafeFileHandle, null)) : Copied(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file from a stream, such as an embedded resource.</summary>
    /// <param name="stream">The stream. One that can seek, and begins with the file, is read while the file is in use, and nobody else may use it meanwhile; another is read to its end into memory. It stays open.</param>
    /// <param name="name">What to call it in messages; null: the path if it is a <see cref="FileStream"/>, otherwise "stream".</param>
    /// <returns>The file.</returns>
    /// <exception cref="GgufFormatException">The file is malformed, or not supported.</exception>
    /// <exception cref="IOException">The stream cannot be read, or is longer than 2 GB and cannot seek.</exception>
    public static GgufFile Open(Stream stream, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        name ??= stream is FileStream file ? file.Name : "stream";
        return stream.CanSeek && stream.Position == 0 ? new(name, ReadHeader(stream, name), new(null, stream)) : Copied(stream, name);
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        var tensor = _header.Find(name);
        shape = tensor?.Shape;
        return tensor is not null;
    }

    /// <summary>Looks up how a tensor is stored.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="dataType">The type of its elements as llama.cpp writes it, such as <c>F32</c> or <c>Q4_K</c>.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGetDataType(string name, [NotNullWhen(true)] out string? dataType)
    {
        ArgumentNullException.ThrowIfNull(name);
        dataType = _header.Find(name)?.Type.Name;
        return dataType is not null;
    }

    /// <summary>Looks up a metadata value that is a string.</summary>
    /// <param name="key">Its key, such as <c>general.name</c>.</param>
    /// <param name="text">Its text.</param>
    /// <returns>Whether it is there, and a string.</returns>
    public bool TryGetText(string key, [NotNullWhen(true)] out string? text)
    {
        ArgumentNullException.ThrowIfNull(key);
        text = _header[key] is { Kind: GgufKind.String } value ? value.Text : null;
        return text is not null;
    }

    /// <inheritdoc/>
    /// <exception cref="WeightMismatchException">There is no such tensor, or its type is none that is read.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It does not have so many elements.</exception>
    /// <exception cref="GgufFormatException">The file got shorter after it was opened.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public void Read(string name, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        Read(_header.Find(name) ?? throw WeightText.Missing(this, name, ""), start, destination);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _bytes.Dispose();

    internal void Read(GgufTensor tensor, long start, Span<float> destination)
    {
        if (!tensor.Type.IsReadable)
        {
            throw new WeightMismatchException(Name, tensor.Name, $"{Name}: tensor {WeightText.Quote(tensor.Name)} is of type {tensor.Type.Name}; {GgufType.Readable} is expected where it is read as float32; quantise the model to one of them.");
        }

        TensorRange.Check(this, tensor.Name, tensor.Elements, start, destination.Length);
        var (elements, size) = (tensor.Type.Elements, tensor.Type.Bytes);
        if (elements > 1 && (start % elements != 0 || destination.Length % elements != 0))
        {
            ReadParts(tensor, start, destination);
            return;
        }

        byte[]? rented = null;
        try
        {
            var most = StepBytes / size * elements;
            rented = System.Buffers.ArrayPool<byte>.Shared.Rent(Math.Min(most, Math.Max(destination.Length, 1)) / elements * size);
            for (var done = 0; done < destination.Length;)
            {
                var count = Math.Min(most, destination.Length - done);
                var bytes = rented.AsSpan(0, count / elements * size);
                if (!_bytes.TryRead(tensor.Begin + ((start + done) / elements * size), bytes))
                {
                    throw new GgufFormatException(Name, tensor.Name, $"{Name}: tensor {WeightText.Quote(tensor.Name)} needs {tensor.Begin + tensor.Bytes} bytes of file, but the file ends before: it was cut after it was opened; fetch the file again.");
                }

                GgufBlocks.ToSingle(tensor.Type, bytes, destination.Slice(done, count));
                done += count;
            }
        }
        finally
        {
            if (rented is not null)
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    // Not whole blocks: those around them, and of these a part.
    private void ReadParts(GgufTensor tensor, long start, Span<float> destination)
    {
        var elements = tensor.Type.Elements;
        Span<float> block = stackalloc float[elements];
        for (var done = 0; done < destination.Length;)
        {
            var at = (int)((start + done) % elements);
            var whole = (destination.Length - done) / elements * elements;
            if (at == 0 && whole > 0)
            {
                Read(tensor, start + done, destination.Slice(done, whole));
                done += whole;
                continue;
            }

            var count = Math.Min(elements - at, destination.Length - done);
            Read(tensor, start + done - at, block);
            block.Slice(at, count).CopyTo(destination[done..]);
            done += count;
        }
    }

    private static GgufFile Copied(Stream stream, string name)
    {
        var memory = new MemoryStream();
        stream.CopyTo(memory);
        return new(name, ReadHeader(memory, name), new(null, memory));
    }

    private static GgufHeader ReadHeader(Stream stream, string name)
    {
        try
        {
            return GgufHeader.Read(stream, name);
        }
        catch (GgufProblem problem)
        {
            throw new GgufFormatException(name, problem);
        }
    }
}
