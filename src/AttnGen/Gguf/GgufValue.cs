using System.Globalization;
using AttnGen.Generator.Json;

namespace AttnGen.Gguf;

/// <summary>The kinds of a metadata value, by the format's numbers.</summary>
internal enum GgufKind : uint
{
    UInt8 = 0,
    Int8 = 1,
    UInt16 = 2,
    Int16 = 3,
    UInt32 = 4,
    Int32 = 5,
    Float32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    UInt64 = 10,
    Int64 = 11,
    Float64 = 12,
}

/// <summary>A value of a GGUF file's metadata. Long arrays are not kept, but where they are in the file.</summary>
internal sealed class GgufValue
{
    public GgufKind Kind { get; private set; }

    /// <summary>Of a string its text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Of a number its value; of true 1.</summary>
    public double Number { get; private set; }

    /// <summary>Of an integer its value, as far as 64 bits go.</summary>
    public long Integer { get; private set; }

    /// <summary>Of an array the kind of its items.</summary>
    public GgufKind ItemKind { get; private set; }

    /// <summary>Of an array the number of its items.</summary>
    public long Count { get; private set; }

    /// <summary>Of an array the byte of the file at which its first item begins.</summary>
    public long Position { get; private set; }

    /// <summary>Of a short array of numbers its items; else null.</summary>
    public double[]? Numbers { get; private set; }

    public bool IsInteger => Kind is not (GgufKind.Float32 or GgufKind.Float64 or GgufKind.Bool or GgufKind.String or GgufKind.Array);

    public bool IsReal => Kind is GgufKind.Float32 or GgufKind.Float64;

    /// <summary>A number as the file has it: of float32 with no more digits than it takes to tell it from its neighbours.</summary>
    public string NumberText => Kind == GgufKind.Float32 ? Shortest((float)Number) : IsInteger ? Integer.ToString(CultureInfo.InvariantCulture) : Number.ToString("R", CultureInfo.InvariantCulture);

    public static GgufValue OfText(string text) => new() { Kind = GgufKind.String, Text = text };

    public static GgufValue OfNumber(GgufKind kind, double number, long integer) => new() { Kind = kind, Number = number, Integer = integer };

    public static GgufValue OfArray(GgufKind items, long count, long position, double[]? numbers) =>
        new() { Kind = GgufKind.Array, ItemKind = items, Count = count, Position = position, Numbers = numbers };

    /// <summary>The value as a message shows it.</summary>
    public string Show() => Kind switch
    {
        GgufKind.String => ForeignText.Quote(Text),
        GgufKind.Bool => Number != 0 ? "true" : "false",
        GgufKind.Array => $"an array of {Count.ToString(CultureInfo.InvariantCulture)} {NameOf(ItemKind)}",
        _ => NumberText,
    };

    /// <summary>The fewest digits that a float32 can be read again from.</summary>
    public static string Shortest(float number)
    {
        for (int digits = 6; digits < 9; digits++)
        {
            string text = number.ToString("G" + digits, CultureInfo.InvariantCulture);
            if (float.Parse(text, CultureInfo.InvariantCulture) == number)
                return text;
        }

        return number.ToString("G9", CultureInfo.InvariantCulture);
    }

    /// <summary>A kind in words.</summary>
    public static string NameOf(GgufKind kind) => kind switch
    {
        GgufKind.String => "strings",
        GgufKind.Bool => "flags",
        GgufKind.Array => "arrays",
        GgufKind.Float32 or GgufKind.Float64 => "numbers",
        _ => "integers",
    };
}
