using System.Text.RegularExpressions;
using AttnGen.Tokenizers;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AttnGen.Embeddings.Tests;

/// <summary>Every block of C# in the README and in the pages for users is a program that compiles without a warning.</summary>
public sealed partial class DocumentationTests
{
    // What a project has anyway, and what the pages' blocks have from the ones before them.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using static Before;
        internal static class Before
        {
            public static readonly AttnGen.Embeddings.TextEmbeddingGenerator texts = null!;
            public static readonly CancellationToken cancellationToken;
            public static readonly Microsoft.Extensions.DependencyInjection.IServiceCollection services = null!;
            public static readonly Mixer mixer = null!;
            public static readonly SentenceEncoder encoder = null!;
            public static readonly float[] x = null!, y = null!;
            public static readonly int tokens, length;
            public static readonly AttnGen.Tokenizers.TextTokenizer tokenizer = null!;
            public static readonly AttnGen.ILanguageModel model = null!;
            public static readonly AttnGen.TokenSequence tale = null!, other = null!;
            public static readonly float[] logits = null!;
            public static readonly int[] ids = null!;
        }
        """;

    private static readonly string[] s_pages = ["README.md", "docs/embeddings.md", "docs/models.md", "docs/decoders.md", "docs/gguf.md", "docs/tokenizers.md", "docs/shapes.md", "docs/diagnostics/ATTNP003.md"];

    private static readonly (string Class, string Folder)[] s_models =
        [("MiniLm", "models/all-MiniLM-L6-v2"), ("CrossEncoder", "models/ms-marco-MiniLM-L6-v2"), ("Sentiment", "models/sentiment"), ("NameFinder", "models/names"), ("TaleTeller", "models/taleteller")];

    // What blocks of docs/shapes.md have from the ones before them.
    private static readonly (string Class, string Attribute)[] s_shapes =
        [("Mixer", "Attention(dModel: 64, heads: 8)"), ("SentenceEncoder", "Encoder(layers: 6, dModel: 384, heads: 12, feedForward: 1536)")];

    /// <summary>The place of each block, and its text.</summary>
    public static TheoryData<string, string> Blocks()
    {
        var blocks = new TheoryData<string, string>();
        foreach (var page in s_pages)
        {
            var text = File.ReadAllText(Path.Combine(Clone.Root, page)).ReplaceLineEndings("\n");
            foreach (Match block in Block().Matches(text))
                blocks.Add($"{page}:{text[..block.Index].Count(c => c == '\n') + 1}", block.Groups[1].Value);
        }

        return blocks;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void A_block_compiles(string place, string block)
    {
        var others = s_models.Where(model => (block.Contains($"<{model.Class}>", StringComparison.Ordinal) || block.Contains($"{model.Class}.", StringComparison.Ordinal)) && !Declares(model.Class))
            .Select(model => $"[AttnGen.TransformerModel(\"{model.Folder}\")]\ninternal sealed partial class {model.Class};\n")
            .Concat(s_shapes.Where(shape => !Declares(shape.Class)).Select(shape => $"[AttnGen.{shape.Attribute}]\npublic sealed partial class {shape.Class};\n"));
        var goesOn = place.StartsWith("docs/decoders.md", StringComparison.Ordinal) && !block.Contains("using AttnGen;", StringComparison.Ordinal); // with the usings of the page's first block
        var usings = goesOn ? "global using AttnGen;\n" + Usings : Usings;
        var options = new HostOptions { Models = Models() };
        var compilation = GeneratorHost.CreateCompilation([("Program.cs", block), ("Before.cs", usings), ("Models.cs", string.Concat(others))], options);
        compilation = compilation
            .WithOptions(compilation.Options.WithOutputKind(HasStatements(compilation.SyntaxTrees) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary))
            .AddReferences(new[] { typeof(TextTokenizer), typeof(TextEmbeddingGenerator), typeof(AttnGen.Generation.IChatTemplate), typeof(IEmbeddingGenerator), typeof(IServiceCollection) }.Select(type => MetadataReference.CreateFromFile(type.Assembly.Location)));
        var run = GeneratorHost.Run(compilation, options);
        Assert.True(!run.Diagnostics.Any(), $"{place}: {string.Join('\n', run.Diagnostics)}");
        var errors = run.Problems.Where(problem => problem.Severity == DiagnosticSeverity.Error || problem.Location.SourceTree?.FilePath == "Program.cs");
        Assert.True(!errors.Any(), $"{place}: {string.Join('\n', errors)}\n{block}");

        static bool HasStatements(IEnumerable<SyntaxTree> trees) => trees.Any(tree => tree.GetRoot().ChildNodes().OfType<GlobalStatementSyntax>().Any());

        bool Declares(string name) => block.Contains($"class {name};", StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_blocks() => Assert.All(s_pages, page => Assert.Contains(Blocks(), block => block.Data.Item1.StartsWith(page, StringComparison.Ordinal)));

    // The samples' own descriptions, which need no weights.
    private static ModelText[] Models()
    {
        var encoder = Path.Combine(Clone.Root, "samples", "SemanticSearch", "model");
        var cross = File.ReadAllText(Path.Combine(Clone.Root, "samples", "Rerank", "model", "config.json"));
        const string Labels = """{ "0": "LABEL_0" }""";
        Assert.Contains(Labels, cross, StringComparison.Ordinal);
        return
        [
            .. ModelText.Read("models/all-MiniLM-L6-v2", encoder),
            .. ModelText.Read("models/encoder-b", encoder),
            .. ModelText.Read("models/taleteller", Path.Combine(Clone.Root, "samples", "models", "taleteller")),
            new ModelText("models/SmolLM2-135M-Instruct-Q8_0.gguf", "config.json", """{ "model_type": "llama", "architectures": ["LlamaForCausalLM"] }"""),
            new ModelText("models/t5-small", "config.json", """{ "model_type": "t5", "architectures": ["T5ForConditionalGeneration"] }"""),
            new ModelText("models/whisper-tiny", "config.json", """{ "model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"] }"""),
            new ModelText("models/clip-vit-base-patch32", "config.json", """{ "model_type": "clip", "architectures": ["CLIPModel"] }"""),
            new ModelText("models/ms-marco-MiniLM-L6-v2", "config.json", cross),
            new ModelText("models/sentiment", "config.json", cross.Replace(Labels, """{ "0": "NEGATIVE", "1": "POSITIVE" }""", StringComparison.Ordinal)),
            new ModelText("models/names", "config.json", cross.Replace(Labels, """{ "0": "O", "1": "B-PER", "2": "I-PER" }""", StringComparison.Ordinal).Replace("ForSequence", "ForToken", StringComparison.Ordinal)),
        ];
    }

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
