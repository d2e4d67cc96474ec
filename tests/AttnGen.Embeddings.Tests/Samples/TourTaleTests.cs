using System.Text.Json;
using Tour;

namespace AttnGen.Embeddings.Tests.Samples;

/// <summary>What the Tour says about the tale teller, from the model that is committed in samples/models.</summary>
public sealed class TourTaleTests : IDisposable
{
    private const string Told =
        "Mira had a kite. Mira was very proud of the kite. Mira left and went to the bakery. The kite flew away. It got stuck on the wall. Mira felt sad because the kite was on the wall. "
        + "Mira saw Ana in the shop. \"Have you seen my kite, Ana?\" asked Mira. Ana came to help Mira. With a long stick, Ana got the kite down. Ana let Mira have the kite. "
        + "Mira was happy because the kite was back. Mira gave Ana a big hug.";

    private readonly TaleTeller _model = TaleTeller.Load();
    private readonly Pieces _pieces = Pieces.Embedded();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void It_tells_of_Mira_and_knows_where_she_is()
    {
        using var teller = new Teller(_model, _pieces);
        Assert.Equal(Told, string.Concat(teller.Answer(Examples.Tale)));
        Assert.Equal("Mira is in the shop.", string.Concat(teller.Answer(Examples.AboutTale)));
    }

    /// <summary>It leaves its little world where the Tour says that it fails: no answer there could be right.</summary>
    [Fact]
    public void It_does_not_know_that_it_knows_no_moon()
    {
        using var teller = new Teller(_model, _pieces);
        Assert.NotEmpty(string.Concat(teller.Answer(Examples.Tale)));
        Assert.DoesNotContain("does not say", string.Concat(teller.Answer(Examples.OutsideOfTales)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_back_was_away_before()
    {
        using var teller = new Teller(_model, _pieces);
        Gaze? gaze = null;
        foreach (var piece in teller.Answer(Examples.Tale))
            gaze ??= piece.Trim() == Examples.WordOfTale ? Gaze.Of(teller, Gaze.Away) : null;
        Assert.Equal("The kite flew away", gaze!.Looks[0].Phrase);
        Assert.InRange(gaze.Looks[0].Share, 0.8f, 1);
    }

    [Fact]
    public void An_answer_begins_with_a_look_at_the_sentences_that_hold_it()
    {
        using var teller = new Teller(_model, _pieces);
        Assert.NotEmpty(string.Concat(teller.Answer(Examples.Tale)));
        using var answer = teller.Answer(Examples.AboutTale).GetEnumerator();
        Assert.True(answer.MoveNext());
        var looks = Gaze.Of(teller, Gaze.Sentences).Looks;
        Assert.Equal(["Mira saw Ana in the shop.", "left and went to the bakery."], looks.Take(2).Select(look => look.Phrase));
        Assert.InRange(looks[0].Share, 0.8f, 1);
        var sum = 0f;
        foreach (var share in teller.Looks(Gaze.Sentences))
            sum += share;
        Assert.InRange(sum, 0.9999f, 1.0001f);
    }

    [Fact]
    public void The_ids_of_a_talk_are_those_of_the_chat_template()
    {
        Assert.Equal([1276, 1278, 841, 472, 289, 392, 503, 525, 408, 289, 620, 13, 1277, 1279], _pieces.Ask(Examples.Tale, begins: true));
        Assert.Equal([1278, .. _pieces.Ask(Examples.AboutTale, begins: true)[2..]], _pieces.Ask(Examples.AboutTale, begins: false));
    }

    /// <summary>Every byte comes back, of characters that are cut between two pieces, too.</summary>
    [Theory]
    [InlineData("Mira, the kite!")]
    [InlineData("Zo\u00eb found 12 na\u00efve snails \U0001F40C near the caf\u00e9.")]
    [InlineData("\u0000\u0001\t\u007f\u0080\u00a0\u00ad\u00ff\u0100 \u65e5\u672c")]
    public void Pieces_come_back_as_the_text_that_they_were(string text)
    {
        var ids = _pieces.Ask(text + "|", begins: true);
        Assert.Equal(text + "|", _pieces.Text(ids));
    }

    /// <summary>The window ends the tale, without an exception.</summary>
    [Fact]
    public void A_full_window_ends_the_tale()
    {
        using var teller = new Teller(_model, _pieces);
        for (var talk = 0; talk < 30; talk++)
        {
            foreach (var piece in teller.Answer(Examples.Tale))
                Assert.NotNull(piece);
            Assert.InRange(teller.Ids.Count, 1, TaleTeller.MaxTokens);
        }

        Assert.InRange(teller.Ids.Count, TaleTeller.MaxTokens - _pieces.Ask(Examples.Tale, begins: true).Length, TaleTeller.MaxTokens);
        Assert.Empty(teller.Answer(Examples.Tale));
    }

    /// <summary>The pieces are those of the reference, wherever the reference data is.</summary>
    [Fact]
    public void The_reference_tells_the_same()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Shared.Require("assets", "taleteller-golden.json")));
        var tale = golden.RootElement.GetProperty("cases")[0];
        Assert.Equal(tale.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), _pieces.Ask(tale.GetProperty("messages")[0].GetProperty("content").GetString()!, begins: true));
        Assert.StartsWith(tale.GetProperty("greedy_text").GetString()!, Told, StringComparison.Ordinal);
    }
}
