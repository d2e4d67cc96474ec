using System.Text.RegularExpressions;
using AttnGen.Folders;

namespace AttnGen.Build.Tests;

/// <summary>The names by which build, compiler and program find the same folder and the same files. All of them compile the files that are tested here.</summary>
public sealed partial class FolderNameTests
{
    [Theory]
    [InlineData("models/x", "models/x")]
    [InlineData(" models\\x\\ ", "models/x")]
    [InlineData("././models/x//", "models/x")]
    [InlineData("../models/x", "../models/x")]
    [InlineData("C:\\models\\x", "C:/models/x")]
    [InlineData(".", ".")]
    [InlineData("./", "")]
    [InlineData("/", "/")]
    [InlineData("//", "//")]
    [InlineData("", "")]
    [InlineData(".//models/x", "models/x")]
    [InlineData(".\\\\models\\x\\", "models/x")]
    [InlineData(".//.///./x", "x")]
    public void AnIncludeIsWrittenInManyWays(string folder, string expected) => Assert.Equal(expected, FolderNames.Normal(folder));

    /// <summary>What is a full path does not depend on the system: the compiler and the build task of one project must agree, and so must two machines.</summary>
    [Theory]
    [InlineData("models/x", "models/x")]
    [InlineData("../models/x", "../models/x")]
    [InlineData("/data/models/x", "x")]
    [InlineData("//server/share/x", "x")]
    [InlineData("C:/models/x", "x")]
    [InlineData("C:x", "C:x")]
    [InlineData("x", "x")]
    [InlineData("", "")]
    public void AFullPathIsKnownByItsLastPart(string name, string expected)
    {
        Assert.Equal(expected, FolderNames.Shipped(name));
        Assert.Equal($"AttnGen/{expected}/config.json", FolderNames.Resource(FolderNames.Shipped(name), "config.json"));
        Assert.StartsWith(FolderNames.Resource(expected, ""), FolderNames.Resource(expected, "config.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/x", "models/x/f")]
    [InlineData("./models//x", "models/x/f")]
    [InlineData("models/../x", "x/f")]
    [InlineData("../models/x", "x/f")]
    [InlineData("a/../../models/x", "x/f")]
    [InlineData("/data/models/x", "x/f")]
    [InlineData("C:/models/x", "x/f")]
    [InlineData("x", "x/f")]
    [InlineData(".", "f")]
    public void AFolderFromElsewhereIsUnderItsLastName(string name, string expected)
    {
        Assert.Equal(expected, FolderNames.Beside(name, "f"));
        Assert.Equal(expected, Path.Combine(FolderNames.Beside(name), "f").Replace('\\', '/'));
    }

    [Theory]
    [InlineData("C#/a;b%20c%23@(d)$(e)'f*g?h")]
    [InlineData("models/größe 100%")]
    public void TheNameSurvivesTheCompilersOptions(string name)
    {
        Assert.DoesNotContain(FolderNames.ToOption(name), c => c is '#' or ';');
        Assert.Equal(name, FolderNames.FromOption(FolderNames.ToOption(name)));
    }

    /// <summary>What AttnGen.Tokenizers and AttnGen.Embeddings open is beside the program, and the list claims no reader that is not there.</summary>
    [Fact]
    public void TheFilesForTextAreThoseThatItsSourcesName() =>
        Assert.Equal(HubFiles.For(ReadBy.Text).Except(s_ofModules).Order(StringComparer.Ordinal), FilesIn("src/AttnGen.Tokenizers", "src/AttnGen.Embeddings", "src/AttnGen.Generation", "generator/Sentences").Except(s_ofModules));

    /// <summary>The same of the compiler: each file that the generator's sources name is handed to it.</summary>
    [Fact]
    public void TheFilesForTheCompilerAreThoseThatItsSourcesName() =>
        Assert.Equal(
            HubFiles.For(ReadBy.Compiler).Order(StringComparer.Ordinal),
            FilesIn("generator/Models", "generator/Sentences", "generator/Templates", "generator/Folders/TemplateFiles.cs", "generator/Spec/FolderFiles.cs", "generator/Folders/ModuleFolders.cs").Except(s_ofModules.Where(file => file != "1_Pooling/config.json")));

    /// <summary>Configurations of modules lie where modules.json says; what it says that no file of the folder can be is left out.</summary>
    [Theory]
    [InlineData("""[{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Normalize/"}]""", "1_Pooling/config.json 2_Normalize/config.json")]
    [InlineData("""[{"path": "./a/b-c.d"}, {"path": "a/b-c.d"}]""", "a/b-c.d/config.json")]
    [InlineData("""[{"path": "../x"}, {"path": "/x"}, {"path": "a/../b"}, {"path": "C:/x"}, {"path": "a#b"}, {"path": "a;b"}, {"path": "a b"}, {"path": "größe"}, {"path": "."}, {"path": 5}, 7]""", "")]
    [InlineData("""{"path": "1_Pooling"}""", "")]
    [InlineData("[{,", "")]
    public void TheFoldersOfModulesAreThoseThatModulesJsonNames(string modules, string expected) => Assert.Equal(expected, string.Join(' ', ModuleFolders.Configs(modules)));

    [Fact]
    public void NoFileIsListedTwice() => Assert.Distinct(HubFiles.All.Select(file => file.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>Samples that must build without a model hand the compiler its files themselves.</summary>
    [Fact]
    public void TheSamplesHandOverFilesOfTheList()
    {
        var files = Directory.GetFiles(Path.Combine(Clone.Root, "samples"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => HandedOver().Matches(File.ReadAllText(project)).Select(match => match.Groups[1].Value)).ToList();
        Assert.True(files.Count > 4, $"{files.Count} files");
        Assert.All(files, file => Assert.Contains(file, HubFiles.For(ReadBy.Compiler)));
    }

    // Of sentence-transformers' modules, under the names that they usually have.
    private static readonly string[] s_ofModules = ["1_Pooling/config.json", "2_Dense/config.json", "2_Normalize/config.json", "1_Dropout/config.json"];

    private static IEnumerable<string> FilesIn(params string[] sources) =>
        sources.Select(place => Path.Combine(Clone.Root, place))
            .SelectMany(path => File.Exists(path) ? [path] : Directory.GetFiles(path, "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(path => FileName().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value))
            .Where(file => file != FolderNames.Manifest && !file.StartsWith("tokenizer.ggml.", StringComparison.Ordinal) && file != "tokenizer.huggingface.json") // keys of a GGUF file's metadata
            .Distinct().Order(StringComparer.Ordinal);

    // A whole string of the code that is the name of a small file.
    [GeneratedRegex("\"([A-Za-z0-9][A-Za-z0-9_./-]*\\.(?:json|txt|model|spm|jinja))\"")]
    private static partial Regex FileName();

    [GeneratedRegex("AttnGenFile=\"([^\"]+)\"")]
    private static partial Regex HandedOver();
}
