using AttnGen.Generation;
using Microsoft.Extensions.AI;
using Tales;

if (args.Contains("--help"))
{
    Console.WriteLine("""
        Tells a tale, and answers questions about it.
          dotnet run --project samples/Tales -- [REQUEST] [QUESTION]...
        REQUEST   such as "Tell me a story about Tom and a kite."
        QUESTION  such as "Who found the kite?"; without one, three are asked, and at a terminal then yours
        """);
    return 0;
}

using var generator = TextGenerator.Create<TaleTeller>();
using var client = generator.AsChatClient();
var options = new ChatOptions { Temperature = 0 }; // the likeliest token each time
List<ChatMessage> conversation = [];

await AskAsync(args.FirstOrDefault() ?? "Tell me a story about Mira and a kite.");
foreach (var question in args.Length > 1 ? args[1..] : ["Who is the story about?", "Where is the kite?", "What colour was the kite?"])
    await AskAsync(question);

if (args.Length < 2 && !Console.IsInputRedirected)
{
    Console.WriteLine("Ask about the tale, or for another one; an empty line ends it.");
    while (Console.ReadLine() is { Length: > 0 } line)
        await AskAsync(line);
}

Console.WriteLine("""

    It knows its grammar, not English: 30 names, 35 things, and questions in the words that it was trained on.
    Of its own tales, 97 answers of 100 are right. What several people in a tale could have done it often gives to the wrong one,
    and "Where is …?" about a tale that somebody else wrote is right less than half the time (samples/Tales/README.md).
    """);
return 0;

async Task AskAsync(string message)
{
    Console.WriteLine($"> {message}");
    conversation.Add(new ChatMessage(ChatRole.User, message));
    List<ChatResponseUpdate> updates = [];
    await foreach (var update in client.GetStreamingResponseAsync(conversation, options))
    {
        Console.Write(update.Text);
        updates.Add(update);
    }

    // The conversation is written down anew each time, but what the model has read of it is not read again.
    var answer = updates.ToChatResponse();
    conversation.AddMessages(answer);
    Console.WriteLine($"\n  [{answer.Usage!.OutputTokenCount} tokens written, {answer.Usage.InputTokenCount - answer.Usage.CachedInputTokenCount} of {answer.Usage.InputTokenCount} read]");
}
