using System.Numerics;

namespace AttnGen.Generation.Templates;

public static partial class Python
{
    /// <summary>a == b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool Equal(object? left, object? right)
    {
        if (ReferenceEquals(left, right))
            return left is not double own || !double.IsNaN(own);
        if (IsNumeric(left) || IsNumeric(right))
            return IsNumeric(left) && IsNumeric(right) && CompareNumbers(left, right) == 0;
        switch (left, right)
        {
            case (string or MarkupValue, string or MarkupValue):
                return string.Equals(Str(left), Str(right), StringComparison.Ordinal);
            case (UndefinedValue, UndefinedValue):
                return true;
            case (List<object?> a, List<object?> b):
                return SameItems(a, b);
            case (TupleValue a, TupleValue b):
                return SameItems(a.Items, b.Items);
            case (RangeValue a, RangeValue b):
                return a.Count == b.Count && (a.Count == 0 || a.Start == b.Start && (a.Count == 1 || a.Step == b.Step));
            case (DictValue a, DictValue b):
                CheckDepth();
                return a.Count == b.Count && a.Members.All(member => b.TryGet(member.Key, out var other) && Equal(member.Value, other));
            case (MethodValue a, MethodValue b):
                return a.Name == b.Name && ReferenceEquals(a.Self, b.Self);
            default:
                return false;
        }
    }

    private static bool SameItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right)
    {
        CheckDepth();
        if (left.Count != right.Count)
            return false;
        for (int i = 0; i < left.Count; i++)
        {
            if (!Equal(left[i], right[i]))
                return false;
        }

        return true;
    }

    /// <summary>a != b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool NotEqual(object? left, object? right) => !Equal(left, right);

    /// <summary>a &lt; b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool Less(object? left, object? right) => Compare(left, right, "<") is < 0;

    /// <summary>a &lt;= b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool LessOrEqual(object? left, object? right) => Compare(left, right, "<=") is <= 0;

    /// <summary>a &gt; b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool Greater(object? left, object? right) => Compare(left, right, ">") is > 0;

    /// <summary>a &gt;= b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static bool GreaterOrEqual(object? left, object? right) => Compare(left, right, ">=") is >= 0;

    /// <summary>a in b.</summary>
    /// <param name="item">a.</param>
    /// <param name="items">b.</param>
    public static bool In(object? item, object? items)
    {
        switch (items)
        {
            case string or MarkupValue:
                return item is string or MarkupValue
                    ? Str(items).Contains(Str(item), StringComparison.Ordinal)
                    : throw Error($"'in <string>' requires string as left operand, not {TypeName(item)}");
            case DictValue dict:
                return dict.TryGet(item, out _);
            case DictView { Part: DictPart.Keys } or List<object?> or TupleValue or DictView or RangeValue or GeneratorValue or UndefinedValue:
                return Iterate(items).Any(other => Equal(item, other));
            default:
                throw Error($"argument of type '{TypeName(items)}' is not iterable");
        }
    }

    /// <summary>a not in b.</summary>
    /// <param name="item">a.</param>
    /// <param name="items">b.</param>
    public static bool NotIn(object? item, object? items) => !In(item, items);

    /// <summary>a &lt; b &lt; c: each pair, until one does not hold.</summary>
    /// <param name="first">a.</param>
    /// <param name="others">The comparisons, and what is compared with.</param>
    public static bool Chain(object? first, params (Func<object?, object?, bool> Compare, Func<object?> Value)[] others)
    {
        foreach (var (compare, value) in others)
        {
            object? next = value();
            if (!compare(first, next))
                return false;
            first = next;
        }

        return true;
    }

    /// <summary>Below 0, 0 or above 0; null: a NaN is neither.</summary>
    internal static int? Compare(object? left, object? right, string op)
    {
        Refuse(left, right);
        switch (left, right)
        {
            case (string or MarkupValue, string or MarkupValue):
                return Runes.Compare(Str(left), Str(right));
            case (List<object?> a, List<object?> b):
                return CompareItems(a, b, op);
            case (TupleValue a, TupleValue b):
                return CompareItems(a.Items, b.Items, op);
            default:
                return IsNumeric(left) && IsNumeric(right) ? CompareNumbers(left, right)
                    : throw Error($"'{op}' not supported between instances of '{TypeName(left)}' and '{TypeName(right)}'");
        }
    }

    private static int? CompareItems(IReadOnlyList<object?> left, IReadOnlyList<object?> right, string op)
    {
        CheckDepth();
        for (int i = 0; i < Math.Min(left.Count, right.Count); i++)
        {
            if (!Equal(left[i], right[i]))
                return Compare(left[i], right[i], op);
        }

        return left.Count.CompareTo(right.Count);
    }

    private static bool IsNumeric(object? value) => value is long or double or bool or BigInteger;

    private static int? CompareNumbers(object? left, object? right)
    {
        if (left is double a && right is double b)
            return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
        if (IsInteger(left, out var x) && IsInteger(right, out var y))
            return x.CompareTo(y);
        if (left is double first)
            return -CompareNumbers(right, first);
        double second = (double)right!;
        if (double.IsNaN(second))
            return null;
        if (double.IsInfinity(second))
            return second > 0 ? -1 : 1;
        IsInteger(left, out var whole);
        int order = whole.CompareTo(new BigInteger(Math.Floor(second)));
        return order != 0 ? order : second > Math.Floor(second) ? -1 : 0;
    }

    /// <summary>What equal keys have in common.</summary>
    internal static int Hash(object? value)
    {
        switch (value)
        {
            case null:
                return 0;
            case UndefinedValue:
                return 1;
            case string or MarkupValue:
                return string.GetHashCode(Str(value), StringComparison.Ordinal);
            case double number when !double.IsFinite(number) || number != Math.Floor(number):
                return number.GetHashCode();
            case double number:
                return new BigInteger(number).GetHashCode();
            case TupleValue tuple:
                CheckDepth();
                var hash = new HashCode();
                foreach (object? item in tuple.Items)
                    hash.Add(Hash(item));
                return hash.ToHashCode();
            case List<object?> or DictValue or DictView:
                throw Error($"unhashable type: '{TypeName(value)}'");
            default:
                return IsInteger(value, out var whole) ? whole.GetHashCode() : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value);
        }
    }
}
