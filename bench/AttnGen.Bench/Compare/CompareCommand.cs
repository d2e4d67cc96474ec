using System.Diagnostics;
using System.Globalization;

namespace AttnGen.Bench;

/// <summary>
/// Everybody in one process, in turns: each round gives every contender a few milliseconds, the order moves on by one
/// each round, and the minimum and the median over all rounds are kept. So a busy neighbour or a change of clock hits all.
/// </summary>
internal static class CompareCommand
{
    internal static readonly Shape[] Shapes =
    [
        Shape.Layer(64, 8, 256, 16),
        Shape.Layer(64, 8, 256, 16, cold: true),
        Shape.Layer(64, 8, 256, 64),
        Shape.Layer(64, 8, 256, 128),
        Shape.Layer(384, 12, 1536, 16),
        Shape.Layer(384, 12, 1536, 16, cold: true),
        Shape.Layer(384, 12, 1536, 128),
        Shape.Layer(768, 12, 3072, 128),
        Shape.Linear(64, 64, 128),
        Shape.Linear(384, 384, 128),
        Shape.Linear(1536, 384, 128),
        Shape.Linear(384, 1536, 128),
    ];

    private static readonly string[] s_quick = ["layer 64/8/256 T=16", "layer 64/8/256 T=64", "linear 384x384 T=128"];

    public static int Run(CompareOptions options)
    {
        bool quick = options.Quick;
        IReadOnlyList<string> only = options.Only;
        Clock.ProcessorTime = options.ProcessorTime;
        Shape[] shapes = Shapes.Where(s => only.Count > 0
            ? only.Any(o => s.Name.Contains(o, StringComparison.OrdinalIgnoreCase))
            : !quick || s_quick.Contains(s.Name)).ToArray();
        if (shapes.Length == 0)
        {
            Console.Error.WriteLine("Nothing matches --only. The names are:");
            foreach (Shape shape in Shapes) Console.Error.WriteLine("  " + shape.Name);
            return 2;
        }

        // Only the measuring thread: the JIT's background thread keeps the other cores.
        if (options.Core >= 0 && (OperatingSystem.IsLinux() || OperatingSystem.IsWindows()))
            Process.GetCurrentProcess().ProcessorAffinity = (nint)1 << options.Core;

        string command = string.Join(' ', ["dotnet run -c Release --project bench/AttnGen.Bench -- compare", .. quick ? ["--quick"] : Array.Empty<string>(), .. Clock.ProcessorTime ? ["--cpu-time"] : Array.Empty<string>(), .. only.Select(o => $"--only \"{o}\"")]);
        Results results = Measure(shapes, quick, command);
        string markdown = Report.Markdown(results);
        Console.WriteLine(markdown);
        Report.Save(results, markdown, options.Out);
        return 0;
    }

    private static Results Measure(Shape[] shapes, bool quick, string command)
    {
        using var memory = new Memory();
        List<Lane> lanes = Lane.OfThisMachine();

        // The plain versions share their code between shapes: let the JIT finish with it on a shape that costs nothing.
        foreach (Shape shape in new[] { Shape.Layer(64, 8, 256, 16), Shape.Linear(64, 64, 16) })
        {
            foreach (IContender contender in new IContender[] { new ScalarContender(), new TensorPrimitivesContender() })
            {
                contender.Prepare(new Work(shape));
                new Stopper(contender.Name, contender.Run).Warm(quick ? 30 : 80);
            }
        }

        for (int i = 0; i < 3; i++)
        {
            memory.Read(1 << 16, 0.02);
            Thread.Sleep(120);
        }

        var before = ReadAll();
        var cases = new List<Case>();
        foreach (Shape shape in shapes)
        {
            Console.Error.Write($"{shape.Name} ... ");
            long start = Stopwatch.GetTimestamp();
            cases.Add(MeasureCase(shape, lanes, memory, quick));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s"));
        }

        ReadBandwidth after = ReadAll();
        return new Results(MachineInfo.Read(), command, new ReadBandwidth(Math.Max(before.L2, after.L2), Math.Max(before.L3, after.L3), Math.Max(before.Memory, after.Memory)), cases);

        ReadBandwidth ReadAll() => new(memory.Read(256 << 10, 0.05), memory.Read(8 << 20, 0.1), memory.Read(256 << 20, quick ? 0.1 : 0.3));
    }

    private static Case MeasureCase(Shape shape, List<Lane> lanes, Memory memory, bool quick)
    {
        var work = new Work(shape);
        double[] expected = DoubleReference.Compute(work);
        var onnx = new OnnxRuntimeContender();
        List<IContender> contenders = [.. lanes.Select(l => new GeneratedContender(l)), onnx, new TensorPrimitivesContender(), new ScalarContender()];
        var stoppers = new List<Stopper>();
        foreach (IContender contender in contenders)
        {
            contender.Prepare(work);
            var stopper = new Stopper(contender.Name, contender.Run);
            stopper.Warm(quick ? 40 : 150);
            stoppers.Add(stopper);
        }

        (int Bits, Action Run)[] widths = FmaPeak.Widths().ToArray();
        List<Stopper> ceilings = widths.Select(w => new Stopper($"{w.Bits}", w.Run)).ToList();
        foreach (Stopper ceiling in ceilings) ceiling.Warm(30);

        List<Stopper> all = [.. stoppers, .. ceilings];
        int rounds = quick ? 6 : shape.Cold ? 40 : 24;
        double turn = quick ? 2 : 6;
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < all.Count; i++)
            {
                Stopper stopper = all[(round + i) % all.Count];
                // Whoever needs a quarter of a second for one call gets few of them.
                if (stopper.Microseconds * stopper.Calls > (quick ? 2e5 : 1.5e6)) continue;
                if (shape.Cold && !ceilings.Contains(stopper))
                {
                    memory.Evict();
                    stopper.Time();
                }
                else
                {
                    stopper.Turn(turn);
                }
            }
        }

        var result = new Case(
            shape.Name,
            shape.Flops / 1e6,
            widths.Select((w, i) => new Ceiling(w.Bits, FmaPeak.Flops(w.Bits) / ceilings[i].Minimum / 1e3)).ToList(),
            []);
        Stopper reference = stoppers[lanes.Count];
        for (int i = 0; i < contenders.Count; i++)
        {
            Stopper s = stoppers[i];
            double error = 0;
            ReadOnlySpan<float> output = contenders[i].Output;
            for (int k = 0; k < expected.Length; k++) error = Math.Max(error, Math.Abs(output[k] - expected[k]));
            double flops = shape.Flops / s.Minimum / 1e3;
            string note = contenders[i] == onnx
                ? string.Create(CultureInfo.InvariantCulture, $"{onnx.Form} (tried: {string.Join("; ", onnx.Tried.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Form} {t.Microseconds:F1}")))})")
                : i > 0 && i < lanes.Count ? output.SequenceEqual(contenders[0].Output) ? $"same bits as {contenders[0].Name}" : "BITS DIFFER" : "";
            result.Rows.Add(new Row(contenders[i].Name, s.Minimum, s.Median, s.Calls, error, s.BytesPerCall(), note)
            {
                Ratio = s.Minimum / reference.Minimum,
                MedianRatio = s.Median / reference.Median,
                GigaFlops = flops,
                PercentOfPeak = 100 * flops / result.Peak,
                PercentOfOwnWidth = i < lanes.Count ? 100 * flops / result.Ceilings.FirstOrDefault(c => c.Bits == lanes[i].Bits)?.GigaFlops : null,
            });
        }

        foreach (IContender contender in contenders) contender.Dispose();
        return result;
    }
}
