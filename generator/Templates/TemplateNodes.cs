namespace AttnGen.Generator.Templates;

/// <summary>A part of a parsed template. The parts are jinja2's, and so is the order of their children, in which names are looked up.</summary>
internal abstract class TemplateNode(int line)
{
    public int Line => line;

    public abstract IEnumerable<TemplateNode> Children { get; }

    /// <summary>This and everything below it.</summary>
    public IEnumerable<TemplateNode> All() => Children.SelectMany(child => child.All()).Prepend(this);

    protected static IEnumerable<TemplateNode> Of(params TemplateNode?[] nodes) => nodes.Where(node => node is not null)!;
}

/// <summary>Text and printed expressions.</summary>
internal sealed class OutputNode(int line, IReadOnlyList<ExpressionNode> parts) : TemplateNode(line)
{
    public IReadOnlyList<ExpressionNode> Parts => parts;

    public override IEnumerable<TemplateNode> Children => parts;
}

/// <summary>{% set target = value %}.</summary>
internal sealed class SetNode(int line, ExpressionNode target, ExpressionNode value) : TemplateNode(line)
{
    public ExpressionNode Target => target;

    public ExpressionNode Value => value;

    public override IEnumerable<TemplateNode> Children => [target, value];
}

/// <summary>{% set target %}…{% endset %}.</summary>
internal sealed class SetBlockNode(int line, ExpressionNode target, FilterNode? filter, IReadOnlyList<TemplateNode> body) : TemplateNode(line)
{
    public ExpressionNode Target => target;

    public FilterNode? Filter => filter;

    public IReadOnlyList<TemplateNode> Body => body;

    public override IEnumerable<TemplateNode> Children => Of(target, filter).Concat(body);
}

/// <summary>{% for target in items if test recursive %}…{% else %}…{% endfor %}.</summary>
internal sealed class ForNode(int line, ExpressionNode target, ExpressionNode items, ExpressionNode? test, bool isRecursive, IReadOnlyList<TemplateNode> body, IReadOnlyList<TemplateNode> otherwise) : TemplateNode(line)
{
    public ExpressionNode Target => target;

    public ExpressionNode Items => items;

    public ExpressionNode? Test => test;

    public bool IsRecursive => isRecursive;

    public IReadOnlyList<TemplateNode> Body => body;

    public IReadOnlyList<TemplateNode> Else => otherwise;

    public override IEnumerable<TemplateNode> Children => [target, items, .. body, .. otherwise, .. Of(test)];
}

/// <summary>{% if test %}…: branches in order, and what is left.</summary>
internal sealed class IfNode(int line, IReadOnlyList<IfBranch> branches, IReadOnlyList<TemplateNode> otherwise) : TemplateNode(line)
{
    public IReadOnlyList<IfBranch> Branches => branches;

    public IReadOnlyList<TemplateNode> Else => otherwise;

    public override IEnumerable<TemplateNode> Children => branches.SelectMany(branch => branch.Body.Prepend(branch.Test)).Concat(otherwise);
}

/// <summary>One test of an if, and what follows where it holds.</summary>
internal sealed record IfBranch(ExpressionNode Test, IReadOnlyList<TemplateNode> Body);

/// <summary>{% with a = 1, b = 2 %}…{% endwith %}.</summary>
internal sealed class WithNode(int line, IReadOnlyList<ExpressionNode> targets, IReadOnlyList<ExpressionNode> values, IReadOnlyList<TemplateNode> body) : TemplateNode(line)
{
    public IReadOnlyList<ExpressionNode> Targets => targets;

    public IReadOnlyList<ExpressionNode> Values => values;

    public IReadOnlyList<TemplateNode> Body => body;

    public override IEnumerable<TemplateNode> Children => [.. targets, .. values, .. body];
}

/// <summary>What has parameters: a macro or the block of a call.</summary>
internal abstract class MacroBodyNode(int line, IReadOnlyList<NameNode> parameters, IReadOnlyList<ExpressionNode> defaults, IReadOnlyList<TemplateNode> body) : TemplateNode(line)
{
    public IReadOnlyList<NameNode> Parameters => parameters;

    /// <summary>Of the last parameters.</summary>
    public IReadOnlyList<ExpressionNode> Defaults => defaults;

    public IReadOnlyList<TemplateNode> Body => body;

    /// <summary>All that stands in the scope of the body.</summary>
    public IEnumerable<TemplateNode> Inside => [.. parameters, .. defaults, .. body];
}

/// <summary>{% macro name(parameters) %}…{% endmacro %}.</summary>
internal sealed class MacroNode(int line, string name, IReadOnlyList<NameNode> parameters, IReadOnlyList<ExpressionNode> defaults, IReadOnlyList<TemplateNode> body) : MacroBodyNode(line, parameters, defaults, body)
{
    public string Name => name;

    public override IEnumerable<TemplateNode> Children => Inside;
}

/// <summary>{% call(parameters) macro(arguments) %}…{% endcall %}, and transformers' {% generation %}, which calls nothing (null).</summary>
internal sealed class CallBlockNode(int line, CallNode? call, IReadOnlyList<NameNode> parameters, IReadOnlyList<ExpressionNode> defaults, IReadOnlyList<TemplateNode> body) : MacroBodyNode(line, parameters, defaults, body)
{
    public CallNode? Call => call;

    public override IEnumerable<TemplateNode> Children => Of(call).Concat(Inside);
}

/// <summary>{% filter f %}…{% endfilter %}.</summary>
internal sealed class FilterBlockNode(int line, FilterNode filter, IReadOnlyList<TemplateNode> body) : TemplateNode(line)
{
    public FilterNode Filter => filter;

    public IReadOnlyList<TemplateNode> Body => body;

    public override IEnumerable<TemplateNode> Children => body.Append(filter);
}

/// <summary>{% break %} and {% continue %}.</summary>
internal sealed class JumpNode(int line, string keyword) : TemplateNode(line)
{
    public string Keyword => keyword;

    public override IEnumerable<TemplateNode> Children => [];
}
