using AttnGen.Tests;

namespace AttnGen.Package.Tests.Documents;

/// <summary>A copy of the checkout, as a clone of it would be, in which the pages' commands run. Nothing is built in it: tool and packages are those of the package tests.</summary>
public sealed class DocumentClone : IDisposable
{
    // No blank in the path: the commands of the pages do not quote their placeholders.
    private readonly string _work = Path.Combine(Path.GetTempPath(), $"attngen-documents-{Guid.NewGuid():N}");

    private readonly PackedPackage _package;

    public DocumentClone(PackedPackage package)
    {
        _package = package;
        var clone = Path.Combine(_work, "attngen");
        Copy(PackedPackage.Root, clone, name => name is not ("bin" or "obj" or "artifacts" or ".git" or ".vs" or ".idea" or "TestResults"));
        Copy(Path.Combine(PackedPackage.Root, "src", "AttnGen.Tool", "bin", "Release", "net10.0"), Path.Combine(clone, "src", "AttnGen.Tool", "bin", "Release", "net10.0"), _ => true);
        foreach (var folder in new[] { Path.Combine(clone, "artifacts", "packages"), Path.Combine(_work, "packages") })
        {
            Directory.CreateDirectory(folder);
            foreach (var file in new[] { package.File, package.TokenizersFile, package.EmbeddingsFile, package.GenerationFile, package.ToolFile })
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        // What 'hf download' would bring; where there is no reference data, the small model stands in for it.
        var models = Directory.CreateDirectory(Path.Combine(clone, "models")).FullName;
        var real = Shared.Folder is { } shared ? Path.Combine(shared, "models", "all-MiniLM-L6-v2") : null;
        Directory.CreateSymbolicLink(Path.Combine(models, "all-MiniLM-L6-v2"), real ?? Path.Combine(PackedPackage.Root, "samples", "models", "tiny-search"));
        HasRealModel = real is not null;

        // PROJECT: as 'dotnet new console' makes it.
        var project = Directory.CreateDirectory(Path.Combine(_work, "MyApp")).FullName;
        File.WriteAllText(Path.Combine(project, "MyApp.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
              </PropertyGroup>
            </Project>

            """);
        File.WriteAllText(Path.Combine(project, "Program.cs"), "Console.WriteLine(\"Hello, World!\");\n");

        // 'attngen' is the tool that a page installed, or else the built one.
        var shims = Directory.CreateDirectory(Path.Combine(_work, "shims")).FullName;
        var shim = Path.Combine(shims, "attngen");
        File.WriteAllText(shim, $"#!/usr/bin/env bash\nexec dotnet '{Path.Combine(clone, "src", "AttnGen.Tool", "bin", "Release", "net10.0", "AttnGen.Tool.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(shim, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public bool HasRealModel { get; }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    /// <summary>Runs the commands of a block, to the first that fails.</summary>
    /// <returns>What they printed.</returns>
    internal async Task<string> RunAsync(MarkdownBlock block)
    {
        var lines = block.Text.Split('\n').Select(CommandRules.ToRun).OfType<string>()
            .Select(line => line.Replace("ROOT/", PackedPackage.Root + "/", StringComparison.Ordinal).Replace("WORK/", _work + "/", StringComparison.Ordinal).Replace("VERSION", _package.Version, StringComparison.Ordinal));

        // A block begins in the clone, or, if it makes the clone, in the folder above.
        var start = block.Text.StartsWith("git clone ", StringComparison.Ordinal) ? _work : Path.Combine(_work, "attngen");
        var script = $$"""
            export PATH='{{_work}}/tools:{{_work}}/shims':"$PATH" NO_COLOR=1

            # until_it_says REGEX COMMAND...: ends the command when it has printed REGEX; fails if it ends before.
            until_it_says() {
                local want=$1 said code=0
                shift
                said=$(mktemp)
                setsid "$@" >"$said" 2>&1 &
                local pid=$!
                while kill -0 $pid 2>/dev/null && ! grep -qE "$want" "$said"; do sleep 0.2; done
                kill -- -$pid 2>/dev/null || true
                wait $pid || code=$?
                cat "$said"
                grep -qE "$want" "$said" && rm "$said" || { echo "ended with $code before it said: $want"; return 1; }
            }

            set -e
            cd '{{start}}'
            {{string.Join("\n", lines.Select(line => $"echo '$' {Quote(line)}\n{line}"))}}

            """;
        return await Tool.RunAsync(start, "bash", "-c", script);
    }

    /// <summary>Takes away what a page's commands made beside the clone.</summary>
    internal void Clear()
    {
        foreach (var folder in Directory.GetDirectories(_work).Where(folder => Path.GetFileName(folder) is not ("attngen" or "packages" or "shims" or "MyApp")))
            Directory.Delete(folder, recursive: true);
    }

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static void Copy(string from, string to, Func<string, bool> takes)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from))
        {
            if (takes(Path.GetFileName(folder)))
                Copy(folder, Path.Combine(to, Path.GetFileName(folder)), takes);
        }
    }
}
