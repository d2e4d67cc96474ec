using System.Text.RegularExpressions;
using AttnGen.Bench;
using AttnGen.Decode;
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
    [InlineData("", 4, 1)]
    [InlineData("--quick", 2, 1)]
    [InlineData("--quick --model gpt2 --model=135m --model gpt2", 2, 1)]
    [InlineData("--model 15m --threads 2 --json file --work folder", 1, 2)]
    public void What_the_benchmark_of_decoding_takes(string words, int models, int threads)
    {
        var options = DecodeOptions.Parse(Split(words));
        Assert.Equal((models, threads), (options.Names.Length, options.Threads));
        Assert.Equal(words.Contains("--json", StringComparison.Ordinal) ? "file" : null, options.Json);
    }

    [Theory]
    [InlineData("--quik", "did you mean --quick?")]
    [InlineData("decode", "There is no option 'decode'; the options are --quick, --model, --threads, --json, --work, --cpu-time, --writing.")]
    [InlineData("--model 1b", "There is no model '1b'; the models are stories260k, 15m, 135m, gpt2.")]
    [InlineData("--model gpt-2", "did you mean gpt2?")]
    [InlineData("--threads 0", "--threads is '0'; give a number from 1 to 64.")]
    [InlineData("--json", "--json has no value; give it one: --json FILE")]
    public void What_the_benchmark_of_decoding_refuses(string words, string said) => Assert.Contains(said, Assert.Throws<UsageException>(() => DecodeOptions.Parse(Split(words))).Message);

    /// <summary>Processor time of the measuring thread says nothing about several.</summary>
    [Fact]
    public void Processor_time_is_that_of_one_thread()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "--cpu-time is Linux's.");
        Assert.True(DecodeOptions.Parse(["--cpu-time"]).ProcessorTime);
        Assert.Contains("leave one of them out", Assert.Throws<UsageException>(() => DecodeOptions.Parse(["--cpu-time", "--threads", "2"])).Message);
    }

    [Theory]
    [InlineData("comapre", "There is no command 'comapre'; did you mean compare? The commands are compare, bdn.")]
    [InlineData("--quick", "There is no command '--quick'; the commands are compare, bdn.")]
    [InlineData(null, "There is no command; give one of compare, bdn.")]
    public void A_command_that_is_not_there_is_refused(string? word, string said) => Assert.Equal(said, Assert.Throws<UsageException>(() => BenchArguments.Choose("command", word, CompareOptions.Commands)).Message);

    /// <summary>Every line of the documents that runs one of the three.</summary>
    [Fact]
    public void Every_documented_form_works()
    {
        int forms = 0, decoding = 0;
        foreach (var file in new[] { "README.md", "bench/README.md", "CONTRIBUTING.md", ".ci/run" }.Select(file => Path.Combine(Clone.Root, file)).Concat(Directory.GetFiles(Path.Combine(Clone.Root, "docs"), "*.md", SearchOption.AllDirectories)).Where(File.Exists))
        {
            foreach (Match match in Form().Matches(File.ReadAllText(file)))
            {
                var words = Split(match.Groups["words"].Value).Select(word => word.Trim('\'', '"')).ToArray();
                forms++;
                if (match.Groups["bench"].Value == "TextBench")
                {
                    if (words.FirstOrDefault() is not ("long" or "tokens")) // commands of their own, without options
                        Text(words);
                    continue;
                }

                if (match.Groups["bench"].Value == "Decode")
                {
                    DecodeOptions.Parse(words);
                    decoding++;
                    continue;
                }

                if (BenchArguments.Choose("command", words.FirstOrDefault(), CompareOptions.Commands) == "compare")
                    CompareOptions.Parse(words[1..]);
            }
        }

        Assert.True(forms >= 8 && decoding >= 2, $"{forms} forms found, {decoding} of them of decoding");

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

    [GeneratedRegex(@"dotnet run [^\n`#]*bench/AttnGen\.(?<bench>Bench|TextBench|Decode)\b[^\n`#]*?(?: -- (?<words>[^\n`#]*))?(?=$|[\n`#])", RegexOptions.Multiline)]
    private static partial Regex Form();

    private static string[] Split(string words) => words.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
