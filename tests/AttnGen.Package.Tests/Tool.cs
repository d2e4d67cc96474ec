using System.Diagnostics;
using System.Text;

namespace AttnGen.Package.Tests;

/// <summary>Runs a program to its end and keeps all that it printed.</summary>
internal static class Tool
{
    /// <summary>The <c>dotnet</c> that runs this test.</summary>
    private static readonly string s_dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Runs <c>dotnet</c>; any exit code but 0 fails the test with the whole output.</summary>
    internal static Task<string> DotnetAsync(string folder, params string[] arguments) => RunAsync(folder, s_dotnet, arguments);

    /// <summary>Runs <c>dotnet</c>, to whatever end.</summary>
    internal static Task<(int Code, string Output)> TryDotnetAsync(string folder, params string[] arguments) => TryRunAsync(folder, s_dotnet, arguments, []);

    /// <summary>Runs a program; any exit code but 0 fails the test with the whole output.</summary>
    internal static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var (code, output) = await TryRunAsync(folder, program, arguments, []);
        Assert.True(code == 0, $"exit code {code} of: {program} {string.Join(' ', arguments)}\n(in {folder})\n{output}");
        return output;
    }

    /// <summary>Runs <c>dotnet</c> with more variables of the environment; any exit code but 0 fails the test.</summary>
    internal static async Task<string> DotnetAsync(string folder, (string Name, string Value)[] environment, params string[] arguments)
    {
        var (code, output) = await TryRunAsync(folder, s_dotnet, arguments, environment);
        Assert.True(code == 0, output);
        return output;
    }

    internal static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<(int Code, string Output)> TryRunAsync(string folder, string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What 'dotnet test' set for itself must not reach a build of another project.
        foreach (var name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM", StringComparison.OrdinalIgnoreCase))
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // No build process outlives the test.
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var output = new StringBuilder();
        void Keep(object sender, DataReceivedEventArgs e)
        {
            lock (output)
            {
                output.AppendLine(e.Data);
            }
        }

        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} ran for more than 8 minutes\n{output}");
        }

        lock (output)
        {
            return (process.ExitCode, output.ToString());
        }
    }
}
