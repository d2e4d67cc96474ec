using System.Reflection;
using AttnGen.Tokenizers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AttnGen.Embeddings.Tests;

/// <summary>What is refused at a public door is named as that door names it, however deep inside it is found.</summary>
public class ArgumentTests
{
    private const string Constructor = ".ctor";

    private static readonly TextTokenizer s_tokenizer = Tokens.Bert("{}", "a", "b");
    private static readonly FakeEncoder s_encoder = new();
    private static readonly FakeLogits s_one = new(FakeModel.Describe(logits: 1), _ => [0]);
    private static readonly FakeLogits s_two = new(FakeModel.Describe(logits: 2), _ => [0, 0]);
    private static readonly FakeLogits s_each = new(FakeModel.Describe(logits: 2, perToken: true), ids => new float[ids.Length * 2]);
    private static readonly TextEmbeddingGenerator s_generator = new(s_encoder, s_tokenizer);
    private static readonly TextEmbeddingGenerator s_refusing = new(s_encoder, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 4, Truncate = false });
    private static readonly TextEmbeddingGenerator s_prompting = new(s_encoder, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 4, Truncate = false, Prompt = "a " });

    private static readonly (Type Type, string Method, string Parameter, Action Call)[] s_calls =
    [
        (typeof(TextEmbeddingGenerator), Constructor, "model", () => _ = new TextEmbeddingGenerator(null!, s_tokenizer)),
        (typeof(TextEmbeddingGenerator), Constructor, "tokenizer", () => _ = new TextEmbeddingGenerator(s_encoder, null!)),
        (typeof(TextEmbeddingGenerator), Constructor, "options", () => _ = new TextEmbeddingGenerator(s_encoder, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 17 })),
        (typeof(TextEmbeddingGenerator), Constructor, "options", () => _ = new TextEmbeddingGenerator(s_encoder, s_tokenizer, new TextEmbeddingOptions { MaxTokens = 1 })),
        (typeof(TextEmbeddingGenerator), Constructor, "options", () => _ = new TextEmbeddingGenerator(s_encoder, s_tokenizer, new TextEmbeddingOptions { Dimensions = 5 })),
        (typeof(TextEmbeddingGenerator), Constructor, "options", () => _ = new TextEmbeddingGenerator(s_encoder, s_tokenizer, new TextEmbeddingOptions { Threads = -1 })),
        (typeof(TextEmbeddingGenerator), Constructor, "options", () => _ = new TextEmbeddingGenerator(s_encoder, s_tokenizer, new TextEmbeddingOptions { PromptName = "query" })),
        (typeof(TextEmbeddingGenerator), "Embed", "text", () => s_generator.Embed(null!)),
        (typeof(TextEmbeddingGenerator), "Embed", "vector", () => s_generator.Embed("a", new float[3])),
        (typeof(TextEmbeddingGenerator), "Embed", "text", () => s_refusing.Embed("a b a b")),
        (typeof(TextEmbeddingGenerator), "Embed", "text", () => s_prompting.Embed("a b", new float[4])),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "values", () => Generate(s_generator, null!)),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "values", () => Generate(s_generator, ["a", null!])),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "values", () => Generate(s_refusing, ["a", "a b a b"])),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "values", () => Generate(s_prompting, ["a", "a b"])),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "options", () => Generate(s_generator, ["a"], new EmbeddingGenerationOptions { Dimensions = 5 })),
        (typeof(TextEmbeddingGenerator), "GenerateAsync", "options", () => Generate(s_generator, ["a"], new EmbeddingGenerationOptions { AdditionalProperties = new() { ["prompt_name"] = "query" } })),
        (typeof(TextEmbeddingGenerator), "GetService", "serviceType", () => s_generator.GetService(null!)),
        (typeof(Reranker), Constructor, "model", () => _ = new Reranker(null!, s_tokenizer)),
        (typeof(Reranker), Constructor, "tokenizer", () => _ = new Reranker(s_one, null!)),
        (typeof(Reranker), Constructor, "model", () => _ = new Reranker(s_two, s_tokenizer)),
        (typeof(Reranker), Constructor, "options", () => _ = new Reranker(s_one, s_tokenizer, new RerankerOptions { MaxTokens = 17 })),
        (typeof(Reranker), Constructor, "options", () => _ = new Reranker(s_one, s_tokenizer, new RerankerOptions { Threads = -1 })),
        (typeof(Reranker), "Rank", "query", () => new Reranker(s_one, s_tokenizer).Rank(null!, [])),
        (typeof(Reranker), "Rank", "documents", () => new Reranker(s_one, s_tokenizer).Rank("a", null!)),
        (typeof(Reranker), "Rank", "documents", () => new Reranker(s_one, s_tokenizer).Rank("a", [null!])),
        (typeof(Reranker), "Rank", "top", () => new Reranker(s_one, s_tokenizer).Rank("a", [], top: -1)),
        (typeof(TextClassifier), Constructor, "model", () => _ = new TextClassifier(null!, s_tokenizer)),
        (typeof(TextClassifier), Constructor, "tokenizer", () => _ = new TextClassifier(s_two, null!)),
        (typeof(TextClassifier), Constructor, "model", () => _ = new TextClassifier(s_each, s_tokenizer)),
        (typeof(TextClassifier), Constructor, "options", () => _ = new TextClassifier(s_two, s_tokenizer, new TextClassifierOptions { MaxTokens = 0 })),
        (typeof(TextClassifier), "Classify", "text", () => new TextClassifier(s_two, s_tokenizer).Classify(null!)),
        (typeof(TextClassifier), "Classify", "scores", () => new TextClassifier(s_two, s_tokenizer).Classify("a", new float[3])),
        (typeof(TextClassifier), "ClassifyPair", "scores", () => new TextClassifier(s_two, s_tokenizer).ClassifyPair("a", "b", new float[1])),
        (typeof(TokenClassifier), Constructor, "model", () => _ = new TokenClassifier(null!, s_tokenizer)),
        (typeof(TokenClassifier), Constructor, "tokenizer", () => _ = new TokenClassifier(s_each, null!)),
        (typeof(TokenClassifier), Constructor, "model", () => _ = new TokenClassifier(s_two, s_tokenizer)),
        (typeof(TokenClassifier), Constructor, "options", () => _ = new TokenClassifier(s_each, s_tokenizer, new TextClassifierOptions { MaxTokens = 17 })),
        (typeof(TokenClassifier), "Find", "text", () => new TokenClassifier(s_each, s_tokenizer).Find(null!)),
        (typeof(TokenClassifier), "Find", "outside", () => new TokenClassifier(s_each, s_tokenizer).Find("a", null!)),
        (typeof(TextChunker), "Split", "text", () => TextChunker.Split(null!, s_tokenizer, 8)),
        (typeof(TextChunker), "Split", "tokenizer", () => TextChunker.Split("a", null!, 8)),
        (typeof(TextChunker), "Split", "maxTokens", () => TextChunker.Split("a", s_tokenizer, 2)),
        (typeof(TextChunker), "Split", "overlap", () => TextChunker.Split("a", s_tokenizer, 8, overlap: 6)),
        (typeof(TextChunker), "Split", "overlap", () => TextChunker.Split("a", s_tokenizer, 8, overlap: -1)),
        (typeof(TextTokenizer), "Load", "folder", () => TextTokenizer.Load(" ")),
        (typeof(TextTokenizer), "Load", "openFile", () => TextTokenizer.Load(null!, "name")),
        (typeof(TextTokenizer), "Load", "name", () => TextTokenizer.Load(_ => null, null!)),
        (typeof(TextTokenizer), "Encode", "text", () => s_tokenizer.Encode(null!)),
        (typeof(TextTokenizer), "Encode", "maxTokens", () => s_tokenizer.Encode("a", 1)),
        (typeof(TextTokenizer), "Encode", "maxTokens", () => s_tokenizer.Encode("a", -1)),
        (typeof(TextTokenizer), "Encode", "ids", () => s_tokenizer.Encode("a", new int[1])),
        (typeof(TextTokenizer), "Encode", "spans", () => s_tokenizer.Encode("a", new int[3], new TokenSpan[2], out _)),
        (typeof(TextTokenizer), "EncodePair", "ids", () => s_tokenizer.EncodePair("a", "b", new int[2])),
        (typeof(TextTokenizer), "EncodePair", "types", () => s_tokenizer.EncodePair("a", "b", new int[5], new int[4])),
        (typeof(TextTokenizer), "TryGetBytes", "bytes", () => s_tokenizer.TryGetBytes(s_tokenizer.FindId("a")!.Value, [], out _)),
        (typeof(TextTokenizer), "FindId", "token", () => s_tokenizer.FindId(null!)),
        (typeof(AttnGenServiceCollectionExtensions), "AddAttnGenEmbeddings", "services", () => AttnGenServiceCollectionExtensions.AddAttnGenEmbeddings<NoModel>(null!)),
        (typeof(AttnGenServiceCollectionExtensions), "AddKeyedAttnGenEmbeddings", "services", () => AttnGenServiceCollectionExtensions.AddKeyedAttnGenEmbeddings<NoModel>(null!, "key")),
        (typeof(AttnGenServiceCollectionExtensions), "AddKeyedAttnGenEmbeddings", "serviceKey", () => new ServiceCollection().AddKeyedAttnGenEmbeddings<NoModel>(null!)),
        (typeof(AttnGenServiceCollectionExtensions), "AddAttnGenReranker", "services", () => AttnGenServiceCollectionExtensions.AddAttnGenReranker<NoModel>(null!)),
    ];

    // Methods that take every argument, or hand them to a model's own Load.
    private static readonly HashSet<string> s_free = ["Count", "CountPair", "FindToken", "Score", "Create", "Dispose", "Append", "Decode", "CreateDecoder", "IsSpecial"];

    [Fact]
    public void Refusals_name_a_parameter_of_the_method_that_was_called()
    {
        Assert.All(s_calls, one =>
        {
            var exception = Assert.ThrowsAny<ArgumentException>(one.Call);
            Assert.Equal(one.Parameter, exception.ParamName);
            Assert.Contains(one.Parameter, Doors(one.Type).Where(door => door.Name == one.Method).SelectMany(door => door.GetParameters()).Select(parameter => parameter.Name));
        });
    }

    [Fact]
    public void Every_door_is_tried()
    {
        var tried = s_calls.Select(one => (one.Type, one.Method)).ToHashSet();
        var forgotten = new[] { typeof(TextTokenizer), typeof(TextEmbeddingGenerator) }.SelectMany(type => type.Assembly.GetExportedTypes()).Where(type => !type.IsValueType && !type.IsEnum)
            .SelectMany(type => Doors(type).Where(door => door.GetParameters().Length > 0 && (!door.IsSpecialName || door.IsConstructor) && !s_free.Contains(door.Name)).Select(door => (type, door.Name)))
            .Where(door => !tried.Contains(door));
        Assert.Empty(forgotten);
    }

    private static IEnumerable<MethodBase> Doors(Type type) =>
        type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly).OfType<MethodBase>();

    private static void Generate(TextEmbeddingGenerator generator, IEnumerable<string> values, EmbeddingGenerationOptions? options = null) =>
        generator.GenerateAsync(values, options, TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    private abstract class NoModel : FakeModel, ITransformerModel<NoModel>, ISentenceEncoder, ILogitsModel
    {
        private NoModel()
            : base(Describe())
        {
        }

        public static NoModel Load(string? folder = null, ModelLoadOptions? options = null) => throw new NotSupportedException();

        public abstract void Embed(ReadOnlySpan<int> tokenIds, Span<float> vector, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default);

        public abstract void ComputeLogits(ReadOnlySpan<int> tokenIds, Span<float> result, ReadOnlySpan<int> tokenTypes = default, AttentionMask mask = default);
    }
}
