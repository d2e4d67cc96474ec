using System.Text;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>A grammar over a vocabulary of bytes, followed byte by byte.</summary>
internal static class Follow
{
    /// <summary>Whether a text is whole.</summary>
    public static bool Whole(JsonGrammar grammar, string text)
    {
        var constraint = grammar.CreateConstraint();
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (!constraint.Allows(one))
            {
                return false;
            }

            constraint.Accept(one);
        }

        return constraint.MayEnd;
    }
}
