using System.Globalization;

namespace Tour;

/// <summary>The generated encoder against the same mathematics written in two other ways, timed in turns in this process.</summary>
internal static class SpeedChapter
{
    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("4. How long a sentence takes");

        using var weights = EmbeddedModel.OpenWeights();
        var scalar = new ScalarReference(weights, ReaderModel.EncoderPrefix, ReaderModel.EncoderNames);
        var primitives = new TensorPrimitivesEncoder(weights, ReaderModel.EncoderPrefix, ReaderModel.EncoderNames);
        using var session = desk.Model.Encoder.CreateSession();

        var sentence = desk.Model.Embed(Tokenizer.Split(Examples.Book, desk.Model.Vocabulary));
        float[] text = [.. sentence, .. sentence, .. sentence, .. sentence];
        var short_ = Measure(sentence, scalar, primitives, session);
        var long_ = Measure(text, scalar, primitives, session);

        terminal.Line($"                                             {Tokens(sentence),3} tokens          {Tokens(text),3} tokens");
        for (var c = 0; c < short_.Times.Length; c++)
        {
            var name = c switch { 0 => "textbook loops, double precision", 1 => "TensorPrimitives by hand", _ => "what the compiler wrote" };
            terminal.Line($"    {name,-34}{Cell(short_.Times, c)}{Cell(long_.Times, c)}");
        }
        terminal.Blank();
        terminal.Text(string.Create(CultureInfo.InvariantCulture,
            $"One core, a few hundredths of a second each, in turns; the median, and how many times faster than the first line. All three give the same "
            + $"numbers: the largest difference to the first is {Math.Max(short_.PrimitivesError, long_.PrimitivesError):0.0e+0} by hand and "
            + $"{Math.Max(short_.GeneratedError, long_.GeneratedError):0.0e+0} as written by the compiler, which allocated {short_.Allocated + long_.Allocated} bytes. "
            + $"{Vectors()}"));

        static int Tokens(float[] x) => x.Length / Reader.DModel;
    }

    private static Result Measure(float[] x, ScalarReference scalar, TensorPrimitivesEncoder primitives, Reader.Session session)
    {
        var wide = Array.ConvertAll(x, static value => (double)value);
        var exact = scalar.Forward(wide);
        var byHand = new float[x.Length];
        var generated = new float[x.Length];
        var times = Race.Run(
        [
            () => scalar.Forward(wide),
            () => primitives.Forward(x, byHand),
            () => session.Forward(x, generated),
        ]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        session.Forward(x, generated);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return new Result(times, Error(byHand), Error(generated), allocated);

        double Error(float[] y) => y.Zip(exact, (a, b) => Math.Abs(a - b)).Max();
    }

    private static string Cell(TimeSpan[] times, int contender) => string.Create(CultureInfo.InvariantCulture,
        $"{times[contender].TotalMicroseconds,9:#,0} \u00b5s {Faster(times[0] / times[contender]),6}");

    private static string Faster(double ratio) =>
        ratio < 1.05 ? "" : ratio.ToString(ratio < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + "\u00d7";

    private static string Vectors() => SimdWidth.Bits switch
    {
        0 => "This processor has no vector registers that .NET uses.",
        var bits => string.Create(CultureInfo.InvariantCulture, $"The widest vectors here: {bits} bits, {bits / 32} numbers at a time."),
    };

    private sealed record Result(TimeSpan[] Times, double PrimitivesError, double GeneratedError, long Allocated);
}
