using System.Text.Json;
using AttnGen.Generation.Tests.Schemas;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests;

/// <summary>Calls of tools in answers, however these come in pieces.</summary>
public sealed class ToolCallTests
{
    private static readonly string[] s_tools = ["weather", "add", "näh me", "now"];

    /// <summary>Format, answer, and what it is: T for text, P for text with a problem, C for a call.</summary>
    public static TheoryData<ToolCallFormat, string, string> Answers => new()
    {
        { ToolCallFormat.None, "<tool_call>{}</tool_call>", "T<tool_call>{}</tool_call>" },
        { ToolCallFormat.Hermes, "No call <tool> here < <tool_cal", "TNo call <tool> here < <tool_cal" },
        { ToolCallFormat.Hermes, "Sure.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Łódź}\\\"{\", \"days\": [1, {\"a\": null}]}}\n</tool_call>", "TSure.\n|Cweather({\"city\":\"Łódź}\\u0022{\",\"days\":[1,{\"a\":null}]})" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"x\":1}}</tool_call>\n<tool_call>{\"name\":\"now\"}</tool_call>!", "Cadd({\"x\":1})|T\n|Cnow({})|T!" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"näh me\",\"arguments\":null}</tool_call>", "Cnäh me({})" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":\"{\\\"x\\\":2}\"}</tool_call>", "Cadd({\"x\":2})" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"fly\",\"arguments\":{}}</tool_call> so", "P<tool_call>{\"name\":\"fly\",\"arguments\":{}}</tool_call>|T so" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"x\":1}}<tool_call>{\"name\":\"now\",\"arguments\":{}}", "Cadd({\"x\":1})|Cnow({})" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"x\":1}}</tool_call", "Cadd({\"x\":1})|T</tool_call" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":{\"x\":1}</tool_call> hm", "P<tool_call>{\"name\":\"add\",\"arguments\":{\"x\":1}</tool_call>|T hm" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"argum", "P<tool_call>{\"name\":\"add\",\"argum" },
        { ToolCallFormat.Hermes, "<tool_call>add(1)</tool_call>", "P<tool_call>a|Tdd(1)</tool_call>" },
        { ToolCallFormat.Hermes, "<tool_call>{'name':'add'}</tool_call>", "P<tool_call>{'name':'add'}</tool_call>" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":[1]}</tool_call>", "P<tool_call>{\"name\":\"add\",\"arguments\":[1]}</tool_call>" },
        { ToolCallFormat.Hermes, "<tool_call>{\"name\":\"add\",\"arguments\":\"no\"}</tool_call>", "P<tool_call>{\"name\":\"add\",\"arguments\":\"no\"}</tool_call>" },
        { ToolCallFormat.Hermes, "<<tool_call>{\"name\":\"now\"}</tool_call><tool_call>", "T<|Cnow({})|P<tool_call>" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"x\": 1}, \"id\": \"abcdefghi\"}, {\"name\": \"now\", \"arguments\": {}}]", "Cadd({\"x\":1})abcdefghi|Cnow({})" },
        { ToolCallFormat.Mistral, "[TOOL] [TOOL_CALLS][{\"name\":\"add\",\"arguments\":{\"t\":\"]\"}}] then", "T[TOOL] |Cadd({\"t\":\"]\"})|T then" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS][{\"name\":\"add\"},{\"name\":\"fly\"}]", "P[TOOL_CALLS][{\"name\":\"add\"},{\"name\":\"fly\"}]" },
        { ToolCallFormat.Mistral, "[TOOL_CALLS][]", "P[TOOL_CALLS][]" },
        { ToolCallFormat.Llama3, "{\"name\": \"weather\", \"parameters\": {\"city\": \"}\"}}", "Cweather({\"city\":\"}\"})" },
        { ToolCallFormat.Llama3, "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"x\": -1.50}}", "Cadd({\"x\":-1.50})" },
        { ToolCallFormat.Llama3, "\n\n{\"name\":\"add\",\"parameters\":{}}; {\"name\":\"now\",\"parameters\":{}}\n", "Cadd({})|Cnow({})" },
        { ToolCallFormat.Llama3, "{\"name\":\"add\",\"parameters\":{}} and {\"name\":\"now\"}", "Cadd({})|T and {\"name\":\"now\"}" },
        { ToolCallFormat.Llama3, "  Hello {\"name\":\"now\"}", "T  Hello {\"name\":\"now\"}" },
        { ToolCallFormat.Llama3, "{\"answer\": 42} is it", "P{\"answer\": 42}|T is it" },
        { ToolCallFormat.Llama3, "<|python_tag|>weather.call()", "P<|python_tag|>w|Teather.call()" },
        { ToolCallFormat.Llama3, "<|python_ta", "T<|python_ta" },
        { ToolCallFormat.Llama3, "{\"name\":\"add\",", "P{\"name\":\"add\"," },
        { ToolCallFormat.Llama3, "", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void CallsAreFoundHoweverTheTextIsCut(ToolCallFormat format, string answer, string expected)
    {
        Assert.Equal(expected, Read(format, [answer]));
        Assert.Equal(expected, Read(format, [.. answer.Select(static one => one.ToString())]));
        for (var first = 0; first <= answer.Length; first++)
        {
            for (var second = first; second <= answer.Length; second += 1 + (answer.Length / 24))
            {
                Assert.Equal(expected, Read(format, [answer[..first], answer[first..second], answer[second..]]));
            }
        }
    }

    [Fact]
    public void TextIsPassedOnAtOnce()
    {
        var parser = ToolCallParser.Create(ToolCallFormat.Hermes);
        Assert.Equal("Let me see. ", Assert.Single(parser.Append("Let me see. <tool")).Text);
        Assert.True(parser.IsHolding);
        Assert.Equal("<toolbox", Assert.Single(parser.Append("box")).Text);
        Assert.False(parser.IsHolding);
        Assert.Empty(parser.Append("<tool_call>{\"name\":\"any\"}"));
        Assert.Equal("any", Assert.Single(parser.Append("</tool_call>")).Call!.Name);
        Assert.Empty(parser.End());
    }

    [Fact]
    public void ProblemsSayWhatIsWrong()
    {
        foreach (var (json, problem) in new[]
        {
            ("{\"name\":\"fly\"}", "there is no tool 'fly'; there are add, now, näh me, weather"), ("{}", "the call has no name"),
            ("{\"name\":\"now\",\"arguments\":3}", "the call's arguments are no object"), ("{1}", "the call is no JSON: ") })
        {
            Assert.StartsWith(problem, Assert.Single(ToolCallParser.Create(ToolCallFormat.Hermes, s_tools).Append($"<tool_call>{json}</tool_call>")).Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void IdsDiffer()
    {
        var (one, other) = (ToolCallParser.Create(ToolCallFormat.Llama3), ToolCallParser.Create(ToolCallFormat.Llama3));
        var ids = one.Append("{\"name\":\"a\"};{\"name\":\"a\"}").Concat(other.Append("{\"name\":\"a\"}")).Select(static found => found.Call!.CallId).ToList();
        Assert.Equal(3, ids.Distinct().Count());
    }

    [Theory]
    [InlineData("{%- if tools %}<tool_call>{{ tools }}</tool_call>", ToolCallFormat.Hermes)]
    [InlineData("[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]", ToolCallFormat.Mistral)]
    [InlineData("<|start_header_id|> Respond in the format {\"name\": function name, \"parameters\": dictionary}", ToolCallFormat.Llama3)]
    [InlineData("{{ '<|python_tag|>' }}", ToolCallFormat.Llama3)]
    [InlineData("{{ messages }}", ToolCallFormat.None)]
    public void TemplatesTellTheFormat(string template, ToolCallFormat format) => Assert.Equal(format, ToolCallFormats.Detect(template));

    [Theory]
    [InlineData(ToolCallFormat.Hermes)]
    [InlineData(ToolCallFormat.Llama3)]
    public void ACallCanBeAskedFor(ToolCallFormat format)
    {
        var tools = new[] { AIFunctionFactory.Create((string city, int days, DateOnly? from) => city, "weather"),
            AIFunctionFactory.Create((double x, bool[] y) => x, "add"), AIFunctionFactory.Create(() => 1, "now") };
        var grammar = JsonGrammar.CreateToolCall(format, tools, Vocabularies.Gpt2);
        var called = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 30; seed++)
        {
            var text = RandomText.Write(grammar, Vocabularies.Gpt2, seed, grammar.FewestBytes + 60);
            var parser = ToolCallParser.Create(format, tools.Select(static tool => tool.Name));
            var found = Assert.Single<ToolCallEvent>([.. parser.Append(text), .. parser.End()]).Call!;
            var tool = tools.Single(one => one.Name == found.Name);
            Valid.Check(tool.JsonSchema, JsonSerializer.Serialize(found.Arguments));
            called.Add(found.Name);
        }

        Assert.Equal(3, called.Count);
        Assert.Throws<ArgumentException>(() => JsonGrammar.CreateToolCall(format, [], Vocabularies.Gpt2));
        Assert.Throws<NotSupportedException>(() => JsonGrammar.CreateToolCall(ToolCallFormat.Mistral, tools, Vocabularies.Gpt2));
    }

    private static string Read(ToolCallFormat format, string[] pieces)
    {
        var parser = ToolCallParser.Create(format, s_tools, "#");
        var events = pieces.SelectMany(piece => parser.Append(piece)).ToList();
        events.AddRange(parser.End());
        var shown = new List<string>();
        foreach (var one in events)
        {
            var text = one.Call is { } call
                ? $"C{call.Name}({JsonSerializer.Serialize(call.Arguments, s_plain)}){(call.CallId.StartsWith('#') ? "" : call.CallId)}"
                : (one.Problem is null ? "T" : "P") + one.Text;
            if (text[0] == 'T' && shown.Count > 0 && shown[^1][0] == 'T')
            {
                shown[^1] += text[1..];
            }
            else
            {
                shown.Add(text);
            }
        }

        return string.Join('|', shown);
    }

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All) };

    /// <summary>An escape of half a character is JSON, and no text.</summary>
    [Theory]
    [InlineData("{\"name\":\"\\ud83d\"}")]
    [InlineData("{\"name\":\"a\",\"arguments\":{\"\\ud83d\":1}}")]
    [InlineData("{\"name\":\"a\",\"arguments\":\"\\ud83d\"}")]
    public void Half_a_character_comes_back_as_text(string call)
    {
        var parser = ToolCallParser.Create(ToolCallFormat.Hermes);
        var events = parser.Append($"<tool_call>{call}</tool_call>").Concat(parser.End()).ToList();
        Assert.All(events, found => Assert.Null(found.Call));
        Assert.Contains(call, string.Concat(events.Select(found => found.Text)), StringComparison.Ordinal);
    }
}
