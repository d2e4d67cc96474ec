using AttnGen.Generation.Schemas;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>300 schemas made by chance.</summary>
public sealed class GeneratedSchemaTests
{
    private const int Groups = 10;
    private const int InGroup = 30;

    public static TheoryData<int> All => [.. Enumerable.Range(0, Groups)];

    [Theory]
    [MemberData(nameof(All))]
    public void EveryAnswerIsValid(int group)
    {
        var refused = 0;
        for (var seed = group * InGroup; seed < (group + 1) * InGroup; seed++)
        {
            var schema = GeneratedSchemas.Create(seed);
            JsonGrammar grammar;
            try
            {
                grammar = JsonGrammar.Create(schema, Vocabularies.Gpt2);
            }
            catch (NotSupportedException problem) when (problem.Message.Contains("no value can be", StringComparison.Ordinal))
            {
                refused++; // required, and of nothing: chance makes a few
                continue;
            }

            for (var i = 0; i < 4; i++)
            {
                Valid.Check(schema, RandomText.Write(grammar, Vocabularies.Gpt2, (1000 * seed) + i, grammar.FewestBytes + (i * 60)));
            }
        }

        Assert.InRange(refused, 0, 3);
    }

    /// <summary>What is kept of rules, and walks through many tokens at once, say the same as reading byte by byte.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void TokensAreAllowedByTheirBytes(int group)
    {
        var tree = Vocabularies.Gpt2;
        var (logits, buffer) = (new float[tree.VocabularySize], new byte[tree.MaxBytes]);
        for (var seed = group * InGroup; seed < (group + 1) * InGroup; seed += 6)
        {
            var schema = GeneratedSchemas.Create(seed);
            JsonGrammar grammar;
            try
            {
                grammar = JsonGrammar.Create(schema, tree);
            }
            catch (NotSupportedException)
            {
                continue;
            }

            var automaton = SchemaCompiler.Compile(schema, new());
            var stacks = new Stacks(automaton, 64);
            stacks.Begin();
            var constraint = grammar.CreateConstraint();
            var random = new Random(seed);
            for (var step = 0; step < 25; step++)
            {
                Array.Clear(logits);
                constraint.Mask(logits);
                var before = stacks.Top;
                for (var id = 0; id < tree.VocabularySize; id++)
                {
                    var bytes = tree.Bytes(id, buffer);
                    Assert.True((logits[id] == 0) == Read(stacks, bytes, out _), $"{schema}: {id}");
                    stacks.Back(before);
                }

                var allowed = Enumerable.Range(0, tree.VocabularySize).Where(id => logits[id] == 0).ToList();
                if (allowed.Count == 0)
                {
                    Assert.True(constraint.IsComplete);
                    break;
                }

                var taken = allowed[random.Next(allowed.Count)];
                constraint.Accept(taken);
                Assert.True(Read(stacks, tree.Bytes(taken, buffer), out var from));
                stacks.Keep(from);
            }
        }
    }

    private static bool Read(Stacks stacks, ReadOnlySpan<byte> bytes, out int from)
    {
        from = 0;
        foreach (var one in bytes)
        {
            var to = stacks.Top.Threads;
            if (!stacks.Step(from, to, one))
            {
                return false;
            }

            from = to;
        }

        return !bytes.IsEmpty;
    }
}
