using System.Globalization;
using System.Numerics;

namespace AttnGen.Generation.Schemas;

/// <summary>Numbers of a range, as automata. The forms are those that every reader takes: no leading zeros, no exponent where a bound is given, none at all for integers.</summary>
internal static class NumberText
{
    /// <summary>Digits behind the point, at most.</summary>
    public const int Digits = 15;

    /// <summary>What a number without bounds may be: below 10^28, so that decimal and float take it.</summary>
    public const string AnyNumber = "^-?(?:0|[1-9]\\d{0,14})(?:\\.\\d{1,15})?(?:[eE][+-]?(?:\\d|1[0-2]))?$";

    /// <summary>Multiples of 10^−digits between two, which are given as those multiples.</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">The greatest.</param>
    /// <param name="digits">Digits behind the point, at most; 0: integers, without a point.</param>
    /// <param name="what">For messages.</param>
    public static Dfa Between(BigInteger low, BigInteger high, int digits, string what)
    {
        var nfa = new Nfa();
        if (high >= 0)
        {
            Magnitudes(nfa, nfa.Start, BigInteger.Max(low, 0), high, digits);
        }

        if (low < 0)
        {
            Magnitudes(nfa, nfa.Then(nfa.Start, '-'), BigInteger.Max(-high, 1), -low, digits);
        }

        return Dfa.Of(nfa, what);
    }

    private static void Magnitudes(Nfa nfa, int from, BigInteger low, BigInteger high, int digits)
    {
        var (lowest, highest) = (Text(low, digits), Text(high, digits));
        for (var length = lowest.Length - digits; length <= highest.Length - digits; length++)
        {
            var first = length == lowest.Length - digits ? lowest : "1" + new string('0', length + digits - 1);
            var last = length == highest.Length - digits ? highest : new string('9', length + digits);
            new Digitwise(nfa, first, last, length).Write(from, 0, true, true);
        }
    }

    // At least one digit before the point.
    private static string Text(BigInteger value, int digits) => value.ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');

    // Numbers of so many digits before the point, between two texts of equal length.
    private sealed class Digitwise(Nfa nfa, string low, string high, int whole)
    {
        private readonly Dictionary<(int, bool, bool), int> _states = [];

        public void Write(int from, int at, bool isLow, bool isHigh)
        {
            // What is not written is zeros.
            if (at >= whole && (!isLow || low.AsSpan(at).IndexOfAnyExcept('0') < 0))
            {
                nfa.Skip(from, nfa.Final);
            }

            if (at == low.Length)
            {
                return;
            }

            if (at == whole)
            {
                from = nfa.Then(from, '.');
                WriteDigit(from, at, isLow, isHigh);
            }
            else
            {
                WriteDigit(from, at, isLow, isHigh);
            }
        }

        private void WriteDigit(int from, int at, bool isLow, bool isHigh)
        {
            var (first, last) = (isLow ? low[at] : '0', isHigh ? high[at] : '9');
            for (var digit = first; digit <= last; digit++)
            {
                var key = (at + 1, isLow && digit == first, isHigh && digit == last);
                if (!_states.TryGetValue(key, out var next))
                {
                    _states.Add(key, next = nfa.Add());
                    Write(next, key.Item1, key.Item2, key.Item3);
                }

                nfa.Byte(from, digit, next);
            }
        }
    }
}
