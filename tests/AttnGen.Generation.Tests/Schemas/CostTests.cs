using System.Diagnostics;
using AttnGen.Testing;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>What a mask costs.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    private const int Tokens = 300;

    public static TheoryData<Type> Types => [typeof(Zoo.Order), typeof(Zoo.Wide), typeof(Zoo.Recipe), typeof(Zoo.Tree), typeof(object), typeof(Zoo.Annotated), typeof(Zoo.Shape[]), typeof(double[])];

    [Theory]
    [MemberData(nameof(Types))]
    public void NothingIsAllocatedOnceWarm(Type type)
    {
        var tree = Vocabularies.Gpt2;
        var watch = Stopwatch.StartNew();
        var constraint = JsonGrammar.Create(JsonTypeSchema.Create(type), tree).CreateConstraint();
        var compiled = watch.Elapsed;
        var logits = new float[tree.VocabularySize];
        var ids = Ids(constraint, logits);
        constraint.Reset();
        TimeSpan cold = default, warm = TimeSpan.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            watch.Restart();
            Run();
            (cold, warm) = (round == 0 ? watch.Elapsed : cold, watch.Elapsed < warm ? watch.Elapsed : warm);
        }

        output.WriteLine($"{type.Name}: compiled in {compiled.TotalMilliseconds:0.0} ms; {ids.Count} tokens, "
            + $"again {cold.TotalMicroseconds / ids.Count:0.0} and at best {warm.TotalMicroseconds / ids.Count:0.0} µs a token");
        Assert.Equal(0, Allocated.Least(Run));

        void Run()
        {
            constraint.Reset();
            foreach (var id in ids)
            {
                Array.Clear(logits);
                constraint.Mask(logits);
                constraint.Accept(id);
            }
        }
    }

    private List<int> Ids(JsonSchemaConstraint constraint, float[] logits)
    {
        var (random, ids, watch, worst) = (new Random(1), new List<int>(), new Stopwatch(), TimeSpan.Zero);
        constraint.Remaining(Tokens);
        while (ids.Count < Tokens && !constraint.IsComplete)
        {
            Array.Clear(logits);
            watch.Restart();
            constraint.Mask(logits);
            worst = watch.Elapsed > worst ? watch.Elapsed : worst;
            var allowed = Enumerable.Range(0, logits.Length).Where(id => logits[id] == 0).ToList();
            ids.Add(allowed[random.Next(allowed.Count)]);
            constraint.Accept(ids[^1]);
        }

        output.WriteLine($"the slowest mask of the first text: {worst.TotalMilliseconds:0.00} ms");
        return ids;
    }
}
