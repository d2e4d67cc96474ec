using System.Text.Json.Nodes;
using AttnGen.Testing;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>golden/chat: what jinja2, set up as transformers does, made of small templates and of published ones.</summary>
public class GoldenTemplateTests
{
    [Fact]
    public void EveryFeatureIsJinjas()
    {
        var features = Read(Shared.Require("golden", "chat", "features.json")).AsObject();
        var cases = features["cases"]!.AsArray().Select(row => row!.AsObject()).ToList();
        Assert.True(cases.Count >= 75);
        Check(cases, features["variables"]!.AsObject());
    }

    /// <summary>Rows of our own, made with jinja2 3.1.6: what a random comparison found surprising, and templates in the style of other families.</summary>
    [Theory]
    [InlineData("surprises.json")]
    [InlineData("families.json")]
    public void OwnRowsAreJinjas(string file)
    {
        var data = Read(Path.Combine(Clone.Root, "tests", "AttnGen.Generation.Tests", "Templates", "Data", file)).AsObject();
        var rows = data["cases"]!.AsArray().Select(row => row!.AsObject()).ToList();
        foreach (var row in rows.Where(row => row["family"] is not null))
            row["template"] = (string)data["templates"]![(string)row["family"]!]!;
        Check(rows, data["variables"]!.AsObject(), data["conversations"]?.AsArray());
    }

    [Theory]
    [InlineData("llama3")]
    [InlineData("llama3_1")]
    [InlineData("qwen3")]
    [InlineData("gemma3")]
    public void PublishedTemplatesWriteWhatTheyWrote(string name)
    {
        string golden = Shared.Require("golden", "chat");
        string? config = ChatPackages.TryFind(golden, name, "tokenizer_config.json", out string why);
        Assert.SkipWhen(config is null, $"The published templates cannot be fetched: {why}.");
        var conversations = Read(Path.Combine(golden, "conversations.json")).AsArray().ToDictionary(row => (string)row!["id"]!, row => row!.AsObject());
        var rendered = Read(Path.Combine(golden, $"rendered-{name}.json")).AsObject();
        var tokens = rendered["special_tokens"]!.AsObject().Select(pair => (pair.Key, (string)pair.Value!)).ToArray();
        var template = TemplateHost.Compile([(string)Read(config!)["chat_template"]!], tokens)[0];
        Assert.Empty(template.Notes);
        List<string> wrong = [];
        int rows = 0;
        foreach (var (id, row) in rendered["rendered"]!.AsObject())
        {
            foreach (bool prompt in new[] { false, true })
            {
                var conversation = conversations[id];
                var variables = (JsonObject?)conversation["variables"]?.DeepClone() ?? [];
                variables["messages"] = conversation["messages"]!.DeepClone();
                variables["tools"] = conversation["tools"]?.DeepClone();
                rows++;
                if (TemplateCase.Difference(template, TemplateCase.Input(variables, prompt), row![prompt ? "prompt" : "plain"]!.AsObject()) is { } difference)
                    wrong.Add($"{id}, {(prompt ? "prompt" : "plain")}: {difference}");
            }
        }

        Assert.Equal(conversations.Count * 2, rows);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows}\n{string.Join("\n\n", wrong.Take(5))}");
    }

    private static void Check(List<JsonObject> cases, JsonObject variables, JsonArray? conversations = null)
    {
        var compiled = TemplateHost.Compile(cases.Select(row => (string)row["template"]!));
        List<string> wrong = [];
        for (int i = 0; i < cases.Count; i++)
        {
            // A template that the parser of jinja2 refuses must be refused here, too.
            string? difference = (string?)cases[i]["by"] == "parser" && compiled[i].Template is not null ? "was compiled" : TemplateCase.Difference(compiled[i], Input(cases[i]), cases[i]);
            if (difference is not null)
                wrong.Add($"{i}: {cases[i]["template"]}\n{difference}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count}\n{string.Join("\n\n", wrong.Take(200))}");

        ChatTemplateInput Input(JsonObject row)
        {
            if (row["conversation"] is not { } number)
                return TemplateCase.Input(variables);
            var conversation = conversations![(int)number]!.DeepClone().AsObject();
            bool isAsked = (bool?)conversation["add_generation_prompt"] ?? false;
            conversation.Remove("add_generation_prompt");
            foreach (var (name, value) in variables)
                conversation[name] = value?.DeepClone();
            return TemplateCase.Input(conversation, isAsked);
        }
    }

    private static JsonNode Read(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
