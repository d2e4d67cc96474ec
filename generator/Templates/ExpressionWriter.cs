using System.Globalization;
using System.Numerics;

namespace AttnGen.Generator.Templates;

/// <summary>Expressions as C#: calls of the library's Python, which does what Python does.</summary>
internal sealed class ExpressionWriter(Action<int, string> warn)
{
    /// <summary>An expression's value.</summary>
    public string Value(ExpressionNode node, TemplateFrame frame) => node switch
    {
        ConstantNode constant => Constant(constant),
        NameNode name => frame.Symbols.Find(name.Name) ?? throw new InvalidOperationException($"The name {name.Name} has no scope."),
        ListNode list => $"Python.{(list.IsTuple ? "Tuple" : "List")}({Join(list.Items, frame)})",
        DictNode dict => $"Python.Dict({Join(dict.KeysAndValues, frame)})",
        BinaryNode { Operator: "and" or "or" } logical => $"Python.{(logical.Operator == "and" ? "And" : "Or")}({Value(logical.Left, frame)}, () => {Value(logical.Right, frame)})",
        BinaryNode binary => $"Python.{Name(binary.Operator)}({Value(binary.Left, frame)}, {Value(binary.Right, frame)})",
        UnaryNode { Operator: "not" } or CompareNode or TestNode => Test(node, frame),
        UnaryNode unary => $"Python.{(unary.Operator == "-" ? "Negate" : "Positive")}({Value(unary.Operand, frame)})",
        ConcatNode concat => $"Python.Concat({Join(concat.Parts, frame)})",
        ConditionNode condition => Condition(condition, frame.Branch()),
        AttributeNode attribute => $"Python.Attribute({Value(attribute.Value, frame)}, {Text.Literal(attribute.Name)})",
        ItemNode { Key: SliceNode slice } item => $"Python.Slice({Value(item.Value, frame)}, {Part(slice.Start, frame)}, {Part(slice.Stop, frame)}, {Part(slice.Step, frame)})",
        ItemNode item => $"Python.Item({Value(item.Value, frame)}, {Value(item.Key, frame)})",
        CallNode call => Call(call, frame),
        FilterNode filter => Filter(filter, frame),
        SliceNode slice => throw new TemplateSyntaxException(slice.Line, "a slice cannot stand among several keys"),
        NamespaceNode target => throw new TemplateSyntaxException(target.Line, "an attribute of a namespace can only be set"),
        _ => throw new InvalidOperationException(node.GetType().Name),
    };

    /// <summary>An expression as a condition of C#.</summary>
    public string Test(ExpressionNode node, TemplateFrame frame) => node switch
    {
        ConstantNode { Kind: ConstantKind.True } => "true",
        ConstantNode { Kind: ConstantKind.False } => "false",
        BinaryNode { Operator: "and" or "or" } logical => $"({Test(logical.Left, frame)} {(logical.Operator == "and" ? "&&" : "||")} {Test(logical.Right, frame)})",
        UnaryNode { Operator: "not" } not => $"!{Test(not.Operand, frame)}",
        CompareNode { Others.Count: 1 } compare => $"Python.{Name(compare.Operators[0])}({Value(compare.First, frame)}, {Value(compare.Others[0], frame)})",
        CompareNode chain => $"Python.Chain({Value(chain.First, frame)}, {string.Join(", ", chain.Others.Select((other, i) => $"(Python.{Name(chain.Operators[i])}, () => {Value(other, frame)})"))})",
        TestNode test => IsTest(test, frame),
        _ => $"Python.Is({Value(node, frame)})",
    };

    /// <summary>A call; the block of a call block goes along as its caller.</summary>
    public string Call(CallNode node, TemplateFrame frame, string caller = "")
    {
        if (node.Callee is NameNode { Name: var name } && frame.Symbols.FindLoad(frame.Symbols.Find(name)!) is { Kind: LoadKind.Resolve })
        {
            if (name == "lipsum")
                throw new TemplateSyntaxException(node.Line, "the function 'lipsum' makes a random text, which is not supported; write the text");
            if (!TemplateNames.Globals.Contains(name))
                warn(node.Line, $"'{Text.Short(name)}' is called, but there is no function of that name, so the template fails when it gets there; functions are {Text.AnyOf(TemplateNames.Globals)}");
        }

        string arguments = Arguments(node.Arguments, frame, caller);
        return $"t.Call({Value(node.Callee, frame)}{(arguments.Length > 0 ? ", " + arguments : "")})";
    }

    /// <summary>A filter; <paramref name="text"/> is the value where it has none of its own.</summary>
    public string Filter(FilterNode node, TemplateFrame frame, string text = "")
    {
        if (!TemplateNames.Filters.Contains(node.Name))
        {
            string what = TemplateNames.OtherFilters.TryGetValue(node.Name, out string? instead)
                ? $"the filter '{node.Name}' is not supported; {instead}"
                : $"there is no filter '{Text.Short(node.Name)}'; filters are {Text.AnyOf(TemplateNames.Filters)}";
            Missing(node.Line, what, frame, isKnown: instead is not null);
        }

        string value = node.Value is null ? text : node.Value is FilterNode inner ? Filter(inner, frame, text) : Value(node.Value, frame);
        return $"t.Filter({Text.Literal(node.Name)}, {value}{Rest(node.Arguments, frame)})";
    }

    private string IsTest(TestNode node, TemplateFrame frame)
    {
        if (!TemplateNames.Tests.Contains(node.Name))
            Missing(node.Line, $"there is no test '{Text.Short(node.Name)}'; tests are {Text.AnyOf(TemplateNames.Tests)}", frame, isKnown: false);
        string value = Value(node.Value, frame);
        return node.Arguments.IsEmpty && node.Name is "defined" ? $"Python.IsDefined({value})" : $"Python.Test({Text.Literal(node.Name)}, {value}{Rest(node.Arguments, frame)})";
    }

    /// <summary>A filter or a test that is not there: jinja2 refuses the template, but in a branch it fails only when it gets there.</summary>
    private void Missing(int line, string what, TemplateFrame frame, bool isKnown)
    {
        if (!frame.MayBeUnused || isKnown)
            throw new TemplateSyntaxException(line, what);
        warn(line, $"{what}. The template fails when it gets there");
    }

    private string Condition(ConditionNode node, TemplateFrame frame) =>
        $"({Test(node.Test, frame)} ? (object?){Value(node.Value, frame)} : {(node.Else is null ? $"Python.Undefined(\"the inline if-expression on line {Text.Of(node.Line)} evaluated to false and no else section was defined.\")" : Value(node.Else, frame))})";

    private string Part(ExpressionNode? part, TemplateFrame frame) => part is null ? "Python.None" : Value(part, frame);

    private string Join(IEnumerable<ExpressionNode> items, TemplateFrame frame) => string.Join(", ", items.Select(item => Value(item, frame)));

    private string Rest(CallArguments arguments, TemplateFrame frame) => Arguments(arguments, frame, "") is { Length: > 0 } some ? ", " + some : "";

    private string Arguments(CallArguments arguments, TemplateFrame frame, string caller)
    {
        if (arguments.IsEmpty && caller.Length == 0)
            return "";
        string text = $"new Arguments({Join(arguments.Positional, frame)})";
        foreach (var pair in arguments.Named)
            text += $".With({Text.Literal(pair.Key)}, {Value(pair.Value, frame)})";
        if (arguments.Spread is { } spread)
            text += $".Spread({Value(spread, frame)})";
        if (caller.Length > 0)
            text += $".With(\"caller\", {caller})";
        if (arguments.SpreadNamed is { } named)
            text += $".SpreadNamed({Value(named, frame)})";
        return text;
    }

    private static string Constant(ConstantNode node) => node.Kind switch
    {
        ConstantKind.None => "Python.None",
        ConstantKind.True => "true",
        ConstantKind.False => "false",
        ConstantKind.Integer => Integer(node.Text),
        ConstantKind.Float => Float(node.Text),
        _ => Text.Literal(node.Text),
    };

    private static string Integer(string text)
    {
        var value = BigInteger.Zero;
        int radix = text.Length < 3 ? 10 : text[1] switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 10 };
        if (radix == 10)
            value = BigInteger.Parse(text, CultureInfo.InvariantCulture);
        else
        {
            foreach (char c in text.Skip(2))
                value = value * radix + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        string digits = value.ToString(CultureInfo.InvariantCulture);
        return value <= long.MaxValue ? digits + "L" : $"Python.Integer(\"{digits}\")";
    }

    // .NET Framework throws where the value is beyond a double, which is infinity.
    private static string Float(string text) =>
        !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || double.IsInfinity(value) ? "double.PositiveInfinity" : value.ToString("R", CultureInfo.InvariantCulture) + "d";

    private static string Name(string op) => op switch
    {
        "+" => "Add",
        "-" => "Subtract",
        "*" => "Multiply",
        "/" => "Divide",
        "//" => "FloorDivide",
        "%" => "Modulo",
        "**" => "Power",
        "==" => "Equal",
        "!=" => "NotEqual",
        "<" => "Less",
        "<=" => "LessOrEqual",
        ">" => "Greater",
        ">=" => "GreaterOrEqual",
        "in" => "In",
        "notin" => "NotIn",
        _ => throw new InvalidOperationException(op),
    };
}
