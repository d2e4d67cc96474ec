using System.ComponentModel;
using System.Diagnostics;
using AttnGen.Testing;

namespace AttnGen.Tool.Tests;

/// <summary>tools/make_golden.py says what to install, wherever one looks. What it computes needs packages that the tests do not have.</summary>
public sealed class MakeGoldenTests
{
    private const string Install = "pip install torch==2.13.0 transformers==5.24.0 safetensors==0.8.0";

    private static readonly string s_script = Path.Combine(Clone.Root, "tools", "make_golden.py");

    [Fact]
    public void Head_and_documentation_have_the_line()
    {
        var text = File.ReadAllText(s_script);
        Assert.Contains("    " + Install + "\n", text.Split("\"\"\"")[1].ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("PACKAGES = (" + string.Join(", ", Install.Split(' ').Skip(2).Select(package => $"\"{package}\"")) + ")", text, StringComparison.Ordinal);
        Assert.Contains(Install, File.ReadAllText(Path.Combine(Clone.Root, "docs", "golden-format.md")), StringComparison.Ordinal);
    }

    /// <summary>Without packages (-S hides those of the machine), where there is a Python at all.</summary>
    [Fact]
    public async Task Without_its_packages_it_says_so_in_one_sentence()
    {
        if (await Python("-c", "import sys; sys.exit(sys.version_info < (3, 10))") is not (0, _, _))
            return;
        Assert.Equal((2, "", $"make_golden: the Python packages torch, transformers, safetensors are not installed; run: {Install}\n"), await Python(s_script, "models/bert"));
        var (code, output, error) = await Python(s_script, "--help");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains(Install, output, StringComparison.Ordinal);
        (code, _, error) = await Python(s_script);
        Assert.Equal(2, code);
        Assert.Contains("folder", error, StringComparison.Ordinal);
        (code, _, error) = await Python(Path.Combine(Clone.Root, "tools", "reference"), "x");
        Assert.Equal((2, "tools/reference: the Python package numpy is not installed; run: pip install numpy\n"), (code, error));
    }

    private static async Task<(int Code, string Output, string Error)> Python(params string[] arguments)
    {
        var start = new ProcessStartInfo("python3", ["-S", "-B", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("PYTHONPATH");
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
        }
        catch (Win32Exception)
        {
            return (-1, "", ""); // there is none
        }
    }
}
