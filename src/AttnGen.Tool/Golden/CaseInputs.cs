namespace AttnGen.Tool;

/// <summary>Reads the inputs of a case. What does not fit is a <see cref="GoldenException"/>.</summary>
internal sealed class CaseInputs(GoldenFile golden, List<GoldenKey> keys)
{
    /// <summary>The input of a role, or null.</summary>
    public GoldenKey? One(GoldenRole role)
    {
        var found = keys.Where(key => key.Role == role).ToList();
        return found.Count < 2 ? found.FirstOrDefault() : throw new GoldenException($"{Show.Name(found[0].Name)} and {Show.Name(found[1].Name)} are the same input; keep one");
    }

    /// <summary>Nothing may be given that the model does not look at: what the reference made of it would be compared with something else.</summary>
    public void RefuseOthers(string what, params GoldenRole[] known)
    {
        if (keys.Find(key => key.IsInput && !known.Contains(key.Role)) is { } foreign)
            throw new GoldenException($"{Show.Name(foreign.Name)} is no input of {what}; remove it");
    }

    /// <summary>Rows of ids, with types and mask.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="tokenTypes">How many segments the model has.</param>
    /// <param name="isBatch">Whether they are written as a batch.</param>
    public List<RowInput> TextRows(GoldenKey ids, int tokenTypes, out bool isBatch)
    {
        var all = Rows(ids, out isBatch);
        var array = golden[ids.Name];
        var types = One(GoldenRole.TokenTypes) is { } typeKey ? Integers(Same(typeKey, array)) : null;
        if (tokenTypes == 0 && types is not null && Array.FindIndex(types, type => type != 0) is var typed and >= 0)
            throw new GoldenException($"the model has no token types, and token_type_ids holds {types[typed]} at {typed}; remove it, or fill it with 0");
        if (One(GoldenRole.OtherInput) is { } positions)
            Integers(Same(positions, array));
        var mask = One(GoldenRole.Mask) is { } maskKey ? Mask(Same(maskKey, array)) : null;
        var tokens = all[0].Length;
        return [.. all.Select((row, i) => new RowInput
        {
            Ids = row,
            TokenTypes = types is null ? [] : types[(i * tokens)..((i + 1) * tokens)],
            Mask = mask?[(i * tokens)..((i + 1) * tokens)],
        })];
    }

    /// <summary>[T] or [B, T] ids as rows, of which there is one at least.</summary>
    public List<int[]> Rows(GoldenKey ids, out bool isBatch)
    {
        var array = golden[ids.Name];
        if (array.Shape.Length is not (1 or 2))
            throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(array.Shape)}; [T] or [B, T] is expected");
        isBatch = array.Shape.Length == 2;
        if (array.Count == 0)
            throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(array.Shape)}, which holds no ids");
        return [.. Integers(ids.Name).Chunk((int)array.Shape[^1])];
    }

    /// <summary>The ids of one text.</summary>
    public int[] Row(GoldenKey ids) => Rows(ids, out _) is [var row] ? row
        : throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(golden[ids.Name].Shape)}, the ids of {golden[ids.Name].Shape[0]} texts; one is expected, [T] or [1, T]");

    /// <summary>Images.</summary>
    public List<RowInput> ImageRows(GoldenKey pixels, ModelInfo info, out bool isBatch)
    {
        var array = golden[pixels.Name];
        long[] one = [info.ImageChannels, info.ImageHeight, info.ImageWidth];
        isBatch = array.Shape.Length == 4;
        if (array.Count == 0 || !array.Shape.AsSpan(isBatch ? 1 : 0).SequenceEqual(one))
            throw new GoldenException($"{Show.Name(pixels.Name)} is {Show.Shape(array.Shape)}; [B, {info.ImageChannels}, {info.ImageHeight}, {info.ImageWidth}] is expected");
        var size = (int)(one[0] * one[1] * one[2]);
        return [.. golden.Floats(pixels.Name).Chunk(size).Select(row => new RowInput { Pixels = [.. row.Select(value => (float)value)] })];
    }

    /// <summary>The mel frames of sounds.</summary>
    public List<RowInput> SoundRows(GoldenKey features, ModelInfo info, out bool isBatch)
    {
        var array = golden[features.Name];
        long[] one = [info.AudioBins, info.AudioFrames];
        isBatch = array.Shape.Length == 3;
        if (array.Count == 0 || !array.Shape.AsSpan(isBatch ? 1 : 0).SequenceEqual(one))
            throw new GoldenException($"{Show.Name(features.Name)} is {Show.Shape(array.Shape)}; [B, {info.AudioBins}, {info.AudioFrames}] is expected");
        return [.. golden.Floats(features.Name).Chunk(info.AudioBins * info.AudioFrames).Select(row => new RowInput { Features = [.. row.Select(value => (float)value)] })];
    }

    // A batch of one may be written with or without its 1.
    private string Same(GoldenKey key, GoldenArray ids) => Squeezed(golden[key.Name]).SequenceEqual(Squeezed(ids))
        ? key.Name
        : throw new GoldenException($"{Show.Name(key.Name)} is {Show.Shape(golden[key.Name].Shape)}, but {Show.Name(ids.Name)} is {Show.Shape(ids.Shape)}; both must have one shape");

    private static ReadOnlySpan<long> Squeezed(GoldenArray array) => array.Shape is [1, _] ? array.Shape.AsSpan(1) : array.Shape;

    private int[] Integers(string name) => golden[name].Type == "BOOL"
        ? throw new GoldenException($"{Show.Name(name)} is of type BOOL; I64 or another integer is expected")
        : [.. golden.Integers(name).Select((value, i) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new GoldenException($"{Show.Name(name)} holds {value} at {i}, which is no token id"))];

    private bool[] Mask(string name)
    {
        var values = golden[name].Type is "F64" or "F32" or "F16" or "BF16" ? golden.Floats(name) : [.. golden.Integers(name).Select(value => (double)value)];
        return [.. values.Select(value => value is 0 or 1 ? value == 1 : throw new GoldenException(FormattableString.Invariant($"{Show.Name(name)} holds {value}; 0 (padding) and 1 are expected")))];
    }
}
