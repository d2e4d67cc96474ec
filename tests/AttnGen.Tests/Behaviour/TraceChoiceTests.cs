using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>A trace of chosen layers, heads and states, of every shape: the slices of the whole, bit for bit; what is not there is refused before anything is written.</summary>
public class TraceChoiceTests
{
    private const int Tokens = 6;

    public static TheoryData<Type> Shapes => new(ModelCase.All.Where(model => model.Attends).Select(model => model.Type));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_chosen_ones_are_the_slices_of_all(Type type)
    {
        var model = ModelCase.From(type);
        using var loaded = model.Load(model.RandomWeights(seed: 1));
        var inputs = new Inputs(model, Tokens, Tokens, seed: 2);
        int one = Tokens * (Tokens + model.AppendedKeys), states = model.HiddenStates, width = model.OutputWidth;
        var all = new float[model.Layers * model.Heads * one];
        var hidden = new float[states * Tokens * width];
        Call(new ForwardTrace { AttentionWeights = all, HiddenStates = hidden });

        int layer = model.Layers - 1, head = model.Heads - 1;
        var map = new float[one];
        var ends = new float[states == 0 ? 0 : 2 * Tokens * width];
        int[] chosen = states == 0 ? [] : [0, states - 1];
        Call(new ForwardTrace { Layers = [layer], Heads = [head], States = chosen, AttentionWeights = map, HiddenStates = ends });
        Assert.Equal(all[((layer * model.Heads + head) * one)..], map);
        Assert.Equal([.. chosen.SelectMany(state => hidden[(state * Tokens * width)..((state + 1) * Tokens * width)])], ends);

        var heads = new float[model.Layers * one];
        Call(new ForwardTrace { Heads = [0], AttentionWeights = heads });
        Assert.Equal([.. Enumerable.Range(0, model.Layers).SelectMany(l => all[(l * model.Heads * one)..(l * model.Heads * one + one)])], heads);

        Refused($"trace.Layers[0] is {model.Layers}, but the model has {model.Layers} layers", new float[model.Heads * one], () => [model.Layers], () => []);
        Refused($"trace.Heads[0] is {model.Heads}, but the model has {model.Heads} heads, which go from 0 to {head}.", new float[model.Layers * one], () => [], () => [model.Heads]);
        Refused("trace.Heads[1] is 0 after 0; name each of the heads once, in rising order.", new float[model.Layers * 2 * one], () => [], () => [0, 0]);
        if (model.Layers * model.Heads > 1)
            Refused("trace.AttentionWeights", all, () => [layer], () => [head]);

        void Refused(string expected, float[] weights, Func<int[]> layers, Func<int[]> chosenHeads)
        {
            Array.Clear(weights);
            var error = Assert.Throws<ArgumentException>(() => Call(new ForwardTrace { Layers = layers(), Heads = chosenHeads(), AttentionWeights = weights }));
            Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
            Assert.All(weights, value => Assert.Equal(0, value));
        }

        void Call(ForwardTrace trace)
        {
            var y = new float[Tokens * width];
            if (model.HasSelf)
                loaded.Masked!(inputs.Query, y, default, trace);
            else
                loaded.Separate!(inputs.Query, inputs.Key, inputs.Value, y, default, trace);
        }
    }
}
