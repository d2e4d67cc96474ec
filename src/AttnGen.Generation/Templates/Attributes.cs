using System.Globalization;

namespace AttnGen.Generation.Templates;

/// <summary>Attributes that filters are given by name: "function.name", "0".</summary>
internal static class Attributes
{
    /// <summary>Reads an attribute of an item; one that is not there is <paramref name="otherwise"/>, if that is not None.</summary>
    public static Func<object?, object?> Getter(object? attribute, object? otherwise = null)
    {
        object?[] parts = attribute switch
        {
            string path => [.. path.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, CultureInfo.InvariantCulture, out long index) ? (object?)index : part)],
            MarkupValue markup => [markup.Text],
            null => [],
            _ => [attribute],
        };
        return item =>
        {
            foreach (object? part in parts)
            {
                item = Python.Item(item, part);
                if (otherwise is not null && item is UndefinedValue)
                    item = otherwise;
            }

            return item;
        };
    }
}
