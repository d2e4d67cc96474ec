namespace AttnGen.Tokenizers.Tests;

/// <summary>Long texts, and what they may cost.</summary>
internal static class LongText
{
    public static string Of(string kind, int length)
    {
        var piece = kind switch
        {
            "words" => "the old a harbour b and, where ships a b came in. ",
            "letters" => "abcdefgh",
            "other letters" => "привет",
            "accents" => "éüà",
            "far letters" => "\U00010348\U00010349",
            "spaces" => " ",
            "white space" => " \t\u00A0\n\u2028",
            "marks" => "\u0301\u0323\u0327\u0345",
            "kept marks" => "\u302E\u0345\u302F\u0903",
            "controls" => "\u0001",
            "invisible" => "\u200B\u200D\uFEFF\u0000",
            "ideographs" => "中日本",
            "brackets" => "[",
            "dots" => ".",
            "half pairs" => "\uD83D",
            "second halves" => "\uDC4D",
            "halves and pairs" => "\uD83D\uD83D\uDC4D\uDC4D\uD83D",
            "one emoji" => "\U0001F44D",
            "emoji" => "\U0001F44D\U0001F469\U0001F680",
            "far ideographs" => "\U00020000\U00020001",
            "far marks" => "\U0001D165\U00016FF0\U0001D16D",
            "digits" => "1234567",
            "token beginnings" => "[MAS",
            _ => "a",
        };
        var text = string.Create(length, piece, static (to, piece) =>
        {
            for (var at = 0; at < to.Length; at += piece.Length)
            {
                piece.AsSpan(0, Math.Min(piece.Length, to.Length - at)).CopyTo(to[at..]);
            }
        });
        return kind == "token at the end" ? text[..^6] + "[MASK]" : kind is "spaces" or "controls" ? "a" + text[2..] + "b" : text;
    }

    // The time of a longer text against that of a shorter one: sixteen times as long takes about sixteen times as long where it is linear, and 256 times
    // where it is not. Of processor time, so that it does not count who else wants the processor; the least of some runs.
    public static void CheckRatio(Action<int> run, int shorter, int longer, double most)
    {
        var ratio = double.MaxValue;
        run(shorter);
        run(longer);
        for (var round = 0; round < 12 && ratio > most; round++)
        {
            ratio = Math.Min(ratio, Least(longer, 2) / Least(shorter, 5));
        }

        Assert.True(ratio <= most, $"{longer} characters take {ratio:F1} times as long as {shorter}");

        double Least(int length, int runs)
        {
            var least = double.MaxValue;
            for (var i = 0; i < runs; i++)
            {
                var start = ThreadTime.Microseconds();
                run(length);
                least = Math.Min(least, ThreadTime.Microseconds() - start + 1);
            }

            return least;
        }
    }
}
