using System.Text;
using AttnGen.Folders;

namespace AttnGen.Build;

/// <summary>
/// How a library's package carries its models: in attngen/FRAMEWORK/ASSEMBLY, under names that every archive takes, with an index that says what
/// is what. Whoever uses the package needs no code of its own for it: the targets of AttnGen, which the library brings along, look there.
/// </summary>
internal static class PackedModels
{
    private const string IndexName = "models.txt";

    /// <summary>Lays out a package.</summary>
    /// <param name="files">The files on disk, the place of their folder from the program's, and their places in the folder.</param>
    /// <param name="folder">Where the index is kept.</param>
    /// <returns>What goes into the package, and where, from the assembly's folder in it. The index comes first.</returns>
    public static IEnumerable<(string Path, string Stored)> Write(IReadOnlyCollection<(string Path, string Place, string File)> files, string folder)
    {
        var index = new StringBuilder("AttnGen models 1\n");
        List<(string Path, string Stored)> stored = [];
        foreach (var (path, place, file) in files)
        {
            var name = $"{Names.Safe(place)}/{(file.Length == 0 ? "model" : file.All(IsPlain) ? file : Names.Safe(file))}";
            index.Append(name).Append('\t').Append(place).Append('\t').Append(file).Append('\n');
            stored.Add((path, name));
        }

        stored.Insert(0, (ManifestFile.Keep(folder, IndexName, index.ToString()), IndexName));
        return stored;
    }

    /// <summary>The index that belongs to an assembly of a package; null: there is none.</summary>
    /// <param name="assembly">Its path: …/lib/FRAMEWORK/NAME.dll, or …/runtimes/RID/lib/FRAMEWORK/NAME.dll.</param>
    public static string? IndexOf(string assembly)
    {
        var framework = Path.GetDirectoryName(assembly);
        var lib = Path.GetDirectoryName(framework);
        if (framework is null || lib is null || !string.Equals(Path.GetFileName(lib), "lib", StringComparison.OrdinalIgnoreCase))
            return null;
        var root = Path.GetDirectoryName(lib);
        if (Path.GetDirectoryName(root) is { } runtimes && string.Equals(Path.GetFileName(runtimes), "runtimes", StringComparison.OrdinalIgnoreCase))
            root = Path.GetDirectoryName(runtimes);
        var models = Path.Combine(root ?? "", FolderNames.OwnRoot);
        if (root is null || !Directory.Exists(models))
            return null;

        // NuGet writes out what a project leaves to it: "net10.0-windows" is the folder lib/net10.0-windows7.0.
        var name = Path.GetFileName(framework);
        return Directory.GetDirectories(models)
            .Where(folder => name.StartsWith(Path.GetFileName(folder), StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(folder => Path.GetFileName(folder).Length)
            .Select(folder => Path.Combine(folder, Path.GetFileNameWithoutExtension(assembly), IndexName))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>What an index lists, with full paths.</summary>
    public static IEnumerable<(string Path, string Place, string File)> Read(string index) =>
        from line in File.ReadAllLines(index).Skip(1)
        let parts = line.Split('\t')
        where parts.Length == 3 && !parts.Any(part => part.Split('/').Contains(".."))
        select (Path.GetFullPath(Path.Combine(Path.GetDirectoryName(index)!, parts[0])), parts[1], parts[2]);

    private static bool IsPlain(char c) => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '.' or '/';
}
