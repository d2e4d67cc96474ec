using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

[assembly: AssemblyFixture(typeof(AttnGen.Package.Tests.PackedPackage))]

namespace AttnGen.Package.Tests;

/// <summary>
/// The packages, packed once for all tests under a version that never was before (so no cache can answer in its place),
/// and consumer projects outside the tree that install it from <c>artifacts/packages</c>.
/// </summary>
public sealed class PackedPackage : IAsyncLifetime
{
    // A space in the path: users have them.
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"attngen consumer {Guid.NewGuid():N}");

    private readonly ConcurrentBag<string> _libraries = [];

    private Task<string>? _jit;
    private Task<string>? _built;
    private Task<string>? _tool;

    internal static string Root { get; } = FindRoot();

    internal static string Feed => Path.Combine(Root, "artifacts", "packages");

    /// <summary>The system that the packages have machine code for: the one that packed them.</summary>
    internal static string Rid { get; } = RuntimeInformation.RuntimeIdentifier;

    internal string Version { get; } = string.Create(
        CultureInfo.InvariantCulture, $"0.0.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}");

    internal string File => Path.Combine(Feed, $"AttnGen.{Version}.nupkg");

    internal string ToolFile => Path.Combine(Feed, $"AttnGen.Tool.{Version}.nupkg");

    internal string TokenizersFile => Path.Combine(Feed, $"AttnGen.Tokenizers.{Version}.nupkg");

    internal string GenerationFile => Path.Combine(Feed, $"AttnGen.Generation.{Version}.nupkg");

    internal string EmbeddingsFile => Path.Combine(Feed, $"AttnGen.Embeddings.{Version}.nupkg");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        foreach (var old in Directory.GetFiles(Feed, "AttnGen.*-test.*.nupkg"))
        {
            System.IO.File.Delete(old);
        }

        Directory.CreateDirectory(_folder);
        foreach (var project in new[] { "src/AttnGen", "src/AttnGen.Tokenizers", "src/AttnGen.Embeddings", "src/AttnGen.Generation", "src/AttnGen.Tool" })
        {
            await Tool.DotnetAsync(Root, "pack", project, "-c", "Release", "-o", Feed, $"-p:PackageVersion={Version}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The machine's package folder keeps what was installed for good; take this version out of it again.
        var installed = (await Tool.DotnetAsync(Root, "nuget", "locals", "global-packages", "--list")).Trim();
        installed = installed[(installed.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        string[] own = [Path.Combine(installed, "attngen", Version), Path.Combine(installed, "attngen.tokenizers", Version), Path.Combine(installed, "attngen.embeddings", Version), Path.Combine(installed, "attngen.generation", Version), Path.Combine(installed, "attngen.tool", Version), _folder];
        foreach (var folder in own.Concat(_libraries.Select(id => Path.Combine(installed, id.ToLowerInvariant()))))
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        System.IO.File.Delete(File);
        System.IO.File.Delete(TokenizersFile);
        System.IO.File.Delete(EmbeddingsFile);
        System.IO.File.Delete(GenerationFile);
        System.IO.File.Delete(ToolFile);
    }

    /// <summary>Writes a consumer project: a program, and properties such as <c>PublishAot</c>.</summary>
    /// <returns>Its folder.</returns>
    internal string WriteConsumer(string name, string program, params (string Property, string Value)[] properties) => WriteConsumer(name, program, "", properties);

    /// <summary>Writes a consumer project with items of its own, such as <c>AttnGenModel</c>.</summary>
    /// <returns>Its folder.</returns>
    internal string WriteConsumer(string name, string program, string items, params (string Property, string Value)[] properties)
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        Write("Consumer.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <AssemblyName>Consumer</AssemblyName>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <WarningLevel>9999</WarningLevel>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
                <Optimize>true</Optimize>
                {string.Join("\n    ", properties.Select(p => $"<{p.Property}>{p.Value}</{p.Property}>"))}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="AttnGen" Version="[{Version}]" />
                {items}
              </ItemGroup>
            </Project>

            """);
        Write("Program.cs", program);
        Shield(folder);
        return folder;

        void Write(string file, string text) => System.IO.File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>A name for a package of a test's own, which no other test or run has; it is taken out of the machine's package folder in the end.</summary>
    internal string NameLibrary(string name)
    {
        var id = $"AttnGen.Test.{name}.{Guid.NewGuid():N}";
        _libraries.Add(id);
        return id;
    }

    /// <summary>A folder for a test, outside the tree and with a space in its path, that sees no file further up.</summary>
    internal string MakeFolder(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        Shield(folder, withFeed: false);
        return folder;
    }

    /// <summary>The tool's program, installed from the package; once.</summary>
    internal Task<string> InstallToolAsync() => _tool ??= Task.Run(async () =>
    {
        var folder = Path.Combine(_folder, "the tool");
        await Tool.DotnetAsync(_folder, "tool", "install", "AttnGen.Tool", "--tool-path", folder, "--source", Feed, "--version", Version);
        return Path.Combine(folder, OperatingSystem.IsWindows() ? "attngen.exe" : "attngen");
    });

    /// <summary>Copies the samples, without what was built of them, to a folder of their own.</summary>
    /// <returns>The folder that holds them.</returns>
    internal string CopySamples(params string[] names)
    {
        var samples = Path.Combine(_folder, "samples");
        foreach (var name in names)
        {
            var source = Path.Combine(Root, "samples", name);
            foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
            {
                var relative = Path.GetRelativePath(source, file);
                if (relative.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
                {
                    var copy = Path.Combine(samples, name, relative);
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    System.IO.File.Copy(file, copy);
                }
            }
        }

        Shield(samples);
        return samples;
    }

    // The folder's builds see the packages under test, and nothing that lies further up.
    private static void Shield(string folder, bool withFeed = true)
    {
        if (withFeed)
        {
            // The machine's sources stay; the folder that holds the package under test joins them.
            Write("nuget.config", $"""
                <configuration>
                  <packageSources>
                    <add key="attngen-under-test" value="{Feed}" />
                  </packageSources>
                </configuration>

                """);
        }

        // Nothing that lies further up may change this build.
        foreach (var shield in new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" })
        {
            Write(shield, "<Project />\n");
        }

        System.IO.File.Copy(Path.Combine(Root, "global.json"), Path.Combine(folder, "global.json"), overwrite: true);

        void Write(string file, string text) => System.IO.File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>What the consumer prints when it is built without ceremony and run by the JIT; built once.</summary>
    internal Task<string> JitOutputAsync() => _jit ??= Task.Run(async () =>
    {
        var program = await BuildAsync();
        return await Tool.DotnetAsync(Path.GetDirectoryName(program)!, program);
    });

    /// <summary>The consumer, built without ceremony and not published; once.</summary>
    /// <returns>The program's assembly.</returns>
    internal Task<string> BuildAsync() => _built ??= Task.Run(async () =>
    {
        var folder = WriteConsumer("jit", Source("Program.cs"), ("IsAotCompatible", "true"), ("AnalysisLevel", "latest-recommended"));
        NoWarnings(await Tool.DotnetAsync(folder, "build", "-c", "Release", "-o", "out"));
        return Path.Combine(folder, "out", "Consumer.dll");
    });

    internal static void NoWarnings(string output) => Assert.DoesNotMatch("(?i)\\bwarning [A-Z]+[0-9]+", output);

    /// <summary>A file of the folder <c>Consumer</c>, which is compiled only in consumers.</summary>
    internal static string Source(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Consumer/{name}") ?? throw new UnreachableException(name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "AttnGen.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no AttnGen.sln above {AppContext.BaseDirectory}");
    }
}
