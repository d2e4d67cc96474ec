namespace AttnGen.Build.Tests;

/// <summary>What earlier builds left beside the program, by the task alone; with real builds in AttnGen.Package.Tests.</summary>
public sealed class StaleCopyTests : IDisposable
{
    private readonly TestProject _project = new();

    public StaleCopyTests() => Directory.CreateDirectory(_project["out"]);

    public void Dispose() => _project.Dispose();

    [Fact]
    public void WhatIsNoLongerCopiedGoesWithItsFolders()
    {
        Copy("models/m/model.safetensors", "models/m/1_Pooling/config.json", "models/n/config.json");
        Run("out", ["models/m/model.safetensors", "models/m/1_Pooling/config.json", "models/n/config.json"]);
        Assert.Equal(3, Files().Length);
        Run("out", ["models/n/config.json"]);
        Assert.Equal(["models/n/config.json"], Files());
        Assert.False(Directory.Exists(_project["out/models/m"]));
        Run("out", []);
        Assert.False(Directory.Exists(_project["out/models"]));
        Assert.True(Directory.Exists(_project["out"]));
        Assert.False(File.Exists(List));
    }

    /// <summary>MSBuild may have been there before.</summary>
    [Fact]
    public void FilesThatAreGoneAlreadyLeaveNoFolders()
    {
        Copy("m/a");
        Run("out", ["m/a"]);
        File.Delete(_project["out/m/a"]);
        Run("out", []);
        Assert.False(Directory.Exists(_project["out/m"]));
    }

    [Fact]
    public void WhatOthersPutThereStays()
    {
        Copy("m/a", "m/b", "m/c");
        Run("out", ["m/a", "m/b"]);
        Run("out", [], "m/a");
        Assert.Equal(["m/a", "m/c"], Files());
        Run("out", []);
        Assert.Equal(["m/a", "m/c"], Files());
    }

    /// <summary>"publish -o" to one folder and then to another: each keeps what it has, until one publishes there again.</summary>
    [Fact]
    public void EachFolderIsLookedAtWhenItIsTheOutput()
    {
        Copy("m/a");
        _project.Write("other/m/a", "x");
        Run("out", ["m/a"]);
        Run("other", ["m/a"]);
        Run("other", []);
        Assert.False(Directory.Exists(_project["other/m"]));
        Assert.Equal(["m/a"], Files());
        Run("out", []);
        Assert.False(Directory.Exists(_project["out/m"]));
    }

    [Fact]
    public void NothingOutsideIsTouched()
    {
        _project.Write("outside/a", "x");
        _project.Write("obj/list.txt", $"{_project["outside/a"]}\n{_project["out/../outside/a"]}\n\n../outside/a\n{_project["outsider"]}\n");
        Run("out", []);
        Assert.True(File.Exists(_project["outside/a"]));
    }

    private string List => _project["obj/list.txt"];

    private void Run(string root, string[] current, params string[] others) =>
        Assert.True(new RemoveStaleCopies { BuildEngine = TestProject.Engine(), Root = _project[root], ListFile = List, Current = current, Others = others }.Execute());

    private void Copy(params string[] files)
    {
        foreach (var file in files)
        {
            _project.Write("out/" + file, "x");
        }
    }

    private string[] Files() => [.. Directory.GetFiles(_project["out"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_project["out"], file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
