using AttnGen.Folders;

namespace AttnGen.Build;

/// <summary>
/// A folder into which several projects are built or published, none of which knows the others' models. Each leaves a list there of the places that
/// it fills, so that the next one does not put another model into one of them.
/// </summary>
/// <param name="root">The folder.</param>
/// <param name="assembly">The assembly that is built into it now.</param>
internal sealed class SharedFolder(string root, string assembly)
{
    private const string Extension = ".places";

    private readonly string _lists = Path.Combine(root, FolderNames.OwnRoot);

    private List<(string Place, string Owner)> _others = [];

    /// <summary>This assembly's list.</summary>
    public string ListFile => Path.Combine(_lists, assembly + Extension);

    /// <summary>Reads the lists of the others.</summary>
    public void Read() =>
        _others =
        [
            .. from list in Directory.Exists(_lists) ? Directory.GetFiles(_lists, "*" + Extension) : []
               where !string.Equals(Path.GetFileNameWithoutExtension(list), assembly, StringComparison.OrdinalIgnoreCase)
               from line in File.ReadAllLines(list)
               let parts = line.Split('\t')
               where parts.Length == 2
               select (parts[0], parts[1]),
        ];

    /// <summary>Whose folder is in a model's place, unless it holds the same; null: nobody's.</summary>
    public string? Occupant(ModelClaim claim)
    {
        var other = _others.Find(other => string.Equals(other.Place, claim.Place, StringComparison.OrdinalIgnoreCase) && !string.Equals(other.Owner, claim.Owner, StringComparison.OrdinalIgnoreCase));
        return other.Owner is null || claim.Files.All(file => IsThere(ModelClaim.In(claim.Place, file.Key), file.Value)) ? null : other.Owner;
    }

    /// <summary>Writes down which places this assembly fills, and for whose classes; nothing: there is no list any more.</summary>
    public void Write(IEnumerable<(string Place, string Owner)> places)
    {
        var text = string.Concat(places.Distinct().OrderBy(place => place.Place, StringComparer.Ordinal).Select(place => $"{place.Place}\t{place.Owner}\n"));
        if (text.Length > 0)
            ManifestFile.Keep(_lists, assembly + Extension, text);
        else if (File.Exists(ListFile))
            File.Delete(ListFile);
    }

    private bool IsThere(string target, string source)
    {
        var copy = Path.GetFullPath(Path.Combine(root, target));
        return File.Exists(copy) && FileBytes.AreSame(copy, source);
    }
}
