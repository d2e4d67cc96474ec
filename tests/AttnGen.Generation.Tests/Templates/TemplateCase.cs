using System.Text.Json.Nodes;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>Variables as goldens write them, and what jinja2 made of a template with them.</summary>
internal static class TemplateCase
{
    /// <summary>What a template is given.</summary>
    public static ChatTemplateInput Input(JsonObject variables, bool addGenerationPrompt = false)
    {
        var others = new JsonObject();
        foreach (var (name, value) in variables)
        {
            if (name is not ("messages" or "tools"))
                others[name] = value?.DeepClone();
        }

        return new ChatTemplateInput
        {
            Messages = variables["messages"]?.DeepClone().AsArray() ?? [],
            Tools = variables["tools"]?.DeepClone().AsArray(),
            AddGenerationPrompt = addGenerationPrompt,
            Variables = others,
            Now = new DateTimeOffset(2025, 3, 9, 14, 5, 7, TimeSpan.FromHours(5)),
        };
    }

    /// <summary>What differs from the expected row; null: nothing.</summary>
    /// <param name="template">The template.</param>
    /// <param name="input">What it is given.</param>
    /// <param name="expected">The row: "text", or "raises" and "by".</param>
    public static string? Difference(TemplateHost.Compiled template, ChatTemplateInput input, JsonObject expected)
    {
        string? text = (string?)expected["text"], by = (string?)expected["by"];
        if (template.Template is null)
            return by == "parser" ? null : $"refused: {string.Join("; ", template.Errors)}";
        try
        {
            string rendered = template.Template.Render(input);
            return text is null ? $"rendered {JsonValue.Create(rendered).ToJsonString()}, but {expected.ToJsonString()}"
                : rendered == text ? null
                : $"rendered\n{rendered}\nexpected\n{text}";
        }
        catch (ChatTemplateException e)
        {
            return text is not null ? $"raised '{e.Message}', but expected\n{text}"
                : e.IsOfTemplate != (by == "template") ? $"raised '{e.Message}', of the template: {e.IsOfTemplate}, but {expected.ToJsonString()}"
                : by == "template" && e.Message != (string?)expected["raises"] ? $"raised '{e.Message}', but {expected.ToJsonString()}"
                : null;
        }
    }
}
