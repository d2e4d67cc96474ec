using System.Diagnostics;
using AttnGen;
using AttnGen.Embeddings;
using SemanticSearch;

if (Arguments.Read(args) is not { } arguments)
{
    return 2;
}

if (arguments.Help)
{
    Console.WriteLine("""
        Finds the sentences that are nearest to a query in meaning.
          dotnet run --project samples/SemanticSearch -- [FOLDER] [QUERY] [--model FOLDER] [--file FILE]
        FOLDER  the folder of all-MiniLM-L6-v2; without it ATTNGEN_MODELS/all-MiniLM-L6-v2, ATTNGEN_MODELS itself, or models/all-MiniLM-L6-v2
        QUERY   answered, and that is all; without it, queries are read from the input, one a line
        FILE    sentences, one a line, instead of the 318 that come with the sample
        """);
    return 0;
}

if (ModelPath.Find(arguments.Model, out var places, "all-MiniLM-L6-v2") is not { } folder)
{
    ModelPath.Explain("SemanticSearch", arguments.Model, places, "sentence-transformers/all-MiniLM-L6-v2", "90 MB");
    return 2;
}

try
{
    var clock = Stopwatch.StartNew();
    using var generator = TextEmbeddingGenerator.Create<MiniLm>(folder, new TextEmbeddingOptions { Threads = 0, Load = new ModelLoadOptions { Threads = 0 } });
    var loaded = clock.Elapsed;
    var index = await SentenceIndex.CreateAsync(generator, SentenceIndex.Read(arguments.File));
    Console.WriteLine($"{index.Sentences.Count} sentences; model loaded in {loaded.TotalMilliseconds:F0} ms, sentences embedded in {(clock.Elapsed - loaded).TotalMilliseconds:F0} ms");
    if (arguments.Query is { } one)
    {
        Answer(index, one);
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
            Answer(index, query);
        }
    }
}
catch (Exception exception) when (exception is WeightException or IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

static void Answer(SentenceIndex index, string query)
{
    var clock = Stopwatch.StartNew();
    var hits = index.Search(query, top: 5);
    var time = clock.Elapsed;
    Console.WriteLine($"\n{query}  ({time.TotalMilliseconds:F1} ms)");
    foreach (var hit in hits)
    {
        Console.WriteLine($"  {hit.Cosine:F3}  {hit.Sentence}");
    }
}
