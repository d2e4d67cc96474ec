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
}
