namespace AttnGen.Folders;

/// <summary>The files of a model's folder that hold chat templates.</summary>
internal static class TemplateFiles
{
    /// <summary>The template of a folder.</summary>
    public const string File = "chat_template.jinja";

    /// <summary>Where further ones lie, each under its name.</summary>
    public const string Folder = "additional_chat_templates";

    /// <summary>How a template's name ends.</summary>
    public const string Extension = ".jinja";

    /// <summary>Whether a file, by its place in the folder, is a further template.</summary>
    public static bool IsAdditional(string name) => name.StartsWith(Folder + "/", StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal) && name.IndexOf('/', Folder.Length + 1) < 0;

    /// <summary>The name of a further template.</summary>
    public static string NameOf(string file) => file.Substring(Folder.Length + 1, file.Length - Folder.Length - 1 - Extension.Length);
}
