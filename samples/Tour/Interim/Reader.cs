using AttnGen;

namespace Tour;

/// <summary>Stands in for the code that the compiler will write.</summary>
internal sealed partial class Reader : IDisposable
{
    public const int Layers = 3;
    public const int DModel = 64;
    public const int Heads = 8;
    public const int MaxTokens = 48;
    public const long ParameterCount = 153216;
    public const long WeightBytes = ParameterCount * 4;
    public const string GeneratedPlan = "(nothing is generated yet)";

    private readonly InterimEncoder _encoder;

    private Reader(InterimEncoder encoder) => _encoder = encoder;

    public static long WorkspaceBytes(int maxTokens = MaxTokens) => maxTokens * DModel * 4L * 8;

    public static Reader Load(ITensorSource source, string prefix = "", Func<string, string>? rename = null) =>
        new(new InterimEncoder(source, prefix, rename));

    public Session CreateSession(int maxTokens = MaxTokens) => new(this);

    public void Forward(ReadOnlySpan<float> x, Span<float> y, AttentionMask mask = default, ForwardTrace trace = default) =>
        _encoder.Forward(x, y, trace.AttentionWeights, trace.HiddenStates);

    public void Dispose()
    {
    }

    public sealed class Session(Reader reader) : IDisposable
    {
        public void Forward(ReadOnlySpan<float> x, Span<float> y, AttentionMask mask = default, ForwardTrace trace = default) =>
            reader.Forward(x, y, mask, trace);

        public void Dispose()
        {
        }
    }
}
