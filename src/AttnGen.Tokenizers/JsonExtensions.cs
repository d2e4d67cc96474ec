using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using AttnGen.Generator.Json;

namespace AttnGen.Tokenizers;

/// <summary>Reading of configuration files that may lack anything.</summary>
internal static class JsonExtensions
{
    private static readonly char[] s_lineBreaks = ['\r', '\n'];

    /// <summary>A member that is there and not null.</summary>
    public static bool TryMember(this JsonElement element, string name, out JsonElement member)
    {
        member = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out member) && member.ValueKind != JsonValueKind.Null;
    }

    /// <summary>A string member.</summary>
    public static bool TryString(this JsonElement element, string name, [NotNullWhen(true)] out string? value)
    {
        value = element.TryMember(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        return value is not null;
    }

    /// <summary>A string member, or null.</summary>
    public static string? String(this JsonElement element, string name) => element.TryString(name, out var value) ? value : null;

    /// <summary>A true or false member, or null.</summary>
    public static bool? Flag(this JsonElement element, string name) =>
        element.TryMember(name, out var member) && member.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.GetBoolean() : null;

    /// <summary>A number that is a 32-bit integer, or null.</summary>
    public static int? Integer(this JsonElement element, string name) =>
        element.TryMember(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt32(out var value) ? value : null;

    /// <summary>What a message shows of an element: its text, or its type if that is long; on one line.</summary>
    public static string Describe(this JsonElement element)
    {
        // As it is written, but on one line: strings have no line breaks in them.
        var text = string.Join(' ', element.GetRawText().Split(s_lineBreaks, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        return element.String("type") is { } type && text.Length > 80 ? ForeignText.Quote(type) : ForeignText.Short(text, 200);
    }
}
