using System.ComponentModel;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace AttnGen.Generation.Templates;

/// <summary>What generated chat templates do with values: what Python 3.11 and jinja2 3.1.6 do.</summary>
/// <remarks>Called by generated code; nothing that a program uses.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class Python
{
    /// <summary>The longest text, in UTF-16 units: no template needs more, and one that grows beyond is stopped before it takes the memory.</summary>
    internal const long MaxLength = 64 * 1024 * 1024;

    /// <summary>The longest list that a template may make.</summary>
    internal const int MaxItems = 4 * 1024 * 1024;

    /// <summary>None.</summary>
    public static object? None => null;

    /// <summary>A name that nothing was set for.</summary>
    /// <param name="name">The name.</param>
    public static object? Unset(string name) => new UndefinedValue($"'{name}' is undefined");

    /// <summary>Something that is not there.</summary>
    /// <param name="message">What is said when it is used.</param>
    public static object? Undefined(string message) => new UndefinedValue(message);

    /// <summary>Whether a parameter was not given.</summary>
    /// <param name="value">Its value.</param>
    public static bool IsMissing(object? value) => value is MissingValue;

    /// <summary>value is defined.</summary>
    /// <param name="value">The value.</param>
    public static bool IsDefined(object? value) => value is not UndefinedValue;

    /// <summary>An integer too large for 64 bits.</summary>
    /// <param name="digits">Its digits.</param>
    public static object? Integer(string digits) => BigInteger.Parse(digits, CultureInfo.InvariantCulture);

    /// <summary>[a, b].</summary>
    /// <param name="items">The items.</param>
    public static object? List(params object?[] items) => new List<object?>(items);

    /// <summary>(a, b).</summary>
    /// <param name="items">The items.</param>
    public static object? Tuple(params object?[] items) => new TupleValue(items);

    /// <summary>{a: b}.</summary>
    /// <param name="keysAndValues">Keys and values by turns.</param>
    public static object? Dict(params object?[] keysAndValues)
    {
        var dict = new DictValue();
        for (int i = 0; i < keysAndValues.Length; i += 2)
            dict.Set(keysAndValues[i], keysAndValues[i + 1]);
        return dict;
    }

    /// <summary>The value of a namespace, for its attributes to be set.</summary>
    /// <param name="value">The value.</param>
    public static NamespaceValue Namespace(object? value) => value as NamespaceValue ?? throw Error("cannot assign attribute on non-namespace object");

    /// <summary>The items of a value for as many targets.</summary>
    /// <param name="value">The value.</param>
    /// <param name="count">How many there must be.</param>
    public static object?[] Unpack(object? value, int count)
    {
        if (value is not (UndefinedValue or null) && !CanIterate(value))
            throw Error($"cannot unpack non-iterable {TypeName(value)} object");
        object?[] items = [.. Iterate(value).Take(count + 1)];
        return items.Length == count ? items
            : throw Error(items.Length < count ? $"not enough values to unpack (expected {count}, got {items.Length})" : $"too many values to unpack (expected {count})");
    }

    /// <summary>Whether a value counts as true.</summary>
    /// <param name="value">The value.</param>
    public static bool Is(object? value) => value switch
    {
        null or UndefinedValue => false,
        bool truth => truth,
        long number => number != 0,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        _ => !TryLength(value, out int length) || length > 0,
    };

    /// <summary>a and b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b, evaluated if a is true.</param>
    public static object? And(object? left, Func<object?> right) => Is(left) ? right() : left;

    /// <summary>a or b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b, evaluated if a is false.</param>
    public static object? Or(object? left, Func<object?> right) => Is(left) ? left : right();

    internal static ChatTemplateException Error(string message) => new(message);

    internal static void CheckLength(long length)
    {
        if (length > MaxLength)
            throw Error($"The template makes a text of more than {MaxLength} characters, which is the limit.");
    }

    internal static void CheckCount(long count)
    {
        if (count > MaxItems)
            throw Error($"The template makes a list of more than {MaxItems} items, which is the limit.");
    }

    /// <summary>Fails, where the stack allows, before what is nested without end takes the program along.</summary>
    internal static void CheckDepth()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Error("The template nests values, macros or loops deeper than the stack allows.");
    }

    /// <summary>len(value); false: it has none.</summary>
    internal static bool TryLength(object? value, out int length)
    {
        length = value switch
        {
            string text => Runes.Count(text),
            MarkupValue markup => Runes.Count(markup.Text),
            List<object?> list => list.Count,
            TupleValue tuple => tuple.Items.Count,
            DictValue dict => dict.Count,
            DictView view => view.Count,
            RangeValue range => (int)range.Count,
            UndefinedValue => 0,
            Loop loop => (int)loop.Length,
            _ => -1,
        };
        return length >= 0;
    }

    internal static bool CanIterate(object? value) =>
        value is string or MarkupValue or List<object?> or TupleValue or DictValue or DictView or RangeValue or UndefinedValue or GeneratorValue;

    /// <summary>The items of what can be iterated.</summary>
    internal static IEnumerable<object?> Iterate(object? value) => value switch
    {
        string text => Runes.Split(text),
        MarkupValue markup => Runes.Split(markup.Text),
        List<object?> list => list,
        TupleValue tuple => tuple.Items,
        DictValue dict => dict.Members.Select(member => member.Key),
        DictView view => view.Items,
        RangeValue range => Range(range),
        UndefinedValue => [],
        GeneratorValue generator => generator.Rest(),
        _ => throw Error($"'{TypeName(value)}' object is not iterable"),
    };

    private static IEnumerable<object?> Range(RangeValue range)
    {
        for (long i = 0; i < range.Count; i++)
            yield return range[i];
    }

    /// <summary>A value's type as Python's messages name it.</summary>
    internal static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        MarkupValue => "Markup",
        List<object?> => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        DictView view => "dict_" + view.Part.ToString().ToLowerInvariant(),
        RangeValue => "range",
        GeneratorValue => "generator",
        UndefinedValue => "Undefined",
        NamespaceValue => "Namespace",
        Loop => "LoopContext",
        MacroValue => "Macro",
        CyclerValue => "Cycler",
        JoinerValue => "Joiner",
        MethodValue => "builtin_function_or_method",
        _ => "function",
    };
}
