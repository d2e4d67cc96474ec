namespace AttnGen.Generation;

/// <summary>How a family of models writes a call of a tool.</summary>
public enum ToolCallFormat
{
    /// <summary>No calls: all is text.</summary>
    None,

    /// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, once a call: Qwen 2.5, Qwen 3, Hermes and their kin.</summary>
    Hermes,

    /// <summary><c>{"name": …, "parameters": {…}}</c> in place of an answer, with or without <c>&lt;|python_tag|&gt;</c> before it: Llama 3.1, 3.2 and 3.3.</summary>
    Llama3,

    /// <summary><c>[TOOL_CALLS][{"name": …, "arguments": {…}}, …]</c>: Mistral.</summary>
    Mistral,
}

/// <summary>What a chat template says of its family's calls.</summary>
public static class ToolCallFormats
{
    /// <summary>Which family a template is of: the one whose marks its text has.</summary>
    /// <param name="templateText">The template, as in tokenizer_config.json or chat_template.jinja.</param>
    /// <returns>The family; <see cref="ToolCallFormat.None"/>: the template has the marks of none.</returns>
    public static ToolCallFormat Detect(string templateText)
    {
        ArgumentNullException.ThrowIfNull(templateText);
        return Has("<tool_call>") ? ToolCallFormat.Hermes
            : Has("[TOOL_CALLS]") ? ToolCallFormat.Mistral
            : Has("<|python_tag|>") || (Has("\"parameters\"") && Has("<|start_header_id|>")) ? ToolCallFormat.Llama3
            : ToolCallFormat.None;

        bool Has(string mark) => templateText.Contains(mark, StringComparison.Ordinal);
    }
}
