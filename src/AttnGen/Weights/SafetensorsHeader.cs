using System.Globalization;

namespace AttnGen;

/// <summary>One tensor of a file.</summary>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">Its sizes, outermost first.</param>
/// <param name="Elements">The product of the sizes.</param>
/// <param name="Begin">Its first byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
internal sealed record TensorEntry(TensorType Type, long[] Shape, long Elements, long Begin, long End);

/// <summary>A safetensors header, read and proved sound on its own; only the length of the data is left to compare.</summary>
/// <param name="Tensors">The tensors by name, in the header's order.</param>
/// <param name="Metadata">The entries of <c>__metadata__</c>.</param>
/// <param name="DataLength">Bytes of data that the tensors cover, without gap or overlap, from 0.</param>
internal sealed partial record SafetensorsHeader(Dictionary<string, TensorEntry> Tensors, Dictionary<string, string> Metadata, long DataLength)
{
    /// <summary>Bytes of the length field before the header.</summary>
    public const int LengthField = 8;

    /// <summary>The longest header that the format allows.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>Reads a header.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="file">The file's name for messages.</param>
    /// <exception cref="SafetensorsFormatException">Anything is wrong with it.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string file)
    {
        var reader = new HeaderReader(json, file);
        reader.ReadAll();
        var tensors = new Dictionary<string, TensorEntry>(reader.Tensors.Count, StringComparer.Ordinal);
        foreach (var (name, raw) in reader.Tensors)
        {
            tensors.Add(name, Measure(name, raw, file));
        }

        return new(tensors, reader.Metadata, Cover(tensors, file));
    }

    // The sizes' product in the order of the sizes: a product that overflows is refused even where a later size is 0.
    private static TensorEntry Measure(string name, RawTensor raw, string file)
    {
        ulong elements = 1;
        foreach (var size in raw.Shape)
        {
            if (Math.BigMul(elements, size, out elements) != 0)
            {
                throw Fail($"has a shape {Shape(raw)} whose product overflows 64 bits");
            }
        }

        if (Math.BigMul(elements, (ulong)raw.Type.Bits(), out var bits) != 0)
        {
            throw Fail($"has {elements} elements of {raw.Type.Name()}, whose number of bits overflows 64 bits");
        }

        if (bits % 8 != 0)
        {
            throw Fail($"has {elements} elements of {raw.Type.Name()}, which is no whole number of bytes ({bits} bits)");
        }

        if (raw.End < raw.Begin)
        {
            throw Fail($"ends at byte {raw.End} of the data, before its start at byte {raw.Begin}");
        }

        var bytes = bits / 8;
        if (raw.End - raw.Begin != bytes)
        {
            throw Fail($"has {raw.End - raw.Begin} bytes of data, from {raw.Begin} to {raw.End}, but {raw.Type.Name()} {Shape(raw)} takes {bytes}");
        }

        // No file is longer than long.MaxValue; Cover's caller would find that out, but only after numbers had wrapped.
        if (raw.End > long.MaxValue)
        {
            throw Fail($"ends at byte {raw.End} of the data, which is beyond any file");
        }

        // Only an empty tensor can have a size beyond long.MaxValue here, or one of sub-byte elements more of them.
        var shape = new long[raw.Shape.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = (long)Math.Min(raw.Shape[i], long.MaxValue);
        }

        return new(raw.Type, shape, (long)Math.Min(elements, long.MaxValue), (long)raw.Begin, (long)raw.End);

        SafetensorsFormatException Fail(string what) => new(file, name, $"{file}: tensor {WeightText.Quote(name)} {what}.");

        static string Shape(RawTensor raw) =>
            "[" + string.Join(", ", raw.Shape.Take(8).Select(size => size.ToString(CultureInfo.InvariantCulture))) + (raw.Shape.Length > 8 ? ", …]" : "]");
    }

    // Sorted by place, each tensor must start where the one before ended.
    private static long Cover(Dictionary<string, TensorEntry> tensors, string file)
    {
        // Sorted by name: code for arrays of pairs is not there before the JIT has made it.
        string[] sorted = [.. tensors.Keys];
        Array.Sort(sorted, (a, b) => Compare(tensors[a], tensors[b]));
        long end = 0;
        var before = "";
        foreach (var name in sorted)
        {
            var entry = tensors[name];
            if (entry.Begin != end)
            {
                var where = before.Length == 0 && end == 0 ? "the data starts at byte 0" : $"tensor {WeightText.Quote(before)} before it ends at byte {end}";
                throw new SafetensorsFormatException(
                    file,
                    name,
                    $"{file}: tensor {WeightText.Quote(name)} starts at byte {entry.Begin} of the data, but {where}: tensors must follow each other without {(entry.Begin < end ? "overlap" : "gap")}.");
            }

            end = entry.End;
            before = name;
        }

        return end;

        static int Compare(TensorEntry a, TensorEntry b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End);
    }

    /// <summary>What the header says of one tensor, not yet checked for sense.</summary>
    private sealed record RawTensor(TensorType Type, ulong[] Shape, ulong Begin, ulong End);
}
