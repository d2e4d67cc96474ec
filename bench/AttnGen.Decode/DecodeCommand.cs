using System.Diagnostics;
using System.Globalization;
using AttnGen.Bench;

namespace AttnGen.Decode;

/// <summary>One model after the other: files, agreement, times, tables.</summary>
internal sealed class DecodeCommand(DecodeOptions options)
{
    public int Run(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        Clock.ProcessorTime = options.ProcessorTime;
        Directory.CreateDirectory(options.Work);
        long start = Stopwatch.GetTimestamp();
        PlainCDecoder.Library? plain = PlainCDecoder.Library.Build(options.Work, options.Threads, out string reason);
        var report = new Report(options, args);
        report.Head();
        if (plain is null) report.Skipped("plain C", reason);
        foreach (string name in options.Names) One(name, plain, report);
        report.End(Stopwatch.GetElapsedTime(start));
        return report.SomebodyDisagreed ? 1 : 0;
    }

    private void One(string name, PlainCDecoder.Library? plain, Report report)
    {
        ModelShape shape = ModelShape.Read(name);
        ModelFiles? files = ModelFiles.Find(shape, options.Work);
        if (files is null)
        {
            report.Skipped(name, "shared/models/stories260K is not on this machine (ATTNGEN_SHARED names the folder 'shared')");
            return;
        }

        using var decoders = new Decoders(shape, files, plain, options.Threads);
        int[] text = [.. Enumerable.Range(0, shape.Window).Select(i => (int)(3 + i * 7919L % (shape.Vocabulary - 3)))];
        List<Agreement> agreements = Agreement.Of(decoders.All, text, Work.Sequences);
        foreach (Agreement agreement in agreements.Where(agreement => !agreement.Holds))
        {
            Decoder stranger = decoders.All.Find(decoder => decoder.Name == agreement.Name)!;
            decoders.All.Remove(stranger);
            stranger.Dispose();
        }

        report.Model(shape, decoders.Weights.Bytes, agreements);
        report.Add(new Work(shape, decoders, text, options.Quick).Measure());
    }
}
