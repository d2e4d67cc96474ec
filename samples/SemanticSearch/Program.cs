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
        FOLDER  the folder of all-MiniLM-L6-v2; without it models/all-MiniLM-L6-v2, or where ATTNGEN_MODELS says: the folder, or one that holds it
        QUERY   answered, and that is all; without it, queries are read from the input, one a line
        FILE    sentences, one a line, instead of the 318 that come with the sample
        """);
    return 0;
}

try
{
    var clock = Stopwatch.StartNew();

    // Without a folder the model is looked for: beside the program, in the current directory, and where ATTNGEN_MODELS says.
    using var generator = TextEmbeddingGenerator.Create<MiniLm>(arguments.Model, new TextEmbeddingOptions { Threads = 0, Load = new ModelLoadOptions { Threads = 0 } });
    var loaded = clock.Elapsed;
    var index = await SentenceIndex.CreateAsync(generator, SentenceIndex.Read(arguments.File));
    Console.WriteLine($"{index.Sentences.Count} sentences; model loaded in {loaded.TotalMilliseconds:F0} ms, sentences embedded in {(clock.Elapsed - loaded).TotalMilliseconds:F0} ms");
    Queries.Answer(arguments.Query, query => Answer(index, query));
    return 0;
}
catch (Exception exception) when (exception is WeightException or IOException or InvalidDataException or NotSupportedException or UnauthorizedAccessException)
{
    return Queries.Explain(exception, "SemanticSearch", "sentence-transformers/all-MiniLM-L6-v2");
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
