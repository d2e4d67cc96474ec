using AttnGen.Generator.Diagnostics;

namespace AttnGen.Generator.Models;

/// <summary>
/// A model on its way from config.json to a Spec: an architecture asks it for tensors by name and size, and it compares them with the file's.
/// While config.json has problems, tensors are not looked at: what is expected of them would be wrong.
/// </summary>
internal sealed class ModelDraft
{
    private const int MostTensorProblems = 8;

    private static readonly string[] s_biasKeys = ["attention_bias", "qkv_bias", "mlp_bias", "use_bias", "bias", "norm_bias"];

    private readonly Architecture _architecture;
    private readonly TensorTable _tensors;
    private readonly List<Problem> _problems;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _off = new(StringComparer.Ordinal); // tensors that config.json says are not there, and where
    private int _tensorProblems;

    public ModelDraft(ConfigReader config, TensorTable tensors, List<Problem> problems, Architecture architecture, string className)
    {
        Config = config;
        _architecture = architecture;
        _tensors = tensors;
        _problems = problems;
        Prefix = FindPrefix(className);
        ClassName = HasHead() ? className : "";
    }

    public ConfigReader Config { get; }

    /// <summary>Whether the folder is an encoder–decoder of which both halves are wanted.</summary>
    public bool HasDecoder { get; init; }

    /// <summary>Which version of transformers wrote the folder, where versions differ.</summary>
    public FolderVersion Version { get; init; }

    /// <summary>Gets what is only to be told.</summary>
    public List<Problem>? Notes { get; init; }

    /// <summary>config.json's architectures[0]; "" if there is none, or if the file holds the base model alone whatever config.json says (many sentence encoders were saved so).</summary>
    public string ClassName { get; }

    /// <summary>What stands before the names of the base model's tensors: "bert." in a file with a head, "" in one without.</summary>
    public string Prefix { get; }

    /// <summary>What stands before the names of a layer's tensors, with {0} for its number.</summary>
    public string Layer => Prefix + _architecture.Layer;

    /// <summary>The name of the base model's pooler.</summary>
    public string Pooler => Prefix + _architecture.Pooler;

    /// <summary>Number of trained parameters in the tensors that are read.</summary>
    public long Parameters { get; private set; }

    // ---- tensors ----

    /// <summary>A map [outputs, inputs] at name.weight and, if it has one, name.bias.</summary>
    public LinearTensors Map(string name, Dim inputs, Dim outputs, Switch? bias = null, int layers = 0) =>
        LinearTensors.Of(Whole($"{name}.weight", layers, outputs, inputs), Bias($"{name}.bias", outputs, bias ?? true, layers), inputs.Size, outputs.Size);

    /// <summary>Columns [first, first + outputs) of a map that the file has as [inputs, total], and as many numbers of its bias.</summary>
    public LinearTensors TurnedMap(string name, Dim inputs, Dim outputs, int first, Dim total, int layers)
    {
        Whole($"{name}.weight", layers, inputs, total);
        var bias = Whole($"{name}.bias", layers, total);
        return LinearTensors.Of(new TensorPart($"{name}.weight", first, total.Size) { IsTurned = true }, bias with { FirstRow = first }, inputs.Size, outputs.Size);
    }

    /// <summary>Rows of a map where several take turns, head by head: groups of so many rows, the first at a row, the next stride rows on.</summary>
    public LinearTensors MapGroups(string name, Dim inputs, Dim outputs, int first, int group, int stride, Dim total, Switch bias, int layers)
    {
        var whole = Map(name, inputs, total, bias, layers);
        return new(Part(whole.Weight), Part(whole.Bias), inputs.Size, outputs.Size);

        EquatableArray<TensorPart> Part(EquatableArray<TensorPart> tensors) => tensors.Select(tensor => tensor with { FirstRow = first, Group = group, GroupStride = stride }).ToEquatable();
    }

    /// <summary>A vector.</summary>
    public TensorPart Vector(string name, Dim length) => Whole(name, 0, length);

    /// <summary>Rows of a map that holds several side by side.</summary>
    public LinearTensors MapRows(string name, Dim inputs, Dim outputs, int first, Dim total, Switch bias, int layers)
    {
        var whole = Map(name, inputs, total, bias, layers);
        return new(Part(whole.Weight), Part(whole.Bias), inputs.Size, outputs.Size);

        EquatableArray<TensorPart> Part(EquatableArray<TensorPart> tensors) => tensors.Select(tensor => tensor with { FirstRow = first }).ToEquatable();
    }

    /// <summary>A norm at name.weight and name.bias, or, in old files, name.gamma and name.beta.</summary>
    public NormTensors Norm(string name, Dim width, double epsilon, Switch? bias = null, int layers = 0, int skippedLayers = 0)
    {
        var biased = bias ?? true;
        bool old = _tensors.Find(Exact(name, skippedLayers) + ".gamma") is not null;
        string weight = $"{name}.{(old ? "gamma" : "weight")}", shift = $"{name}.{(old ? "beta" : "bias")}";
        Whole(weight, layers, skippedLayers, "", width);
        Bias(shift, width, biased, layers, skippedLayers);
        return new(new NormSpec(NormKind.LayerNorm, width.Size, epsilon, biased), weight, biased ? shift : null, skippedLayers);
    }

    /// <summary>A norm without mean and bias at name.weight.</summary>
    public NormTensors RmsNorm(string name, Dim width, double epsilon, int layers = 0)
    {
        Whole($"{name}.weight", layers, width);
        return new(new NormSpec(NormKind.RmsNorm, width.Size, epsilon, Bias: false), $"{name}.weight", null);
    }

    /// <summary>A tensor that is read whole.</summary>
    public TensorPart Whole(string name, int layers, params Dim[] shape) => Whole(name, layers, 0, "", shape);

    /// <summary>The same of one that a switch of config.json asks for.</summary>
    public TensorPart Whole(string name, Switch why, params Dim[] shape) => Whole(name, 0, 0, why.From, shape);

    /// <summary>Whether the file holds a tensor; true if there is no file to look at.</summary>
    public bool Has(string name) => !_tensors.IsKnown || _tensors.Find(name) is not null;

    /// <summary>Whether there is a file to look at.</summary>
    public bool IsKnown => _tensors.IsKnown;

    /// <summary>
    /// Whether a language model's head is the table of words. Where config.json says so and the file has a head all the same, transformers 4 takes the table, and
    /// transformers 5 the head (if both hold the same, that is the same); the version that wrote the folder decides. What they hold is not known here, so it is told.
    /// </summary>
    public bool Ties(Switch tied, string head)
    {
        if (!tied || !IsKnown || !Has(head))
            return tied;
        if (Version.IsFive)
            return false;
        Tell($"tensor '{head}' is in the file, but {tied.From} says that the head is the table of words: the table is read, as transformers 4 does; transformers 5 takes the tensor where it holds something else");
        return true;
    }

    /// <summary>Something that is no problem.</summary>
    public void Tell(string message) => Notes?.Add(new Problem(Descriptors.ModelUnknownKey, message));

    private TensorPart? Bias(string name, Dim width, Switch bias, int layers, int firstLayer = 0)
    {
        if (bias)
            return Whole(name, layers, firstLayer, bias.From, width);
        for (int layer = firstLayer; layer < (layers == 0 ? firstLayer + 1 : layers); layer++)
            _off[layers == 0 ? name : Exact(name, layer)] = bias.From;
        return null;
    }

    private TensorPart Whole(string name, int layers, int firstLayer, string why, params Dim[] shape)
    {
        long elements = shape.Aggregate(1L, (product, dim) => product * dim.Size);
        if (elements > Limits.MatrixFloats && !Config.HasProblems)
            Config.Wrong($"tensor '{name}' would have {Text.Of(elements)} numbers, but the limit is {Text.Of(Limits.MatrixFloats)}");
        for (int layer = firstLayer; layer < (layers == 0 ? firstLayer + 1 : layers); layer++)
        {
            string exact = layers == 0 ? name : Exact(name, layer);
            if (_used.Add(exact))
            {
                Parameters += elements;
                Compare(exact, shape, why);
            }
        }

        return new TensorPart(name, 0, shape.Length == 0 ? 1 : shape[0].Size);
    }

    /// <summary>Whether tensors of a type are read.</summary>
    public static bool IsFloat(string dataType) => Gguf.GgufType.IsReadableName(dataType);

    private static string Exact(string name, int layer) => name.Replace("{0}", Text.Of(layer));

    private void Compare(string name, Dim[] expected, string why)
    {
        if (!_tensors.IsKnown || Config.HasProblems && _tensorProblems == 0)
            return;
        string shape = "[" + string.Join(",", expected.Select(dim => Text.Of(dim.Size))) + "]";
        string from = string.Join(", ", expected.Select(dim => dim.From).Append(why).Where(text => text.Length > 0).Distinct());
        if (from.Length > 0)
            from = " from " + from;
        if (_tensors.Find(name) is not { } found)
        {
            Report($"tensor '{Text.Short(name)}' {shape} is missing; it is expected{from}{Misplaced(name)}");
            return;
        }

        if (!IsFloat(found.DataType))
            Report($"tensor '{Text.Short(name)}' is of type {Text.Short(found.DataType)}, but F32, F16, BF16 or F64 is expected");
        var sizes = expected.Select(dim => (long)dim.Size).ToList();
        if (found.Shape.SequenceEqual(sizes))
            return;
        string transposed = sizes.Count == 2 && found.Shape.Count == 2 && found.Shape[0] == sizes[1] && found.Shape[1] == sizes[0] ? "; it looks transposed" : "";
        Report($"tensor '{Text.Short(name)}' has shape {Text.Short(found.ShapeText)}, expected {shape}{from}{transposed}");
    }

    // A switch of another architecture may be why a bias is not there.
    private string Misplaced(string name) =>
        name.EndsWith(".bias", StringComparison.Ordinal)
            && s_biasKeys.FirstOrDefault(key => Config.Foreign(key)?.Kind == Json.JsonKind.False) is { } key
                ? $"; config.json has {key}=false, which {Config.Word("model_type", "")} does not know: its maps have biases" : "";

    private void Report(string message)
    {
        if (++_tensorProblems <= MostTensorProblems)
            _problems.Add(new Problem(Descriptors.ModelTensor, message));
    }

    // ---- what is left over ----

    /// <summary>
    /// Tensors that nobody asked for. Heads that the class does not have are fine; a tensor of the base model itself would change its results, so it is an
    /// error unless it is a buffer (integers) or one of those that the architecture lists.
    /// </summary>
    public IReadOnlyList<string> Leftovers(string layersKey, int layers)
    {
        var unused = new List<string>();
        if (!_tensors.IsKnown || Config.HasProblems)
            return unused;
        bool tooMany = false;
        foreach (var tensor in _tensors.All.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (_used.Contains(tensor.Key))
                continue;
            unused.Add(tensor.Key);
            if (!tensor.Key.StartsWith(Prefix, StringComparison.Ordinal) || tensor.Value.DataType is "I64" or "I32" or "U8" or "BOOL")
                continue;
            string own = tensor.Key.Substring(Prefix.Length);
            if (_off.TryGetValue(tensor.Key, out string? off))
            {
                Report($"tensor '{Text.Short(tensor.Key)}' {Text.Short(tensor.Value.ShapeText)} is in the file, but {off} says that it is not part of the model");
                continue;
            }

            if (_architecture.LayerOf(own) is { } layer && layer >= layers)
            {
                if (!tooMany)
                    Report($"{layersKey}={Text.Of(layers)}, but the file also has {Text.Short(Prefix)}{_architecture.LayerPrefix(layer)}* ('{Text.Short(tensor.Key)}')");
                tooMany = true;
            }
            else if (_architecture.IsBody(own, HasDecoder) && !_architecture.MayBeUnused(own))
            {
                Report($"tensor '{Text.Short(tensor.Key)}' {Text.Short(tensor.Value.ShapeText)} belongs to no part of {(ClassName.Length > 0 ? ClassName : "the base model")} that is known; without it the result would be another");
            }
        }

        return unused;
    }

    /// <summary>Tensors of modules that nobody asked for: the library refuses them, and something in the configuration beside them was meant for them.</summary>
    public void ModuleLeftovers()
    {
        foreach (var tensor in _tensors.OfModules.Where(tensor => !_used.Contains(tensor.Key)).OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
            Report($"tensor '{Text.Short(tensor.Key)}' {Text.Short(tensor.Value.ShapeText)} is in the file, but the module has linear.weight, and linear.bias if its bias is true, and no other");
    }

    /// <summary>The last problem, if there were more than are listed.</summary>
    public void Finish()
    {
        if (_tensorProblems > MostTensorProblems)
            _problems.Add(new Problem(Descriptors.ModelTensor, $"{Text.Of(_tensorProblems - MostTensorProblems)} more tensors do not fit config.json"));
    }

    /// <summary>Whether the file has none of the tensors that were asked for.</summary>
    public bool NothingFits => _tensors.IsKnown && _used.All(name => _tensors.Find(name) is null);

    /// <summary>The types of the tensors that are read, the most frequent first.</summary>
    public string DataTypes => string.Join(", ", _used.Select(_tensors.Find).Where(header => header is not null)
        .GroupBy(header => header!.DataType).OrderByDescending(group => group.Sum(header => header!.Elements)).Select(group => group.Key));

    private bool HasHead() =>
        !_tensors.IsKnown || _architecture.HeadMayBeTied || _tensors.All.Any(tensor =>
            !tensor.Key.StartsWith(Prefix, StringComparison.Ordinal)
            || tensor.Key.Substring(Prefix.Length) is var own && !_architecture.IsBody(own) && !_architecture.IsPooler(own));

    private string FindPrefix(string className)
    {
        var candidates = new[] { _architecture.Prefix, "" };
        if (!_tensors.IsKnown)
            return className.EndsWith("Model", StringComparison.Ordinal) || className.Length == 0 ? "" : _architecture.Prefix;
        foreach (string candidate in candidates)
        {
            if (_tensors.Find(candidate + _architecture.Probe) is not null)
                return candidate;
        }

        // Another wrapping, such as "encoder." or "model.bert.": what stands before the one tensor of that name.
        var others = _tensors.All.Select(t => t.Key).Where(key => key.EndsWith("." + _architecture.Probe, StringComparison.Ordinal)).ToList();
        if (others.Count == 1)
            return others[0].Substring(0, others[0].Length - _architecture.Probe.Length);
        return _tensors.All.Any(t => t.Key.StartsWith(_architecture.Prefix, StringComparison.Ordinal)) ? _architecture.Prefix : "";
    }
}
