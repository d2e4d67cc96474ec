using System.Globalization;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>str.format: "{}", "{0}", "{name.attribute[key]!r:spec}".</summary>
internal static class BraceFormat
{
    private const int Nesting = 2;

    public static string Apply(string format, Arguments arguments)
    {
        int automatic = 0;
        return Apply(format, arguments, ref automatic, Nesting);
    }

    private static string Apply(string format, Arguments arguments, ref int automatic, int depth)
    {
        if (depth == 0)
            throw Python.Error("Max string recursion exceeded");
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(c);
                i++;
                continue;
            }

            if (c == '}')
                throw Python.Error("Single '}' encountered in format string");
            int end = End(format, i + 1);
            text.Append(Field(format[(i + 1)..end], arguments, ref automatic, depth));
            Python.CheckLength(text.Length);
            i = end;
        }

        return text.ToString();
    }

    private static int End(string format, int at)
    {
        for (int depth = 1; at < format.Length; at++)
        {
            depth += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (depth == 0)
                return at;
        }

        throw Python.Error("expected '}' before end of string");
    }

    private static string Field(string field, Arguments arguments, ref int automatic, int depth)
    {
        int brackets = 0, split = 0;
        for (; split < field.Length && (brackets > 0 || field[split] is not (':' or '!')); split++)
            brackets += field[split] == '[' ? 1 : field[split] == ']' ? -1 : 0;
        string name = field[..split], rest = field[split..], conversion = "";
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || rest.Length > 2 && rest[2] != ':')
                throw Python.Error("expected ':' after conversion specifier");
            (conversion, rest) = (rest[1..2], rest[2..]);
        }

        object? value = Value(name, arguments, ref automatic);
        value = conversion switch
        {
            "" => value,
            "s" => Python.Str(value),
            "r" or "a" => Python.Repr(value),
            _ => throw Python.Error($"Unknown conversion specifier {conversion}"),
        };
        string spec = rest.StartsWith(':') ? Apply(rest[1..], arguments, ref automatic, depth - 1) : "";
        return spec.Length > 0 && value is List<object?> or DictValue or TupleValue or null && spec.Length > 0
            ? throw Python.Error($"unsupported format string passed to {Python.TypeName(value)}.__format__")
            : value is UndefinedValue ? (spec.Length == 0 ? "" : throw Python.Error("unsupported format string passed to Undefined.__format__")) : FormatSpec.Apply(value, spec);
    }

    private static object? Value(string name, Arguments arguments, ref int automatic)
    {
        int end = name.IndexOfAny(['.', '[']);
        string first = end < 0 ? name : name[..end];
        object? value;
        if (first.Length == 0 || first.All(char.IsAsciiDigit))
        {
            if (first.Length == 0 ? automatic < 0 : automatic > 0)
                throw Python.Error("cannot switch between automatic and manual field numbering");
            int index = first.Length == 0 ? automatic++ : int.TryParse(first, CultureInfo.InvariantCulture, out int given) ? given : int.MaxValue;
            if (first.Length > 0)
                automatic = -1;
            value = index < arguments.Positional.Count ? arguments.Positional[index] : throw Python.Error($"Replacement index {index} out of range for positional args tuple");
        }
        else
        {
            var named = arguments.Named.Where(pair => pair.Key == first).ToList();
            value = named.Count > 0 ? named[0].Value : throw Python.Error(Python.Quote(first));
        }

        while (end >= 0 && end < name.Length)
        {
            bool isItem = name[end] == '[';
            int stop = isItem ? name.IndexOf(']', end) : name.IndexOfAny(['.', '['], end + 1);
            if (isItem && stop < 0)
                throw Python.Error("Missing ']' in format string");
            stop = stop < 0 ? name.Length : stop;
            string part = name[(end + 1)..stop];
            value = !isItem ? Python.Attribute(value, part)
                : part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, CultureInfo.InvariantCulture, out long index) ? Python.Item(value, index) : Python.Item(value, part);
            end = isItem ? stop + 1 : stop;
        }

        return value;
    }
}
