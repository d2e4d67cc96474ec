namespace AttnGen.Gguf;

/// <summary>A type of a GGUF tensor's elements: how many make a block, and the block's bytes.</summary>
internal sealed class GgufType
{
    // The numbers are the format's. Those that are absent were given up before version 3.
    private static readonly Dictionary<uint, GgufType> s_types = new[]
    {
        new GgufType(0, "F32", 1, 4, true), new(1, "F16", 1, 2, true), new(2, "Q4_0", 32, 18, true), new(3, "Q4_1", 32, 20, true), new(6, "Q5_0", 32, 22, true), new(7, "Q5_1", 32, 24, true),
        new(8, "Q8_0", 32, 34, true), new(9, "Q8_1", 32, 36), new(10, "Q2_K", 256, 84), new(11, "Q3_K", 256, 110), new(12, "Q4_K", 256, 144, true), new(13, "Q5_K", 256, 176, true),
        new(14, "Q6_K", 256, 210, true), new(15, "Q8_K", 256, 292), new(16, "IQ2_XXS", 256, 66), new(17, "IQ2_XS", 256, 74), new(18, "IQ3_XXS", 256, 98), new(19, "IQ1_S", 256, 50),
        new(20, "IQ4_NL", 32, 18), new(21, "IQ3_S", 256, 110), new(22, "IQ2_S", 256, 82), new(23, "IQ4_XS", 256, 136), new(24, "I8", 1, 1), new(25, "I16", 1, 2), new(26, "I32", 1, 4),
        new(27, "I64", 1, 8), new(28, "F64", 1, 8, true), new(29, "IQ1_M", 256, 56), new(30, "BF16", 1, 2, true), new(34, "TQ1_0", 256, 54), new(35, "TQ2_0", 256, 66), new(39, "MXFP4", 32, 17),
    }.ToDictionary(type => type.Number);

    private GgufType(uint number, string name, int elements, int bytes, bool isReadable = false)
    {
        Number = number;
        Name = name;
        Elements = elements;
        Bytes = bytes;
        IsReadable = isReadable;
    }

    /// <summary>The number in a file.</summary>
    public uint Number { get; }

    /// <summary>The name as llama.cpp writes it.</summary>
    public string Name { get; }

    /// <summary>Elements of a block.</summary>
    public int Elements { get; }

    /// <summary>Bytes of a block.</summary>
    public int Bytes { get; }

    /// <summary>Whether it can be widened to float32.</summary>
    public bool IsReadable { get; }

    /// <summary>The names of those that are read, for messages.</summary>
    public static string Readable { get; } = List(s_types.Values.Where(type => type.IsReadable).OrderBy(type => type.Number).Select(type => type.Name).ToList());

    /// <summary>A type by its number; null: there is none.</summary>
    public static GgufType? Find(uint number) => s_types.TryGetValue(number, out var type) ? type : null;

    /// <summary>Whether a type of this name is read.</summary>
    public static bool IsReadableName(string name) => s_types.Values.Any(type => type.IsReadable && type.Name == name);

    private static string List(List<string> names) => $"{string.Join(", ", names.Take(names.Count - 1))} or {names[names.Count - 1]}";
}
