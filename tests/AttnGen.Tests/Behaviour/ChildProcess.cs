using System.Diagnostics;
using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>AttnGen.Probe in a process of its own, with other switches.</summary>
internal static class ChildProcess
{
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>The value of a line "name value".</summary>
        public string this[string name] => Output.Split('\n').Select(line => line.Trim()).Last(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..];

        public string LastLine => Output.TrimEnd().Split('\n')[^1];
    }

    public static Result Run(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(ModelCase).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Result(process.ExitCode, output, error.Result);
    }
}
