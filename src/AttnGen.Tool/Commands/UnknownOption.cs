using System.CommandLine;
using System.CommandLine.Parsing;

namespace AttnGen.Tool;

/// <summary>
/// Words that look like an option and are none, which the parser takes for the folder or for the value of the option before them; and options that
/// stand where the value of the one before them is missing.
/// </summary>
internal static class UnknownOption
{
    /// <summary>Looks for the first.</summary>
    /// <returns>What is wrong and what is meant, without a full stop; null: there is none.</returns>
    public static string? Find(ParseResult parsed, IEnumerable<string> words)
    {
        if (parsed.Action is { ClearsParseErrors: true })
            return null; // --help or --version: that is answered, whatever else stands there
        var command = parsed.CommandResult.Command;
        var options = Options(command).ToList();
        var values = parsed.CommandResult.Children.OfType<OptionResult>().SelectMany(result => result.Tokens).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        foreach (var word in words.TakeWhile(word => word != "--").Where(IsOption))
        {
            var name = word.Split('=', ':')[0];
            var path = command is RootCommand ? "attngen" : "attngen " + command.Name;
            if (options.Exists(option => option.Name == word || option.Aliases.Contains(word)) && values.Contains(word))
            {
                var before = parsed.CommandResult.Children.OfType<OptionResult>().First(result => result.Tokens.Any(token => token.Value == word)).Option.Name;
                return $"{before} has no value before the option '{word}'; give it one (a value of that name is given as {before}={word}). See '{path} --help'";
            }

            if (options.Exists(option => option.Name == name || option.Aliases.Contains(name)) || IsBundle(word, options))
                continue;
            var nearest = Nearest(name.TrimStart('-'), options.Select(option => option.Name));

            // A text or a file may be called so, unless it is nearly an option.
            if (values.Contains(word) && (nearest is null || !word.StartsWith("--", StringComparison.Ordinal)))
                continue;
            var meant = nearest is not null ? $"did you mean {nearest}?"
                : $"its options are {string.Join(", ", options.Where(option => !option.Hidden).Select(option => option.Name))}.";
            var isFolder = parsed.CommandResult.Children.OfType<ArgumentResult>().Any(result => result.Argument.Name == ModelOptions.FolderName && result.Tokens.Any(token => token.Value == word));
            return $"There is no option '{word}' of '{path}'; {meant} {(isFolder ? "(To pass a folder of that name, put it after '--'.) See" : "See")} '{path} --help'";
        }

        return null;
    }

    // "-1" is a number, "- so" a text.
    private static bool IsOption(string word) =>
        word.TrimStart('-') is { Length: > 0 } name && name.Length < word.Length && !char.IsAsciiDigit(name[0]) && !word.Any(char.IsWhiteSpace);

    // "-tTEXT".
    private static bool IsBundle(string word, List<Option> options) =>
        !word.StartsWith("--", StringComparison.Ordinal) && options.Exists(option => option.Aliases.Any(alias => alias.Length == 2 && word.StartsWith(alias, StringComparison.Ordinal)));

    private static IEnumerable<Option> Options(Command command) =>
        command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive));

    /// <summary>The name that begins so, or that is a slip away; null: none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> names) =>
        names.Select(name => (Name: name, Distance: name.TrimStart('-').StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 0 : Slip.Distance(word, name.TrimStart('-'))))
            .Where(name => name.Distance <= Math.Max(1, word.Length / 3) && (word.Length > 2 || name.Distance == 0))
            .OrderBy(name => name.Distance)
            .Select(name => name.Name)
            .FirstOrDefault();
}
