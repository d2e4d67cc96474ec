namespace AttnGen.Models.Tests;

/// <summary>Where a model's weights may come from, and what is refused.</summary>
public sealed class LoadingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attngen").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_float_type_and_shards_give_the_same_bits()
    {
        var (config, manifest) = SmallModels.All[0];
        var weights = WeightFile.Random(manifest);
        var expected = Run(Compile("F32", config, WeightFile.Bytes(weights)));
        foreach (var type in new[] { "F16", "BF16", "F64" })
            Assert.Equal(expected, Run(Compile(type, config, WeightFile.Bytes(weights, type))));

        // Two shards, cut in the middle of a layer, of different types.
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "shards")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        var first = weights.Take(12).ToList();
        var second = weights.Skip(12).ToList();
        File.WriteAllBytes(Path.Combine(folder, "model-00001-of-00002.safetensors"), WeightFile.Bytes(first, "F16"));
        File.WriteAllBytes(Path.Combine(folder, "model-00002-of-00002.safetensors"), WeightFile.Bytes(second, "BF16"));
        var map = first.Select(t => $"\"{t.Key}\":\"model-00001-of-00002.safetensors\"").Concat(second.Select(t => $"\"{t.Key}\":\"model-00002-of-00002.safetensors\""));
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), $"{{\"weight_map\":{{{string.Join(",", map)}}}}}");
        Assert.Equal(expected, Run(HubModel.Of(folder)));
    }

    [Fact]
    public void A_stream_will_do()
    {
        var (config, manifest) = SmallModels.All[0];
        var bytes = WeightFile.Bytes(WeightFile.Random(manifest));
        var compiled = Compile("stream", config, bytes);
        using var model = compiled.Load(new MemoryStream(bytes));
        Assert.Equal(Run(compiled), Run(model));
    }

    [Fact]
    public void A_file_that_changed_since_the_build_is_refused()
    {
        var (config, manifest) = SmallModels.All[0];
        var weights = WeightFile.Random(manifest);
        var compiled = Compile("changed", config, WeightFile.Bytes(weights));
        Refused("BF16", WeightFile.Bytes(weights, "BF16"), "has changed since Model was compiled");
        Refused("more", WeightFile.Bytes(weights.Append(new("extra.weight", ([2L], [1f, 2f])))), "has changed since Model was compiled");
        Refused("less", WeightFile.Bytes(weights.Where(t => t.Key != "encoder.layer.0.output.dense.bias")), "there is no tensor 'encoder.layer.0.output.dense.bias' [16], which Model needs", "; load the folder that the class was made of, or build the program with this one.");
        Refused("shape", WeightFile.Bytes(weights.Select(t => t.Key == "encoder.layer.0.output.dense.bias" ? new(t.Key, ([8L], t.Value.Values[..8])) : t)), "tensor 'encoder.layer.0.output.dense.bias' is [8], but Model needs [16]; load the folder that the class was made of, or build the program with this one.");

        // Other numbers in the same shapes are the same model, trained further.
        using var other = compiled.Load(Folder("other", config, WeightFile.Bytes(WeightFile.Random(manifest, seed: 2))));
        Assert.NotEqual(Run(compiled), Run(other));

        void Refused(string name, byte[] bytes, params string[] what)
        {
            var e = Assert.ThrowsAny<WeightException>(() => compiled.Load(Folder(name, config, bytes)));
            Assert.All(what, part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Fact]
    public void An_absent_folder_says_where_it_was_looked_for()
    {
        var (config, manifest) = SmallModels.All[0];
        var compiled = Compile("absent", config, WeightFile.Bytes(WeightFile.Random(manifest)));
        Assert.Contains("model.safetensors", Assert.ThrowsAny<IOException>(() => compiled.Load(Path.Combine(_folder, "nowhere"))).Message, StringComparison.Ordinal);
        Assert.Contains("give the folder of the model that the class was made of", Assert.ThrowsAny<IOException>(() => compiled.Load(Path.Combine(_folder, "nowhere"))).Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(_folder, "absent", "model.safetensors"));
        Assert.Contains("does not hold model.safetensors; put that file there", Assert.ThrowsAny<IOException>(() => compiled.Load()).Message, StringComparison.Ordinal);
        Assert.Contains(ModelFolder.VariableName, Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Find("models/none")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_can_be_cancelled_on_one_thread_and_on_many()
    {
        var (config, manifest) = SmallModels.All[0];
        var compiled = Compile("cancel", config, WeightFile.Bytes(WeightFile.Random(manifest)));
        foreach (var threads in new[] { 1, 4 })
            Assert.ThrowsAny<OperationCanceledException>(() => compiled.Load(options: new ModelLoadOptions { Threads = threads, CancellationToken = new CancellationToken(true) }));
        foreach (var threads in new[] { -1, -2, int.MinValue })
        {
            var message = Assert.Throws<ArgumentOutOfRangeException>(() => compiled.Load(options: new ModelLoadOptions { Threads = threads })).Message;
            Assert.Contains($"ModelLoadOptions.Threads is {threads}; give 0 (one thread for each processor) or a number from 1 on.", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Calls_with_wrong_arguments_say_what_is_wrong()
    {
        var (config, manifest) = SmallModels.All[0];
        using var model = (ISentenceEncoder)Compile("calls", config, WeightFile.Bytes(WeightFile.Random(manifest))).Load();
        var vector = new float[16];
        Assert.Contains("tokenIds[1] is 20, but the vocabulary has 0 to 19", Assert.Throws<ArgumentOutOfRangeException>(() => model.Embed([1, 20], vector)).Message, StringComparison.Ordinal);
        Assert.Contains("tokenIds[0] is -1", Assert.Throws<ArgumentOutOfRangeException>(() => model.Embed([-1], vector)).Message, StringComparison.Ordinal);
        Assert.Contains("0 tokens, but must have at least 1", Assert.Throws<ArgumentException>(() => model.Embed([], vector)).Message, StringComparison.Ordinal);
        Assert.Contains("9 tokens, but must have 1 to 8", Assert.Throws<ArgumentException>(() => model.Embed(new int[9], vector)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Embed([1, 2], new float[15]));
        Assert.Contains("tokenTypes has 1 segments", Assert.Throws<ArgumentException>(() => model.Embed([1, 2], vector, [0])).Message, StringComparison.Ordinal);
        Assert.Contains("tokenTypes[1] is 2", Assert.Throws<ArgumentOutOfRangeException>(() => model.Embed([1, 2], vector, [0, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("pairs", Assert.Throws<ArgumentException>(() => model.Embed([1, 2], vector, mask: AttentionMask.Keep([true, true, true, true]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Embed([1, 2], vector, mask: AttentionMask.KeyLength(3)));
        Assert.Throws<ArgumentException>(() => model.Forward([1, 2], new float[32], mask: default(AttentionMask).WithFirstQuery(1)));
        Assert.Throws<ArgumentException>(() => model.Forward([1, 2], new float[32], trace: new ForwardTrace { HiddenStates = new float[1] }));
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Embed([1, 2], vector));
    }

    private static float[] Run(HubModel compiled)
    {
        using var model = compiled.Load();
        return Run(model);
    }

    private static float[] Run(ITransformerModel model)
    {
        var vector = new float[16];
        ((ISentenceEncoder)model).Embed([1, 5, 9, 3, 2], vector, [0, 0, 1, 1, 1]);
        Assert.All(vector, value => Assert.True(float.IsFinite(value)));
        return vector;
    }

    private HubModel Compile(string name, string config, byte[] weights) => HubModel.Of(Folder(name, config, weights));

    private string Folder(string name, string config, byte[] weights)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), weights);
        return folder;
    }
}
