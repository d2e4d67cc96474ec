using System.Text.Json.Nodes;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>Templates that would take the compiler, the time, the memory or the stack: each ends with a sentence.</summary>
public class HostileTemplateTests
{
    public static TheoryData<string, string> Refused => new()
    {
        { "{{ " + new string('(', 5000) + "1" + new string(')', 5000) + " }}", "deep" },
        { "{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}", "deep" },
        { "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 5000)) + " }}", "deep" },
        { "{{ a" + string.Concat(Enumerable.Repeat(".b", 5000)) + " }}", "deep" },
        { "{{ a" + string.Concat(Enumerable.Repeat("|upper", 5000)) + " }}", "deep" },
        { string.Concat(Enumerable.Repeat("{% if a %}", 5000)), "blocks are more than 60 deep" },
        { "{% if a %}" + string.Concat(Enumerable.Repeat("{% elif a %}", 5000)) + "{% endif %}", "more than 500 branches" },
        { "{{ " + new string('9', 5000) + " }}", "at most 4300" },
        { new string('x', 1_000_001), "at most 1000000" },
        { "{{ '\\N{BULLET}' }}", "names a character" },
        { "a\nb\n{% include 'x' %}", "line 3: the tag 'include'" },
        { "{% for x in y %}\n{{ x|shout }}{% endfor %}", "line 2: there is no filter 'shout'" },
        { "{{ x is loud }}", "there is no test 'loud'" },
        { "{{ x|pprint }}", "'pprint' is not supported; use tojson" },
        { "{{ lipsum() }}", "'lipsum'" },
        { "{% if x %}\n\n", "the 'if' of line 1 needs 'elif', 'else' or 'endif'" },
        { "{{ x ", "expected 'end of print statement'" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void TheCompilerRefusesIt(string template, string message) => Assert.Contains(message, Assert.Single(TemplateHost.Compile(template).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("{% for i in range(10**9) %}{% endfor %}", "Range too big")]
    [InlineData("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "more than 10000000 turns")]
    [InlineData("{{ 'a' * 10**12 }}", "more than 67108864 characters")]
    [InlineData("{{ [1] * 10**12 }}", "more than 4194304 items")]
    [InlineData("{{ 10 ** (10 ** 10) }}", "more than 65536 bits")]
    [InlineData("{{ 10 ** 5000 }}", "4300 digits")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "more than 67108864 characters")]
    [InlineData("{{ ('a' * 10**6).replace('a', 'b' * 10**6) }}", "more than 67108864 characters")]
    [InlineData("{{ 'x'.center(10**9) }}", "more than 67108864 characters")]
    [InlineData("{{ '%1000000000d' % 1 }}", "more than 67108864 characters")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "200 deep")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "200 deep")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "deeper than the stack")]
    [InlineData("{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}", "deeper than the stack")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", "deeper than the stack")]
    public void TheRenderingStops(string template, string message)
    {
        var compiled = TemplateHost.Compile(template);
        var error = Assert.Throws<ChatTemplateException>(() => compiled.Template!.Render(new ChatTemplateInput { Messages = [] }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.False(error.IsOfTemplate);
    }

    [Fact]
    public void AnUnknownFunctionIsTold()
    {
        var compiled = TemplateHost.Compile("a{% if messages is none %}{{ lookup(1) }}{{ 1|shout }}{{ 1 is loud }}{% endif %}");
        Assert.Equal(3, compiled.Notes.Count);
        Assert.Contains("'lookup' is called, but there is no function of that name", compiled.Notes[0], StringComparison.Ordinal);
        Assert.Equal("a", compiled.Template!.Render(new ChatTemplateInput { Messages = [] }));
    }

    [Fact]
    public void NumbersOfProgramsKeepTheirKind()
    {
        var template = TemplateHost.Compile("{{ a }} {{ b }} {{ c }} {{ d }} {{ e|tojson }}").Template!;
        var variables = new JsonObject { ["a"] = 2.0, ["b"] = 2, ["c"] = 2.5f, ["d"] = 2.0m, ["e"] = JsonNode.Parse("[1e2, -0, 12345678901234567890]") };
        Assert.Equal("2.0 2 2.5 2.0 [100.0, 0, 12345678901234567890]", template.Render(new ChatTemplateInput { Messages = [], Variables = variables }));
    }

    [Fact]
    public void ToolsChooseTheirTemplate()
    {
        var template = TemplateHost.Compile([[("default", "plain"), ("tool_use", "tools"), ("rag", "rag {{ bos_token }}{{ eos_token is defined }}")]], [("bos_token", "<s>")])[0].Template!;
        Assert.Equal("plain", template.Render(new ChatTemplateInput { Messages = [] }));
        Assert.Equal("tools", template.Render(new ChatTemplateInput { Messages = [], Tools = [] }));
        Assert.Equal("rag <s>False", template.Render(new ChatTemplateInput { Messages = [], Variables = new JsonObject { ["chat_template"] = "rag" } }));
        Assert.Contains("no chat template 'x', only 'default', 'tool_use', 'rag'", Assert.Throws<ArgumentException>(() => template.Render(new ChatTemplateInput { Messages = [], Variables = new JsonObject { ["chat_template"] = "x" } })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => template.Render(new ChatTemplateInput { Messages = [], Variables = new JsonObject { ["messages"] = "x" } }));
    }

    [Fact]
    public void TheTablesOfNamesAgree()
    {
        Assert.Equal(Generator.Templates.TemplateNames.Filters.Order(StringComparer.Ordinal), AttnGen.Generation.Templates.FilterTable.Names.Order(StringComparer.Ordinal));
        Assert.Equal(Generator.Templates.TemplateNames.Tests.Order(StringComparer.Ordinal), AttnGen.Generation.Templates.TestTable.Names.Where(name => char.IsLetter(name[0])).Order(StringComparer.Ordinal));
        Assert.Equal(Generator.Templates.TemplateNames.Globals.Order(StringComparer.Ordinal), AttnGen.Generation.Templates.Globals.For(null).Keys.Order(StringComparer.Ordinal));
    }
}
