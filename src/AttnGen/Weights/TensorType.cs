namespace AttnGen;

/// <summary>The element types of the safetensors format.</summary>
internal enum TensorType
{
    Bool,
    F4,
    F6E2M3,
    F6E3M2,
    U8,
    I8,
    F8E5M2,
    F8E4M3,
    F8E8M0,
    F8E4M3Fnuz,
    F8E5M2Fnuz,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
}

/// <summary>The types' names in a file and their sizes. The one table of them.</summary>
internal static class TensorTypes
{
    private static readonly Row[] s_types =
    [
        new("BOOL", 8), new("F4", 4), new("F6_E2M3", 6), new("F6_E3M2", 6), new("U8", 8), new("I8", 8),
        new("F8_E5M2", 8), new("F8_E4M3", 8), new("F8_E8M0", 8), new("F8_E4M3FNUZ", 8), new("F8_E5M2FNUZ", 8),
        new("I16", 16), new("U16", 16), new("F16", 16), new("BF16", 16), new("I32", 32), new("U32", 32), new("F32", 32),
        new("C64", 64), new("F64", 64), new("I64", 64), new("U64", 64),
    ];

    /// <summary>The name in a file's header.</summary>
    public static string Name(this TensorType type) => s_types[(int)type].Name;

    /// <summary>Bits of one element; some types are narrower than a byte.</summary>
    public static int Bits(this TensorType type) => s_types[(int)type].Bits;

    /// <summary>Whether it can be read as float32.</summary>
    public static bool IsReadable(this TensorType type) => type is TensorType.F64 or TensorType.F32 or TensorType.F16 or TensorType.BF16;

    /// <summary>Looks a name up; case counts.</summary>
    public static bool TryParse(string name, out TensorType type)
    {
        var index = Array.FindIndex(s_types, entry => entry.Name == name);
        type = (TensorType)index;
        return index >= 0;
    }

    private sealed class Row(string name, int bits)
    {
        public string Name { get; } = name;

        public int Bits { get; } = bits;
    }
}
