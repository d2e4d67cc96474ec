using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AttnGen.Folders;

namespace AttnGen.Build;

/// <summary>What only the build calls a model's folder; what compiler and program know, too, is <see cref="FolderNames"/>.</summary>
internal static class Names
{
    /// <summary>A folder name that every file system takes and no other model has.</summary>
    public static string Safe(string name)
    {
        var last = FolderNames.Last(name);
        var text = new StringBuilder();
        foreach (var c in last.Take(40))
            text.Append(c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '.' ? c : '_');
        using var sha = SHA256.Create();
        text.Append('-');
        foreach (var b in sha.ComputeHash(Encoding.UTF8.GetBytes(name)).Take(6))
            text.Append(b.ToString("x2", CultureInfo.InvariantCulture));
        return text.ToString();
    }

    /// <summary>As MSBuild wants paths and metadata: with %xx for what it would take for its own syntax.</summary>
    public static string Escape(string text)
    {
        if (text.IndexOfAny(s_special) < 0)
            return text;
        var result = new StringBuilder();
        foreach (var c in text)
        {
            if (Array.IndexOf(s_special, c) >= 0)
                result.Append('%').Append(((int)c).ToString("x2", CultureInfo.InvariantCulture));
            else
                result.Append(c);
        }

        return result.ToString();
    }

    private static readonly char[] s_special = ['%', '*', '?', '@', '$', '(', ')', ';', '\''];
}
