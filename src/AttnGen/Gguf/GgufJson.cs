using System.Globalization;
using System.Text;

namespace AttnGen.Gguf;

/// <summary>JSON that is made of a GGUF file's metadata.</summary>
internal static class GgufJson
{
    /// <summary>A string as JSON.</summary>
    public static string Quoted(string text)
    {
        var json = new StringBuilder("\"", text.Length + 2);
        foreach (char c in text)
        {
            if (c is '"' or '\\')
                json.Append('\\').Append(c);
            else if (c is < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029')
                json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                json.Append(c);
        }

        return json.Append('"').ToString();
    }

    /// <summary>An object, a line a member.</summary>
    public static string Object(IEnumerable<(string Key, string Json)> members) =>
        $"{{\n{string.Join(",\n", members.Select(member => $"  {Quoted(member.Key)}: {member.Json}"))}\n}}\n";
}
