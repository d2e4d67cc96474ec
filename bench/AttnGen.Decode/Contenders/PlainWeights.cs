using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
    public void Read()
    {
        float* p = Tensors[0], end = p + _read;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<float> a = default, b = a, c = a, d = a, e = a, f = a, g = a, h = a;
            for (; p < end; p += 128)
            {
                a += Vector512.Load(p);
                b += Vector512.Load(p + 16);
                c += Vector512.Load(p + 32);
                d += Vector512.Load(p + 48);
                e += Vector512.Load(p + 64);
                f += Vector512.Load(p + 80);
                g += Vector512.Load(p + 96);
                h += Vector512.Load(p + 112);
            }

            s_sink += Vector512.Sum(a + b + c + d + e + f + g + h);
            return;
        }

        Vector256<float> q = default, r = q, s = q, t = q, u = q, v = q, w = q, x = q;
        for (; p < end; p += 64)
        {
            q += Vector256.Load(p);
            r += Vector256.Load(p + 8);
            s += Vector256.Load(p + 16);
            t += Vector256.Load(p + 24);
            u += Vector256.Load(p + 32);
            v += Vector256.Load(p + 40);
            w += Vector256.Load(p + 48);
            x += Vector256.Load(p + 56);
        }

        s_sink += Vector256.Sum(q + r + s + t + u + v + w + x);
    }

    public void Dispose() => _block.Dispose();

    /// <summary>Whole steps of <see cref="Read"/>; the rest is zeros.</summary>
    private static int Padded(int count) => (count + 127) & ~127;
}
