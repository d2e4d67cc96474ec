using System.ComponentModel;
using System.Reflection;
using AttnGen.Folders;

namespace AttnGen.Runtime;

/// <summary>Weights that the build embedded in an assembly. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class EmbeddedModel
{
    /// <summary>Opens a model's embedded weights.</summary>
    /// <param name="assembly">The assembly of the model's class.</param>
    /// <param name="folder">The folder as the program knows it: of an absolute path its last part.</param>
    /// <returns>The stream, or null if there are none.</returns>
    public static Stream? Open(Assembly assembly, string folder)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return assembly.GetManifestResourceStream(FolderNames.Resource(folder, FolderNames.Weights));
    }

    /// <summary>Opens a model's embedded GGUF file.</summary>
    /// <param name="assembly">The assembly of the model's class.</param>
    /// <param name="folder">The model as the program knows it: of an absolute path its last part.</param>
    /// <param name="file">The file's name.</param>
    /// <returns>The stream, or null if it is not there.</returns>
    public static Stream? OpenGguf(Assembly assembly, string folder, string file)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        return assembly.GetManifestResourceStream(FolderNames.Resource(folder, file));
    }

    /// <summary>Opens a model's embedded weights that are in several files.</summary>
    /// <param name="assembly">The assembly of the model's class.</param>
    /// <param name="folder">The folder as the program knows it: of an absolute path its last part.</param>
    /// <param name="files">The files, in the folder.</param>
    /// <returns>The source, or null if the first of them is not there.</returns>
    /// <exception cref="SafetensorsFormatException">A file is malformed.</exception>
    /// <exception cref="FileNotFoundException">Some of them are there, and not all.</exception>
    public static SafetensorsShards? Open(Assembly assembly, string folder, params IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentNullException.ThrowIfNull(files);
        var open = new List<SafetensorsFile>();
        try
        {
            foreach (var file in files)
            {
                using var stream = assembly.GetManifestResourceStream(FolderNames.Resource(folder, file));
                if (stream is null && open.Count == 0)
                {
                    return null;
                }

                open.Add(SafetensorsFile.Open(stream ?? throw new FileNotFoundException($"The assembly has the weights of '{folder}' embedded, but not {file}; build it again with that file.", file), $"{folder}/{file}"));
            }

            return new SafetensorsShards(folder, files, [.. open]);
        }
        catch
        {
            open.ForEach(file => file.Dispose());
            throw;
        }
    }
}
