using System.Runtime.InteropServices;
using System.Text;

namespace AttnGen.Decode;

/// <summary>
/// Writes a GGUF file (version 3) of float32 for llama.cpp, tensor by tensor in the order of the plan. Its vocabulary is made up: three special
/// tokens, 256 bytes, and numbered words. Ids go in and out, so nobody reads it, but llama.cpp wants one.
/// </summary>
internal sealed class GgufWriter : IDisposable
{
    private const int Alignment = 32;

    private enum Kind
    {
        UInt32 = 4,
        Int32 = 5,
        Float32 = 6,
        String = 8,
        Array = 9,
    }

    private readonly BinaryWriter _file;

    public GgufWriter(string path, ModelShape shape, List<PlannedTensor> tensors)
    {
        _file = new BinaryWriter(File.Create(path), Encoding.UTF8);
        using var pairs = new MemoryStream();
        int count = Metadata(new BinaryWriter(pairs, Encoding.UTF8), shape);
        _file.Write("GGUF"u8);
        _file.Write(3u);
        _file.Write((ulong)tensors.Count);
        _file.Write((ulong)count);
        _file.Write(pairs.ToArray());
        long at = 0;
        foreach (PlannedTensor tensor in tensors)
        {
            Text(_file, tensor.GgufName);
            _file.Write((uint)tensor.Shape.Length);
            foreach (long size in tensor.GgufShape.Reverse()) _file.Write((ulong)size); // innermost first
            _file.Write(0u); // F32
            _file.Write((ulong)at);
            at += (4L * tensor.Count + Alignment - 1) / Alignment * Alignment;
        }

        Pad();
    }

    public void Add(float[] values)
    {
        _file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        Pad();
    }

    public void Dispose() => _file.Dispose();

    private static int Metadata(BinaryWriter to, ModelShape shape)
    {
        string architecture = shape.IsGpt2 ? "gpt2" : "llama";
        int count = 0;
        String("general.architecture", architecture);
        String("general.name", shape.Name);
        Number("general.file_type", 0); // all float32
        Number(architecture + ".context_length", shape.Window);
        Number(architecture + ".embedding_length", shape.Width);
        Number(architecture + ".block_count", shape.Layers);
        Number(architecture + ".feed_forward_length", shape.Hidden);
        Number(architecture + ".attention.head_count", shape.Heads);
        Number(architecture + ".attention.head_count_kv", shape.KvHeads);
        Number(architecture + ".vocab_size", shape.Vocabulary);
        Real(architecture + (shape.IsGpt2 ? ".attention.layer_norm_epsilon" : ".attention.layer_norm_rms_epsilon"), shape.Epsilon);
        if (!shape.IsGpt2)
        {
            Number("llama.rope.dimension_count", shape.HeadDim);
            Real("llama.rope.freq_base", shape.Theta);
        }

        String("tokenizer.ggml.model", "llama");
        Array("tokenizer.ggml.tokens", Kind.String, i => Text(to, Word(i)));
        Array("tokenizer.ggml.scores", Kind.Float32, i => to.Write(-(float)i));
        Array("tokenizer.ggml.token_type", Kind.Int32, i => to.Write(i == 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 1)); // unknown, control, byte, normal
        Number("tokenizer.ggml.unknown_token_id", 0);
        Number("tokenizer.ggml.bos_token_id", 1);
        Number("tokenizer.ggml.eos_token_id", 2);
        return count;

        void Head(string key, Kind kind)
        {
            Text(to, key);
            to.Write((uint)kind);
            count++;
        }

        void String(string key, string value)
        {
            Head(key, Kind.String);
            Text(to, value);
        }

        void Number(string key, int value)
        {
            Head(key, Kind.UInt32);
            to.Write((uint)value);
        }

        void Real(string key, float value)
        {
            Head(key, Kind.Float32);
            to.Write(value);
        }

        void Array(string key, Kind kind, Action<int> write)
        {
            Head(key, Kind.Array);
            to.Write((uint)kind);
            to.Write((ulong)shape.Vocabulary);
            for (int i = 0; i < shape.Vocabulary; i++) write(i);
        }
    }

    private static string Word(int id) => id switch { 0 => "<unk>", 1 => "<s>", 2 => "</s>", < 259 => $"<0x{id - 3:X2}>", _ => $"w{id}" };

    private static void Text(BinaryWriter to, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        to.Write((ulong)bytes.Length);
        to.Write(bytes);
    }

    private void Pad()
    {
        while (_file.BaseStream.Position % Alignment != 0) _file.Write((byte)0);
    }
}
