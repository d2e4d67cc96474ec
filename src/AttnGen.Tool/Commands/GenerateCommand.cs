using System.Diagnostics;
using System.Text;
using AttnGen.Generation;

namespace AttnGen.Tool;

/// <summary><c>attngen generate</c>.</summary>
internal static class GenerateCommand
{
    public static int Run(ModelRequest request, string[] given, string? file, GenerationOptions options, bool json, ToolConsole console, CancellationToken cancellation)
    {
        if (given.Length == 0 && file is null)
            throw new ToolException("There is no text to go on with; give --prompt, or --file; see 'attngen generate --help'.");
        List<string> prompts = [.. given, .. file is null ? [] : new[] { Whole(file, console) }];
        if (prompts.Exists(static prompt => prompt.Length == 0))
            throw new ToolException("A prompt is empty; give the text that the model goes on with.");
        using var generator = Writer.Load(request, forChat: false, console, cancellation);
        var texts = new List<object>();
        foreach (var prompt in prompts)
        {
            var written = Write(generator, prompt, options, json, console, cancellation);
            texts.Add(written);
            if (!json)
                console.Note(written.Note);
        }

        if (json)
            console.Json(new { model = generator.ModelName, texts });
        return ExitCode.Success;
    }

    private static WrittenText Write(TextGenerator generator, string prompt, GenerationOptions options, bool json, ToolConsole console, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var time = Stopwatch.StartNew();
        var first = TimeSpan.Zero;
        GeneratedText result;
        try
        {
            result = generator.Generate(
                prompt,
                piece =>
                {
                    if (first == TimeSpan.Zero)
                        first = time.Elapsed;
                    text.Append(piece);
                    if (!json)
                        console.Piece(piece);
                },
                options,
                cancellation);
        }
        catch (ArgumentException e)
        {
            throw new ToolException(FolderFault.Sentence(e) + ".");
        }

        if (!json)
            console.Out.WriteLine();
        return WrittenText.Of(prompt, text.ToString(), result, first == TimeSpan.Zero ? time.Elapsed : first, time.Elapsed);
    }

    // The file as it is, but for the line break that editors put at its end.
    private static string Whole(string file, ToolConsole console)
    {
        try
        {
            var text = file == "-" ? console.In.ReadToEnd() : File.ReadAllText(file);
            return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"'{file}' cannot be read: {e.Message.TrimEnd('.')}; give a file of UTF-8 text, or - for the standard input.");
        }
    }
}
