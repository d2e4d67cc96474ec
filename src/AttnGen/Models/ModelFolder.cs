namespace AttnGen;

/// <summary>Where a model's folder is at run time.</summary>
public static class ModelFolder
{
    /// <summary>The environment variable that names a folder of model folders.</summary>
    public const string VariableName = "ATTNGEN_MODELS";

    /// <summary>Looks for a model's folder: beside the program, in the current directory, and in the folder that <c>ATTNGEN_MODELS</c> names (there also under its last part alone).</summary>
    /// <param name="folder">The folder as the attribute names it, such as <c>models/all-MiniLM-L6-v2</c>.</param>
    /// <returns>The full path of the first place that exists.</returns>
    /// <exception cref="DirectoryNotFoundException">There is none; the message lists the places.</exception>
    public static string Find(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        var places = Places(folder);
        return places.Find(Directory.Exists)
            ?? throw new DirectoryNotFoundException(
                $"The model folder '{folder}' is in none of: {string.Join(", ", places)}. Put it there, set {VariableName} to the folder that holds it, or give its path to Load.");
    }

    private static List<string> Places(string folder)
    {
        if (Path.IsPathRooted(folder))
        {
            // The build copies a folder from elsewhere under its last name.
            return [Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Last(folder))), folder, .. UnderVariable(Last(folder))];
        }

        List<string> places = [];
        foreach (var root in new[] { AppContext.BaseDirectory, Directory.GetCurrentDirectory() })
        {
            Add(Path.Combine(root, folder));
            if (folder.Contains("..", StringComparison.Ordinal))
            {
                Add(Path.Combine(root, Last(folder)));
            }
        }

        foreach (var place in UnderVariable(folder).Concat(UnderVariable(Last(folder))))
        {
            Add(place);
        }

        return places;

        void Add(string place)
        {
            var full = Path.GetFullPath(place);
            if (!places.Contains(full))
            {
                places.Add(full);
            }
        }
    }

    private static IEnumerable<string> UnderVariable(string folder) =>
        Environment.GetEnvironmentVariable(VariableName) is { Length: > 0 } root ? [Path.GetFullPath(Path.Combine(root, folder))] : [];

    private static string Last(string folder) => Path.GetFileName(folder.TrimEnd('/', '\\').Replace('\\', '/'));
}
