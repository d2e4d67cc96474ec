namespace AttnGen.Generation.Schemas;

/// <summary>The formats of strings, as patterns of what .NET's reader and JSON Schema both take.</summary>
internal static class Formats
{
    // 29 February in leap years alone; from year 2 to 9998, so that no offset leads beyond what DateTime can say.
    private const string Year = "(?:000[2-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-8]\\d{3}|9[0-8]\\d\\d|99[0-8]\\d|999[0-8])";
    private const string Fours = "(?:0[48]|[2468][048]|[13579][26])";
    private const string Leap = $"(?:\\d\\d{Fours}|{Fours}00)";
    private const string Date = $"(?:{Year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|{Leap}-02-29)";
    private const string Time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,7})?";
    private const string Label = "[a-z0-9]{1,20}(?:-[a-z0-9]{1,15})?";
    private const string Host = $"{Label}(?:\\.{Label}){{0,4}}\\.[a-z]{{2,10}}";
    private const string Byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string Segment = "(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})";

    /// <summary>Base64 as a byte[] is read from: the bits that nobody reads are 0.</summary>
    public const string Base64 = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

    private static readonly Dictionary<string, string> s_patterns = new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["date-time"] = $"{Date}T{Time}(?:Z|[+-](?:0\\d|1[0-3]):[0-5]\\d)",
        ["time"] = Time,
        ["uuid"] = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        ["email"] = $"[A-Za-z0-9_+-]{{1,32}}(?:\\.[A-Za-z0-9_+-]{{1,32}})?@{Host}",
        ["hostname"] = Host,
        ["ipv4"] = $"{Byte}(?:\\.{Byte}){{3}}",
        ["uri"] = $"https?://{Host}(?::[1-9]\\d{{0,3}})?(?:/{Segment}*)*(?:\\?(?:{Segment}|[&=/])*)?(?:#{Segment}*)?",
    };

    // Patterns that AIJsonUtilities writes for types whose readers want more than they say.
    private static readonly Dictionary<string, string> s_stricter = new(StringComparer.Ordinal)
    {
        ["^-?(\\d+\\.)?\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,7})?$"] = "^-?(?:(?:0|[1-9]\\d{0,6})\\.)?(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,7})?$",
        ["^\\d+(\\.\\d+){1,3}$"] = "^(?:0|[1-9]\\d{0,8})(?:\\.(?:0|[1-9]\\d{0,8})){1,3}$",
    };

    /// <summary>The formats that are known.</summary>
    public static string Names => string.Join(", ", s_patterns.Keys.Order(StringComparer.Ordinal));

    /// <summary>A format's pattern; null: the format is not known.</summary>
    public static string? Find(string format) => s_patterns.TryGetValue(format, out var pattern) ? $"^{pattern}$" : null;

    /// <summary>A pattern, or the part of it that the type's reader takes.</summary>
    public static string Readable(string pattern) => s_stricter.GetValueOrDefault(pattern, pattern);
}
