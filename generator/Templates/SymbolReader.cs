namespace AttnGen.Generator.Templates;

/// <summary>Reads which names a scope uses: down to the scopes inside, whose bodies are their own.</summary>
internal sealed class SymbolReader(TemplateSymbols symbols)
{
    private TemplateSymbols _symbols = symbols;

    /// <summary>All of the nodes, which stand in the scope itself.</summary>
    public static void Read(TemplateSymbols symbols, IEnumerable<TemplateNode> nodes)
    {
        var reader = new SymbolReader(symbols);
        foreach (var node in nodes)
            reader.Visit(node);
    }

    /// <summary>The names of a target, as variables that the scope's own code sets.</summary>
    public static void Declare(TemplateSymbols symbols, ExpressionNode target)
    {
        foreach (var name in target.All().OfType<NameNode>())
            symbols.Declare(name.Name);
    }

    /// <summary>Which of the names are read in these nodes before they are set there.</summary>
    public static HashSet<string> Undeclared(IEnumerable<TemplateNode> nodes, params string[] names)
    {
        HashSet<string> open = [.. names], found = [];
        foreach (var name in nodes.SelectMany(node => node.All()).OfType<NameNode>())
        {
            if (name.Use == NameUse.Load && open.Contains(name.Name))
                found.Add(name.Name);
            else
                open.Remove(name.Name);
        }

        return found;
    }

    private void Visit(TemplateNode? node)
    {
        switch (node)
        {
            case null:
                break;
            case NameNode { Use: NameUse.Parameter } name:
                _symbols.Declare(name.Name);
                break;
            case NameNode { Use: NameUse.Store } name:
                _symbols.Store(name.Name);
                break;
            case NameNode name:
                _symbols.Load(name.Name);
                break;
            case NamespaceNode name:
                _symbols.Load(name.Name);
                break;
            case IfNode branches:
                Branch(branches);
                break;
            case MacroNode macro:
                _symbols.Store(macro.Name);
                break;
            case SetNode set:
                Visit(set.Value);
                Visit(set.Target);
                break;
            case ForNode loop:
                Visit(loop.Items);
                break;
            case CallBlockNode call:
                Visit(call.Call);
                break;
            case FilterBlockNode filter:
                Visit(filter.Filter);
                break;
            case WithNode with:
                foreach (var value in with.Values)
                    Visit(value);
                break;
            case SetBlockNode set:
                Visit(set.Target);
                break;
            default:
                foreach (var child in node.Children)
                    Visit(child);
                break;
        }
    }

    /// <summary>The body, all that follows by elif, and else are three branches; tests of elif are inside the second, one within the other.</summary>
    private void Branch(IfNode node)
    {
        var before = _symbols;
        Visit(node.Branches[0].Test);
        var body = Inside(() => Each(node.Branches[0].Body));
        var others = Inside(() =>
        {
            foreach (var branch in node.Branches.Skip(1))
                Branch(new IfNode(branch.Test.Line, [branch], []));
        });
        var otherwise = Inside(() => Each(node.Else));
        before.Join([body, others, otherwise]);

        void Each(IReadOnlyList<TemplateNode> nodes)
        {
            foreach (var child in nodes)
                Visit(child);
        }

        TemplateSymbols Inside(Action visit)
        {
            var copy = _symbols = before.Copy();
            visit();
            _symbols = before;
            return copy;
        }
    }
}
