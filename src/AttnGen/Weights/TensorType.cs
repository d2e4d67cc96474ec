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
    private static readonly (string Name, int Bits)[] s_types =
    [
        ("BOOL", 8), ("F4", 4), ("F6_E2M3", 6), ("F6_E3M2", 6), ("U8", 8), ("I8", 8),
        ("F8_E5M2", 8), ("F8_E4M3", 8), ("F8_E8M0", 8), ("F8_E4M3FNUZ", 8), ("F8_E5M2FNUZ", 8),
        ("I16", 16), ("U16", 16), ("F16", 16), ("BF16", 16), ("I32", 32), ("U32", 32), ("F32", 32),
        ("C64", 64), ("F64", 64), ("I64", 64), ("U64", 64),
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
}
