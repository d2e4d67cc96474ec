using AttnGen.Tests.Goldens;
using Tour;

namespace AttnGen.Tests.Samples;

/// <summary>What the Tour says about its four sentences, from the model that is committed beside it.</summary>
public sealed class TourAnswerTests : IDisposable
{
    private readonly ReaderModel _model = Load();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void It_is_the_book_and_her_is_she()
    {
        var sentence = Read(Examples.Book);
        Assert.Equal([("She", "She"), ("it", "book"), ("her", "She")], sentence.Pointers.Select(pointer => (sentence.Tokens[pointer.Token].Shown, sentence.Tokens[pointer.Target].Shown)));
        Assert.All(sentence.Pointers, pointer => Assert.True(pointer.Probability > 0.8, $"{pointer}"));
        Assert.Empty(sentence.Senses);
    }

    [Fact]
    public void A_banker_is_of_money_and_a_riverbank_of_a_river() => Senses(Examples.Riverbank, ("banker", "bank.money"), ("riverbank", "bank.river"));

    [Fact]
    public void A_bank_of_money_is_known_by_deposit_and_money()
    {
        Senses(Examples.BankOfMoney, ("banker", "bank.money"), ("bank", "bank.money"));
        Looks(Examples.BankOfMoney, "deposit", "money");
    }

    [Fact]
    public void A_bank_of_a_river_is_known_by_fish_and_catch()
    {
        Senses(Examples.BankOfRiver, ("bank", "bank.river"));
        Looks(Examples.BankOfRiver, "fish", "catch");
    }

    private void Senses(string text, params (string Word, string Sense)[] expected)
    {
        var sentence = Read(text);
        Assert.Equal(expected, sentence.Senses.Select(sense => (sentence.Tokens[sense.Token].Word, sense.Sense.Name)));
        Assert.All(sentence.Senses, sense => Assert.True(sense.Probability > 0.8, $"{sense}"));
    }

    private void Looks(string text, string first, string second)
    {
        var sentence = Read(text);
        var looks = sentence.Looks(HeadName.Senses, sentence.LastIndexOf("bank"));
        var share = looks[sentence.LastIndexOf(first)] + looks[sentence.LastIndexOf(second)];
        TestContext.Current.TestOutputHelper?.WriteLine($"\"bank\" looks at \"{first}\" and \"{second}\" in head {HeadName.Senses}: {share:0.0000}");
        Assert.True(share > 0.8, $"only {share}");
    }

    private ReadSentence Read(string text) => _model.Read(Tokenizer.Split(text, _model.Vocabulary));

    private static ReaderModel Load()
    {
        var folder = Path.Combine(Models.RepositoryRoot, "samples", "Tour", "model");
        using var json = File.OpenRead(Path.Combine(folder, "reader.json"));
        using var weights = SafetensorsFile.Open(Path.Combine(folder, "reader.safetensors"));
        return new ReaderModel(weights, new Vocabulary(json));
    }
}
