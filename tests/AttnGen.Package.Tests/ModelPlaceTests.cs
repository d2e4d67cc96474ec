using System.IO.Compression;
using System.Runtime.InteropServices;
using AttnGen.Tests;
using AttnGen.Tests.Weights;

namespace AttnGen.Package.Tests;

/// <summary>Folders of one name from several projects and packages in one program: each class computes with its own.</summary>
public sealed class ModelPlaceTests(PackedPackage package)
{
    /// <summary>Two libraries and the program itself, all with models/encoder, of the same shapes; vectors say whose weights and whose tokenizer it was.</summary>
    [Fact]
    public async Task EachClassHasItsOwnWeightsAndTokenizer()
    {
        var source = Shared.Require("golden", "reports", "two-libraries");
        var embeddings = $"""<PackageReference Include="AttnGen.Embeddings" Version="[{package.Version}]" />""";
        string[] names = ["LibA", "LibB", "App"];
        var folders = new List<string>();
        foreach (var name in names)
        {
            var program = name == "App"
                ? """
                using AttnGen.Embeddings;

                Show("LibA", TextEmbeddingGenerator.Create<LibA.Encoder>(), TextEmbeddingGenerator.Create<LibA.Encoder>(args[0]));
                Show("LibB", TextEmbeddingGenerator.Create<LibB.Encoder>(), TextEmbeddingGenerator.Create<LibB.Encoder>(args[1]));
                Show("App", TextEmbeddingGenerator.Create<App.Encoder>(), TextEmbeddingGenerator.Create<App.Encoder>(args[2]));

                static void Show(string name, TextEmbeddingGenerator found, TextEmbeddingGenerator given) =>
                    Console.WriteLine(FormattableString.Invariant($"{name} {found.Embed("red fox")[0]:F6} {found.Embed("red fox").AsSpan().SequenceEqual(given.Embed("red fox"))}"));

                """
                : "";
            var folder = package.WriteConsumer(
                $"places/{name}",
                program + $"namespace {name}\n{{\n    [AttnGen.TransformerModel(\"models/encoder\")]\n    public sealed partial class Encoder;\n}}\n",
                $"""
                {embeddings}
                    <AttnGenModel Include="models/encoder" />
                    {(name == "App" ? """<ProjectReference Include="../LibA/Consumer.csproj;../LibB/Consumer.csproj" />""" : "")}
                """,
                ("OutputType", name == "App" ? "Exe" : "Library"), ("AssemblyName", name));
            folders.Add(Path.Combine(folder, "models", "encoder"));
            Copy(Path.Combine(source, name == "LibB" ? "LibB" : "LibA", "models", "encoder"), folders[^1]);
        }

        // The program's words have other ids than LibA's, whose weights it has.
        var tokenizer = Path.Combine(folders[2], "tokenizer.json");
        var text = await File.ReadAllTextAsync(tokenizer);
        Assert.Contains("\"red\"", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(tokenizer, text.Replace("\"red\"", "\"swap\"", StringComparison.Ordinal).Replace("\"fox\"", "\"red\"", StringComparison.Ordinal).Replace("\"swap\"", "\"fox\"", StringComparison.Ordinal));

        // Into a folder of its own choice, which the libraries are built into, too.
        var app = Path.GetDirectoryName(Path.GetDirectoryName(folders[2]))!;
        PackedPackage.NoWarnings(await Tool.DotnetAsync(app, "build", "-o", "out"));
        var before = await RunAsync("out", "App.dll");
        Assert.Equal("LibB 0.586769 True", before[1]);
        Assert.All(before, line => Assert.EndsWith("True", line, StringComparison.Ordinal));
        Assert.Distinct(before.Select(line => line.Split(' ')[1]));
        Assert.True(File.Exists(Path.Combine(app, "out", "models", "encoder", "model.safetensors")));

        // In one file; and once more after the libraries' weights changed places, each with the other's time.
        var single = OperatingSystem.IsWindows() ? "App.exe" : "App";
        PackedPackage.NoWarnings(await Tool.DotnetAsync(app, "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "pub", "-p:PublishSingleFile=true", "--self-contained", "false"));
        Assert.Equal(before, await RunAsync("pub", single));
        var weights = folders.Select(folder => Path.Combine(folder, "model.safetensors")).ToArray();
        File.Move(weights[0], weights[0] + ".tmp");
        File.Move(weights[1], weights[0]);
        File.Move(weights[0] + ".tmp", weights[1]);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(app, "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "pub", "-p:PublishSingleFile=true", "--self-contained", "false"));
        var after = await RunAsync("pub", single);
        Assert.Equal([before[0].Replace("LibA", "LibB", StringComparison.Ordinal), before[1].Replace("LibB", "LibA", StringComparison.Ordinal), before[2]], [after[1], after[0], after[2]]);

        async Task<string[]> RunAsync(string folder, string program)
        {
            // From where no models are.
            var path = Path.Combine(app, folder, program);
            var output = program.EndsWith(".dll", StringComparison.Ordinal)
                ? await Tool.DotnetAsync(Path.Combine(app, "obj"), [path, .. folders])
                : await Tool.RunAsync(Path.Combine(app, "obj"), path, [.. folders]);
            return output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>A library's package has its models with it, for every framework, and brings them to whoever uses it, directly or not; a new version brings new ones.</summary>
    [Fact]
    public async Task APackageBringsItsModels()
    {
        const string Odd = "C# modelle/bért 100% (größer)";
        var feed = package.MakeFolder("feed of libraries");
        string one = package.NameLibrary("One"), two = package.NameLibrary("Two");
        foreach (var (id, name, value) in new[] { (one, "One", 1), (two, "Two", 2) })
        {
            var library = package.WriteConsumer(
                "packed-" + name,
                $"public static class {name} {{ public static string Folder => AttnGen.ModelFolder.Find(\"models/encoder\", typeof({name}).Assembly); }}\n",
                $"""
                <AttnGenModel Include="models/encoder;{Odd.Replace("%", "%25", StringComparison.Ordinal)}" />
                    <AttnGenModel Include="models/embedded" Embed="true" />
                    <AttnGenModel Include="models/absent" Copy="false" />
                    <AttnGenModel Include="models/kept" Pack="false" />
                """,
                ("OutputType", "Library"), ("AssemblyName", name), ("PackageId", id), ("TargetFramework", ""), ("TargetFrameworks", "net10.0"));
            foreach (var folder in new[] { "models/encoder", Odd, "models/embedded", "models/absent", "models/kept" })
            {
                WriteModel(library, folder, value);
            }

            await PackAsync(library, "1.0.0-test");
            using var zip = ZipFile.OpenRead(Path.Combine(feed, $"{id}.1.0.0-test.nupkg"));
            Assert.Equal(
                Enumerable.Repeat($"attngen/net10.0/{name}", 2),
                zip.Entries.Where(entry => entry.Name == "model.safetensors").Select(entry => string.Join('/', entry.FullName.Split('/')[..3])).Order(StringComparer.Ordinal));
        }

        var between = package.WriteConsumer("packed-between", "public static class Between { public static string Folder => Two.Folder; }\n", $"""<PackageReference Include="{two}" Version="$(Two)" />""", ("OutputType", "Library"), ("AssemblyName", "Between"));
        var app = package.WriteConsumer(
            "packed-app",
            $$"""
            foreach (var folder in new[] { One.Folder, Between.Folder, AttnGen.ModelFolder.Find("{{Odd}}", typeof(Between).Assembly) })
                Console.WriteLine($"{Path.GetRelativePath(AppContext.BaseDirectory, folder).Replace('\\', '/')} {BitConverter.ToSingle(File.ReadAllBytes(Path.Combine(folder, "model.safetensors")).AsSpan()[^4..])} {File.Exists(Path.Combine(folder, "1_Pooling", "config.json"))}");
            """,
            $"""
            <PackageReference Include="{one}" Version="1.0.0-test" />
                <ProjectReference Include="../packed-between/Consumer.csproj" />
            """);

        // Its own reference to AttnGen goes: the package's brings what is needed.
        foreach (var project in new[] { between, app })
        {
            var file = Path.Combine(project, "Consumer.csproj");
            await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace($"""<PackageReference Include="AttnGen" Version="[{package.Version}]" />""", "", StringComparison.Ordinal));
        }

        // The two differ in models/encoder, and have one more folder of one name, with the same files.
        string[] expected = ["attngen/One/models/encoder 1 True", "attngen/Two/models/encoder 2 True", $"{Odd} 9 True"];
        await PublishAsync("1.0.0-test");
        Assert.Equal(expected, await RunAsync(Path.Combine("bin", "Release", "net10.0")));
        Assert.Equal(expected, await RunAsync("out"));

        WriteModel(Path.Combine(Path.GetDirectoryName(app)!, "packed-Two"), "models/encoder", 1);
        await PackAsync(Path.Combine(Path.GetDirectoryName(app)!, "packed-Two"), "1.0.1-test");
        await PublishAsync("1.0.1-test");
        Assert.Equal(["models/encoder 1 True", "models/encoder 1 True", $"{Odd} 9 True"], await RunAsync("out"));
        Assert.False(Directory.Exists(Path.Combine(app, "out", "attngen", "Two")));

        Task<string> PackAsync(string project, string version) => Tool.DotnetAsync(project, "pack", "-c", "Release", "-o", feed, $"-p:PackageVersion={version}", "-p:NoWarn=NU5104");

        async Task PublishAsync(string version) =>
            PackedPackage.NoWarnings(await Tool.DotnetAsync(app, "publish", "-c", "Release", "-o", "out", $"-p:Two={version}", $"-p:RestoreAdditionalProjectSources={feed}"));

        async Task<string[]> RunAsync(string folder) =>
            (await Tool.DotnetAsync(Path.Combine(app, "obj"), Path.Combine(app, folder, "Consumer.dll"))).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // Same lengths and times, whatever the numbers.
        static void WriteModel(string project, string folder, float value)
        {
            var path = Path.Combine(project, folder);
            Directory.CreateDirectory(Path.Combine(path, "1_Pooling"));
            File.WriteAllText(Path.Combine(path, "1_Pooling", "config.json"), "{}");
            File.WriteAllText(Path.Combine(path, "config.json"), "{}");
            value = folder == Odd ? 9 : value;
            File.WriteAllBytes(Path.Combine(path, "model.safetensors"), SafetensorsBytes.File(("w", "F32", [1, 2], SafetensorsBytes.Floats(value, value))));
            foreach (var file in Directory.GetFiles(path))
            {
                File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            }
        }
    }

    private static void Copy(string source, string target)
    {
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
    }
}
