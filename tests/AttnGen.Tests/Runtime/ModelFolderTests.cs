namespace AttnGen.Tests.Runtime;

/// <summary>Where a model's folder is looked for when a program runs.</summary>
public sealed class ModelFolderTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"attngen folder {Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("models/tiny", "program/models/tiny")]
    [InlineData("models/tiny/", "current/models/tiny")]
    [InlineData("../elsewhere/tiny", "program/tiny")]
    [InlineData("/home/somebody/tiny", "program/tiny")]
    [InlineData("models/tiny", "named/models/tiny")]
    [InlineData("models/tiny", "named/tiny")]
    [InlineData("/home/somebody/tiny", "named/tiny")]
    public void Finds(string folder, string place)
    {
        var path = Make(place);
        Assert.Equal(path, Find(folder, "named"));
    }

    /// <summary>ATTNGEN_MODELS names the model's own folder: by its name, or because a model is in it.</summary>
    [Theory]
    [InlineData("models/tiny", "some/tiny", "config.json")]
    [InlineData("models/tiny", "some/tiny/", "config.json")]
    [InlineData("/home/somebody/tiny", "some/tiny", "config.json")]
    [InlineData("models/tiny", "some/other name", "model.safetensors")]
    [InlineData("models/tiny", "some/other name", "model.safetensors.index.json")]
    public void TheVariableMayNameTheFolderItself(string folder, string place, string file)
    {
        var path = Make(place, file);
        Assert.Equal(Path.TrimEndingDirectorySeparator(path), Find(folder, place));
    }

    /// <summary>A model that is a GGUF file is where its folder would be; a program of the same name is no model.</summary>
    [Theory]
    [InlineData("models/tiny.gguf", "program/models/tiny.gguf")]
    [InlineData("models/tiny.gguf", "current/models/tiny.gguf")]
    [InlineData("../elsewhere/tiny.gguf", "program/tiny.gguf")]
    [InlineData("tiny", "current/tiny")]
    [InlineData("models/tiny.gguf", "named/tiny.gguf")]
    [InlineData("models/tiny.gguf", "named")]
    public void FindsAFile(string model, string place)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(place))!);
        File.WriteAllText(Full(place), "GGUF and so on");
        Directory.CreateDirectory(Full("program"));
        if (!File.Exists(Full("program/tiny")))
            File.WriteAllText(Full("program/tiny"), "a program");
        Assert.Equal(Full(place), Find(model, "named"));
        File.WriteAllText(Full(place), "something else");
        if (place == "named/tiny.gguf") // the folder that the variable names is the model's; what is wrong with its file is said when it is loaded
            Assert.Equal(Full("named"), Find(model, "named"));
        else
            Assert.Throws<DirectoryNotFoundException>(() => Find(model, "named"));
    }

    [Fact]
    public void TheVariableMayNameAFolderThatHoldsAFile()
    {
        var path = Make("some/other name", "x.gguf");
        Assert.Equal(path, Find("models/tiny", "some/other name"));
    }

    [Fact]
    public void AFolderOfAnotherNameWithoutAModelIsNotIt()
    {
        Make("some/other", "config.json");
        Assert.Throws<DirectoryNotFoundException>(() => Find("models/tiny", "some/other"));
    }

    /// <summary>Where a build puts the folder of a library's class if another project's folder has its place: first in each of the places, for classes of that assembly alone.</summary>
    [Theory]
    [InlineData("models/tiny", "program/attngen/Lib/models/tiny", "program/models/tiny")]
    [InlineData("../elsewhere/tiny", "program/attngen/Lib/tiny", "program/tiny")]
    [InlineData("/home/somebody/tiny", "program/attngen/Lib/tiny", "program/tiny")]
    [InlineData(".", "program/attngen/Lib", "current/models/tiny")]
    [InlineData("models/tiny", "current/attngen/Lib/models/tiny", "current/models/tiny")]
    [InlineData("models/tiny", "named/attngen/Lib/models/tiny", "named/models/tiny")]
    [InlineData("/home/somebody/tiny", "named/attngen/Lib/tiny", "named/tiny")]
    public void AnAssemblysOwnPlaceComesFirst(string folder, string place, string other)
    {
        var path = Make(place);
        Make(other);
        Make("program/attngen/Other/models/tiny");
        Assert.Equal(path, Find(folder, "named", "Lib"));
        Assert.NotEqual(path, folder == "." ? "" : Find(folder, "named", "Another"));
        Assert.NotEqual(path, folder == "." ? "" : Find(folder, "named"));
    }

    /// <summary>Without one, it is where it always was, and what is beside the program comes before all else.</summary>
    [Fact]
    public void WithoutAPlaceOfItsOwnTheOrderIsTheOldOne()
    {
        var path = Make("program/models/tiny");
        Make("current/attngen/Lib/models/tiny");
        Assert.Equal(path, Find("models/tiny", null, "Lib"));
        var message = Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Find("models/none", typeof(ModelFolderTests).Assembly)).Message;
        Assert.Contains(Path.Combine(AppContext.BaseDirectory, "attngen", "AttnGen.Tests", "models", "none") + ", ", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => ModelFolder.Find("models/none", null!));
    }

    /// <summary>A build that copies no longer leaves nothing; but whoever empties the folder by hand must not be stopped by it.</summary>
    [Fact]
    public void AnEmptyFolderIsNotIt()
    {
        Directory.CreateDirectory(Full("program/models/tiny/1_Pooling"));
        var path = Make("named/tiny");
        Assert.Equal(path, Find("models/tiny", "named"));
    }

    [Fact]
    public void TheErrorNamesEveryPlaceAndWhatToDo()
    {
        Directory.CreateDirectory(_root);
        var message = Assert.Throws<DirectoryNotFoundException>(() => Find("models/tiny", "named")).Message;
        foreach (var place in new[] { "program/models/tiny", "current/models/tiny", "named/models/tiny", "named/tiny", "named" })
        {
            Assert.Contains(Full(place) + (place == "named" ? "." : ","), message, StringComparison.Ordinal);
        }

        Assert.Contains("set ATTNGEN_MODELS to it or to the folder that holds it", message, StringComparison.Ordinal);
        Assert.Contains("(ATTNGEN_MODELS is not set)", Assert.Throws<DirectoryNotFoundException>(() => Find("models/tiny", null)).Message, StringComparison.Ordinal);
    }

    private string Find(string folder, string? variable, string? assembly = null) => ModelFolder.FindIn(folder, assembly, Full("program"), Full("current"), variable is null ? null : Full(variable));

    private string Full(string place) => Path.Combine(_root, place.Replace('/', Path.DirectorySeparatorChar));

    private string Make(string place, string file = "model.safetensors")
    {
        Directory.CreateDirectory(Full(place));
        File.WriteAllText(Path.Combine(Full(place), file), "");
        return Full(place);
    }
}
