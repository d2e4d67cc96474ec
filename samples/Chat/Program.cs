using AttnGen.Generation;
using Chat;
using Microsoft.Extensions.AI;

// What the model is told before the conversation: the first argument
var options = new ChatOptions { Instructions = args.FirstOrDefault() };
List<ChatMessage> conversation = [];

using var generator = TextGenerator.Create<ChatModel>();
using var client = generator.AsChatClient();
Console.WriteLine($"{generator.Model.Info.Architecture}, {generator.Model.Info.ParameterCount:N0} parameters. /clear begins anew; an empty line ends the chat, Ctrl+C an answer.");

// Ctrl+C ends the answer that is being written, or else the program.
CancellationTokenSource? writing = null;
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = writing is not null;
    writing?.Cancel();
};

while (true)
{
    Console.Write("> ");
    if (Console.ReadLine() is not { Length: > 0 } line)
        return 0;
    if (line == "/clear")
    {
        conversation.Clear();
        continue;
    }

    conversation.Add(new ChatMessage(ChatRole.User, line));
    List<ChatResponseUpdate> updates = [];
    using var stop = writing = new CancellationTokenSource();
    try
    {
        await foreach (var update in client.GetStreamingResponseAsync(conversation, options, stop.Token))
        {
            Console.Write(update.Text);
            updates.Add(update);
        }
    }
    catch (OperationCanceledException)
    {
        Console.Write(" …");
        if (updates.Count == 0)
            conversation.RemoveAt(conversation.Count - 1); // a message without an answer is none
    }
    catch (Exception e) when (e is ArgumentException or ChatTemplateException)
    {
        // Such as a conversation that is longer than the model's window.
        Console.Write($"{e.Message} /clear begins anew.");
        conversation.RemoveAt(conversation.Count - 1);
    }

    writing = null;
    Console.WriteLine();
    conversation.AddMessages(updates.ToChatResponse());
}
