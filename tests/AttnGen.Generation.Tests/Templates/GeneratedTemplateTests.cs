using AttnGen.Generator.Spec;
using AttnGen.Generator.Templates;
using AttnGen.Testing;

namespace AttnGen.Generation.Tests.Templates;

/// <summary>What is read of a folder's files, and what the generated file looks like.</summary>
public class GeneratedTemplateTests
{
    private static readonly Snapshots s_snapshots = new("tests/AttnGen.Generation.Tests/Templates/Snapshots");

    [Fact]
    public void TheGeneratedFileReadsWell() => s_snapshots.Verify("ChatTemplate", "cs", TemplateHost.Compile(
        [[("default", "{%- macro line(m, sep=': ') %}{{ m.role ~ sep ~ m.content|trim }}{% endmacro %}\n{{ bos_token }}{% for m in messages if m.role != 'system' %}\n{% if loop.first and m.content is string %}{% set hello = 'Hi' %}{% endif %}\n{{ hello }}{{ line(m) }}\n{% else %}\nnobody\n{% endfor %}{% if add_generation_prompt and not messages[-1].role == 'assistant' %}{{ '>' }}{% endif %}")]],
        [("bos_token", "<s>")])[0].Source);

    [Fact]
    public void AFileComesBeforeAKey()
    {
        var spec = Read(("tokenizer_config.json", "{\"chat_template\": \"key\", \"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": null, \"added_tokens_decoder\": {}}"), ("chat_template.jinja", "file"), ("additional_chat_templates/tool_use.jinja", "tools"), ("special_tokens_map.json", "{\"pad_token\": \"<p>\"}"));
        Assert.Equal([("default", "file"), ("tool_use", "tools")], spec!.Templates.Select(template => (template.Name, template.Text)));
        Assert.Equal([("bos_token", "<s>")], spec.Tokens.Select(token => (token.Name, token.Text)));
    }

    [Fact]
    public void NamedTemplatesAreAList()
    {
        var spec = Read(("tokenizer_config.json", "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"a\"}, {\"name\": \"default\", \"template\": \"b\"}]}"), ("special_tokens_map.json", "{\"pad_token\": \"<p>\"}"));
        Assert.Equal([("default", "b"), ("tool_use", "a")], spec!.Templates.Select(template => (template.Name, template.Text)));
        Assert.Equal([("pad_token", "<p>")], spec.Tokens.Select(token => (token.Name, token.Text)));
    }

    [Fact]
    public void NoTemplateIsNone()
    {
        Assert.Null(Read(("tokenizer_config.json", "{\"bos_token\": \"<s>\"}")));
        Assert.Null(Read(("tokenizer_config.json", "{\"chat_template\": null}")));
        Assert.Null(Read());
    }

    [Theory]
    [InlineData("{\"chat_template\": 5}", "chat_template is 5, but must be a text or a list of named templates")]
    [InlineData("{\"chat_template\": [5]}", "has 5 in its list")]
    [InlineData("{\"chat_template\": ", "is not valid JSON")]
    public void WhatIsNoTemplateIsSaid(string config, string message)
    {
        var spec = Read(("tokenizer_config.json", config))!;
        Assert.Contains(message, spec.Fault, StringComparison.Ordinal);
        Assert.Contains("NotSupportedException", TemplateFile.Write(spec).Source, StringComparison.Ordinal);
    }

    private static ChatTemplateSpec? Read(params (string Name, string Text)[] files) => FolderTemplates.Read(
        new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "Model", ""), "Model.g.cs"),
        new FolderFiles("folder", files.Select(file => new FolderFile(file.Name, file.Text)).ToEquatable()));
}
