using System.Xml.Linq;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool.Tests;

/// <summary><c>attngen new</c>: what it writes, where its project finds the packages, and what it says. That the project runs is tested with the packages.</summary>
public sealed class NewTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Makes_a_project_and_never_overwrites()
    {
        var (project, feed) = (_folder["Search"], Feed("0.3.0"));
        (await ToolRun.Of("new", project, "--feed", feed)).Gave(0);
        Assert.Equal(["Program.cs", "README.md", "Search.csproj", "nuget.config"], Directory.GetFiles(project).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("<Optimize>true</Optimize>", File.ReadAllText(Path.Combine(project, "Search.csproj")));
        var before = File.ReadAllText(Path.Combine(project, "Program.cs"));
        Assert.Contains("nothing is overwritten", (await ToolRun.Of("new", project, "--feed", feed)).Gave(2).Sentence());
        Assert.Equal(before, File.ReadAllText(Path.Combine(project, "Program.cs")));
        Assert.Empty(Compile(before, []));

        Assert.Contains("ATTN0043", (await ToolRun.Of("new", _folder["Other"], "--model", Shared.Require("golden", "config-zoo", "error-unknown-activation"))).Gave(1).Error);
        Assert.False(Directory.Exists(_folder["Other"]));
    }

    [Theory]
    [InlineData("golden/hf/bert", "There is no tokenizer")]
    [InlineData("golden/hf/vit", "")]
    [InlineData("golden/hf/llama", "There is no tokenizer")]
    [InlineData("assets/taleteller", "")]
    [InlineData("golden/hf/t5", "")]
    [InlineData("golden/hf/whisper", "")]
    public async Task With_a_model_compiles(string model, string said)
    {
        var folder = Shared.Require(model.Split('/'));
        var project = _folder["Try"];
        (await ToolRun.Of("new", project, "-m", folder, "--feed", Feed("0.3.0"))).Gave(0);
        var include = Path.GetRelativePath(project, folder).Replace('\\', '/');
        Assert.Contains($"<AttnGenModel Include=\"{include}\" />", File.ReadAllText(Path.Combine(project, "Try.csproj")));
        var program = File.ReadAllText(Path.Combine(project, "Program.cs"));
        if (model is "golden/hf/t5" or "golden/hf/whisper")
            Assert.Contains("model.Encode(", program);
        else if (model is "golden/hf/llama")
            Assert.Contains("text.Extend(ids, logits);", program);
        else if (model is "assets/taleteller")
            Assert.Contains("generator.AsChatClient();", program);
        Assert.Equal(said.Length > 0, File.ReadAllText(Path.Combine(project, "Program.cs")).Contains("Ids in place of text", StringComparison.Ordinal));
        var texts = ModelDirectory.Read(new ModelRequest(folder)).Texts.Select(text => new ModelText(include, text.Name, text.Text)).ToList();
        Assert.Empty(Compile(File.ReadAllText(Path.Combine(project, "Program.cs")), texts));
    }

    /// <summary>The tool's own version where the folder has it; else the last that was put there, and that is said.</summary>
    [Fact]
    public async Task The_project_names_a_version_that_is_there()
    {
        var own = (await ToolRun.Of("--version")).Out.Trim();
        var feed = Feed("0.0.1", own, "9.0.0-x.2");
        (await ToolRun.Of("new", _folder["Own"], "--feed", feed)).Gave(0);
        Assert.Equal(("AttnGen", own), Reference("Own"));
        Assert.Equal(feed, Source("Own"));

        var run = (await ToolRun.Of("new", _folder["Last"], "--feed", Feed("0.0.2", "0.0.1-a.1"))).Gave(0);
        Assert.Equal(("AttnGen", "0.0.1-a.1"), Reference("Last"));
        Assert.Contains($"does not hold version {own}, which is this tool's; the project names 0.0.1-a.1", run.Out);

        // A folder as "nuget add" makes it.
        var hierarchical = Path.Combine(Directory.CreateDirectory(_folder["h/attngen/0.0.7"]).FullName, "attngen.0.0.7.nupkg");
        File.WriteAllText(hierarchical, "");
        (await ToolRun.Of("new", _folder["Deep"], "--feed", _folder["h"])).Gave(0);
        Assert.Equal(("AttnGen", "0.0.7"), Reference("Deep"));

        (await ToolRun.Of("new", _folder["Address"], "--feed", "https://packages.example/v3/index.json")).Gave(0);
        Assert.Equal(("AttnGen", own), Reference("Address"));
        Assert.Equal("https://packages.example/v3/index.json", Source("Address"));
    }

    /// <summary>In a clone: what was packed last; if nothing was, it is to be packed.</summary>
    [Fact]
    public void In_a_clone_its_own_packages_count()
    {
        var clone = _folder["the clone"];
        var empty = PackageFeed.Find(null, "AttnGen.Embeddings", clone);
        Assert.Equal(Path.Combine(clone, "artifacts", "packages"), empty.Source);
        Assert.Equal([Path.Combine(clone, "src", "AttnGen"), Path.Combine(clone, "src", "AttnGen.Tokenizers"), Path.Combine(clone, "src", "AttnGen.Embeddings")], empty.ToPack);

        WriteFeed(empty.Source!, "0.1.0", "0.0.9");
        var full = PackageFeed.Find(null, "AttnGen.Embeddings", clone);
        Assert.Equal(("0.0.9", 0), (full.Version, full.ToPack.Count));

        // AttnGen alone is no version for a program with text.
        File.WriteAllText(Path.Combine(empty.Source!, "AttnGen.0.2.0.nupkg"), "");
        Assert.Equal("0.0.9", PackageFeed.Find(null, "AttnGen.Embeddings", clone).Version);
        Assert.Equal("0.2.0", PackageFeed.Find(null, "AttnGen", clone).Version);
    }

    /// <summary>A clone without packages gets them, in the version that the new project names; where that fails, there is no project.</summary>
    [Fact]
    public void In_a_clone_it_packs_what_is_missing()
    {
        var clone = _folder["a clone"];
        foreach (var shield in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
            Write(shield, "<Project />");
        Write("src/AttnGen/AttnGen.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <EnableDefaultItems>false</EnableDefaultItems>
              </PropertyGroup>
            </Project>
            """);
        using StringWriter output = new(), error = new();
        Assert.Equal(0, NewCommand.Run(_folder["Packed"], null, null, clone, new ToolConsole(output, error)));
        Assert.StartsWith("Packing AttnGen ", output.ToString());
        Assert.Equal(Path.Combine(clone, "artifacts", "packages"), Source("Packed"));
        Assert.True(File.Exists(Path.Combine(Source("Packed"), $"AttnGen.{Reference("Packed").Version}.nupkg")));

        Directory.Delete(Source("Packed"), recursive: true);
        Write("src/AttnGen/AttnGen.csproj", "<Project>");
        var refused = Assert.Throws<ToolException>(() => NewCommand.Run(_folder["Refused"], null, null, clone, new ToolConsole(output, error)));
        Assert.Contains("dotnet pack ", refused.Message);
        Assert.Contains("MSB4025", refused.Message);
        Assert.False(Directory.Exists(_folder["Refused"]));

        void Write(string file, string text)
        {
            var path = Path.Combine(clone, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    [Fact]
    public void Without_any_feed_it_says_what_to_do()
    {
        var feed = PackageFeed.Find(null, "AttnGen.Embeddings", clone: null);
        Assert.Null(feed.Source);
        Assert.Contains($"AttnGen, AttnGen.Tokenizers and AttnGen.Embeddings {NewCommand.Version} from your NuGet sources; if none of them has it", feed.Note);
        Assert.Contains("--feed FOLDER", feed.Note);
    }

    [Fact]
    public async Task A_feed_without_the_packages_is_refused()
    {
        Assert.Contains("which is not there", (await ToolRun.Of("new", _folder["A"], "--feed", _folder["none"])).Gave(2).Sentence());
        Directory.CreateDirectory(_folder["empty"]);
        var sentence = (await ToolRun.Of("new", _folder["A"], "--feed", _folder["empty"])).Gave(2).Sentence();
        Assert.Contains("holds no package AttnGen", sentence);
        Assert.Contains("dotnet pack src/AttnGen ", sentence);
        Assert.False(Directory.Exists(_folder["A"]));
    }

    [Theory]
    [InlineData("AttnGen")]
    [InlineData("attngen.tool")]
    public async Task A_name_that_the_packages_have_is_refused(string name) =>
        Assert.Contains("its own package", (await ToolRun.Of("new", _folder[name])).Gave(2).Sentence());

    [Fact]
    public async Task Central_versions_further_up_do_not_matter()
    {
        File.WriteAllText(_folder["Directory.Packages.props"], "<Project />");
        (await ToolRun.Of("new", _folder["Inner"], "--feed", Feed("0.3.0"))).Gave(0);
        Assert.Contains("<ManagePackageVersionsCentrally>false<", File.ReadAllText(_folder["Inner/Inner.csproj"]));
    }

    /// <summary>Every program compiles without a warning, whatever model it is for.</summary>
    [Fact]
    public void All_programs_compile()
    {
        var (text, image) = (Shared.Require("golden", "hf", "bert-cross-encoder"), Shared.Require("golden", "hf", "vit"));
        var teller = Path.Combine(Clone.Root, "samples", "models", "taleteller");
        foreach (var (program, folder) in new[]
        {
            (Programs.Sentences, text), (Programs.Classifier, text), (Programs.Reranker, text), (Programs.Tokens, text), (Programs.Ids, text),
            (Programs.ImageClassifier, image), (Programs.Image, image), (Programs.Writer, teller), (Programs.Talker, teller), (Programs.WriterOfIds, teller),
        })
        {
            var texts = ModelDirectory.Read(new ModelRequest(folder)).Texts.Select(file => new ModelText("m", file.Name, file.Text)).ToList();
            Assert.Empty(Compile(program.Text.Replace("MODEL_FOLDER", "m", StringComparison.Ordinal).Replace("MODEL_CLASS", "M", StringComparison.Ordinal), texts));
        }
    }

    private string Feed(params string[] versions) => WriteFeed(_folder["feed " + string.Join(' ', versions)], versions);

    // Empty files: nobody opens them. Each is a second younger than the one before.
    internal static string WriteFeed(string folder, params string[] versions)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < versions.Length; i++)
        {
            foreach (var id in new[] { "AttnGen", "AttnGen.Tokenizers", "AttnGen.Embeddings", "AttnGen.Generation", "AttnGen.Tool" })
            {
                var file = Path.Combine(folder, $"{id}.{versions[i]}.nupkg");
                File.WriteAllText(file, "");
                File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, 0, i, DateTimeKind.Utc));
            }
        }

        return folder;
    }

    private (string Id, string Version) Reference(string project)
    {
        var reference = XDocument.Load(_folder[$"{project}/{project}.csproj"]).Descendants("PackageReference").Single();
        return (reference.Attribute("Include")!.Value, reference.Attribute("Version")!.Value);
    }

    private string Source(string project) => XDocument.Load(_folder[$"{project}/nuget.config"]).Descendants("add").Single().Attribute("value")!.Value;

    internal static IEnumerable<string> Compile(string program, IReadOnlyList<ModelText> models)
    {
        var usings = string.Concat(new[] { "System", "System.IO", "System.Linq", "System.Collections.Generic" }.Select(name => $"global using global::{name};\n"));
        var run = Host.Generate(usings + program, models, CancellationToken.None);
        var options = (CSharpCompilationOptions)run.Compilation.Options;
        var compilation = run.Compilation.WithOptions(options.WithOutputKind(OutputKind.ConsoleApplication)).AddReferences(
            MetadataReference.CreateFromFile(typeof(Tokenizers.TextTokenizer).Assembly.Location),
            MetadataReference.CreateFromFile(typeof(Embeddings.TextEmbeddingGenerator).Assembly.Location),
            MetadataReference.CreateFromFile(typeof(Generation.TextGenerator).Assembly.Location),
            MetadataReference.CreateFromFile(typeof(Microsoft.Extensions.AI.Embedding).Assembly.Location));
        return run.Findings.Select(finding => finding.Message).Concat(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString()));
    }
}
