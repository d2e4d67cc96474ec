using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AttnGen.Generation;
using AttnGen.Tokenizers;

namespace AttnGen.Decode;

/// <summary>What AttnGen.Generation costs above the model, and what it saves: medians of interleaved rounds.</summary>
internal sealed class WritingBench(DecodeOptions options)
{
    private const int Tokens = 48;
    private const int Prompt = 64;
    private const int Talk = 1000;

    private int Rounds => options.Quick ? 3 : 9;

    public int Run()
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Directory.CreateDirectory(options.Work);
        Console.WriteLine("| model | work | ms | of |");
        Console.WriteLine("|---|---|---:|---:|");
        foreach (string name in options.Names)
        {
            ModelShape shape = ModelShape.Read(name);
            if (ModelFiles.Find(shape, options.Work) is not { } files)
            {
                Console.Error.WriteLine($"{name}: its weights are not on this machine");
                continue;
            }

            using ILanguageModel model = Models.Load(name, files.Folder);
            TextTokenizer tokenizer = Letters(shape.Vocabulary);
            OverheadOf(name, model, tokenizer);
            SecondTurn(name, model, tokenizer);
            Together(name, model, tokenizer);
        }

        return 0;
    }

    /// <summary>A token through the generator, over a token of the bare sequence at the same place.</summary>
    private void OverheadOf(string name, ILanguageModel model, TextTokenizer tokenizer)
    {
        using TextGenerator generator = TextGenerator.Create(model, tokenizer);
        int[] prompt = Ids(model, Prompt, 1);
        using TokenSequence sequence = model.CreateSequence(Prompt + Tokens);
        var logits = new float[model.Info.LogitsSize];
        sequence.Extend(prompt.AsSpan(0, Prompt - 1));
        long characters = 0;
        void Bare()
        {
            sequence.Rewind(Prompt - 1);
            for (int i = 0; i < Tokens; i++) sequence.Extend([prompt[i]], logits);
        }

        void Write(GenerationOptions how) => generator.Generate(prompt, text => characters += text.Length, how);
        var greedy = new GenerationOptions { Temperature = 0, MaxOutputTokens = Tokens };
        var drawn = new GenerationOptions { Temperature = 0.8f, TopK = 0, TopP = 0.9f, Seed = 1, MaxOutputTokens = Tokens };
        double[] ms = Medians(Bare, () => Write(greedy), () => Write(drawn));
        Row(name, $"a token at {Prompt}, the bare sequence", ms[0] / Tokens, null);
        Row(name, "the generator, the likeliest", ms[1] / Tokens, ms[1] / ms[0]);
        Row(name, "the generator, top-p 0.9", ms[2] / Tokens, ms[2] / ms[0]);
    }

    /// <summary>The first token of an answer in a conversation of a thousand tokens: all read again, or only what is new.</summary>
    private void SecondTurn(string name, ILanguageModel model, TextTokenizer tokenizer)
    {
        int length = Math.Min(Talk, model.Info.MaxTokens - 64);
        using TextGenerator keeps = TextGenerator.Create(model, tokenizer);
        using TextGenerator forgets = TextGenerator.Create(model, tokenizer, options: new TextGeneratorOptions { KeepSequences = false });
        int turn = 0;
        var one = new GenerationOptions { Temperature = 0, MaxOutputTokens = 1 };
        int[] first = Ids(model, length, 2);
        keeps.Generate(first, one);

        // Each round goes on otherwise than the one before, so that the beginning is kept and the turn is not.
        int[] Next() => [.. first, .. Ids(model, 20, 100 + turn++)];
        double[] ms = Medians(() => keeps.Generate(Next(), one), () => forgets.Generate(Next(), one));
        Row(name, $"first token of a turn of 20 after {length} tokens, all read again", ms[1], null);
        Row(name, "the same, the conversation kept", ms[0], ms[0] / ms[1]);
    }

    /// <summary>Eight texts at once, and one after another.</summary>
    private void Together(string name, ILanguageModel model, TextTokenizer tokenizer)
    {
        using TextGenerator generator = TextGenerator.Create(model, tokenizer);
        int[][] prompts = [.. Enumerable.Range(0, 8).Select(i => Ids(model, Prompt, 10 + i))];
        var how = new GenerationOptions { Temperature = 0, MaxOutputTokens = Tokens };
        foreach (int[] prompt in prompts) generator.Generate(prompt, how);
        double[] ms = Medians(
            () =>
            {
                foreach (int[] prompt in prompts) generator.GenerateAsync(prompt, how).GetAwaiter().GetResult();
            },
            () => Task.WhenAll(prompts.Select(prompt => generator.GenerateAsync(prompt, how))).GetAwaiter().GetResult());
        Row(name, $"8 texts of {Tokens} tokens, one after another", ms[0], null);
        Row(name, "the same, at once", ms[1], ms[1] / ms[0]);
    }

    private double[] Medians(params Action[] works)
    {
        foreach (Action work in works) work();
        var times = works.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < works.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                works[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        return [.. times.Select(list => list.Order().ElementAt(list.Count / 2))];
    }

    private static void Row(string model, string work, double ms, double? ratio) => Console.WriteLine($"| {model} | {work} | {ms:F2} | {(ratio is { } of ? of.ToString("F3") : "")} |");

    private static int[] Ids(ILanguageModel model, int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (int)(3 + (i + 31L * seed) * 7919 % (model.Info.VocabularySize - 3)))];

    /// <summary>A byte-level BPE with a word for every id: what a text is made of does not matter here, only that each token has one.</summary>
    private static TextTokenizer Letters(int vocabulary)
    {
        var text = new StringBuilder("{\"version\":\"1.0\",\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true},\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":true},\"model\":{\"type\":\"BPE\",\"vocab\":{");
        for (int id = 0; id < vocabulary; id++) text.Append(CultureInfo.InvariantCulture, $"{(id > 0 ? "," : "")}\"w{id}\":{id}");
        byte[] json = Encoding.UTF8.GetBytes(text.Append("},\"merges\":[]}}").ToString());
        using (JsonDocument.Parse(json)) return TextTokenizer.Load(file => file == "tokenizer.json" ? new MemoryStream(json) : null, "a word for each id");
    }
}
