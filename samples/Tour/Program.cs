using System.Text;
using Tour;

// Arguments in, exit code out. What is printed is in Chapters/, the order of the tour in Chapters/WholeTour.cs.
const int BadArguments = 2;
const int BadSentence = 3;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
if (CommandLine.Parse(args, out var error) is not { } request)
    return Fail(BadArguments, error);
using var model = EmbeddedModel.Load();
return new Desk(new Terminal(), model).TryAnswer(request, out error) ? 0 : Fail(BadSentence, error);

static int Fail(int code, string sentence)
{
    Console.Error.WriteLine(sentence);
    return code;
}
