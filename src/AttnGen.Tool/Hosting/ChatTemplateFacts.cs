using AttnGen.Generator.Spec;
using AttnGen.Generator.Templates;

namespace AttnGen.Tool;

/// <summary>The chat templates of a folder, compiled as the generator does.</summary>
/// <param name="Names">Their names, the default first.</param>
/// <param name="Variables">What they read of what they are given.</param>
/// <param name="Problems">Why they are refused, or where they fail.</param>
internal sealed record ChatTemplateFacts(IReadOnlyList<string> Names, IReadOnlyList<string> Variables, IReadOnlyList<string> Problems)
{
    /// <summary>The diagnostic of a template that cannot be compiled.</summary>
    public const string Refused = "ATTN0047";

    /// <summary>Null: the folder has none.</summary>
    public static ChatTemplateFacts? Read(ModelDirectory directory)
    {
        var files = new FolderFiles(directory.Name, directory.Texts.Select(text => new FolderFile(text.Name, text.Text)).ToEquatable());
        var type = new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "Model", ""), "Model.g.cs");
        if (FolderTemplates.Read(type, files) is not { } spec)
            return null;
        var written = TemplateFile.Write(spec);
        return new([.. spec.Templates.Select(template => template.Name)], [.. written.Variables], [.. written.Problems.Select(problem => problem.Message)]);
    }
}
