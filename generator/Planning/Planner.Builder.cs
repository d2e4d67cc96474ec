namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    /// <summary>A plan in the making: what every part of it draws on (buffers, weights, products, norms).</summary>
    private sealed partial class Builder(TargetSpec target)
    {
        private readonly List<BufferPlan> _buffers = [];
        private readonly List<WeightPlan> _weights = [];
        private readonly List<ConstantPlan> _constants = [];
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);
        private int _tokenFloats;
        private int _fixedFloats;
        private readonly long[] _layerBytes = new long[2];
        private int _stack;
        private long _sharedBytes;
        private long _parameters;
        private int _layers = 1;

        // ---- the program ----

        /// <summary>The steps that are being planned: of a layer while there is one, of the program otherwise.</summary>
        private List<Step> _steps = [];

        /// <summary>What differs from layer to layer, of the loop that is being planned.</summary>
        private readonly List<LayerTable> _varies = [];

        /// <summary>Whether weights belong to a layer.</summary>
        private bool _inLoop;

        private readonly List<Node> _body = [];

        private void Add(Step step) => _steps.Add(step);

        /// <summary>Ends the steps before a loop, or after one.</summary>
        private void Flush()
        {
            _body.AddRange(_steps);
            _steps = [];
        }

        /// <summary>Plans what each layer does, as a loop.</summary>
        /// <param name="stored">Sets of weights; fewer than layers: layers share them.</param>
        /// <param name="layer">Plans a layer.</param>
        private void Layers(int stored, Action layer)
        {
            Flush();
            _inLoop = true;
            if (stored < _layers && stored > 1)
                _varies.Add(new LayerTable(LayerTable.SetName, "int", Enumerable.Range(0, _layers).Select(i => Text.Of(SetOf(i, stored))).ToEquatable(), $"which of the {stored} sets of weights it takes"));
            layer();
            var body = _steps.ToEquatable();
            _steps = [];
            _inLoop = false;
            _body.Add(new Loop(_layers, _varies.ToEquatable(), body) { Stack = _stack });
        }

        // In floating point, as the published code has it: 14 sets of 18 layers are not shared out as layer·14/18 would.
        private int SetOf(int layer, int stored) => (int)(layer / ((double)_layers / stored));

        /// <summary>A name that nothing else has: the second "q" is "q2".</summary>
        private string Unique(string name)
        {
            string unique = name;
            for (int i = 2; !_names.Add(unique); i++)
                unique = name + Text.Of(i);
            return unique;
        }

        // ---- memory ----

        private Operand Buffer(string name, string shape, int perToken, int fixedFloats = 0)
        {
            var buffer = new BufferPlan(Unique(name), shape, perToken, fixedFloats, _tokenFloats, _fixedFloats);
            _buffers.Add(buffer);
            _tokenFloats += perToken;
            _fixedFloats += Up(fixedFloats, 16);
            return Operand.Of(buffer, perToken);
        }

        private WeightPlan Weight(string name, WeightOrigin origin, WeightLayout layout, int rows, int columns, int stride, int firstLayer = 0)
        {
            // What has no number of a layer in its name is the same in every layer, as zeros are and what is computed from positions alone.
            bool perLayer = _inLoop && origin switch
            {
                TensorOrigin tensor => tensor.Choices.Items.Any(choice => choice.Name.Contains("{0}")),
                RelativeOrigin relative => relative.Name.Contains("{0}"),
                _ => false,
            };
            var weight = new WeightPlan(Unique(name), origin, layout, WeightFormat.Float32, rows, columns, stride, perLayer ? _layerBytes[_stack] : _sharedBytes, perLayer) { FirstLayer = firstLayer, Stack = perLayer ? _stack : 0 };
            if (perLayer)
                _layerBytes[_stack] += weight.Bytes;
            else
                _sharedBytes += weight.Bytes;
            if (origin is TensorOrigin)
                _parameters += (long)rows * columns * (perLayer ? _layers : 1);
            else if (origin is RelativeOrigin table)
                _parameters += (long)table.Buckets * rows;
            _weights.Add(weight);
            return weight;
        }

        /// <summary>A vector from the file, or, without a tensor, zeros.</summary>
        private WeightPlan Vector(string name, EquatableArray<TensorPart> choices, int length, int firstLayer = 0, double plus = 0) =>
            Weight(name, choices.Count > 0 ? new TensorOrigin(choices) { Plus = plus } : new ZeroOrigin(), WeightLayout.Vector, 1, length, length, firstLayer);

        /// <summary>A table from the file: rows of a stride.</summary>
        private WeightPlan Table(string name, string tensor, int rows, int width, int stride) => Weight(name, new TensorOrigin(Whole(tensor, rows)), WeightLayout.Rows, rows, width, stride);

        private static EquatableArray<TensorPart> Whole(string tensor, int rows) => new(ImmutableArray.Create(new TensorPart(tensor, 0, rows)));

        // ---- products ----

        /// <summary>To[count, N] = activation(From·Wᵀ + b), or To += that. A tensor that another map has already is the same weight.</summary>
        private ProjectStep Project(string title, Operand from, string name, LinearTensors map, Operand to, string count = "T", string activation = "None", bool add = false)
        {
            var weight = Known(WeightLayout.Panels, map.Weight) ?? Weight("w" + name, new TensorOrigin(map.Weight), WeightLayout.Panels, map.Outputs, map.Inputs, map.Inputs);
            var bias = map.Bias.Count == 0 ? null : Known(WeightLayout.Vector, map.Bias) ?? Vector("b" + name, map.Bias, map.Outputs);
            var sums = to;
            if (add && map.Inputs > Blocking.K(map.Inputs))
            {
                // Sums that go on over blocks of k wait beside the residual stream, not in it.
                sums = _sums.Find(known => known.Stride == to.Stride) is { } shared ? shared : Buffer("sums", "[T, D] unfinished sums of a long product", to.Stride);
                if (!_sums.Contains(sums))
                    _sums.Add(sums);
            }

            return new ProjectStep(title, from, weight, bias, to, add, sums, activation, count);
        }

        private readonly List<Operand> _sums = [];

        private WeightPlan? Known(WeightLayout layout, EquatableArray<TensorPart> choices) =>
            _weights.Find(known => known.Layout == layout && known.Origin is TensorOrigin tensor && tensor.Choices.Equals(choices));

        // ---- norms ----

        /// <summary>To = norm(From), row by row; layers before the first that has the norm copy instead.</summary>
        private NormStep Norm(string title, Operand from, Operand to, string name, NormTensors tensors, string count = "T")
        {
            var (norm, gain, shift) = NormWeights(name, tensors);
            return new NormStep(title, from, to, norm, gain, shift, count, tensors.FirstLayer);
        }

        private (NormPlan Norm, WeightPlan Gain, WeightPlan? Shift) NormWeights(string name, NormTensors tensors)
        {
            var spec = tensors.Norm;
            var gain = Vector(Inner(name, "Gain"), Whole(tensors.Weight, spec.Dim), spec.Dim, tensors.FirstLayer, tensors.IsLessOne ? 1 : 0);
            var shift = spec.Kind == NormKind.LayerNorm
                ? Vector(Inner(name, "Shift"), tensors.Bias is null ? EquatableArray<TensorPart>.Empty : Whole(tensors.Bias, spec.Dim), spec.Dim, tensors.FirstLayer)
                : null;
            return (new NormPlan(new NormKernel(spec.Kind, spec.Dim), spec.Epsilon), gain, shift);
        }

        // ---- the whole ----

        /// <summary>A name inside another: "inputNorm", "Gain" is inputNormGain; alone it is gain.</summary>
        private static string Inner(string outer, string name) => outer.Length == 0 ? char.ToLowerInvariant(name[0]) + name.Substring(1) : outer + name;

        private void Constant(string name, long value, string summary) => _constants.Add(new ConstantPlan(name, value, summary));

        /// <summary>The program Forward of what was planned so far.</summary>
        private ProgramPlan Forward(string summary, params Parameter[] inputs)
        {
            Flush();
            return new ProgramPlan("Forward", summary, inputs.ToEquatable(), _body.ToEquatable());
        }

        private ModelPlan Build(string summary, int maxTokens, SessionKind sessions, string scores, IEnumerable<ProgramPlan> programs, IEnumerable<MethodPlan> methods, int stored = 1, WholeModelPlan? model = null, int secondLayers = 0)
        {
            if (maxTokens > 0)
                Constant("MaxTokens", maxTokens, "Longest sequence of a call.");
            var all = programs.ToEquatable();
            return new ModelPlan(
                target.Type, target.Asked, summary, _layers, maxTokens, sessions, _constants.ToEquatable(), scores,
                new WeightsPlan(_weights.ToEquatable(), _sharedBytes, _layerBytes[0], stored, _parameters) { SecondLayerBytes = _layerBytes[1], SecondLayers = secondLayers },
                _buffers.ToEquatable(), _tokenFloats, _tokenFloats + _fixedFloats > 0 ? _fixedFloats : 16,
                all, methods.ToEquatable(), KernelSet.Of(all.SelectMany(program => program.Steps).SelectMany(step => step.Kernels)), CodeSize.LargestTile, model);
        }
    }
}
