using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>The methods of Python's str.</summary>
internal static partial class StringMethods
{
    public static readonly HashSet<string> Names =
    [
        "capitalize", "casefold", "center", "count", "endswith", "expandtabs", "find", "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier",
        "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex",
        "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill", "encode", "maketrans", "translate",
    ];

    /// <summary>The same of a safe text: what is put into it is escaped, and what comes out is safe, too.</summary>
    public static object? CallSafe(MarkupValue text, string name, Arguments arguments)
    {
        if (name is "join" or "replace" or "format" or "center" or "ljust" or "rjust")
        {
            for (int i = 0; i < arguments.Positional.Count; i++)
                arguments.Positional[i] = Safe(arguments.Positional[i], name);
            for (int i = 0; i < arguments.Named.Count; i++)
                arguments.Named[i] = new(arguments.Named[i].Key, Safe(arguments.Named[i].Value, name));
        }

        return AsSafe(Call(text.Text, name, arguments));
    }

    private static object? Safe(object? value, string method) => value switch
    {
        string text => Python.EscapeText(text),
        _ when method == "join" => Python.Iterate(value).Select(item => (object?)Python.Escape(item).Text).ToList(),
        _ => value,
    };

    private static object? AsSafe(object? value) => value switch
    {
        string text => new MarkupValue(text),
        List<object?> list => list.Select(AsSafe).ToList(),
        TupleValue tuple => new TupleValue([.. tuple.Items.Select(AsSafe)]),
        _ => value,
    };

    public static object? Call(string text, string name, Arguments arguments)
    {
        switch (name)
        {
            case "strip" or "lstrip" or "rstrip":
                return Strip(text, Optional(arguments.Bind(name, "chars")[0]), name[0] != 'r', name[0] != 'l');
            case "split" or "rsplit":
                object?[] split = arguments.Bind(name, "sep", "maxsplit");
                return Split(text, Optional(split[0]), Count(split[1], -1), fromRight: name == "rsplit");
            case "splitlines":
                return Lines(text, Given(arguments.Bind(name, "keepends")[0]) is { } keep && Python.Is(keep)).ToList<object?>();
            case "partition" or "rpartition":
                return Partition(text, Required(arguments.Bind(name, "!sep")[0]), name[0] == 'r');
            case "startswith" or "endswith":
                return Affix(text, name, arguments.Bind(name, "!prefix", "start", "end"));
            case "removeprefix":
                string prefix = Required(arguments.Bind(name, "!prefix")[0]);
                return text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;
            case "removesuffix":
                string suffix = Required(arguments.Bind(name, "!suffix")[0]);
                return suffix.Length > 0 && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;
            case "replace":
                object?[] replace = arguments.Bind(name, "!old", "!new", "count");
                return Replace(text, Required(replace[0]), Required(replace[1]), Count(replace[2], -1));
            case "find" or "rfind" or "index" or "rindex":
                return Find(text, name, arguments.Bind(name, "!sub", "start", "end"));
            case "count":
                return Occurrences(text, arguments.Bind(name, "!sub", "start", "end"));
            case "join":
                return Join(text, arguments.Bind(name, "!iterable")[0]);
            case "format":
                return BraceFormat.Apply(text, arguments);
            case "format_map":
                return BraceFormat.Apply(text, new Arguments().SpreadNamed(arguments.Bind(name, "!mapping")[0]));
            case "upper":
                return Casing.Upper(text, arguments.Bind(name));
            case "lower" or "casefold":
                return Casing.Lower(text, isFolded: name == "casefold", arguments.Bind(name));
            case "title":
                return Casing.Title(text, arguments.Bind(name));
            case "capitalize":
                return Casing.Capitalize(text, arguments.Bind(name));
            case "swapcase":
                return Casing.Swap(text, arguments.Bind(name));
            case "center" or "ljust" or "rjust":
                object?[] pad = arguments.Bind(name, "!width", "fillchar");
                return Pad(text, Count(pad[0], 0), pad[1] is MissingValue ? " " : Required(pad[1]), name);
            case "zfill":
                return ZeroFill(text, Count(arguments.Bind(name, "!width")[0], 0));
            case "expandtabs":
                return ExpandTabs(text, Count(arguments.Bind(name, "tabsize")[0], 8));
            case "encode" or "maketrans" or "translate":
                throw Python.Error($"The method '{name}' of texts is not supported in chat templates.");
            default:
                arguments.Bind(name);
                return Characters.Is(text, name);
        }
    }

    private static object? Given(object? value) => value is MissingValue ? null : value;

    private static string? Optional(object? value) => value is MissingValue or null ? null : Required(value);

    private static string Required(object? value) => value is string or MarkupValue ? Python.Str(value) : throw Python.Error($"must be str, not {Python.TypeName(value)}");

    private static int Count(object? value, int otherwise) =>
        value is MissingValue ? otherwise
        : Python.IsInteger(value, out var count) ? (int)System.Numerics.BigInteger.Max(int.MinValue + 1, System.Numerics.BigInteger.Min(int.MaxValue, count))
        : throw Python.Error($"'{Python.TypeName(value)}' object cannot be interpreted as an integer");

    /// <summary>Takes characters from the ends: white space, or any of those given.</summary>
    public static string Strip(string text, string? characters, bool left = true, bool right = true)
    {
        var taken = characters is null ? null : Runes.Split(characters).Cast<string>().ToHashSet(StringComparer.Ordinal);
        int from = 0, to = text.Length;
        while (left && from < to && Takes(from, Runes.Length(text, from)))
            from += Runes.Length(text, from);
        while (right && to > from)
        {
            int length = to - 2 >= from && char.IsSurrogatePair(text[to - 2], text[to - 1]) ? 2 : 1;
            if (!Takes(to - length, length))
                break;
            to -= length;
        }

        return text[from..to];

        bool Takes(int at, int length) => taken is null ? Characters.IsSpace(text[at]) : taken.Contains(text.Substring(at, length));
    }

    public static string Replace(string text, string old, string with, int count)
    {
        if (count == 0 || old.Length == 0 && with.Length == 0)
            return text;
        var result = new StringBuilder();
        int at = 0;
        if (old.Length == 0)
        {
            foreach (string point in Runes.Split(text).Cast<string>())
            {
                if (count-- == 0)
                    return result.Append(text, at, text.Length - at).ToString();
                result.Append(with).Append(point);
                at += point.Length;
                Python.CheckLength(result.Length);
            }

            return count == 0 ? result.ToString() : result.Append(with).ToString();
        }

        for (int found = text.IndexOf(old, StringComparison.Ordinal); found >= 0 && count != 0; found = text.IndexOf(old, at, StringComparison.Ordinal), count--)
        {
            result.Append(text, at, found - at).Append(with);
            at = found + old.Length;
            Python.CheckLength(result.Length);
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static string Join(string separator, object? items)
    {
        var text = new StringBuilder();
        int i = 0;
        foreach (object? item in Python.Iterate(items))
        {
            if (item is not (string or MarkupValue))
                throw Python.Error($"sequence item {i}: expected str instance, {Python.TypeName(item)} found");
            text.Append(i++ > 0 ? separator : "").Append(Python.Str(item));
            Python.CheckLength(text.Length);
        }

        return text.ToString();
    }

    /// <summary>Where part of a text is searched: start and end count code points, from the end if negative. Null: the start lies behind the text.</summary>
    private static (int From, int To)? Range(string text, object? start, object? end)
    {
        if (start is MissingValue or null && end is MissingValue or null)
            return (0, text.Length);
        int length = Runes.Count(text), from = At(start, 0), to = At(end, length);
        return from > length || from > to ? null : (Runes.Offset(text, from), Runes.Offset(text, Math.Min(to, length)));

        int At(object? value, int otherwise)
        {
            int at = value is MissingValue or null ? otherwise : Count(value, 0);
            return at < 0 ? Math.Max(0, at + length) : at;
        }
    }

    private static long Find(string text, string name, object?[] given)
    {
        string part = Required(given[0]);
        int found = Range(text, given[1], given[2]) is not var (from, to) ? -1
            : name[0] == 'r' ? text[from..to].LastIndexOf(part, StringComparison.Ordinal) : text[from..to].IndexOf(part, StringComparison.Ordinal);
        if (found < 0 && name.EndsWith("index", StringComparison.Ordinal))
            throw Python.Error("substring not found");
        return found < 0 ? -1L : Runes.Index(text, found + Range(text, given[1], given[2])!.Value.From);
    }

    private static long Occurrences(string text, object?[] given)
    {
        string part = Required(given[0]);
        if (Range(text, given[1], given[2]) is not var (from, to))
            return 0;
        string within = text[from..to];
        if (part.Length == 0)
            return (long)Runes.Count(within) + 1;
        long count = 0;
        for (int at = within.IndexOf(part, StringComparison.Ordinal); at >= 0; at = within.IndexOf(part, at + part.Length, StringComparison.Ordinal))
            count++;
        return count;
    }

    private static bool Affix(string text, string name, object?[] given)
    {
        IEnumerable<object?> affixes = given[0] is TupleValue tuple ? tuple.Items : [given[0]];
        var range = Range(text, given[1], given[2]);
        foreach (object? affix in affixes)
        {
            if (affix is not (string or MarkupValue))
                throw Python.Error($"{name} first arg must be str or a tuple of str, not {Python.TypeName(affix)}");
            if (range is var (from, to) && (name[0] == 's' ? text[from..to].StartsWith(Python.Str(affix), StringComparison.Ordinal) : text[from..to].EndsWith(Python.Str(affix), StringComparison.Ordinal)))
                return true;
        }

        return false;
    }
}
