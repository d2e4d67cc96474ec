using System.Diagnostics;
using System.Text;
using AttnGen.Generation;
using Microsoft.Extensions.AI;

namespace AttnGen.Tool;

/// <summary><c>attngen chat</c>: reads a message, writes the answer, and so on.</summary>
internal sealed class ChatCommand(IChatClient client, string? system, GenerationOptions options, bool json, ToolConsole console)
{
    private readonly List<ChatMessage> _messages = [];
    private CancellationTokenSource? _answer;
    private bool _failed;

    public static int Run(ModelRequest request, string? system, string? open, GenerationOptions options, bool json, ToolConsole console, CancellationToken cancellation)
    {
        var before = open is null ? null : ConversationFile.Read(open);
        using var generator = Writer.Load(request, forChat: true, console, cancellation);
        using var client = generator.AsChatClient();
        var chat = new ChatCommand(client, system, options, json, console);
        chat._messages.AddRange(before ?? []);
        ConsoleCancelEventHandler stop = (_, e) => e.Cancel = chat.StopAnswer();
        Console.CancelKeyPress += stop;
        try
        {
            return chat.Loop(generator, cancellation);
        }
        finally
        {
            Console.CancelKeyPress -= stop;
        }
    }

    // What Ctrl+C does while an answer is written; false: it ends the program.
    private bool StopAnswer()
    {
        if (_answer is not { } answer)
            return false;
        answer.Cancel();
        return true;
    }

    private int Loop(TextGenerator generator, CancellationToken cancellation)
    {
        console.Note($"{generator.ModelName}, a window of {Show.Count(generator.Model.Info.MaxTokens)} tokens. /help says what a line may be.");
        var lines = console.Lines("> ");
        while (Message(lines) is { } line)
        {
            cancellation.ThrowIfCancellationRequested();
            if (line.StartsWith('/'))
            {
                if (!Command(line))
                    break;
            }
            else if (line.AsSpan().Trim().Length > 0)
            {
                Answer(line, cancellation);
            }
        }

        return _failed && !console.InIsTerminal ? ExitCode.Failed : ExitCode.Success;
    }

    // A line that ends with \ goes on in the next one.
    private static string? Message(Func<string?> lines)
    {
        if (lines() is not { } line)
            return null;
        while (line.EndsWith('\\') && lines() is { } next)
            line = line[..^1] + "\n" + next;
        return line;
    }

    private void Answer(string message, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _messages.Add(new ChatMessage(ChatRole.User, message));
        _answer = stop;
        var text = new StringBuilder();
        var time = Stopwatch.StartNew();
        var first = TimeSpan.Zero;
        GeneratedText? result = null;
        var settings = new ChatOptions { Instructions = system, RawRepresentationFactory = _ => options };
        try
        {
            foreach (var update in client.GetStreamingResponseAsync(_messages, settings, stop.Token).ToBlockingEnumerable(CancellationToken.None))
            {
                if (update.Text.Length > 0 && first == TimeSpan.Zero)
                    first = time.Elapsed;
                text.Append(update.Text);
                if (!json)
                    console.Piece(update.Text);
                result = (update.RawRepresentation as TextPiece)?.Result ?? result;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            if (!json)
                console.Out.Write(" …");
        }
        catch (Exception e) when (e is ArgumentException or ChatTemplateException or InvalidOperationException or NotSupportedException)
        {
            Refused(message, e is ArgumentException argument ? FolderFault.Sentence(argument) : e.Message.TrimEnd('.'));
            return;
        }
        finally
        {
            _answer = null;
        }

        _messages.Add(new ChatMessage(ChatRole.Assistant, text.ToString()));
        var written = result is null ? null : WrittenText.Of(message, text.ToString(), result, first == TimeSpan.Zero ? time.Elapsed : first, time.Elapsed);
        if (json)
        {
            console.JsonLine(written ?? (object)new { prompt = message, text = text.ToString(), end = "cancelled" });
            return;
        }

        console.Out.WriteLine();
        if (written is not null)
            console.Note(written.End == TextEnd.WindowFull ? written.Note + ": /clear begins anew" : written.Note);
    }

    // The conversation stays as it was.
    private void Refused(string message, string why)
    {
        _messages.RemoveAt(_messages.Count - 1);
        _failed = true;
        if (json)
            console.JsonLine(new { prompt = message, error = why });
        else
            console.Problem($"{why}. The conversation is as before this message; /clear begins a new one.");
    }

    // Returns whether the chat goes on.
    private bool Command(string line)
    {
        var (name, argument) = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var word, var rest] ? (word, rest) : (line.Trim(), "");
        switch (name)
        {
            case "/quit" or "/exit":
                return false;
            case "/clear":
                _messages.Clear();
                break;
            case "/undo" when _messages.Count >= 2:
                _messages.RemoveRange(_messages.Count - 2, 2);
                break;
            case "/undo":
                Problem("There is no message to take back");
                break;
            case "/history":
                foreach (var message in _messages)
                {
                    console.Piece($"{(message.Role == ChatRole.User ? "> " : "")}{message.Text}");
                    console.Out.WriteLine();
                }

                break;
            case "/save" when argument.Length > 0:
                Save(argument);
                break;
            case "/save":
                Problem("/save needs the name of a file");
                break;
            case "/help":
                console.Line("/clear        forgets the conversation");
                console.Line("/history      shows it");
                console.Line("/undo         takes the last message and its answer back");
                console.Line("/save FILE    writes the conversation as JSON; --open FILE goes on with it");
                console.Line("/quit         ends the chat, as the end of the input does");
                console.Line("A line that ends with \\ goes on in the next one.");
                break;
            default:
                Problem($"There is no command '{name}'; /help lists them. Put a blank before a message that begins with /");
                break;
        }

        return true;
    }

    private void Save(string file)
    {
        try
        {
            ConversationFile.Write(file, _messages);
            console.Note($"{Show.Count(_messages.Count)} messages are in '{file}'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Problem($"'{file}' cannot be written: {e.Message.TrimEnd('.')}");
        }
    }

    private void Problem(string sentence)
    {
        _failed = true;
        console.Problem(sentence + ".");
    }
}
