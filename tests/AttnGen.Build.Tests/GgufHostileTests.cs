using System.Buffers.Binary;
using System.Text;

namespace AttnGen.Build.Tests;

/// <summary>GGUF files that lie, made of a sound one: each is refused in one sentence that names file, key or tensor, by the build and by the library, and costs no memory.</summary>
public sealed class GgufHostileTests : IDisposable
{
    private const string File = "hostile.gguf";

    private readonly string _folder = Directory.CreateTempSubdirectory("attngen").FullName;

    public static TheoryData<string> Names => [.. Cases().Select(one => one.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Refused(string name)
    {
        var (_, bytes, word, isOfBuild) = Cases().Single(one => one.Name == name);
        Check(bytes, word, isOfBuild, name);
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.InRange(Cases().Count(), 60, 200);

    [Fact]
    public void The_sound_file_is_read()
    {
        var bytes = GgufSample.Writer().ToBytes();
        using var model = GgufModel.Open(new MemoryStream(bytes));
        Assert.Contains("model.layers.0.self_attn.q_proj.weight", model.TensorNames);
        Assert.Equal(["chat_template.jinja", "config.json", "gguf.names.json", "manifest.json", "tokenizer_config.json"], Build(bytes).Select(text => text.File).Order(StringComparer.Ordinal));
    }

    /// <summary>A file that ends at any byte of its header, or of its data.</summary>
    [Fact]
    public void Cut_at_every_byte()
    {
        var writer = GgufSample.Writer();
        var bytes = writer.ToBytes();
        for (var length = 0; length < writer.HeaderLength; length++)
            Check(bytes[..length], "", isOfBuild: false, $"cut at {length}");
        for (var length = writer.HeaderLength; length < bytes.Length - 32; length += 37)
            Check(bytes[..length], "cut short", isOfBuild: false, $"cut at {length}");
    }

    /// <summary>Any byte of the header may be another: the file is read, or refused, and nothing else.</summary>
    [Fact]
    public void Any_byte_may_be_another()
    {
        var writer = GgufSample.Writer();
        var bytes = writer.ToBytes();
        var random = new Random(3);
        var refused = 0;
        for (var round = 0; round < 6000; round++)
        {
            byte[] other = [.. bytes];
            for (var i = random.Next(1, 4); i > 0; i--)
                other[random.Next(writer.HeaderLength)] = (byte)random.Next(256);
            try
            {
                GgufModel.Open(new MemoryStream(other), File).Dispose();
            }
            catch (GgufFormatException e)
            {
                Sentence(e.Message, $"round {round}");
                refused++;
            }

            try
            {
                Build(other);
            }
            catch (ProblemException e)
            {
                Sentence(e.Message, $"round {round}");
            }
        }

        Assert.InRange(refused, 1000, 6000);
    }

    /// <summary>What the format allows and llama.cpp does not write.</summary>
    [Theory]
    [InlineData("version 2")]
    [InlineData("out of order")]
    [InlineData("alignment 64")]
    [InlineData("alignment 8")]
    [InlineData("a gap")]
    public void Read_all_the_same(string what)
    {
        var expected = Values(GgufSample.Writer().ToBytes());
        var writer = GgufSample.Writer();
        switch (what)
        {
            case "version 2":
                writer.Version = 2;
                break;
            case "out of order":
                writer.Reversed = true;
                break;
            case "a gap":
                writer.Tensor("rope_freqs.weight", [2], [1, 1]); // Its values are the build's: nobody reads it at load.
                break;
            default:
                writer.Alignment = int.Parse(what.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                break;
        }

        Assert.Equal(expected, Values(writer.ToBytes()));
        Build(writer.ToBytes());

        static float[] Values(byte[] bytes)
        {
            using var model = GgufModel.Open(new MemoryStream(bytes));
            return [.. model.TensorNames.SelectMany(name =>
            {
                model.TryGetShape(name, out var shape);
                var values = new float[shape.ToArray().Aggregate(1L, (a, b) => a * b)];
                model.Read(name, 0, values);
                return values;
            })];
        }
    }

    private void Check(byte[] bytes, string word, bool isOfBuild, string name)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = Assert.Throws<ProblemException>(() => Build(bytes));
        Sentence(problem.Message, name);
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
        if (!isOfBuild)
        {
            var refused = Assert.Throws<GgufFormatException>(() => GgufModel.Open(new MemoryStream(bytes), File));
            Sentence(refused.Message, name);
            Assert.Contains(word, refused.Message, StringComparison.Ordinal);
            Assert.Equal(File, refused.SourceName);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000 + bytes.Length * 8L);
    }

    private static void Sentence(string message, string name)
    {
        Assert.True(message.Contains(File, StringComparison.Ordinal) && message.EndsWith('.') && !message.Contains('\n', StringComparison.Ordinal) && message.Length is > 30 and < 900, $"{name}: {message}");
    }

    private List<(string File, string Text)> Build(byte[] bytes)
    {
        var path = Path.Combine(_folder, File);
        System.IO.File.WriteAllBytes(path, bytes);
        return GgufSource.Find(path)!.Read();
    }

    private static IEnumerable<(string Name, byte[] Bytes, string Word, bool IsOfBuild)> Cases()
    {
        // The beginning.
        yield return Patched("magic", bytes => bytes[0] = (byte)'H', "no GGUF file");
        yield return ("pointer", [.. "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8], "Git LFS", false);
        yield return Patched("ggml", bytes => "tjgg"u8.CopyTo(bytes), "GGML");
        yield return Patched("version 1", bytes => bytes[4] = 1, "version 1");
        yield return Patched("version 4", bytes => bytes[4] = 4, "version 4");
        yield return Patched("big-endian", bytes => (bytes[4], bytes[7]) = (0, 3), "big-endian");
        foreach (var (count, value) in new[] { ("2^63", 1UL << 63), ("2^64-1", ulong.MaxValue), ("2^32", 1UL << 32), ("a million", 1_000_000UL) })
        {
            yield return Patched($"{count} tensors", bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), value), "tensors");
            yield return Patched($"{count} entries", bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), value), "metadata entries");
        }

        yield return Patched("one tensor more", bytes => bytes[8]++, "");
        yield return Patched("one entry more", bytes => bytes[16]++, "");
        yield return Patched("one entry less", bytes => bytes[16]--, "");

        // Metadata.
        foreach (var (name, length) in new[] { ("2^63", 1UL << 63), ("2^64-1", ulong.MaxValue), ("2^31", 1UL << 31) })
        {
            yield return Patched($"a key of {name} bytes", bytes => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), length), "a metadata key");
            yield return With($"a text of {name} bytes", writer => writer.Add("x", 8, BitConverter.GetBytes(length)), "'x'");
            yield return With($"an array of {name} integers", writer => writer.Add("x", 9, [.. BitConverter.GetBytes(4u), .. BitConverter.GetBytes(length)]), "'x'");
            yield return With($"an array of {name} texts", writer => writer.Add("x", 9, [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes(length)]), "'x'");
        }

        yield return With("a key of 70000 bytes", writer => writer.UInt32(new string('k', 70000), 1), "65535");
        yield return With("a text in an array beyond the file", writer => writer.Add("x", 9, [.. BitConverter.GetBytes(8u), .. BitConverter.GetBytes(2UL), .. BitConverter.GetBytes(1UL << 40), .. new byte[8]]), "'x'");
        yield return Bytes("a key that is not UTF-8", "general.name", [0xC3, 0x28, 0xFF, .. "ral.name"u8], "not UTF-8");
        yield return With("a text that is not UTF-8", writer => writer.Add("x", 8, [.. BitConverter.GetBytes(2UL), 0xC3, 0x28]), "not UTF-8");
        yield return Bytes("a key twice", "llama.context_length", [.. "general.architecture"u8], "twice");
        yield return With("a kind of 13", writer => writer.Add("x", 13, [0, 0, 0, 0]), "'x'");
        yield return With("a kind of 2^32-1", writer => writer.Add("x", uint.MaxValue, [0, 0, 0, 0]), "'x'");
        yield return With("an array of kind 13", writer => writer.Add("x", 9, [.. BitConverter.GetBytes(13u), .. BitConverter.GetBytes(1UL), 0]), "'x'");
        yield return With("a flag of 2", writer => writer.Add("x", 7, [2]), "'x'");
        foreach (var depth in new[] { 6, 1000 })
        {
            yield return With($"arrays in arrays, {depth} deep", writer => writer.Add("x", 9, [.. Enumerable.Repeat((byte[])[.. BitConverter.GetBytes(9u), .. BitConverter.GetBytes(1UL)], depth).SelectMany(part => part), .. BitConverter.GetBytes(4u), .. BitConverter.GetBytes(0UL)]), "'x'");
        }

        foreach (var alignment in new[] { 0, 4, 24, 33 })
            yield return With($"an alignment of {alignment}", writer => writer.UInt32("general.alignment", alignment), "general.alignment");
        yield return With("an alignment that is a text", writer => writer.Text("general.alignment", "32"), "general.alignment");

        // Tensors.
        const string Name = "blk.0.attn_q.weight";
        foreach (var (what, place, value, word) in new (string, int, byte[], string)[]
        {
            ("a name of 2^63 bytes", -8, BitConverter.GetBytes(1UL << 63), "a tensor's name"), ("a name of 0 bytes", -8, BitConverter.GetBytes(0UL), ""), ("a name that is not UTF-8", 0, [0xFF], "not UTF-8"),
            ("a name twice", 0, [.. "blk.0.attn_k.weight"u8], "twice"), ("no dimensions", Name.Length, BitConverter.GetBytes(0u), Name), ("5 dimensions", Name.Length, BitConverter.GetBytes(5u), Name),
            ("2^32-1 dimensions", Name.Length, BitConverter.GetBytes(uint.MaxValue), Name), ("a size of 0", Name.Length + 4, BitConverter.GetBytes(0UL), Name), ("a size of 2^63", Name.Length + 4, BitConverter.GetBytes(1UL << 63), Name),
            ("sizes beyond 64 bits", Name.Length + 4, [.. BitConverter.GetBytes(1UL << 40), .. BitConverter.GetBytes(1UL << 40)], "overflows"),
            ("bytes beyond 64 bits", Name.Length + 4, [.. BitConverter.GetBytes(1UL << 31), .. BitConverter.GetBytes(1UL << 31)], "overflows"),
            ("more rows than the file", Name.Length + 12, BitConverter.GetBytes(1UL << 30), "cut short"), ("type 4", Name.Length + 20, BitConverter.GetBytes(4u), "type 4"), ("type 99", Name.Length + 20, BitConverter.GetBytes(99u), "type 99"),
            ("rows of half a block", Name.Length + 20, BitConverter.GetBytes(2u), "Q4_0"), ("an offset of 1", Name.Length + 24, BitConverter.GetBytes(1UL), "multiple of 32"), ("an offset beyond the file", Name.Length + 24, BitConverter.GetBytes(1UL << 20), "cut short"),
            ("an offset of 2^63", Name.Length + 24, BitConverter.GetBytes(1UL << 63), "cut short"), ("the offset of another", Name.Length + 24, BitConverter.GetBytes(0UL), "inside the data"), ("an offset inside another", Name.Length + 24, BitConverter.GetBytes(32UL), "inside the data"),
        })
        {
            yield return Patched(what, bytes => value.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Name)) + place)), word);
        }

        // What no model of this kind has.
        yield return With("no architecture", writer => writer.Remove("general.architecture"), "general.architecture");
        yield return With("an architecture that is a number", writer => writer.UInt32("general.architecture", 1), "general.architecture");
        yield return With("another architecture", writer => writer.Text("general.architecture", "stablelm"), "'stablelm' is not supported; supported are bloom");
        yield return With("an adapter", writer => writer.Text("general.type", "adapter"), "'adapter'");
        yield return With("a part", writer => writer.Add("split.count", 2, [2, 0]), "parts");
        yield return With("a tensor that nobody knows", writer => writer.Tensor("blk.0.attn_gate.weight", [8, 8], new float[64]), "blk.0.attn_gate.weight");
        yield return With("a layer of minus one", writer => writer.Tensor("blk.-1.attn_q.weight", [8, 8], new float[64]), "blk.-1.attn_q.weight");
        yield return With("a layer with a zero before it", writer => writer.Tensor("blk.00.attn_q.weight", [8, 8], new float[64]), "blk.00.attn_q.weight");
        yield return With("a type that is not read", writer => Retyped(writer, 23, 136), "IQ4_XS");
        yield return With("no words", writer => writer.RemoveTensor("token_embd.weight"), "token_embd.weight", isOfBuild: true);
        yield return With("no heads", writer => writer.UInt32("llama.attention.head_count", 0), "llama.attention.head_count");
        yield return With("heads that are a text", writer => writer.Text("llama.attention.head_count", "2"), "llama.attention.head_count");
        yield return With("heads that do not fit", writer => writer.UInt32("llama.attention.head_count", 3), "blk.0.attn_q.weight");
        yield return With("layers that differ", writer => writer.Int32s("llama.attention.head_count_kv", [1, 2]), "llama.attention.head_count_kv", isOfBuild: true);
        yield return With("no layers", writer => writer.Remove("llama.block_count"), "llama.block_count", isOfBuild: true);
        yield return With("an ε that is no number", writer => writer.Float32("llama.attention.layer_norm_rms_epsilon", double.NaN), "llama.attention.layer_norm_rms_epsilon", isOfBuild: true);
        yield return With("an infinite base", writer => writer.Float32("llama.rope.freq_base", double.PositiveInfinity), "llama.rope.freq_base", isOfBuild: true);
        yield return With("experts", writer => writer.UInt32("llama.expert_count", 8), "llama.expert_count 8", isOfBuild: true);
        yield return With("a model that looks ahead", writer => writer.Flag("llama.attention.causal", false), "llama.attention.causal false is not supported; supported is true", isOfBuild: true);
        yield return With("positions of another kind", writer => writer.Text("llama.rope.scaling.type", "dynamic"), "llama.rope.scaling.type 'dynamic'", isOfBuild: true);
        yield return With("half a head that turns", writer => writer.UInt32("llama.rope.dimension_count", 2), "llama.rope.dimension_count 2", isOfBuild: true);
        yield return With("factors of another number", writer => writer.Tensor("rope_freqs.weight", [3], [1, 1, 1]), "rope_freqs.weight", isOfBuild: true);
        yield return With("factors that are none", writer => writer.Tensor("rope_freqs.weight", [2], [1, float.NaN]), "rope_freqs.weight", isOfBuild: true);
        yield return With("a first token beyond the last", writer => writer.UInt32("tokenizer.ggml.bos_token_id", 6), "tokenizer.ggml.bos_token_id", isOfBuild: true);
        yield return With("tokens that are numbers", writer => writer.Int32s("tokenizer.ggml.tokens", [1, 2]), "tokenizer.ggml.tokens", isOfBuild: true);

        static (string, byte[], string, bool) Patched(string name, Action<byte[]> change, string word)
        {
            var bytes = GgufSample.Writer().ToBytes();
            change(bytes);
            return (name, bytes, word, false);
        }

        static (string, byte[], string, bool) With(string name, Action<GgufWriter> change, string word, bool isOfBuild = false)
        {
            var writer = GgufSample.Writer();
            change(writer);
            return (name, writer.ToBytes(), word, isOfBuild);
        }

        // A text of the file in place of another of its length.
        static (string, byte[], string, bool) Bytes(string name, string text, byte[] other, string word)
        {
            var bytes = GgufSample.Writer().ToBytes();
            other.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text))));
            return (name, bytes, word, false);
        }

        static void Retyped(GgufWriter writer, uint type, int bytes)
        {
            writer.RemoveTensor("blk.0.attn_v.weight");
            writer.Tensor("blk.0.attn_v.weight", [1, 256], type, new byte[bytes]);
        }
    }
}
