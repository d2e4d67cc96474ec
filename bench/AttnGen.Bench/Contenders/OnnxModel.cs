using System.Runtime.InteropServices;
using Google.Protobuf;

namespace AttnGen.Bench;

/// <summary>Writes an ONNX model, field by field as in onnx.proto, so that no schema compiler is needed.</summary>
internal sealed class OnnxModel
{
    private readonly List<byte[]> _nodes = [], _initializers = [], _inputs = [], _outputs = [];

    public void Input(string name, params int[] sizes) => _inputs.Add(ValueInfo(name, sizes));

    /// <summary>An input of 64-bit integers.</summary>
    public void IntegerInput(string name, params int[] sizes) => _inputs.Add(ValueInfo(name, sizes, 7));

    public void Output(string name, params int[] sizes) => _outputs.Add(ValueInfo(name, sizes));

    public string Floats(string name, float[] values, params int[] sizes)
    {
        AddTensor(name, 1, MemoryMarshal.AsBytes<float>(values).ToArray(), sizes);
        return name;
    }

    public string Integers(string name, params long[] values)
    {
        AddTensor(name, 7, MemoryMarshal.AsBytes<long>(values).ToArray(), [values.Length]);
        return name;
    }

    /// <summary>A node with one output of its own name. An empty domain is ONNX's, "com.microsoft" the fused operators'.</summary>
    public string Node(string name, string domain, string type, string[] inputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(Message(o =>
        {
            foreach (string input in inputs) Text(o, 1, input);
            Text(o, 2, name);
            Text(o, 3, name);
            Text(o, 4, type);
            foreach ((string key, object value) in attributes) Bytes(o, 5, Attribute(key, value));
            Text(o, 7, domain);
        }));
        return name;
    }

    public byte[] Serialize()
    {
        byte[] graph = Message(o =>
        {
            foreach (byte[] node in _nodes) Bytes(o, 1, node);
            Text(o, 2, "layer");
            foreach (byte[] initializer in _initializers) Bytes(o, 5, initializer);
            foreach (byte[] input in _inputs) Bytes(o, 11, input);
            foreach (byte[] output in _outputs) Bytes(o, 12, output);
        });
        return Message(o =>
        {
            Integer(o, 1, 8);
            Text(o, 2, "AttnGen.Bench");
            Bytes(o, 7, graph);
            Bytes(o, 8, OperatorSet("", 17));
            Bytes(o, 8, OperatorSet("com.microsoft", 1));
        });
    }

    private static byte[] OperatorSet(string domain, long version) => Message(o =>
    {
        Text(o, 1, domain);
        Integer(o, 2, version);
    });

    private static byte[] Attribute(string name, object value) => Message(o =>
    {
        Text(o, 1, name);
        if (value is float number)
        {
            o.WriteTag(2, WireFormat.WireType.Fixed32);
            o.WriteFloat(number);
        }
        else
        {
            Integer(o, 3, (int)value);
        }

        Integer(o, 20, value is float ? 1 : 2);
    });

    private static byte[] ValueInfo(string name, int[] sizes, int type = 1) => Message(o =>
    {
        byte[] shape = Message(p =>
        {
            foreach (int size in sizes) Bytes(p, 1, Message(q => Integer(q, 1, size)));
        });
        byte[] tensor = Message(p =>
        {
            Integer(p, 1, type);
            Bytes(p, 2, shape);
        });
        Text(o, 1, name);
        Bytes(o, 2, Message(p => Bytes(p, 1, tensor)));
    });

    private void AddTensor(string name, int type, byte[] raw, int[] sizes) => _initializers.Add(Message(o =>
    {
        foreach (int size in sizes) Integer(o, 1, size);
        Integer(o, 2, type);
        Text(o, 8, name);
        Bytes(o, 9, raw);
    }));

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true)) write(output);
        return stream.ToArray();
    }

    private static void Integer(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
