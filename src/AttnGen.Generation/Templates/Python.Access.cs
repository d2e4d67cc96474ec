using System.Numerics;

namespace AttnGen.Generation.Templates;

public static partial class Python
{
    /// <summary>value.name: a member of the type before an item of that key.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The name.</param>
    public static object? Attribute(object? value, string name) =>
        TryMember(value, name, out object? member) ? member
        : TryItem(value, name, out object? item) ? item
        : NoMember(value, name);

    /// <summary>value[key]: an item before a member of the type.</summary>
    /// <param name="value">The value.</param>
    /// <param name="key">The key.</param>
    public static object? Item(object? value, object? key) =>
        TryItem(value, key, out object? item) ? item
        : key is string name && TryMember(value, name, out object? member) ? member
        : NoMember(value, key);

    /// <summary>value[start:stop:step].</summary>
    /// <param name="value">The value.</param>
    /// <param name="start">The first index, or None.</param>
    /// <param name="stop">The index after the last, or None.</param>
    /// <param name="step">The distance, or None.</param>
    public static object? Slice(object? value, object? start, object? stop, object? step)
    {
        if (value is UndefinedValue undefined)
            throw undefined.Error();
        if (value is not (string or MarkupValue or List<object?> or TupleValue or RangeValue))
            throw Error($"'{TypeName(value)}' object is not subscriptable");
        TryLength(value, out int length);
        var (from, to, by) = Bounds(length, Index(start), Index(stop), Index(step));
        switch (value)
        {
            case string text when by == 1:
                return Runes.Slice(text, from, to);
            case string text:
                return Runes.Pick(text, Indices(from, to, by));
            case MarkupValue markup:
                return new MarkupValue(Runes.Pick(markup.Text, Indices(from, to, by)));
            case TupleValue tuple:
                return new TupleValue([.. Indices(from, to, by).Select(i => tuple.Items[i])]);
            case RangeValue range:
                return new RangeValue(range.Start + from * range.Step, range.Start + to * range.Step, range.Step * by);
            default:
                return Indices(from, to, by).Select(i => ((List<object?>)value)[i]).ToList();
        }
    }

    private static BigInteger? Index(object? value) =>
        value is null ? null : IsInteger(value, out var index) ? index : throw Error("slice indices must be integers or None or have an __index__ method");

    private static (int Start, int Stop, int Step) Bounds(int length, BigInteger? start, BigInteger? stop, BigInteger? step)
    {
        var by = step ?? 1;
        if (by.IsZero)
            throw Error("slice step cannot be zero");
        bool isBack = by.Sign < 0;
        int lowest = isBack ? -1 : 0, highest = isBack ? length - 1 : length;
        return (At(start, isBack ? highest : lowest), At(stop, isBack ? lowest : highest), (int)BigInteger.Max(-int.MaxValue, BigInteger.Min(int.MaxValue, by)));

        int At(BigInteger? index, int otherwise)
        {
            if (index is not { } at)
                return otherwise;
            at += at.Sign < 0 ? length : 0;
            return (int)BigInteger.Max(lowest, BigInteger.Min(highest, at));
        }
    }

    private static IEnumerable<int> Indices(int from, int to, int by)
    {
        for (long i = from; by > 0 ? i < to : i > to; i += by)
            yield return (int)i;
    }

    private static UndefinedValue NoMember(object? value, object? key) => new(
        key is string name ? $"'{TypeWords(value)}' has no attribute {Quote(name)}" : $"{TypeWords(value)} has no element {Repr(key)}");

    private static string TypeWords(object? value) => value is null ? "None" : TypeName(value) + " object";

    /// <summary>An item by its key; false: there is none, or the value has no items.</summary>
    private static bool TryItem(object? value, object? key, out object? item)
    {
        item = null;
        switch (value)
        {
            case UndefinedValue undefined:
                throw undefined.Error();
            case DictValue dict:
                return key is not (List<object?> or DictValue) && dict.TryGet(key, out item);
            case string or MarkupValue or List<object?> or TupleValue or RangeValue when IsInteger(key, out var index):
                TryLength(value, out int length);
                index += index.Sign < 0 ? length : 0;
                if (index.Sign < 0 || index >= length)
                    return false;
                int at = (int)index;
                item = value switch
                {
                    string text => Runes.Slice(text, at, at + 1),
                    MarkupValue markup => new MarkupValue(Runes.Slice(markup.Text, at, at + 1)),
                    List<object?> list => list[at],
                    TupleValue tuple => tuple.Items[at],
                    RangeValue range => range[at],
                    _ => null,
                };
                return true;
            default:
                return false;
        }
    }

    /// <summary>A member of a value's type. What begins with an underscore is out of bounds, and so is what would change a list or a dict.</summary>
    private static bool TryMember(object? value, string name, out object? member)
    {
        member = null;
        switch (value)
        {
            case UndefinedValue undefined:
                throw undefined.Error();
            case NamespaceValue space when space.Attributes.TryGet(name, out member):
                return true;
            case Loop loop when loop.TryAttribute(name, out member):
                return true;
            case MacroValue macro when name is "name" or "arguments" or "caller" or "catch_kwargs" or "catch_varargs":
                member = name switch
                {
                    "name" => macro.Name.Length == 0 ? null : macro.Name,
                    "arguments" => new TupleValue(macro.Parameters),
                    "caller" => macro.TakesCaller,
                    "catch_kwargs" => macro.TakesKwargs,
                    _ => macro.TakesVarargs,
                };
                return true;
            case GroupValue group when name is "grouper" or "list":
                member = group.Items[name == "list" ? 1 : 0];
                return true;
            case RangeValue range when name is "start" or "stop" or "step":
                member = name == "start" ? range.Start : name == "stop" ? range.Stop : range.Step;
                return true;
            case CyclerValue cycler when name == "current":
                member = cycler.Current;
                return true;
            case long or bool or BigInteger or double when name is "real" or "imag" or "numerator" or "denominator":
                member = name switch { "imag" => value is double ? 0.0 : 0L, "denominator" => 1L, _ => value is bool truth ? (truth ? 1L : 0L) : value };
                return name is "real" or "imag" || value is not double;
        }

        if (Methods.IsForbidden(value, name))
            member = new UndefinedValue($"access to attribute '{name}' of '{TypeName(value)}' object is unsafe.");
        else if (Methods.Has(value, name))
            member = new MethodValue(value, name);
        else
            return false;
        return true;
    }
}
