using System.Globalization;

namespace AttnGen.Tokenizers;

/// <summary>A class of a regular expression: ranges, general categories, white space, parts of words.</summary>
internal sealed class CodePointSet
{
    private const int AllCategories = (1 << 30) - 1;

    // One for each UnicodeCategory, in its order.
    private static readonly string[] s_names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private readonly List<(int Low, int High)> _ranges = [];
    private readonly bool[] _ascii = new bool[128];
    private int _categories;
    private bool _space;
    private bool _notSpace;
    private bool _word;
    private bool _notWord;

    public bool Negated { get; set; }

    public void Add(int low, int high) => _ranges.Add((low, high));

    public void AddSpace(bool not)
    {
        _space |= !not;
        _notSpace |= not;
    }

    public void AddWord(bool not)
    {
        _word |= !not;
        _notWord |= not;
    }

    /// <summary>A general category (Lu) or all that begin with a letter (L); false: there is no such one.</summary>
    public bool AddCategories(string name, bool not)
    {
        var bits = 0;
        for (var i = 0; i < s_names.Length; i++)
        {
            bits |= name.Length is 1 or 2 && s_names[i].StartsWith(name, StringComparison.Ordinal) ? 1 << i : 0;
        }

        _categories |= not ? AllCategories & ~bits : bits;
        return bits != 0;
    }

    /// <summary>To be called when all is added.</summary>
    /// <exception cref="FormatException">Letters beyond ASCII, or categories, where upper and lower case are to be the same.</exception>
    public void Complete(bool ignoreCase)
    {
        if (ignoreCase)
        {
            foreach (var (low, high) in _ranges.ToArray())
            {
                if (high >= 0x80)
                {
                    throw new FormatException("(?i) with characters beyond ASCII");
                }

                for (var one = low; one <= high; one++)
                {
                    if (char.IsAsciiLetter((char)one))
                    {
                        Add(one ^ 0x20, one ^ 0x20);

                        // Long s and the Kelvin sign are s and k in another case.
                        var far = (one | 0x20) switch { 's' => 0x17F, 'k' => 0x212A, _ => one };
                        Add(far, far);
                    }
                }
            }

            if (_categories != 0)
            {
                throw new FormatException("(?i) with a category");
            }
        }

        for (var i = 0; i < _ascii.Length; i++)
        {
            _ascii[i] = Look(i);
        }
    }

    public bool Contains(int codePoint) => (uint)codePoint < (uint)_ascii.Length ? _ascii[codePoint] : Look(codePoint);

    // \w of the expressions: joiners do not belong to it, raised digits and fractions of Latin-1 do.
    private static bool IsWord(int codePoint) => codePoint is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE
        || (Characters.IsWord(codePoint) && codePoint is not (0x200C or 0x200D));

    private bool Look(int codePoint)
    {
        var found = (_categories != 0 && (_categories >> (int)CharUnicodeInfo.GetUnicodeCategory(codePoint) & 1) != 0)
            || (_space && Characters.IsWhiteSpace(codePoint)) || (_notSpace && !Characters.IsWhiteSpace(codePoint))
            || (_word && IsWord(codePoint)) || (_notWord && !IsWord(codePoint));
        if (!found)
        {
            foreach (var (low, high) in _ranges)
            {
                if (codePoint >= low && codePoint <= high)
                {
                    found = true;
                    break;
                }
            }
        }

        return found != Negated;
    }
}
