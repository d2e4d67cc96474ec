using System.Numerics;

namespace AttnGen.Generation.Templates;

/// <summary>The methods of Python's types.</summary>
internal static class Methods
{
    private static readonly HashSet<string> s_list = ["count", "index", "copy"];
    private static readonly HashSet<string> s_tuple = ["count", "index"];
    private static readonly HashSet<string> s_dict = ["get", "items", "keys", "values", "copy"];
    private static readonly HashSet<string> s_changesList = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> s_changesDict = ["clear", "pop", "popitem", "setdefault", "update"];

    public static bool Has(object? value, string name) => value switch
    {
        string or MarkupValue => StringMethods.Names.Contains(name),
        List<object?> => s_list.Contains(name),
        TupleValue or RangeValue => s_tuple.Contains(name),
        DictValue => s_dict.Contains(name),
        CyclerValue => name is "next" or "reset",
        double => name is "is_integer",
        long or bool or BigInteger => name is "bit_length",
        _ => false,
    };

    /// <summary>Whether jinja2's sandbox for values that must not change forbids it.</summary>
    public static bool IsForbidden(object? value, string name) => value switch
    {
        List<object?> => s_changesList.Contains(name),
        DictValue => s_changesDict.Contains(name),
        _ => false,
    };

    public static object? Call(MethodValue method, Arguments arguments) => method.Self switch
    {
        string text => StringMethods.Call(text, method.Name, arguments),
        MarkupValue markup => StringMethods.CallSafe(markup, method.Name, arguments),
        List<object?> list => OfItems(list, method.Name, arguments),
        TupleValue tuple => OfItems(tuple.Items, method.Name, arguments),
        RangeValue range => OfItems([.. Python.Iterate(range)], method.Name, arguments),
        DictValue dict => OfDict(dict, method.Name, arguments),
        CyclerValue cycler => OfCycler(cycler, method.Name),
        double number => double.IsFinite(number) && number == Math.Floor(number),
        _ => Python.IsInteger(method.Self, out var whole) ? (long)BigInteger.Abs(whole).GetBitLength() : throw new InvalidOperationException(method.Name),
    };

    private static object? OfItems(IReadOnlyList<object?> items, string name, Arguments arguments)
    {
        switch (name)
        {
            case "copy":
                arguments.Bind(name);
                return items;
            case "count":
                object? counted = arguments.Bind(name, "!value")[0];
                return (long)items.Count(item => Python.Equal(item, counted));
            default:
                object?[] given = arguments.Bind(name, "!value", "start", "stop");
                for (int i = 0; i < items.Count; i++)
                {
                    if (Python.Equal(items[i], given[0]) && IsWithin(i, items.Count, given[1], given[2]))
                        return (long)i;
                }

                throw Python.Error($"{Python.Repr(given[0])} is not in list");
        }
    }

    private static bool IsWithin(int index, int count, object? start, object? stop) =>
        index >= Bound(start, 0, count) && index < Bound(stop, count, count);

    private static long Bound(object? value, long otherwise, int count) =>
        value is MissingValue or null ? otherwise : !Python.IsInteger(value, out var at) ? throw Python.Error("slice indices must be integers") : (long)BigInteger.Max(0, BigInteger.Min(count, at.Sign < 0 ? at + count : at));

    private static object? OfDict(DictValue dict, string name, Arguments arguments)
    {
        switch (name)
        {
            case "get":
                object?[] given = arguments.Named.Count > 0 ? throw Python.Error("dict.get() takes no keyword arguments") : arguments.Bind(name, "!key", "default");
                return dict.TryGet(given[0], out object? value) ? value : given[1] is MissingValue ? null : given[1];
            case "copy":
                arguments.Bind(name);
                return dict;
            default:
                arguments.Bind(name);
                return new DictView(dict, name == "keys" ? DictPart.Keys : name == "values" ? DictPart.Values : DictPart.Items);
        }
    }

    private static object? OfCycler(CyclerValue cycler, string name)
    {
        if (name == "next")
            return cycler.Next();
        cycler.Reset();
        return null;
    }
}
