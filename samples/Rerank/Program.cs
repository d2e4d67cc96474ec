using System.Diagnostics;
using AttnGen;
using AttnGen.Embeddings;
using Rerank;
using SemanticSearch;

const string Name = "ms-marco-MiniLM-L6-v2";
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
        FOLDER  the folder of {Name}, or of another cross-encoder of its shape; without it ATTNGEN_MODELS/{Name}, ATTNGEN_MODELS itself, or models/{Name}
        QUERY   answered, and that is all; without it, queries are read from the input, one a line
        FILE    sentences, one a line, instead of the 318 that come with the sample
        Where all-MiniLM-L6-v2 is there, too, it chooses the {Candidates} sentences that are scored; without it all of them are.
        """);
    return 0;
}

if (ModelPath.Find(arguments.Model, out var places, Name, "ms-marco-MiniLM-L-6-v2") is not { } folder)
{
    ModelPath.Explain("Rerank", arguments.Model, places, $"cross-encoder/{Name}", "90 MB");
    return 2;
}

try
{
    var sentences = SentenceIndex.Read(arguments.File);
    using var reranker = Reranker.Create<CrossEncoder>(folder, new RerankerOptions { Threads = 0, Activation = ScoreActivation.None, Load = new ModelLoadOptions { Threads = 0 } });
    using var generator = ModelPath.FindNamed("all-MiniLM-L6-v2") is { } encoder
        ? TextEmbeddingGenerator.Create<MiniLm>(encoder, new TextEmbeddingOptions { Threads = 0, Load = new ModelLoadOptions { Threads = 0 } })
        : null;
    var index = generator is null ? null : await SentenceIndex.CreateAsync(generator, sentences);
    Console.WriteLine($"{sentences.Length} sentences; {(index is null ? "all are scored" : $"{Candidates} that all-MiniLM-L6-v2 finds are scored")}");
    if (arguments.Query is { } one)
    {
        Answer(one);
        return 0;
    }

    var interactive = !Console.IsInputRedirected && !Console.IsOutputRedirected;
    while (true)
    {
        if (interactive)
        {
            Console.Write("\nquery (empty: end): ");
        }

        var query = Console.ReadLine();
        if (query is null || (interactive && query.Length == 0))
        {
            return 0;
        }

        if (!string.IsNullOrWhiteSpace(query))
        {
            Answer(query);
        }
    }

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
    Console.Error.WriteLine(exception.Message);
    return 2;
}
