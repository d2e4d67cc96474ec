namespace AttnGen.Generation.Templates;

/// <summary>A filter: its parameters after the value (one that must be given begins with '!'), and what it does with a value and them.</summary>
internal sealed record FilterEntry(string[] Parameters, Func<object?, object?[], object?> Apply);

/// <summary>The filters by name. generator/Templates/TemplateNames has the same names; a test holds the two together.</summary>
internal static class FilterTable
{
    private static readonly Dictionary<string, FilterEntry> s_filters = new()
    {
        ["abs"] = Entry((value, _) => Filters.Abs(value)),
        ["attr"] = Entry((value, given) => Python.Attribute(value, Python.Str(given[0])), "!name"),
        ["batch"] = Entry((value, given) => new GeneratorValue(Filters.Batch(value, given[0], Or(given[1], null))), "!linecount", "fill_with"),
        ["capitalize"] = Entry((value, _) => Soft(value, text => Casing.Capitalize(text))),
        ["center"] = Entry((value, given) => Soft(value, text => StringMethods.Pad(text, Filters.Int(Or(given[0], 80L)), " ", "center")), "width"),
        ["count"] = Entry((value, _) => Filters.Length(value)),
        ["d"] = Entry(Filters.Default, "default_value", "boolean"),
        ["default"] = Entry(Filters.Default, "default_value", "boolean"),
        ["dictsort"] = Entry(Filters.DictSort, "case_sensitive", "by", "reverse"),
        ["e"] = Entry((value, _) => Python.Escape(value)),
        ["escape"] = Entry((value, _) => Python.Escape(value)),
        ["filesizeformat"] = Entry((value, given) => Filters.FileSize(value, Python.Is(Or(given[0], false))), "binary"),
        ["first"] = Entry((value, _) => Filters.First(value)),
        ["float"] = Entry((value, given) => Conversions.TryFloat(value, out double number) ? number : Or(given[0], 0.0), "default"),
        ["forceescape"] = Entry((value, _) => new MarkupValue(Python.EscapeText(Python.Str(value)))),
        ["groupby"] = Entry(Filters.GroupBy, "!attribute", "default", "case_sensitive"),
        ["indent"] = Entry(Filters.Indent, "width", "first", "blank"),
        ["int"] = Entry((value, given) => Conversions.ToInt(value, Or(given[0], 0L), Or(given[1], 10L)), "default", "base"),
        ["items"] = Entry((value, _) => Filters.Items(value)),
        ["join"] = Entry(Filters.Join, "d", "attribute"),
        ["last"] = Entry((value, _) => Filters.Last(value)),
        ["length"] = Entry((value, _) => Filters.Length(value)),
        ["list"] = Entry((value, _) => Filters.List(value)),
        ["lower"] = Entry((value, _) => Soft(value, text => Casing.Lower(text))),
        ["max"] = Entry((value, given) => Filters.Extreme(value, given, isLargest: true), "case_sensitive", "attribute"),
        ["min"] = Entry((value, given) => Filters.Extreme(value, given, isLargest: false), "case_sensitive", "attribute"),
        ["replace"] = Entry(Filters.Replace, "!old", "!new", "count"),
        ["reverse"] = Entry((value, _) => Filters.Reverse(value)),
        ["round"] = Entry(Filters.Round, "precision", "method"),
        ["safe"] = Entry((value, _) => new MarkupValue(Python.Str(value))),
        ["slice"] = Entry((value, given) => new GeneratorValue(Filters.Slice(value, given[0], Or(given[1], null))), "!slices", "fill_with"),
        ["sort"] = Entry(Filters.Sort, "reverse", "case_sensitive", "attribute"),
        ["string"] = Entry((value, _) => Python.SoftStr(value)),
        ["sum"] = Entry(Filters.Sum, "attribute", "start"),
        ["title"] = Entry((value, _) => Soft(value, Filters.Title)),
        ["tojson"] = Entry((value, given) => JsonText.Of(value, Or(given[0], false), Or(given[1], null), Or(given[2], null), Or(given[3], false)), "ensure_ascii", "indent", "separators", "sort_keys"),
        ["trim"] = Entry((value, given) => Soft(value, text => StringMethods.Strip(text, Or(given[0], null) is { } characters ? Filters.Text(characters) : null)), "chars"),
        ["truncate"] = Entry(Filters.Truncate, "length", "killwords", "end", "leeway"),
        ["unique"] = Entry((value, given) => new GeneratorValue(Filters.Unique(value, given)), "case_sensitive", "attribute"),
        ["upper"] = Entry((value, _) => Soft(value, text => Casing.Upper(text))),
        ["urlencode"] = Entry((value, _) => Filters.UrlEncode(value)),
        ["wordcount"] = Entry((value, _) => Filters.WordCount(Python.Str(value))),
    };

    /// <summary>Those that take any arguments: they call other filters and tests, or format.</summary>
    public static IReadOnlyList<string> Open { get; } = ["format", "map", "reject", "rejectattr", "select", "selectattr"];

    public static IEnumerable<string> Names => s_filters.Keys.Concat(Open);

    public static bool TryFind(string name, out FilterEntry? filter) => s_filters.TryGetValue(name, out filter);

    /// <summary>An argument, or what it is where it was not given.</summary>
    public static object? Or(object? argument, object? otherwise) => argument is MissingValue ? otherwise : argument;

    private static FilterEntry Entry(Func<object?, object?[], object?> apply, params string[] parameters) => new(parameters, apply);

    /// <summary>Changes a value's text; a safe one stays safe.</summary>
    private static object Soft(object? value, Func<string, string> change) =>
        value is MarkupValue markup ? new MarkupValue(change(markup.Text)) : change(Python.Str(value));
}
