using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AttnGen.Build;

/// <summary>How a model's folder is called, here and there.</summary>
internal static class Names
{
    /// <summary>The Include with slashes, without "./" before it and a slash after it: the model's name, which the compiler compares with the attribute's argument.</summary>
    public static string Normal(string include)
    {
        var name = include.Trim().Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2);
        var cut = name.TrimEnd('/');
        return cut.Length == 0 ? name : cut;
    }

    /// <summary>A folder name that every file system takes and no other model has.</summary>
    public static string Safe(string name)
    {
        var last = name.Substring(name.LastIndexOf('/') + 1);
        var text = new StringBuilder();
        foreach (var c in last.Take(40))
            text.Append(c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '.' ? c : '_');
        using var sha = SHA256.Create();
        text.Append('-');
        foreach (var b in sha.ComputeHash(Encoding.UTF8.GetBytes(name)).Take(6))
            text.Append(b.ToString("x2", CultureInfo.InvariantCulture));
        return text.ToString();
    }

    /// <summary>
    /// The name under which the program knows the folder: an absolute one is a place of the building machine, which is nobody else's affair,
    /// so only its last part is left.
    /// </summary>
    public static string Shipped(string name) => Path.IsPathRooted(name) ? name.Substring(name.LastIndexOf('/') + 1) : name;

    /// <summary>Where a file of the folder goes beside the program. A folder from elsewhere goes under its last name.</summary>
    public static string Target(string name, string file)
    {
        var parts = new List<string>();
        var isElsewhere = Path.IsPathRooted(name);
        foreach (var part in name.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else
                isElsewhere = true;
        }

        if (isElsewhere && parts.Count > 1)
            parts.RemoveRange(0, parts.Count - 1);
        return string.Join("/", parts.Append(file));
    }

    /// <summary>
    /// The name as it reaches the compiler: in an options file, where # and ; begin a comment. They and % are written as %xx, as in an
    /// address, so that Uri.UnescapeDataString gives the name back.
    /// </summary>
    public static string AsOption(string name) => name.Replace("%", "%25").Replace("#", "%23").Replace(";", "%3B");

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
