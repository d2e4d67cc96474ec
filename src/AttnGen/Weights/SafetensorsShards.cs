using AttnGen.Folders;

namespace AttnGen;

/// <summary>The safetensors files of a folder as one source: a model in one file, or in shards. The tensors of a file in a subfolder, such as a module of sentence-transformers has, are named by it, too: "2_Dense/linear.weight".</summary>
public sealed class SafetensorsShards : ITensorSource, IDisposable
{
    private const int MostFiles = 10_000; // to look at, for a message

    private readonly SafetensorsFile[] _files;
    private readonly Dictionary<string, (SafetensorsFile File, string Name)> _owners = new(StringComparer.Ordinal);

    /// <param name="name">What messages call the source.</param>
    /// <param name="places">The files' names in the folder, with slashes.</param>
    /// <param name="files">The files; the source owns them.</param>
    internal SafetensorsShards(string name, IReadOnlyList<string> places, SafetensorsFile[] files)
    {
        Name = name;
        _files = files;
        for (var i = 0; i < files.Length; i++)
        {
            var file = files[i];
            var place = places[i].Replace('\\', '/');
            var folder = place[..(place.LastIndexOf('/') + 1)];
            foreach (var tensor in file.TensorNames)
            {
                if (!_owners.TryAdd(folder + tensor, (file, tensor)))
                {
                    throw new SafetensorsFormatException(file.Name, tensor, $"{file.Name}: tensor {WeightText.Quote(tensor)} is also in {_owners[folder + tensor].File.Name}, and each may be in one file only", fix: "fetch the model's files again");
                }
            }
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IEnumerable<string> TensorNames => _owners.Keys;

    /// <summary>The files, in the order in which they were given.</summary>
    public IReadOnlyList<SafetensorsFile> Files => _files;

    /// <summary>Opens files of a folder and maps them into memory.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="files">The files' names, with slashes where they are in subfolders; at least one.</param>
    /// <returns>The source, open until it is disposed.</returns>
    /// <exception cref="SafetensorsFormatException">A file is malformed, or two hold a tensor of the same name.</exception>
    /// <exception cref="IOException">A file or the folder is not there, or cannot be read; the message names it.</exception>
    public static SafetensorsShards Open(string folder, params IReadOnlyList<string> files)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfZero(files.Count, nameof(files));
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}', which should hold {string.Join(", ", files)}; give the folder of the model that the class was made of.");
        }

        if (files.FirstOrDefault(file => !File.Exists(Path.Combine(folder, file))) is { } absent)
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, IgnoreInaccessible = true };
            var what = ForeignFolders.Holds([.. Directory.EnumerateFiles(folder, "*", options).Take(MostFiles).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))], absent);
            throw new FileNotFoundException($"The folder '{folder}' {what ?? $"does not hold {absent}; put that file there, or give the folder of the model that the class was made of"}.", Path.Combine(folder, absent));
        }

        var open = new List<SafetensorsFile>();
        try
        {
            foreach (var file in files)
            {
                open.Add(SafetensorsFile.Open(Path.Combine(folder, file)));
            }

            return new(files.Count == 1 ? open[0].Name : folder, files, [.. open]);
        }
        catch
        {
            open.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetShape(string name, out ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(name);
        shape = default;
        return _owners.TryGetValue(name, out var owner) && owner.File.TryGetShape(owner.Name, out shape);
    }

    /// <inheritdoc/>
    public void Read(string name, long start, Span<float> destination)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_owners.TryGetValue(name, out var owner))
        {
            throw WeightText.Missing(this, name, "");
        }

        owner.File.Read(owner.Name, start, destination);
    }

    /// <summary>The type of a tensor's elements as the format writes it, or null if there is no such tensor.</summary>
    internal string? DataType(string name) => _owners.TryGetValue(name, out var owner) && owner.File.TryGetDataType(owner.Name, out var type) ? type : null;

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
