using System.Text.RegularExpressions;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Elementary;

/// <summary>
/// Nothing that computes goes through what sums in an order of the machine's own: TensorPrimitives' reductions, Vector&lt;T&gt;, and LINQ's over floats. (In .NET 10 the sum, the dot product and the cosine
/// of TensorPrimitives differ in their last bits between 256-bit and 512-bit vectors for most vectors of 384 numbers.)
/// </summary>
public class WidthDependenceTests
{
    private static readonly Regex s_ownOrder = new(
        @"TensorPrimitives|System\.Numerics\.Tensors|\bVector<|\bVector\.(Sum|Dot)\b|Vector(64|128|256|512)\.(Sum|Dot)\b|\.(Sum|Average)\(\)");

    public static TheoryData<string> Folders => ["src/AttnGen", "src/AttnGen.Tokenizers", "src/AttnGen.Embeddings", "src/AttnGen.Generation", "src/AttnGen.Tool", "generator/Emission", "samples/SemanticSearch", "samples/Rerank", "samples/Tales", "samples/Chat"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void NoSourceUsesThem(string folder)
    {
        var root = Path.Combine(Models.RepositoryRoot, folder);
        var files = Directory.EnumerateFiles(root, "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" && !Regex.IsMatch(file.Replace('\\', '/'), "/(obj|bin)/")).ToList();
        Assert.NotEmpty(files);
        var found =
            from file in files
            from line in File.ReadLines(file).Select((text, number) => (text, number))
            let code = Regex.Replace(line.text, @"//.*", "")
            where s_ownOrder.IsMatch(code)
            // Σ of value·0, which is 0 or NaN in any order.
            where !code.Contains("Vector256.Sum(probe) + last != 0", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(root, file)}:{line.number + 1}: {line.text.Trim()}";
        Assert.Empty(found);
    }

    /// <summary>The library's assembly does not refer to them either.</summary>
    [Fact]
    public void NoAssemblyRefersToThem() =>
        Assert.DoesNotContain(typeof(VectorMath).Assembly.GetReferencedAssemblies(), name => name.Name is "System.Numerics.Tensors" or "System.Linq.Parallel");

    /// <summary>The check finds what it looks for.</summary>
    [Theory]
    [InlineData("float dot = TensorPrimitives.Dot(a, b);", true)]
    [InlineData("var s = Vector512.Sum(v);", true)]
    [InlineData("float x = values.Sum();", true)]
    [InlineData("float x = VectorMath.Sum16(v);", false)]
    [InlineData("Sum(ref h, stride)", false)]
    public void FindsWhatItLooksFor(string code, bool found) => Assert.Equal(found, s_ownOrder.IsMatch(code));
}
