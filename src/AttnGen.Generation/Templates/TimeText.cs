using System.Globalization;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>strftime of Python on Linux in the C locale, for a time without a zone.</summary>
internal static class TimeText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    public static string Format(string format, DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 >= format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            // "%-d" has no padding, "%_d" blanks, "%0e" zeros, "%^a" upper case: glibc's.
            int start = i++;
            char flag = format[i] is '-' or '_' or '0' or '^' && i + 1 < format.Length ? format[i++] : ' ';
            string? part = Part(format[i], time);
            text.Append(part is null ? format[start..(i + 1)] : Padded(part, flag, format[i]));
        }

        return text.ToString();
    }

    private static string Padded(string part, char flag, char directive) => flag switch
    {
        '^' => part.ToUpperInvariant(),
        ' ' => part,
        _ when !part.All(c => char.IsAsciiDigit(c) || c == ' ') || directive is 'Y' or 'f' or 's' => part,
        '-' => part.TrimStart('0', ' ') is { Length: > 0 } bare ? bare : "0",
        '_' => (part.TrimStart('0', ' ') is { Length: > 0 } bare ? bare : "0").PadLeft(part.Length),
        _ => part.Replace(' ', '0'),
    };

    private static string? Part(char directive, DateTimeOffset time) => directive switch
    {
        'a' => time.ToString("ddd", s_culture),
        'A' => time.ToString("dddd", s_culture),
        'b' or 'h' => time.ToString("MMM", s_culture),
        'B' => time.ToString("MMMM", s_culture),
        'c' => Format("%a %b %e %H:%M:%S %Y", time),
        'C' => Two(time.Year / 100),
        'd' => Two(time.Day),
        'D' or 'x' => Format("%m/%d/%y", time),
        'e' => Blank(time.Day),
        'f' => (time.Ticks % TimeSpan.TicksPerSecond / 10).ToString("000000", s_culture),
        'F' => Format("%Y-%m-%d", time),
        'g' => Two(ISOWeek.GetYear(time.DateTime) % 100),
        'G' => ISOWeek.GetYear(time.DateTime).ToString(s_culture),
        'H' => Two(time.Hour),
        'I' => Two(Twelve(time)),
        'j' => time.DayOfYear.ToString("000", s_culture),
        'k' => Blank(time.Hour),
        'l' => Blank(Twelve(time)),
        'm' => Two(time.Month),
        'M' => Two(time.Minute),
        'n' => "\n",
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Format("%I:%M:%S %p", time),
        'R' => Format("%H:%M", time),
        's' => time.ToUnixTimeSeconds().ToString(s_culture),
        'S' => Two(time.Second),
        't' => "\t",
        'T' or 'X' => Format("%H:%M:%S", time),
        'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(s_culture),
        'U' => Two((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7),
        'V' => Two(ISOWeek.GetWeekOfYear(time.DateTime)),
        'w' => ((int)time.DayOfWeek).ToString(s_culture),
        'W' => Two((time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7),
        'y' => Two(time.Year % 100),
        'Y' => time.Year.ToString(s_culture),
        'z' or 'Z' => "",
        '%' => "%",
        _ => null,
    };

    private static string Two(int value) => value.ToString("00", s_culture);

    private static string Blank(int value) => value.ToString(s_culture).PadLeft(2);

    private static int Twelve(DateTimeOffset time) => time.Hour % 12 == 0 ? 12 : time.Hour % 12;
}
