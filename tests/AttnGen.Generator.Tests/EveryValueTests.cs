using System.Globalization;
using System.Text;
using AttnGen.Generator.Parsing;
using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>
/// No attribute value makes generated code fail to compile or warn: each argument of each attribute takes values on both sides of every
/// limit, one at a time around a small shape, and either there is a diagnostic or the generated half compiles.
/// </summary>
public class EveryValueTests
{
    private static readonly Dictionary<string, string> s_base = new()
    {
        ["Attention"] = "dModel: 24, heads: 4",
        ["DotProductAttention"] = "heads: 4, headDim: 6",
        ["FeedForward"] = "dModel: 24, feedForward: 40",
        ["EncoderLayer"] = "dModel: 24, heads: 4, feedForward: 40",
        ["Encoder"] = "layers: 2, dModel: 24, heads: 4, feedForward: 40",
        ["Linear"] = "inputs: 24, outputs: 40",
        ["Softmax"] = "dim: 24",
        ["LayerNorm"] = "dim: 24",
        ["RmsNorm"] = "dim: 24",
    };

    public static TheoryData<string> Attributes => [.. s_base.Keys];

    [Theory]
    [MemberData(nameof(Attributes))]
    public void EitherADiagnosticOrCleanCode(string attribute)
    {
        var cases = Cases(attribute).Distinct().ToList();
        var source = new StringBuilder("using AttnGen;\nnamespace Every;\n");
        for (var i = 0; i < cases.Count; i++)
            source.Append(CultureInfo.InvariantCulture, $"[{attribute}({cases[i]})] public partial class C{i};\n");

        var run = GeneratorHost.Run(source.ToString());
        Assert.True(run.Problems.IsEmpty, run.Problems.IsEmpty ? "" : GeneratorHost.Describe(run.Problems, run.Output));
        var refused = run.Diagnostics.Select(diagnostic => diagnostic.Location.GetLineSpan().StartLinePosition.Line - 2).ToHashSet();
        for (var i = 0; i < cases.Count; i++)
            Assert.True(refused.Contains(i) != run.Generated.ContainsKey($"Every.C{i}.g.cs"), $"[{attribute}({cases[i]})]: both or neither of a diagnostic and code");
        Assert.Contains(run.Generated, _ => true);
        Assert.NotEmpty(refused);
    }

    private static IEnumerable<string> Cases(string attribute)
    {
        var given = s_base[attribute];
        var type = ShapeAttribute.All.Single(shape => shape.Name == attribute);
        var constructor = typeof(AttentionAttribute).Assembly.GetType(type.MetadataName, throwOnError: true)!.GetConstructors().Single();
        yield return given;
        foreach (var parameter in constructor.GetParameters())
        {
            foreach (var value in Values(parameter.ParameterType))
                yield return With(given, parameter.Name!, value);
        }

        if (constructor.GetParameters().All(parameter => parameter.Name != "position"))
            yield break;
        foreach (var position in Enum.GetNames<Position>())
        {
            foreach (var more in new[] { "rotaryDim: 2", "rotaryDim: 3", "headDim: 5", "headDim: 130", "ropeTheta: 1e30", "qkNorm: QkNorm.LayerNorm", "biasKv: true", "zeroAttn: true" })
            {
                var name = more[..more.IndexOf(':', StringComparison.Ordinal)];
                if (constructor.GetParameters().Any(parameter => parameter.Name == name))
                    yield return With(With(given, "position", "Position." + position), name, more[(name.Length + 2)..]);
            }
        }
    }

    private static IEnumerable<string> Values(Type type) => type switch
    {
        _ when type == typeof(bool) => ["false", "true"],
        _ when type == typeof(int) => ["int.MinValue", "-1", "0", "1", "7", "65537", "1048577"],
        _ when type == typeof(double) => ["double.NaN", "double.PositiveInfinity", "-1", "-0.0", "double.Epsilon", "1e-45", "1.0/3", "3.4028234e38", "double.MaxValue"],
        _ => [.. Enum.GetValues(type).Cast<int>().Append(-1).Append(int.MaxValue).Select(value => $"({type.Name})({value.ToString(CultureInfo.InvariantCulture)})")],
    };

    /// <summary>The arguments with one replaced or added.</summary>
    private static string With(string arguments, string name, string value)
    {
        var others = arguments.Split(", ").Where(argument => !argument.StartsWith(name + ":", StringComparison.Ordinal));
        return string.Join(", ", others.Append($"{name}: {value}"));
    }
}
