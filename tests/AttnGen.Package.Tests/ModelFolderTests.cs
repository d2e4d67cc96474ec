using System.Runtime.InteropServices;
using System.Text.Json;
using AttnGen.Tests;
using AttnGen.Tests.Weights;

namespace AttnGen.Package.Tests;

/// <summary>What the package does with <c>AttnGenModel</c> in a stranger's project: what the compiler is given, what lies beside the program, and what a second build does not do.</summary>
public sealed class ModelFolderTests(PackedPackage package)
{
    /// <summary>Looks for its model as generated code does, and says what it found.</summary>
    private const string Program = """
        using System.Reflection;

        foreach (var name in args)
        {
            var folder = AttnGen.ModelFolder.Find(name);
            Console.WriteLine($"{Path.GetRelativePath(AppContext.BaseDirectory, folder).Replace('\\', '/')}: {string.Join(" ", Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal))}");
        }

        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            Console.WriteLine($"{name}: {resource.Length}");
        }
        """;

    /// <summary>From the first build to a lost folder. The compiler runs when configuration or header change, and not when the numbers do.</summary>
    [Fact]
    public async Task BuildsWhatChangedAndNothingElse()
    {
        var project = package.WriteConsumer("models", Program, """<AttnGenModel Include="models\tiny größe/" />""");
        var model = WriteModel(project, "models/tiny größe");
        var manifest = "";
        var assembly = Path.Combine(project, "obj", "Debug", "net10.0", "Consumer.dll");
        var copy = Path.Combine(project, "bin", "Debug", "net10.0", "models", "tiny größe", "model.safetensors");

        PackedPackage.NoWarnings(await BuildAsync());
        var items = await ItemsAsync(project, "AdditionalFiles");
        Assert.Equal(["1_Pooling/config.json", "config.json", "manifest.json"], items.Select(item => item.GetProperty("AttnGenFile").GetString()).Order(StringComparer.Ordinal));
        Assert.All(items, item => Assert.Equal("models/tiny größe", item.GetProperty("AttnGenModel").GetString()));
        manifest = items.Single(item => item.GetProperty("AttnGenFile").GetString() == "manifest.json").GetProperty("FullPath").GetString()!;
        Assert.StartsWith(Path.Combine(project, "obj", "Debug", "net10.0", "attngen") + Path.DirectorySeparatorChar, manifest, StringComparison.Ordinal);
        Assert.Equal("{\n\"model.safetensors\": {\n \"w\": {\"dtype\": \"F32\", \"shape\": [1, 2]}\n}\n}\n", await File.ReadAllTextAsync(manifest));
        var options = await File.ReadAllTextAsync(Path.Combine(project, "obj", "Debug", "net10.0", "Consumer.GeneratedMSBuildEditorConfig.editorconfig"));
        Assert.Contains("build_metadata.AdditionalFiles.AttnGenModel = models/tiny größe\nbuild_metadata.AdditionalFiles.AttnGenFile = manifest.json\n", options.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal(
            "models/tiny größe: 1_Pooling/config.json config.json model.safetensors tokenizer.json",
            (await Tool.DotnetAsync(project, Path.Combine("bin", "Debug", "net10.0", "Consumer.dll"), "models/tiny größe")).Trim());

        var before = Times();
        await BuildAsync();
        Assert.Equal(before, Times());

        // Other numbers under the same header: a new copy, and nothing is compiled.
        WriteWeights(model, "w", 7);
        await BuildAsync();
        Assert.Equal(before, Times());
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(model, "model.safetensors")), await File.ReadAllBytesAsync(copy));

        // A configuration is the compiler's own affair.
        await File.WriteAllTextAsync(Path.Combine(model, "config.json"), """{"model_type": "other"}""");
        await BuildAsync();
        Assert.Equal(before.Manifest, Times().Manifest);
        Assert.NotEqual(before.Assembly, Times().Assembly);

        before = Times();
        WriteWeights(model, "v", 7);
        await BuildAsync();
        Assert.NotEqual(before.Manifest, Times().Manifest);
        Assert.NotEqual(before.Assembly, Times().Assembly);
        Assert.Contains("\"v\"", await File.ReadAllTextAsync(manifest), StringComparison.Ordinal);

        // A folder that is gone is for the compiler to report, at the attribute.
        Directory.Delete(model, recursive: true);
        PackedPackage.NoWarnings(await BuildAsync());
        Assert.StartsWith("{\"__error__\": \"there is no such folder (", await File.ReadAllTextAsync(manifest), StringComparison.Ordinal);
        Assert.Single(await ItemsAsync(project, "AdditionalFiles"));

        await Tool.DotnetAsync(project, "clean");
        Assert.False(File.Exists(manifest));

        Task<string> BuildAsync() => Tool.DotnetAsync(project, "build");

        (DateTime Manifest, DateTime Assembly) Times() => (File.GetLastWriteTimeUtc(manifest), File.GetLastWriteTimeUtc(assembly));
    }

    /// <summary>An IDE asks for the compiler's arguments without compiling.</summary>
    [Fact]
    public async Task AnIdeSeesTheManifest()
    {
        var project = package.WriteConsumer("design", Program, """<AttnGenModel Include="model" />""");
        WriteModel(project, "model");
        await Tool.DotnetAsync(project, "restore");
        var arguments = await ItemsAsync(
            project,
            "CscCommandLineArgs",
            "Compile",
            "-p:DesignTimeBuild=true", "-p:BuildingProject=false", "-p:BuildProjectReferences=false", "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true");
        var additional = arguments.Select(item => item.GetProperty("Identity").GetString()!).Where(argument => argument.StartsWith("/additionalfile:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, additional.Length);
        Assert.Contains(additional, argument => argument.TrimEnd('"').EndsWith("manifest.json", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(project, "obj", "Debug", "net10.0", "Consumer.dll")));
    }

    /// <summary>In one file, from folders here and elsewhere, and with a project that publishes its JSON files anyway, as the Web SDK does.</summary>
    [Fact]
    public async Task PublishesTheFoldersBesideTheProgram()
    {
        var project = package.WriteConsumer("published", Program, """
            <AttnGenModel Include="models/here;../published-elsewhere" />
                <AttnGenModel Include="models/not copied" Copy="false" />
                <Content Include="models/**/*.json" CopyToOutputDirectory="PreserveNewest" CopyToPublishDirectory="PreserveNewest" />
            """, ("PublishSingleFile", "true"), ("SelfContained", "false"));
        WriteModel(project, "models/here");
        WriteModel(project, "../published-elsewhere");
        WriteModel(project, "models/not copied");
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "publish", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "out"));
        Assert.False(File.Exists(Path.Combine(project, "out", "AttnGen.dll")));
        var output = await Tool.RunAsync(Path.Combine(project, "out"), Path.Combine(project, "out", OperatingSystem.IsWindows() ? "Consumer.exe" : "Consumer"), "models/here", "../published-elsewhere", "models/not copied");
        Assert.Equal(
            """
            models/here: 1_Pooling/config.json config.json model.safetensors tokenizer.json
            published-elsewhere: 1_Pooling/config.json config.json model.safetensors tokenizer.json
            models/not copied: 1_Pooling/config.json config.json tokenizer.json
            """.ReplaceLineEndings("\n"),
            output.ReplaceLineEndings("\n").Trim());
    }

    /// <summary>The model is in the assembly, and not beside it.</summary>
    [Fact]
    public async Task EmbedsAModel()
    {
        var project = package.WriteConsumer("embedded", Program, """<AttnGenModel Include="models/tiny" Embed="true" />""");
        WriteModel(project, "models/tiny");
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-o", "out"));
        Assert.False(Directory.Exists(Path.Combine(project, "out", "models")));
        Assert.Equal(
            $"""
            AttnGen/models/tiny/1_Pooling/config.json: 2
            AttnGen/models/tiny/config.json: 2
            AttnGen/models/tiny/model.safetensors: {new FileInfo(Path.Combine(project, "models", "tiny", "model.safetensors")).Length}
            AttnGen/models/tiny/tokenizer.json: 2
            """.ReplaceLineEndings("\n"),
            (await Tool.DotnetAsync(project, Path.Combine("out", "Consumer.dll"))).ReplaceLineEndings("\n").Trim());
    }

    /// <summary>A model that is embedded now, not copied any more, or no longer named, leaves nothing beside the program, neither built nor published.</summary>
    [Fact]
    public async Task WhatIsNoLongerCopiedIsRemoved()
    {
        var library = package.WriteConsumer("stale-library", "", """<AttnGenModel Include="models/theirs" Copy="$(CopyTheirs)" />""", ("OutputType", "Library"), ("AssemblyName", "TheLibrary"));
        WriteModel(library, "models/theirs");
        var project = package.WriteConsumer("stale", Program, """
            <AttnGenModel Include="models/tiny" Condition="'$(Tiny)' != 'none'" Copy="$(Copy)" Embed="$(Embed)" />
                <AttnGenModel Include="models/other" />
                <ProjectReference Include="../stale-library/Consumer.csproj" />
            """);
        WriteModel(project, "models/tiny");
        WriteModel(project, "models/other");
        foreach (var (there, properties) in new (string[] There, string[] Properties)[]
        {
            (["other", "theirs", "tiny"], []),
            (["other", "theirs"], ["-p:Embed=true"]),
            (["other", "theirs", "tiny"], []),
            (["other", "theirs"], ["-p:Copy=false"]),
            (["other", "theirs", "tiny"], []),
            (["other"], ["-p:Tiny=none", "-p:CopyTheirs=false"]),
        })
        {
            PackedPackage.NoWarnings(await Tool.DotnetAsync(project, ["publish", "-c", "Release", .. properties]));
            foreach (var output in new[] { "", "publish" })
            {
                var models = Path.Combine(project, "bin", "Release", "net10.0", output, "models");
                Assert.Equal(there, Directory.GetFiles(models, "model.safetensors", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file))).Order(StringComparer.Ordinal));
                Assert.Equal(there.Length, Directory.GetFiles(models, "config.json", SearchOption.AllDirectories).Length / 2);
                Assert.Equal(there.Contains("tiny"), Directory.Exists(Path.Combine(models, "tiny")));
            }
        }

        await Tool.DotnetAsync(project, "clean", "-c", "Release", "-p:Tiny=none");
        Assert.Empty(Directory.GetFiles(Path.Combine(project, "bin", "Release", "net10.0", "models"), "*", SearchOption.AllDirectories));
    }

    /// <summary>
    /// Files that replace others and are older, as they come from an archive or another branch, with the length of the old ones: beside the program, in it,
    /// from a library, built and published. What is gone from a folder is gone from its copies, and what did not change is not copied again.
    /// </summary>
    [Fact]
    public async Task OlderFilesReplaceNewerOnes()
    {
        var library = package.WriteConsumer("older-library", "", """<AttnGenModel Include="models/theirs" />""", ("OutputType", "Library"), ("AssemblyName", "TheLibrary"));
        var project = package.WriteConsumer("older", Program, """
            <AttnGenModel Include="models/copied" />
                <AttnGenModel Include="models/embedded" Embed="true" />
                <ProjectReference Include="../older-library/Consumer.csproj" />
            """);
        string[] folders = [WriteModel(library, "models/theirs"), WriteModel(project, "models/copied"), WriteModel(project, "models/embedded")];
        await PublishAsync();
        foreach (var folder in folders)
        {
            WriteWeights(folder, "w", 7);
            File.WriteAllText(Path.Combine(folder, "config.json"), "[]");
            File.Delete(Path.Combine(folder, "tokenizer.json"));
            foreach (var file in Directory.GetFiles(folder))
            {
                File.SetLastWriteTimeUtc(file, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            }
        }

        await PublishAsync();
        foreach (var output in new[] { "", "publish" })
        {
            foreach (var folder in folders[..2])
            {
                var copy = Path.Combine(project, "bin", "Release", "net10.0", output, "models", Path.GetFileName(folder));
                Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(copy).Select(Path.GetFileName).Order(StringComparer.Ordinal));
                foreach (var file in new[] { "config.json", "model.safetensors" })
                {
                    Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(folder, file)), await File.ReadAllBytesAsync(Path.Combine(copy, file)));
                }
            }
        }

        var assembly = Path.Combine("bin", "Release", "net10.0", "Consumer.dll");
        var weights = await File.ReadAllBytesAsync(Path.Combine(folders[2], "model.safetensors"));
        Assert.True((await File.ReadAllBytesAsync(Path.Combine(project, assembly))).AsSpan().IndexOf(weights) > 0, "the assembly has the old weights");
        Assert.DoesNotContain("tokenizer.json", await Tool.DotnetAsync(project, assembly), StringComparison.Ordinal);

        var compiled = File.GetLastWriteTimeUtc(Path.Combine(project, "obj", "Release", "net10.0", "Consumer.dll"));
        Assert.DoesNotMatch("Copying file .*safetensors", await PublishAsync("-v:n"));
        Assert.Equal(compiled, File.GetLastWriteTimeUtc(Path.Combine(project, "obj", "Release", "net10.0", "Consumer.dll")));

        async Task<string> PublishAsync(params string[] more)
        {
            var output = await Tool.DotnetAsync(project, ["publish", "-c", "Release", .. more]);
            PackedPackage.NoWarnings(output);
            return output;
        }
    }

    /// <summary>A module with weights of its own: they are where the model's are, and follow their file.</summary>
    [Fact]
    public async Task WeightsOfAModuleFollowTheModel()
    {
        var project = package.WriteConsumer("dense", Program, """
            <AttnGenModel Include="models/copied" />
                <AttnGenModel Include="models/embedded" Embed="true" />
            """);
        string[] folders = [WriteModel(project, "models/copied"), WriteModel(project, "models/embedded")];
        foreach (var folder in folders)
        {
            File.WriteAllText(Path.Combine(folder, "modules.json"), """[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}, {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]""");
            Directory.CreateDirectory(Path.Combine(folder, "2_Dense"));
            File.WriteAllText(Path.Combine(folder, "2_Dense", "config.json"), "{}");
        }

        foreach (var value in new[] { 3f, 4f })
        {
            foreach (var folder in folders)
            {
                WriteWeights(Path.Combine(folder, "2_Dense"), "linear.weight", value);
                File.SetLastWriteTimeUtc(Path.Combine(folder, "2_Dense", "model.safetensors"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            }

            PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-o", "out"));
            var weights = await File.ReadAllBytesAsync(Path.Combine(folders[0], "2_Dense", "model.safetensors"));
            Assert.Equal(weights, await File.ReadAllBytesAsync(Path.Combine(project, "out", "models", "copied", "2_Dense", "model.safetensors")));
            Assert.True((await File.ReadAllBytesAsync(Path.Combine(project, "out", "Consumer.dll"))).AsSpan().IndexOf(weights) > 0, "the assembly has the old weights");
            Assert.Contains($"AttnGen/models/embedded/2_Dense/model.safetensors: {weights.Length}", await Tool.DotnetAsync(project, Path.Combine("out", "Consumer.dll")), StringComparison.Ordinal);
        }
    }

    /// <summary>ATTNP002: in a build that is not optimised, once, and no error even for those who take warnings for errors.</summary>
    [Fact]
    public async Task WarnsWhenAModelIsNotOptimised()
    {
        var project = package.WriteConsumer("debug", Program, """<AttnGenModel Include="models/tiny" />""", ("Optimize", "$(Fast)"), ("NoWarn", "$(NoWarn);$(Silent)"));
        WriteModel(project, "models/tiny");
        var output = await Tool.DotnetAsync(project, "build", "-p:Fast=false");
        Assert.Contains("1 Warning(s)", output, StringComparison.Ordinal);
        Assert.Contains("Consumer.csproj : warning ATTNP002: The project has an AttnGenModel and is built without optimisation (configuration Debug): ", output, StringComparison.Ordinal);
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-p:Fast=false", "-p:Silent=ATTNP002"));
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-p:Fast=true"));
    }

    /// <summary>A library's model is beside the program that uses the library.</summary>
    [Fact]
    public async Task AModelOfALibraryFollowsIt()
    {
        var library = package.WriteConsumer("library", "", """<AttnGenModel Include="models/tiny" />""", ("OutputType", "Library"), ("AssemblyName", "TheLibrary"));
        WriteModel(library, "models/tiny");
        var project = package.WriteConsumer("application", Program, """<ProjectReference Include="../library/Consumer.csproj" />""");
        PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "publish", "-o", "out"));
        Assert.StartsWith("models/tiny: ", await Tool.DotnetAsync(project, Path.Combine("out", "Consumer.dll"), "models/tiny"), StringComparison.Ordinal);
        Assert.Empty(await ItemsAsync(project, "AdditionalFiles"));
    }

    /// <summary>From the folder to numbers: a published model from beside the program and from within it, by a name with what paths and options files take for syntax.</summary>
    [Fact]
    public async Task AModelRunsFromItsFolderAndFromItsResource()
    {
        const string Model = "C# modelle/bért 100% (größer)";
        var source = Shared.Require("golden", "hf", "bert");
        var outputs = new List<string>();
        foreach (var embed in new[] { "false", "true" })
        {
            var project = package.WriteConsumer(
                "model-" + embed,
                $$"""
                using var model = Bert.Load();
                var states = new float[3 * model.Info.HiddenSize];
                model.Forward([1, 2, 3], states);
                Console.WriteLine(string.Join(" ", states.Select(BitConverter.SingleToUInt32Bits)));

                [AttnGen.TransformerModel("{{Model}}")]
                internal sealed partial class Bert;
                """,
                $"""<AttnGenModel Include="{Model.Replace("%", "%25", StringComparison.Ordinal)}" Embed="{embed}" />""");
            var folder = Path.Combine(project, Model);
            Directory.CreateDirectory(folder);
            foreach (var file in new[] { "config.json", "model.safetensors" })
            {
                File.WriteAllBytes(Path.Combine(folder, file), await File.ReadAllBytesAsync(Path.Combine(source, file)));
            }

            PackedPackage.NoWarnings(await Tool.DotnetAsync(project, "build", "-o", "out"));
            Directory.Delete(folder, recursive: true); // The current directory is searched, too.
            outputs.Add(await Tool.DotnetAsync(project, Path.Combine("out", "Consumer.dll")));
        }

        Assert.True(outputs[0].Split(' ').Distinct().Count() > 100, outputs[0]);
        Assert.Equal(outputs[0], outputs[1]);
    }

    /// <summary>What the task finds wrong is an error of the compiler, at the attribute, and the only one.</summary>
    [Fact]
    public async Task AFaultyFolderIsAnErrorAtTheAttribute()
    {
        var project = package.WriteConsumer("faulty", "[AttnGen.TransformerModel(\"models/none\")]\ninternal sealed partial class Model\n{\n    public static void Main() { }\n}\n", """<AttnGenModel Include="models/none" />""");
        var (code, output) = await Tool.TryDotnetAsync(project, "build");
        Assert.NotEqual(0, code);
        Assert.Contains("Program.cs(1,27): error ATTN0041: ", output, StringComparison.Ordinal);
        Assert.Contains("models/none: there is no such folder (", output, StringComparison.Ordinal);
        Assert.Contains("    1 Error(s)", output, StringComparison.Ordinal);
    }

    private static string WriteModel(string project, string folder)
    {
        var path = Path.GetFullPath(Path.Combine(project, folder));
        Directory.CreateDirectory(Path.Combine(path, "1_Pooling"));
        foreach (var file in new[] { "config.json", "tokenizer.json", "1_Pooling/config.json" })
        {
            File.WriteAllText(Path.Combine(path, file), "{}");
        }

        WriteWeights(path, "w", 1);
        return path;
    }

    private static void WriteWeights(string folder, string tensor, float value) =>
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), SafetensorsBytes.File((tensor, "F32", [1, 2], SafetensorsBytes.Floats(value, value))));

    /// <summary>The items of a name after a build.</summary>
    private static async Task<JsonElement[]> ItemsAsync(string project, string name, string target = "Build", params string[] properties)
    {
        var output = await Tool.DotnetAsync(project, ["build", "--no-restore", $"-getItem:{name}", $"-t:{target}", .. properties]);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty(name).EnumerateArray()];
    }
}
