using System.Reflection;
using AttnGen.Reference;

namespace AttnGen.Probe;

/// <summary>q, k, v to y.</summary>
public delegate void SeparateForward(ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> y, AttentionMask mask, ForwardTrace trace);

/// <summary>x to y with a mask.</summary>
public delegate void MaskedForward(ReadOnlySpan<float> x, Span<float> y, AttentionMask mask, ForwardTrace trace);

/// <summary>x to y.</summary>
public delegate void RowForward(ReadOnlySpan<float> x, Span<float> y);

/// <summary>
/// A class with a shape attribute, read back from the attribute: which weights it needs, how to run it, and what the reference says.
/// So a test of a new shape is a class and an attribute, also in an assembly that was compiled a moment ago.
/// </summary>
public sealed class ModelCase
{
    private readonly Dictionary<string, object?> _arguments = [];
    private readonly List<(string Name, long[] Shape)> _tensors = [];

    private ModelCase(Type type, CustomAttributeData attribute)
    {
        Type = type;
        Kind = attribute.AttributeType.Name[..^"Attribute".Length];
        var parameters = attribute.Constructor.GetParameters();
        for (var i = 0; i < parameters.Length; i++)
            _arguments.Add(parameters[i].Name!, attribute.ConstructorArguments[i].Value);
        Describe();
    }

    public Type Type { get; }

    /// <summary>The attribute's name without "Attribute".</summary>
    public string Kind { get; }

    public string Name => Type.Name;

    /// <summary>Whether attention happens in it, so that it takes masks and gives attention weights.</summary>
    public bool Attends => Kind is "Attention" or "DotProductAttention" or "EncoderLayer" or "Encoder";

    /// <summary>Whether there is a Forward with separate query, key and value.</summary>
    public bool HasSeparate => Kind is "Attention" or "DotProductAttention";

    /// <summary>Whether there is a Forward with one input.</summary>
    public bool HasSelf => Kind != "DotProductAttention" && QueryWidth == KeyWidth && QueryWidth == ValueWidth;

    /// <summary>Whether calls go through sessions: all but a bare softmax, which needs no room.</summary>
    public bool HasSessions => Kind != "Softmax" && Type.GetMethod("CreateSession") is not null;

    public int QueryWidth { get; private set; }
    public int KeyWidth { get; private set; }
    public int ValueWidth { get; private set; }
    public int OutputWidth { get; private set; }
    public int Layers { get; private set; } = 1;
    public int Heads => Options?.Heads ?? 0;
    public int AppendedKeys => Options?.AppendedKeys ?? 0;
    public AttentionOptions? Options { get; private set; }

    /// <summary>Most rows of a call; norms and softmax have no limit, and get one for the tests: more than the 256 that they take at once.</summary>
    public int MaxTokens => _arguments.TryGetValue("maxTokens", out var value) ? (int)value! : 300;

    /// <summary>How many hidden states a trace takes, each [T, D]: what goes into each layer and what comes out of the last.</summary>
    public int HiddenStates => Kind is "Encoder" or "EncoderLayer" ? Layers + 1 : 0;

    public IReadOnlyList<(string Name, long[] Shape)> Tensors => _tensors;

    /// <summary>An argument of the attribute; enums as int.</summary>
    public T Argument<T>(string name) => (T)_arguments[name]!;

    /// <summary>An argument of the attribute if it has such a one.</summary>
    public T Argument<T>(string name, T otherwise) => _arguments.TryGetValue(name, out var value) ? (T)value! : otherwise;

    /// <summary>The odd shapes of Shapes.cs.</summary>
    public static IReadOnlyList<ModelCase> All { get; } = [.. In(typeof(ModelCase).Assembly).Where(model => model.Type.Namespace == typeof(ModelCase).Namespace)];

    public static IReadOnlyList<ModelCase> In(Assembly assembly) =>
        [.. assembly.GetTypes().Select(TryFrom).OfType<ModelCase>().OrderBy(model => model.Name, StringComparer.Ordinal)];

    public static ModelCase From(Type type) => TryFrom(type) ?? throw new ArgumentException($"{type} has no shape attribute.", nameof(type));

    public override string ToString() => Name;

    /// <summary>Weights of a usual size: matrices that keep the variance, norms around 1, small biases.</summary>
    public ArraySource RandomWeights(int seed)
    {
        var source = new ArraySource();
        foreach (var (name, shape) in _tensors)
        {
            var random = new Random(HashCode(name, seed));
            var values = new float[shape.Aggregate(1L, (count, size) => count * size)];
            var norm = name.Contains("norm", StringComparison.Ordinal) || Kind is "LayerNorm" or "RmsNorm";
            var (middle, spread) = name.EndsWith("bias", StringComparison.Ordinal) || name.StartsWith("bias_", StringComparison.Ordinal) ? (0, 0.2)
                : norm ? (1, 0.3)
                : (0, Math.Sqrt(3.0 / shape[^1]));
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(middle + spread * (2 * random.NextDouble() - 1));
            source.Add(name, shape, values);
        }
        return source;
    }

    /// <summary>The generated class, loaded.</summary>
    public LoadedModel Load(ITensorSource source, string prefix = "", Func<string, string>? rename = null)
    {
        object? model = null;
        if (Kind != "Softmax")
        {
            if (_tensors.Count == 0 && Type.GetConstructor([]) is { } constructor)
                model = constructor.Invoke([]);
            else
                model = Method("Load", typeof(ITensorSource), typeof(string), typeof(Func<string, string>))
                    .CreateDelegate<Func<ITensorSource, string, Func<string, string>?, object>>()(source, prefix, rename);
        }
        return new LoadedModel(this, Type, model);
    }

    /// <summary>The reference behind the same Forward methods: to hold a test's own plumbing against the goldens.</summary>
    public LoadedModel LoadReference(ITensorSource source, string prefix = "", Func<string, string>? rename = null) =>
        new(this, Cached(source.ToReference(prefix, rename)));

    private static ReferenceWeights Cached(ReferenceWeights weights)
    {
        var cache = new Dictionary<string, double[]?>();
        return name =>
        {
            if (!cache.TryGetValue(name, out var values))
                cache.Add(name, values = weights(name));
            return values;
        };
    }

    /// <summary>What the reference says.</summary>
    public double[] Reference(
        ReferenceWeights tensors, ReadOnlySpan<double> query, ReadOnlySpan<double> key, ReadOnlySpan<double> value,
        AttentionMask mask = default, Span<double> weights = default, Span<double> hidden = default) => Kind switch
        {
            "Attention" => AttentionReference.MultiHead(query, key, value, Int("dModel"), Options!, tensors, mask, weights),
            "DotProductAttention" => AttentionReference.DotProduct(query, key, value, Options!, mask, weights, tensors),
            "FeedForward" => FeedForwardReference.Forward(query, tensors, Int("dModel"), Enum<Activation>("activation"), Flag("gated")),
            "EncoderLayer" => LayerReference(tensors, query, mask, weights, hidden),
            "Encoder" => EncoderReference.Forward(
                query, tensors, Int("dModel"),
                new EncoderOptions { Layers = Layers, Layer = Layer(), FinalNorm = Flag("finalNorm"), InputPosition = Enum<InputPosition>("inputPosition") },
                mask, weights, hidden),
            "Linear" => ActivationReference.Forward(
                LinearReference.Forward(query, tensors.Required("weight"), tensors("bias"), Int("inputs"), Int("outputs")), Enum<Activation>("activation")),
            "LayerNorm" => LayerNormReference.Forward(query, tensors.Required("weight"), tensors("bias"), Int("dim"), Number("epsilon")),
            "RmsNorm" => RmsNormReference.Forward(query, tensors.Required("weight"), Int("dim"), Number("epsilon")),
            "Softmax" => SoftmaxReference.Forward(query, Int("dim")),
            _ => throw new NotSupportedException(Kind),
        };

    private double[] LayerReference(ReferenceWeights tensors, ReadOnlySpan<double> x, AttentionMask mask, Span<double> weights, Span<double> hidden)
    {
        var y = EncoderLayerReference.Forward(x, tensors, Int("dModel"), Layer(), mask, weights);
        if (!hidden.IsEmpty)
        {
            x.CopyTo(hidden);
            y.CopyTo(hidden[x.Length..]);
        }
        return y;
    }

    internal MethodInfo Method(string name, params Type[] parameters) => Method(Type, name, parameters);

    internal static MethodInfo Method(Type type, string name, params Type[] parameters) =>
        type.GetMethod(name, parameters)
        ?? throw new MissingMethodException($"{type} has no {name}({string.Join(", ", parameters.Select(parameter => parameter.Name))}).");

    private static ModelCase? TryFrom(Type type) =>
        type.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType.Assembly == typeof(AttentionAttribute).Assembly
            && data.AttributeType.Namespace == "AttnGen" && data.Constructor.GetParameters().Length > 0) is { } attribute
            ? new ModelCase(type, attribute)
            : null;

    private void Describe()
    {
        switch (Kind)
        {
            case "Attention":
                Options = Attention();
                QueryWidth = OutputWidth = Int("dModel");
                KeyWidth = Int("keyDim") is var keyDim and not 0 ? keyDim : QueryWidth;
                ValueWidth = Int("valueDim") is var valueDim and not 0 ? valueDim : QueryWidth;
                AttentionTensors("", Options, KeyWidth, ValueWidth);
                break;
            case "DotProductAttention":
                Options = Attention();
                QueryWidth = Options.Heads * Options.HeadDim;
                KeyWidth = Options.ActualKvHeads * Options.HeadDim;
                ValueWidth = Options.ActualKvHeads * Options.ActualValueHeadDim;
                OutputWidth = Options.Heads * Options.ActualValueHeadDim;
                QkNormTensors("", Options);
                break;
            case "FeedForward":
                OneWidth(Int("dModel"));
                FeedForwardTensors("");
                break;
            case "EncoderLayer":
                Options = Attention();
                OneWidth(Int("dModel"));
                LayerTensors("");
                break;
            case "Encoder":
                Options = Attention();
                OneWidth(Int("dModel"));
                Layers = Int("layers");
                for (var l = 0; l < Layers; l++)
                    LayerTensors($"layers.{l}.");
                if (Flag("finalNorm"))
                    NormTensors("norm.");
                if (Enum<InputPosition>("inputPosition") == InputPosition.Learned)
                    Add("position.weight", MaxTokens, QueryWidth);
                break;
            case "Linear":
                OneWidth(Int("inputs"));
                OutputWidth = Int("outputs");
                LinearTensors("", OutputWidth, QueryWidth);
                break;
            case "LayerNorm" or "RmsNorm":
                OneWidth(Int("dim"));
                Add("weight", QueryWidth);
                if (Kind == "LayerNorm" && Flag("bias"))
                    Add("bias", QueryWidth);
                break;
            case "Softmax":
                OneWidth(Int("dim"));
                break;
            default:
                throw new NotSupportedException(Kind);
        }
    }

    private AttentionOptions Attention() => new()
    {
        Heads = Int("heads"),
        HeadDim = Int("headDim") is var headDim and not 0 ? headDim : Int("dModel") / Int("heads"),
        KvHeads = Int("kvHeads"),
        ValueHeadDim = Optional("valueHeadDim"),
        BiasKv = OptionalFlag("biasKv"),
        ZeroAttn = OptionalFlag("zeroAttn"),
        Causal = Flag("causal"),
        Window = Int("window"),
        Scale = Number("scale"),
        Softcap = Number("softcap"),
        Position = Enum<Position>("position"),
        RotaryDim = Int("rotaryDim"),
        RopeTheta = Number("ropeTheta"),
        QkNorm = Enum<QkNorm>("qkNorm"),
    };

    private EncoderLayerOptions Layer() => new()
    {
        Attention = Options!,
        Activation = Enum<Activation>("activation"),
        Gated = Flag("gated"),
        NormFirst = Flag("normFirst"),
        Norm = Enum<Norm>("norm"),
        Epsilon = Number("epsilon"),
    };

    private void OneWidth(int width) => QueryWidth = KeyWidth = ValueWidth = OutputWidth = width;

    private void AttentionTensors(string prefix, AttentionOptions options, int keyWidth, int valueWidth)
    {
        var dModel = Int("dModel");
        var (queries, keys) = (options.Heads * options.HeadDim, options.ActualKvHeads * options.HeadDim);
        if (keyWidth == dModel && valueWidth == dModel)
        {
            Add(prefix + "in_proj_weight", queries + 2 * keys, dModel);
        }
        else
        {
            Add(prefix + "q_proj_weight", queries, dModel);
            Add(prefix + "k_proj_weight", keys, keyWidth);
            Add(prefix + "v_proj_weight", keys, valueWidth);
        }
        if (Flag("bias"))
            Add(prefix + "in_proj_bias", queries + 2 * keys);
        LinearTensors(prefix + "out_proj.", dModel, queries);
        if (options.BiasKv)
        {
            Add(prefix + "bias_k", 1, 1, keys);
            Add(prefix + "bias_v", 1, 1, keys);
        }
        QkNormTensors(prefix, options);
    }

    private void QkNormTensors(string prefix, AttentionOptions options)
    {
        if (options.QkNorm != QkNorm.None)
            foreach (var name in new[] { "q_norm.", "k_norm." })
            {
                Add(prefix + name + "weight", options.HeadDim);
                if (options.QkNorm == QkNorm.LayerNorm)
                    Add(prefix + name + "bias", options.HeadDim);
            }
    }

    private void FeedForwardTensors(string prefix)
    {
        var (dModel, hidden) = (Int("dModel"), Int("feedForward"));
        LinearTensors(prefix + (Flag("gated") ? "gate_proj." : "linear1."), hidden, dModel);
        if (Flag("gated"))
            LinearTensors(prefix + "up_proj.", hidden, dModel);
        LinearTensors(prefix + (Flag("gated") ? "down_proj." : "linear2."), dModel, hidden);
    }

    private void LayerTensors(string prefix)
    {
        AttentionTensors(prefix + "self_attn.", Options!, QueryWidth, QueryWidth);
        FeedForwardTensors(prefix);
        NormTensors(prefix + "norm1.");
        NormTensors(prefix + "norm2.");
    }

    // As in PyTorch, bias: false takes the biases of the layer norms away, too.
    private void NormTensors(string prefix)
    {
        Add(prefix + "weight", QueryWidth);
        if (Enum<Norm>("norm") == Norm.LayerNorm && Flag("bias"))
            Add(prefix + "bias", QueryWidth);
    }

    private void LinearTensors(string prefix, int outputs, int inputs)
    {
        Add(prefix + "weight", outputs, inputs);
        if (Flag("bias"))
            Add(prefix + "bias", outputs);
    }

    private void Add(string name, params ReadOnlySpan<int> shape)
    {
        var sizes = new long[shape.Length];
        for (var i = 0; i < shape.Length; i++)
            sizes[i] = shape[i];
        _tensors.Add((name, sizes));
    }

    private int Int(string name) => (int)_arguments[name]!;

    private int Optional(string name) => _arguments.TryGetValue(name, out var value) ? (int)value! : 0;

    private bool Flag(string name) => (bool)_arguments[name]!;

    private bool OptionalFlag(string name) => _arguments.TryGetValue(name, out var value) && (bool)value!;

    private double Number(string name) => (double)_arguments[name]!;

    private T Enum<T>(string name)
        where T : struct, Enum => (T)System.Enum.ToObject(typeof(T), (int)_arguments[name]!);

    // The same in every process, unlike string.GetHashCode.
    private static int HashCode(string name, int seed)
    {
        var hash = 17 + seed;
        foreach (var character in name)
            hash = unchecked(hash * 31 + character);
        return hash & int.MaxValue;
    }
}
