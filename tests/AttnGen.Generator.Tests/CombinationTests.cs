using System.Globalization;
using System.Text;
using AttnGen.Testing;

namespace AttnGen.Generator.Tests;

/// <summary>Arguments that are accepted one by one, drawn together: the generated half compiles without a warning.</summary>
public class CombinationTests
{
    private const int Count = 36;

    // Combinations that once failed.
    private static readonly string[] s_named =
    [
        "[EncoderLayer(64, 1, 128, qkNorm: QkNorm.LayerNorm, epsilon: 1e-6)]",
        "[EncoderLayer(64, 1, 128, qkNorm: QkNorm.RmsNorm, norm: Norm.RmsNorm, epsilon: 1e-6)]",
        "[Encoder(2, 64, 1, 128, qkNorm: QkNorm.LayerNorm, bias: false, finalNorm: true)]",
        "[EncoderLayer(dModel: 16384, heads: 128, feedForward: 65536)]", // weights beyond 2³¹ floats: offsets that are no int
        "[Encoder(1, 2047, 1, 16, headDim: 16, maxTokens: 1048576, inputPosition: InputPosition.Learned, finalNorm: true, position: Position.RotaryHalf)]",
    ];

    [Fact]
    public void CleanCode()
    {
        var draw = new Draw(new Random(20));
        string[] shapes = [.. s_named, .. Enumerable.Range(0, Count).Select(draw.Shape)];
        var source = new StringBuilder("using AttnGen;\nnamespace Combined;\n");
        for (var i = 0; i < shapes.Length; i++)
            source.Append(CultureInfo.InvariantCulture, $"{shapes[i]} public partial class C{i};\n");

        // One compilation for all; if it fails, the message names each shape that is to blame.
        var run = GeneratorHost.Run(source.ToString());
        var failures = run.Diagnostics.Select(diagnostic => $"{Blamed(diagnostic.Location.GetLineSpan().StartLinePosition.Line - 2)}: {diagnostic}")
            .Concat(run.Problems.Select(problem => $"{Blamed(ClassOf(problem.Location.SourceTree?.FilePath))}: {problem}")).ToList();
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        Assert.Equal(shapes.Length, run.Generated.Count);

        string Blamed(int index) => index >= 0 && index < shapes.Length ? shapes[index] : "?";
    }

    // "…/Combined.C12.g.cs" to 12.
    private static int ClassOf(string? path) =>
        path is not null && Path.GetFileName(path).Split('.') is [_, ['C', .. var number], ..] && int.TryParse(number, CultureInfo.InvariantCulture, out var index) ? index : -1;

    private sealed class Draw(Random random)
    {
        private readonly List<string> _arguments = [];

        public string Shape(int index)
        {
            _arguments.Clear();
            var attribute = (index % 9) switch
            {
                0 or 1 => Attention(),
                2 => DotProductAttention(),
                3 or 4 => Layer("EncoderLayer"),
                5 or 6 => Layer("Encoder"),
                7 => FeedForward(),
                _ => Rows(),
            };
            return $"[{attribute}({string.Join(", ", _arguments)})]";
        }

        private string Attention()
        {
            var position = Heads();
            if (Flag())
                Set("keyDim", Of(1, 7, 24, 65));
            if (Flag())
                Set("valueDim", Of(1, 7, 24, 65));
            Flag("bias");
            if (position == "None")
            {
                // An appended key has no position.
                Flag("biasKv");
                Flag("zeroAttn");
            }
            Set("maxTokens", Of(1, 17, 64, 300));
            return "Attention";
        }

        private string DotProductAttention()
        {
            var heads = Of(1, 2, 3, 6);
            var headDim = Of(1, 2, 5, 16, 24, 33);
            Set("heads", heads);
            Set("headDim", headDim);
            KvHeads(heads);
            if (Flag())
                Set("valueHeadDim", Of(1, 4, 17, 40));
            Score(headDim);
            return "DotProductAttention";
        }

        private string Layer(string attribute)
        {
            if (attribute == "Encoder")
            {
                Set("layers", Of(1, 2, 5));
                Flag("finalNorm");
                Choice<InputPosition>("inputPosition");
            }
            _ = Heads();
            Set("feedForward", Of(1, 7, 40, 130, 800));
            Flag("bias");
            Set("maxTokens", Of(1, 17, 64, 300));
            Choice<Activation>("activation");
            Flag("gated");
            Flag("normFirst");
            Choice<Norm>("norm");
            Set("epsilon", Of("0", "1e-12", "1e-6", "1e-5", "0.1"));
            return attribute;
        }

        private string FeedForward()
        {
            Set("dModel", Of(1, 7, 24, 900));
            Set("feedForward", Of(1, 7, 40, 800));
            Choice<Activation>("activation");
            Flag("gated");
            Flag("bias");
            return "FeedForward";
        }

        private string Rows()
        {
            switch (Of(0, 1, 2, 3))
            {
                case 0:
                    Set("inputs", Of(1, 7, 33, 900));
                    Set("outputs", Of(1, 7, 33, 900));
                    Flag("bias");
                    Choice<Activation>("activation");
                    return "Linear";
                case 1:
                    Set("dim", Of(1, 7, 64, 3001));
                    Set("epsilon", Of("0", "1e-6"));
                    Flag("bias");
                    return "LayerNorm";
                case 2:
                    Set("dim", Of(1, 7, 64, 3001));
                    Set("epsilon", Of("0", "1e-6"));
                    return "RmsNorm";
                default:
                    Set("dim", Of(1, 7, 64, 3001));
                    return "Softmax";
            }
        }

        private string Heads()
        {
            var heads = Of(1, 1, 2, 3, 4, 6);
            var headDim = Of(1, 2, 4, 5, 8, 16, 24, 33, 64);
            Set("heads", heads);
            if (Flag())
            {
                Set("dModel", Of(1, 8, 20, 33, 64));
                Set("headDim", headDim);
            }
            else
            {
                Set("dModel", heads * headDim);
            }
            KvHeads(heads);
            return Score(headDim);
        }

        private void KvHeads(int heads)
        {
            if (Flag())
                Set("kvHeads", Of([.. Enumerable.Range(1, heads).Where(count => heads % count == 0)]));
        }

        private string Score(int headDim)
        {
            Flag("causal");
            if (Flag())
                Set("window", Of(1, 7, 100));
            if (Flag())
                Set("scale", Of("0.01", "0.125", "1"));
            if (Flag())
                Set("softcap", Of("2", "30"));
            Choice<QkNorm>("qkNorm");
            var position = Of(Enum.GetNames<Position>());
            if (position.StartsWith("Rotary", StringComparison.Ordinal))
            {
                if (headDim < 2)
                    return "None";
                if (headDim % 2 != 0 || Flag())
                    Set("rotaryDim", 2 * random.Next(1, headDim / 2 + 1));
                if (Flag())
                    Set("ropeTheta", Of("500", "500000"));
            }
            Set("position", "Position." + position);
            return position;
        }

        private void Choice<T>(string name)
            where T : struct, Enum => Set(name, $"{typeof(T).Name}.{Of(Enum.GetNames<T>())}");

        private void Flag(string name) => Set(name, Flag() ? "true" : "false");

        private bool Flag() => random.Next(2) == 0;

        private T Of<T>(params T[] values) => values[random.Next(values.Length)];

        private void Set<T>(string name, T value) => _arguments.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {value}"));
    }
}
