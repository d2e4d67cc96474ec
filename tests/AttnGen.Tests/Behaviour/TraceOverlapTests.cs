using System.Runtime.InteropServices;
using AttnGen.Probe;

namespace AttnGen.Tests.Behaviour;

/// <summary>A trace needs memory of its own: a part shared with the result, an input, the mask or the other span is refused before anything is written.</summary>
public class TraceOverlapTests
{
    private const int Tokens = 6;

    public static TheoryData<Type, bool> Shapes => new(
        from model in ModelCase.All
        where model.Attends
        from session in new[] { false, true }
        select (model.Type, session));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Refused(Type type, bool throughSession)
    {
        var model = ModelCase.From(type);
        using var owner = model.Load(model.RandomWeights(seed: 1));
        using var session = throughSession ? owner.CreateSession(model.MaxTokens) : null;
        var loaded = session ?? owner;
        var inputs = new Inputs(model, Tokens, Tokens, seed: 2);
        int x = Tokens * model.QueryWidth, y = Tokens * model.OutputWidth;
        int attention = model.Layers * model.Heads * Tokens * (Tokens + model.AppendedKeys), hidden = model.HiddenStates * y;

        // Everything from one block, one after the other: neighbours do not overlap.
        var pool = new float[x + y + attention + hidden + (Tokens * Tokens) + 64];
        var flags = MemoryMarshal.Cast<float, bool>(pool.AsSpan());
        inputs.Query.CopyTo(pool, 0);
        var own = new float[attention + hidden];
        Call(pool.AsSpan(0, x), pool.AsSpan(x, y), pool.AsSpan(x + y, attention), pool.AsSpan(x + y + attention, hidden), default);

        foreach (var part in hidden > 0 ? new[] { "AttentionWeights", "HiddenStates" } : ["AttentionWeights"])
        {
            int length = part == "HiddenStates" ? hidden : attention;
            // The span's last float is the other's first, its first the other's last, and the whole.
            Overlap(part, length - 1, "y", y, (input, other, trace, rest) => Call(inputs.Query, other, trace, rest, default, part));
            if (model.HasSelf)
                Overlap(part, length - 1, "x", x, (input, other, trace, rest) => Call(other, input, trace, rest, default, part));
            Overlap(part, length - 1, "the mask's additive values", Tokens * Tokens, (input, other, trace, rest) => Call(inputs.Query, input, trace, rest, AttentionMask.Additive(other), part));
            Overlap(part, length - 1, "the mask's flags of pairs", Tokens * Tokens / 4, (input, other, trace, rest) => Call(inputs.Query, input, trace, rest, AttentionMask.Keep(MemoryMarshal.Cast<float, bool>(other)), part));
            if (model.HasSeparate)
            {
                Overlap(part, length - 1, "query", x, (input, other, trace, rest) => Separate(other, inputs.Key, inputs.Value, input, trace, part));
                Overlap(part, length - 1, "key", Tokens * model.KeyWidth, (input, other, trace, rest) => Separate(inputs.Query, other, inputs.Value, input, trace, part));
                Overlap(part, length - 1, "value", Tokens * model.ValueWidth, (input, other, trace, rest) => Separate(inputs.Query, inputs.Key, other, input, trace, part));
            }
        }

        // Flags of keys: six of them, in a span of floats.
        var error = Refusal(() => Call(inputs.Query, new float[y], own.AsSpan(0, attention), default, default(AttentionMask).WithHideKeys(MemoryMarshal.Cast<float, bool>(own.AsSpan(attention - 2))[..Tokens])));
        Assert.Contains("trace.AttentionWeights overlaps the mask's flags of keys", error, StringComparison.Ordinal);
        if (hidden > 0)
        {
            error = Refusal(() => Call(inputs.Query, new float[y], own.AsSpan(0, attention), own.AsSpan(attention - 1, hidden), default));
            Assert.Contains("trace.HiddenStates overlaps trace.AttentionWeights", error, StringComparison.Ordinal);
            if (attention == hidden)
                Refusal(() => Call(inputs.Query, new float[y], own.AsSpan(0, attention), own.AsSpan(0, hidden), default));
        }

        // Input and result may still be one, with a trace beside them.
        if (model.HasSelf && x == y)
        {
            var one = inputs.Query.ToArray();
            var apart = new float[y];
            Call(inputs.Query, apart, own.AsSpan(0, attention), own.AsSpan(attention, hidden), default);
            Call(one, one, new float[attention], new float[hidden], default);
            Assert.Equal(apart, one);
        }

        void Overlap(string part, int shift, string other, int otherLength, Use use)
        {
            int length = shift + 1;
            foreach (int start in new[] { shift, 1 - otherLength, 0 }.Distinct())
            {
                // start: where the other begins, counted from the trace's begin.
                int trace = Math.Max(0, -start), at = trace + start;
                var block = new float[Math.Max(trace + length, at + otherLength)];
                var message = Refusal(() => use(new float[y], block.AsSpan(at, otherLength), block.AsSpan(trace, length), default));
                Assert.Contains($"trace.{part} overlaps {other}", message, StringComparison.Ordinal);
                Assert.All(block, value => Assert.Equal(0, value));
            }
        }

        void Call(ReadOnlySpan<float> x, Span<float> y, Span<float> first, Span<float> second, AttentionMask mask, string part = "AttentionWeights")
        {
            var trace = part == "HiddenStates" ? new ForwardTrace { HiddenStates = first } : new ForwardTrace { AttentionWeights = first, HiddenStates = second };
            if (model.HasSelf)
                loaded.Masked!(x, y, mask, trace);
            else
                loaded.Separate!(x, inputs.Key, inputs.Value, y, mask, trace);
        }

        void Separate(ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> y, Span<float> trace, string part) =>
            loaded.Separate!(query, key, value, y, default, part == "HiddenStates" ? new ForwardTrace { HiddenStates = trace } : new ForwardTrace { AttentionWeights = trace });

        static string Refusal(Action call)
        {
            var error = Assert.Throws<ArgumentException>(call);
            Assert.Equal("trace", error.ParamName);
            return error.Message;
        }
    }

    private delegate void Use(Span<float> y, Span<float> other, Span<float> trace, Span<float> rest);
}
