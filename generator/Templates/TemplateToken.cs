namespace AttnGen.Generator.Templates;

/// <summary>What a token of a template is. Operators have their own text.</summary>
internal enum TokenKind { Data, VariableBegin, VariableEnd, BlockBegin, BlockEnd, Name, String, Integer, Float, Operator, End }

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its value: of a string without quotes and escapes, of a number without underscores.</param>
/// <param name="Line">Its line, from 1.</param>
internal sealed record TemplateToken(TokenKind Kind, string Text, int Line)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    /// <summary>The token as messages name it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.VariableBegin => "begin of print statement",
        TokenKind.VariableEnd => "end of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.Data => "template data",
        TokenKind.String => "a string",
        _ => Text,
    };
}

/// <summary>A template that cannot be compiled.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="message">What is wrong there, without a full stop.</param>
internal sealed class TemplateSyntaxException(int line, string message) : Exception(message)
{
    public int Line => line;
}

/// <summary>What a template may not go beyond: published ones stay far below.</summary>
internal static class TemplateLimits
{
    /// <summary>Characters of a template.</summary>
    public const int Length = 1_000_000;

    /// <summary>How deep an expression may be nested; a + b + c is two deep.</summary>
    public const int Depth = 100;

    /// <summary>How deep blocks may be nested.</summary>
    public const int Blocks = 60;

    /// <summary>Branches of one if.</summary>
    public const int Branches = 500;

    /// <summary>Digits of a number: Python reads no more, either.</summary>
    public const int Digits = 4300;
}
