namespace SemanticSearch;

/// <summary>The command line.</summary>
internal sealed record Arguments(string? Model, string? File, string? Query, bool Help)
{
    /// <summary>Reads the command line; null: it is wrong, and that has been said.</summary>
    public static Arguments? Read(string[] args)
    {
        var read = new Arguments(null, null, null, false);
        var words = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "-h" or "--help":
                    return read with { Help = true };
                case "--model" or "--file" when i + 1 == args.Length:
                    Console.Error.WriteLine($"{args[i]} needs a value; --help shows which.");
                    return null;
                case "--file" when !System.IO.File.Exists(args[i + 1]):
                    Console.Error.WriteLine($"There is no file '{args[i + 1]}'; give --file one with a sentence a line.");
                    return null;
                case "--model":
                    read = read with { Model = args[++i] };
                    break;
                case "--file":
                    read = read with { File = args[++i] };
                    break;
                case ['-', ..]:
                    Console.Error.WriteLine($"There is no option {args[i]}; --help shows those that there are.");
                    return null;
                case var folder when i == 0 && (Directory.Exists(folder) || folder.Contains('/', StringComparison.Ordinal) || folder.Contains('\\', StringComparison.Ordinal)):
                    read = read with { Model = folder };
                    break;
                case var word:
                    words.Add(word);
                    break;
            }
        }

        return words.Count == 0 ? read : read with { Query = string.Join(' ', words) };
    }
}
