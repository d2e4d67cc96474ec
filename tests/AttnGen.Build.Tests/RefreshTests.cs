using Microsoft.Build.Framework;

namespace AttnGen.Build.Tests;

/// <summary>Which copies of a model's files are made again, by the task alone; with real builds in AttnGen.Package.Tests.</summary>
public sealed class RefreshTests : IDisposable
{
    private readonly TestProject _project = new();

    public void Dispose() => _project.Dispose();

    /// <summary>New bytes of whatever time and length; of a long file by samples, if its time is the old one.</summary>
    [Theory]
    [InlineData(1000, 1, 0)]
    [InlineData(1000, 1, -1000)]
    [InlineData(1000, 1, 1000)]
    [InlineData(20_000_000, 20_000_000, 0)]
    [InlineData(20_000_000, 1, -1000)]
    [InlineData(20_000_000, 1, 1000)]
    public void NewBytesAreCopied(int length, int changed, int days)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        _project.Write("m/model.safetensors", bytes);
        var time = File.GetLastWriteTimeUtc(_project["m/model.safetensors"]);
        Assert.Equal(["model.safetensors"], Run());
        Assert.Empty(Run());
        Assert.Empty(Run());
        for (var i = 0; i < changed; i++)
        {
            bytes[(length / 2) + (i - (changed / 2))] ^= 1;
        }

        _project.Write("m/model.safetensors", bytes);
        File.SetLastWriteTimeUtc(_project["m/model.safetensors"], time.AddDays(days));
        Assert.Equal(["model.safetensors"], Run());
        Assert.Equal(bytes, File.ReadAllBytes(_project["out/m/model.safetensors"]));
        Assert.Empty(Run());
    }

    /// <summary>Another version of a package: another file of the same length, time and samples. And whoever had lost the list.</summary>
    [Fact]
    public void AnotherFileIsComparedByteByByte()
    {
        var bytes = new byte[20_000_000];
        _project.Write("1/model.safetensors", bytes);
        bytes[10_000_001] = 1;
        _project.Write("2/model.safetensors", bytes);
        File.SetLastWriteTimeUtc(_project["2/model.safetensors"], File.GetLastWriteTimeUtc(_project["1/model.safetensors"]));
        Assert.Single(Run("1"));
        Assert.Single(Run("2"));
        Assert.Empty(Run("2"));
        File.Delete(_project["obj/list"]);
        Assert.Empty(Run("2"));
        File.Delete(_project["obj/list"]);
        Assert.Single(Run("1"));
    }

    /// <summary>The same bytes of another time are not copied, and a link to them is not copied each time.</summary>
    [Fact]
    public void TheSameBytesAreNotCopiedAgain()
    {
        _project.Write("blob", "abc");
        Directory.CreateDirectory(_project["m"]);
        File.CreateSymbolicLink(_project["m/model.safetensors"], _project["blob"]);
        Assert.Single(Run());
        Assert.Empty(Run());
        File.SetLastWriteTimeUtc(_project["blob"], DateTime.UtcNow.AddDays(-9));
        Assert.Empty(Run());
        _project.Write("blob", "abd");
        Assert.Single(Run());
        File.SetAttributes(_project["out/m/model.safetensors"], FileAttributes.ReadOnly);
        _project.Write("blob", "abe");
        Assert.Single(Run());
    }

    /// <summary>A copy that somebody wrote into, or deleted.</summary>
    [Fact]
    public void ASpoiltCopyIsMadeAgain()
    {
        _project.Write("m/model.safetensors", "abc");
        Assert.Single(Run());
        _project.Write("out/m/model.safetensors", "abd");
        Assert.Single(Run());
        File.Delete(_project["out/m/model.safetensors"]);
        Assert.Single(Run());
    }

    /// <summary>The project's folder may be the output's: a file is not removed for its own sake.</summary>
    [Fact]
    public void AFileIsNoCopyOfItself()
    {
        _project.Write("out/m/model.safetensors", "abc");
        Run("out/m");
        Assert.Equal("abc", File.ReadAllText(_project["out/m/model.safetensors"]));
    }

    // As the targets do it: what the task leaves is copied.
    private string[] Run(string folder = "m")
    {
        ITaskItem[] files = [.. Directory.GetFiles(_project[folder]).Select(file => Items.Of(file, ("TargetPath", "m/" + Path.GetFileName(file))))];
        var task = new RefreshCopies { BuildEngine = TestProject.Engine(), Root = _project["out"], ListFile = _project["obj/list"], Models = files, Copies = files };
        Assert.True(task.Execute());
        Assert.Equal(files.Length, task.OutdatedCopies.Length + task.CurrentCopies.Length);
        foreach (var file in task.OutdatedCopies)
        {
            var copy = _project["out/" + file.GetMetadata("TargetPath")];
            Assert.False(File.Exists(copy));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file.ItemSpec, copy);
        }

        return [.. task.OutdatedCopies.Select(file => Path.GetFileName(file.ItemSpec))];
    }
}
