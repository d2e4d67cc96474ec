using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace AttnGen.Build.Tests;

/// <summary>Where the models of several projects and packages go that come together in one program, by the task alone; with real builds in AttnGen.Package.Tests.</summary>
public sealed class PlaceTests : IDisposable
{
    private readonly TestProject _project = new();
    private readonly List<ITaskItem> _models = [];
    private readonly List<ITaskItem> _copies = [];
    private readonly List<ITaskItem> _others = [];
    private readonly List<string> _assemblies = [];

    public void Dispose() => _project.Dispose();

    [Fact]
    public void OneFolderIsWhereItsClassNamesIt()
    {
        Model("A", "a/encoder", "models/encoder", "1");
        var placed = Place("App");
        Assert.Equal(["models/encoder/config.json < a", "models/encoder/model.safetensors < a"], placed.Models);
        Assert.Equal(placed.Models, placed.Copies);
        Assert.False(placed.IsChanged);
    }

    /// <summary>Other bytes, another set of files, another length; and in any order.</summary>
    [Theory]
    [InlineData("2", null, false)]
    [InlineData("11", null, true)]
    [InlineData("1", "vocab.txt", false)]
    [InlineData("1", "vocab.txt", true)]
    public void TwoFoldersOfOneNameGoToPlacesOfTheirOwn(string weights, string? file, bool isReversed)
    {
        Model("A", "a/encoder", "models/encoder", "1");
        Model("B", "b/encoder", "Models/encoder", weights, file);
        if (isReversed)
        {
            _models.Reverse();
            _copies.Reverse();
        }

        var placed = Place("App");
        Assert.True(placed.IsChanged);
        Assert.Equal(placed.Models, placed.Copies);
        Assert.All(placed.Models, copy => Assert.True(copy.StartsWith("attngen/A/models/encoder/", StringComparison.Ordinal) ? copy.EndsWith("< a", StringComparison.Ordinal) : copy.StartsWith("attngen/B/Models/encoder/", StringComparison.Ordinal) && copy.EndsWith("< b", StringComparison.Ordinal)));
        Assert.Equal(file is null ? 4 : 5, placed.Models.Length);
    }

    /// <summary>The very folder in two projects, or the same bytes in two folders: one copy.</summary>
    [Theory]
    [InlineData("a/encoder")]
    [InlineData("b/encoder")]
    public void FoldersThatHoldTheSameShareAPlace(string second)
    {
        Model("A", "a/encoder", "encoder", "1");
        Model("B", second, "encoder", "1");
        var placed = Place("App");
        Assert.Equal(["encoder/config.json < a", "encoder/model.safetensors < a"], placed.Models);
        Assert.Equal(placed.Models, placed.Copies);
    }

    /// <summary>Where the program's own project has the place it keeps it, with those who have the same.</summary>
    [Fact]
    public void TheProgramsOwnFolderStays()
    {
        Model("A", "a/encoder", "models/encoder", "1");
        Model("App", "app/encoder", "models/encoder", "2");
        Model("B", "b/encoder", "models/encoder", "2");
        var placed = Place("App");
        Assert.Equal(
            ["attngen/A/models/encoder/config.json < a", "attngen/A/models/encoder/model.safetensors < a", "models/encoder/config.json < app", "models/encoder/model.safetensors < app"],
            placed.Models);
        Assert.Equal(placed.Models, placed.Copies);
    }

    /// <summary>A class whose folder is not copied looks beside the program, too: it must not find another's there.</summary>
    [Theory]
    [InlineData("A")]
    [InlineData("App")]
    public void AFolderThatIsNotCopiedKeepsOthersFromItsPlace(string owner)
    {
        Model(owner, "a/encoder", "models/encoder", "1");
        Model("B", "b/encoder", "models/encoder", "2", isCopied: false);
        Assert.Equal([$"attngen/{owner}/models/encoder/config.json < a", $"attngen/{owner}/models/encoder/model.safetensors < a"], Place("App").Copies);
    }

    [Fact]
    public void AFolderThatIsNotCopiedMayHaveTheSame()
    {
        Model("App", "a/encoder", "models/encoder", "1");
        Model("B", "b/encoder", "models/encoder", "1", isCopied: false);
        Assert.Equal(["models/encoder/config.json < a", "models/encoder/model.safetensors < a"], Place("App").Copies);
    }

    /// <summary>Nothing can be placed then; but nobody would know.</summary>
    [Fact]
    public void TwoThatAreNotCopiedAreWarnedOf()
    {
        Model("A", "a/encoder", "models/encoder", "1", isCopied: false);
        Model("B", "b/encoder", "models/encoder", "2", isCopied: false);
        var placed = Place("App");
        Assert.Empty(placed.Models);
        var warning = Assert.Single(placed.Problems);
        foreach (var part in new[] { _project["a/encoder"], _project["b/encoder"], "attngen/A/models/encoder", "attngen/B/models/encoder", "Name=\"" })
        {
            Assert.Contains(part, warning, StringComparison.Ordinal);
        }
    }

    /// <summary>A file of the project's that is no model's: in place of one of the folder's, or one that the class would read although its folder has none.</summary>
    [Theory]
    [InlineData("models/encoder/config.json", true)]
    [InlineData("models\\encoder\\MODEL.safetensors", true)]
    [InlineData("models/encoder/vocab.txt", true)]
    [InlineData("models/encoder/README.md", false)]
    [InlineData("models/config.json", false)]
    public void AFolderThatIsNoModelMayHaveTheName(string file, bool moves)
    {
        Model("A", "a/encoder", "models/encoder", "1");
        _project.Write("other", "other");
        _others.Add(Copy(_project["other"], file));
        Assert.Equal(moves ? "attngen/A/models/encoder/config.json < a" : "models/encoder/config.json < a", Place("App").Copies[0]);
    }

    /// <summary>A project that copies the folder's files itself, as the Web SDK does with JSON.</summary>
    [Fact]
    public void TheFilesOfTheFolderItselfMayBeCopiedByOthers()
    {
        Model("A", "a/encoder", "models/encoder", "1");
        _others.Add(Copy(_project["a/encoder/config.json"], "models/encoder/config.json"));
        _project.Write("same", "{}");
        _others.Add(Copy(_project["same"], "models/encoder/config.json"));
        Assert.Equal("models/encoder/model.safetensors < a", Place("App").Copies[^1]);
    }

    /// <summary>What cannot be: a file of the user's in a place of the assembly's own.</summary>
    [Fact]
    public void APlaceOfItsOwnThatIsTakenIsAnError()
    {
        Model("A", "a/encoder", "models/encoder", "1");
        Model("B", "b/encoder", "models/encoder", "2");
        _project.Write("other", "other");
        _others.Add(Copy(_project["other"], "attngen/A/models/encoder/config.json"));
        var problem = Assert.Single(Place("App", succeeds: false).Problems);
        Assert.Contains(_project["a/encoder"], problem, StringComparison.Ordinal);
        Assert.Contains(_project["other"], problem, StringComparison.Ordinal);
        Assert.Contains("Name=\"", problem, StringComparison.Ordinal);
    }

    /// <summary>What a library's package carries is read back, whatever the names; and comes together with the models of projects.</summary>
    [Fact]
    public void PackagesBringTheirs()
    {
        var name = OperatingSystem.IsWindows() ? "C# modelle/bért 100% (größer)" : "C# modelle/bért 100% (größer);*";
        Pack("packages/lib/1.0.0", "net10.0", "Lib", "src/" + name, name);
        Pack("packages/other/2.0.0", "net10.0-windows", "Other", "src2/encoder", "models/encoder", "net10.0-windows7.0");
        _assemblies.Add(_project["packages/none/1.0.0/lib/net10.0/None.dll"]);
        _assemblies.Add(_project["bin/Debug/net10.0/Lib.dll"]);
        Assert.Equal([name + "/model.safetensors", "models/encoder/model.safetensors"], Place("App").Copies.Select(copy => copy[..copy.IndexOf(" <", StringComparison.Ordinal)]));
        Model("A", "a/encoder", "models/encoder", "1");
        Assert.Equal(
            [name + "/model.safetensors", "attngen/A/models/encoder/config.json", "attngen/A/models/encoder/model.safetensors", "attngen/Other/models/encoder/model.safetensors"],
            Place("App").Copies.Select(copy => copy[..copy.IndexOf(" <", StringComparison.Ordinal)]).OrderBy(copy => copy.StartsWith("attngen", StringComparison.Ordinal)).ThenBy(copy => copy, StringComparer.Ordinal));
    }

    /// <summary>A folder into which two programs are built, one after the other: the second knows nothing of the first but what it left there.</summary>
    [Fact]
    public void AFolderOfTwoPrograms()
    {
        Model("One", "a/encoder", "models/encoder", "1");
        Assert.Equal("models/encoder/config.json < a", Build("One"));
        Assert.Equal("models/encoder/config.json < a", Build("One"));
        _models.Clear();
        _copies.Clear();
        Model("Two", "b/encoder", "models/encoder", "2");
        Assert.Equal("attngen/Two/models/encoder/config.json < b", Build("Two"));
        Assert.Equal("attngen/Two/models/encoder/config.json < b", Build("Two"));
        _models.Clear();
        _copies.Clear();
        Model("One", "a/encoder", "models/encoder", "1");
        Assert.Equal("models/encoder/config.json < a", Build("One"));

        // The very library of the first in a third: the same files.
        Assert.Equal("models/encoder/config.json < a", Build("Three"));

        // Without a model nothing is left of it.
        _models.Clear();
        _copies.Clear();
        Build("One");
        Assert.Equal(["Three.places", "Two.places"], Directory.GetFiles(_project["out/attngen"], "*.places").Select(Path.GetFileName).Order(StringComparer.Ordinal));

        string? Build(string assembly)
        {
            var placed = Place(assembly, shared: "out");
            foreach (var copy in placed.Task.PlacedModels)
            {
                _project.Write("out/" + copy.GetMetadata("TargetPath"), File.ReadAllBytes(copy.ItemSpec));
            }

            return placed.Copies.FirstOrDefault();
        }
    }

    private void Pack(string package, string framework, string assembly, string folder, string place, string? lib = null)
    {
        _project.WriteWeights(folder + "/model.safetensors", "a");
        var item = new TaskItem(Names.Escape(folder));
        item.SetMetadata("Name", Names.Escape(place));
        foreach (var (stored, path) in _project.Run(item).Packed)
        {
            Assert.Matches("^[A-Za-z0-9._/-]+$", stored);
            _project.Write($"{package}/attngen/{framework}/{assembly}/{stored}", File.ReadAllBytes(path));
        }

        _assemblies.Add(_project[$"{package}/lib/{lib ?? framework}/{assembly}.dll"]);
    }

    private void Model(string owner, string folder, string place, string weights, string? file = null, bool isCopied = true)
    {
        _project.Write(folder + "/config.json", "{}");
        _project.Write(folder + "/model.safetensors", weights);
        string[] files = file is null ? ["config.json", "model.safetensors"] : ["config.json", "model.safetensors", file];
        foreach (var name in files)
        {
            if (name == file)
            {
                _project.Write($"{folder}/{file}", "x");
            }

            _models.Add(ModelClaim.Item(_project[$"{folder}/{name}"], owner, place, name, _project[folder], isCopied));
            if (isCopied)
            {
                _copies.Add(Copy(_project[$"{folder}/{name}"], $"{place}/{name}"));
            }
        }
    }

    private static TaskItem Copy(string source, string target) => Items.Of(source, ("TargetPath", target));

    private Outcome Place(string assembly, bool succeeds = true, string shared = "")
    {
        var task = new PlaceModels
        {
            BuildEngine = TestProject.Engine(out var problems),
            Assembly = assembly,
            Project = "App.csproj",
            TargetMetadata = "TargetPath",
            Models = [.. _models],
            Copies = [.. _copies],
            OtherCopies = [.. _others],
            Assemblies = [.. _assemblies.Select(path => Items.Of(path))],
            SharedRoot = shared.Length > 0 ? _project[shared] : "",
        };
        Assert.Equal(succeeds, task.Execute());
        return new(task, problems, Shown(task.PlacedModels), Shown(task.Placed), task.IsChanged);

        string[] Shown(IEnumerable<ITaskItem> items) =>
            [.. items.Select(item => $"{item.GetMetadata("TargetPath")} < {Path.GetRelativePath(_project.Root, item.ItemSpec).Split(Path.DirectorySeparatorChar)[0]}").Order(StringComparer.Ordinal)];
    }

    private sealed record Outcome(PlaceModels Task, List<string> Problems, string[] Models, string[] Copies, bool IsChanged);
}
