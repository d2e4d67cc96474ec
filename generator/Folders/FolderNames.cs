namespace AttnGen.Folders;

/// <summary>
/// How a model's folder is called where build, compiler and program must agree. One source for all of them: hosts load the generator and the
/// build task alone, so there is no assembly that both could use; each project that needs it compiles this file.
/// </summary>
internal static class FolderNames
{
    /// <summary>The file of weights that is not cut into shards.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Which tensor is in which shard.</summary>
    public const string Index = "model.safetensors.index.json";

    /// <summary>What the build task writes of the weights' headers, for the compiler. No hub publishes it, and it is not shipped.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>What the build task writes of a GGUF file beside the manifest: what its keys and tensors are called there, for messages.</summary>
    public const string GgufNames = "gguf.names.json";

    /// <summary>Whether a file's name is that of a GGUF file.</summary>
    public static bool IsGguf(string file) => file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>The metadata of a file for the compiler that holds its folder's name (see <see cref="ToOption"/>), as the compiler's options call it.</summary>
    public const string ModelOption = "build_metadata.AdditionalFiles.AttnGenModel";

    /// <summary>The metadata that holds the file's place in the folder.</summary>
    public const string FileOption = "build_metadata.AdditionalFiles.AttnGenFile";

    /// <summary>The folder with slashes, without "./" before it and a slash after it: AttnGenModel's Include and the attribute's argument may be written differently.</summary>
    public static string Normal(string folder)
    {
        string name = folder.Trim().Replace('\\', '/');
        while (name.StartsWith("./", StringComparison.Ordinal))
            name = name.Substring(2).TrimStart('/'); // ".//models": not the root's
        string cut = name.TrimEnd('/');
        return cut.Length == 0 ? name : cut;
    }

    /// <summary>The last part of a normal name.</summary>
    public static string Last(string name) => name.Substring(name.LastIndexOf('/') + 1);

    /// <summary>Whether a normal name is a full path, of whatever system: what a project names does not depend on where it is built.</summary>
    public static bool IsAbsolute(string name) => (name.Length > 0 && name[0] == '/') || (name.Length > 2 && name[1] == ':' && name[2] == '/');

    /// <summary>
    /// The name under which the program knows the folder: an absolute one is a place of the building machine, which is nobody else's affair,
    /// so only its last part is left.
    /// </summary>
    public static string Shipped(string name) => IsAbsolute(name) ? Last(name) : name;

    /// <summary>Where the folder is, from the program's. One from elsewhere is under its last name.</summary>
    /// <returns>Empty: it is the program's folder itself.</returns>
    public static string Beside(string name)
    {
        var parts = new List<string>();
        bool isElsewhere = IsAbsolute(name);
        foreach (string part in name.Split('/'))
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
        return string.Join("/", parts);
    }

    /// <summary>Where a file of the folder is, from the program's.</summary>
    public static string Beside(string name, string file) => Beside(name) is { Length: > 0 } folder ? $"{folder}/{file}" : file;

    /// <summary>Beside the program, the folder of the folders whose place another project's folder has; in a package, of all of its models.</summary>
    public const string OwnRoot = "attngen";

    /// <summary>Where the folder of an assembly's class is if another project's folder, with other bytes, has its place: nobody else looks there.</summary>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="beside">The folder's place, see <see cref="Beside(string)"/>.</param>
    public static string Own(string assembly, string beside) => $"{OwnRoot}/{assembly}/{beside}".TrimEnd('/');

    /// <summary>The name of an embedded file.</summary>
    /// <param name="shipped">The folder, as the program knows it.</param>
    /// <param name="file">The file's place in it; empty: what all names of the folder begin with.</param>
    public static string Resource(string shipped, string file) => $"AttnGen/{shipped}/{file}";

    /// <summary>
    /// The name as it reaches the compiler: in an options file, where # and ; begin a comment. They and % are written as %xx, as in an address.
    /// </summary>
    public static string ToOption(string name) => name.Replace("%", "%25").Replace("#", "%23").Replace(";", "%3B");

    /// <summary>The name of what <see cref="ToOption"/> made of it.</summary>
    public static string FromOption(string option) => Uri.UnescapeDataString(option);
}
