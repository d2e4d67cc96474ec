using System.Diagnostics;
using AttnGen;
using AttnGen.Embeddings;
using Rerank;
using SemanticSearch;

const string Name = "ms-marco-MiniLM-L6-v2";
const string Encoder = "all-MiniLM-L6-v2";
const int Candidates = 20;
const int Top = 5;

if (Arguments.Read(args) is not { } arguments)
{
    return 2;
}

if (arguments.Help)
{
    Console.WriteLine($"""
        Scores sentences against a query with a cross-encoder, which reads both together, and puts the best first.
          dotnet run --project samples/Rerank -- [FOLDER] [QUERY] [--model FOLDER] [--file FILE]
        FOLDER  the folder of {Name}, or of another cross-encoder of its shape; without it models/{Name}, or where ATTNGEN_MODELS says: the folder, or one that holds it
        QUERY   answered, and that is all; without it, queries are read from the input, one a line
        FILE    sentences, one a line, instead of the 318 that come with the sample
        Where {Encoder} is there, too, it chooses the {Candidates} sentences that are scored; without it all of them are.
        """);
    return 0;
}

try
{
    var sentences = SentenceIndex.Read(arguments.File);
    using var reranker = Reranker.Create<CrossEncoder>(arguments.Model, new RerankerOptions { Threads = 0, Activation = ScoreActivation.None, Load = new ModelLoadOptions { Threads = 0 } });
    using var generator = FindEncoder() is { } encoder
        ? TextEmbeddingGenerator.Create<MiniLm>(encoder, new TextEmbeddingOptions { Threads = 0, Load = new ModelLoadOptions { Threads = 0 } })
        : null;
    var index = generator is null ? null : await SentenceIndex.CreateAsync(generator, sentences);
    Console.WriteLine($"{sentences.Length} sentences; {(index is null ? "all are scored" : $"{Candidates} that {Encoder} finds are scored")}");
    Queries.Answer(arguments.Query, Answer);
    return 0;

    void Answer(string query)
    {
        var clock = Stopwatch.StartNew();
        var found = index?.Search(query, Candidates);
        var candidates = found is null ? sentences : Array.ConvertAll(found, hit => hit.Sentence);
        var searched = clock.Elapsed;
        var ranked = reranker.Rank(query, candidates, Top);
        Console.WriteLine($"\n{query}  (search {searched.TotalMilliseconds:F1} ms, {candidates.Length} sentences scored in {(clock.Elapsed - searched).TotalMilliseconds:F1} ms)");
        foreach (var document in ranked)
        {
            Console.WriteLine($"  {document.Score,7:F3}  {(found is null ? "" : $"(was {document.Index + 1})  ")}{candidates[document.Index]}");
        }
    }
}
catch (Exception exception) when (exception is WeightException or IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
{
    return Queries.Explain(exception, "Rerank", $"cross-encoder/{Name}");
}

// The sample can do without it. ATTNGEN_MODELS may be the cross-encoder's own folder, so only one of this name counts.
static string? FindEncoder()
{
    try
    {
        return ModelFolder.Find("models/" + Encoder) is var folder && Path.GetFileName(folder) == Encoder ? folder : null;
    }
    catch (DirectoryNotFoundException)
    {
        return null;
    }
}
