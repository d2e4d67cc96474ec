using AttnGen.Folders;
using Microsoft.Build.Framework;
using Task = Microsoft.Build.Utilities.Task;

namespace AttnGen.Build;

/// <summary>
/// Decides where the models of a program go: those of its own project, of projects that it references, and of packages. Each goes where its class
/// names it, unless another folder with other bytes goes there, too: then each goes to a place of its assembly's own, where only its own classes look.
/// The program's own project keeps the place. Folders that hold the same share one place.
/// </summary>
public sealed class PlaceModels : Task
{
    /// <summary>The name of the assembly that is built or published.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <summary>The project's file, for messages.</summary>
    [Required]
    public string Project { get; set; } = "";

    /// <summary>The files of models of this project and of those that it references, see <see cref="ReadModelFolders.ModelFiles"/>.</summary>
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>The assemblies that go along: those of packages may bring models.</summary>
    public ITaskItem[] Assemblies { get; set; } = [];

    /// <summary>What is copied, models among it.</summary>
    public ITaskItem[] Copies { get; set; } = [];

    /// <summary>What else is copied.</summary>
    public ITaskItem[] OtherCopies { get; set; } = [];

    /// <summary>The metadata that says where a copy goes.</summary>
    [Required]
    public string TargetMetadata { get; set; } = "";

    /// <summary>
    /// Whether a program that is one file has all that is copied in it. If not, the models are marked as what stays outside: the SDK finds that out by
    /// itself, too, but only when it makes the file anew, and takes away what it published before if it does not.
    /// </summary>
    public bool IsBundled { get; set; }

    /// <summary>The folder of the output; not given: it is nobody else's.</summary>
    public string SharedRoot { get; set; } = "";

    /// <summary><see cref="Copies"/>, with the models in their places.</summary>
    [Output]
    public ITaskItem[] Placed { get; private set; } = [];

    /// <summary>The models alone, with the metadata <c>TargetPath</c>.</summary>
    [Output]
    public ITaskItem[] PlacedModels { get; private set; } = [];

    /// <summary>Whether <see cref="Placed"/> differs from <see cref="Copies"/>.</summary>
    [Output]
    public bool IsChanged { get; private set; }

    /// <summary>What this project leaves in <see cref="SharedRoot"/>.</summary>
    [Output]
    public ITaskItem[] WrittenFiles { get; private set; } = [];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            List<ModelClaim> claims = [.. ModelClaim.OfProjects(Models), .. ModelClaim.OfPackages(Assemblies)];
            var shared = SharedRoot.Length > 0 ? new SharedFolder(Path.GetFullPath(SharedRoot), Assembly) : null;
            if (claims.Count > 0)
                Place(claims, shared);
            else
                shared?.Write([]);
        }
        catch (Exception e) when (HubFolder.IsUnreadable(e))
        {
            Log.LogError($"AttnGen cannot look at the models that go beside the program: {e.Message.TrimEnd('.')}; close what uses the file, allow this user to read it, or fetch it again.");
        }

        return !Log.HasLoggedErrors;
    }

    private void Place(List<ModelClaim> claims, SharedFolder? shared)
    {
        // First said, then looked: of two builds at once, one at least sees the other.
        shared?.Write(claims.Where(claim => claim.IsCopied).Select(claim => (claim.Place, claim.Owner)));
        shared?.Read();

        // The models' files, as MSBuild brings them along without us: where each project alone would put them.
        var known = new HashSet<string>(
            claims.Where(claim => claim.IsCopied).SelectMany(claim => claim.Files.Select(file => Key(ModelClaim.In(claim.Place, file.Key), file.Value))), Paths.Comparer);
        bool IsModel(ITaskItem copy) => known.Contains(Key(Target(copy), copy.ItemSpec));

        var others = Copies.Concat(OtherCopies).Where(copy => !IsModel(copy)).ToLookup(Target, copy => copy.ItemSpec, StringComparer.OrdinalIgnoreCase);
        var placed = new Dictionary<string, (ModelClaim Claim, string Source)>(StringComparer.OrdinalIgnoreCase);
        List<(string Place, string Owner)> places = [];
        foreach (var place in claims.GroupBy(claim => claim.Place, StringComparer.OrdinalIgnoreCase))
        {
            var kinds = Kinds(place);
            var keeper = Keeper(kinds);
            foreach (var claim in place.Where(claim => claim.IsCopied))
            {
                var rival = kinds.Count == 1 || (keeper?.Contains(claim) ?? false)
                    ? Disturber(claim, others) ?? shared?.Occupant(claim)
                    : place.First(other => !kinds.Single(kind => kind.Contains(claim)).Contains(other)) is var other ? $"{other.Folder} of {other.Owner}" : null;
                if (rival is not null)
                    Log.LogMessage(MessageImportance.Normal, $"{claim.Folder} goes to {claim.OwnPlace}: {rival} has its place, and holds something else.");
                places.Add((rival is null ? claim.Place : claim.OwnPlace, claim.Owner));
                Add(placed, others, claim, places[places.Count - 1].Place);
            }
        }

        if (shared is not null)
        {
            shared.Write(places);
            WrittenFiles = [Items.Of(shared.ListFile)];
        }

        PlacedModels = [.. placed.Select(copy => Items.Of(copy.Value.Source, ("TargetPath", copy.Key)))];
        Arrange(placed, IsModel);
    }

    // The folders of a place, those that hold the same together.
    private static List<List<ModelClaim>> Kinds(IEnumerable<ModelClaim> claims)
    {
        List<List<ModelClaim>> kinds = [];
        foreach (var claim in claims)
        {
            if (kinds.Find(kind => kind[0].IsSame(claim)) is { } same)
                same.Add(claim);
            else
                kinds.Add([claim]);
        }

        return kinds;
    }

    // Who keeps a place that folders of several kinds have: the program's own, unless a class whose folder is not copied would take it for its own.
    private List<ModelClaim>? Keeper(List<List<ModelClaim>> kinds)
    {
        if (kinds.Count == 1)
            return null;
        var own = kinds.Find(kind => kind.Exists(claim => claim.IsCopied && string.Equals(claim.Owner, Assembly, StringComparison.OrdinalIgnoreCase)));
        var absent = kinds.Where(kind => kind.Exists(claim => !claim.IsCopied)).ToList();
        if (absent.Count > 1)
        {
            ModelClaim one = absent[0].Find(claim => !claim.IsCopied), other = absent[1].Find(claim => !claim.IsCopied);
            Log.LogWarning(
                null, "ATTNP003", null, Project, 0, 0, 0, 0,
                $"The folders {one.Folder} (of {one.Owner}) and {other.Folder} (of {other.Owner}) are not copied, have different contents, and are both looked for at {one.Place}: "
                + $"put them, where the program runs, at {one.OwnPlace} and {other.OwnPlace}, or give one AttnGenModel a Name=\"…\" of its own and write that into its attribute.");
        }

        return absent.Exists(kind => kind != own) ? null : own;
    }

    // A file of others that would become part of the folder, or take the place of one of its files.
    private static string? Disturber(ModelClaim claim, ILookup<string, string> others)
    {
        if (others.Count == 0)
            return null;
        foreach (var file in claim.Files)
        {
            foreach (var other in others[ModelClaim.In(claim.Place, file.Key)])
            {
                if (!File.Exists(other) || !FileBytes.AreSame(Path.GetFullPath(other), file.Value))
                    return other;
            }
        }

        return HubFiles.All.Select(file => file.Name).Concat([FolderNames.Weights, FolderNames.Index])
            .Where(name => claim.Place.Length > 0 && !claim.Files.ContainsKey(name))
            .SelectMany(name => others[ModelClaim.In(claim.Place, name)])
            .FirstOrDefault();
    }

    private void Add(Dictionary<string, (ModelClaim Claim, string Source)> placed, ILookup<string, string> others, ModelClaim claim, string place)
    {
        foreach (var file in claim.Files)
        {
            var target = ModelClaim.In(place, file.Key);
            if (!placed.TryGetValue(target, out var there))
            {
                placed.Add(target, (claim, file.Value));
                if (others[target].FirstOrDefault(other => !File.Exists(other) || !FileBytes.AreSame(Path.GetFullPath(other), file.Value)) is { } other)
                    Refuse(claim.Folder, claim.Owner, other, target);
            }
            else if (!FileBytes.AreSame(there.Source, file.Value))
            {
                Refuse(claim.Folder, claim.Owner, there.Claim.Folder, target);
            }
        }
    }

    private void Refuse(string folder, string owner, string other, string target) =>
        Log.LogError(
            null, "ATTNP003", null, Project, 0, 0, 0, 0,
            $"The folder {folder} (of {owner}) and {other} both go to {target} beside the program, and have different contents: give the AttnGenModel another place by a Name=\"…\" of its own, which its attribute then names.");

    // What others copy stays as it is; of the models each file goes to its place, once.
    private void Arrange(Dictionary<string, (ModelClaim Claim, string Source)> placed, Func<ITaskItem, bool> isModel)
    {
        List<ITaskItem> result = [];
        var left = new Dictionary<string, (ModelClaim Claim, string Source)>(placed, StringComparer.OrdinalIgnoreCase);
        foreach (var other in Copies.Concat(OtherCopies).Where(copy => !isModel(copy)))
            left.Remove(Target(other)); // The same bytes, by somebody else.
        foreach (var copy in Copies)
        {
            var isOurs = isModel(copy);
            if (isOurs && MarkOutside(copy))
                IsChanged = true;
            if (!isOurs || (left.TryGetValue(Target(copy), out var there) && Paths.Comparer.Equals(there.Source, Path.GetFullPath(copy.ItemSpec))))
            {
                result.Add(copy);
                if (isOurs)
                    left.Remove(Target(copy));
            }
            else
            {
                IsChanged = true;
            }
        }

        IsChanged |= left.Count > 0;
        foreach (var copy in left)
        {
            var item = Items.Of(copy.Value.Source, (TargetMetadata, copy.Key), ("CopyToOutputDirectory", "IfDifferent"), ("CopyToPublishDirectory", "PreserveNewest"));
            MarkOutside(item);
            result.Add(item);
        }

        Placed = [.. result];
    }

    private bool MarkOutside(ITaskItem copy)
    {
        if (IsBundled || TargetMetadata == "TargetPath")
            return false;
        copy.SetMetadata("ExcludeFromSingleFile", "true");
        return true;
    }

    private string Target(ITaskItem copy) => copy.GetMetadata(TargetMetadata).Replace('\\', '/');

    private static string Key(string target, string source) => $"{target}|{Path.GetFullPath(source)}";
}
