using System.Numerics;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>What jinja2's filters do, in its own order of steps.</summary>
internal static partial class Filters
{
    private static object? Or(object? argument, object? otherwise) => FilterTable.Or(argument, otherwise);

    private static bool Flag(object? argument) => Python.Is(Or(argument, false));

    public static string Text(object? value) => value is string or MarkupValue ? Python.Str(value) : throw Python.Error($"must be str, not {Python.TypeName(value)}");

    public static int Int(object? value) =>
        Python.IsInteger(value, out var number) ? (int)BigInteger.Max(int.MinValue + 1, BigInteger.Min(int.MaxValue, number)) : throw Python.Error($"'{Python.TypeName(value)}' object cannot be interpreted as an integer");

    public static object? Abs(object? value) =>
        value is double number ? Math.Abs(number) : Python.IsInteger(value, out var whole) ? Python.Normal(BigInteger.Abs(whole)) : throw Python.Error($"bad operand type for abs(): '{Python.TypeName(value)}'");

    public static object? Length(object? value) =>
        Python.TryLength(value, out int length) ? (long)length : throw Python.Error($"object of type '{Python.TypeName(value)}' has no len()");

    public static object? Default(object? value, object?[] given) => value is UndefinedValue || Flag(given[1]) && !Python.Is(value) ? Or(given[0], "") : value;

    public static List<object?> List(object? value)
    {
        List<object?> list = [.. Python.Iterate(value)];
        Python.CheckCount(list.Count);
        return list;
    }

    public static object? First(object? value)
    {
        foreach (object? item in Python.Iterate(value))
            return item;
        return new UndefinedValue("No first item, sequence was empty.");
    }

    public static object? Last(object? value)
    {
        if (value is GeneratorValue)
            throw Python.Error($"'{Python.TypeName(value)}' object is not reversible");
        List<object?> items = [.. Python.Iterate(value)];
        return items.Count > 0 ? items[^1] : new UndefinedValue("No last item, sequence was empty.");
    }

    public static object? Reverse(object? value)
    {
        switch (value)
        {
            case string text:
                return Python.Slice(text, null, null, -1L);
            case MarkupValue:
                return Python.Slice(value, null, null, -1L);
            default:
                List<object?> items = [.. Python.Iterate(value)];
                items.Reverse();

                // What has no reversed() comes as a list, the rest is read once.
                return value is GeneratorValue ? items : new GeneratorValue(items);
        }
    }

    public static object? Items(object? value) => value switch
    {
        UndefinedValue => new GeneratorValue([]),
        DictValue dict => new GeneratorValue(new DictView(dict, DictPart.Items).Items),
        _ => throw Python.Error("Can only get item pairs from a mapping."),
    };

    public static object? Join(object? value, object?[] given)
    {
        string separator = Python.Str(Or(given[0], ""));
        var key = Or(given[1], null) is { } attribute ? Attributes.Getter(attribute) : item => item;
        var text = new StringBuilder();
        int i = 0;
        foreach (object? item in Python.Iterate(value))
        {
            text.Append(i++ > 0 ? separator : "").Append(Python.Str(key(item)));
            Python.CheckLength(text.Length);
        }

        return text.ToString();
    }

    public static object? Replace(object? value, object?[] given) =>
        StringMethods.Replace(Python.Str(value), Python.Str(given[0]), Python.Str(given[1]), Or(given[2], null) is { } count ? Int(count) : -1);

    /// <summary>Words begin after -, white space, (, {, [ and &lt;.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder();
        int at = 0;
        while (at < text.Length)
        {
            int end = at;
            bool isBreak = IsBreak(text[at]);
            while (end < text.Length && IsBreak(text[end]) == isBreak)
                end++;
            string part = text[at..end];
            int first = Runes.Length(part, 0);
            result.Append(Casing.Upper(part[..first])).Append(Casing.Lower(part[first..]));
            at = end;
        }

        return result.ToString();

        static bool IsBreak(char c) => c is '-' or '(' or '{' or '[' or '<' || Characters.IsSpace(c);
    }

    public static object? Indent(object? value, object?[] given)
    {
        if (value is not (string or MarkupValue))
            throw value is UndefinedValue undefined ? undefined.Error() : Python.Error($"unsupported operand type(s) for +=: '{Python.TypeName(value)}' and 'str'");
        object? width = Or(given[0], 4L);
        if (width is not (string or MarkupValue))
            Python.CheckLength(Int(width));
        string blanks = width is string or MarkupValue ? Python.Str(width) : new string(' ', Math.Max(0, Int(width)));
        string[] lines = [.. StringMethods.Lines(Python.Str(value) + "\n")];
        Python.CheckLength((long)blanks.Length * lines.Length);
        bool isBlank = Flag(given[2]);
        string text = (Flag(given[1]) ? blanks : "") + string.Join("\n", lines.Select((line, i) => i > 0 && (isBlank || line.Length > 0) ? blanks + line : line));
        return value is MarkupValue ? new MarkupValue(text) : text;
    }

    public static object? Truncate(object? value, object?[] given)
    {
        if (value is List<object?> or TupleValue && Python.TryLength(value, out int items) && items <= (long)Int(Or(given[0], 255L)) + (Or(given[3], null) is { } slack ? Int(slack) : 5))
            return value;
        string text = value is UndefinedValue ? "" : Text(value), end = Text(Or(given[2], "..."));
        int length = Int(Or(given[0], 255L)), leeway = Or(given[3], null) is { } some ? Int(some) : 5, count = Runes.Count(text), rest = length - Runes.Count(end);
        if (rest < 0 || leeway < 0)
            throw Python.Error($"expected length >= {Runes.Count(end)}, got {length}");
        if (count <= (long)length + leeway)
            return value is UndefinedValue ? value : text;
        string start = Runes.Slice(text, 0, rest);
        if (!Flag(given[1]))
            start = start.LastIndexOf(' ') is >= 0 and var blank ? start[..blank] : start;
        return start + end;
    }

    public static object? WordCount(string text)
    {
        long count = 0;
        bool isInWord = false;
        foreach (var rune in text.EnumerateRunes())
        {
            bool isWord = Characters.IsWord(rune);
            count += isWord && !isInWord ? 1 : 0;
            isInWord = isWord;
        }

        return count;
    }

    public static object? UrlEncode(object? value)
    {
        if (value is string or MarkupValue || !Python.CanIterate(value))
            return Quote(Python.Str(value), keepsSlash: true);
        var pairs = value is DictValue dict ? new DictView(dict, DictPart.Items).Items : Python.Iterate(value);
        return string.Join('&', pairs.Select(pair => Python.Unpack(pair, 2)).Select(pair => $"{Quote(Python.Str(pair[0]), keepsSlash: false)}={Quote(Python.Str(pair[1]), keepsSlash: false)}"));
    }

    private static string Quote(string text, bool keepsSlash)
    {
        var quoted = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || c == '/' && keepsSlash)
                quoted.Append(c);
            else
                quoted.Append(c == ' ' && !keepsSlash ? "+" : $"%{b:X2}");
        }

        return quoted.ToString();
    }

    public static object? FileSize(object? value, bool isBinary)
    {
        double bytes = Conversions.TryFloat(value, out double number) ? number : throw Python.Error($"could not convert {Python.Repr(value)} to float"), unit = isBinary ? 1024 : 1000;
        if (bytes == 1)
            return "1 Byte";
        if (bytes < unit)
            return $"{Python.Str(Conversions.ToInt(bytes, 0L, 10L))} Bytes";
        int i = 1;
        double scale = unit;
        for (; i < 8 && bytes >= scale * unit; i++)
            scale *= unit;
        return $"{FloatText.Fixed(unit * bytes / (scale * unit), 1)} {"kMGTPEZY"[i - 1].ToString().ToUpperInvariant().Replace("K", isBinary ? "K" : "k", StringComparison.Ordinal)}{(isBinary ? "iB" : "B")}";
    }
}
