using System.Text;
using AttnGen.Folders;
using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>A tensor as the header of its file describes it.</summary>
internal sealed record TensorHeader(string File, string DataType, EquatableArray<long> Shape)
{
    public string ShapeText => "[" + string.Join(",", Shape.Select(Text.Of)) + "]";

    public long Elements => Shape.Aggregate(1L, (product, size) => unchecked(product * size));
}

/// <summary>The tensors of a folder, from the manifest that the build task wrote; null Tensors: there is no manifest to check against.</summary>
internal sealed class TensorTable
{
    private static readonly string[] s_oneFile = [FolderNames.Weights];

    private readonly Dictionary<string, TensorHeader>? _tensors;

    private TensorTable(Dictionary<string, TensorHeader>? tensors, IReadOnlyList<string> files)
    {
        _tensors = tensors;
        Files = files;
    }

    /// <summary>The files that hold tensors.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Whether there is anything to check against.</summary>
    public bool IsKnown => _tensors is not null;

    /// <summary>The model's tensors.</summary>
    public IEnumerable<KeyValuePair<string, TensorHeader>> All => (_tensors ?? []).Where(tensor => !IsOfModule(tensor.Value.File));

    /// <summary>The tensors of modules, which have files of their own: their names begin with the folder, as <c>SafetensorsShards</c> has them.</summary>
    public IEnumerable<KeyValuePair<string, TensorHeader>> OfModules => (_tensors ?? []).Where(tensor => IsOfModule(tensor.Value.File));

    public TensorHeader? Find(string name) => _tensors is not null && _tensors.TryGetValue(name, out var header) ? header : null;

    /// <summary>Names, types and shapes in one number (FNV-1a, 64 bits): what <c>ModelWeights</c> computes of the file that it opens.</summary>
    public string Hash
    {
        get
        {
            if (_tensors is null)
                return "";
            ulong hash = 14695981039346656037;
            foreach (var tensor in _tensors.OrderBy(t => t.Key, StringComparer.Ordinal))
            {
                foreach (byte b in Encoding.UTF8.GetBytes($"{tensor.Key}\n{tensor.Value.DataType}\n{tensor.Value.ShapeText}\n"))
                    hash = unchecked((hash ^ b) * 1099511628211);
            }

            return hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Reads the manifest, and the index of shards if there is one.</summary>
    public static TensorTable Read(string? manifest, string? index, List<Problem> problems)
    {
        if (manifest is null)
            return new TensorTable(null, s_oneFile);
        if (FolderText.Parse(manifest, "the manifest of the weights", problems) is not { } root)
            return new TensorTable(null, s_oneFile);
        if (root["__error__"] is { } error)
        {
            problems.Add(new Problem(Descriptors.ModelFile, error.Text.TrimEnd('.')));
            return new TensorTable(null, s_oneFile);
        }

        if (root["__unsupported__"] is { } unsupported)
        {
            problems.Add(new Problem(Descriptors.ModelUnsupported, unsupported.Text.TrimEnd('.')));
            return new TensorTable(null, s_oneFile);
        }

        var tensors = new Dictionary<string, TensorHeader>(StringComparer.Ordinal);
        var files = new List<string>();
        foreach (var file in root.Members)
        {
            files.Add(file.Key);
            foreach (var tensor in file.Value.Members)
            {
                if (tensor.Key == "__metadata__")
                    continue;
                string name = IsOfModule(file.Key) ? file.Key.Substring(0, file.Key.LastIndexOf('/') + 1) + tensor.Key : tensor.Key;
                if (Header(file.Key, tensor.Value) is not { } header)
                    problems.Add(new Problem(Descriptors.ModelFile, $"{file.Key}: the manifest's entry of tensor '{Text.Short(tensor.Key)}' has no dtype and shape"));
                else if (tensors.TryGetValue(name, out var other))
                    problems.Add(new Problem(Descriptors.ModelFile, $"tensor '{Text.Short(tensor.Key)}' is in {other.File} and in {file.Key}"));
                else
                    tensors.Add(name, header);
            }
        }

        if (root.Kind != JsonKind.Object || files.Count == 0)
            problems.Add(new Problem(Descriptors.ModelFile, "the manifest of the weights names no file"));
        if (index is not null && !files.Contains(FolderNames.Weights))
            CheckIndex(index, tensors, files, problems);
        return new TensorTable(tensors, files);
    }

    private static bool IsOfModule(string file) => file.Contains('/');

    private static TensorHeader? Header(string file, JsonValue value)
    {
        if (value["dtype"] is not { Kind: JsonKind.String } type || value["shape"] is not { Kind: JsonKind.Array } shape)
            return null;
        var sizes = new List<long>();
        foreach (var item in shape.Items)
        {
            if (!item.TryGetInteger(out long size) || size < 0)
                return null;
            sizes.Add(size);
        }

        return new TensorHeader(file, type.Text, sizes.ToEquatable());
    }

    private static void CheckIndex(string index, Dictionary<string, TensorHeader> tensors, List<string> files, List<Problem> problems)
    {
        const string Name = FolderNames.Index;
        if (FolderText.Parse(index, Name, problems) is not { } root)
            return;
        if (root["weight_map"] is not { Kind: JsonKind.Object } map)
        {
            problems.Add(new Problem(Descriptors.ModelFile, $"{Name} has no object weight_map"));
            return;
        }

        // One line for each file that is wrong, with one of its tensors: a file of hundreds would hide what else there is.
        foreach (var entry in map.Members.Where(entry => entry.Value.Kind != JsonKind.String).Take(1))
            problems.Add(new Problem(Descriptors.ModelFile, $"{Name} sends tensor '{Text.Short(entry.Key)}' to {entry.Value.Show()}, but must name a file"));
        foreach (var shard in map.Members.Where(entry => entry.Value.Kind == JsonKind.String).GroupBy(entry => entry.Value.Text, StringComparer.Ordinal))
        {
            string file = Text.Short(shard.Key);
            if (!files.Contains(shard.Key))
                problems.Add(new Problem(Descriptors.ModelFile, $"{Name} names the shard {file} ({Tensors(shard.Select(entry => entry.Key))}), which is not in the folder; fetch that file, too"));
            else if (shard.Select(entry => entry.Key).Where(name => !tensors.TryGetValue(name, out var header) || header.File != shard.Key).ToList() is { Count: > 0 } elsewhere)
                problems.Add(new Problem(Descriptors.ModelFile, $"{Name} sends {Tensors(elsewhere)} to {file}, which does not hold {(elsewhere.Count == 1 ? "it" : "them")}; fetch both files again"));
        }

        static string Tensors(IEnumerable<string> names) =>
            names.ToList() is var all && all.Count == 1 ? $"tensor '{Text.Short(all[0])}'" : $"{Text.Of(all.Count)} tensors, the first is '{Text.Short(all[0])}'";
    }
}
