using AttnGen.Folders;
using AttnGen.Gguf;

namespace AttnGen;

/// <summary>
/// A GGUF file as a hub's folder of the same model: its tensors under the folder's names, in its shapes and order of rows. What the converter of
/// llama.cpp does to some of them is undone while they are read. Classes that are compiled from a GGUF file load it so.
/// </summary>
public sealed class GgufModel : ITensorSource, IDisposable
{
    private readonly GgufFile _file;
    private readonly GgufMap _map;

    // The last matrices that were turned: they are read line by line, by several threads.
    private readonly (string Name, float[] Values)[] _turned = new (string, float[])[4];
    private readonly Lock _lock = new();
    private int _next;

    private GgufModel(GgufFile file, GgufMap map)
    {
        _file = file;
        _map = map;
    }

    /// <inheritdoc/>
    public string Name => _file.Name;

    /// <summary>The names of the folder's tensors, in the order of the file.</summary>
    public IEnumerable<string> TensorNames => _map.TensorNames;

    /// <summary>Opens a file, or the only GGUF file of a folder.</summary>
    /// <param name="path">The path of the file or the folder.</param>
    /// <returns>The model, open until it is disposed.</returns>
    /// <exception cref="GgufFormatException">The file is malformed, or has what is not supported, such as another architecture.</exception>
    /// <exception cref="IOException">The file is not there, or cannot be read; the message names it.</exception>
    public static GgufModel Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Of(GgufFile.Open(FileOf(path)));
    }

    /// <summary>Reads a file from a stream, as <see cref="GgufFile.Open(Stream, string?)"/> does.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="name">What to call it in messages; null: the path if it is a <see cref="FileStream"/>, otherwise "stream".</param>
    /// <returns>The model.</returns>
    /// <exception cref="GgufFormatException">The file is malformed, or has what is not supported.</exception>
    public static GgufModel Open(Stream stream, string? name = null) => Of(GgufFile.Open(stream, name));

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        var tensor = _map.Find(name);
        shape = tensor?.Shape;
        return tensor is not null;
    }

    /// <inheritdoc/>
    /// <exception cref="WeightMismatchException">There is no such tensor.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It does not have so many elements.</exception>
    /// <exception cref="GgufFormatException">The file got shorter after it was opened.</exception>
    public void Read(string name, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        var tensor = _map.Find(name) ?? throw WeightText.Missing(this, name, "");
        var shape = tensor.Shape;
        var columns = shape[1..].Aggregate(1L, (product, size) => product * size);
        TensorRange.Check(this, name, shape[0] * columns, start, destination.Length);
        if (tensor.Turn == GgufTurn.Transposed)
        {
            Turned(name, tensor).AsSpan((int)start, destination.Length).CopyTo(destination);
            return;
        }

        for (var done = 0; done < destination.Length;)
        {
            var (row, column) = Math.DivRem(start + done, columns);
            var count = (int)Math.Min(destination.Length - done, (_map.Run(tensor, row) * columns) - column);
            _file.Read(tensor.Source, (_map.RowOf(tensor, row) * columns) + column, destination.Slice(done, count));
            done += count;
        }

        if (tensor.Turn == GgufTurn.PlusOne)
        {
            foreach (ref var value in destination)
            {
                value -= 1;
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>The type of a tensor's elements, or null if there is no such tensor.</summary>
    internal string? DataType(string name) => _map.Find(name)?.Source.Type.Name;

    private static GgufModel Of(GgufFile file)
    {
        try
        {
            return new(file, GgufMap.Of(file.Header));
        }
        catch (GgufProblem problem)
        {
            file.Dispose();
            throw new GgufFormatException(file.Name, problem);
        }
    }

    private static string FileOf(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? path : throw new FileNotFoundException($"There is no file or folder '{path}', which should be the GGUF file that the class was made of; give its path.", path);
        }

        string[] files = [.. Directory.EnumerateFiles(path).Where(FolderNames.IsGguf).Order(StringComparer.Ordinal).Take(2)];
        return files.Length == 1 ? files[0]
            : throw new FileNotFoundException($"The folder '{path}' holds {(files.Length == 0 ? "no GGUF file" : "more than one GGUF file")}; give the path of the file that the class was made of.", path);
    }

    private float[] Turned(string name, GgufMapped tensor)
    {
        lock (_lock)
        {
            var known = Array.Find(_turned, one => one.Name == name).Values;
            if (known is not null)
            {
                return known;
            }

            // [outputs, inputs] to [inputs, outputs].
            var (inputs, outputs) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
            var values = new float[checked(inputs * outputs)];
            var row = new float[inputs];
            for (var output = 0; output < outputs; output++)
            {
                _file.Read(tensor.Source, (long)output * inputs, row);
                for (var input = 0; input < inputs; input++)
                {
                    values[((long)input * outputs) + output] = row[input];
                }
            }

            _turned[_next++ % _turned.Length] = (name, values);
            return values;
        }
    }
}
