namespace AttnGen.Models.Tests;

/// <summary>Sequences in the wrong hands: full, busy, disposed, damaged files. Each is refused in a sentence that helps, and nothing is lost.</summary>
public sealed class SequenceUseTests
{
    [Fact]
    public void Capacity_and_window_are_told_apart()
    {
        using var model = SequenceTests.Load("llama");
        var window = model.Info.MaxTokens;
        Assert.Equal(64, window);
        Assert.Contains("1 to 64 tokens", Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateSequence(65)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateSequence(-1));
        using var small = model.CreateSequence(10);
        Assert.Equal(10, small.Capacity);
        small.Extend(new int[8]);
        var full = Assert.Throws<InvalidOperationException>(() => small.Extend(new int[3]));
        Assert.Equal("The sequence holds 8 of 10 tokens and cannot take 3 more. Make it with a larger capacity (up to 64, the context window of Model), give a shorter text, or Rewind or Clear it.", full.Message);
        Assert.Equal(8, small.Position);
        using var whole = model.CreateSequence();
        Assert.Equal(window, whole.Capacity);
        whole.Extend(new int[window]);
        full = Assert.Throws<InvalidOperationException>(() => whole.Extend([1]));
        Assert.Contains("64 is the context window of Model: the model has no positions beyond it.", full.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => TokenSequence.Extend([small, whole], [1, 1], [1, 2]));
        Assert.Equal((8, window), (small.Position, whole.Position));
        small.Extend([1, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => small.Rewind(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => small.Rewind(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => small.Fork(9));
        small.Clear();
        Assert.Equal(0, small.Position);
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_nothing_is_appended()
    {
        using var model = SequenceTests.Load("llama");
        var size = model.Info.LogitsSize;
        using var sequence = model.CreateSequence();
        using var other = model.CreateSequence();
        sequence.Extend([1, 2, 3]);
        Assert.Contains($"tokenIds[1] is {size}, but ids go from 0 to {size - 1}", Assert.Throws<ArgumentException>(() => sequence.Extend([1, size])).Message, StringComparison.Ordinal);
        Assert.Contains("tokenIds[0] is -1", Assert.Throws<ArgumentException>(() => sequence.Extend([-1])).Message, StringComparison.Ordinal);
        Assert.Contains($"{2 * size} ([T, V], after each of 2)", Assert.Throws<ArgumentException>(() => sequence.Extend([1, 2], new float[size + 1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => sequence.Extend([], new float[size]));
        Assert.Throws<ArgumentException>(() => sequence.Extend([1], default, new ForwardTrace { HiddenStates = new float[5] }));
        Assert.Throws<ArgumentException>(() => sequence.Extend([1], default, new ForwardTrace { AttentionWeights = new float[5] }));
        Assert.Contains("sequences[1] and sequences[0] are the same", Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, sequence], [1, 1], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("counts add up to 3", Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, other], [1, 2], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("counts[1] is 0", Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, other], [2, 0], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("counts has 1 numbers", Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, other], [2], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, null!], [1, 1], [1, 2]));
        Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, other], [1, 1], [1, 2], new float[size]));
        using var twin = SequenceTests.Load("llama");
        using var foreign = twin.CreateSequence();
        Assert.Contains("another loaded model", Assert.Throws<ArgumentException>(() => TokenSequence.Extend([sequence, foreign], [1, 1], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Equal(3, sequence.Position);
        sequence.Extend([]);
        TokenSequence.Extend([], [], []);
        Assert.Equal(3, sequence.Position);
    }

    [Fact]
    public async Task One_sequence_serves_one_call_at_a_time()
    {
        using var model = SequenceTests.Load("llama");
        using var sequence = model.CreateSequence();
        int refused = 0, done = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                try
                {
                    sequence.Clear();
                    sequence.Extend([1, 2, 3, 4, 5, 6, 7, 8]);
                    Interlocked.Increment(ref done);
                }
                catch (InvalidOperationException e)
                {
                    Assert.Contains("Another call is using this sequence", e.Message, StringComparison.Ordinal);
                    Interlocked.Increment(ref refused);
                }
            }
        })));
        Assert.Equal(2000, refused + done);
        Assert.True(done > 0);
        sequence.Clear();
        sequence.Extend([1]);
    }

    [Fact]
    public async Task Disposing_during_calls_is_safe()
    {
        for (var round = 0; round < 20; round++)
        {
            var model = SequenceTests.Load("llama");
            var sequences = Enumerable.Range(0, 4).Select(_ => model.CreateSequence()).ToArray();
            var calls = sequences.Select(sequence => Task.Run(() =>
            {
                try
                {
                    for (var i = 0; ; i++)
                    {
                        sequence.Clear();
                        sequence.Extend([1, 2, 3, 4, 5]);
                    }
                }
                catch (ObjectDisposedException)
                {
                }
            })).ToArray();
            await Task.Yield();
            sequences[round % 4].Dispose();
            model.Dispose();
            await Task.WhenAll(calls);
            Assert.Throws<ObjectDisposedException>(() => model.CreateSequence());
            Array.ForEach(sequences, sequence => sequence.Dispose());
            Array.ForEach(sequences, sequence => sequence.Dispose());
        }
    }

    [Fact]
    public void Damaged_files_are_refused_and_change_nothing()
    {
        using var model = SequenceTests.Load("llama");
        using var sequence = model.CreateSequence();
        using var target = model.CreateSequence();
        sequence.Extend([.. Enumerable.Range(0, 19)]);
        target.Extend([5, 4, 3]);
        using var stream = new MemoryStream();
        sequence.Save(stream);
        var saved = stream.ToArray();
        var random = new Random(3);

        // Cut anywhere.
        for (var length = 0; length < saved.Length; length += length < 120 ? 1 : 997)
            Refused(saved[..length], length < 8 ? "" : "cut");

        // One bit anywhere.
        for (var round = 0; round < 300; round++)
        {
            var changed = (byte[])saved.Clone();
            var at = round < 120 ? round : random.Next(changed.Length);
            changed[at] ^= (byte)(1 << random.Next(8));
            Refused(changed, "");
        }

        // Numbers that would be absurd.
        foreach (var tokens in new[] { -1, 65, int.MaxValue, int.MinValue })
        {
            var changed = (byte[])saved.Clone();
            BitConverter.TryWriteBytes(changed.AsSpan(8 + 24), tokens);
            Refused(changed, "damaged");
        }

        Refused([.. "AttnGenS"u8, .. BitConverter.GetBytes(9), .. saved[12..]], "version 9");
        Refused([.. saved[..12], .. BitConverter.GetBytes(3), .. saved[16..]], "format 3");
        Refused([.. "GGUF"u8, .. saved], "does not hold a saved sequence");

        // Another model, and the same one with other weights.
        using var qwen = SequenceTests.Load("qwen2");
        using var ofQwen = qwen.CreateSequence();
        Assert.Contains("another model", Assert.Throws<InvalidDataException>(() => ofQwen.Load(new MemoryStream(saved))).Message, StringComparison.Ordinal);
        using var tuned = SequenceTests.Load("llama", (values, _) => values[3] += 0.25f);
        using var ofTuned = tuned.CreateSequence();
        Assert.Contains("other weights", Assert.Throws<InvalidDataException>(() => ofTuned.Load(new MemoryStream(saved))).Message, StringComparison.Ordinal);
        using var small = model.CreateSequence(18);
        Assert.Contains("capacity of at least 19", Assert.Throws<InvalidOperationException>(() => small.Load(new MemoryStream(saved))).Message, StringComparison.Ordinal);
        target.Load(new MemoryStream(saved));
        Assert.Equal(19, target.Position);

        void Refused(byte[] bytes, string part)
        {
            var e = Assert.Throws<InvalidDataException>(() => target.Load(new MemoryStream(bytes)));
            Assert.Contains(part, e.Message, StringComparison.Ordinal);
            Assert.Equal(3, target.Position);
            var (found, expected) = (new float[model.Info.LogitsSize], new float[model.Info.LogitsSize]);
            target.Extend([2], found);
            target.Rewind(3);
            using var fresh = model.CreateSequence();
            fresh.Extend([5, 4, 3, 2], expected);
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void A_sequence_says_its_bytes_before_it_is_made()
    {
        using var model = SequenceTests.Load("llama");
        var type = model.GetType();
        long Bytes(int capacity) => (long)type.GetMethod("SequenceBytes")!.Invoke(null, [capacity])!;

        // Two layers, two heads of keys and values of 8.
        var info = model.Info;
        Assert.Equal((64L * info.Layers * 2 * (8 + 8) + 16) * 4, Bytes(0));
        Assert.Equal((32L * info.Layers * 2 * (8 + 8) + 16) * 4, Bytes(1));
        Assert.Throws<System.Reflection.TargetInvocationException>(() => Bytes(65));
    }
}
