using System.Globalization;
using AttnGen;

namespace Tour;

/// <summary>A language model tells a tale: word by word, with what it looked at, what it keeps, and where it fails.</summary>
internal static class TaleChapter
{
    private const int Early = 16;

    // The cache grows by so many tokens at a time.
    private const int TokensOfCache = 32;

    public static void Print(Desk desk, string number = "")
    {
        var terminal = desk.Terminal;
        using var model = TaleTeller.Load();
        var pieces = Pieces.Embedded();
        using var teller = new Teller(model, pieces);
        terminal.Heading($"{number}A model that writes");
        terminal.Text(string.Create(CultureInfo.InvariantCulture,
            $"The reader only reads. A language model reads a text and says of each of {TaleTeller.VocabularySize:N0} words and pieces of words how likely it comes next. Append the likeliest, ask again: "
            + $"that is how it writes. This one is a Llama, like the large ones, but tiny: {TaleTeller.Layers} layers, {TaleTeller.Heads} heads each, {TaleTeller.ParameterCount:N0} numbers. It learned to "
            + $"tell little tales that a grammar of ours made up."));

        Gaze? gaze = null;
        Say(desk, teller, Examples.Tale, piece => gaze ??= piece.Trim() == Examples.WordOfTale ? Gaze.Of(teller, Gaze.Away) : null);
        if (gaze is not null)
        {
            terminal.Text($"Why \"{Examples.WordOfTale}\"? As it chose this word, head {gaze.Head} (third layer, seventh head) looked at the last word of:");
            terminal.Blank();
            Bars.Draw(terminal, gaze.Looks);
            terminal.Blank();
            terminal.Text("What is back was away before. A word can look only at the words before it: those after it are not written yet.");
        }

        gaze = null;
        Say(desk, teller, Examples.AboutTale, _ => gaze ??= Gaze.Of(teller, Gaze.Sentences));
        if (gaze is not null)
        {
            terminal.Text($"Before its first word, head {gaze.Head} looked at the full stops of the sentences that say where she was, and mostly at the later one:");
            terminal.Blank();
            Bars.Draw(terminal, gaze.Looks);
            terminal.Blank();
            terminal.Text("Nobody nudged these heads. They were picked from 32, because they are easy to read; most are not.");
        }

        terminal.Blank();
        PrintWindow(terminal, model, teller.Ids);
        terminal.Blank();
        terminal.Text("It fails at once when you leave its little world:");
        Say(desk, teller, Examples.OutsideOfTales);
        terminal.Text("It knows no English, only its grammar, and it was trained for less than an hour. Of 300 tales that it told this way, 17 contradict themselves. "
            + "Of questions about its own tales it answers 97 in 100 as it should, of questions about tales of others 70, and of \"Where is ...?\" about those only 44 "
            + "(samples/models/taleteller). Here every word was the likeliest, so it tells the same tale each time. Ask for another:");
        terminal.Blank();
        terminal.Line("    dotnet run --project samples/Tour -- --tell \"Tell me a story about Ben and a boat.\"");
    }

    /// <summary>One request, and what the model says to it; false, with a sentence that says why, if there is no room for it.</summary>
    public static bool TryTell(Desk desk, string request, out string error)
    {
        using var model = TaleTeller.Load();
        var pieces = Pieces.Embedded();
        var tokens = pieces.Ask(request, begins: true).Length;
        error = tokens < TaleTeller.MaxTokens ? "" : string.Create(CultureInfo.InvariantCulture,
            $"The request is {tokens:N0} tokens long, but the tale teller has {TaleTeller.MaxTokens} for request and tale: write a shorter one.");
        if (error.Length > 0)
            return false;
        using var teller = new Teller(model, pieces);
        Say(desk, teller, request);
        return true;
    }

    private static void Say(Desk desk, Teller teller, string request, Action<string>? each = null)
    {
        var terminal = desk.Terminal;
        terminal.Blank();
        terminal.Text(Paint.Strong(terminal, "> " + request), indent: 4);
        terminal.Blank();
        new Typist(terminal).Write(teller.Answer(request), each);
        terminal.Blank();
    }

    // Every figure is of this run: the sizes are constants of the generated class, the times are measured.
    private static void PrintWindow(Terminal terminal, TaleTeller model, IReadOnlyList<int> talk)
    {
        var window = Enumerable.Range(0, TaleTeller.MaxTokens).Select(i => talk[i % talk.Count]).ToArray();
        var logits = new float[TaleTeller.LogitsSize];
        using var early = model.CreateSequence();
        using var late = model.CreateSequence();
        using var again = model.CreateSequence();
        early.Extend(window.AsSpan(0, Early));
        late.Extend(window.AsSpan(0, window.Length - 1));
        Action[] contenders =
        [
            () => Step(early, Early),
            () => Step(late, window.Length - 1),
            () =>
            {
                again.Clear();
                again.Extend(window, logits);
            },
        ];
        Race.WarmUp(contenders);
        var times = Race.Run(contenders);

        var tokens = TokensOfCache;
        terminal.Text(string.Create(CultureInfo.InvariantCulture,
            $"It does not read the tale again for each word: the keys and values of all tokens so far are kept, {(TaleTeller.SequenceBytes(2 * tokens) - TaleTeller.SequenceBytes(tokens)) / tokens:N0} bytes "
            + $"for each token. There is room for {TaleTeller.MaxTokens}, its context window ({TaleTeller.SequenceBytes():N0} bytes); this talk has filled {talk.Count} of them. "
            + $"A word costs more the longer the text before it, which it looks back at:"));
        terminal.Blank();
        Row(string.Create(CultureInfo.InvariantCulture, $"the next word after {Early} tokens"), times[0]);
        Row(string.Create(CultureInfo.InvariantCulture, $"the next word after {window.Length - 1} tokens"), times[1]);
        Row(string.Create(CultureInfo.InvariantCulture, $"the same, had all {window.Length} to be read again"), times[2]);

        void Step(TokenSequence sequence, int position)
        {
            sequence.Rewind(position);
            sequence.Extend(window.AsSpan(position, 1), logits);
        }

        void Row(string what, TimeSpan time) => terminal.Line(string.Create(CultureInfo.InvariantCulture, $"      {what,-44}{time.TotalMicroseconds,9:#,0} \u00b5s"));
    }
}
