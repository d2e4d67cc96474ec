namespace AttnGen.Generator.Templates;

/// <summary>The tokens of a template, read one by one.</summary>
internal sealed class TemplateStream(IReadOnlyList<TemplateToken> tokens)
{
    private int _at;

    public TemplateToken Current => tokens[_at];

    public TemplateToken Following => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public bool IsName(string name) => Current.IsName(name);

    public bool IsAnyName(params string[] names) => Current.Kind == TokenKind.Name && names.Contains(Current.Text);

    public bool IsOperator(string text) => Current.IsOperator(text);

    public bool Is(TokenKind kind) => Current.Kind == kind;

    public TemplateToken Next()
    {
        var token = Current;
        if (_at < tokens.Count - 1)
            _at++;
        return token;
    }

    public bool SkipName(string name)
    {
        if (!IsName(name))
            return false;
        Next();
        return true;
    }

    public bool SkipOperator(string text)
    {
        if (!IsOperator(text))
            return false;
        Next();
        return true;
    }

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
            throw Unexpected($"'{text}'");
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
            throw Unexpected($"'{name}'");
    }

    public TemplateToken Expect(TokenKind kind)
    {
        if (!Is(kind))
            throw Unexpected(kind == TokenKind.Name ? "a name" : $"'{new TemplateToken(kind, "", 0).Describe()}'");
        return Next();
    }

    public TemplateSyntaxException Unexpected(string expected) =>
        new(Line, Is(TokenKind.End) ? $"unexpected end of template, expected {expected}" : $"expected {expected}, got '{Text.Short(Current.Describe())}'");
}
