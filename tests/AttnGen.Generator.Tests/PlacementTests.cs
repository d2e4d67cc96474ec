using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>Where a class may stand: each of these compiles without a warning.</summary>
public class PlacementTests
{
    [Fact]
    public void PlainClass() => GeneratorHost.Compile("using AttnGen; [Attention(dModel: 64, heads: 8)] public sealed partial class Mixer;");
}
