using AttnGen.Generator.Json;

namespace AttnGen.Gguf;

// From bytes to the header.
internal sealed partial class GgufHeader
{
    /// <summary>Of a string of the metadata: chat templates have kilobytes.</summary>
    private const int LongestText = 1 << 26;

    /// <summary>The format's limit.</summary>
    private const int LongestKey = 65535;

    /// <summary>Several times the format's limit of 64, which some writers do not keep.</summary>
    private const int LongestName = 1024;

    private const int MostDimensions = 4;
    private const int MostNested = 4;
    private const int KeptNumbers = 1 << 16;

    // The fewest bytes of a metadata entry and of a tensor's description.
    private const int EntryBytes = 8 + 4 + 1;
    private const int DescriptionBytes = 8 + 4 + 8 + 4 + 8;

    private const string AlignmentKey = "general.alignment";
    private const int UsualAlignment = 32;

    private void Read(GgufCursor cursor)
    {
        CheckMagic(cursor);
        ulong tensors = cursor.Unsigned(8, "the number of tensors"), entries = cursor.Unsigned(8, "the number of metadata entries");
        if (tensors > (ulong)(cursor.Left / DescriptionBytes))
            throw cursor.Fail($"says that it has {tensors} tensors, but only {cursor.Left} bytes are left in the file");
        if (entries > (ulong)(cursor.Left / EntryBytes))
            throw cursor.Fail($"says that it has {entries} metadata entries, but only {cursor.Left} bytes are left in the file");
        for (ulong i = 0; i < entries; i++)
        {
            string key = cursor.Text("a metadata key", LongestKey);
            var value = Value(cursor, key, Kind(cursor, key), 0);
            if (_metadata.ContainsKey(key))
                throw cursor.Fail($"has the metadata key {ForeignText.Quote(key)} twice");
            _metadata.Add(key, value);
            _keys.Add(key);
        }

        long alignment = Alignment(cursor);
        var descriptions = new List<(string Name, GgufType Type, long[] Shape, ulong Offset)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (ulong i = 0; i < tensors; i++)
        {
            var description = Description(cursor);
            if (!names.Add(description.Name))
                throw Fail(cursor, description.Name, "is in the file twice");
            descriptions.Add(description);
        }

        // The data begin at the next multiple of the alignment.
        long start = (cursor.Position + alignment - 1) / alignment * alignment;
        foreach (var (name, type, shape, offset) in descriptions)
        {
            if (offset % (ulong)alignment != 0)
                throw Fail(cursor, name, $"has its data at byte {offset} of the data, a multiple of {alignment} is expected ({AlignmentKey})");
            if (offset > (ulong)Math.Max(0, cursor.Length - start))
                throw Fail(cursor, name, $"has its data at byte {offset} of the data, but the file ends at {Math.Max(0, cursor.Length - start)}: it was cut short");
            var tensor = new GgufTensor(name, type, shape, start + (long)offset);
            if (tensor.Bytes > cursor.Length - tensor.Begin)
                throw Fail(cursor, name, $"takes {tensor.Bytes} bytes from byte {offset} of the data on, but the file ends after {Math.Max(0, cursor.Length - tensor.Begin)} of them: it was cut short");
            _tensors.Add(name, tensor);
            _order.Add(tensor);
        }

        GgufTensor? before = null;
        foreach (var tensor in _order.OrderBy(tensor => tensor.Begin))
        {
            if (before is not null && tensor.Begin < before.Begin + before.Bytes)
                throw Fail(cursor, tensor.Name, $"begins at byte {tensor.Begin}, inside the data of tensor {ForeignText.Quote(before.Name)}, which end at {before.Begin + before.Bytes}");
            before = tensor;
        }
    }

    private static void CheckMagic(GgufCursor cursor)
    {
        const uint Magic = 0x46554747; // "GGUF"
        const uint LfsPointer = 0x73726576; // "vers"
        if (cursor.Length < 24)
            throw cursor.Fail($"is no GGUF file: it has {cursor.Length} bytes, and the header's beginning alone takes 24");
        uint magic = (uint)cursor.Unsigned(4, "its first bytes"), version = (uint)cursor.Unsigned(4, "the version");
        if (magic == LfsPointer)
            throw new GgufProblem($"{cursor.File} is not the model but a pointer of Git LFS to it; run 'git lfs pull' in the model's repository, or fetch the file itself from the model's page.");
        if (magic is 0x67676D6C or 0x67676D66 or 0x67676A74)
            throw cursor.Unsupported("is a file of GGML, which came before GGUF and is not supported; supported is GGUF of version 2 and 3: convert it with llama.cpp");
        if (magic != Magic)
            throw cursor.Fail($"is no GGUF file: it begins with 0x{magic:x8}, 'GGUF' is expected");
        if (version is not (2 or 3))
        {
            throw (version & 0xFFFF) == 0 && version != 0
                ? cursor.Unsupported("is big-endian, which is not supported; supported is little-endian: convert it with gguf_convert_endian.py of llama.cpp")
                : cursor.Unsupported($"is GGUF of version {version}, which is not supported; supported are versions 2 and 3: convert it with llama.cpp");
        }
    }

    private static GgufKind Kind(GgufCursor cursor, string key)
    {
        var kind = (GgufKind)cursor.Unsigned(4, $"the type of {ForeignText.Quote(key)}");
        return kind <= GgufKind.Float64 ? kind : throw cursor.Fail($"has {ForeignText.Quote(key)} of type {(uint)kind}, a number from 0 to 12 is expected");
    }

    private static GgufValue Value(GgufCursor cursor, string key, GgufKind kind, int depth) => kind switch
    {
        GgufKind.String => GgufValue.OfText(cursor.Text(ForeignText.Quote(key), LongestText)),
        GgufKind.Array => Array(cursor, key, depth),
        _ => Scalar(cursor, key, kind),
    };

    private static GgufValue Array(GgufCursor cursor, string key, int depth)
    {
        if (depth == MostNested)
            throw cursor.Fail($"has {ForeignText.Quote(key)} with arrays in arrays, {MostNested} deep and more; fewer are expected");
        var kind = Kind(cursor, key);
        ulong count = cursor.Unsigned(8, $"the length of {ForeignText.Quote(key)}");
        int least = kind switch { GgufKind.String => 8, GgufKind.Array => 12, _ => Size(kind) };
        if (count > (ulong)(cursor.Left / least))
            throw cursor.Fail($"says that {ForeignText.Quote(key)} has {count} items, but only {cursor.Left} bytes are left in the file");
        long position = cursor.Position;
        double[]? numbers = null;
        if (kind is GgufKind.String or GgufKind.Array)
        {
            for (ulong i = 0; i < count; i++)
            {
                if (kind == GgufKind.String)
                    cursor.SkipText($"an item of {ForeignText.Quote(key)}", LongestText);
                else
                    Array(cursor, key, depth + 1);
            }
        }
        else if (count <= KeptNumbers)
        {
            numbers = new double[(int)count];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = Scalar(cursor, key, kind).Number;
        }
        else
        {
            cursor.Skip((long)count * least);
        }

        return GgufValue.OfArray(kind, (long)count, position, numbers);
    }

    private static GgufValue Scalar(GgufCursor cursor, string key, GgufKind kind)
    {
        ulong bits = cursor.Unsigned(Size(kind), ForeignText.Quote(key));
        switch (kind)
        {
            case GgufKind.Float32:
                return GgufValue.OfNumber(kind, BitConverter.ToSingle(BitConverter.GetBytes((uint)bits), 0), 0);
            case GgufKind.Float64:
                return GgufValue.OfNumber(kind, BitConverter.Int64BitsToDouble((long)bits), 0);
            case GgufKind.Bool:
                return bits <= 1 ? GgufValue.OfNumber(kind, bits, (long)bits) : throw cursor.Fail($"has {bits} as the flag {ForeignText.Quote(key)}, 0 or 1 is expected");
            case GgufKind.UInt64:
                return GgufValue.OfNumber(kind, bits, (long)Math.Min(bits, long.MaxValue));
            default:
                long integer = kind switch
                {
                    GgufKind.Int8 => (sbyte)bits,
                    GgufKind.Int16 => (short)bits,
                    GgufKind.Int32 => (int)bits,
                    _ => (long)bits,
                };
                return GgufValue.OfNumber(kind, integer, integer);
        }
    }

    private static int Size(GgufKind kind) => kind switch
    {
        GgufKind.UInt8 or GgufKind.Int8 or GgufKind.Bool => 1,
        GgufKind.UInt16 or GgufKind.Int16 => 2,
        GgufKind.UInt64 or GgufKind.Int64 or GgufKind.Float64 => 8,
        _ => 4,
    };

    private long Alignment(GgufCursor cursor)
    {
        if (this[AlignmentKey] is not { } value)
            return UsualAlignment;
        bool isPower = value.Kind == GgufKind.UInt32 && value.Integer >= 8 && (value.Integer & (value.Integer - 1)) == 0;
        return isPower ? value.Integer : throw cursor.Fail($"has {value.Show()} as {AlignmentKey}, a power of two from 8 on is expected");
    }

    private static (string Name, GgufType Type, long[] Shape, ulong Offset) Description(GgufCursor cursor)
    {
        string name = cursor.Text("a tensor's name", LongestName);
        if (name.Length == 0)
            throw cursor.Fail("has a tensor without a name");
        string where = $"tensor {ForeignText.Quote(name)}";
        ulong dimensions = cursor.Unsigned(4, where);
        if (dimensions is 0 or > MostDimensions)
            throw Fail(cursor, name, $"has {dimensions} dimensions, 1 to {MostDimensions} are expected");
        var shape = new long[(int)dimensions];
        long elements = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = cursor.Unsigned(8, where);
            if (size is 0 or > long.MaxValue)
                throw Fail(cursor, name, $"has a size of {size}, 1 and more are expected");
            if ((long)size > long.MaxValue / 64 / elements) // bits of the widest type
                throw Fail(cursor, name, $"has sizes whose product overflows 64 bits (with {size})");
            shape[i] = (long)size;
            elements *= (long)size;
        }

        ulong number = cursor.Unsigned(4, where);
        var type = GgufType.Find((uint)number) ?? throw Fail(cursor, name, $"is of type {number}, which is none that the format has");
        if (shape[shape.Length - 1] % type.Elements != 0)
            throw Fail(cursor, name, $"has rows of {shape[shape.Length - 1]} elements, a multiple of {type.Elements} is expected of type {type.Name}");
        return (name, type, shape, cursor.Unsigned(8, where));
    }

    private static GgufProblem Fail(GgufCursor cursor, string tensor, string what) => cursor.Fail($"is malformed: tensor {ForeignText.Quote(tensor)} {what}", tensor);
}
