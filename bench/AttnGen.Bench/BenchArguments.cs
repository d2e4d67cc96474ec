using System.Globalization;
using AttnGen.Tool;

namespace AttnGen.Bench;

/// <summary>An option: its name, and what its value is called; null: it takes none.</summary>
internal sealed record CommandOption(string Name, string? Value = null);

/// <summary>A command line that cannot be followed; the message is one sentence.</summary>
internal sealed class UsageException(string sentence) : Exception(sentence);

/// <summary>The words of a command line as options and values. What is not known is refused, with the nearest name. All benchmarks with options, and tests, compile this file.</summary>
internal sealed class BenchArguments
{
    private readonly List<(string Name, string? Value)> _given = [];
    private readonly CommandOption[] _known;

    private BenchArguments(CommandOption[] known) => _known = known;

    /// <summary>The options as a line of help has them.</summary>
    public static string Usage(IEnumerable<CommandOption> known) => string.Join(' ', known.Select(option => option.Value is null ? $"[{option.Name}]" : $"[{option.Name} {option.Value}]"));

    /// <summary>Reads "--name", "--name value" and "--name=value".</summary>
    /// <exception cref="UsageException">A word is no option, or a value is missing or too much.</exception>
    public static BenchArguments Parse(IReadOnlyList<string> words, params CommandOption[] known)
    {
        var line = new BenchArguments(known);
        for (int i = 0; i < words.Count; i++)
        {
            string[] parts = words[i].Split('=', 2);
            CommandOption option = Array.Find(known, o => o.Name == parts[0]) ?? throw Unknown("option", parts[0], known.Select(o => o.Name));
            if (option.Value is null && parts.Length > 1) throw new UsageException($"{option.Name} takes no value, and has '{parts[1]}'.");
            string? value = option.Value is null ? null : parts.Length > 1 ? parts[1] : i + 1 < words.Count && !IsOption(words[i + 1], known) ? words[++i] : "";
            if (value?.Length == 0) throw new UsageException($"{option.Name} has no value; give it one: {option.Name} {option.Value}");
            line._given.Add((option.Name, value));
        }

        return line;
    }

    /// <summary>A word among names, or a sentence that names the nearest.</summary>
    public static string Choose(string what, string? word, params string[] names) =>
        word is null ? throw new UsageException($"There is no {what}; give one of {string.Join(", ", names)}.")
        : Array.IndexOf(names, word) >= 0 ? word : throw Unknown(what, word, names);

    public bool Has(string name) => Values(name, known: false).Any();

    public string? Value(string name) => Values(name).LastOrDefault();

    public IEnumerable<string> Values(string name) => Values(name, known: true).Select(value => value!);

    /// <summary>A whole number from the least to the most; the other one if it was not given.</summary>
    public int Number(string name, int least, int most, int otherwise) =>
        Value(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most ? number
        : throw new UsageException($"{name} is '{text}'; give a number from {least} to {most}.");

    private IEnumerable<string?> Values(string name, bool known)
    {
        CommandOption option = _known.Single(o => o.Name == name);
        return known && option.Value is null ? throw new ArgumentException($"{name} has no value.", nameof(name)) : _given.Where(given => given.Name == name).Select(given => given.Value);
    }

    private static bool IsOption(string word, CommandOption[] known) => word.StartsWith("--", StringComparison.Ordinal) || known.Any(o => o.Name == word);

    private static UsageException Unknown(string what, string word, IEnumerable<string> names)
    {
        string[] all = [.. names];
        string bare = word.TrimStart('-');
        string? nearest = all.Select(name => (Name: name, Distance: Distance(name.TrimStart('-')))).OrderBy(name => name.Distance).Where(name => name.Distance <= Math.Max(1, bare.Length / 3)).Select(name => name.Name).FirstOrDefault();
        return new UsageException($"There is no {what} '{word}'{(nearest is null ? "" : $"; did you mean {nearest}?")}{(nearest is null ? "; the" : " The")} {what}s are {string.Join(", ", all)}.");

        int Distance(string name) => bare.Length > 0 && name.StartsWith(bare, StringComparison.OrdinalIgnoreCase) ? 0 : Slip.Distance(bare, name);
    }
}
