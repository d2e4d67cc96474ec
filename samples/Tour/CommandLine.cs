namespace Tour;

/// <summary>What the user asked for.</summary>
internal enum Request
{
    Tour,
    Sentence,
    About,
    Words,
    Tale,
    Help,
}

/// <summary>The arguments after <c>dotnet run --project samples/Tour --</c>.</summary>
internal sealed record CommandLine(Request Request, string Sentence, HeadName? Head)
{
    public const string Help = """
        A tour of a small trained transformer, run by code that the compiler wrote for it.

          dotnet run --project samples/Tour                            the whole tour
          dotnet run --project samples/Tour -- "a sentence"            read this sentence
          dotnet run --project samples/Tour -- --head 0.4 "a sentence" and draw this head (layer.head, from 0)
          dotnet run --project samples/Tour -- --head 0.4              draw this head for the tour's sentences
          dotnet run --project samples/Tour -- --tell                  the chapter about the model that tells tales
          dotnet run --project samples/Tour -- --tell "a request"      what that model says to it
          dotnet run --project samples/Tour -- --about                 what it was trained on, how good it is, where it fails
          dotnet run --project samples/Tour -- --words                 the words it knows
          dotnet run --project samples/Tour -- --help                  this text

        Colour is left out when the output is piped or NO_COLOR is set.
        Exit codes: 0 all went well, 2 the arguments make no sense, 3 the sentence or request cannot be read (empty or too long).
        """;

    /// <summary>Reads the arguments; if they make no sense, <paramref name="error"/> is a sentence that says why.</summary>
    public static CommandLine? Parse(ReadOnlySpan<string> arguments, out string error)
    {
        error = "";
        HeadName? head = null;
        Request? special = null;
        List<string>? words = null;
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                words ??= [];
                words.AddRange(arguments[(i + 1)..]);
                break;
            }
            if (argument == "--head" || argument.StartsWith("--head=", StringComparison.Ordinal))
            {
                var value = argument.Length > 6 ? argument[7..] : ++i < arguments.Length ? arguments[i] : null;
                if (!HeadName.TryParse(value, out var named))
                {
                    error = $"--head {(value is null ? "needs a head" : $"cannot be '{value}'")}: write layer.head, from {HeadName.Limits}, such as --head 2.0.";
                    return null;
                }
                head = named;
            }
            else if (argument is "--about" or "--words" or "--tell" or "--help" or "-h")
            {
                special = argument switch { "--about" => Request.About, "--words" => Request.Words, "--tell" => Request.Tale, _ => Request.Help };
            }
            else if (argument.Length > 1 && argument[0] == '-')
            {
                error = $"Unknown option '{argument}': there are --head L.H, --tell, --about, --words and --help.";
                return null;
            }
            else
            {
                (words ??= []).Add(argument);
            }
        }
        return new CommandLine(special ?? (words is null ? Request.Tour : Request.Sentence), string.Join(' ', words ?? []), head);
    }
}
