using System.IO.Compression;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using ModelText = AttnGen.Testing.ModelText;

namespace AttnGen.Models.Tests;

/// <summary>A folder of the archive, its class, and what the generator had to say against it.</summary>
internal sealed record PublishedFolder(string Path, Func<string?, ModelLoadOptions?, ITransformerModel>? Class, IReadOnlyList<string> Problems)
{
    public ITransformerModel Load() => Class!(Path, null);
}

/// <summary>The folders of models.zip.</summary>
public sealed class PublishedFolders() : PublishedArchive(Archive)
{
    private const string Archive = "models.zip";

    internal static IReadOnlyList<string> Names { get; } = Read(Archive);
}

/// <summary>The folders of decoders.zip.</summary>
public sealed class PublishedDecoders() : PublishedArchive(Archive)
{
    private const string Archive = "decoders.zip";

    internal static IReadOnlyList<string> Names { get; } = Read(Archive);
}

/// <summary>An archive's folders in a temporary place, all of them compiled at once.</summary>
public abstract class PublishedArchive : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("attngen-");
    private readonly Dictionary<string, PublishedFolder> _folders = [];

    protected PublishedArchive(string name)
    {
        using (var archive = Open(name))
            archive.ExtractToDirectory(_root.FullName);
        var names = Read(name);
        var models = names.SelectMany(name => ModelText.Read(name, Path.Combine(_root.FullName, name))).ToList();
        var sources = names.Select(name => (name, $"[AttnGen.TransformerModel(\"{name}\"{Tower(name)})] public sealed partial class {ClassOf(name)};"));
        var options = new HostOptions { Models = models };
        GeneratorHost.CreateDriver(options).RunGeneratorsAndUpdateCompilation(GeneratorHost.CreateCompilation(sources, options), out var output, out var diagnostics);
        using var image = new MemoryStream();
        var emitted = output.Emit(image);
        if (!emitted.Success)
            throw new CompilationFailedException(GeneratorHost.Describe(emitted.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error), output));
        image.Position = 0;
        var assembly = new AssemblyLoadContext("published", isCollectible: true).LoadFromStream(image);
        foreach (var folder in names)
        {
            // Where versions of transformers differ, that is told, and is no problem; a key that is not known is.
            List<string> problems =
            [
                .. diagnostics.Where(d => d.Location.GetLineSpan().Path == folder)
                    .Where(d => d.Severity == DiagnosticSeverity.Error || !d.GetMessage(null).Contains("transformers 4", StringComparison.Ordinal))
                    .Select(d => d.ToString()),
            ];
            var load = assembly.GetType(ClassOf(folder))!.GetMethod("Load", BindingFlags.Public | BindingFlags.Static, [typeof(string), typeof(ModelLoadOptions)]);
            _folders[folder] = new(Path.Combine(_root.FullName, folder), problems.Count > 0 ? null : load!.CreateDelegate<Func<string?, ModelLoadOptions?, ITransformerModel>>(), problems);
        }
    }

    public void Dispose()
    {
        _root.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    internal PublishedFolder Of(string name) => _folders[name];

    /// <summary>Which of a folder's two models its golden file is of.</summary>
    private string Tower(string name)
    {
        using var notes = JsonDocument.Parse(File.ReadAllText(Path.Combine(_root.FullName, name, "golden.json")));
        return notes.RootElement.TryGetProperty("tower", out var tower) ? $", tower: AttnGen.Tower.{tower.GetString()}" : "";
    }

    private static string ClassOf(string name) => "M" + name.Replace('-', '_');

    private static ZipArchive Open(string name) => new(typeof(PublishedArchive).Assembly.GetManifestResourceStream(name)!);

    /// <summary>The names of an archive's folders.</summary>
    protected static List<string> Read(string name)
    {
        using var archive = Open(name);
        return [.. archive.Entries.Select(entry => entry.FullName.Split('/')[0]).Distinct()];
    }
}
