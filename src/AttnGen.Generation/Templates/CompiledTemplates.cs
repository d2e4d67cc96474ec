using System.ComponentModel;

namespace AttnGen.Generation.Templates;

/// <summary>The templates of a model's folder, as generated code hands them over.</summary>
/// <remarks>Used by generated code; nothing that a program uses.</remarks>
/// <param name="specialTokens">The folder's special tokens by their names as variables.</param>
/// <param name="templates">The templates by name.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class CompiledTemplates(KeyValuePair<string, string>[] specialTokens, params (string Name, Func<Rendering, string> Template)[] templates)
{
    private const string Default = "default", ToolUse = "tool_use", Chosen = "chat_template";

    /// <summary>Writes a conversation.</summary>
    /// <param name="input">The conversation.</param>
    public string Render(ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var template = Choose(input);
        try
        {
            return template(new Rendering(TemplateVariables.Of(input, specialTokens), input.Now));
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException or FormatException or InvalidCastException or OutOfMemoryException or InsufficientExecutionStackException)
        {
            throw new ChatTemplateException($"The template failed: {e.Message}");
        }
    }

    /// <summary>transformers' rule: the one for tools where tools are given, else the default; or the one that is named.</summary>
    private Func<Rendering, string> Choose(ChatTemplateInput input)
    {
        string name = input.Variables?[Chosen]?.GetValue<string>() is { } chosen ? chosen
            : input.Tools is not null && Array.Exists(templates, template => template.Name == ToolUse) ? ToolUse : Default;
        int at = Array.FindIndex(templates, template => template.Name == name);
        return at >= 0 ? templates[at].Template
            : throw new ArgumentException($"The model has no chat template '{name}', only {string.Join(", ", templates.Select(template => $"'{template.Name}'"))}; name one of them as the variable '{Chosen}'.", nameof(input));
    }
}
