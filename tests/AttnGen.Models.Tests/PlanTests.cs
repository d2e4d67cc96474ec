using AttnGen.Generator.Emission;
using AttnGen.Generator.Emission.Kernels;
using AttnGen.Generator.Models;
using AttnGen.Generator.Planning;
using AttnGen.Generator.Spec;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>
/// What every plan must keep to, whatever it computes: a buffer is written before it is read and read after it is written, every weight is used, and what a
/// method is given fits the program that it runs. A part that forgets a step, or plans one too many, fails here and not in someone's numbers.
/// </summary>
public sealed class PlanTests
{
    /// <summary>A class for each way to plan that there is: shapes with every option that adds a step, a buffer or a weight.</summary>
    private static IEnumerable<ModelSpec> Shapes()
    {
        foreach (int dim in new[] { 16, 24 })
            foreach (int heads in new[] { 1, 4 })
                foreach (var position in Enum.GetValues<PositionKind>())
                    foreach (var norm in Enum.GetValues<QkNormKind>())
                    {
                        bool plain = position == PositionKind.None;
                        var attention = Attention(dim * heads, heads, dim, new ScoreSpec(heads > 1, 0, 0.25, 0, position, position is PositionKind.RotaryHalf or PositionKind.RotaryInterleaved ? dim : 0, 10000, norm), plain && heads > 1);
                        yield return attention;
                        yield return attention with { Projections = false, Bias = false, DModel = heads * dim, KeyDim = heads * dim, ValueDim = heads * dim };
                        foreach (bool first in new[] { true, false })
                        {
                            var layer = new EncoderLayerSpec(
                                attention with { BiasKv = false, ZeroAttn = false }, new FeedForwardSpec(dim * heads, 2000, "Gelu", first, true, 64), new NormSpec(first ? NormKind.RmsNorm : NormKind.LayerNorm, dim * heads, 1e-5, !first), first);
                            yield return layer;
                            yield return new EncoderSpec(3, layer, FinalNorm: first, first ? PositionsKind.Learned : PositionsKind.Sinusoidal);
                        }
                    }

        foreach (int width in new[] { 32, 35 })
        {
            yield return new FeedForwardSpec(width, 48, "Silu", width == 32, true, 64);
            yield return new LinearSpec(width, 7, width == 32, "None", 64);
            yield return new LinearSpec(7, width, false, "Gelu", 64);
            yield return new NormSpec(NormKind.LayerNorm, width, 1e-5, true);
            yield return new NormSpec(NormKind.RmsNorm, width, 1e-5, false);
            yield return new SoftmaxSpec(width);
        }
    }

    private static AttentionSpec Attention(int d, int heads, int dim, ScoreSpec score, bool appends) =>
        new(Projections: true, d, heads, heads, dim, dim, d, d, Bias: true, BiasKv: appends, ZeroAttn: appends, 64, score);

    [Fact]
    public void EveryShape() => Assert.All(Shapes(), spec => Hold(spec.ToString()!, Planner.Plan(Target(spec))));

    [Fact]
    public void EverySmallModel() => Assert.All(
        SmallModels.All, row => Assert.All(SmallModels.Towers(row.Config), tower => Hold(row.Config, Planner.Plan(Target(Parse(row.Config, row.Manifest, tower))))));

    private static TransformerSpec Parse(string config, string? manifest, TowerKind tower = TowerKind.Folder, params FolderFile[] more)
    {
        List<Problem> problems = [];
        var files = new List<FolderFile>(more) { new(FolderFiles.Config, config) };
        if (manifest is not null)
            files.Add(new("manifest.json", manifest));
        var spec = TransformerParser.Parse(new RequestSpec("m", 0, PoolingKind.Folder, NormalizeKind.Folder, tower), new FolderFiles("m", files.OrderBy(file => file.Name, StringComparer.Ordinal).ToEquatable()), problems);
        Assert.True(spec is not null, string.Join("; ", problems.Select(problem => problem.Message)));
        return spec;
    }

    /// <summary>Maps of the pooled vector: the poolings, side by side, fill a place in the arena, and a program makes the result of it.</summary>
    [Theory]
    [InlineData("\"mean\"", 36, new[] { 5 })]
    [InlineData("[\"max\", \"mean\"]", 72, new[] { 300, 7 })]
    [InlineData("[\"cls\", \"max\", \"lasttoken\"]", 108, new[] { 16, 32, 1 })]
    public void EveryDense(string pooling, int width, int[] outputs)
    {
        var modules = """{"name": "t", "path": "", "type": "sentence_transformers.models.Transformer"}, {"name": "p", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}""";
        List<FolderFile> files = [new("1_Pooling/config.json", $$"""{"pooling_mode": {{pooling}}}""")];
        int inputs = width;
        for (int i = 0; i < outputs.Length; i++)
        {
            modules += $$""", {"path": "{{i + 2}}_Dense", "type": "sentence_transformers.models.Dense", "name": "{{i}}"}""";
            files.Add(new($"{i + 2}_Dense/config.json", $$"""{"in_features": {{inputs}}, "out_features": {{outputs[i]}}, "bias": {{(i == 0 ? "true" : "false")}}}"""));
            inputs = outputs[i];
        }

        var plan = Planner.Plan(Target(Parse(Bert, null, more: [.. files, new("modules.json", $"[{modules}]")])));
        Hold(pooling, plan);
        var acts = plan.Methods.Single(method => method.Signature.Name == "Embed").Acts.Items;
        Assert.Equal(width, Assert.Single(acts.OfType<RoomAct>()).Length);
        Assert.Equal(outputs[^1], plan.Constants.Single(constant => constant.Name == "EmbeddingSize").Value);
        Assert.Equal(outputs.Length, plan.Programs.Single(program => program.Name == "Embed").Steps.Count());
    }

    /// <summary>Stages that no architecture has yet: parallel branches, norms inside, two attentions in a layer.</summary>
    [Theory]
    [MemberData(nameof(Stages))]
    public void EveryStage(string name)
    {
        var spec = Stacked(name);
        var plan = Planner.Plan(Target(spec));
        Hold(name, plan);
        var loop = Assert.Single(plan.Programs[0].Body.OfType<Loop>());
        Assert.Equal(spec.Stack.Parts.Count(part => part is AttentionPart), loop.Body.Count(step => step is AttendStep));
        // Branches that have the same norm before them share its result.
        Assert.Equal(spec.Stack.Stages.Sum(stage => stage.Branches.Select(branch => branch.Before).Distinct().Concat(stage.Branches.Select(branch => branch.Inside)).Append(stage.After).Count(norm => norm is not null)), loop.Body.Count(step => step is NormStep));

        // A branch reads the residual stream as it was before the stage: the first sum into it comes after the last of what is read of it.
        if (name.StartsWith("parallel", StringComparison.Ordinal))
        {
            var steps = loop.Body.Items;
            var sums = steps.Select((step, i) => (step, i)).Where(pair => pair.step.Writes.Any(to => to.Name == "h") && pair.step.Reads.Any(from => from.Name == "h") && pair.step is not NormStep).Select(pair => pair.i).ToList();
            var reads = steps.Select((step, i) => (step, i)).Where(pair => pair.step is NormStep or CopyStep && pair.step.Reads.Any(from => from.Name == "h") && pair.step.Writes.All(to => to.Name != "h")).Select(pair => pair.i).ToList();
            Assert.Equal(2, sums.Count);
            Assert.NotEmpty(reads);
            Assert.True(reads.Max() < sums.Min());
        }
    }

    public static TheoryData<string> Stages() => ["parallel, one norm", "parallel, two norms", "parallel, no norm", "inside", "before and inside", "two attentions"];

    private const string Bert = """{"model_type":"bert","architectures":["BertModel"],"hidden_size":36,"num_hidden_layers":2,"num_attention_heads":3,"intermediate_size":50,"max_position_embeddings":40,"vocab_size":70}""";

    /// <summary>The numbers of those stages, against the scalar reference.</summary>
    [Theory]
    [MemberData(nameof(Stages))]
    public void NumbersOfEveryStage(string name)
    {
        var spec = Stacked(name);
        var target = new TargetSpec(new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "Model", ""), "Model.g.cs"), spec, "");
        var plan = Planner.Plan(target);
        using var model = HeadTests.Load(
            GeneratorHost.Compile([("Model.cs", "public partial class Model;"), ("Model.g.cs", Emitter.Emit(plan)), (KernelFile.HintName, KernelFile.Emit(plan.Kernels))]), spec, out var reference);
        foreach (int tokens in new[] { 1, 7, 40 })
        {
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => (i * 13 + tokens) % 70)];
            var hidden = new float[tokens * model.Info.HiddenSize];
            ((ITextModel)model).Forward(ids, hidden);
            HeadTests.Near(reference.Forward(ids, []), hidden, name);
        }
    }

    /// <summary>A small BERT whose layers are others.</summary>
    internal static TransformerSpec Stacked(string stages)
    {
        var spec = Parse(Bert, null);
        var (attention, feedForward) = (spec.Stack.Parts.OfType<AttentionPart>().Single(), spec.Stack.FeedForward);
        var norms = spec.Stack.Norms.ToList();
        var (n1, n2) = (norms[0], norms[1]);
        var n3 = n2 with { Weight = n2.Weight + "3" };
        return spec with
        {
            Stack = spec.Stack with
            {
                Stages = (stages switch
                {
                    "parallel, one norm" => [Stage(null, new(attention, n1), new(feedForward, n1))],
                    "parallel, two norms" => [Stage(null, new(attention, n1), new(feedForward, n2))],
                    "parallel, no norm" => [Stage(n1, new(attention), new(feedForward))],
                    "inside" => [Stage(null, new BranchSpec(attention, null, n1)), Stage(null, new BranchSpec(feedForward, null, n2))],
                    "before and inside" => [Stage(null, new BranchSpec(attention, n1, n2)), Stage(null, new BranchSpec(feedForward, n3, n2))],
                    _ => new[] { Stage(n1, new BranchSpec(attention)), Stage(n2, new BranchSpec(attention with { Tensors = Other(attention.Tensors) })), Stage(n3, new BranchSpec(feedForward)) },
                }).ToEquatable(),
            },
        };

        static StageSpec Stage(NormTensors? after, params BranchSpec[] branches) => new(branches.ToEquatable(), after);

        static AttentionTensors Other(AttentionTensors t) => new(Renamed(t.Query), Renamed(t.Key), Renamed(t.Value), Renamed(t.Output));

        static LinearTensors Renamed(LinearTensors map) => map with
        {
            Weight = map.Weight.Select(part => part with { Name = part.Name + "2" }).ToEquatable(),
            Bias = map.Bias.Select(part => part with { Name = part.Name + "2" }).ToEquatable(),
        };
    }

    private static TargetSpec Target(ModelSpec spec) => new(new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "M", ""), "M"), spec, "[x]");

    private static void Hold(string what, ModelPlan plan)
    {
        Assert.NotEmpty(plan.Programs);
        var handedOut = plan.Methods.SelectMany(method => method.Acts).Select(act => act is HandOutAct hand ? hand.From.Buffer : act is PoolAct pool ? pool.From.Buffer : null).Where(buffer => buffer is not null).ToHashSet();
        var everRead = new HashSet<BufferPlan>();
        foreach (var program in plan.Programs)
        {
            // Forward leaves hidden states in the arena; the programs after it read them.
            var written = program == plan.Programs[0] ? [] : new HashSet<BufferPlan>(plan.Programs[0].Buffers);
            // What a source leaves in a sequence's cache is there before a text looks at it.
            written.UnionWith(plan.Programs.TakeWhile(other => other != program).SelectMany(other => other.Steps).SelectMany(step => Buffers(step.Writes)).Where(buffer => buffer.IsCache));
            foreach (var method in plan.Methods)
            {
                var acts = method.Acts.ToList();
                int run = acts.FindIndex(act => act is RunAct other && other.Program == program.Name);
                foreach (var room in acts.Take(Math.Max(run, 0)).OfType<RoomAct>())
                {
                    // Poolings fill all of it before the program runs.
                    long filled = 0;
                    foreach (var pool in acts.Take(run).SkipWhile(act => act != room).OfType<PoolAct>().Where(pool => pool.Result == room.Name))
                    {
                        Assert.Equal(filled, pool.First);
                        filled += pool.Width;
                    }

                    Assert.Equal(room.Length, filled);
                    Assert.InRange(room.Length, 1, room.Room.Buffer!.Fixed);
                    written.Add(room.Room.Buffer);
                }
            }

            var unread = new Dictionary<BufferPlan, Step>();
            var unrolled = program.Body.SelectMany(node => node is Loop loop ? loop.Body.Concat(loop.Body) : node.Steps).ToList();
            foreach (var step in unrolled)
            {
                foreach (var read in Buffers(step.Reads))
                {
                    Assert.True(written.Contains(read), $"{what}: {program.Name}: '{step.Title}' reads {read.Name}, which nothing has written");
                    unread.Remove(read);
                    everRead.Add(read);
                }

                foreach (var write in Buffers(step.Writes))
                {
                    written.Add(write);
                    unread[write] = step;
                }

                foreach (var scratch in Buffers(step.Scratch))
                {
                    Assert.False(unread.ContainsKey(scratch), $"{what}: {program.Name}: '{step.Title}' overwrites {scratch.Name}, which nothing has read");
                    everRead.Add(scratch);
                }
            }

            var readLater = plan.Programs.Skip(1).SelectMany(other => other.Steps).SelectMany(step => Buffers(step.Reads)).Concat(handedOut!).ToHashSet();
            Assert.All(unread, pair => Assert.True(readLater.Contains(pair.Key), $"{what}: {program.Name}: '{pair.Value.Title}' writes {pair.Key.Name}, which nothing reads"));
        }

        Assert.All(plan.Buffers, buffer => Assert.True(everRead.Contains(buffer), $"{what}: {buffer.Name} is planned, and nobody reads it"));
        var usedWeights = plan.Programs.SelectMany(program => program.Weights).ToHashSet();
        Assert.All(plan.Weights.Items, weight => Assert.True(usedWeights.Contains(weight), $"{what}: {weight.Name} is planned, and nobody reads it"));
        Assert.Equal(usedWeights.Count, plan.Weights.Items.Count);
        Assert.Equal(plan.Weights.Items.Count, plan.Weights.Items.Select(weight => weight.Name).Distinct().Count());
        Assert.Equal(plan.Buffers.Count, plan.Buffers.Select(buffer => buffer.Name).Distinct().Count());

        // Nothing lies on anything else: not in the arena, not among the weights.
        Apart(what, plan.Buffers.Select(buffer => ((long)buffer.TokenOffset, (long)buffer.PerToken)));
        Apart(what, plan.Buffers.Select(buffer => ((long)buffer.FixedOffset, (long)buffer.Fixed)));
        foreach (var stack in plan.Weights.Items.Where(weight => weight.PerLayer).GroupBy(weight => weight.Stack))
            Apart(what, stack.Select(weight => (weight.Offset, weight.Bytes)));
        Apart(what, plan.Weights.Items.Where(weight => !weight.PerLayer).Select(weight => (weight.Offset, weight.Bytes)));

        // A method runs programs that there are, with an argument for each input.
        var runs = plan.Methods.SelectMany(method => method.Acts).Select(act => act switch { RunAct run => (run.Program, run.Arguments.Count), RunBlocksAct blocks => (blocks.Program, 3), _ => default }).Where(run => run.Program is not null).ToList();
        foreach (var (name, arguments) in runs)
            Assert.Equal(Assert.Single(plan.Programs, program => program.Name == name).Inputs.Count, arguments);
        var ofSequences = plan.Sequences is not { } sequences ? [] : sequences.Source is null ? new[] { sequences.Program } : ["Forward", "KeepSource", sequences.Program, "ComputeLogits"];
        Assert.Equal(plan.Programs.Select(program => program.Name).Order(), runs.Select(run => run.Program).Concat(ofSequences).Distinct().Order());
    }

    private static IEnumerable<BufferPlan> Buffers(IEnumerable<Operand> operands) => operands.Select(operand => operand.Buffer).Where(buffer => buffer is not null).Select(buffer => buffer!);

    private static void Apart(string what, IEnumerable<(long At, long Size)> regions)
    {
        long end = 0;
        foreach (var (at, size) in regions.Where(region => region.Size > 0).OrderBy(region => region.At))
        {
            Assert.True(at >= end, $"{what}: a region at {at} starts before {end}");
            end = at + size;
        }
    }
}
