using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>What holds of every sequence: however a text is cut, forked, rewound, saved or read beside others, its logits have the same bits.</summary>
public sealed class SequenceTests
{
    public static TheoryData<string> Models => DecoderGoldenTests.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void However_a_text_is_cut_its_bits_are_the_same(string name)
    {
        using var model = Load(name);
        var (ids, whole) = Whole(model);
        var random = new Random(1);
        for (var round = 0; round < 12; round++)
        {
            using var sequence = model.CreateSequence(ids.Length);
            var logits = new float[whole.Length];
            for (var done = 0; done < ids.Length;)
            {
                var take = round == 0 ? 1 : Math.Min(ids.Length - done, random.Next(1, round < 6 ? 5 : 30));
                Extend(sequence, ids, done, take, logits);
                done += take;
            }

            Assert.Equal(whole, logits);
        }

        // The last token alone, and the whole text at once without a sequence.
        var last = new float[model.Info.LogitsSize];
        using (var sequence = model.CreateSequence())
            sequence.Extend(ids, last);
        Assert.Equal(whole[^last.Length..], last);
        var alone = new float[whole.Length];
        ((ILogitsModel)model).ComputeLogits(ids, alone);
        Assert.Equal(whole, alone);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Together_they_are_as_if_alone(string name)
    {
        using var model = Load(name);
        var (ids, whole) = Whole(model);
        var size = model.Info.LogitsSize;
        var random = new Random(2);
        for (var round = 0; round < 6; round++)
        {
            // Sequences of several lengths, which go on together until each has read all.
            int[] starts = [.. Enumerable.Range(0, 2 + round * 3).Select(_ => random.Next(0, ids.Length - 8))];
            var sequences = starts.Select(start =>
            {
                var sequence = model.CreateSequence(ids.Length);
                sequence.Extend(ids.AsSpan(0, start));
                return sequence;
            }).ToArray();
            for (var step = 0; step < 5; step++)
            {
                int[] some = [.. Enumerable.Range(0, sequences.Length).Where(i => sequences[i].Position < ids.Length && random.Next(4) > 0)];
                int[] counts = [.. some.Select(i => random.Next(1, Math.Min(5, ids.Length - sequences[i].Position) + 1))];
                int[] tokens = [.. some.SelectMany((i, at) => ids.Skip(sequences[i].Position).Take(counts[at]))];
                var logits = new float[some.Length * size];
                TokenSequence.Extend([.. some.Select(i => sequences[i])], counts, tokens, logits);
                for (var at = 0; at < some.Length; at++)
                    Assert.Equal(whole[((sequences[some[at]].Position - 1) * size)..(sequences[some[at]].Position * size)], logits[(at * size)..((at + 1) * size)]);
            }

            Array.ForEach(sequences, sequence => sequence.Dispose());
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Forks_rewinds_and_saved_sequences_go_on_with_the_same_bits(string name)
    {
        using var model = Load(name);
        var (ids, whole) = Whole(model);
        var other = ids.Select(id => (id * 5 + 3) % model.Info.VocabularySize).ToArray();
        for (var cut = 0; cut < ids.Length; cut += 7)
        {
            using var sequence = model.CreateSequence(ids.Length);
            var logits = new float[whole.Length];
            if (cut > 0)
                Extend(sequence, ids, 0, cut, logits);
            using var stream = new MemoryStream();
            sequence.Save(stream);
            using var fork = sequence.Fork(cut % 2 == 0 ? 0 : model.Info.MaxTokens);

            // Another text in between, then back.
            sequence.Extend(other.AsSpan(cut));
            sequence.Rewind(cut);
            var rewound = (float[])logits.Clone();
            Extend(sequence, ids, cut, ids.Length - cut, rewound);
            Assert.Equal(whole, rewound);
            var forked = (float[])logits.Clone();
            Extend(fork, ids, cut, ids.Length - cut, forked);
            Assert.Equal(whole, forked);
            using var loaded = model.CreateSequence();
            loaded.Extend(other);
            stream.Position = 0;
            loaded.Load(stream);
            Assert.Equal(stream.Length, stream.Position);
            Assert.Equal(cut, loaded.Position);
            var read = (float[])logits.Clone();
            Extend(loaded, ids, cut, ids.Length - cut, read);
            Assert.Equal(whole, read);
        }
    }

    /// <summary>What is not a number in a value reaches who sees it, and nobody else, however the text is cut.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_hidden_does_not_reach_a_query_even_if_it_is_infinite(string name)
    {
        // An embedding that is infinite: of the token in the middle of the text.
        int[] text;
        using (var model = Load(name))
            text = Whole(model).Ids;
        using var broken = Load(name, (values, width) => values[text[text.Length / 2] * width + 1] = float.PositiveInfinity);
        var (ids, whole) = Whole(broken);
        Assert.Contains(whole, float.IsNaN);
        Assert.Contains(whole, float.IsFinite);
        foreach (var step in new[] { 1, 3, 11 })
        {
            using var sequence = broken.CreateSequence(ids.Length);
            var logits = new float[whole.Length];
            for (var done = 0; done < ids.Length; done += step)
                Extend(sequence, ids, done, Math.Min(step, ids.Length - done), logits);
            Assert.Equal(whole.Select(float.IsNaN), logits.Select(float.IsNaN));
            Assert.Equal(whole.Where(float.IsFinite), logits.Where(float.IsFinite));
        }
    }

    /// <summary>Of a text with windows a file holds the end only. What the sequence held before stays in front of it, and reaches nobody even if it is not finite.</summary>
    [Fact]
    public void What_was_there_before_a_file_was_loaded_does_not_reach_its_text()
    {
        int[] text;
        using (var model = Load("mistral"))
            text = Whole(model).Ids;
        var bad = Enumerable.Range(0, 200).First(id => !text.Contains(id));
        using var broken = Load("mistral", (values, width) => values[bad * width + 1] = float.PositiveInfinity);
        var size = broken.Info.LogitsSize;
        for (var cut = 1; cut < text.Length; cut++)
        {
            using var sequence = broken.CreateSequence();
            sequence.Extend(text.AsSpan(0, cut));
            using var saved = new MemoryStream();
            sequence.Save(saved);
            saved.Position = 0;
            using var other = broken.CreateSequence();
            other.Extend([.. Enumerable.Repeat(bad, text.Length)]);
            other.Load(saved);
            float[] expected = new float[size], found = new float[size];
            sequence.Extend(text.AsSpan(cut, 1), expected);
            other.Extend(text.AsSpan(cut, 1), found);
            Assert.All(expected, value => Assert.True(float.IsFinite(value)));
            Assert.Equal(expected, found);
        }
    }

    /// <summary>Memory that held another text, or the end of this one, is read by the next; what is in it reaches nobody even if it is not finite.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void What_was_forgotten_does_not_reach_the_next_text(string name)
    {
        int[] text;
        using (var model = Load(name))
            text = Whole(model).Ids;
        var bad = Enumerable.Range(0, 60).First(id => !text.Contains(id));
        using var broken = Load(name, (values, width) => values[bad * width + 1] = float.PositiveInfinity);
        var size = broken.Info.LogitsSize;
        float[] expected = new float[text.Length * size], found = new float[text.Length * size];
        using (var fresh = broken.CreateSequence())
            fresh.Extend(text, expected);
        Assert.DoesNotContain(expected, float.IsNaN); // a tied head has infinite logits of that id
        int[] worse = [.. Enumerable.Repeat(bad, text.Length)];

        using var cleared = broken.CreateSequence();
        cleared.Extend(worse);
        cleared.Clear();
        Extend(cleared, text, 0, 3, found);
        Extend(cleared, text, 3, text.Length - 3, found);
        Assert.Equal(expected, found);

        Array.Clear(found);
        using var rewound = broken.CreateSequence();
        Extend(rewound, text, 0, 3, found);
        rewound.Extend(worse.AsSpan(0, 4));
        rewound.Rewind(3);
        Extend(rewound, text, 3, text.Length - 3, found);
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Nothing_is_allocated(string name)
    {
        using var model = Load(name);
        var (ids, whole) = Whole(model);
        using var sequence = model.CreateSequence();
        using var second = model.CreateSequence();
        var logits = new float[2 * model.Info.LogitsSize];
        TokenSequence[] both = [sequence, second];
        int[] counts = [1, 2]; // a literal inside would be an array of each call
        Assert.Equal(0, Allocated.Least(() =>
        {
            sequence.Clear();
            second.Clear();
            sequence.Extend(ids.AsSpan(0, 20), whole.AsSpan(0, 20 * model.Info.LogitsSize));
            sequence.Extend(ids.AsSpan(20, 1), logits.AsSpan(0, model.Info.LogitsSize));
            TokenSequence.Extend(both, counts, ids.AsSpan(0, 3), logits);
        }));
    }

    [Fact]
    public async Task Many_threads_share_a_model()
    {
        using var model = Load("llama");
        var (ids, whole) = Whole(model);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var round = 0; round < 20; round++)
            {
                using var sequence = model.CreateSequence(ids.Length);
                var logits = new float[whole.Length];
                for (var done = 0; done < ids.Length;)
                {
                    var take = Math.Min(ids.Length - done, 1 + (thread + round) % 5);
                    Extend(sequence, ids, done, take, logits);
                    done += take;
                }

                Assert.Equal(whole, logits);
            }
        })));
    }

    /// <summary>Layers with a window keep a ring of the last tokens, and go on with the bits of a cache that keeps everything.</summary>
    [Fact]
    public void A_ring_changes_no_bit()
    {
        var folder = Directory.CreateTempSubdirectory("attngen").FullName;
        try
        {
            var source = Shared.Require("golden", "hf", "mistral");
            File.Copy(Path.Combine(source, "model.safetensors"), Path.Combine(folder, "model.safetensors"));
            File.WriteAllText(Path.Combine(folder, "config.json"), File.ReadAllText(Path.Combine(source, "config.json")).Replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 512", StringComparison.Ordinal));
            using var model = (ILanguageModel)HubModel.Of(folder).Load();
            var size = model.Info.LogitsSize;
            int[] ids = [.. Enumerable.Range(0, 512).Select(i => (i * 13 + i / 7) % model.Info.VocabularySize)];

            // A call without a sequence keeps everything.
            var whole = new float[ids.Length * size];
            ((ILogitsModel)model).ComputeLogits(ids, whole);
            using var first = model.CreateSequence();
            Assert.True(Bytes(model, 512) < Bytes(model, 160) * 2); // room for 160 tokens is less than two rings of 96
            foreach (var step in new[] { 512, 100, 33, 7, 1 })
            {
                using var sequence = model.CreateSequence();
                var logits = new float[whole.Length];
                for (var done = 0; done < ids.Length; done += step)
                    Extend(sequence, ids, done, Math.Min(step, ids.Length - done), logits);
                Assert.Equal(whole, logits);
            }

            // Back as far as the ring reaches, and no further.
            first.Extend(ids.AsSpan(0, 400));
            Assert.Equal(Bytes(model, 512), first.Bytes);
            Assert.InRange(first.RewindReach, 33, 96);
            Assert.False(first.CanRewind(401));
            Assert.False(first.CanRewind(-1));
            Assert.True(first.CanRewind(0));
            for (var position = 1; position <= 400; position++)
            {
                Assert.True(first.CanRewind(position) || position < 400 - first.RewindReach);
                if (!first.CanRewind(position))
                    Assert.Throws<InvalidOperationException>(() => first.Rewind(position));
            }

            first.Rewind(330);
            var rest = (float[])whole.Clone();
            Array.Clear(rest, 330 * size, 182 * size);
            Extend(first, ids, 330, 182, rest);
            Assert.Equal(whole, rest);
            var e = Assert.Throws<InvalidOperationException>(() => first.Rewind(300));
            Assert.Contains("have a window of 5 tokens", e.Message, StringComparison.Ordinal);
            Assert.Equal(512, first.Position);
            first.Rewind(0);

            // Forks and files, to sequences with a ring and without one.
            first.Extend(ids.AsSpan(0, 140));
            using var saved = new MemoryStream();
            first.Save(saved);
            foreach (var capacity in new[] { 0, 160 })
            {
                using var fork = first.Fork(capacity == 0 ? 512 : capacity);
                using var loaded = model.CreateSequence(capacity);
                saved.Position = 0;
                loaded.Load(saved);
                foreach (var sequence in new[] { fork, loaded })
                {
                    var end = capacity == 0 ? 512 : capacity;
                    var logits = (float[])whole.Clone();
                    Array.Clear(logits, 140 * size, (end - 140) * size);
                    Extend(sequence, ids, 140, end - 140, logits);
                    Assert.Equal(whole, logits);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static long Bytes(ILanguageModel model, int capacity) => (long)model.GetType().GetMethod("SequenceBytes", [typeof(int)])!.Invoke(null, [capacity])!;
    }

    internal static ILanguageModel Load(string name, Action<float[], int>? change = null)
    {
        var folder = Shared.Require("golden", "hf", name);
        if (change is null)
            return (ILanguageModel)HubModel.Of(folder).Load();
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        var tensors = new TensorDictionary();
        foreach (var tensor in file.TensorNames)
        {
            file.TryGetShape(tensor, out var shape);
            var values = new float[shape.ToArray().Aggregate(1L, (a, b) => a * b)];
            file.Read(tensor, 0, values);
            if (tensor.EndsWith("embed_tokens.weight", StringComparison.Ordinal) || tensor.EndsWith("wte.weight", StringComparison.Ordinal) || tensor.EndsWith("embed_in.weight", StringComparison.Ordinal)
                || tensor.EndsWith("word_embeddings.weight", StringComparison.Ordinal))
                change(values, (int)shape[1]);
            tensors.Add(tensor, shape, values);
        }

        return (ILanguageModel)HubModel.Of(folder).Load(tensors);
    }

    internal static (int[] Ids, float[] Logits) Whole(ILanguageModel model)
    {
        int[] ids = [.. Enumerable.Range(0, Math.Min(40, model.Info.MaxTokens)).Select(i => (i * 13 + 5) % model.Info.VocabularySize)];
        var logits = new float[ids.Length * model.Info.LogitsSize];
        using var sequence = model.CreateSequence(ids.Length);
        sequence.Extend(ids, logits);
        return (ids, logits);
    }

    private static void Extend(TokenSequence sequence, int[] ids, int from, int count, float[] logits)
    {
        var size = logits.Length / ids.Length;
        sequence.Extend(ids.AsSpan(from, count), logits.AsSpan(from * size, count * size));
    }
}
