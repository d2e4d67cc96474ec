using System.Globalization;
using System.Text;
using AttnGen.Folders;

namespace AttnGen.Build;

/// <summary>
/// A manifest on disk. It is written only if its text changes, so that its time says to MSBuild whether the compiler must run; beside it
/// stands of which files it was made (names, lengths, times), so that nothing is read again before one of them changes.
/// </summary>
internal sealed class ManifestFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    // Another build of the task may write another manifest.
    private static readonly string s_writer = typeof(ManifestFile).Assembly.ManifestModule.ModuleVersionId.ToString();

    private readonly string _folder;
    private readonly string _inputs;
    private readonly List<string> _files = [];

    public ManifestFile(string folder)
    {
        _folder = folder;
        Path = System.IO.Path.Combine(folder, FolderNames.Manifest);
        _inputs = System.IO.Path.Combine(folder, "manifest.inputs");
        _files.Add(Path);
        _files.Add(_inputs);
    }

    public string Path { get; }

    /// <summary>All that belongs to it.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>What a manifest of these files is made of.</summary>
    public static string Inputs(IEnumerable<string> paths)
    {
        var text = new StringBuilder(s_writer).Append('\n');
        foreach (var path in paths)
        {
            var info = new FileInfo(path);
            text.Append(info.FullName).Append('|').Append(info.Length.ToString(CultureInfo.InvariantCulture))
                .Append('|').Append(info.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        return text.ToString();
    }

    public bool IsUpToDate(string inputs) => File.Exists(Path) && File.Exists(_inputs) && File.ReadAllText(_inputs) == inputs;

    /// <summary>Writes the manifest.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="inputs">What it was made of; null if it is to be made again in the next build.</param>
    public void Write(string text, string? inputs)
    {
        if (File.Exists(_inputs))
            File.Delete(_inputs);
        Update(Path, s_utf8.GetBytes(text));
        if (inputs is not null)
            Update(_inputs, s_utf8.GetBytes(inputs));
    }

    /// <summary>Where a text stands beside the manifest.</summary>
    public string PathOf(string file) => System.IO.Path.Combine(_folder, file);

    /// <summary>Writes a text beside the manifest; null: there is none any more.</summary>
    public void Put(string file, string? text)
    {
        if (text is not null)
            Update(PathOf(file), s_utf8.GetBytes(text));
        else if (File.Exists(PathOf(file)))
            File.Delete(PathOf(file));
    }

    /// <summary>The texts beside the manifest are files of the build's own.</summary>
    public void Own(string file) => _files.Add(PathOf(file));

    /// <summary>Keeps a copy of a file of the model beside the manifest.</summary>
    /// <returns>Its path.</returns>
    public string Copy(string source, string file)
    {
        var path = System.IO.Path.Combine(_folder, file.Replace('/', '_'));
        Update(path, File.ReadAllBytes(source));
        _files.Add(path);
        return path;
    }

    /// <summary>Keeps a text in a file, whose time is that of the last change.</summary>
    /// <returns>Its path.</returns>
    public static string Keep(string folder, string name, string text)
    {
        var path = System.IO.Path.Combine(folder, name);
        Update(folder, path, s_utf8.GetBytes(text));
        return path;
    }

    private void Update(string path, byte[] bytes) => Update(_folder, path, bytes);

    private static void Update(string folder, string path, byte[] bytes)
    {
        if (File.Exists(path) && new FileInfo(path).Length == bytes.Length && Enumerable.SequenceEqual(File.ReadAllBytes(path), bytes))
            return;
        Directory.CreateDirectory(folder);

        // In one step: two builds of one project (an IDE's and the user's) may run at once.
        var temporary = path + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(temporary, bytes);
        File.Delete(path);
        File.Move(temporary, path);
    }
}
