extern alias build;

using System.Reflection;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using AttnGen.Generator.Spec;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Tool;

/// <summary><c>attngen new</c>.</summary>
internal static partial class NewCommand
{
    private static readonly string[] s_tokenizers = ["tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model"];

    // Names that a class at the top of a program should not have.
    private static readonly HashSet<string> s_taken = new(StringComparer.Ordinal) { "Program", "System", "AttnGen", "Microsoft", "Console", "Math" };

    public static int Run(string project, string? model, ToolConsole console)
    {
        var folder = Path.GetFullPath(project);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!ProjectName().IsMatch(name))
            throw new ToolException($"'{name}' is no name for a project; give letters, digits, '_', '-' and '.', a letter first.");
        if (File.Exists(folder))
            throw new ToolException($"'{project}' is a file; give another name, nothing is overwritten.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new ToolException($"The folder '{project}' is there and not empty; give another name, nothing is overwritten.");

        var files = model is null ? Block(name) : ForModel(name, folder, model);
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

        console.Line();
        console.Line($"Run it: cd {project} && dotnet run");
        return ExitCode.Success;
    }

    /// <summary>The tool's own version, without the commit.</summary>
    public static string Version => typeof(NewCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static IReadOnlyList<(string File, string Text)> ForModel(string name, string folder, string model)
    {
        var request = new ModelRequest(model);
        var directory = ModelDirectory.Read(request);
        var (facts, findings) = ModelFacts.Read(directory, request);
        if (facts is null)
            throw new RefusedException(directory, findings);
        if (directory.NoWeights is { } why)
            throw new ToolException($"'{model}' cannot be run: {why}");
        var include = Path.GetRelativePath(folder, directory.Path).Replace('\\', '/');
        var className = ClassName(directory.Path, name);
        var hasText = facts.Spec.Input is TokenInputSpec && s_tokenizers.Any(file => File.Exists(Path.Combine(directory.Path, file)));
        var program = facts.Spec.Input is ImageInputSpec ? ImageProgram : hasText ? TextProgram : TokenProgram;
        return
        [
            (name + ".csproj", Project(include, hasText)),
            ("Program.cs", program.Replace("MODEL_FOLDER", SymbolDisplay.FormatLiteral(include, quote: false), StringComparison.Ordinal).Replace("MODEL_CLASS", className, StringComparison.Ordinal)),
            ("README.md", $"""
                # {name}
                `dotnet run` loads the model in `{include}`{(hasText ? " and compares texts: give your own as arguments" : "")}.

                The class `{className}` in `Program.cs` is written by the compiler from that folder: its configuration and the header of its weights
                are checked when the project is built, and its numbers are loaded when the program starts. The folder is copied beside the program.
                What the class has: `attngen inspect {include}`. Whether its numbers are right: `attngen verify {include}`.

                """),
        ];
    }

    private static IReadOnlyList<(string File, string Text)> Block(string name) =>
    [
        (name + ".csproj", Project(null, withText: false)),
        ("Program.cs", BlockProgram.Replace("MODEL_CLASS", name == "Mixer" ? "Block" : "Mixer", StringComparison.Ordinal)),
        ("README.md", $"""
            # {name}
            `dotnet run` attends over four tokens with a block of attention that the compiler wrote from one attribute.

            For a whole model, name its folder in the project and put `TransformerModel` on a class:
            `attngen new OTHER --model FOLDER` makes such a project.

            """),
    ];

    private static string Project(string? include, bool withText)
    {
        var text = new StringBuilder(
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <!-- The generated code is part of this project; not optimised it is 20 to 40 times slower. -->
                <Optimize>true</Optimize>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="AttnGen" Version="{Version}" />

            """);
        if (withText)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"    <PackageReference Include=\"AttnGen.Embeddings\" Version=\"{Version}\" />\n");
        if (include is not null)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"    <AttnGenModel Include=\"{SecurityElement.Escape(build::AttnGen.Build.Names.Escape(include))}\" />\n");
        return text.Append("  </ItemGroup>\n</Project>\n").ToString();
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

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.\-]{0,99}$")]
    private static partial Regex ProjectName();

    private const string TextProgram =
        """
        using AttnGen;
        using AttnGen.Embeddings;

        string[] texts = args.Length > 0 ? args : ["A man is playing a guitar.", "A person plays a musical instrument.", "The stock market fell sharply today."];

        using var generator = TextEmbeddingGenerator.Create<MODEL_CLASS>();
        var vectors = texts.Select(generator.Embed).ToArray();
        for (var i = 0; i < texts.Length; i++)
        {
            for (var j = i + 1; j < texts.Length; j++)
                Console.WriteLine($"{Cosine(vectors[i], vectors[j]):F4}  {texts[i]}  |  {texts[j]}");
        }

        static double Cosine(float[] a, float[] b)
        {
            double dot = 0, lengthA = 0, lengthB = 0;
            for (var i = 0; i < a.Length; i++)
                (dot, lengthA, lengthB) = (dot + a[i] * b[i], lengthA + a[i] * a[i], lengthB + b[i] * b[i]);
            return dot / Math.Sqrt(lengthA * lengthB);
        }

        [TransformerModel("MODEL_FOLDER")]
        public sealed partial class MODEL_CLASS;

        """;

    private const string TokenProgram =
        """
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"{info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters");

        // The folder has no tokenizer, so these are ids and no text.
        int[] ids = [.. Enumerable.Range(1, Math.Min(8, info.MaxTokens)).Select(i => i * 7 % info.VocabularySize)];
        var hidden = new float[ids.Length * info.HiddenSize];
        model.Forward(ids, hidden);
        Console.WriteLine($"first token: {string.Join(", ", hidden.Take(Math.Min(8, info.HiddenSize)).Select(value => value.ToString("F4")))}, …");

        [TransformerModel("MODEL_FOLDER")]
        public sealed partial class MODEL_CLASS;

        """;

    private const string ImageProgram =
        """
        using AttnGen;

        using var model = MODEL_CLASS.Load();
        var info = model.Info;
        Console.WriteLine($"{info.Architecture}, {info.Layers} layers, {info.ParameterCount:N0} parameters, images of {info.ImageHeight} × {info.ImageWidth}");

        // A grey image. A real one is scaled and normalised as the model's preprocessor_config.json says, and lies as [channels, height, width].
        var pixels = new float[info.ImageChannels * info.ImageHeight * info.ImageWidth];
        var hidden = new float[info.MaxTokens * info.HiddenSize];
        model.Forward(pixels, hidden);
        Console.WriteLine($"first token: {string.Join(", ", hidden.Take(Math.Min(8, info.HiddenSize)).Select(value => value.ToString("F4")))}, …");

        [TransformerModel("MODEL_FOLDER")]
        public sealed partial class MODEL_CLASS;

        """;

    private const string BlockProgram =
        """
        using AttnGen;

        // Weights come from a safetensors file, MODEL_CLASS.Load("file.safetensors"), or, as here, from arrays under PyTorch's names.
        const int D = MODEL_CLASS.DModel;
        var random = new Random(1);
        var weights = new TensorDictionary();
        weights.Add("in_proj_weight", [3 * D, D], Values(3 * D * D));
        weights.Add("in_proj_bias", [3 * D], Values(3 * D));
        weights.Add("out_proj.weight", [D, D], Values(D * D));
        weights.Add("out_proj.bias", [D], Values(D));

        using var mixer = MODEL_CLASS.Load(weights);
        const int Tokens = 4;
        var x = Values(Tokens * D);
        var y = new float[Tokens * D];
        mixer.Forward(x, y);
        for (var token = 0; token < Tokens; token++)
            Console.WriteLine($"token {token}: {string.Join(", ", y.AsSpan(token * D, 6).ToArray().Select(value => value.ToString("F4")))}, …");

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5) / 4)];

        [Attention(dModel: 64, heads: 8)]
        public sealed partial class MODEL_CLASS;

        """;
}
