using System.Globalization;
using System.Numerics;

namespace AttnGen.Generation.Templates;

public static partial class Python
{
    // An int of more bits than this takes seconds to print or to multiply.
    private const long MaxBits = 65_536;
    private const int MaxDigits = 4300;

    /// <summary>a + b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Add(object? left, object? right)
    {
        Refuse(left, right);
        if (left is long a && right is long b)
            return Normal((BigInteger)a + b);
        if (IsInteger(left, out var x) && IsInteger(right, out var y))
            return Normal(x + y);
        if (IsNumber(left, out double p) && IsNumber(right, out double q))
            return p + q;
        switch (left, right)
        {
            case (string s, string t):
                CheckLength((long)s.Length + t.Length);
                return s + t;
            case (MarkupValue or string, MarkupValue or string):
                return new MarkupValue(Escape(left).Text + Escape(right).Text);
            case (List<object?> s, List<object?> t):
                CheckCount((long)s.Count + t.Count);
                return new List<object?>([.. s, .. t]);
            case (TupleValue s, TupleValue t):
                CheckCount((long)s.Items.Count + t.Items.Count);
                return new TupleValue([.. s.Items, .. t.Items]);
            case (string, _):
                throw Error($"can only concatenate str (not \"{TypeName(right)}\") to str");
            default:
                throw Unsupported("+", left, right);
        }
    }

    /// <summary>a - b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Subtract(object? left, object? right) =>
        Refuse(left, right) && IsInteger(left, out var x) && IsInteger(right, out var y) ? Normal(x - y)
        : IsNumber(left, out double p) && IsNumber(right, out double q) ? p - q
        : throw Unsupported("-", left, right);

    /// <summary>a * b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Multiply(object? left, object? right)
    {
        Refuse(left, right);
        bool isLeft = IsInteger(left, out var x), isRight = IsInteger(right, out var y);
        if (isLeft && isRight)
        {
            CheckBits(x.GetBitLength() + y.GetBitLength());
            return Normal(x * y);
        }

        if (IsNumber(left, out double p) && IsNumber(right, out double q))
            return p * q;
        return isRight ? Repeat(left, y) ?? throw Unsupported("*", left, right)
            : isLeft ? Repeat(right, x) ?? throw Unsupported("*", left, right)
            : throw Unsupported("*", left, right);
    }

    private static object? Repeat(object? value, BigInteger times)
    {
        long count = times.Sign <= 0 ? 0 : times > int.MaxValue ? int.MaxValue : (long)times;
        switch (value)
        {
            case string text:
                CheckLength(text.Length * count);
                return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : (int)count));
            case MarkupValue markup:
                return new MarkupValue((string)Repeat(markup.Text, times)!);
            case List<object?> list:
                CheckCount(list.Count * count);
                return Enumerable.Repeat(list, list.Count == 0 ? 0 : (int)count).SelectMany(items => items).ToList();
            case TupleValue tuple:
                CheckCount(tuple.Items.Count * count);
                return new TupleValue([.. Enumerable.Repeat(tuple.Items, tuple.Items.Count == 0 ? 0 : (int)count).SelectMany(items => items)]);
            default:
                return null;
        }
    }

    /// <summary>a / b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Divide(object? left, object? right)
    {
        Refuse(left, right);
        if (IsInteger(left, out var x) && IsInteger(right, out var y))
            return y.IsZero ? throw Error("division by zero") : Quotient(x, y);
        if (IsNumber(left, out double p) && IsNumber(right, out double q))
            return q == 0 ? throw Error("float division by zero") : p / q;
        throw Unsupported("/", left, right);
    }

    /// <summary>The double nearest to a quotient of integers.</summary>
    private static double Quotient(BigInteger x, BigInteger y)
    {
        const long Exact = 1L << 53;
        if (BigInteger.Abs(x) <= Exact && BigInteger.Abs(y) <= Exact)
            return (double)x / (double)y;

        // 66 bits or more, of which the last is set where anything is left over: the rounding to 53 then is right.
        int shift = (int)Math.Max(0, 66 - (x.GetBitLength() - y.GetBitLength()));
        var quotient = BigInteger.DivRem(BigInteger.Abs(x) << shift, BigInteger.Abs(y), out var rest);
        if (!rest.IsZero)
            quotient |= BigInteger.One;
        int excess = (int)Math.Max(0, quotient.GetBitLength() - 66);
        bool isSticky = !(quotient & ((BigInteger.One << excess) - 1)).IsZero;
        quotient >>= excess;
        if (isSticky)
            quotient |= BigInteger.One;
        double value = Math.ScaleB(ToDouble(quotient), excess - shift);
        return double.IsInfinity(value) ? throw Error("integer division result too large for a float") : x.Sign * y.Sign < 0 ? -value : value;
    }

    /// <summary>The nearest double, halves to even: .NET cuts.</summary>
    internal static double ToDouble(BigInteger value)
    {
        var magnitude = BigInteger.Abs(value);
        int excess = (int)Math.Max(0, magnitude.GetBitLength() - 53);
        if (excess == 0)
            return (double)value;
        var kept = magnitude >> excess;
        var rest = magnitude - (kept << excess);
        var half = BigInteger.One << (excess - 1);
        if (rest > half || rest == half && !kept.IsEven)
            kept += 1;
        double result = Math.ScaleB((double)kept, excess);
        return value.Sign < 0 ? -result : result;
    }

    /// <summary>a // b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? FloorDivide(object? left, object? right)
    {
        Refuse(left, right);
        if (IsInteger(left, out var x) && IsInteger(right, out var y))
        {
            if (y.IsZero)
                throw Error("integer division or modulo by zero");
            var quotient = BigInteger.DivRem(x, y, out var rest);
            return Normal(!rest.IsZero && rest.Sign != y.Sign ? quotient - 1 : quotient);
        }

        if (!IsNumber(left, out double p) || !IsNumber(right, out double q))
            throw Unsupported("//", left, right);
        if (q == 0)
            throw Error("float floor division by zero");
        double modulo = FloatModulo(p, q), divided = (p - modulo) / q;
        if (divided == 0)
            return Math.CopySign(0.0, p / q);
        double floor = Math.Floor(divided);
        return divided - floor > 0.5 ? floor + 1 : floor;
    }

    /// <summary>a % b: of numbers with the sign of b; a text's format.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Modulo(object? left, object? right)
    {
        if (left is string format)
            return PercentFormat.Apply(format, right);
        if (left is MarkupValue markup)
            return new MarkupValue(PercentFormat.Apply(markup.Text, EscapeAll(right)));
        Refuse(left, right);
        if (IsInteger(left, out var x) && IsInteger(right, out var y))
        {
            if (y.IsZero)
                throw Error("integer division or modulo by zero");
            var rest = BigInteger.Remainder(x, y);
            return Normal(!rest.IsZero && rest.Sign != y.Sign ? rest + y : rest);
        }

        if (!IsNumber(left, out double p) || !IsNumber(right, out double q))
            throw Unsupported("%", left, right);
        return q == 0 ? throw Error("float modulo") : FloatModulo(p, q);
    }

    private static double FloatModulo(double x, double y)
    {
        double rest = x % y;
        return rest == 0 ? Math.CopySign(0.0, y) : rest < 0 != y < 0 ? rest + y : rest;
    }

    /// <summary>a ** b.</summary>
    /// <param name="left">a.</param>
    /// <param name="right">b.</param>
    public static object? Power(object? left, object? right)
    {
        Refuse(left, right);
        if (IsInteger(left, out var x) && IsInteger(right, out var y) && y.Sign >= 0)
        {
            if (BigInteger.Abs(x) > 1)
                CheckBits(y > MaxBits ? long.MaxValue : x.GetBitLength() * (long)y);
            return Normal(BigInteger.Abs(x) <= 1 ? (x.IsZero && !y.IsZero ? 0 : x == -1 && !y.IsEven ? -1 : 1) : BigInteger.Pow(x, (int)y));
        }

        if (!IsNumber(left, out double p) || !IsNumber(right, out double q))
            throw Unsupported("**", left, right);
        if (p == 0 && q < 0)
            throw Error("0.0 cannot be raised to a negative power");
        if (p < 0 && q != Math.Floor(q) && double.IsFinite(p) && double.IsFinite(q))
            throw Error("The power is a complex number, which is not supported.");
        double value = Math.Pow(p, q);
        return double.IsInfinity(value) && double.IsFinite(p) && double.IsFinite(q) ? throw Error("(34, 'Numerical result out of range')") : value;
    }

    /// <summary>-a.</summary>
    /// <param name="value">a.</param>
    public static object? Negate(object? value) =>
        Refuse(value, null) && IsInteger(value, out var x) ? Normal(-x) : value is double number ? -number : throw Error($"bad operand type for unary -: '{TypeName(value)}'");

    /// <summary>+a.</summary>
    /// <param name="value">a.</param>
    public static object? Positive(object? value) =>
        Refuse(value, null) && IsInteger(value, out var x) ? Normal(x) : value is double ? value : throw Error($"bad operand type for unary +: '{TypeName(value)}'");

    /// <summary>Whether a value is an int, which a bool is, too.</summary>
    internal static bool IsInteger(object? value, out BigInteger number)
    {
        number = value switch { long some => some, bool truth => truth ? 1 : 0, BigInteger big => big, _ => default };
        return value is long or bool or BigInteger;
    }

    /// <summary>Whether a value is a number; an int beyond a float fails, as in Python.</summary>
    internal static bool IsNumber(object? value, out double number)
    {
        number = value switch { double some => some, long some => some, bool truth => truth ? 1 : 0, BigInteger big => ToDouble(big), _ => 0 };
        return value is BigInteger && double.IsInfinity(number) ? throw Error("int too large to convert to float") : value is double or long or bool or BigInteger;
    }

    /// <summary>An int in the form that values have.</summary>
    internal static object Normal(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (long)value : value;

    /// <summary>An int's digits. Python refuses more than 4300.</summary>
    internal static string Digits(BigInteger value) =>
        value.GetBitLength() > 14_400 || value.ToString(CultureInfo.InvariantCulture) is not { Length: <= MaxDigits + 1 } digits
            ? throw Error($"Exceeds the limit ({MaxDigits} digits) for integer string conversion")
            : digits;

    private static void CheckBits(long bits)
    {
        if (bits > MaxBits)
            throw Error($"The template makes an integer of more than {MaxBits} bits, which is the limit.");
    }

    /// <summary>What is undefined takes part in no arithmetic.</summary>
    private static bool Refuse(object? left, object? right) =>
        left is UndefinedValue first ? throw first.Error() : right is UndefinedValue second ? throw second.Error() : true;

    private static ChatTemplateException Unsupported(string op, object? left, object? right) =>
        Error($"unsupported operand type(s) for {op}: '{TypeName(left)}' and '{TypeName(right)}'");
}
