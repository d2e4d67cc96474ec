namespace AttnGen.Generator.Templates;

/// <summary>Tokens to nodes: the statements of jinja2 3.1.6 that a template without a loader can have, with loop controls and transformers' generation block.</summary>
internal sealed class TemplateParser
{
    private readonly TemplateStream _stream;
    private readonly ExpressionParser _expressions;
    private readonly Stack<(string Name, int Line)> _open = new();

    private TemplateParser(TemplateStream stream)
    {
        _stream = stream;
        _expressions = new ExpressionParser(stream);
    }

    /// <exception cref="TemplateSyntaxException">The text is no template.</exception>
    public static IReadOnlyList<TemplateNode> Parse(string text)
    {
        var parser = new TemplateParser(new TemplateStream(TemplateLexer.Read(text)));
        return parser.Body();
    }

    /// <summary>Text, printed expressions and statements until one of the tags; the stream then stands at its name.</summary>
    private List<TemplateNode> Body(params string[] until)
    {
        List<TemplateNode> body = [];
        List<ExpressionNode> output = [];
        while (true)
        {
            var token = _stream.Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    _stream.Next();
                    output.Add(new ConstantNode(token.Line, ConstantKind.Data, token.Text));
                    continue;
                case TokenKind.VariableBegin:
                    _stream.Next();
                    output.Add(_expressions.Tuple());
                    _stream.Expect(TokenKind.VariableEnd);
                    continue;
            }

            if (output.Count > 0)
                body.Add(new OutputNode(output[0].Line, [.. output]));
            output.Clear();
            if (token.Kind == TokenKind.End)
                return until.Length == 0 ? body : throw new TemplateSyntaxException(token.Line, $"unexpected end of template: the '{_open.Peek().Name}' of line {Text.Of(_open.Peek().Line)} needs {Text.AnyOf([.. until.Select(tag => $"'{tag}'")])}");
            _stream.Expect(TokenKind.BlockBegin);
            if (_stream.IsAnyName(until))
                return body;
            body.Add(Statement());
            _stream.Expect(TokenKind.BlockEnd);
        }
    }

    /// <summary>What stands between the end of a tag and one of the tags that close it; that tag's name is read.</summary>
    private (List<TemplateNode> Body, string Tag) Block(params string[] until)
    {
        _stream.SkipOperator(":");
        _stream.Expect(TokenKind.BlockEnd);
        var body = Body(until);
        return (body, _stream.Next().Text);
    }

    private TemplateNode Statement()
    {
        if (!_stream.Is(TokenKind.Name))
            throw new TemplateSyntaxException(_stream.Line, $"a tag's name was expected, got '{Text.Short(_stream.Current.Describe())}'");
        if (_open.Count >= TemplateLimits.Blocks)
            throw new TemplateSyntaxException(_stream.Line, $"blocks are more than {Text.Of(TemplateLimits.Blocks)} deep");
        var tag = _stream.Next();
        _open.Push((tag.Text, tag.Line));
        TemplateNode node = tag.Text switch
        {
            "set" => Set(tag.Line),
            "for" => For(tag.Line),
            "if" => If(tag.Line),
            "with" => With(tag.Line),
            "macro" => Macro(tag.Line),
            "call" => Call(tag.Line),
            "filter" => Filter(tag.Line),
            "print" => Print(tag.Line),
            "generation" => new CallBlockNode(tag.Line, null, [], [], Block("endgeneration").Body),
            "break" or "continue" => new JumpNode(tag.Line, tag.Text),
            "extends" or "include" or "import" or "from" or "block" => throw new TemplateSyntaxException(tag.Line, $"the tag '{tag.Text}' joins templates, which a model's template cannot: it stands alone"),
            "autoescape" => throw new TemplateSyntaxException(tag.Line, "the tag 'autoescape' is not supported; take it out, chat templates are not escaped"),
            _ => throw Unknown(tag),
        };
        _open.Pop();
        return node;
    }

    private TemplateSyntaxException Unknown(TemplateToken tag)
    {
        _open.Pop();
        string inside = _open.Count == 0 ? "" : $"; the '{_open.Peek().Name}' of line {Text.Of(_open.Peek().Line)} is still open";
        return new(tag.Line, $"unknown tag '{Text.Short(tag.Text)}'{inside}");
    }

    private TemplateNode Set(int line)
    {
        var target = _expressions.Target(withNamespace: true);
        if (_stream.SkipOperator("="))
            return new SetNode(line, target, _expressions.Tuple());
        var filter = _expressions.Filters(null);
        return new SetBlockNode(line, target, filter, Block("endset").Body);
    }

    private ForNode For(int line)
    {
        var target = _expressions.Target(until: "in");
        _stream.ExpectName("in");
        var items = _expressions.Tuple(withCondition: false, until: "recursive");
        var test = _stream.SkipName("if") ? _expressions.Expression() : null;
        bool isRecursive = _stream.SkipName("recursive");
        var (body, tag) = Block("endfor", "else");
        return new ForNode(line, target, items, test, isRecursive, body, tag == "else" ? Block("endfor").Body : []);
    }

    private IfNode If(int line)
    {
        List<IfBranch> branches = [];
        while (true)
        {
            if (branches.Count >= TemplateLimits.Branches)
                throw new TemplateSyntaxException(_stream.Line, $"an if has more than {Text.Of(TemplateLimits.Branches)} branches");
            var test = _expressions.Tuple(withCondition: false);
            var (body, tag) = Block("elif", "else", "endif");
            branches.Add(new IfBranch(test, body));
            if (tag != "elif")
                return new IfNode(line, branches, tag == "else" ? Block("endif").Body : []);
        }
    }

    private WithNode With(int line)
    {
        List<ExpressionNode> targets = [], values = [];
        while (!_stream.Is(TokenKind.BlockEnd))
        {
            if (targets.Count > 0)
                _stream.ExpectOperator(",");
            targets.Add(ExpressionParser.Use(_expressions.Target(), NameUse.Parameter));
            _stream.ExpectOperator("=");
            values.Add(_expressions.Expression());
        }

        return new WithNode(line, targets, values, Block("endwith").Body);
    }

    private MacroNode Macro(int line)
    {
        string name = _expressions.TargetName().Name;
        var (parameters, defaults) = Signature();
        return new MacroNode(line, name, parameters, defaults, Block("endmacro").Body);
    }

    private CallBlockNode Call(int line)
    {
        var (parameters, defaults) = _stream.IsOperator("(") ? Signature() : ([], []);
        if (_expressions.Expression() is not CallNode call)
            throw new TemplateSyntaxException(line, "the tag 'call' needs a call, such as 'call box()'");
        return new CallBlockNode(line, call, parameters, defaults, Block("endcall").Body);
    }

    private (List<NameNode> Parameters, List<ExpressionNode> Defaults) Signature()
    {
        List<NameNode> parameters = [];
        List<ExpressionNode> defaults = [];
        _stream.ExpectOperator("(");
        while (!_stream.IsOperator(")"))
        {
            if (parameters.Count > 0)
                _stream.ExpectOperator(",");
            var name = _expressions.TargetName();
            name.Use = NameUse.Parameter;
            if (parameters.Any(other => other.Name == name.Name))
                throw new TemplateSyntaxException(name.Line, $"the parameter '{Text.Short(name.Name)}' stands twice");
            if (_stream.SkipOperator("="))
                defaults.Add(_expressions.Expression());
            else if (defaults.Count > 0)
                throw new TemplateSyntaxException(_stream.Line, $"the parameter '{Text.Short(name.Name)}' has no default, but stands after one that has");
            parameters.Add(name);
        }

        _stream.ExpectOperator(")");
        return (parameters, defaults);
    }

    private FilterBlockNode Filter(int line)
    {
        var filter = _expressions.Filters(null, beginsInline: true)!;
        return new FilterBlockNode(line, filter, Block("endfilter").Body);
    }

    private OutputNode Print(int line)
    {
        List<ExpressionNode> parts = [];
        while (!_stream.Is(TokenKind.BlockEnd))
        {
            if (parts.Count > 0)
                _stream.ExpectOperator(",");
            parts.Add(_expressions.Expression());
        }

        return new OutputNode(line, parts);
    }
}
