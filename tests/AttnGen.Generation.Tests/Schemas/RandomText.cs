using System.Text;
using AttnGen.Generation.Schemas;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>A model that has learnt nothing: it takes any token that the mask leaves, half of the time one that is a single byte.</summary>
internal static class RandomText
{
    public const int MostTokens = 400;

    /// <summary>A whole text.</summary>
    public static string Write(JsonGrammar grammar, TokenTree tree, int seed, int tokens = MostTokens)
    {
        var end = tree.VocabularySize - 1;
        var constraint = grammar.CreateConstraint(end);
        var random = new Random(seed);
        var logits = new float[tree.VocabularySize];
        var text = new List<byte>();
        var buffer = new byte[tree.MaxBytes];
        constraint.Remaining(tokens);
        for (var i = 0; i < tokens; i++)
        {
            Array.Clear(logits);
            constraint.Mask(logits);
            var id = Pick(logits, tree, random, buffer, end);
            if (id == end)
            {
                Assert.True(constraint.MayEnd);
                return Encoding.UTF8.GetString([.. text]);
            }

            constraint.Accept(id);
            text.AddRange(tree.Bytes(id, buffer));
            if (constraint.IsComplete)
            {
                return new UTF8Encoding(false, true).GetString([.. text]);
            }
        }

        Assert.True(constraint.MayEnd, $"no end in {tokens} tokens: {Encoding.UTF8.GetString([.. text])}");
        return Encoding.UTF8.GetString([.. text]);
    }

    private static int Pick(float[] logits, TokenTree tree, Random random, byte[] buffer, int end)
    {
        var isShort = random.Next(2) == 0;
        var (picked, count) = (-1, 0);
        for (var pass = 0; pass < 2 && picked < 0; pass++)
        {
            for (var id = 0; id < logits.Length; id++)
            {
                if (logits[id] == 0 && (pass == 1 || !isShort || id == end || tree.Bytes(id, buffer).Length == 1) && random.Next(++count) == 0)
                {
                    picked = id;
                }
            }
        }

        Assert.True(picked >= 0, "no token may come next");
        return picked;
    }
}
