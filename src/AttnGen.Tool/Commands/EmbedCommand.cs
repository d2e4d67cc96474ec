using System.Globalization;
using System.Text;
using AttnGen.Embeddings;
using AttnGen.Tokenizers;

namespace AttnGen.Tool;

/// <summary><c>attngen embed</c>.</summary>
internal static class EmbedCommand
{
    // So that many texts need little memory, and show how far they are.
    private const int TextsAtOnce = 256;

    public static int Run(ModelRequest request, string[] given, string? file, bool similarity, bool json, ToolConsole console, CancellationToken cancellation)
    {
        if (given.Length == 0 && file is null)
            throw new ToolException("There is no text; give --text, or --file with one text a line; see 'attngen embed --help'.");
        List<string> texts = [.. given, .. file is null ? [] : Lines(file)];
        if (texts.Count == 0)
            throw new ToolException($"'{file}' holds no text; give a file with one text a line.");
        if (similarity && texts.Count < 2)
            throw new ToolException("--similarity needs two texts or more; give another --text.");

        (TextTokenizer, SentenceSettings) read = default;
        var compiled = CompiledModel.Create(request, console, cancellation, directory => read = Read(directory));
        using var model = compiled.Load(console, cancellation);
        return Run(compiled, model, read, texts, similarity, json, console, cancellation);
    }

    /// <summary>With a model that is loaded already.</summary>
    internal static int Run(CompiledModel compiled, ITransformerModel model, List<string> texts, bool similarity, bool json, ToolConsole console, CancellationToken cancellation) =>
        Run(compiled, model, Read(compiled.Directory), texts, similarity, json, console, cancellation);

    /// <summary>What the folder says of texts.</summary>
    private static (TextTokenizer Tokenizer, SentenceSettings Settings) Read(ModelDirectory directory) => FolderFault.Catch(directory, () =>
    {
        var files = new ModelFiles(directory.Path);
        var settings = SentenceSettings.Read(files);
        return (TokenizerLoader.Load(files, settings.LowersInTokenizer), settings);
    });

    /// <summary>With what was read of the folder.</summary>
    private static int Run(CompiledModel compiled, ITransformerModel model, (TextTokenizer Tokenizer, SentenceSettings Settings) read, List<string> texts, bool similarity, bool json, ToolConsole console, CancellationToken cancellation)
    {
        var (tokenizer, settings) = read;
        if (model is not ISentenceEncoder encoder)
            throw new ToolException($"'{compiled.Directory.Name}' ({compiled.Info.ModelType}) makes no vectors of texts; give a model that reads text.", ExitCode.Failed);
        if (compiled.Info.MaxTokens < tokenizer.SpecialTokens)
            throw new ToolException($"--max-tokens {compiled.Info.MaxTokens} has no room for the tokenizer's {tokenizer.SpecialTokens} special tokens; give {tokenizer.SpecialTokens} or more.");
        using var generator = FolderFault.Catch(compiled.Directory, () =>
        {
            TokenLimit.CheckIds(compiled.Info, tokenizer, what => new InvalidDataException($"'{compiled.Directory.Name}': {what}"));
            return new TextEmbeddingGenerator(encoder, tokenizer, settings, new TextEmbeddingOptions { Threads = 0 }, ownsModel: false);
        });
        var vectors = FolderFault.Catch(compiled.Directory, () => Embed(generator, texts, console, cancellation));
        if (similarity)
            Similarity(texts, vectors, json, console);
        else
            Vectors(compiled, texts, vectors, json, console);
        return ExitCode.Success;
    }

    private static List<float[]> Embed(TextEmbeddingGenerator generator, List<string> texts, ToolConsole console, CancellationToken cancellation)
    {
        var vectors = new List<float[]>(texts.Count);
        foreach (var part in texts.Chunk(TextsAtOnce))
        {
            console.Progress($"{vectors.Count} of {texts.Count} texts …");
            vectors.AddRange(generator.GenerateAsync(part, cancellationToken: cancellation).GetAwaiter().GetResult().Select(embedding => embedding.Vector.ToArray()));
        }

        console.EndProgress();
        return vectors;
    }

    private static List<string> Lines(string file)
    {
        try
        {
            if (file == "-")
                return [.. Read(Console.In)];
            if (!File.Exists(file))
                throw new ToolException($"There is no file '{file}'; give an existing one to --file, or texts to --text.");
            using var reader = new StreamReader(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return [.. Read(reader)];
        }
        catch (DecoderFallbackException)
        {
            throw new ToolException($"'{file}' is not UTF-8; convert it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{file}' cannot be read: {e.Message.TrimEnd('.')}; give another file to --file.");
        }
    }

    private static IEnumerable<string> Read(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static void Vectors(CompiledModel compiled, List<string> texts, List<float[]> vectors, bool json, ToolConsole console)
    {
        if (json)
        {
            console.Json(new
            {
                model = compiled.Directory.Name,
                dimensions = vectors[0].Length,
                normalized = compiled.Info.EmbeddingsAreNormalized,
                embeddings = texts.Select((text, i) => new { text, vector = vectors[i] }),
            });
            return;
        }

        foreach (var vector in vectors)
            console.Line(string.Join(' ', vector.Select(value => value.ToString("R", CultureInfo.InvariantCulture))));
    }

    private static void Similarity(List<string> texts, List<float[]> vectors, bool json, ToolConsole console)
    {
        var cosines = vectors.Select(a => vectors.Select(b => Cosine(a, b)).ToArray()).ToArray();
        if (json)
        {
            console.Json(new { texts, cosines });
            return;
        }

        console.Table(
            ["", .. texts.Select((_, i) => $">{i + 1}"), "text"],
            [.. texts.Select((text, i) => (IReadOnlyList<string>)[(i + 1).ToString(CultureInfo.InvariantCulture), .. cosines[i].Select(cosine => Show.Fixed(cosine, 4)), ToolConsole.OneLine(text.Length > 60 ? text[..60] + "…" : text)])]);
    }

    private static double Cosine(float[] a, float[] b)
    {
        double dot = 0, lengthA = 0, lengthB = 0;
        for (var i = 0; i < a.Length; i++)
            (dot, lengthA, lengthB) = (dot + (double)a[i] * b[i], lengthA + (double)a[i] * a[i], lengthB + (double)b[i] * b[i]);
        return dot / Math.Sqrt(lengthA * lengthB);
    }
}
