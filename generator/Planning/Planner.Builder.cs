namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    /// <summary>A plan in the making: what every part of it draws on (buffers, weights, products, norms).</summary>
    private sealed partial class Builder(TargetSpec target)
    {
        private readonly List<BufferPlan> _buffers = [];
        private readonly List<WeightPlan> _weights = [];
        private readonly List<ConstantPlan> _constants = [];
        private readonly List<Step> _before = [];
        private readonly List<Step> _layer = [];
        private readonly List<Step> _after = [];
        private readonly List<Kernel> _kernels = [];
        private int _tokenFloats;
        private int _fixedFloats;
        private long _layerFloats;
        private long _sharedFloats;
        private long _parameters;
        private int _layers = 1;

        // ---- memory ----

        private Operand Buffer(string name, string shape, int perToken, int fixedFloats = 0)
        {
            _buffers.Add(new BufferPlan(name, shape, perToken, fixedFloats, _tokenFloats, _fixedFloats));
            _tokenFloats += perToken;
            _fixedFloats += Up(fixedFloats, 16);
            return new Operand(name, perToken);
        }

        private BufferPlan BufferOf(Operand operand) => _buffers.Find(buffer => buffer.Name == operand.Name)!;

        private WeightPlan Weight(
            string name, WeightForm form, EquatableArray<TensorPart> choices, int rows, int columns, int stride, bool perLayer = false, int firstLayer = 0, double theta = 0)
        {
            long floats = form switch
            {
                WeightForm.Panels => (long)Up(rows, Blocking.Panel) * columns,
                WeightForm.Vector => Up(columns, Blocking.Pair),
                _ => (long)rows * stride,
            };
            floats = (floats + 15) / 16 * 16;
            var weight = new WeightPlan(name, form, choices, rows, columns, stride, perLayer ? _layerFloats : _sharedFloats, perLayer) { FirstLayer = firstLayer, Theta = theta };
            if (perLayer)
                _layerFloats += floats;
            else
                _sharedFloats += floats;
            if (choices.Count > 0)
                _parameters += (long)rows * columns * (perLayer ? _layers : 1);
            _weights.Add(weight);
            return weight;
        }

        /// <summary>A vector from the file, or, without a tensor, zeros, which all layers share.</summary>
        private WeightPlan Vector(string name, EquatableArray<TensorPart> choices, int length, bool perLayer, int firstLayer = 0) =>
            Weight(name, WeightForm.Vector, choices, 1, length, length, perLayer && choices.Count > 0, firstLayer);

        /// <summary>A table from the file: rows of a stride.</summary>
        private WeightPlan Table(string name, string tensor, int rows, int width, int stride) => Weight(name, WeightForm.Rows, Whole(tensor, rows), rows, width, stride);

        /// <summary>A weight that is computed at load.</summary>
        private WeightPlan Computed(string name, WeightForm form, int rows, int columns, int stride, double theta = 0) =>
            Weight(name, form, EquatableArray<TensorPart>.Empty, rows, columns, stride, theta: theta);

        private static EquatableArray<TensorPart> Whole(string tensor, int rows) => new(ImmutableArray.Create(new TensorPart(tensor, 0, rows)));

        // ---- products ----

        /// <summary>To[count, N] = activation(From·Wᵀ + b), or To += that. A tensor that another map has already is the same weight.</summary>
        private ProjectStep Project(
            string title, Operand from, string name, LinearTensors map, Operand to, bool perLayer, string count = "T", string activation = "None", bool add = false)
        {
            var weight = _weights.Find(known => known.Form == WeightForm.Panels && known.Choices.Equals(map.Weight))
                ?? Weight("w" + name, WeightForm.Panels, map.Weight, map.Outputs, map.Inputs, map.Inputs, perLayer);
            var bias = map.Bias.Count == 0 ? null
                : _weights.Find(known => known.Form == WeightForm.Vector && known.Choices.Equals(map.Bias)) ?? Vector("b" + name, map.Bias, map.Outputs, perLayer);

            _kernels.AddRange([new ProductKernel(), new ActivationKernel("None"), new ActivationKernel(activation), new StrideKernel(from.Stride)]);
            string? sums = null;
            if (add && map.Inputs > Blocking.K(map.Inputs))
            {
                // Sums that go on over blocks of k wait beside the residual stream, not in it.
                sums = "sums";
                if (_buffers.All(buffer => buffer.Name != sums))
                    Buffer(sums, "[T, D] unfinished sums of a long product", to.Stride);
            }

            return new ProjectStep(title, from, weight, bias, to, add, sums, activation, map.Inputs, map.Outputs, count);
        }

        // ---- norms ----

        /// <summary>To = norm(From), row by row; layers before the first that has the norm copy instead.</summary>
        private NormStep Norm(string title, Operand from, Operand to, string name, NormTensors tensors, bool perLayer, string count = "T")
        {
            var (norm, gain, shift) = NormWeights(name, tensors, perLayer);
            return new NormStep(title, from, to, norm, gain, shift, count, tensors.FirstLayer);
        }

        private (NormPlan Norm, WeightPlan Gain, WeightPlan? Shift) NormWeights(string name, NormTensors tensors, bool perLayer)
        {
            var spec = tensors.Norm;
            var gain = Vector(Inner(name, "Gain"), Whole(tensors.Weight, spec.Dim), spec.Dim, perLayer, tensors.FirstLayer);
            var shift = spec.Kind == NormKind.LayerNorm
                ? Vector(Inner(name, "Shift"), tensors.Bias is null ? EquatableArray<TensorPart>.Empty : Whole(tensors.Bias, spec.Dim), spec.Dim, perLayer, tensors.FirstLayer)
                : null;
            return (UseNorm(spec), gain, shift);
        }

        private NormPlan UseNorm(NormSpec s)
        {
            var kernel = new NormKernel(s.Kind, s.Dim);
            _kernels.Add(kernel);
            return new NormPlan(kernel, s.Epsilon);
        }

        // ---- the whole ----

        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        /// <summary>A name that no other part has: the second "attention" is "attention2".</summary>
        private string Unique(string name)
        {
            string unique = name;
            for (int i = 2; !_names.Add(unique); i++)
                unique = name + Text.Of(i);
            return unique;
        }

        /// <summary>A name inside another: "inputNorm", "Gain" is inputNormGain; alone it is gain.</summary>
        private static string Inner(string outer, string name) => outer.Length == 0 ? char.ToLowerInvariant(name[0]) + name.Substring(1) : outer + name;

        private void Constant(string name, long value, string summary) => _constants.Add(new ConstantPlan(name, value, summary));

        private ModelPlan Build(string summary, CallForm form, int maxTokens, int input, int output, int key = 0, int value = 0)
        {
            if (maxTokens > 0)
                Constant("MaxTokens", maxTokens, "Longest sequence of a call.");
            if (form != CallForm.Softmax)
                _kernels.Add(new RowsKernel());
            return new ModelPlan(
                target.Type, summary, form, _layers, maxTokens, input, key, value, output, _attention,
                _constants.ToEquatable(), _weights.ToEquatable(), _layerFloats, _sharedFloats, _parameters,
                _buffers.ToEquatable(), _tokenFloats, _tokenFloats + _fixedFloats > 0 ? _fixedFloats : 16,
                _before.ToEquatable(), _layer.ToEquatable(), _after.ToEquatable(),
                KernelSet.Of(_kernels), target.Asked, CodeSize.LargestTile)
            {
                Hidden = _hidden,
            };
        }
    }
}
