using BenchmarkDotNet.Attributes;

namespace AttnGen.Bench;

/// <summary>
/// What all suites do: everybody on one shape, ONNX Runtime as the baseline. BenchmarkDotNet runs them one after the other
/// in processes of their own: use it for allocations, machine code and hardware counters, <c>compare</c> for ratios.
/// </summary>
/// <remarks>A narrower lane: <c>--envVars ATTNGEN_MAX_VECTOR_BITS:256</c>.</remarks>
[MemoryDiagnoser]
[DisassemblyDiagnoser(maxDepth: 4)]
[ShortRunJob]
public abstract class Suite
{
    private IContender? _contender;

    [ParamsSource(nameof(Shapes))]
    public string Case { get; set; } = "";

    public IEnumerable<string> Shapes => AllShapes.Select(s => s.Name);

    protected abstract IEnumerable<Shape> AllShapes { get; }

    [GlobalSetup(Target = nameof(Generated))]
    public void SetUpGenerated() => Prepare(new GeneratedContender());

    [Benchmark(Description = "AttnGen")]
    public void Generated() => _contender!.Run();

    [GlobalSetup(Target = nameof(OnnxRuntime))]
    public void SetUpOnnxRuntime() => Prepare(new OnnxRuntimeContender());

    [Benchmark(Baseline = true, Description = "ONNX Runtime")]
    public void OnnxRuntime() => _contender!.Run();

    [GlobalSetup(Target = nameof(TensorPrimitives))]
    public void SetUpTensorPrimitives() => Prepare(new TensorPrimitivesContender());

    [Benchmark(Description = "TensorPrimitives")]
    public void TensorPrimitives() => _contender!.Run();

    [GlobalCleanup]
    public void CleanUp() => _contender?.Dispose();

    private void Prepare(IContender contender)
    {
        contender.Prepare(new Work(AllShapes.Single(s => s.Name == Case)));
        _contender = contender;
    }
}

/// <summary>Whole encoder layers.</summary>
public class LayerSuite : Suite
{
    protected override IEnumerable<Shape> AllShapes => CompareCommand.Shapes.Where(s => s.Kind == Kind.Layer && !s.Cold);
}

/// <summary>Matrix products.</summary>
public class LinearSuite : Suite
{
    protected override IEnumerable<Shape> AllShapes => CompareCommand.Shapes.Where(s => s.Kind == Kind.Linear);
}
