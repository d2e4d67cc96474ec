using System.Text;
using Tour;

// The order of the tour is in Chapters/WholeTour.cs; everything else here is for people who bring arguments.
const int BadArguments = 2;
const int BadSentence = 3;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (CommandLine.Parse(args, out var error) is not { } request)
    return Fail(BadArguments, error);

if (request.Request == Request.Help)
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

var terminal = new Terminal();
using var model = EmbeddedModel.Load();
var desk = new Desk(terminal, model);
switch (request.Request)
{
    case Request.About:
        AboutChapter.Print(desk);
        return 0;
    case Request.Words:
        terminal.Text(string.Join(' ', model.Vocabulary.Typable));
        return 0;
    case Request.Sentence:
        if (!desk.TryRead(request.Sentence, out var sentence, out error))
            return Fail(BadSentence, error);
        SentenceChapter.Print(desk, sentence, request.Head);
        return 0;
    case Request.Tour when request.Head is { } head:
        foreach (var example in Examples.All)
            SentenceChapter.Print(desk, desk.Read(example), head);
        return 0;
    default:
        WholeTour.Run(desk);
        return 0;
}

static int Fail(int code, string sentence)
{
    Console.Error.WriteLine(sentence);
    return code;
}
