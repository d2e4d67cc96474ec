// A consumer of the package, as a stranger would write it. What it prints must not depend on how it was compiled;
// with the argument 'lane' it prints the width of the vectors that it runs on, which may.
using AttnGen;
using AttnGen.Runtime;
using Sample;

if (args is ["lane"])
{
    Console.WriteLine(SimdLane.Bits);
    return;
}

const int Tokens = 13;
var seed = 1u;
var checksum = 14695981039346656037UL;

// PyTorch's names and shapes: the same tensors feed the lone attention and, under self_attn., the layer's.
var tensors = new (string Name, long[] Shape)[]
{
    ("self_attn.in_proj_weight", [3 * 64, 64]), ("self_attn.in_proj_bias", [3 * 64]),
    ("self_attn.out_proj.weight", [64, 64]), ("self_attn.out_proj.bias", [64]),
    ("linear1.weight", [96, 64]), ("linear1.bias", [96]), ("linear2.weight", [64, 96]), ("linear2.bias", [64]),
    ("norm1.weight", [64]), ("norm1.bias", [64]), ("norm2.weight", [64]), ("norm2.bias", [64]),
};
var weights = new TensorDictionary();
foreach (var (name, shape) in tensors)
{
    weights.Add(name, shape, Numbers((int)shape.Aggregate(1L, (a, b) => a * b)));
}

var x = Numbers(Tokens * Mixer.DModel);
var y = new float[x.Length];

using (var mixer = Mixer.Load(weights, prefix: "self_attn."))
{
    mixer.Forward(x, y);
    Fold("attention", y);
    mixer.Forward(x, y, AttentionMask.KeyLength(7));
    Fold("masked", y);
    var maps = new float[Mixer.Heads * Tokens * Tokens];
    using var session = mixer.CreateSession(maxTokens: Tokens);
    session.Forward(x, y, trace: new ForwardTrace { AttentionWeights = maps });
    Fold("maps", maps);
}

// Through a file, with a layer that uses every kernel: pre-norm, rotary positions, a causal window, the exact GELU.
var path = Path.Combine(Path.GetTempPath(), $"attngen-consumer-{Environment.ProcessId}.safetensors");
Safetensors.Write(path, weights, tensors.Select(t => t.Name));
using (var layer = Outer.Layer.Load(path))
{
    File.Delete(path); // The weights are in memory now.
    layer.Forward(x, y);
    Fold("layer", y);
}

Console.WriteLine($"checksum {checksum:X16}");

float[] Numbers(int count)
{
    var numbers = new float[count];
    foreach (ref var number in numbers.AsSpan())
    {
        seed = (seed * 1664525) + 1013904223;
        number = ((seed >> 8) / (float)(1 << 24) - 0.5f) * 0.5f;
    }

    return numbers;
}

void Fold(string name, ReadOnlySpan<float> values)
{
    var sum = 0.0;
    foreach (var value in values)
    {
        checksum = (checksum ^ BitConverter.SingleToUInt32Bits(value)) * 1099511628211UL;
        sum += Math.Abs(value);
    }

    if (!double.IsFinite(sum) || sum == 0)
    {
        throw new InvalidOperationException($"{name}: the values sum up to {sum}");
    }
}

namespace Sample
{
    [Attention(dModel: 64, heads: 8)]
    public sealed partial class Mixer;

    internal static partial class Outer
    {
        [EncoderLayer(dModel: 64, heads: 8, feedForward: 96, maxTokens: 64, causal: true, window: 5,
            position: Position.RotaryHalf, activation: Activation.Gelu, normFirst: true)]
        internal sealed partial class Layer;
    }

    internal static class Safetensors
    {
        /// <summary>Eight bytes of header length, the header in JSON, the numbers.</summary>
        public static void Write(string path, ITensorSource source, IEnumerable<string> names)
        {
            var header = new List<string>();
            var data = new MemoryStream();
            foreach (var name in names)
            {
                source.TryGetShape(name, out var shape);
                var values = new float[shape.Length == 2 ? shape[0] * shape[1] : shape[0]];
                source.Read(name, 0, values);
                var start = data.Length;
                data.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
                header.Add($$"""
                    "{{name}}":{"dtype":"F32","shape":[{{string.Join(',', shape.ToArray())}}],"data_offsets":[{{start}},{{data.Length}}]}
                    """);
            }

            var json = System.Text.Encoding.UTF8.GetBytes('{' + string.Join(',', header) + '}');
            using var file = File.Create(path);
            file.Write(BitConverter.GetBytes((long)json.Length));
            file.Write(json);
            data.WriteTo(file);
        }
    }
}
