using System.Text.RegularExpressions;
using AttnGen.Bench;
using AttnGen.Testing;
using AttnGen.TextBench;

namespace AttnGen.Tool.Tests;

/// <summary>The command lines of the benchmarks: every documented form works, everything else is refused with the nearest name.</summary>
public sealed partial class BenchCommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--quick")]
    [InlineData("--out somewhere --only layer --only linear --quick")]
    [InlineData("--out=somewhere --core 0")]
    public void What_compare_takes(string words)
    {
        var options = CompareOptions.Parse(Split(words));
        Assert.Equal(words.Contains("--quick", StringComparison.Ordinal), options.Quick);
        Assert.Equal(words.Contains("somewhere", StringComparison.Ordinal) ? "somewhere" : Path.Combine("artifacts", "bench"), options.Out);
        Assert.Equal(words.Contains("--only", StringComparison.Ordinal) ? ["layer", "linear"] : [], options.Only);
        Assert.Equal(words.Contains("--core", StringComparison.Ordinal) ? 0 : -1, options.Core);
    }

    [Theory]
    [InlineData("--filter *", "There is no option '--filter'; the options are --quick, --out, --only, --core, --cpu-time.")]
    [InlineData("--quik", "did you mean --quick?")]
    [InlineData("--Quick", "did you mean --quick?")]
    [InlineData("-quick", "did you mean --quick?")]
    [InlineData("--cpu", "did you mean --cpu-time?")]
    [InlineData("quick", "did you mean --quick?")]
    [InlineData("--out", "--out has no value; give it one: --out DIR")]
    [InlineData("--out --quick", "--out has no value")]
    [InlineData("--out=", "--out has no value")]
    [InlineData("--quick=yes", "--quick takes no value, and has 'yes'.")]
    [InlineData("--core x", "--core is 'x'; give a number from 0 to ")]
    [InlineData("--core -1", "--core is '-1'")]
    [InlineData("--core 4096", "--core is '4096'")]
    public void What_compare_refuses(string words, string said) => Assert.Contains(said, Assert.Throws<UsageException>(() => CompareOptions.Parse(Split(words))).Message);

    [Theory]
    [InlineData("--quik", "did you mean --quick?")]
    [InlineData("--publish x", "did you mean --published?")]
    [InlineData("compare", "There is no option 'compare'; the options are --quick, --out, --sharp-bert, --published, --cpu-time.")]
    [InlineData("--sharp-bert none.dll", "--sharp-bert names 'none.dll', which is not there")]
    [InlineData("--published", "--published has no value")]
    public void What_the_benchmark_of_texts_refuses(string words, string said) => Assert.Contains(said, Assert.Throws<UsageException>(() => TextBenchOptions.Parse(Split(words))).Message);

    [Theory]
    [InlineData("comapre", "There is no command 'comapre'; did you mean compare? The commands are compare, bdn.")]
    [InlineData("--quick", "There is no command '--quick'; the commands are compare, bdn.")]
    [InlineData(null, "There is no command; give one of compare, bdn.")]
    public void A_command_that_is_not_there_is_refused(string? word, string said) => Assert.Equal(said, Assert.Throws<UsageException>(() => BenchArguments.Choose("command", word, CompareOptions.Commands)).Message);

    /// <summary>Every line of the documents that runs one of the two.</summary>
    [Fact]
    public void Every_documented_form_works()
    {
        var forms = 0;
        foreach (var file in new[] { "README.md", "bench/README.md", "CONTRIBUTING.md", ".ci/run" }.Select(file => Path.Combine(Clone.Root, file)).Concat(Directory.GetFiles(Path.Combine(Clone.Root, "docs"), "*.md", SearchOption.AllDirectories)).Where(File.Exists))
        {
            foreach (Match match in Form().Matches(File.ReadAllText(file)))
            {
                var words = Split(match.Groups["words"].Value).Select(word => word.Trim('\'', '"')).ToArray();
                forms++;
                if (match.Groups["bench"].Value == "TextBench")
                {
                    if (words.FirstOrDefault() != "long") // a command of its own, without options
                        Text(words);
                    continue;
                }

                if (BenchArguments.Choose("command", words.FirstOrDefault(), CompareOptions.Commands) == "compare")
                    CompareOptions.Parse(words[1..]);
            }
        }

        Assert.True(forms >= 8, $"{forms} forms found");

        // A file that an example names need not be there.
        static void Text(string[] words)
        {
            try
            {
                TextBenchOptions.Parse(words);
            }
            catch (UsageException e) when (e.Message.StartsWith("--sharp-bert names", StringComparison.Ordinal))
            {
            }
        }
    }

    [GeneratedRegex(@"dotnet run [^\n`#]*bench/AttnGen\.(?<bench>Bench|TextBench)\b[^\n`#]*?(?: -- (?<words>[^\n`#]*))?(?=$|[\n`#])", RegexOptions.Multiline)]
    private static partial Regex Form();

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
