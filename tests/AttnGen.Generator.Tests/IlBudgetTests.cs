using System.Reflection;
using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>
/// Every emitted method stays away from the JIT's cliffs: 1,024 tracked locals, 512 locals (no more inlining), 60,000 bytes of IL (no
/// optimisation at all). The budget is far below them, and does not grow with the shape: tiles are unrolled, K, D and T are loops.
/// </summary>
public class IlBudgetTests
{
    private const int MostIl = 16 * 1024;
    private const int MostLocals = 256;

    [Theory]
    [InlineData("Attention(dModel: 64, heads: 8)")]
    [InlineData("Attention(dModel: 30, heads: 3, biasKv: true, zeroAttn: true)")]
    [InlineData("Attention(dModel: 260, heads: 2)")]
    [InlineData("Attention(dModel: 1024, heads: 1, position: Position.RotaryInterleaved, qkNorm: QkNorm.LayerNorm, softcap: 50, causal: true, window: 128)")]
    [InlineData("Attention(dModel: 4096, heads: 32, kvHeads: 8, position: Position.RotaryHalf, causal: true, maxTokens: 8192)")]
    [InlineData("Attention(dModel: 127, heads: 1, keyDim: 65, valueDim: 33, position: Position.Alibi)")]
    [InlineData("DotProductAttention(heads: 3, headDim: 130, valueHeadDim: 77)")]
    [InlineData("EncoderLayer(dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu)")]
    [InlineData("EncoderLayer(dModel: 768, heads: 12, feedForward: 3072, activation: Activation.GeluTanh, gated: true, norm: Norm.RmsNorm)")]
    [InlineData("Encoder(layers: 24, dModel: 1024, heads: 16, feedForward: 4096, activation: Activation.Silu, gated: true, normFirst: true, finalNorm: true, inputPosition: InputPosition.Sinusoidal)")]
    [InlineData("FeedForward(dModel: 8192, feedForward: 28672, activation: Activation.Silu, gated: true, bias: false)")]
    [InlineData("Linear(inputs: 65536, outputs: 1)")]
    [InlineData("LayerNorm(dim: 256)")]
    [InlineData("LayerNorm(dim: 1000003)")]
    [InlineData("RmsNorm(dim: 255)")]
    [InlineData("Softmax(dim: 50257)")]
    public void EveryMethodIsSmall(string attribute)
    {
        var assembly = GeneratorHost.Compile($"using AttnGen; namespace Demo; [{attribute}] public sealed partial class Budgeted;");
        var methods = assembly.GetTypes()
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .OfType<MethodBase>()
            .Select(method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", Body: method.GetMethodBody()))
            .Where(method => method.Body is not null)
            .Select(method => (method.Name, Il: method.Body!.GetILAsByteArray()!.Length, Locals: method.Body.LocalVariables.Count))
            .ToList();
        Assert.True(methods.Count > 5, $"Only {methods.Count} methods were found.");
        Assert.DoesNotContain(methods, method => method.Il > MostIl || method.Locals > MostLocals);
    }

    /// <summary>The plan knows a tile's IL before it is written: within a tenth of what the compiler makes of it.</summary>
    [Fact]
    public void ThePlanKnowsTheIlOfATile()
    {
        var assembly = GeneratorHost.Compile("using AttnGen; namespace Demo; [Linear(inputs: 96, outputs: 96)] public sealed partial class Planned;");
        int tiles = 0;
        foreach (var lane in Planning.LaneTable.Lanes)
        {
            var type = assembly.GetTypes().Single(candidate => candidate.Name == $"Lane{lane.Bits}");
            foreach (var tile in lane.Tiles)
            {
                var method = type.GetMethod($"Tile{tile.Rows}x{tile.Vectors * lane.Width}", BindingFlags.NonPublic | BindingFlags.Static)!;
                int actual = method.GetMethodBody()!.GetILAsByteArray()!.Length, planned = Planning.CodeSize.Tile(tile);
                Assert.InRange(planned, 0.9 * actual, 1.1 * actual);
                Assert.True(planned < Planning.CodeSize.Budget, $"{method.Name} is planned with {planned} bytes of IL.");
                tiles++;
            }
        }

        Assert.Equal(Planning.LaneTable.Lanes.Sum(lane => lane.Tiles.Count), tiles);
    }
}
