using AttnGen.Generator.Emission.Writing;

namespace AttnGen.Generator.Templates;

/// <summary>Statements as C#. Scopes are jinja2's: a loop's turn, a macro, the blocks of call, with, filter and set have one each, an if has none.</summary>
internal sealed class StatementWriter(SourceWriter writer, Action<int, string> warn)
{
    private const string Outputs = "text";

    private readonly ExpressionWriter _expressions = new(warn);
    private int _names;

    /// <summary>The variables that any scope takes from what the template is given.</summary>
    public SortedSet<string> Given { get; } = new(StringComparer.Ordinal);

    /// <summary>The whole template, as the body of a method that has t, the rendering.</summary>
    public void Template(IReadOnlyList<TemplateNode> nodes)
    {
        var frame = new TemplateFrame(new TemplateSymbols(null), Outputs);
        SymbolReader.Read(frame.Symbols, nodes);
        writer.Line($"Output {Outputs} = new Output();");
        Enter(frame);
        Statements(nodes, frame);
        writer.Line($"return {Outputs}.ToString();");
    }

    private void Statements(IReadOnlyList<TemplateNode> nodes, TemplateFrame frame)
    {
        foreach (var node in nodes)
            Statement(node, frame);
    }

    private void Statement(TemplateNode node, TemplateFrame frame)
    {
        switch (node)
        {
            case OutputNode output:
                Output(output, frame);
                break;
            case SetNode set:
                Assign(set.Target, _expressions.Value(set.Value, frame), frame);
                break;
            case SetBlockNode set:
                SetBlock(set, frame);
                break;
            case ForNode loop:
                For(loop, frame);
                break;
            case IfNode branches:
                If(branches, frame);
                break;
            case WithNode with:
                With(with, frame);
                break;
            case MacroNode macro:
                string method = Macro(macro, macro.Name, frame);
                writer.Line($"{frame.Symbols.Find(macro.Name)} = {method};");
                break;
            case CallBlockNode call:
                CallBlock(call, frame);
                break;
            case FilterBlockNode filter:
                FilterBlock(filter, frame);
                break;
            case JumpNode jump:
                if (!frame.IsInLoop)
                    throw new TemplateSyntaxException(jump.Line, $"'{jump.Keyword}' stands outside of a loop");
                writer.Line($"{jump.Keyword};");
                break;
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }

    private void Output(OutputNode node, TemplateFrame frame)
    {
        foreach (var part in node.Parts)
        {
            if (part is ConstantNode { Kind: ConstantKind.Data or ConstantKind.String } text)
                writer.Line($"{frame.Output}.Write({Text.Literal(text.Text)});");
            else
                writer.Line($"{frame.Output}.Print({_expressions.Value(part, frame)});");
        }
    }

    /// <summary>Declares the scope's variables.</summary>
    private void Enter(TemplateFrame frame)
    {
        foreach (var pair in frame.Symbols.Loads)
        {
            if (pair.Value.Kind == LoadKind.Resolve)
                Given.Add(pair.Value.From);
            string? value = pair.Value.Kind switch
            {
                LoadKind.Resolve => $"t.Resolve({Text.Literal(pair.Value.From)})",
                LoadKind.Alias => pair.Value.From,
                LoadKind.Undefined => $"Python.Unset({Text.Literal(pair.Value.From)})",
                _ => null,
            };
            if (value is not null)
                writer.Line($"object? {pair.Key} = {value};");
        }
    }

    /// <summary>Declares what the scope's own code sets.</summary>
    private void DeclareParameters(TemplateFrame frame, string except = "")
    {
        foreach (var pair in frame.Symbols.Loads)
        {
            if (pair.Value.Kind == LoadKind.Parameter && pair.Key != except)
                writer.Line($"object? {pair.Key} = Python.None;");
        }
    }

    private void Assign(ExpressionNode target, string value, TemplateFrame frame)
    {
        if (target is not ListNode tuple)
        {
            writer.Line($"{Place(target, frame)} = {value};");
            return;
        }

        foreach (var name in tuple.All().OfType<NamespaceNode>())
            writer.Line($"Python.Namespace({frame.Symbols.Find(name.Name)});");
        string parts = Name("parts");
        writer.Line($"object?[] {parts} = Python.Unpack({value}, {Text.Of(tuple.Items.Count)});");
        for (int i = 0; i < tuple.Items.Count; i++)
            Assign(tuple.Items[i], $"{parts}[{Text.Of(i)}]", frame);
    }

    private static string Place(ExpressionNode target, TemplateFrame frame) => target switch
    {
        NameNode name => frame.Symbols.Find(name.Name)!,
        NamespaceNode name => $"Python.Namespace({frame.Symbols.Find(name.Name)})[{Text.Literal(name.Attribute)}]",
        _ => throw new InvalidOperationException(target.GetType().Name),
    };

    private void SetBlock(SetBlockNode node, TemplateFrame frame)
    {
        var inner = frame.Inner() with { Output = Name(Outputs) };
        SymbolReader.Read(inner.Symbols, node.Body);
        Filters(inner, node.Filter);
        using (writer.Open("// set", "}"))
        {
            writer.Line($"Output {inner.Output} = new Output();");
            Enter(inner);
            Statements(node.Body, inner);
            Assign(node.Target, node.Filter is null ? $"{inner.Output}.ToString()" : _expressions.Filter(node.Filter, inner, $"{inner.Output}.ToString()"), frame);
        }
    }

    /// <summary>The names in a filter's arguments, which stand in the block's scope.</summary>
    private static void Filters(TemplateFrame frame, FilterNode? filter)
    {
        if (filter is not null)
            SymbolReader.Read(frame.Symbols, [filter]);
    }

    private void FilterBlock(FilterBlockNode node, TemplateFrame frame)
    {
        var inner = frame.Inner() with { Output = Name(Outputs) };
        SymbolReader.Read(inner.Symbols, node.Children);
        using (writer.Open("// filter", "}"))
        {
            writer.Line($"Output {inner.Output} = new Output();");
            Enter(inner);
            Statements(node.Body, inner);
            writer.Line($"{frame.Output}.Add({_expressions.Filter(node.Filter, inner, $"{inner.Output}.ToString()")});");
        }
    }

    private void If(IfNode node, TemplateFrame frame)
    {
        var branch = frame.Branch();
        for (int i = 0; i < node.Branches.Count; i++)
        {
            using (writer.Open($"{(i > 0 ? "else " : "")}if ({_expressions.Test(node.Branches[i].Test, branch)})"))
                Statements(node.Branches[i].Body, branch);
        }

        if (node.Else.Count == 0)
            return;
        using (writer.Open("else"))
            Statements(node.Else, branch);
    }

    private void With(WithNode node, TemplateFrame frame)
    {
        var inner = frame.Inner();
        SymbolReader.Read(inner.Symbols, node.Targets.Concat(node.Body));
        using (writer.Open("// with", "}"))
        {
            DeclareParameters(inner);
            Enter(inner);
            for (int i = 0; i < node.Targets.Count; i++)
                Assign(node.Targets[i], _expressions.Value(node.Values[i], frame), inner);
            Statements(node.Body, inner);
        }
    }

    private void For(ForNode node, TemplateFrame frame)
    {
        if (node.All().OfType<NameNode>().FirstOrDefault(name => name is { Name: "loop", Use: NameUse.Store }) is { } taken)
            throw new TemplateSyntaxException(taken.Line, "'loop' cannot be set inside a loop, which has a variable of that name");
        bool isWatched = node.IsRecursive || SymbolReader.Undeclared(node.Body, "loop").Count > 0;
        string output = node.IsRecursive ? Name(Outputs) : frame.Output;
        var body = frame.Inner() with { Output = output, IsInLoop = true };
        string loop = isWatched ? body.Symbols.Declare("loop") : "";
        SymbolReader.Declare(body.Symbols, node.Target);
        SymbolReader.Read(body.Symbols, node.Body);
        string where = Where(node, frame, body);
        string items = node.IsRecursive ? "items" : _expressions.Value(node.Items, frame);
        if (where.Length > 0)
            items = $"{where}({items})";
        if (!node.IsRecursive)
        {
            Loop(node, frame, body, loop, items, ", null, 0L");
            return;
        }

        string method = Name("Loop");
        using (writer.Open($"string {method}(object? items, long depth)"))
        {
            writer.Line($"Output {output} = new Output();");
            Loop(node, frame with { Output = output, IsInLoop = false }, body, loop, items, $", {method}, depth");
            writer.Line($"return {output}.ToString();");
        }

        writer.Line($"{frame.Output}.Print({method}({_expressions.Value(node.Items, frame)}, 0L));");
    }

    private void Loop(ForNode node, TemplateFrame frame, TemplateFrame body, string loop, string items, string recursion)
    {
        string isEmpty = node.Else.Count > 0 ? Name("isEmpty") : "";
        if (isEmpty.Length > 0)
            writer.Line($"bool {isEmpty} = true;");
        string item = loop.Length > 0 ? $"{loop}.Item" : Name("item");
        using (writer.Open(loop.Length > 0 ? $"for (Loop {loop} = t.Loop({items}{recursion}); {loop}.Next();)" : $"foreach (object? {item} in t.Each({items}))"))
        {
            DeclareParameters(body, except: loop);
            Assign(node.Target, item, body);
            Enter(body);
            Statements(node.Body, body);
            if (isEmpty.Length > 0)
                writer.Line($"{isEmpty} = false;");
        }

        if (isEmpty.Length == 0)
            return;
        var otherwise = frame.Inner() with { Output = body.Output };
        SymbolReader.Read(otherwise.Symbols, node.Else);
        using (writer.Open($"if ({isEmpty})"))
        {
            Enter(otherwise);
            Statements(node.Else, otherwise);
        }
    }

    /// <summary>The method that filters a loop's items; "": none does.</summary>
    private string Where(ForNode node, TemplateFrame frame, TemplateFrame body)
    {
        if (node.Test is null)
            return "";
        var inner = frame.Inner();
        SymbolReader.Declare(inner.Symbols, node.Target);
        SymbolReader.Read(inner.Symbols, [node.Test]);
        string method = Name("Where"), item = Name("item");
        using (writer.Open($"global::System.Collections.Generic.IEnumerable<object?> {method}(object? items)"))
        {
            Enter(inner);
            using (writer.Open($"foreach (object? {item} in t.Each(items))"))
            {
                DeclareParameters(inner);
                Assign(node.Target, item, inner);
                writer.Line($"if ({_expressions.Test(node.Test, inner)})");
                writer.Line($"    yield return {item};");
            }
        }

        return method;
    }

    private void CallBlock(CallBlockNode node, TemplateFrame frame)
    {
        string caller = Name("caller");
        writer.Line($"object? {caller} = {Macro(node, "", frame)};");
        writer.Line($"{frame.Output}.Add({(node.Call is null ? $"t.Call({caller})" : _expressions.Call(node.Call, frame, caller))});");
    }

    /// <summary>The method of a macro; returned is what makes the value of it.</summary>
    private string Macro(MacroBodyNode node, string name, TemplateFrame frame)
    {
        var inner = frame.Inner() with { Output = Name(Outputs), IsInLoop = false };
        SymbolReader.Read(inner.Symbols, node.Inside);
        var special = SymbolReader.Undeclared(node.Body, "caller", "kwargs", "varargs");
        var parameters = node.Parameters.Select(parameter => parameter.Name).ToList();
        int at = parameters.IndexOf("caller");
        if (special.Contains("caller") && at >= 0 && at < parameters.Count - node.Defaults.Count)
            throw new TemplateSyntaxException(node.Line, "the parameter 'caller' of a macro needs a default, or no place among the parameters at all: it is the block of a call");
        List<string> variables = [.. parameters.Select(parameter => inner.Symbols.Find(parameter)!)], flags = [];
        foreach (string extra in new[] { "caller", "kwargs", "varargs" })
        {
            if (!special.Contains(extra) || parameters.Contains(extra) && extra != "caller")
                continue;
            flags.Add($"takes{char.ToUpperInvariant(extra[0])}{extra.Substring(1)}: true");
            if (!parameters.Contains(extra))
                variables.Add(inner.Symbols.Declare(extra));
        }

        string method = name.Length == 0 ? Name("Block") : Name("Macro") + "_" + new string([.. name.Where(c => c is '_' or >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9')]);
        using (writer.Open($"string {method}(object?[] arguments)"))
        {
            writer.Line($"Output {inner.Output} = new Output();");
            for (int i = 0; i < variables.Count; i++)
                writer.Line($"object? {variables[i]} = arguments[{Text.Of(i)}];");
            Enter(inner);
            for (int i = 0; i < parameters.Count; i++)
                Default(node, i, parameters[i], variables[i], inner);
            Statements(node.Body, inner);
            writer.Line($"return {inner.Output}.ToString();");
        }

        string named = string.Join(", ", parameters.Select(Text.Literal));
        return $"Python.Macro({Text.Literal(name)}, [{named}], {method}{string.Concat(flags.Select(flag => ", " + flag))})";
    }

    private void Default(MacroBodyNode node, int index, string parameter, string variable, TemplateFrame frame)
    {
        int from = node.Parameters.Count - node.Defaults.Count;
        writer.Line($"if (Python.IsMissing({variable}))");
        writer.Line($"    {variable} = {(index >= from ? _expressions.Value(node.Defaults[index - from], frame) : $"Python.Undefined({Text.Literal($"parameter '{parameter}' was not provided")})")};");
    }

    private string Name(string kind) => kind + Text.Of(++_names);
}
