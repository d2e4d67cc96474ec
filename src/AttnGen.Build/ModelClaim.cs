using AttnGen.Folders;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace AttnGen.Build;

/// <summary>A model's folder as a project or a package brings it to a program: whose class computes with it, and where that class looks for it.</summary>
internal sealed class ModelClaim
{
    // The metadata of a file of a model on its way from project to project.
    private const string OwnerKey = "AttnGenOwner";
    private const string PlaceKey = "AttnGenPlace";
    private const string FileKey = "AttnGenFile";
    private const string FolderKey = "AttnGenFolder";
    private const string CopyKey = "AttnGenCopy";

    /// <summary>The assembly of the class.</summary>
    public string Owner { get; }

    /// <summary>The folder, from the program's.</summary>
    public string Place { get; }

    /// <summary>What messages call it: the folder that the project includes, or the package's.</summary>
    public string Folder { get; }

    /// <summary>Whether the build puts it there.</summary>
    public bool IsCopied { get; private set; }

    /// <summary>The files by their places in the folder.</summary>
    public SortedDictionary<string, string> Files { get; } = new(StringComparer.OrdinalIgnoreCase);

    private ModelClaim(string owner, string place, string folder, bool isCopied)
    {
        Owner = owner;
        Place = place;
        Folder = folder;
        IsCopied = isCopied;
    }

    /// <summary>Where the folder is if others have its place.</summary>
    public string OwnPlace => FolderNames.Own(Owner, Place);

    /// <summary>Where a file of the folder is. A model that is one file has no name there: the place is its own.</summary>
    public static string In(string place, string file) => place.Length == 0 ? file : file.Length == 0 ? place : $"{place}/{file}";

    /// <summary>Whether both folders hold the same: the same files with the same bytes.</summary>
    public bool IsSame(ModelClaim other) =>
        Files.Keys.SequenceEqual(other.Files.Keys, StringComparer.OrdinalIgnoreCase) && Files.Values.Zip(other.Files.Values, FileBytes.AreSame).All(same => same);

    /// <summary>A file for those who reference the project; its path is the item's.</summary>
    public static TaskItem Item(string path, string owner, string place, string file, string folder, bool isCopied) =>
        Items.Of(path, (OwnerKey, owner), (PlaceKey, place), (FileKey, file), (FolderKey, folder), (CopyKey, isCopied ? "true" : "false"));

    /// <summary>The folders that the files of projects make up, one for each owner and place.</summary>
    public static List<ModelClaim> OfProjects(IEnumerable<ITaskItem> files)
    {
        var claims = new Dictionary<string, ModelClaim>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            string owner = file.GetMetadata(OwnerKey), place = file.GetMetadata(PlaceKey), key = $"{owner}|{place}";
            if (!claims.TryGetValue(key, out var claim))
                claims.Add(key, claim = new ModelClaim(owner, place, file.GetMetadata(FolderKey), file.GetMetadata(CopyKey) == "true"));
            claim.IsCopied |= file.GetMetadata(CopyKey) == "true";
            claim.Files[file.GetMetadata(FileKey)] = Path.GetFullPath(file.ItemSpec);
        }

        return [.. claims.Values];
    }

    /// <summary>The folders that packages bring with their assemblies: what <see cref="PackedModels"/> laid into them.</summary>
    public static IEnumerable<ModelClaim> OfPackages(IEnumerable<ITaskItem> assemblies)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in assemblies.Select(item => item.ItemSpec).Where(path => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)))
        {
            var owner = Path.GetFileNameWithoutExtension(path);
            if (PackedModels.IndexOf(path) is not { } index || !seen.Add(index))
                continue;
            foreach (var folder in PackedModels.Read(index).GroupBy(file => file.Place, StringComparer.OrdinalIgnoreCase))
            {
                var claim = new ModelClaim(owner, folder.Key, Path.GetDirectoryName(index)!, isCopied: true);
                foreach (var file in folder)
                    claim.Files[file.File] = file.Path;
                yield return claim;
            }
        }
    }
}
