using System.Globalization;

namespace Tour;

/// <summary>A head by layer and place, both from 0, written "2.0".</summary>
internal readonly record struct HeadName(int Layer, int Head)
{
    /// <summary>Looks from a pronoun to whom it means.</summary>
    public static HeadName Pronouns => new(2, 0);

    /// <summary>Looks from an ambiguous word to the words that decide.</summary>
    public static HeadName Senses => new(1, 0);

    /// <summary>A head that training left alone.</summary>
    public static HeadName Free => new(0, 4);

    public static string Limits => $"0.0 to {Reader.Layers - 1}.{Reader.Heads - 1}";

    public static bool TryParse(string? text, out HeadName head)
    {
        head = default;
        var parts = text?.Split('.') ?? [];
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            || layer >= Reader.Layers
            || place >= Reader.Heads)
        {
            return false;
        }
        head = new HeadName(layer, place);
        return true;
    }

    public override string ToString() => $"{Layer}.{Head}";
}
