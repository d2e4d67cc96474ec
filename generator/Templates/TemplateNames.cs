namespace AttnGen.Generator.Templates;

/// <summary>What a template may call by name. The same tables are in the library (Templates/FilterTable and TestTable); a test holds the two together.</summary>
internal static class TemplateNames
{
    public static readonly string[] Filters =
    [
        "abs", "attr", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat", "first", "float", "forceescape", "format", "groupby",
        "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr",
        "slice", "sort", "string", "sum", "title", "tojson", "trim", "truncate", "unique", "upper", "urlencode", "wordcount",
    ];

    /// <summary>Filters of jinja2 that are not supported, each with what to do.</summary>
    public static readonly Dictionary<string, string> OtherFilters = new()
    {
        ["pprint"] = "use tojson",
        ["random"] = "a template's text must not depend on chance; use first",
        ["striptags"] = "use replace",
        ["urlize"] = "chat templates write no HTML",
        ["wordwrap"] = "use truncate, or leave the text as it is",
        ["xmlattr"] = "write the attributes by themselves",
    };

    public static readonly string[] Tests =
    [
        "odd", "even", "divisibleby", "defined", "undefined", "filter", "test", "none", "boolean", "false", "true", "integer", "float", "lower", "upper", "string", "mapping", "number",
        "sequence", "iterable", "callable", "sameas", "escaped", "in", "eq", "equalto", "ne", "gt", "greaterthan", "ge", "lt", "lessthan", "le",
    ];

    public static readonly string[] Globals = ["range", "dict", "namespace", "cycler", "joiner", "raise_exception", "strftime_now"];
}
