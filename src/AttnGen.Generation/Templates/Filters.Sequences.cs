using System.Numerics;

namespace AttnGen.Generation.Templates;

internal static partial class Filters
{
    /// <summary>How items are compared: as they are, or texts without regard to case.</summary>
    private static object? WithoutCase(object? value) => value is string or MarkupValue ? Casing.Lower(Python.Str(value)) : value;

    private static Func<object?, object?> Key(object? attribute, object? isSensitive, object? otherwise = null)
    {
        var getter = Or(attribute, null) is { } name ? Attributes.Getter(name, otherwise) : item => item;
        return Flag(isSensitive) ? getter : item => WithoutCase(getter(item));
    }

    public static object? Sort(object? value, object?[] given)
    {
        bool isSensitive = Flag(given[1]);
        var getters = Or(given[2], null) switch
        {
            null => [item => item],
            string names => names.Split(',').Select(name => Attributes.Getter(name)).ToArray(),
            var other => [Attributes.Getter(other)],
        };
        return Sorting.Sort(Python.Iterate(value), item => new List<object?>(getters.Select(getter => isSensitive ? getter(item) : WithoutCase(getter(item)))), Flag(given[0]));
    }

    public static object? DictSort(object? value, object?[] given)
    {
        if (value is not DictValue dict)
            throw value is UndefinedValue undefined ? undefined.Error() : Python.Error($"'{Python.TypeName(value)}' object has no attribute 'items'");
        int place = Or(given[1], "key") switch { "key" => 0, "value" => 1, _ => throw Python.Error("You can only sort by either \"key\" or \"value\"") };
        bool isSensitive = Flag(given[0]);
        return Sorting.Sort(new DictView(dict, DictPart.Items).Items, item => ((TupleValue)item!).Items[place] is var by && isSensitive ? by : WithoutCase(by), Flag(given[2]));
    }

    public static IEnumerable<object?> Unique(object? value, object?[] given)
    {
        var key = Key(given[1], given[0]);
        var seen = new DictValue();
        foreach (object? item in Python.Iterate(value))
        {
            object? by = key(item);
            if (seen.TryGet(by, out _))
                continue;
            seen.Set(by, null);
            yield return item;
        }
    }

    public static object? Extreme(object? value, object?[] given, bool isLargest)
    {
        var key = Key(given[1], given[0]);
        object? best = null, bestKey = null;
        bool isAny = false;
        foreach (object? item in Python.Iterate(value))
        {
            object? by = key(item);
            if (!isAny || (isLargest ? Python.Greater(by, bestKey) : Python.Less(by, bestKey)))
                (best, bestKey) = (item, by);
            isAny = true;
        }

        return isAny ? best : new UndefinedValue("No aggregated item, sequence was empty.");
    }

    public static object? GroupBy(object? value, object?[] given)
    {
        object? otherwise = Or(given[1], null);
        var key = Key(given[0], given[2], otherwise);
        var exact = Attributes.Getter(given[0], otherwise);
        List<object?> groups = [];
        List<object?>? current = null;
        object? currentKey = null;
        foreach (object? item in Sorting.Sort(Python.Iterate(value), key, isReversed: false))
        {
            object? by = key(item);
            if (current is null || !Python.Equal(by, currentKey))
            {
                current = [];
                groups.Add(new GroupValue(Flag(given[2]) ? by : exact(item), current));
                currentKey = by;
            }

            current.Add(item);
        }

        return groups;
    }

    public static object? Sum(object? value, object?[] given)
    {
        var key = Or(given[0], null) is { } attribute ? Attributes.Getter(attribute) : item => item;
        object? sum = Or(given[1], 0L);
        if (sum is string or MarkupValue)
            throw Python.Error("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (object? item in Python.Iterate(value))
            sum = Python.Add(sum, key(item));
        return sum;
    }

    public static IEnumerable<object?> Batch(object? value, object? size, object? fill)
    {
        List<object?> batch = [];
        foreach (object? item in Python.Iterate(value))
        {
            if (Python.Equal((long)batch.Count, size))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(item);
        }

        if (batch.Count == 0)
            yield break;
        if (fill is not null)
        {
            Python.CheckCount(Int(size));
            batch.AddRange(Enumerable.Repeat(fill, Math.Max(0, Int(size) - batch.Count)));
        }

        yield return batch;
    }

    public static IEnumerable<object?> Slice(object? value, object? slices, object? fill)
    {
        List<object?> items = [.. Python.Iterate(value)];
        int count = Int(slices);
        if (count == 0)
            throw Python.Error("integer division or modulo by zero");
        int each = items.Count / count, extra = items.Count % count, offset = 0;
        for (int i = 0; i < count; i++)
        {
            int start = offset + i * each;
            if (i < extra)
                offset++;
            int end = offset + (i + 1) * each;
            var slice = items.GetRange(start, end - start);
            if (fill is not null && i >= extra)
                slice.Add(fill);
            yield return slice;
        }
    }

    public static object? Round(object? value, object?[] given)
    {
        object? precision = Or(given[0], 0L), method = Or(given[1], "common");
        if (method is not ("common" or "ceil" or "floor"))
            throw Python.Error("method must be common, ceil or floor");
        if (!Python.IsInteger(precision, out var decimals))
            throw Python.Error($"'{Python.TypeName(precision)}' object cannot be interpreted as an integer");
        if (method is "common")
        {
            if (value is double number)
                return FloatText.Round(number, (long)BigInteger.Max(-1000, BigInteger.Min(1000, decimals)));
            return Python.IsInteger(value, out var whole) ? Python.Normal(decimals.Sign >= 0 ? whole : RoundWhole(whole, (int)BigInteger.Min(5000, -decimals)))
                : throw Python.Error($"type {Python.TypeName(value)} doesn't define __round__ method");
        }

        object? scale = Python.Power(10L, precision), scaled = Python.Multiply(value, scale);
        if (scaled is double real)
        {
            if (!double.IsFinite(real))
                throw Python.Error("cannot convert float infinity or NaN to integer");
            scaled = Python.Normal(new BigInteger(method is "ceil" ? Math.Ceiling(real) : Math.Floor(real)));
        }

        return Python.Divide(scaled, scale);
    }

    private static BigInteger RoundWhole(BigInteger value, int zeros)
    {
        var unit = BigInteger.Pow(10, zeros);
        var floor = (BigInteger)(Python.IsInteger(Python.FloorDivide(Python.Normal(value), Python.Normal(unit)), out var divided) ? divided : 0);
        int order = ((value - floor * unit) * 2).CompareTo(unit);
        return (order > 0 || order == 0 && !floor.IsEven ? floor + 1 : floor) * unit;
    }
}
