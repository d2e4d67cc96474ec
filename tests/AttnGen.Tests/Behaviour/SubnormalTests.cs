using AttnGen.Probe;
using AttnGen.Runtime;
using AttnGen.Tests.Goldens;

namespace AttnGen.Tests.Behaviour;

/// <summary>What docs/numerics.md says of a thread that takes subnormal numbers for 0: usual results have the same bits there, those that are or involve subnormal numbers do not.</summary>
public class SubnormalTests
{
    [Fact]
    public void AThreadOfItsOwnKnows()
    {
        Assert.False(SimdLane.SubnormalsAreFlushed);
        Assert.SkipUnless(FlushedThread.Supported, "The mode is switched on by machine code for x64 Linux.");
        Assert.True(FlushedThread.Run(() => SimdLane.SubnormalsAreFlushed));
        Assert.False(SimdLane.SubnormalsAreFlushed);
    }

    public static TheoryData<Type> Shapes => [.. ModelCase.All.Where(model => model.Argument("epsilon", 1.0) > 0).Select(model => model.Type)];

    /// <summary>Weights and inputs of a usual size, every mask: the same bits.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void UsualResultsHaveTheSameBits(Type type)
    {
        Assert.SkipUnless(FlushedThread.Supported, "The mode is switched on by machine code for x64 Linux.");
        var model = ModelCase.From(type);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        float[] All()
        {
            var all = new List<float>();
            foreach (var kind in model.Attends ? Enum.GetValues<MaskKind>() : [MaskKind.None])
            {
                var inputs = new Inputs(model, 9, 9, seed: 6, kind);
                var y = new float[9 * model.OutputWidth];
                if (model.HasSelf)
                    loaded.Forward(inputs.Query, inputs.Query, inputs.Query, y, inputs.Mask());
                else
                    loaded.Forward(inputs.Query, inputs.Key, inputs.Value, y, inputs.Mask());
                all.AddRange(y);
            }

            return [.. all];
        }

        Assert.Equal(All().Select(BitConverter.SingleToInt32Bits), FlushedThread.Run(All).Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>Each of these is a subnormal number, or made of one: 0 there.</summary>
    [Fact]
    public void SubnormalResultsAreZero()
    {
        Assert.SkipUnless(FlushedThread.Supported, "The mode is switched on by machine code for x64 Linux.");
        (string Name, Func<float> Of)[] cases =
        [
            ("e^-90", () => VectorMath.Exp(Value(-90))),
            ("e^-87.6 of a softmax", () => VectorMath.ExpNonPositive(Value(-87.6f))),
            ("relu of a subnormal number", () => VectorMath.Relu(Value(1e-40f)) * 1e10f),
            ("a product of small numbers", () => VectorMath.MultiplyAdd(Value(1e-20f), Value(1e-20f), 0)),
            ("a weight of 1e-40", () => Linear(1e-40f, 1e10f)),
            ("a product with an activation of 1e-30", () => Linear(1e-10f, 1e-30f)),
        ];
        foreach (var (name, of) in cases)
        {
            Assert.True(of() != 0, name);
            Assert.True(FlushedThread.Run(of) == 0, name);
        }

        static float Value(float value) => Volatile.Read(ref value);

        static float Linear(float weight, float x)
        {
            using var model = Models.Load<Lin1>(new ArraySource().Add("weight", [1, 1], [weight]).Add("bias", [1], [0]));
            return Models.Rows(model, [x])[0];
        }
    }

    /// <summary>Norms whose squares vanish, and those whose squares overflow, go through double precision, which has no subnormal numbers there.</summary>
    [Theory]
    [InlineData(typeof(Rms7NoEpsilon), 1e-25f)]
    [InlineData(typeof(Ln48NoEpsilon), 1e-25f)]
    [InlineData(typeof(Rms64), 1e25f)]
    [InlineData(typeof(Ln17), 1e25f)]
    public void NormsDoNotDependOnIt(Type type, float scale)
    {
        Assert.SkipUnless(FlushedThread.Supported, "The mode is switched on by machine code for x64 Linux.");
        var model = ModelCase.From(type);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        var x = new Inputs(model, 3, 3, seed: 6).Query.Select(value => value * scale).ToArray();
        Assert.Equal(Models.Rows(loaded, x), FlushedThread.Run(() => Models.Rows(loaded, x)));
    }
}
