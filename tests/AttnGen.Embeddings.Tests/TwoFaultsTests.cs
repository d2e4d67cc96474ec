using AttnGen.Tokenizers;

namespace AttnGen.Embeddings.Tests;

/// <summary>A model and what stands beside its weights are read on two threads; of two faults the model's own is told, whichever comes first.</summary>
public class TwoFaultsTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(60);
    private static readonly AsyncLocal<Func<FailingModel>?> s_load = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_models_fault_is_told(bool tokenizerFirst)
    {
        using var failed = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var together = Environment.ProcessorCount > 1;
        var read = 0;
        s_load.Value = () =>
        {
            Assert.True(!(tokenizerFirst && together) || failed.Wait(s_long));
            throw new InvalidDataException("the weights");
        };

        var exception = Assert.Throws<InvalidDataException>(() => Load(_ =>
        {
            Interlocked.Increment(ref read);
            if (!tokenizerFirst)
            {
                done.Wait(s_long);
            }

            failed.Set();
            throw new InvalidDataException("the tokenizer");
        }));
        Assert.Equal("the weights", exception.Message);
        done.Set();
        Assert.True(!(tokenizerFirst && together) || read == 1);
        Assert.True(!together || tokenizerFirst || SpinWait.SpinUntil(() => failed.IsSet, s_long)); // it ends by itself
    }

    [Fact]
    public void The_tokenizers_fault_is_told_if_the_model_has_none_and_the_model_is_given_back()
    {
        var model = new FailingModel();
        s_load.Value = () => model;
        var exception = Assert.Throws<InvalidDataException>(() => Load(_ => throw new InvalidDataException("the tokenizer")));
        Assert.Equal("the tokenizer", exception.Message);
        Assert.True(model.Disposed);
    }

    private static object Load(Func<ModelFiles, SentenceSettings> read) => ModelWithTokenizer<FailingModel>.Load<object>(AppContext.BaseDirectory, null, read, loaded => loaded.Model);

    private sealed class FailingModel() : FakeModel(Describe()), ITransformerModel<FailingModel>
    {
        public static ModelInfo? Description { get; } = Describe();

        public static FailingModel Load(string? folder = null, ModelLoadOptions? options = null) => s_load.Value!();
    }
}
