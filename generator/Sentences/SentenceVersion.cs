using System.Globalization;

namespace AttnGen.Sentences;

/// <summary>The version of sentence-transformers by whose rules a folder is read: the one that wrote it, or, where it does not say, the newest that is known.</summary>
internal readonly record struct SentenceVersion(int Major, int Minor)
{
    /// <summary>The newest that is known. Later ones are read as this one, as it does itself.</summary>
    public static SentenceVersion Newest => new(6, 0);

    /// <summary>From when on texts keep white space at their ends, tokenizers do the lower case and poolings are named by a list.</summary>
    public bool IsFrom54 => IsFrom(5, 4);

    public bool IsFrom(int major, int minor) => Major > major || (Major == major && Minor >= minor);

    /// <summary>Reads "5.3.0" or "5.4.0.dev0": what comes after the two numbers changes no rule.</summary>
    public static bool TryParse(string text, out SentenceVersion version)
    {
        version = default;
        string[] parts = text.Trim().Split('.');
        int minor = 0;
        if (!TryDigits(parts[0], out int major) || (parts.Length > 1 && !TryDigits(parts[1], out minor)))
            return false;
        version = new(major, minor);
        return true;
    }

    private static bool TryDigits(string text, out int number) =>
        int.TryParse(new string([.. text.TakeWhile(c => c is >= '0' and <= '9')]), NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
