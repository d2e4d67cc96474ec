using AttnGen;
using AttnGen.Reference;

namespace Tour;

/// <summary>The library's own reference for the reader's shape: textbook loops in double precision, made to be checked by eye.</summary>
internal sealed class ScalarReference
{
    private static readonly EncoderOptions s_options = new()
    {
        Layers = Reader.Layers,
        InputPosition = InputPosition.Learned,
        FinalNorm = true,
        Layer = new EncoderLayerOptions
        {
            Attention = new AttentionOptions { Heads = Reader.Heads, HeadDim = Reader.DModel / Reader.Heads },
            Activation = Activation.Gelu,
            NormFirst = true,
        },
    };

    private readonly Dictionary<string, double[]?> _tensors = [];
    private readonly ReferenceWeights _weights;

    public ScalarReference(ITensorSource source, string prefix, Func<string, string>? rename)
    {
        // Looked up once, so that the clock does not measure the file.
        var read = source.ToReference(prefix, rename);
        _weights = name => _tensors.TryGetValue(name, out var tensor) ? tensor : _tensors[name] = read(name);
        Forward(new double[Reader.DModel]);
    }

    public double[] Forward(ReadOnlySpan<double> x) => EncoderReference.Forward(x, _weights, Reader.DModel, s_options);
}
