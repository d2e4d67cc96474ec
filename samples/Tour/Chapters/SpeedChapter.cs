using System.Globalization;
using AttnGen.Runtime;

namespace Tour;

/// <summary>The generated encoder against the same mathematics written in two other ways, timed in turns in this process.</summary>
internal static class SpeedChapter
{
    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("4. How long it takes");

        using var weights = EmbeddedModel.OpenWeights();
        var scalar = new ScalarReference(weights, ReaderModel.EncoderPrefix, ReaderModel.EncoderNames);
        var primitives = new TensorPrimitivesEncoder(weights, ReaderModel.EncoderPrefix, ReaderModel.EncoderNames);
        using var session = desk.Model.Encoder.CreateSession();

        // One sentence, and as many of it as the reader can take.
        var sentence = desk.Model.Embed(Tokenizer.Split(Examples.Book, desk.Model.Vocabulary));
        float[] text = [.. sentence, .. sentence, .. sentence, .. sentence];
        var runs = new[] { new Run(sentence, scalar, primitives, session), new Run(text, scalar, primitives, session) };
        Race.WarmUp([.. runs.SelectMany(r => r.Contenders)]);
        var times = runs.Select(r => Race.Run(r.Contenders)).ToArray();

        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"                                      {runs[0].Tokens,3} tokens           {runs[1].Tokens,3} tokens"));
        string[] names = ["textbook loops, in doubles", "TensorPrimitives, by hand", "what the compiler wrote"];
        for (var c = 0; c < names.Length; c++)
        {
            var line = $"    {names[c],-26}{Cell(times[0], c)}{Cell(times[1], c)}";
            terminal.Line(c == names.Length - 1 ? Paint.Answer(terminal, line) : line);
        }
        terminal.Blank();
        terminal.Text(string.Create(CultureInfo.InvariantCulture,
            $"One core, the three in turns, the fastest of {Race.Rounds} rounds of each, and how many times faster than the first line. The textbook loops are this library's reference, made to be checked by "
            + $"eye. TensorPrimitives are .NET's own vectorised operations. All three compute the same: the largest difference to the first, in numbers around 1, is "
            + $"{runs.Max(r => r.ErrorByHand):0.0e+0} for the second and {runs.Max(r => r.ErrorGenerated):0.0e+0} for the third, which allocates {runs.Max(r => r.Allocated)} bytes. The vectors here hold {SimdLane.Bits / 32} numbers."));
    }

    private static string Cell(TimeSpan[] times, int contender) => string.Create(CultureInfo.InvariantCulture,
        $"{times[contender].TotalMicroseconds,11:#,0} \u00b5s {Times(times[0] / times[contender]),6}");

    private static string Times(double ratio) =>
        ratio == 1 ? "" : ratio.ToString(ratio < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + "\u00d7";

    /// <summary>One input and what the three make of it.</summary>
    private sealed class Run
    {
        private readonly double[] _exact;
        private readonly float[] _byHand;
        private readonly float[] _generated;

        public Run(float[] x, ScalarReference scalar, TensorPrimitivesEncoder primitives, Reader.Session session)
        {
            Tokens = x.Length / Reader.DModel;
            var wide = Array.ConvertAll(x, static value => (double)value);
            (_byHand, _generated) = (new float[x.Length], new float[x.Length]);
            Contenders =
            [
                () => scalar.Forward(wide),
                () => primitives.Forward(x, _byHand),
                () => session.Forward(x, _generated),
            ];
            _exact = scalar.Forward(wide);
            primitives.Forward(x, _byHand);
            session.Forward(x, _generated);
            var before = GC.GetAllocatedBytesForCurrentThread();
            session.Forward(x, _generated);
            Allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        public int Tokens { get; }

        public IReadOnlyList<Action> Contenders { get; }

        public double ErrorByHand => Difference(_byHand);

        public double ErrorGenerated => Difference(_generated);

        public long Allocated { get; }

        private double Difference(float[] y) => y.Zip(_exact, (a, b) => Math.Abs(a - b)).Max();
    }
}
