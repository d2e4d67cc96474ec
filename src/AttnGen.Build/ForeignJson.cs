using System.Text;
using AttnGen.Generator.Json;

namespace AttnGen.Build;

/// <summary>JSON of a file that anybody may have written.</summary>
internal static class ForeignJson
{
    /// <summary>Several times what the largest models have. Each value costs memory: without a limit, 100 MB of "[1,1,1…" would cost gigabytes.</summary>
    private const int MaxValues = 4_000_000;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a whole text.</summary>
    /// <param name="bytes">UTF-8; a byte order mark may stand before it where the format does not forbid it.</param>
    /// <param name="mayHaveMark">Whether it may.</param>
    /// <param name="fail">Makes the problem of what the text is ("not valid JSON…").</param>
    public static JsonValue Parse(byte[] bytes, bool mayHaveMark, Func<string, ProblemException> fail)
    {
        if (bytes.Count(b => b is (byte)',' or (byte)'[' or (byte)'{') is var values && values > MaxValues)
            throw fail($"of {values} values, more than {MaxValues}");
        int start = mayHaveMark && bytes.Length > 2 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0;
        try
        {
            return JsonValue.Parse(s_strictUtf8.GetString(bytes, start, bytes.Length - start));
        }
        catch (DecoderFallbackException)
        {
            throw fail("not valid UTF-8");
        }
        catch (JsonException e)
        {
            throw fail($"not valid JSON: {e.Message}");
        }
    }
}
