using AttnGen.Generator.Emission.Writing;

namespace AttnGen.Generator.Templates;

/// <summary>Something that a template does not say rightly.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What is wrong there, without a full stop.</param>
/// <param name="IsError">Whether the template cannot be compiled; false: it fails only when it gets there.</param>
internal sealed record TemplateProblem(int Line, string Message, bool IsError);

/// <summary>A compiled template.</summary>
/// <param name="Code">The body of its method; null: it cannot be compiled.</param>
/// <param name="Variables">What it reads of what it is given, globals apart, in ordinal order.</param>
/// <param name="Problems">What is wrong with it.</param>
internal sealed record CompiledTemplate(string? Code, IReadOnlyList<string> Variables, IReadOnlyList<TemplateProblem> Problems);

/// <summary>A template's text to C#.</summary>
internal static class TemplateCompiler
{
    public static CompiledTemplate Compile(string text)
    {
        List<TemplateProblem> problems = [];
        try
        {
            var writer = new SourceWriter();
            var statements = new StatementWriter(writer, (line, message) => problems.Add(new(line, message, IsError: false)));
            statements.Template(TemplateParser.Parse(text));
            return new(writer.ToString(), [.. statements.Given.Where(name => !TemplateNames.Globals.Contains(name))], problems);
        }
        catch (TemplateSyntaxException e)
        {
            return new(null, [], [new(e.Line, e.Message, IsError: true)]);
        }
    }
}
