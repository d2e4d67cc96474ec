using AttnGen.Generator.Spec;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool;

/// <summary><c>attngen emit</c>.</summary>
internal static class EmitCommand
{
    public static int Run(ModelRequest? request, string? attribute, string output, string className, string nameSpace, ToolConsole console, CancellationToken cancellation)
    {
        if ((request is null) == (attribute is null))
            throw new ToolException(request is null ? "There is neither a folder nor --attribute; give one of them." : "There are both a folder and --attribute; give one of them.");
        Check("--class", className);
        foreach (var part in nameSpace.Length == 0 ? [] : nameSpace.Split('.'))
            Check("--namespace", part);
        if (File.Exists(output))
            throw new ToolException($"--out is the file '{output}'; give a folder.");

        var directory = request is null ? null : ModelDirectory.Read(request);
        var source = request is not null ? request.Source(directory!.Name, className, nameSpace)
            : $"using AttnGen;\n\n{(nameSpace.Length > 0 ? $"namespace {nameSpace};\n\n" : "")}[AttnGen.{Shape(attribute!)}]\npublic sealed partial class {className};\n";
        var run = Host.Generate(source, directory?.Texts ?? [], cancellation);
        if (run.Findings.Count > 0)
        {
            foreach (var finding in run.Findings)
                console.Problem($"{finding.Id}: {finding.Message}");
            return ExitCode.Failed;
        }

        if (Host.CompilerError(run, cancellation) is { } error)
            throw new ToolException($"The attribute does not compile: {error}; write it as in \"Attention(dModel: 64, heads: 8)\" or \"Linear(8, 8, activation: Activation.Gelu)\".");
        if (run.Files.Count == 0)
            throw new ToolException($"'{attribute}' is no shape of AttnGen; write one such as \"Attention(dModel: 64, heads: 8)\".");
        try
        {
            Directory.CreateDirectory(output);
            foreach (var (name, text) in run.Files)
            {
                var path = Path.Combine(output, Path.GetFileName(name));
                File.WriteAllText(path, text);
                console.Line(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{output}' cannot be written: {e.Message.TrimEnd('.')}; give another folder to --out.");
        }

        return ExitCode.Success;
    }

    // With or without brackets and the library's namespace.
    private static string Shape(string attribute)
    {
        var shape = attribute.Trim();
        if (shape.StartsWith('[') && shape.EndsWith(']'))
            shape = shape[1..^1].Trim();
        shape = shape.StartsWith("AttnGen.", StringComparison.Ordinal) ? shape["AttnGen.".Length..] : shape;
        var name = shape.Split('(')[0].Trim();
        var known = Enum.GetNames<ShapeKind>();
        if (known.Contains(name, StringComparer.Ordinal) || !SyntaxFacts.IsValidIdentifier(name))
            return shape;
        var nearest = UnknownOption.Nearest(name, known);
        throw new ToolException($"There is no shape '{name}'; {(nearest is null ? "the" : $"did you mean {nearest}? The")} shapes are {string.Join(", ", known)}.");
    }

    private static void Check(string option, string name)
    {
        if (!SyntaxFacts.IsValidIdentifier(name) || SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None)
            throw new ToolException($"{option} is '{name}', which is no name in C#; give letters, digits and _.");
    }
}
