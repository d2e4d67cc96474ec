using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AttnGen.Tool;

/// <summary>Where a new project finds the packages, and in which version.</summary>
/// <param name="Source">A folder or an address for the project's nuget.config; null: it has none, and the machine's sources must do.</param>
/// <param name="Version">The version that the project names.</param>
/// <param name="ToPack">Folders of projects that must be packed before the new project can be restored.</param>
/// <param name="Note">One sentence for the reader; null: nothing is remarkable.</param>
internal sealed record PackageFeed(string? Source, string Version, IReadOnlyList<string> ToPack, string? Note)
{
    private const string Library = "AttnGen";
    private const string Ids = "AttnGen.Tokenizers";

    /// <summary>What was given; else, in a clone, its own folder of packages; else the machine's sources.</summary>
    /// <param name="given">A folder or an address; null: none was.</param>
    /// <param name="package">The package that is needed; those that it brings are, too.</param>
    /// <param name="clone">The clone that the tool runs from; null: it was installed.</param>
    /// <exception cref="ToolException">The folder does not hold what is needed.</exception>
    public static PackageFeed Find(string? given, string package, string? clone)
    {
        string[] packages = package == Library ? [Library] : [Library, Ids, package];
        var own = NewCommand.Version;
        if (given is not null && IsAddress(given))
            return new(given, own, [], null);
        if (given is not null)
        {
            var folder = Path.GetFullPath(given);
            if (!Directory.Exists(folder))
                throw new ToolException($"--feed names the folder '{given}', which is not there; give the folder that the packages lie in, or the address of a NuGet source.");
            var there = Versions(folder, packages);
            return there.Contains(own, StringComparer.OrdinalIgnoreCase) ? new(folder, own, [], null)
                : there.Count > 0 ? new(folder, there[0], [], $"'{given}' does not hold version {own}, which is this tool's; the project names {there[0]}, the last that was put there.")
                : throw new ToolException($"The folder '{given}' holds no package {List(packages, "with")}{(packages.Length > 1 ? " of the same version" : "")}; pack into it first, in a clone of AttnGen: {string.Join(" && ", packages.Select(package => Pack($"src/{package}", folder, own)))}");
        }

        if (clone is not null)
        {
            // A clone's version number stays while its sources change: the last that was packed counts, and what is packed anew gets a number that no cache knows.
            var folder = Path.Combine(clone, "artifacts", "packages");
            if (Versions(folder, packages) is [var last, ..])
                return new(folder, last, [], null);
            var version = string.Create(CultureInfo.InvariantCulture, $"{own}-dev.{DateTime.UtcNow:yyyyMMddHHmm}");
            return new(folder, version, [.. packages.Select(package => Path.Combine(clone, "src", package))], null);
        }

        return new(null, own, [], $"The project restores {List(packages)} {own} from your NuGet sources; if none of them has it, give the folder that the packages lie in: --feed FOLDER");
    }

    /// <summary>Packs what has to be packed.</summary>
    /// <exception cref="ToolException">It failed.</exception>
    public void Pack(ToolConsole console)
    {
        if (ToPack.Count == 0)
            return;
        console.Line($"Packing {List([.. ToPack.Select(Path.GetFileName)])} {Version} into {Source} (once in a clone; it takes a minute) …");
        foreach (var project in ToPack)
            Run(["pack", project, "-c", "Release", "-o", Source!, $"-p:Version={Version}"], Pack(project, Source!, Version));
    }

    private static void Run(string[] arguments, string command)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What 'dotnet run' set for its own build must not reach another one.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) && name != "MSBUILDDISABLENODEREUSE").ToList())
            start.Environment.Remove(name);
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["MSBUILDTERMINALLOGGER"] = "off";
        var output = new StringBuilder();
        try
        {
            using var process = new Process { StartInfo = start };
            process.OutputDataReceived += Keep;
            process.ErrorDataReceived += Keep;
            process.Start();
            process.StandardInput.Close();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            process.WaitForExit();
            if (process.ExitCode == 0)
                return;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ToolException($"'{command}' could not be started: {e.Message.TrimEnd('.')}; put the .NET SDK's dotnet on the PATH.");
        }

        var lines = output.ToString().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var why = lines.FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase)) ?? lines.LastOrDefault() ?? "it said nothing";
        throw new ToolException($"'{command}' failed: {why.TrimEnd('.')}; run it yourself to see everything, then 'attngen new' again.");

        void Keep(object sender, DataReceivedEventArgs e)
        {
            lock (output)
                output.AppendLine(e.Data);
        }
    }

    /// <summary>The clone whose build the tool is, or null.</summary>
    public static string? RunningClone()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "AttnGen.sln")) && File.Exists(Path.Combine(folder.FullName, "src", Library, Library + ".csproj")))
                return folder.FullName;
        }

        return null;
    }

    // Versions that all packages have, the last written first. A folder of packages is flat, or ID/VERSION/ID.VERSION.nupkg.
    private static List<string> Versions(string folder, IReadOnlyList<string> packages)
    {
        if (!Directory.Exists(folder))
            return [];
        try
        {
            var files = Directory.EnumerateFiles(folder, "*.nupkg", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, MatchCasing = MatchCasing.CaseInsensitive })
                .Where(file => !file.EndsWith(".symbols.nupkg", StringComparison.OrdinalIgnoreCase))
                .ToLookup(file => Path.GetFileNameWithoutExtension(file).ToLowerInvariant());
            return [.. files
                .Select(file => (Version: VersionOf(file.Key), Written: file.Max(File.GetLastWriteTimeUtc)))
                .Where(file => file.Version is not null && packages.All(package => files.Contains($"{package}.{file.Version}".ToLowerInvariant())))
                .OrderByDescending(file => file.Written)
                .Select(file => file.Version!)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"The folder of packages '{folder}' cannot be read: {e.Message.TrimEnd('.')}; allow this user to read it, or give another with --feed.");
        }

        // "attngen.0.1.0-dev.1": what follows the name of the library begins with a digit, that of its relatives does not.
        static string? VersionOf(string name) =>
            name.StartsWith("attngen.", StringComparison.Ordinal) && name.Length > 8 && char.IsAsciiDigit(name[8]) ? name[8..] : null;
    }

    private static string List(string?[] names, string last = "and") =>
        names.Length == 1 ? names[0]! : $"{string.Join(", ", names[..^1])} {last} {names[^1]}";

    private static bool IsAddress(string text) => text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static string Pack(string project, string folder, string version) => $"dotnet pack {Show.Argument(project)} -c Release -o {Show.Argument(folder)} -p:Version={version}";
}
