using System.Globalization;
using System.Numerics;
using System.Text;

namespace AttnGen.Generation.Templates;

public static partial class Python
{
    /// <summary>str(value).</summary>
    internal static string Str(object? value) => value switch
    {
        string text => text,
        MarkupValue markup => markup.Text,
        UndefinedValue => "",
        _ => Repr(value),
    };

    /// <summary>A text of a value, which keeps what is safe.</summary>
    internal static object SoftStr(object? value) => value is MarkupValue ? value : Str(value);

    /// <summary>repr(value).</summary>
    internal static string Repr(object? value)
    {
        var text = new StringBuilder();
        Repr(value, text);
        return text.ToString();
    }

    private static void Repr(object? value, StringBuilder text)
    {
        switch (value)
        {
            case List<object?> list:
                Items(list, "[", "]", text);
                break;
            case TupleValue tuple:
                Items(tuple.Items, "(", tuple.Items.Count == 1 ? ",)" : ")", text);
                break;
            case DictView view:
                text.Append(TypeName(view));
                Items(view.Items, "([", "])", text);
                break;
            case DictValue dict:
                Members(dict, text);
                break;
            case NamespaceValue space:
                text.Append("<Namespace ");
                Members(space.Attributes, text);
                text.Append('>');
                break;
            default:
                text.Append(Atom(value));
                CheckLength(text.Length);
                break;
        }
    }

    private static void Items(IEnumerable<object?> items, string open, string close, StringBuilder text)
    {
        CheckDepth();
        text.Append(open);
        bool isFirst = true;
        foreach (object? item in items)
        {
            text.Append(isFirst ? "" : ", ");
            Repr(item, text);
            isFirst = false;
        }

        text.Append(close);
    }

    private static void Members(DictValue dict, StringBuilder text)
    {
        CheckDepth();
        text.Append('{');
        bool isFirst = true;
        foreach (var member in dict.Members)
        {
            text.Append(isFirst ? "" : ", ");
            Repr(member.Key, text);
            text.Append(": ");
            Repr(member.Value, text);
            isFirst = false;
        }

        text.Append('}');
    }

    private static string Atom(object? value) => value switch
    {
        null => "None",
        bool truth => truth ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => Digits(number),
        double number => FloatText.Repr(number),
        string text => Quote(text),
        MarkupValue markup => $"Markup({Quote(markup.Text)})",
        UndefinedValue => "Undefined",
        RangeValue range => range.Step == 1 ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})",
        MacroValue macro => macro.Name.Length == 0 ? "<Macro anonymous>" : $"<Macro {Quote(macro.Name)}>",
        Loop loop => loop.Describe(),
        MethodValue method => $"<built-in method {method.Name} of {TypeName(method.Self)} object>",
        FunctionValue function => $"<function {function.Name}>",
        _ => $"<{TypeName(value)} object>",
    };

    /// <summary>A text as Python writes it in code.</summary>
    internal static string Quote(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == quote || c == '\\')
                quoted.Append('\\').Append(c);
            else if (c is '\n' or '\r' or '\t')
                quoted.Append('\\').Append(c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
            else if (c is >= ' ' and < '\x7f')
                quoted.Append(c);
            else
            {
                int length = Runes.Length(text, i), point = length == 2 ? char.ConvertToUtf32(c, text[i + 1]) : c;
                quoted.Append(IsPrintable(point) ? text.AsSpan(i, length) : point < 0x100 ? $"\\x{point:x2}" : point < 0x10000 ? $"\\u{point:x4}" : $"\\U{point:x8}");
                i += length - 1;
            }
        }

        return quoted.Append(quote).ToString();
    }

    internal static bool IsPrintable(int point) => point == ' ' || CharUnicodeInfo.GetUnicodeCategory(point) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>Escapes a value's text for HTML, unless it is safe already.</summary>
    internal static MarkupValue Escape(object? value) => value as MarkupValue ?? new MarkupValue(EscapeText(Str(value)));

    internal static string EscapeText(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    /// <summary>What a safe text is formatted with: texts escaped.</summary>
    private static object? EscapeAll(object? value) => value switch
    {
        string text => EscapeText(text),
        TupleValue tuple => new TupleValue([.. tuple.Items.Select(EscapeAll)]),
        _ => value,
    };
}
