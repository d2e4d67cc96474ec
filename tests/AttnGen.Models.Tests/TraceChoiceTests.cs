namespace AttnGen.Models.Tests;

/// <summary>A trace of chosen layers, heads and states: the same bits as of all, at the length that they need, and no byte allocated.</summary>
public sealed class TraceChoiceTests
{
    private static readonly int[][] s_nothing = [[]];

    public static TheoryData<string> Encoders => ["bert", "albert", "modernbert", "mpnet", "vit"];

    public static TheoryData<string> Decoders => ["gpt2", "llama", "mistral", "gemma2", "bloom"];

    public static TheoryData<string> Both => ["t5", "bart", "marian", "whisper"];

    [Theory]
    [MemberData(nameof(Encoders))]
    [MemberData(nameof(Both))]
    public void Of_an_encoder(string name)
    {
        var path = Shared.Require("golden", "hf", name);
        using var golden = new Golden(path);
        using var model = HubModel.Of(path).Load();
        var info = model.Info;
        int[] ids = golden.Has("single.input_ids") ? Golden.Ints(golden.Integers("single.input_ids")) : [];
        float[] floats = golden.Has("single.pixel_values") ? golden.Floats("single.pixel_values") : golden.Has("single.input_features") ? golden.Floats("single.input_features") : [];
        var tokens = ids.Length > 0 ? ids.Length : model is ISpeechToTextModel ? info.AudioFrames / 2 : info.MaxTokens;
        var hidden = new float[tokens * info.HiddenSize];
        Compare(new(info.Layers, info.Heads, 0, tokens, tokens, info.HiddenSize), (ref ForwardTrace trace) =>
        {
            switch (model)
            {
                case ITextModel text:
                    text.Forward(ids, hidden, trace: trace);
                    break;
                case IImageModel image:
                    image.Forward(floats, hidden, trace);
                    break;
                case ISpeechToTextModel speech:
                    speech.Forward(floats, hidden, trace);
                    break;
                default:
                    ((IEncoderDecoderModel)model).Forward(ids, hidden, trace: trace);
                    break;
            }
        });
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    [MemberData(nameof(Both))]
    public void While_writing(string name)
    {
        var path = Shared.Require("golden", "hf", name);
        using var golden = new Golden(path);
        using var model = HubModel.Of(path).Load();
        var info = model.Info;
        using var sequence = model switch
        {
            IEncoderDecoderModel both => both.Encode(Golden.Ints(golden.Integers("single.input_ids"))),
            ISpeechToTextModel speech => speech.Encode(golden.Floats("single.input_features")),
            _ => ((ILanguageModel)model).CreateSequence(),
        };
        int layers = info.DecoderLayers > 0 ? info.DecoderLayers : info.Layers, heads = info.DecoderLayers > 0 ? info.DecoderHeads : info.Heads;
        foreach (var count in new[] { 5, 1, 1, 3 })
        {
            var position = sequence.Position;
            int[] ids = [.. Enumerable.Range(position, count).Select(i => (i * 7 + 3) % info.LogitsSize)];
            var logits = new float[info.LogitsSize];
            Compare(new(layers, heads, sequence.SourceTokens, count, position + count, info.HiddenSize), (ref ForwardTrace trace) =>
            {
                sequence.Rewind(position);
                sequence.Extend(ids, logits, trace);
            });
        }

        var whole = sequence.Position;
        foreach (var (expected, choose) in new (string, Func<Action>)[]
        {
            ($"trace.Layers[0] is {layers}, but the model has {layers} layers, which go from 0 to {layers - 1}.", () => () => sequence.Extend([1], default, new ForwardTrace { Layers = [layers], AttentionWeights = new float[heads * (whole + 1)] })),
            ("trace.Heads[0] is -1, but the model has", () => () => sequence.Extend([1], default, new ForwardTrace { Heads = [-1], AttentionWeights = new float[layers * (whole + 1)] })),
            ($"trace.Heads[1] is {heads}, but the model has {heads} heads, which go from 0 to {heads - 1}.", () => () => sequence.Extend([1], default, new ForwardTrace { Heads = [0, heads], AttentionWeights = new float[2 * layers * (whole + 1)] })),
            ($"trace.States[0] is {layers + 1}, but the model has {layers + 1} hidden states, which go from 0 to {layers}.", () => () => sequence.Extend([1], default, new ForwardTrace { States = [layers + 1], HiddenStates = new float[info.HiddenSize] })),
            ("trace.Heads[1] is 0 after 0; name each of the heads once, in rising order.", () => () => sequence.Extend([1], default, new ForwardTrace { Heads = [0, 0], AttentionWeights = new float[2 * layers * (whole + 1)] })),
            ("trace.States[1] is 0 after 1; name each of the hidden states once, in rising order.", () => () => sequence.Extend([1], default, new ForwardTrace { States = [1, 0], HiddenStates = new float[2 * info.HiddenSize] })),
            ("trace.AttentionWeights has", () => () => sequence.Extend([1], default, new ForwardTrace { Layers = [0], AttentionWeights = new float[layers * heads * (whole + 1)] })),
            ("trace.HiddenStates has", () => () => sequence.Extend([1], default, new ForwardTrace { States = [0], HiddenStates = new float[(layers + 1) * info.HiddenSize] })),
        })
        {
            Assert.StartsWith(expected, Assert.Throws<ArgumentException>(choose()).Message, StringComparison.Ordinal);
            Assert.Equal(whole, sequence.Position);
        }
    }

    // Every choice of few: bit for bit the slices of the whole.
    private static void Compare(Sizes sizes, Pass pass)
    {
        var (layers, heads, source, t, s, width) = sizes;
        var all = new float[layers * heads * t * s];
        var cross = new float[layers * heads * t * source];
        var states = new float[(layers + 1) * t * width];
        var trace = new ForwardTrace { AttentionWeights = all, HiddenStates = states, SourceWeights = cross };
        pass(ref trace);
        Assert.Contains(all, weight => weight is > 0 and < 1);
        int[][] someLayers = [[], [layers - 1], .. layers > 1 ? new int[][] { [0, layers - 1] } : []], someHeads = [[], [heads - 1], .. heads > 1 ? new int[][] { [0, heads - 1] } : s_nothing];
        foreach (var l in someLayers)
        {
            foreach (var h in someHeads)
            {
                int[] u = l.Length == 0 ? [] : [.. l.Select(layer => layer + 1)];
                int[] chosenLayers = l.Length == 0 ? [.. Enumerable.Range(0, layers)] : l, chosenHeads = h.Length == 0 ? [.. Enumerable.Range(0, heads)] : h, chosenStates = u.Length == 0 ? [.. Enumerable.Range(0, layers + 1)] : u;
                var maps = new float[chosenLayers.Length * chosenHeads.Length * t * s];
                var looks = new float[source == 0 ? 0 : chosenLayers.Length * chosenHeads.Length * t * source];
                var shown = new float[chosenStates.Length * t * width];
                var chosen = new ForwardTrace { Layers = l, Heads = h, States = u, AttentionWeights = maps, HiddenStates = shown, SourceWeights = looks };
                pass(ref chosen);
                Assert.Equal(Slices(all, t * s), maps);
                Assert.Equal(Slices(cross, t * source), looks);
                Assert.Equal([.. chosenStates.SelectMany(state => states[(state * t * width)..((state + 1) * t * width)])], shown);

                // One alone, and nothing is allocated.
                var alone = new ForwardTrace { Layers = l, Heads = h, AttentionWeights = maps };
                pass(ref alone);
                var before = GC.GetAllocatedBytesForCurrentThread();
                pass(ref alone);
                pass(ref chosen);
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

                float[] Slices(float[] whole, int one) => [.. chosenLayers.SelectMany(layer => chosenHeads.SelectMany(head => whole[((layer * heads + head) * one)..((layer * heads + head + 1) * one)]))];
            }
        }
    }

    private delegate void Pass(ref ForwardTrace trace);

    private sealed record Sizes(int Layers, int Heads, int SourceTokens, int Rows, int Keys, int Width);
}
