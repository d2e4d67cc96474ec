using System.Globalization;
using AttnGen.Generator.Json;

namespace AttnGen.Gguf;

/// <summary>A tensor as a hub's folder has it, and what a GGUF file has in its place.</summary>
/// <param name="source">The file's tensor.</param>
/// <param name="shape">The folder's shape.</param>
/// <param name="turn">What the converter did.</param>
/// <param name="firstRow">The first row of the file's tensor that belongs to it.</param>
internal sealed class GgufMapped(GgufTensor source, long[] shape, GgufTurn turn, long firstRow)
{
    public GgufTensor Source { get; } = source;

    public long[] Shape { get; } = shape;

    public GgufTurn Turn { get; } = turn;

    public long FirstRow { get; } = firstRow;
}

/// <summary>The tensors of a GGUF file under the names of a hub's folder.</summary>
internal sealed class GgufMap
{
    private static readonly char[] s_dot = ['.'];
    private static readonly string[] s_endings = [".weight", ".bias"];

    private readonly Dictionary<string, GgufMapped> _tensors = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly GgufHeader _header;
    private readonly long _heads;
    private readonly long _keyHeads;

    private GgufMap(GgufHeader header)
    {
        _header = header;
        CheckKind(header);
        Row = GgufArchitecture.Of(header);
        _heads = Count("attention.head_count", 1);
        _keyHeads = Count("attention.head_count_kv", Row.Name == "falcon" ? 1 : _heads);
        var names = Row.Other?.Invoke(header) ?? Row.Names;
        var rows = names.ToDictionary(name => name.Own, StringComparer.Ordinal);
        foreach (var tensor in header.Tensors)
            Add(tensor, rows);
        Names = names;
    }

    public GgufArchitecture Row { get; }

    /// <summary>The names of the architecture's tensors.</summary>
    public GgufName[] Names { get; }

    /// <summary>The folder's names, in the file's order.</summary>
    public IReadOnlyList<string> TensorNames => _names;

    public GgufMapped? Find(string name) => _tensors.TryGetValue(name, out var tensor) ? tensor : null;

    /// <summary>Maps a file's tensors.</summary>
    /// <exception cref="GgufProblem">The architecture or a tensor is not known.</exception>
    public static GgufMap Of(GgufHeader header) => new(header);

    /// <summary>The row of the file's tensor that is a row of the folder's.</summary>
    public long RowOf(GgufMapped tensor, long row)
    {
        long rows = tensor.Shape[0];
        switch (tensor.Turn)
        {
            case GgufTurn.QueryPairs or GgufTurn.KeyPairs:
                long size = rows / Heads(tensor.Turn), feature = row % size, half = size / 2;
                return row - feature + (feature < half ? 2 * feature : 2 * (feature - half) + 1);
            case GgufTurn.InTurn:
                long head = rows / (_heads + 2 * _keyHeads), own = _heads / _keyHeads * head, stride = own + 2 * head, group = row / stride, at = row % stride;
                return at < own ? group * own + at
                    : at < own + head ? _heads * head + group * head + (at - own)
                    : (_heads + _keyHeads) * head + group * head + (at - own - head);
            default:
                return tensor.FirstRow + row;
        }
    }

    /// <summary>How many rows from one on follow each other in the file, too.</summary>
    public long Run(GgufMapped tensor, long row)
    {
        switch (tensor.Turn)
        {
            case GgufTurn.QueryPairs or GgufTurn.KeyPairs:
                return 1;
            case GgufTurn.InTurn:
                long head = tensor.Shape[0] / (_heads + 2 * _keyHeads);
                return head - row % head;
            default:
                return tensor.Shape[0] - row;
        }
    }

    /// <summary>The folder's names with the file's, of every tensor that the model may have, for messages.</summary>
    public IEnumerable<(string Hub, string Own)> NamePairs()
    {
        const int MostLayers = 512;
        long layers = Math.Min(MostLayers, _header[$"{Row.Name}.block_count"] is { IsInteger: true } count ? count.Integer : 0);
        return Names.SelectMany(name => name.Own.IndexOf("{0}", StringComparison.Ordinal) < 0 ? Pairs(name, "")
            : Enumerable.Range(0, (int)Math.Max(0, layers)).SelectMany(layer => Pairs(name, layer.ToString(CultureInfo.InvariantCulture))));

        static IEnumerable<(string, string)> Pairs(GgufName name, string layer) =>
            s_endings.Select(ending => (name.Hub.Replace("{0}", layer) + ending, name.Own.Replace("{0}", layer) + ending));
    }

    private static void CheckKind(GgufHeader header)
    {
        if (header["split.count"] is { } parts && parts.Number > 1)
            throw header.Unsupported($"the file is one of {parts.Show()} parts of a model, which are not supported; supported is a whole file: join them with llama-gguf-split --merge");
        if (header.Text("general.type") is { } type && type != "model")
            throw header.Unsupported($"general.type {ForeignText.Quote(type)} is not supported; supported is 'model'");
    }

    private long Heads(GgufTurn turn) => turn == GgufTurn.KeyPairs ? _keyHeads : _heads;

    private long Count(string suffix, long fallback)
    {
        string key = $"{Row.Name}.{suffix}";
        if (_header[key] is not { } value)
            return fallback;
        long count = value.IsInteger ? value.Integer : value.Numbers is { Length: > 0 } list ? (long)list[0] : 0;
        return count is > 0 and <= 1 << 20 ? count : throw _header.Wrong(key, value, "a number of heads");
    }

    private void Add(GgufTensor tensor, Dictionary<string, GgufName> rows)
    {
        if (GgufArchitecture.Settings.Contains(tensor.Name))
            return;
        int dot = tensor.Name.LastIndexOf('.');
        string ending = dot < 0 ? "" : tensor.Name.Substring(dot), name = dot < 0 ? tensor.Name : tensor.Name.Substring(0, dot), layer = "";
        string[] parts = name.Split(s_dot, 3);
        if (parts.Length == 3 && parts[0] == "blk" && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number.ToString(CultureInfo.InvariantCulture) == parts[1])
        {
            layer = parts[1];
            name = "blk.{0}." + parts[2];
        }

        if (name == "blk.{0}." + GgufArchitecture.Ignored)
            return;
        if (ending is ".weight" or ".bias" && rows.TryGetValue(name, out var row))
            Put(tensor, row, layer, ending, 0, tensor.Shape);
        else if (ending is ".weight" or ".bias" && Row.Fused is { } fused && name == fused.Own)
            Split(tensor, fused.Parts, rows, layer, ending);
        else
            throw _header.Unsupported($"tensor {ForeignText.Quote(tensor.Name)} is none that is known of {Row.Name}, and without it the result may be another; known are {string.Join(", ", rows.Keys.Select(key => key.Replace("{0}", "N")).OrderBy(key => key, StringComparer.Ordinal))}", tensor.Name);
    }

    private void Put(GgufTensor tensor, GgufName row, string layer, string ending, long firstRow, long[] shape)
    {
        var turn = row.Turn is GgufTurn.PlusOne or GgufTurn.Transposed && ending == ".bias" ? GgufTurn.None : row.Turn;
        if (turn == GgufTurn.Transposed)
            shape = shape.Length == 2 ? [shape[1], shape[0]] : throw Fail("is no matrix");
        if (turn is GgufTurn.QueryPairs or GgufTurn.KeyPairs && shape[0] % (2 * Heads(turn)) != 0)
            throw Fail($"has {shape[0]} rows, a multiple of {2 * Heads(turn)} is expected: {Heads(turn)} heads of pairs");
        if (turn == GgufTurn.InTurn && (_heads % _keyHeads != 0 || shape[0] % (_heads + 2 * _keyHeads) != 0))
            throw Fail($"has {shape[0]} rows, a multiple of {_heads + 2 * _keyHeads} is expected: {_heads} heads of queries and {_keyHeads} of keys and of values");
        if (!tensor.Type.IsReadable)
            throw _header.Unsupported($"tensor {ForeignText.Quote(tensor.Name)} is of type {tensor.Type.Name}, which is not supported; supported are {GgufType.Readable}", tensor.Name);
        string hub = row.Hub.Replace("{0}", layer) + ending;
        _tensors.Add(hub, new GgufMapped(tensor, shape, turn, firstRow));
        _names.Add(hub);

        GgufProblem Fail(string what) => new($"{_header.File} is malformed: tensor {ForeignText.Quote(tensor.Name)} {what}; fetch the file again, or write it again with the converter of llama.cpp.", tensor.Name);
    }

    // Queries, keys and values in one tensor: their rows follow each other.
    private void Split(GgufTensor tensor, string[] parts, Dictionary<string, GgufName> rows, string layer, string ending)
    {
        long head = tensor.Shape[0] / (_heads + 2 * _keyHeads), first = 0;
        foreach (string part in parts)
        {
            long count = part == parts[0] ? _heads * head : _keyHeads * head;
            string own = part.Replace("{0}", layer) + ending;
            if (_header.Find(own) is not null)
                throw _header.Unsupported($"tensor {ForeignText.Quote(own)} beside {ForeignText.Quote(tensor.Name)} is not supported; supported is one of the two", own);
            Put(tensor, rows[part], layer, ending, first, [count, .. tensor.Shape.Skip(1)]);
            first += count;
        }
    }
}
