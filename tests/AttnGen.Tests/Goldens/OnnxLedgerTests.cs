using AttnGen.Reference;

namespace AttnGen.Tests.Goldens;

/// <summary>docs/onnx-ledger.md names every case of golden/onnx-node with its verdict; reality and ledger must agree line by line.</summary>
/// <remarks>After a change that is meant, run the tests with ATTNGEN_ACCEPT=1: the ledger is written anew. A failure is never written.</remarks>
public class OnnxLedgerTests
{
    private const string Head = """
        # ONNX node tests: the ledger

        Every case of `golden/onnx-node` (single-node cases of the ONNX backend suite, Apache-2.0, onnx/onnx at 6be0677f), run through generated code by
        `OnnxLedgerTests`. Tolerance: the suite's own, relative 1e-3 and absolute 1e-7 (float16: 2e-3 and 1e-3). The test fails if a line differs from what happens.
        A case passes only if every attribute, input and output of its node was looked at; what is not in scope is a list, case by case, in `OnnxScope.cs`. A case
        on neither side fails.
        Written by the test itself: `ATTNGEN_ACCEPT=1 dotnet test --project tests/AttnGen.Tests`.

        """;

    private static string Ledger => Path.Combine(Models.RepositoryRoot, "docs", "onnx-ledger.md");

    [Fact]
    public void LedgerIsTrue()
    {
        var outcomes = OnnxNodeRunner.Cases.Select(new OnnxNodeRunner(reference: false).Run).ToArray();
        var failed = outcomes.Where(outcome => outcome.Verdict == Verdict.Failed).ToArray();
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed.Select(outcome => outcome.Row)));
        var passed = outcomes.Count(outcome => outcome.Verdict == Verdict.Passed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{outcomes.Length} cases: {passed} passed, {outcomes.Length - passed} not in scope");
        Assert.Equal((106, 96), (outcomes.Length, passed));
        Assert.Equal(OnnxScope.NotInScope.Select(entry => (entry.Key, entry.Value)).Order(), outcomes.Where(outcome => outcome.Verdict == Verdict.NotInScope).Select(outcome => (outcome.Case, outcome.Note)).Order());

        var text = Text(outcomes);
        if (Environment.GetEnvironmentVariable("ATTNGEN_ACCEPT") == "1")
            File.WriteAllText(Ledger, text);
        var actual = text.Split('\n');
        var expected = File.Exists(Ledger) ? File.ReadAllText(Ledger).ReplaceLineEndings("\n").Split('\n') : [];
        var differences = actual.Except(expected).Select(line => "+ " + line).Concat(expected.Except(actual).Select(line => "- " + line)).ToArray();
        Assert.True(differences.Length == 0, $"{Ledger} is not true any more (ATTNGEN_ACCEPT=1 writes it):\n{string.Join('\n', differences)}");
    }

    /// <summary>What the ledger calls not in scope is the list, word for word; without the reference data, too.</summary>
    [Fact]
    public void NotInScopeIsTheList()
    {
        var rows = File.ReadAllLines(Ledger).Where(line => line.StartsWith("| test_", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToArray();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row[3] is "passed" or "not in scope", string.Join(" | ", row)));
        Assert.Equal(OnnxScope.NotInScope.Select(entry => (entry.Key, entry.Value)).Order(), rows.Where(row => row[3] == "not in scope").Select(row => (row[1], row[4])).Order());
        Assert.All(OnnxScope.NotInScope.Values, reason => Assert.True(reason.Length > 10));
    }

    /// <summary>The same cases through the reference, so that a failure of the generated code is known to be one.</summary>
    [Fact]
    public void ReferencePassesTheSame()
    {
        var failed = OnnxNodeRunner.Cases.Select(new OnnxNodeRunner(reference: true).Run).Where(outcome => outcome.Verdict == Verdict.Failed).ToArray();
        Assert.True(failed.Length == 0, string.Join(Environment.NewLine, failed.Select(outcome => outcome.Row)));
    }

    /// <summary>The rotary cases bring their own cos and sin, so only the formula can be checked.</summary>
    [Theory]
    [InlineData("rotary_embedding", false)]
    [InlineData("rotary_embedding_3d_input", false)]
    [InlineData("rotary_embedding_interleaved", true)]
    [InlineData("rotary_embedding_no_position_ids_interleaved", true)]
    [InlineData("rotary_embedding_no_position_ids_rotary_dim", false)]
    [InlineData("rotary_embedding_with_rotary_dim", false)]
    public void RotaryFormula(string name, bool interleaved)
    {
        var file = new GoldenFile(Path.Combine(Shared.OnnxNode, $"test_{name}.safetensors"));
        var shape = file.Shape("input.input");
        var four = shape.Length == 4;
        const int Heads = 4, HeadDim = 8;
        var (batch, tokens) = (shape[0], four ? shape[2] : shape[1]);
        var x = file.Doubles("input.input");
        var (cos, sin) = (file.Doubles("input.cos_cache"), file.Doubles("input.sin_cache"));
        var pairs = file.Shape("input.cos_cache")[^1];
        for (var b = 0; b < batch; b++)
            for (var t = 0; t < tokens; t++)
            {
                var row = file.Has("input.position_ids") ? (int)file.Longs("input.position_ids")[b * tokens + t] : b * tokens + t;
                for (var h = 0; h < Heads; h++)
                {
                    var head = x.AsSpan(four ? ((b * Heads + h) * tokens + t) * HeadDim : ((b * tokens + t) * Heads + h) * HeadDim, HeadDim);
                    for (var i = 0; i < pairs; i++)
                        RotaryReference.Turn(head, i, 2 * pairs, cos[row * pairs + i], sin[row * pairs + i], interleaved ? Position.RotaryInterleaved : Position.RotaryHalf);
                }
            }
        Difference.Check(name, x, file.Doubles("output.output"), 1e-7, 1e-5);
    }

    private static string Text(Outcome[] outcomes)
    {
        var passed = outcomes.Count(outcome => outcome.Verdict == Verdict.Passed);
        return Head.ReplaceLineEndings("\n")
            + $"\n{outcomes.Length} cases: {passed} passed, {outcomes.Length - passed} not in scope.\n\n"
            + "| case | operator | verdict | how, or why not |\n|---|---|---|---|\n"
            + string.Concat(outcomes.Select(outcome => outcome.Row + "\n"));
    }
}
