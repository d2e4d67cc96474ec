namespace AttnGen.Generator.Models;

/// <summary>The version of transformers that wrote a folder, where 4 and 5 compute something else of it.</summary>
/// <param name="Major">The first number; 0: the folder does not say, or names a version before the first release of 5, in which both ways occur.</param>
internal readonly record struct FolderVersion(int Major)
{
    public bool IsKnown => Major > 0;

    public bool IsFive => Major >= 5;

    /// <summary>Of "4.57.1", "5.0.0", "4.31.0.dev0".</summary>
    public static FolderVersion Of(string text)
    {
        int dot = text.IndexOf('.');
        bool isNumber = int.TryParse(dot < 0 ? text : text.Substring(0, dot), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int major);
        return new(isNumber && !(text.StartsWith("5.0.0", StringComparison.Ordinal) && text.Length > "5.0.0".Length) ? major : 0);
    }
}
