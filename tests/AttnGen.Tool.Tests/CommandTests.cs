using AttnGen.Folders;

namespace AttnGen.Tool.Tests;

/// <summary>The command line: exit codes, where output goes, and the smaller commands.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Wrong => ["", "nothing", "verify", "verify a b", "verify --golden", "inspect --what x", "bench x --tokens 0", "bench x --tokens a", "bench x --tokens ,", "emit x", "embed", "new", "verify x --pooling Some"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Wrong_usage_is_2_and_one_sentence_that_names_help(string line) =>
        Assert.Contains("--help'", (await ToolRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Gave(2).Sentence());

    /// <summary>One slip in each command: the parser would take it for the folder, or for the value of the option before it.</summary>
    [Theory]
    [InlineData("inspect --jsn", "did you mean --json? (To pass a folder of that name, put it after '--'.)")]
    [InlineData("inspect m --jsn", "did you mean --json? See")]
    [InlineData("inspect m --JSON", "did you mean --json?")]
    [InlineData("inspect -j m", "did you mean --json?")]
    [InlineData("inspect m --conifg=x", "did you mean --config?")]
    [InlineData("inspect m --what", "its options are --config, --max-tokens, --pooling, --normalize, --tower, --json, --help.")]
    [InlineData("verify m --goldn g", "did you mean --golden?")]
    [InlineData("verify m --golden --jsn", "did you mean --json?")]
    [InlineData("embed m --txt a", "did you mean --text?")]
    [InlineData("embed m --text --similarty", "did you mean --similarity?")]
    [InlineData("bench m --tokens 16,128 --secnds 1", "did you mean --seconds?")]
    [InlineData("emit --atribute x -o y", "did you mean --attribute?")]
    [InlineData("new --modl x", "did you mean --model? See")]
    [InlineData("--verson", "did you mean --version?")]
    public async Task An_unknown_option_is_refused_and_the_nearest_is_named(string line, string said)
    {
        var words = line.Split(' ');
        var sentence = (await ToolRun.Of(words)).Gave(2).Sentence();
        Assert.StartsWith("attngen: There is no option '-", sentence);
        Assert.Contains(said, sentence);
        Assert.EndsWith($"See 'attngen{(words[0].StartsWith('-') ? "" : " " + words[0])} --help'.", sentence);
    }

    /// <summary>A folder, a text and a file may begin with "-".</summary>
    [Fact]
    public async Task What_begins_with_a_dash_need_not_be_an_option()
    {
        Assert.Contains("There is no folder '--jsn'", (await ToolRun.Of("inspect", "--", "--jsn")).Gave(2).Sentence());
        Assert.Contains("There is no folder 'm'", (await ToolRun.Of("embed", "m", "-t", "-5 degrees", "--text=--txt", "--text", "--anything-else", "-t-x")).Gave(2).Sentence());
        Assert.Contains("--max-tokens is -1;", (await ToolRun.Of("inspect", "m", "--max-tokens", "-1")).Gave(2).Sentence());
        Assert.Contains("Examples:", (await ToolRun.Of("inspect", "--jsn", "--help")).Gave(0).Out);
    }

    [Theory]
    [InlineData("emit m --out --class", "--out has no value before the option '--class'; give it one (a value of that name is given as --out=--class).")]
    [InlineData("embed m --text --json", "--text has no value before the option '--json'")]
    [InlineData("verify m --golden -h", "--golden has no value before the option '-h'")]
    public async Task An_option_is_not_the_value_of_the_one_before_it(string line, string said) =>
        Assert.Contains(said, (await ToolRun.Of(line.Split(' '))).Gave(2).Sentence());

    [Theory]
    [InlineData("DIR", "inspect", "")]
    [InlineData("--golden", "verify", "m", "--golden", "")]
    [InlineData("--config", "bench", "m", "--config", "")]
    [InlineData("--out", "emit", "--attribute", "Softmax(4)", "--out", "")]
    [InlineData("NAME", "new", "")]
    [InlineData("--model", "new", "x", "--model", "")]
    [InlineData("--feed", "new", "x", "--feed", "")]
    public async Task An_empty_text_names_nothing(string what, params string[] words) =>
        Assert.Contains($"{what} is an empty text; give a", (await ToolRun.Of(words)).Gave(2).Sentence());

    [Theory]
    [InlineData("Linear(8, 8, activation: Activation.Gelu)")]
    [InlineData("[AttnGen.Attention(dModel: 16, heads: 2, position: Position.Alibi)]")]
    public async Task A_shape_is_written_as_in_a_program(string shape)
    {
        Assert.Contains("Model.g.cs", (await ToolRun.Of("emit", "--attribute", shape, "--out", Path.Combine(_folder.Path, "shape"))).Gave(0).Out);
    }

    [Fact]
    public async Task What_is_nearly_a_shape_or_a_command_is_named()
    {
        Assert.Contains("There is no shape 'Atention'; did you mean Attention? The shapes are Attention, ", (await ToolRun.Of("emit", "-a", "Atention(dModel: 64, heads: 8)", "-o", "x")).Gave(2).Sentence());
        Assert.Contains("There is no shape 'Foo'; the shapes are", (await ToolRun.Of("emit", "-a", "Foo", "-o", "x")).Gave(2).Sentence());
        Assert.Contains("There is no command 'inspekt'; did you mean inspect? The commands are ", (await ToolRun.Of("inspekt", "m")).Gave(2).Sentence());
    }

    /// <summary>"@file" is a list of arguments to other tools; here it would swallow texts.</summary>
    [Fact]
    public async Task What_begins_with_an_at_sign_is_a_text_or_a_folder()
    {
        Assert.Contains("There is no folder 'm'", (await ToolRun.Of("embed", "m", "--text", "@maria hello")).Gave(2).Sentence());
        Assert.Contains("There is no folder '@m'", (await ToolRun.Of("inspect", "@m")).Gave(2).Sentence());
    }

    public static TheoryData<string[], string> Missing => new()
    {
        { ["inspect", "no-such-folder"], "There is no folder 'no-such-folder'" },
        { ["verify", "no-such-folder"], "There is no folder 'no-such-folder'" },
        { ["bench", "no-such-folder"], "There is no folder 'no-such-folder'" },
        { ["emit", "no-such-folder", "--out", "x"], "There is no folder 'no-such-folder'" },
        { ["emit", "--out", "x"], "neither a folder nor --attribute" },
        { ["emit", "y", "--attribute", "Attention(8, 2)", "--out", "x"], "both a folder and --attribute" },
        { ["inspect", ""], "empty" },
        { ["new", "bad name"], "no name for a project" },
        { ["new", "x", "--model", "no-such-folder"], "There is no folder 'no-such-folder'" },
    };

    [Theory]
    [MemberData(nameof(Missing))]
    public async Task What_is_missing_is_2_and_named(string[] args, string said) => Assert.Contains(said, (await ToolRun.Of(args)).Gave(2).Sentence());

    [Fact]
    public async Task A_folder_that_is_no_model_is_refused()
    {
        Assert.Contains("there is no config.json", (await ToolRun.Of("inspect", _folder.Path)).Gave(1).Sentence());
        File.WriteAllText(_folder["config.json"], "{\"model_type\": \"bert\"}");
        File.WriteAllText(_folder["model.safetensors"], "nonsense");
        Assert.Contains("model.safetensors", (await ToolRun.Of("verify", _folder.Path)).Gave(1).Sentence());
        Assert.Contains("is a file", (await ToolRun.Of("verify", _folder["config.json"])).Gave(2).Sentence());
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("inspect", "--help")]
    [InlineData("verify", "--help")]
    [InlineData("embed", "--help")]
    [InlineData("bench", "-h")]
    [InlineData("emit", "-?")]
    [InlineData("new", "--help")]
    public async Task Help_has_examples(params string[] args)
    {
        var help = (await ToolRun.Of(args)).Gave(0).Out;
        Assert.Contains("Examples:", help);
        Assert.Contains("attngen " + (args.Length > 1 ? args[0] : "inspect"), help);
    }

    [Fact]
    public async Task The_version_is_that_of_the_packages()
    {
        var version = (await ToolRun.Of("--version")).Gave(0).Out.Trim();
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9a-z.]+)?$", version);
        Assert.Equal(typeof(AttentionAttribute).Assembly.GetName().Version!.ToString(3), version.Split('-')[0]);
    }

    [Fact]
    public async Task Inspect_says_what_there_is()
    {
        var folder = Shared.Require("models", "all-MiniLM-L6-v2");
        var text = (await ToolRun.Of("inspect", folder)).Gave(0).Out;
        Assert.Contains("22,713,216", text);
        Assert.Contains("Embed → [384] (Mean, length 1)", text);
        Assert.Contains("embeddings.position_ids", text);
        var json = (await ToolRun.Of("inspect", folder, "--json")).Gave(0).Json();
        Assert.Equal(
            ("bert", 6, 384, 12, 512, 256),
            (json.GetProperty("modelType").GetString(), json.GetProperty("layers").GetInt32(), json.GetProperty("hiddenSize").GetInt32(), json.GetProperty("heads").GetInt32(), json.GetProperty("maxTokens").GetInt32(), json.GetProperty("recommendedTokens").GetInt32()));
        Assert.Equal(90_868_376, json.GetProperty("weightFileBytes").GetInt64());
        Assert.Equal(64, (await ToolRun.Of("inspect", folder, "--json", "--max-tokens", "64")).Gave(0).Json().GetProperty("maxTokens").GetInt32());
    }

    /// <summary>Each name that sentence-transformers ever gave the file is read by the compiler, as the list of the folder's files says.</summary>
    [Fact]
    public async Task The_longest_text_is_read_under_every_name_of_its_file()
    {
        var names = HubFiles.For(ReadBy.Compiler).Where(name => name.StartsWith("sentence_", StringComparison.Ordinal)).ToList();
        Assert.True(names.Count > 5, $"{names.Count} names");
        foreach (var name in names)
        {
            Directory.CreateDirectory(_folder[name + ".d"]);
            File.WriteAllText(_folder[$"{name}.d/config.json"], """{"model_type": "bert", "architectures": ["BertModel"]}""");
            File.WriteAllText(_folder[$"{name}.d/{name}"], """{"max_seq_length": 7}""");
            File.WriteAllText(_folder[$"{name}.d/modules.json"], """[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]""");
            Directory.CreateDirectory(_folder[$"{name}.d/1_Pooling"]);
            File.WriteAllText(_folder[$"{name}.d/1_Pooling/config.json"], """{"pooling_mode_mean_tokens": true}""");
            Assert.Equal(7, (await ToolRun.Of("inspect", _folder[name + ".d"], "--json")).Gave(0).Json().GetProperty("recommendedTokens").GetInt32());
        }
    }

    [Fact]
    public async Task A_refusal_is_data_for_programs_too()
    {
        var folder = Shared.Require("golden", "config-zoo", "error-missing-tensor");
        var json = (await ToolRun.Of("inspect", folder, "--json")).Gave(1).Json();
        Assert.False(json.GetProperty("supported").GetBoolean());
        Assert.Equal("ATTN0044", json.GetProperty("findings")[0].GetProperty("id").GetString());
        Assert.False((await ToolRun.Of("verify", folder, "--json")).Gave(1).Json().GetProperty("passed").GetBoolean());
    }

    [Fact]
    public async Task Inspect_and_the_generator_find_the_same()
    {
        foreach (var name in new[] { "bert-defaults", "error-hidden-size", "error-unknown-activation", "llama-v1-no-kv-heads-inv-freq" })
        {
            var request = new ModelRequest(Shared.Require("golden", "config-zoo", name));
            var directory = ModelDirectory.Read(request);
            var run = Host.Generate(request.Source(directory.Name), directory.Texts, CancellationToken.None);
            Assert.Equal(run.Findings, ModelFacts.Read(directory, request).Findings);
        }

        await Task.CompletedTask;
    }

    [Fact]
    public async Task Embed_gives_the_vectors_of_the_golden_texts()
    {
        var folder = Shared.Require("models", "all-MiniLM-L6-v2");
        using var index = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden", "index.json")));
        var golden = GoldenFile.Open(Path.Combine(folder, "golden", "golden.safetensors"));
        var texts = index.RootElement.GetProperty("texts").EnumerateArray().Where(text => text.GetProperty("text").GetString()!.All(c => c is not ('\r' or '\n' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029'))).ToList();
        File.WriteAllLines(_folder["texts.txt"], texts.Skip(1).Select(text => text.GetProperty("text").GetString()!));
        var run = (await ToolRun.Of("embed", folder, "--text", texts[0].GetProperty("text").GetString()!, "--file", _folder["texts.txt"], "--json")).Gave(0).Json();
        var embeddings = run.GetProperty("embeddings");
        Assert.Equal(texts.Count, embeddings.GetArrayLength());
        for (var i = 0; i < texts.Count; i++)
        {
            var expected = golden.Floats(texts[i].GetProperty("key").GetString() + ".embedding64");
            var actual = embeddings[i].GetProperty("vector").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 2e-6));
        }
    }

    /// <summary>The folder's own prompt stands before each text, as in a program.</summary>
    [Fact]
    public async Task Embed_reads_the_settings_of_the_folder()
    {
        var folder = Shared.Require("models", "all-MiniLM-L6-v2");
        Directory.CreateDirectory(Path.Combine(_folder["prompted"], "1_Pooling"));
        foreach (var file in new[] { "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "modules.json", "sentence_bert_config.json", "1_Pooling/config.json" })
            File.CreateSymbolicLink(Path.Combine(_folder["prompted"], file), Path.Combine(folder, file));
        File.WriteAllText(Path.Combine(_folder["prompted"], "config_sentence_transformers.json"), """{"prompts": {"q": "query: "}, "default_prompt_name": "q"}""");
        var prompted = (await ToolRun.Of("embed", _folder["prompted"], "-t", "a cat")).Gave(0).Out;
        Assert.Equal((await ToolRun.Of("embed", folder, "-t", "query: a cat")).Gave(0).Out, prompted);
        Assert.NotEqual((await ToolRun.Of("embed", folder, "-t", "a cat")).Gave(0).Out, prompted);
        Assert.Contains("--max-tokens 1 has no room for the tokenizer's 2 special tokens; give 2 or more", (await ToolRun.Of("embed", folder, "-t", "a", "--max-tokens", "1")).Gave(2).Sentence());
    }

    [Fact]
    public async Task Embed_prints_vectors_and_cosines()
    {
        var folder = Shared.Require("models", "all-MiniLM-L6-v2");
        var plain = (await ToolRun.Of("embed", folder, "-t", "a cat", "-t", "a dog")).Gave(0).Out.TrimEnd('\n').Split('\n');
        Assert.Equal(2, plain.Length);
        Assert.All(plain, line => Assert.Equal(384, line.Split(' ').Select(value => float.Parse(value, System.Globalization.CultureInfo.InvariantCulture)).Count()));
        var cosines = (await ToolRun.Of("embed", folder, "-t", "The new movie is awesome", "-t", "The new movie is so great", "--similarity")).Gave(0).Out.Split('\n');
        Assert.Matches(@"^1 +1\.0000 +0\.89\d\d +The new movie is awesome$", cosines[1]);
        Assert.Contains("two texts", (await ToolRun.Of("embed", folder, "-t", "a", "--similarity")).Gave(2).Sentence());
        Assert.Contains("no text", (await ToolRun.Of("embed", folder)).Gave(2).Sentence());
        Assert.Contains("There is no file", (await ToolRun.Of("embed", folder, "--file", _folder["none"])).Gave(2).Sentence());
        Assert.Contains("has no tokenizer", (await ToolRun.Of("embed", Shared.Require("golden", "hf", "bert"), "-t", "a")).Gave(2).Sentence());
    }

    [Fact]
    public async Task Bench_measures()
    {
        var folder = Shared.Require("golden", "hf", "bert");
        var json = (await ToolRun.Of("bench", folder, "--tokens", "4,8", "--seconds", "0.05", "--json")).Gave(0).Json();
        Assert.True(json.GetProperty("loadMilliseconds").GetDouble() > 0);
        Assert.Equal([4, 8], json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("tokens").GetInt32()));
        Assert.All(json.GetProperty("results").EnumerateArray(), result =>
        {
            Assert.True(result.GetProperty("medianMilliseconds").GetDouble() > 0);
            Assert.True(result.GetProperty("gigaflopsPerSecond").GetDouble() > 0);
            Assert.Equal(0, result.GetProperty("allocatedBytes").GetInt64());
        });
        Assert.Contains("at most", (await ToolRun.Of("bench", folder, "--tokens", "100000")).Gave(2).Sentence());
    }

    /// <summary>A language model: a prompt and a token after it, at every position; nothing is allocated.</summary>
    [Theory]
    [InlineData("llama", "4,8", 0)]
    [InlineData("mistral", "9", 0)]
    [InlineData("t5", "3,5", 1)]
    [InlineData("whisper", "3", 1)]
    public async Task Bench_measures_writing(string name, string positions, int sources)
    {
        var folder = Shared.Require("golden", "hf", name);
        var json = (await ToolRun.Of("bench", folder, "--tokens", positions, "--seconds", "0.05", "--json")).Gave(0).Json();
        Assert.True(json.GetProperty("loadMilliseconds").GetDouble() > 0);
        Assert.True(json.GetProperty("sequenceTokenBytes").GetInt64() > 0);
        Assert.Equal(positions.Split(',').Select(int.Parse), json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("position").GetInt32()));
        Assert.All(json.GetProperty("results").EnumerateArray(), result => Assert.All(["prompt", "token"], what =>
        {
            var rate = result.GetProperty(what);
            Assert.True(rate.GetProperty("medianMilliseconds").GetDouble() >= rate.GetProperty("fastestMilliseconds").GetDouble());
            var tokens = what == "token" ? 1 : result.GetProperty("position").GetInt32();
            Assert.Equal(tokens * 1e3, rate.GetProperty("tokensPerSecond").GetDouble() * rate.GetProperty("medianMilliseconds").GetDouble(), 1e-6);
            Assert.Equal(0, rate.GetProperty("allocatedBytes").GetInt64());
            Assert.True(rate.GetProperty("calls").GetInt32() >= 3);
        }));
        Assert.Equal(sources, json.TryGetProperty("source", out var source) && source.ValueKind == System.Text.Json.JsonValueKind.Object ? 1 : 0);
        if (sources > 0)
            Assert.True(source.GetProperty("tokens").GetInt32() > 0 && source.GetProperty("medianMilliseconds").GetDouble() > 0);
        Assert.Contains("at most", (await ToolRun.Of("bench", folder, "--tokens", "100000")).Gave(2).Sentence());
        var text = (await ToolRun.Of("bench", folder, "--tokens", positions.Split(',')[0], "--seconds", "0.01")).Gave(0).Out;
        Assert.Contains("a token after it", text, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^ *{positions.Split(',')[0]}( +[0-9,.]+){{8}} *$", text);
        Assert.Equal(sources > 0, text.Contains("Encode", StringComparison.Ordinal));
    }

    /// <summary>Positions end where the window does, with room for the token that goes on.</summary>
    [Fact]
    public async Task Bench_of_writing_ends_with_the_window()
    {
        var json = (await ToolRun.Of("bench", Shared.Require("golden", "hf", "llama"), "--max-tokens", "20", "--seconds", "0.01", "--json")).Gave(0).Json();
        Assert.Equal([19], json.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("position").GetInt32()));
        Assert.Contains("up to 19", (await ToolRun.Of("bench", Shared.Require("golden", "hf", "llama"), "--max-tokens", "20", "--tokens", "20")).Gave(2).Sentence());
    }

    [Fact]
    public async Task Emit_writes_code()
    {
        var run = (await ToolRun.Of("emit", "--attribute", "[Attention(dModel: 64, heads: 8)]", "--class", "Mixer", "--namespace", "My.Space", "--out", _folder["out"])).Gave(0);
        string[] files = [.. Directory.GetFiles(_folder["out"]).Order(StringComparer.Ordinal)];
        Assert.Equal(["AttnGen.Kernels.g.cs", "My.Space.Mixer.g.cs"], files.Select(Path.GetFileName));
        Assert.Equal(files, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Contains("partial class Mixer", File.ReadAllText(files[1]));
        Assert.Contains("ATTN0030", (await ToolRun.Of("emit", "-a", "Attention(dModel: 64, heads: 7)", "-o", _folder["none"])).Gave(1).Sentence());
        Assert.False(Directory.Exists(_folder["none"]));
        (await ToolRun.Of("emit", "-a", "Attention(", "-o", _folder["none"])).Gave(2);
        (await ToolRun.Of("emit", "-a", "Obsolete", "-o", _folder["none"])).Gave(2);
        (await ToolRun.Of("emit", "-a", "Attention(8, 2)", "--class", "class", "-o", _folder["none"])).Gave(2);
        (await ToolRun.Of("emit", Shared.Require("golden", "hf", "bert"), "-o", _folder["model"])).Gave(0);
        Assert.Contains("BertModel", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["model"]), file => Path.GetFileName(file) != "AttnGen.Kernels.g.cs")));
    }
}
