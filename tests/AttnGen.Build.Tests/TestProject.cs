using System.Collections;
using System.Text.Json;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace AttnGen.Build.Tests;

/// <summary>A project's folder on disk with model folders in it, and the task to run on them.</summary>
internal sealed class TestProject : IDisposable
{
    public TestProject() => Directory.CreateDirectory(Root);

    /// <summary>The project's folder; not the current directory, and with what is awkward in a path.</summary>
    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"attngen büild {Guid.NewGuid():N}");

    public string this[string relative] => Path.Combine(Root, relative);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public void Write(string file, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllBytes(this[file], bytes);
    }

    public void Write(string file, string text) => Write(file, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>A sound file of weights with tensors of these names, 2 numbers each.</summary>
    public void WriteWeights(string file, params string[] tensors) =>
        Write(file, SafetensorsBytes.File([.. tensors.Select(name => (name, "F32", new long[] { 1, 2 }, new byte[8]))]));

    /// <summary>Runs the task on folders without metadata.</summary>
    public Outcome Run(params string[] models) => Run([.. models.Select(model => new TaskItem(model))]);

    public Outcome Run(params ITaskItem[] models)
    {
        var log = new Log();
        var task = new ReadModelFolders { BuildEngine = log, Models = models, Assembly = "App", ProjectFolder = Root, OutputFolder = "obj/attngen" };
        Assert.True(task.Execute());
        Assert.Empty(log.Problems);
        return new(task);
    }

    /// <summary>A build that listens to a task and forgets what it says.</summary>
    public static IBuildEngine Engine() => new Log();

    /// <summary>The same, that keeps what it says: warnings and errors.</summary>
    public static IBuildEngine Engine(out List<string> problems)
    {
        var log = new Log();
        problems = log.Problems;
        return log;
    }

    /// <summary>The one sentence that the manifest of a faulty folder holds.</summary>
    public string Problem(params ITaskItem[] models)
    {
        var manifest = Run(models).Manifest();
        var member = Assert.Single(manifest.EnumerateObject());
        Assert.Equal("__error__", member.Name);
        var sentence = member.Value.GetString()!;
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        Assert.Contains("; ", sentence, StringComparison.Ordinal); // what is wrong; what to do
        Assert.DoesNotContain('\n', sentence);
        Assert.InRange(sentence.Length, 30, 600);
        return sentence;
    }

    public string Problem(string model) => Problem(new TaskItem(model));

    private sealed class Log : IBuildEngine
    {
        public List<string> Problems { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => throw new NotSupportedException();

        public void LogCustomEvent(CustomBuildEventArgs e)
        {
        }

        public void LogErrorEvent(BuildErrorEventArgs e) => Problems.Add(e.Message!);

        public void LogMessageEvent(BuildMessageEventArgs e)
        {
        }

        public void LogWarningEvent(BuildWarningEventArgs e) => Problems.Add(e.Message!);
    }
}

/// <summary>What a run of the task gave.</summary>
internal sealed class Outcome(ReadModelFolders task)
{
    /// <summary>"file of model" for each file that the compiler gets, as it reads it from its options.</summary>
    public IEnumerable<string> ForCompiler => task.CompilerFiles.Select(item => $"{item.GetMetadata("AttnGenFile")} of {Uri.UnescapeDataString(item.GetMetadata("AttnGenModel").Split('#', ';')[0])}");

    public IEnumerable<string> CompilerPaths => task.CompilerFiles.Select(item => item.ItemSpec);

    /// <summary>Where the files beside the program go.</summary>
    public IEnumerable<string> Copied => task.CopiedFiles.Select(item => item.GetMetadata("Link"));

    /// <summary>The files for those who reference the project.</summary>
    public IEnumerable<ITaskItem> ModelFiles => task.ModelFiles;

    /// <summary>Where the files in the project's package are, and what they are.</summary>
    public IEnumerable<(string Stored, string Path)> Packed => task.PackedFiles.Select(item => (item.GetMetadata("Stored"), item.ItemSpec));

    /// <summary>The file whose time tells MSBuild to compile again.</summary>
    public string CompilerInput => Assert.Single(task.CompilerInputs).ItemSpec;

    public IEnumerable<string> CopiedPaths => task.CopiedFiles.Select(item => item.ItemSpec);

    /// <summary>The names of the resources.</summary>
    public IEnumerable<string> Embedded => task.EmbeddedFiles.Select(item => item.GetMetadata("LogicalName"));

    public IEnumerable<string> Written => task.WrittenFiles.Select(item => item.ItemSpec);

    public string[] ManifestPaths => [.. task.CompilerFiles.Where(item => item.GetMetadata("AttnGenFile") == "manifest.json").Select(item => item.ItemSpec)];

    public string ManifestPath => Assert.Single(ManifestPaths);

    public string ManifestText => File.ReadAllText(ManifestPath);

    public JsonElement Manifest() => JsonDocument.Parse(File.ReadAllBytes(ManifestPath)).RootElement;

    /// <summary>"file: tensor TYPE[sizes]" for each tensor.</summary>
    public IEnumerable<string> Tensors() =>
        from file in Manifest().EnumerateObject()
        from tensor in file.Value.EnumerateObject()
        select $"{file.Name}: {tensor.Name} {tensor.Value.GetProperty("dtype").GetString()}[{string.Join(",", tensor.Value.GetProperty("shape").EnumerateArray())}]";
}
