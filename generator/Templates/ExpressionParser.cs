namespace AttnGen.Generator.Templates;

/// <summary>Expressions, with jinja2's precedence: if-else, or, and, not, comparisons, + -, ~, * / // %, **, signs, filters and tests.</summary>
internal sealed class ExpressionParser(TemplateStream stream)
{
    private static readonly string[] s_constants = ["true", "True", "false", "False", "none", "None"];

    private int _depth;

    /// <summary>An expression, or a tuple where commas follow it.</summary>
    public ExpressionNode Tuple(bool withCondition = true, string until = "", bool inParentheses = false) =>
        Tuple(() => Expression(withCondition), until, inParentheses);

    /// <summary>What may be assigned to.</summary>
    public ExpressionNode Target(bool withNamespace = false, string until = "")
    {
        var target = Use(Tuple(() => Primary(withNamespace), until, inParentheses: false), NameUse.Store);
        return IsTarget(target) ? target : throw new TemplateSyntaxException(target.Line, "a value cannot be assigned to this; a name was expected");
    }

    /// <summary>A name to be assigned to.</summary>
    public NameNode TargetName()
    {
        var token = stream.Expect(TokenKind.Name);
        return s_constants.Contains(token.Text) ? throw new TemplateSyntaxException(token.Line, $"a value cannot be assigned to '{token.Text}'") : new NameNode(token.Line, token.Text, NameUse.Store);
    }

    public ExpressionNode Expression(bool withCondition = true) => withCondition ? Guarded(Condition) : Or();

    /// <summary>The filters that follow a value, or null: there are none.</summary>
    public FilterNode? Filters(ExpressionNode? value, bool beginsInline = false)
    {
        FilterNode? last = null;
        while (stream.IsOperator("|") || beginsInline)
        {
            if (!beginsInline)
                stream.Next();
            beginsInline = false;
            int line = stream.Line;
            string name = DottedName();
            var arguments = stream.IsOperator("(") ? Arguments() : CallArguments.None;
            value = last = Checked(new FilterNode(line, value, name, arguments));
        }

        return last;
    }

    /// <summary>Says what the names of a target are used for.</summary>
    public static ExpressionNode Use(ExpressionNode target, NameUse use)
    {
        foreach (var name in target.All().OfType<NameNode>())
            name.Use = use;
        return target;
    }

    private static bool IsTarget(ExpressionNode target) => target is NameNode or NamespaceNode || target is ListNode { IsTuple: true } tuple && tuple.Items.All(IsTarget);

    private ExpressionNode Tuple(Func<ExpressionNode> item, string until, bool inParentheses)
    {
        int line = stream.Line;
        List<ExpressionNode> items = [];
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0)
                stream.ExpectOperator(",");
            if (stream.Is(TokenKind.VariableEnd) || stream.Is(TokenKind.BlockEnd) || stream.IsOperator(")") || until.Length > 0 && stream.IsName(until))
                break;
            items.Add(item());
            if (!stream.IsOperator(","))
                break;
            isTuple = true;
        }

        if (!isTuple && items.Count > 0)
            return items[0];
        if (!isTuple && !inParentheses)
            throw stream.Unexpected("an expression");
        return Checked(new ListNode(line, isTuple: true, items));
    }

    private ExpressionNode Guarded(Func<ExpressionNode> parse)
    {
        if (++_depth > TemplateLimits.Depth)
            throw TooDeep(stream.Line);
        var node = parse();
        _depth--;
        return node;
    }

    /// <summary>Chains of operators, too, must not grow deeper than what compiles them can go.</summary>
    private static T Checked<T>(T node)
        where T : ExpressionNode => node.Depth > TemplateLimits.Depth ? throw TooDeep(node.Line) : node;

    private static TemplateSyntaxException TooDeep(int line) => new(line, $"an expression is more than {Text.Of(TemplateLimits.Depth)} deep; write it in parts, with set");

    private ExpressionNode Condition()
    {
        int line = stream.Line;
        var value = Or();
        while (stream.SkipName("if"))
        {
            var test = Or();
            var otherwise = stream.SkipName("else") ? Guarded(Condition) : null;
            value = Checked(new ConditionNode(line, test, value, otherwise));
            line = stream.Line;
        }

        return value;
    }

    private ExpressionNode Or() => Logical("or", () => Logical("and", Not));

    private ExpressionNode Logical(string name, Func<ExpressionNode> operand)
    {
        var left = operand();
        while (stream.IsName(name))
        {
            int line = stream.Next().Line;
            left = Checked(new BinaryNode(line, name, left, operand()));
        }

        return left;
    }

    private ExpressionNode Not()
    {
        if (!stream.IsName("not"))
            return Compare();
        int line = stream.Next().Line;
        return Checked(new UnaryNode(line, "not", Guarded(Not)));
    }

    private ExpressionNode Compare()
    {
        int line = stream.Line;
        var first = Sum();
        List<string> operators = [];
        List<ExpressionNode> others = [];
        while (true)
        {
            if (stream.Is(TokenKind.Operator) && stream.Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
                operators.Add(stream.Next().Text);
            else if (stream.SkipName("in"))
                operators.Add("in");
            else if (stream.IsName("not") && stream.Following.IsName("in"))
            {
                stream.Next();
                stream.Next();
                operators.Add("notin");
            }
            else
                break;
            others.Add(Sum());
        }

        return others.Count == 0 ? first : Checked(new CompareNode(line, first, operators, others));
    }

    private ExpressionNode Sum() => Arithmetic(Concat, "+", "-");

    private ExpressionNode Concat()
    {
        int line = stream.Line;
        List<ExpressionNode> parts = [Product()];
        while (stream.SkipOperator("~"))
            parts.Add(Product());
        return parts.Count == 1 ? parts[0] : Checked(new ConcatNode(line, parts));
    }

    private ExpressionNode Product() => Arithmetic(Power, "*", "/", "//", "%");

    private ExpressionNode Power() => Arithmetic(() => Unary(), "**");

    private ExpressionNode Arithmetic(Func<ExpressionNode> operand, params string[] operators)
    {
        var left = operand();
        while (stream.Is(TokenKind.Operator) && operators.Contains(stream.Current.Text))
        {
            var op = stream.Next();
            left = Checked(new BinaryNode(op.Line, op.Text, left, operand()));
        }

        return left;
    }

    private ExpressionNode Unary(bool withFilters = true)
    {
        int line = stream.Line;
        var node = stream.IsOperator("-") || stream.IsOperator("+")
            ? Checked(new UnaryNode(line, stream.Next().Text, Guarded(() => Unary(withFilters: false))))
            : Primary();
        node = Postfix(node);
        while (withFilters)
        {
            if (stream.IsOperator("|"))
                node = Filters(node)!;
            else if (stream.IsName("is"))
                node = Test(node);
            else if (stream.IsOperator("("))
                node = Call(node);
            else
                break;
        }

        return node;
    }

    private ExpressionNode Primary(bool withNamespace = false)
    {
        var token = stream.Next();
        switch (token.Kind)
        {
            case TokenKind.Name when token.Text is "true" or "True":
                return new ConstantNode(token.Line, ConstantKind.True);
            case TokenKind.Name when token.Text is "false" or "False":
                return new ConstantNode(token.Line, ConstantKind.False);
            case TokenKind.Name when token.Text is "none" or "None":
                return new ConstantNode(token.Line, ConstantKind.None);
            case TokenKind.Name when withNamespace && stream.SkipOperator("."):
                return new NamespaceNode(token.Line, token.Text, stream.Expect(TokenKind.Name).Text);
            case TokenKind.Name:
                return new NameNode(token.Line, token.Text, NameUse.Load);
            case TokenKind.String:
                var text = new System.Text.StringBuilder(token.Text);
                while (stream.Is(TokenKind.String))
                    text.Append(stream.Next().Text);
                return new ConstantNode(token.Line, ConstantKind.String, text.ToString());
            case TokenKind.Integer:
                return new ConstantNode(token.Line, ConstantKind.Integer, token.Text);
            case TokenKind.Float:
                return new ConstantNode(token.Line, ConstantKind.Float, token.Text);
            case TokenKind.Operator when token.Text == "(":
                var inner = Guarded(() => Tuple(inParentheses: true));
                stream.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return Guarded(() => List(token.Line));
            case TokenKind.Operator when token.Text == "{":
                return Guarded(() => Dict(token.Line));
            default:
                throw new TemplateSyntaxException(token.Line, token.Kind == TokenKind.End ? "unexpected end of template, expected an expression" : $"expected an expression, got '{Text.Short(token.Describe())}'");
        }
    }

    private ListNode List(int line)
    {
        List<ExpressionNode> items = [];
        while (!stream.IsOperator("]"))
        {
            if (items.Count > 0)
                stream.ExpectOperator(",");
            if (stream.IsOperator("]"))
                break;
            items.Add(Expression());
        }

        stream.ExpectOperator("]");
        return Checked(new ListNode(line, isTuple: false, items));
    }

    private DictNode Dict(int line)
    {
        List<ExpressionNode> items = [];
        while (!stream.IsOperator("}"))
        {
            if (items.Count > 0)
                stream.ExpectOperator(",");
            if (stream.IsOperator("}"))
                break;
            items.Add(Expression());
            stream.ExpectOperator(":");
            items.Add(Expression());
        }

        stream.ExpectOperator("}");
        return Checked(new DictNode(line, items));
    }

    private ExpressionNode Postfix(ExpressionNode node)
    {
        while (true)
        {
            if (stream.IsOperator("."))
                node = Attribute(node);
            else if (stream.IsOperator("["))
                node = Item(node);
            else if (stream.IsOperator("("))
                node = Call(node);
            else
                return node;
        }
    }

    private ExpressionNode Attribute(ExpressionNode node)
    {
        int line = stream.Next().Line;
        var name = stream.Next();
        return name.Kind switch
        {
            TokenKind.Name => Checked(new AttributeNode(line, node, name.Text)),
            TokenKind.Integer => Checked(new ItemNode(line, node, new ConstantNode(line, ConstantKind.Integer, name.Text))),
            _ => throw new TemplateSyntaxException(name.Line, $"expected a name or a number after '.', got '{Text.Short(name.Describe())}'"),
        };
    }

    private ItemNode Item(ExpressionNode node)
    {
        int line = stream.Next().Line;
        List<ExpressionNode> keys = [];
        while (!stream.IsOperator("]"))
        {
            if (keys.Count > 0)
                stream.ExpectOperator(",");
            keys.Add(Guarded(Subscript));
        }

        stream.ExpectOperator("]");
        return Checked(new ItemNode(line, node, keys.Count == 1 ? keys[0] : new ListNode(line, isTuple: true, keys)));
    }

    private ExpressionNode Subscript()
    {
        int line = stream.Line;
        ExpressionNode? start = null;
        if (!stream.SkipOperator(":"))
        {
            start = Expression();
            if (!stream.SkipOperator(":"))
                return start;
        }

        var stop = EndsPart() ? null : Expression();
        var step = stream.SkipOperator(":") && !EndsPart() ? Expression() : null;
        return Checked(new SliceNode(line, start, stop, step));

        bool EndsPart() => stream.IsOperator(":") || stream.IsOperator("]") || stream.IsOperator(",");
    }

    private CallNode Call(ExpressionNode callee)
    {
        int line = stream.Line;
        return Checked(new CallNode(line, callee, Arguments()));
    }

    private CallArguments Arguments()
    {
        int line = stream.Line;
        stream.ExpectOperator("(");
        List<ExpressionNode> positional = [];
        List<KeyValuePair<string, ExpressionNode>> named = [];
        ExpressionNode? spread = null, spreadNamed = null;
        bool any = false;
        while (!stream.IsOperator(")"))
        {
            if (any)
            {
                stream.ExpectOperator(",");
                if (stream.IsOperator(")"))
                    break;
            }

            any = true;
            if (stream.IsOperator("*") || stream.IsOperator("**"))
            {
                bool isNamed = stream.Next().Text == "**";
                Ensure(spreadNamed is null && (isNamed || spread is null));
                var value = Expression();
                (spread, spreadNamed) = isNamed ? (spread, value) : (value, spreadNamed);
            }
            else if (stream.Is(TokenKind.Name) && stream.Following.IsOperator("="))
            {
                Ensure(spreadNamed is null);
                string name = stream.Next().Text;
                stream.Next();
                if (named.Any(pair => pair.Key == name))
                    throw new TemplateSyntaxException(line, $"the argument '{Text.Short(name)}' stands twice");
                named.Add(new(name, Expression()));
            }
            else
            {
                Ensure(spread is null && spreadNamed is null && named.Count == 0);
                positional.Add(Expression());
            }
        }

        stream.ExpectOperator(")");
        return new CallArguments(positional, named, spread, spreadNamed);

        void Ensure(bool holds)
        {
            if (!holds)
                throw new TemplateSyntaxException(line, "the arguments of a call are in the wrong order: positional ones come first, then named ones, then '*' and '**'");
        }
    }

    private ExpressionNode Test(ExpressionNode value)
    {
        int line = stream.Next().Line;
        bool isNegated = stream.SkipName("not");
        string name = DottedName();
        var arguments = CallArguments.None;
        if (stream.IsOperator("("))
            arguments = Arguments();
        else if ((stream.Current.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float || stream.IsOperator("[") || stream.IsOperator("{")) && !stream.IsAnyName("else", "or", "and"))
        {
            if (stream.IsName("is"))
                throw new TemplateSyntaxException(stream.Line, "tests cannot be chained with 'is'; join them by 'and'");
            arguments = CallArguments.None with { Positional = [Postfix(Primary())] };
        }

        ExpressionNode test = Checked(new TestNode(line, value, name, arguments));
        return isNegated ? Checked(new UnaryNode(line, "not", test)) : test;
    }

    private string DottedName()
    {
        string name = stream.Expect(TokenKind.Name).Text;
        while (stream.SkipOperator("."))
            name += "." + stream.Expect(TokenKind.Name).Text;
        return name;
    }
}
