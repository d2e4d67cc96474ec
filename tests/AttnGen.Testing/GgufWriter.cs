using System.Runtime.InteropServices;
using System.Text;

namespace AttnGen.Testing;

/// <summary>Writes GGUF files, as the format describes them, and wrongly where a test asks for it.</summary>
public sealed class GgufWriter
{
    private readonly List<(string Key, uint Kind, byte[] Value)> _metadata = [];
    private readonly List<(string Name, long[] Shape, uint Type, byte[] Data)> _tensors = [];

    public uint Version { get; set; } = 3;

    /// <summary>What offsets are multiples of; another than 32 is written into the metadata, too.</summary>
    public int Alignment { get; set; } = 32;

    /// <summary>Whether the data lie in the opposite order of the descriptions.</summary>
    public bool Reversed { get; set; }

    public void Text(string key, string value) => Add(key, 8, Bytes(value));

    public void UInt32(string key, long value) => Add(key, 4, BitConverter.GetBytes((uint)value));

    public void Float32(string key, double value) => Add(key, 6, BitConverter.GetBytes((float)value));

    public void Flag(string key, bool value) => Add(key, 7, [(byte)(value ? 1 : 0)]);

    public void Texts(string key, IReadOnlyCollection<string> values) => Array(key, 8, values.Count, [.. values.SelectMany(Bytes)]);

    public void Float32s(string key, float[] values) => Array(key, 6, values.Length, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    public void Int32s(string key, int[] values) => Array(key, 5, values.Length, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>Any entry.</summary>
    public void Add(string key, uint kind, byte[] value)
    {
        _metadata.RemoveAll(entry => entry.Key == key);
        _metadata.Add((key, kind, value));
    }

    public void Remove(string key) => _metadata.RemoveAll(entry => entry.Key == key);

    public void Tensor(string name, long[] shape, float[] values) => Tensor(name, shape, 0, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>A tensor of any type.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes, outermost first.</param>
    /// <param name="type">The type's number.</param>
    /// <param name="data">Its bytes.</param>
    public void Tensor(string name, long[] shape, uint type, byte[] data) => _tensors.Add((name, shape, type, data));

    public void RemoveTensor(string name) => _tensors.RemoveAll(tensor => tensor.Name == name);

    /// <summary>The tensors' names and numbers of bytes, in order.</summary>
    public IEnumerable<(string Name, int Bytes)> Tensors => _tensors.Select(tensor => (tensor.Name, tensor.Data.Length));

    public byte[] ToBytes()
    {
        if (Alignment != 32)
            UInt32("general.alignment", Alignment);
        var offsets = new long[_tensors.Count];
        long at = 0;
        foreach (var i in Order())
        {
            offsets[i] = at;
            at = Aligned(at + _tensors[i].Data.Length);
        }

        var stream = new MemoryStream();
        var file = new BinaryWriter(stream, Encoding.UTF8);
        file.Write("GGUF"u8);
        file.Write(Version);
        file.Write((ulong)_tensors.Count);
        file.Write((ulong)_metadata.Count);
        foreach (var (key, kind, value) in _metadata)
        {
            file.Write(Bytes(key));
            file.Write(kind);
            file.Write(value);
        }

        for (var i = 0; i < _tensors.Count; i++)
        {
            var (name, shape, type, _) = _tensors[i];
            file.Write(Bytes(name));
            file.Write((uint)shape.Length);
            foreach (var size in shape.Reverse())
                file.Write((ulong)size);
            file.Write(type);
            file.Write((ulong)offsets[i]);
        }

        HeaderLength = (int)stream.Position;
        Pad();
        foreach (var i in Order())
        {
            file.Write(_tensors[i].Data);
            Pad();
        }

        return stream.ToArray();

        void Pad()
        {
            while (stream.Position % Alignment != 0)
                file.Write((byte)0);
        }
    }

    /// <summary>Bytes of the last file's header.</summary>
    public int HeaderLength { get; private set; }

    private IEnumerable<int> Order() => Reversed ? Enumerable.Range(0, _tensors.Count).Reverse() : Enumerable.Range(0, _tensors.Count);

    private long Aligned(long at) => (at + Alignment - 1) / Alignment * Alignment;

    private void Array(string key, uint kind, int count, byte[] items) => Add(key, 9, [.. BitConverter.GetBytes(kind), .. BitConverter.GetBytes((ulong)count), .. items]);

    private static byte[] Bytes(string text) => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];
}
