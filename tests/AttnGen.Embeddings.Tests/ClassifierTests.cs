using AttnGen.Tokenizers;

namespace AttnGen.Embeddings.Tests;

public class ClassifierTests
{
    private static readonly TextTokenizer s_tokenizer = Tokens.Bert("{}", "a", "b", "c", "ann", "##a", "lives", "in", "rome");

    // A document's score is its number of tokens.
    private static FakeLogits Counting(int maxTokens = 16) => new(FakeModel.Describe(maxTokens, logits: 1), ids => [ids.Length - 6]);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_best_documents_come_first(int threads)
    {
        using var model = Counting();
        var reranker = new Reranker(model, s_tokenizer, new RerankerOptions { Activation = ScoreActivation.None, Threads = threads });
        var ranked = reranker.Rank("a", ["b", "b c", "c", "a b c a"], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([new(3, 2), new(1, 0), new(0, -1), new(2, -1)], ranked);
        Assert.Equal([3, 1], reranker.Rank("a", ["b", "b c", "c", "a b c a"], top: 2, TestContext.Current.CancellationToken).Select(one => one.Index));
        Assert.Empty(reranker.Rank("a", [], cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_pair_is_read_together()
    {
        using var model = Counting();
        var reranker = new Reranker(model, s_tokenizer);
        Assert.Equal(0.5f, reranker.Score(" a ", "b c"));
        var (ids, types) = model.Calls.Single();
        Assert.Equal([2, 5, 3, 6, 7, 3], ids);
        Assert.Equal([0, 0, 0, 1, 1, 1], types);
    }

    [Fact]
    public void A_reranker_needs_one_logit()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 2), _ => [0, 0]);
        Assert.Contains("one logit", Assert.Throws<ArgumentException>(() => new Reranker(model, s_tokenizer)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0.66524096, 0.24472848)]
    [InlineData("single_label_classification", 0.66524096, 0.24472848)]
    [InlineData("multi_label_classification", 0.73105858, 0.5)]
    [InlineData("regression", 1, 0)]
    public void Scores_follow_the_problem_type(string problem, double best, double second)
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 3, problem: problem, labels: ["low", "none", "high"]), _ => [-1, 0, 1]);
        var scores = new TextClassifier(model, s_tokenizer).Classify("a");
        Assert.Equal(["high", "none", "low"], scores.Select(score => score.Label));
        Assert.Equal(best, scores[0].Score, 1e-6);
        Assert.Equal(second, scores[1].Score, 1e-6);
    }

    [Fact]
    public void One_class_has_a_sigmoid_and_classes_without_names_get_some()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 1), _ => [0]);
        Assert.Equal([new LabelScore("LABEL_0", 0.5f)], new TextClassifier(model, s_tokenizer).Classify("a"));
    }

    [Fact]
    public void A_classifier_may_read_two_texts()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 2), _ => [0, 0]);
        new TextClassifier(model, s_tokenizer).Classify("a", "b");
        Assert.Equal([2, 5, 3, 6, 3], model.Calls.Single().Ids);
        Assert.Equal([0, 0, 0, 1, 1], model.Calls.Single().Types);
    }

    [Fact]
    public void A_model_that_knows_no_pairs_is_given_no_segments_whatever_its_tokenizer_says()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 1, pairTypes: false), _ => [0]);
        new TextClassifier(model, s_tokenizer).Classify("a", "b");
        new Reranker(model, s_tokenizer).Score("a", "b");
        Assert.Equal(2, model.Calls.Count);
        Assert.All(model.Calls, call => Assert.Empty(call.Types));
    }

    [Fact]
    public void Names_are_put_together_of_their_tokens()
    {
        string[] labels = ["O", "B-PER", "I-PER", "B-LOC"];
        // [CLS] ann ##a lives in rome [SEP] is B-PER I-PER O O B-LOC, the rest O.
        int[] classes = [0, 1, 2, 0, 0, 3, 0];
        using var model = new FakeLogits(
            FakeModel.Describe(logits: 4, perToken: true, labels: labels), ids => [.. Enumerable.Range(0, ids.Length).SelectMany(i => Enumerable.Range(0, 4).Select(j => j == classes[i] ? 5f : 0))]);
        const string Text = "Anna lives in  Rome";
        var entities = new TokenClassifier(model, s_tokenizer).Find(Text);
        Assert.Equal([("PER", "Anna"), ("LOC", "Rome")], entities.Select(one => (one.Label, Text[one.Range])));
        Assert.Equal(Math.Exp(5) / (Math.Exp(5) + 3), entities[0].Score, 1e-6);
    }

    [Fact]
    public void A_lone_space_and_marks_in_another_order_are_tokens_too()
    {
        // Bytes, NFC, spans without spaces: o, U+0308, U+0323 become two tokens of letters in another order than the text has them.
        var vocabulary = Enumerable.Range(0, 256).ToDictionary(value => BpeTokenizer.ByteCharacter(value).ToString(), value => value);
        var tokenizer = Tokens.FromFiles(("tokenizer.json", System.Text.Json.JsonSerializer.Serialize(new
        {
            normalizer = new { type = "NFC" },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, use_regex = true },
            post_processor = new { type = "ByteLevel", trim_offsets = true },
            model = new { type = "BPE", vocab = vocabulary, merges = Array.Empty<string>() },
        })));
        using var model = new FakeLogits(FakeModel.Describe(logits: 2, perToken: true, labels: ["O", "I-X"], maxTokens: 64), ids =>
            [.. ids.SelectMany(id => id == ' ' ? new float[] { 5, 0 } : [0, 5])]);
        var classifier = new TokenClassifier(model, tokenizer);
        const string Text = "a b";
        Assert.Equal(["a", "b"], classifier.Find(Text).Select(one => Text[one.Range]));
        const string Marks = "so\u0308\u0323\u0323";
        Assert.Equal(Marks, Assert.Single(classifier.Find(Marks)).Range is var range ? Marks[range] : "");
    }

    [Fact]
    public void Each_classifier_names_the_other_one()
    {
        using var model = new FakeLogits(FakeModel.Describe(logits: 2, perToken: true), _ => []);
        Assert.Contains("TokenClassifier", Assert.Throws<ArgumentException>(() => new TextClassifier(model, s_tokenizer)).Message, StringComparison.Ordinal);
        using var other = new FakeLogits(FakeModel.Describe(logits: 2), _ => []);
        Assert.Contains("TextClassifier", Assert.Throws<ArgumentException>(() => new TokenClassifier(other, s_tokenizer)).Message, StringComparison.Ordinal);
    }
}
