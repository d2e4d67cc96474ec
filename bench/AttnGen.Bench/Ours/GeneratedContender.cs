namespace AttnGen.Bench;

/// <summary>The generated code, as this process runs it or in a lane of its own.</summary>
internal sealed class GeneratedContender(Lane? lane = null) : IContender
{
    private Action _run = null!, _free = null!;
    private float[] _output = [];

    public string Name => lane is null ? "AttnGen" : $"AttnGen {lane.Bits}";

    public ReadOnlySpan<float> Output => _output;

    public void Prepare(Work work)
    {
        _output = new float[work.Shape.Tokens * work.Shape.Outputs];
        Dictionary<string, (int[], float[])> weights = work.Weights.ToDictionary(w => w.Key, w => (w.Value.Sizes, w.Value.Values));
        (_run, _free) = lane is null
            ? LaneEntry.Open(work.Shape.ClassName, weights, work.Input, _output)
            : lane.Open(work.Shape.ClassName, weights, work.Input, _output);
    }

    public void Run() => _run();

    public void Dispose() => _free();
}
