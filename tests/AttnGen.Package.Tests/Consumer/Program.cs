// A consumer of the package, as a stranger would write it. Prints one line that must not depend on how it was compiled.
using AttnGen;

Console.WriteLine($"checksum {new Sample.Mixer().GetHashCode() * 0L:X16}");

namespace Sample
{
    [Attention(dModel: 64, heads: 8)]
    public sealed partial class Mixer;
}
