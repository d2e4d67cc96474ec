namespace AttnGen.Generator.Templates;

/// <summary>An expression, or the target of an assignment.</summary>
internal abstract class ExpressionNode(int line) : TemplateNode(line)
{
    private int _depth;

    /// <summary>How many expressions are one inside the other.</summary>
    public int Depth => _depth > 0 ? _depth : _depth = 1 + Children.Select(child => child is ExpressionNode expression ? expression.Depth : 0).DefaultIfEmpty(0).Max();
}

/// <summary>What a name is used for.</summary>
internal enum NameUse { Load, Store, Parameter }

/// <summary>A name.</summary>
internal sealed class NameNode(int line, string name, NameUse use) : ExpressionNode(line)
{
    public string Name => name;

    public NameUse Use { get; set; } = use;

    public override IEnumerable<TemplateNode> Children => [];
}

/// <summary>name.attribute as the target of a set.</summary>
internal sealed class NamespaceNode(int line, string name, string attribute) : ExpressionNode(line)
{
    public string Name => name;

    public string Attribute => attribute;

    public override IEnumerable<TemplateNode> Children => [];
}

/// <summary>Kinds of constants.</summary>
internal enum ConstantKind { None, True, False, String, Integer, Float, Data }

/// <summary>A literal, or the text between tags.</summary>
internal sealed class ConstantNode(int line, ConstantKind kind, string text = "") : ExpressionNode(line)
{
    public ConstantKind Kind => kind;

    public string Text => text;

    public override IEnumerable<TemplateNode> Children => [];
}

/// <summary>(a, b) or [a, b].</summary>
internal sealed class ListNode(int line, bool isTuple, IReadOnlyList<ExpressionNode> items) : ExpressionNode(line)
{
    public bool IsTuple => isTuple;

    public IReadOnlyList<ExpressionNode> Items => items;

    public override IEnumerable<TemplateNode> Children => items;
}

/// <summary>{a: b}: keys and values by turns.</summary>
internal sealed class DictNode(int line, IReadOnlyList<ExpressionNode> keysAndValues) : ExpressionNode(line)
{
    public IReadOnlyList<ExpressionNode> KeysAndValues => keysAndValues;

    public override IEnumerable<TemplateNode> Children => keysAndValues;
}

/// <summary>a + b and the like, "and" and "or".</summary>
internal sealed class BinaryNode(int line, string op, ExpressionNode left, ExpressionNode right) : ExpressionNode(line)
{
    public string Operator => op;

    public ExpressionNode Left => left;

    public ExpressionNode Right => right;

    public override IEnumerable<TemplateNode> Children => [left, right];
}

/// <summary>-a, +a and "not a".</summary>
internal sealed class UnaryNode(int line, string op, ExpressionNode operand) : ExpressionNode(line)
{
    public string Operator => op;

    public ExpressionNode Operand => operand;

    public override IEnumerable<TemplateNode> Children => [operand];
}

/// <summary>a &lt; b &lt;= c: operators are == != &lt; &lt;= &gt; &gt;= in notin.</summary>
internal sealed class CompareNode(int line, ExpressionNode first, IReadOnlyList<string> operators, IReadOnlyList<ExpressionNode> others) : ExpressionNode(line)
{
    public ExpressionNode First => first;

    public IReadOnlyList<string> Operators => operators;

    public IReadOnlyList<ExpressionNode> Others => others;

    public override IEnumerable<TemplateNode> Children => others.Prepend(first);
}

/// <summary>a ~ b ~ c.</summary>
internal sealed class ConcatNode(int line, IReadOnlyList<ExpressionNode> parts) : ExpressionNode(line)
{
    public IReadOnlyList<ExpressionNode> Parts => parts;

    public override IEnumerable<TemplateNode> Children => parts;
}

/// <summary>value if test else otherwise.</summary>
internal sealed class ConditionNode(int line, ExpressionNode test, ExpressionNode value, ExpressionNode? otherwise) : ExpressionNode(line)
{
    public ExpressionNode Test => test;

    public ExpressionNode Value => value;

    public ExpressionNode? Else => otherwise;

    public override IEnumerable<TemplateNode> Children => Of(test, value, otherwise);
}

/// <summary>value.name.</summary>
internal sealed class AttributeNode(int line, ExpressionNode value, string name) : ExpressionNode(line)
{
    public ExpressionNode Value => value;

    public string Name => name;

    public override IEnumerable<TemplateNode> Children => [value];
}

/// <summary>value[key].</summary>
internal sealed class ItemNode(int line, ExpressionNode value, ExpressionNode key) : ExpressionNode(line)
{
    public ExpressionNode Value => value;

    public ExpressionNode Key => key;

    public override IEnumerable<TemplateNode> Children => [value, key];
}

/// <summary>start:stop:step between brackets.</summary>
internal sealed class SliceNode(int line, ExpressionNode? start, ExpressionNode? stop, ExpressionNode? step) : ExpressionNode(line)
{
    public ExpressionNode? Start => start;

    public ExpressionNode? Stop => stop;

    public ExpressionNode? Step => step;

    public override IEnumerable<TemplateNode> Children => Of(start, stop, step);
}

/// <summary>The arguments of a call.</summary>
internal sealed record CallArguments(IReadOnlyList<ExpressionNode> Positional, IReadOnlyList<KeyValuePair<string, ExpressionNode>> Named, ExpressionNode? Spread, ExpressionNode? SpreadNamed)
{
    public static CallArguments None { get; } = new([], [], null, null);

    public IEnumerable<TemplateNode> Children => Positional.Concat(Named.Select(pair => pair.Value)).Concat(new[] { Spread, SpreadNamed }.OfType<ExpressionNode>());

    public bool IsEmpty => Positional.Count == 0 && Named.Count == 0 && Spread is null && SpreadNamed is null;
}

/// <summary>value(arguments).</summary>
internal sealed class CallNode(int line, ExpressionNode callee, CallArguments arguments) : ExpressionNode(line)
{
    public ExpressionNode Callee => callee;

    public CallArguments Arguments => arguments;

    public override IEnumerable<TemplateNode> Children => arguments.Children.Prepend(callee);
}

/// <summary>value|name(arguments); without a value, of a filter block, it is the block's text.</summary>
internal sealed class FilterNode(int line, ExpressionNode? value, string name, CallArguments arguments) : ExpressionNode(line)
{
    public ExpressionNode? Value => value;

    public string Name => name;

    public CallArguments Arguments => arguments;

    public override IEnumerable<TemplateNode> Children => Of(value).Concat(arguments.Children);
}

/// <summary>value is name(arguments).</summary>
internal sealed class TestNode(int line, ExpressionNode value, string name, CallArguments arguments) : ExpressionNode(line)
{
    public ExpressionNode Value => value;

    public string Name => name;

    public CallArguments Arguments => arguments;

    public override IEnumerable<TemplateNode> Children => arguments.Children.Prepend(value);
}
