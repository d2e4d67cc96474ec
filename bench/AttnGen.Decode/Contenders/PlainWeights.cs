using System.Runtime.CompilerServices;
using AttnGen.Bench;
using AttnGen.Runtime;

namespace AttnGen.Decode;

/// <summary>
/// A model's tensors as the plain loop reads them, in memory of the same kind as AttnGen's (large pages where the system gives them), and what it
/// takes to read once whatever a token needs: all but the table of positions, an embedding that is also the last product included.
/// </summary>
internal sealed unsafe class PlainWeights : IDisposable
{
    private static float s_sink;
    private readonly AlignedBlock _block;
    private readonly long _read;

    public PlainWeights(ModelShape shape, string folder)
    {
        List<PlannedTensor> plan = TensorPlan.Of(shape);
        long floats = plan.Sum(tensor => (long)Padded(tensor.Count));
        _block = AlignedBlock.Allocate(floats);
        Tensors = new float*[plan.Count];
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        long at = 0;
        for (int i = 0; i < plan.Count; i++)
        {
            PlannedTensor tensor = plan[i];
            Tensors[i] = (float*)Unsafe.AsPointer(ref _block.At(at)); // the block does not move
            var to = new Span<float>(Tensors[i], tensor.Count);
            if (tensor.Turn == Turn.Transpose)
            {
                var values = new float[tensor.Count];
                file.Read(tensor.Name, 0, values);
                PlannedTensor.Transposed(values, (int)tensor.Shape[0], (int)tensor.Shape[1]).CopyTo(to);
            }
            else
            {
                file.Read(tensor.Name, 0, to);
            }

            at += Padded(tensor.Count);
            if (!tensor.Name.EndsWith("wpe.weight", StringComparison.Ordinal)) _read = at; // the last one of the plan
        }
    }

    public float*[] Tensors { get; }

    /// <summary>Bytes that <see cref="Read"/> reads.</summary>
    public long Bytes => _read * sizeof(float);

    /// <summary>One pass over the weights: sums, in one thread.</summary>
    public void Read() => s_sink += OneCore.Sum(Tensors[0], Bytes);

    public void Dispose() => _block.Dispose();

    /// <summary>Whole steps of <see cref="Read"/>; the rest is zeros.</summary>
    private static int Padded(int count) => (count + 127) & ~127;
}
