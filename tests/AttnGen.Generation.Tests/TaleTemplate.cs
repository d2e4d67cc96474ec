using System.Text.Json.Nodes;

namespace AttnGen.Generation.Tests;

/// <summary>The tale teller's template, written by hand: what tokenizer_config.json says, tools and variables in front.</summary>
internal sealed class TaleTemplate : IChatTemplate
{
    public List<ChatTemplateInput> Inputs { get; } = [];

    public string Render(ChatTemplateInput input)
    {
        Inputs.Add(input);
        var text = "<|begin|>";
        foreach (var message in input.Messages.OfType<JsonObject>())
        {
            if ((string?)message["role"] is "user" or "assistant")
            {
                text += $"<|{message["role"]}|>{((string)message["content"]!).Trim()}<|end|>";
            }
        }

        return text + (input.AddGenerationPrompt ? "<|assistant|>" : "");
    }
}
