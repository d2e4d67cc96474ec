using System.Text.Json;

namespace Tour;

/// <summary>One meaning of an ambiguous word.</summary>
internal sealed record Sense(string Name, string Word, string Gloss);

/// <summary>How often the reader was right on one of its test sets, from 0 to 1.</summary>
internal sealed record Accuracy(double Pointer, double PointerToOther, double Sense);

/// <summary>What reader.json says about the trained reader: its words, its senses, its measured accuracies.</summary>
internal sealed class Vocabulary
{
    public const int Unknown = 1;

    /// <summary>The first entries are marks for padding, unknown and masked words: nobody can type them.</summary>
    private const int FirstWord = 3;

    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<string, int[]> _sensesOf = [];
    private readonly HashSet<string> _pronouns = [];
    private readonly Dictionary<string, Accuracy> _accuracies = [];

    public Vocabulary(Stream readerJson)
    {
        using var document = JsonDocument.Parse(readerJson);
        var root = document.RootElement;
        Words = [.. root.GetProperty("vocabulary").EnumerateArray().Select(Text)];
        for (var id = FirstWord; id < Words.Count; id++)
            _ids.Add(Words[id], id);
        _pronouns.UnionWith(root.GetProperty("pronouns").EnumerateArray().Select(Text));
        Senses = [.. root.GetProperty("senses").EnumerateArray().Select(s =>
            new Sense(Text(s.GetProperty("name")), Text(s.GetProperty("word")), Text(s.GetProperty("gloss"))))];
        foreach (var word in root.GetProperty("wordSenses").EnumerateObject())
            _sensesOf.Add(word.Name, [.. word.Value.EnumerateArray().Select(s => s.GetInt32())]);
        foreach (var set in root.GetProperty("accuracy").EnumerateObject())
        {
            _accuracies.Add(set.Name, new Accuracy(
                set.Value.GetProperty("pointer").GetDouble(),
                set.Value.GetProperty("pointer, not to itself").GetDouble(),
                set.Value.GetProperty("sense").GetDouble()));
        }
    }

    /// <summary>All entries by id.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The words that a sentence can use, without the special entries and marks.</summary>
    public IEnumerable<string> Typable => Words.Skip(FirstWord).Where(w => char.IsLetter(w[0]));

    public IReadOnlyList<Sense> Senses { get; }

    /// <summary>The words with two senses, without those whose sense never changes ("banker").</summary>
    public IEnumerable<string> AmbiguousWords => Senses.Select(s => s.Word).Distinct();

    /// <summary>Whether the words around decide about the sense.</summary>
    public bool IsAmbiguous(string word) => AmbiguousWords.Contains(word);

    public int IdOf(string word) => _ids.GetValueOrDefault(word, Unknown);

    public bool IsPronoun(string word) => _pronouns.Contains(word);

    /// <summary>The senses of a word as places in <see cref="Senses"/>; empty for a word with one sense.</summary>
    public ReadOnlySpan<int> SensesOf(string word) => _sensesOf.GetValueOrDefault(word, []);

    /// <summary>A test set of the training run: filling, template, fresh or probe.</summary>
    public Accuracy AccuracyOn(string testSet) => _accuracies[testSet];

    private static string Text(JsonElement element) => element.GetString()!;
}
