extern alias build;
using System.Globalization;
using System.Reflection;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using AttnGen.Embeddings;
using AttnGen.Generator.Spec;
using AttnGen.Tokenizers;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool;

/// <summary><c>attngen new</c>.</summary>
internal static partial class NewCommand
{
    // Names that a class at the top of one of the programs must not have: it would hide what the program uses.
    private static readonly HashSet<string> s_taken = new(StringComparer.Ordinal)
    {
        "Program", "System", "AttnGen", "Microsoft", "Console", "Math", "MathF", "File", "Enumerable", "MemoryMarshal", "Range", "TransformerModel",
        nameof(TextEmbeddingGenerator), nameof(TextClassifier), nameof(TokenClassifier), nameof(Reranker), nameof(RerankerOptions), nameof(LabelScore), nameof(TextEntity), nameof(RankedDocument),
        "TextGenerator", "GenerationOptions", "IChatClient", "ChatMessage", "ChatRole", "ChatOptions", "ChatResponseUpdate",
    };

    /// <summary>The tool's own version, without the commit.</summary>
    public static string Version => typeof(NewCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <param name="project">Its folder.</param>
    /// <param name="model">The model; null: a block with weights of its own.</param>
    /// <param name="feed">Where the packages are; null: to be found out.</param>
    /// <param name="clone">The clone that the tool runs from, or null.</param>
    /// <param name="console">Where to write.</param>
    public static int Run(string project, ModelRequest? model, string? feed, string? clone, ToolConsole console)
    {
        var folder = Path.GetFullPath(project);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!ProjectName().IsMatch(name))
            throw new ToolException($"'{name}' is no name for a project; give letters, digits, '_', '-' and '.', a letter first and no '.' at the end.");
        if (name.Equals("AttnGen", StringComparison.OrdinalIgnoreCase) || name.StartsWith("AttnGen.", StringComparison.OrdinalIgnoreCase))
            throw new ToolException($"A project '{name}' would take its own package for itself; give a name that does not begin with AttnGen.");
        if (File.Exists(folder))
            throw new ToolException($"'{project}' is a file; give another name, nothing is overwritten.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new ToolException($"The folder '{project}' is there and not empty; give another name, nothing is overwritten.");

        var template = model is null ? Block(name) : ForModel(name, folder, model);
        var packages = PackageFeed.Find(feed, template.Package, clone);
        packages.Pack(console);
        List<(string File, string Text)> files =
        [
            (name + ".csproj", Project(template, packages.Version, HasCentralVersions(folder))),
            ("Program.cs", template.Program),
            ("README.md", template.Readme),
        ];
        if (packages.Source is { } source)
            files.Add(("nuget.config", NuGetConfig(source)));
        Write(project, folder, files, console);

        console.Line();
        if (template.Note is { } note)
            console.Line(note);
        if (packages.Note is { } about)
            console.Line(about);
        console.Line($"Run it: cd {Show.Argument(project)} && dotnet run");
        return ExitCode.Success;
    }

    private static void Write(string project, string folder, IEnumerable<(string File, string Text)> files, ToolConsole console)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (file, text) in files)
            {
                using var stream = new FileStream(Path.Combine(folder, file), FileMode.CreateNew);
                stream.Write(new UTF8Encoding(false).GetBytes(text));
                console.Line(Path.Combine(project, file));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{project}' cannot be written: {e.Message.TrimEnd('.')}; give another place.");
        }
    }

    private static Template ForModel(string name, string folder, ModelRequest request)
    {
        var directory = ModelDirectory.Read(request);
        var (facts, findings) = ModelFacts.Read(directory, request);
        if (facts is null)
            throw new RefusedException(directory, findings);
        if (directory.NoWeights is { } why)
            throw new ToolException($"'{request.Folder}' cannot be run: {why}");
        var tokenizer = facts.Spec is { Input: TokenInputSpec, Decoder: null } ? Tokenizer(directory.Path) : null;
        var program = facts.Spec switch
        {
            { Input: ImageInputSpec, Embed: not null } => Programs.ImageVector,
            { Input: ImageInputSpec, Head: null } => Programs.Image,
            { Input: ImageInputSpec } => Programs.ImageClassifier,
            { Input: AudioInputSpec } => Programs.Speech,
            { Decoder.Head.Size: > 0 } => Programs.Source,
            { About.Task: "LanguageModel" } => tokenizer is not null ? Programs.WriterOfIds : ModelFacts.HasChatTemplate(directory) ? Programs.Talker : Programs.Writer,
            _ when tokenizer is not null => Programs.Ids,
            { Head: null } => Programs.Sentences,
            { Head.Size: 1, Head.From: not StatesRead.EveryToken, About.Task: "SequenceClassification" } => Programs.Reranker,
            { Head.From: not StatesRead.EveryToken, About.Task: "SequenceClassification" } => Programs.Classifier,
            { About.Task: "TokenClassification" } => Programs.Tokens,
            _ => Programs.Sentences,
        };
        var include = Path.TrimEndingDirectorySeparator(Path.GetRelativePath(folder, directory.Path)).Replace('\\', '/');
        var className = ClassName(directory.Path, name);
        var attributes = SymbolDisplay.FormatLiteral(include, quote: true) + (request.Tower == Tower.Folder ? "" : $", tower: Tower.{request.Tower}");
        var options = Show.Argument(include) + (request.Tower == Tower.Folder ? "" : $" --tower {request.Tower}");
        return new(
            include,
            program.Package,
            program.Text.Replace("\"MODEL_FOLDER\"", attributes, StringComparison.Ordinal).Replace("MODEL_CLASS", className, StringComparison.Ordinal),
            $"""
            # {name}
            `dotnet run` {program.Does}

            The class `{className}` in `Program.cs` is written by the compiler from `{include}`: its configuration and the header of its weights are checked
            when the project is built, and its numbers are loaded when the program starts. The folder is copied beside the program.
            What the class has: `attngen inspect {options}`. Whether its numbers are right: `attngen verify {options}`.

            """,
            facts.Spec.Input is TokenInputSpec ? tokenizer : null);
    }

    private static Template Block(string name)
    {
        var className = name == "Mixer" ? "Block" : "Mixer";
        return new(
            null,
            Programs.Block.Package,
            Programs.Block.Text.Replace("MODEL_CLASS", className, StringComparison.Ordinal),
            $"""
            # {name}
            `dotnet run` {Programs.Block.Does}

            The class `{className}` in `Program.cs` is written by the compiler from its one attribute: change it and run again. What it wrote can be read:
            `<EmitCompilerGeneratedFiles>true</EmitCompilerGeneratedFiles>` in the project keeps it under `obj`.
            For a whole model, `attngen new OTHER --model FOLDER` makes such a project.

            """,
            null);
    }

    /// <summary>Null if the folder's tokenizer can be used; else why the program has ids in place of text.</summary>
    private static string? Tokenizer(string folder)
    {
        try
        {
            TextTokenizer.Load(folder);
            return null;
        }
        catch (Exception e) when (FolderFault.Is(e))
        {
            return $"The program works on token ids, not on text: {e.Message}";
        }
    }

    private static string Project(Template template, string version, bool hasCentralVersions)
    {
        var text = new StringBuilder(
            """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <!-- The generated code is part of this project; not optimised it is 10 to 40 times slower. -->
                <Optimize>true</Optimize>

            """);
        if (hasCentralVersions)
            text.Append("    <!-- A Directory.Packages.props lies further up; this project names its versions itself. -->\n    <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>\n");
        text.Append("  </PropertyGroup>\n  <ItemGroup>\n");

        // Each of the others brings AttnGen.
        text.Append(CultureInfo.InvariantCulture, $"    <PackageReference Include=\"{template.Package}\" Version=\"{version}\" />\n");
        if (template.Include is { } include)
            text.Append(CultureInfo.InvariantCulture, $"    <AttnGenModel Include=\"{SecurityElement.Escape(build::AttnGen.Build.Names.Escape(include))}\" />\n");
        return text.Append("  </ItemGroup>\n</Project>\n").ToString();
    }

    private static string NuGetConfig(string source) =>
        $"""
        <?xml version="1.0" encoding="utf-8"?>
        <!-- The packages of AttnGen; every other source is inherited from the machine. Not needed once they come from one of those. -->
        <configuration>
          <packageSources>
            <add key="attngen" value="{SecurityElement.Escape(source)}" />
          </packageSources>
        </configuration>

        """;

    private static bool HasCentralVersions(string folder)
    {
        for (var parent = new DirectoryInfo(folder).Parent; parent is not null; parent = parent.Parent)
        {
            if (File.Exists(Path.Combine(parent.FullName, "Directory.Packages.props")))
                return true;
        }

        return false;
    }

    /// <summary>all-MiniLM-L6-v2 to AllMiniLML6V2.</summary>
    private static string ClassName(string folder, string project)
    {
        var words = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)).Split([.. "-_. "], StringSplitOptions.RemoveEmptyEntries);
        var name = string.Concat(words.Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        if (name.Length > 0 && char.IsAsciiDigit(name[0]))
            name = "Model" + name;
        return SyntaxFacts.IsValidIdentifier(name) && name.All(char.IsAscii) && name != project && !s_taken.Contains(name) ? name : "Model";
    }

    [GeneratedRegex(@"^[A-Za-z]([A-Za-z0-9_.\-]{0,98}[A-Za-z0-9_\-])?$")]
    private static partial Regex ProjectName();

    /// <summary>What differs from project to project.</summary>
    /// <param name="Include">The model's folder, from the project's; null: none.</param>
    /// <param name="Package">The package that it needs.</param>
    /// <param name="Program">Program.cs.</param>
    /// <param name="Readme">README.md.</param>
    /// <param name="Note">One sentence for the user; null: nothing is remarkable.</param>
    private sealed record Template(string? Include, string Package, string Program, string Readme, string? Note);
}
