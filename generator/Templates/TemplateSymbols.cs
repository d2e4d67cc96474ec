using System.Text;

namespace AttnGen.Generator.Templates;

/// <summary>Where the value of a variable comes from when its scope is entered.</summary>
internal enum LoadKind
{
    /// <summary>The code of the scope sets it: a parameter, the variable of a loop.</summary>
    Parameter,

    /// <summary>What the template was given, or a global of that name.</summary>
    Resolve,

    /// <summary>The variable of the same name in a scope around this one.</summary>
    Alias,

    /// <summary>Nothing yet.</summary>
    Undefined,
}

/// <summary>A variable of a scope.</summary>
/// <param name="Kind">Where its value comes from.</param>
/// <param name="From">The template's name for it; of an alias the variable around.</param>
internal sealed record SymbolLoad(LoadKind Kind, string From);

/// <summary>The variables of a scope. A name that is only read is a scope's around, or given; one that is set is this scope's own, and begins with the outer value.</summary>
internal sealed class TemplateSymbols
{
    private readonly TemplateSymbols? _parent;
    private readonly int _level;
    private readonly Dictionary<string, string> _variables;
    private readonly Dictionary<string, SymbolLoad> _loads;
    private readonly List<string> _order;
    private readonly HashSet<string> _stores;

    public TemplateSymbols(TemplateSymbols? parent)
        : this(parent, parent is null ? 0 : parent._level + 1, [], [], [], [])
    {
    }

    private TemplateSymbols(TemplateSymbols? parent, int level, Dictionary<string, string> variables, Dictionary<string, SymbolLoad> loads, List<string> order, HashSet<string> stores)
    {
        _parent = parent;
        _level = level;
        _variables = variables;
        _loads = loads;
        _order = order;
        _stores = stores;
    }

    /// <summary>The variables that the scope declares, in the order in which they were met.</summary>
    public IEnumerable<KeyValuePair<string, SymbolLoad>> Loads => _order.Select(variable => new KeyValuePair<string, SymbolLoad>(variable, _loads[variable]));

    public TemplateSymbols Copy() => new(_parent, _level, new(_variables), new(_loads), [.. _order], [.. _stores]);

    /// <summary>The variable that a name stands for here; null: none yet.</summary>
    public string? Find(string name) => _variables.TryGetValue(name, out string? variable) ? variable : _parent?.Find(name);

    public SymbolLoad? FindLoad(string variable) => _loads.TryGetValue(variable, out var load) ? load : _parent?.FindLoad(variable);

    public string Declare(string name)
    {
        _stores.Add(name);
        return Define(name, new(LoadKind.Parameter, name));
    }

    public void Load(string name)
    {
        if (Find(name) is null)
            Define(name, new(LoadKind.Resolve, name));
    }

    public void Store(string name)
    {
        _stores.Add(name);
        if (_variables.ContainsKey(name))
            return;
        Define(name, _parent?.Find(name) is { } outer ? new(LoadKind.Alias, outer) : new(LoadKind.Undefined, name));
    }

    /// <summary>Joins what the branches of an if did: what is set in one of them may have an outer or a given value in the others.</summary>
    public void Join(IReadOnlyList<TemplateSymbols> branches)
    {
        var stores = branches.SelectMany(branch => branch._stores).Distinct().Where(name => !_stores.Contains(name)).ToList();
        foreach (var branch in branches)
        {
            foreach (var pair in branch._variables)
                _variables[pair.Key] = pair.Value;
            foreach (string variable in branch._order)
                Set(variable, branch._loads[variable]);
            _stores.UnionWith(branch._stores);
        }

        foreach (string name in stores)
            Set(Find(name)!, _parent?.Find(name) is { } outer ? new(LoadKind.Alias, outer) : new(LoadKind.Resolve, name));
    }

    private string Define(string name, SymbolLoad load)
    {
        string variable = Identifier(name) + "_" + Text.Of(_level);
        _variables[name] = variable;
        Set(variable, load);
        return variable;
    }

    private void Set(string variable, SymbolLoad load)
    {
        if (!_loads.ContainsKey(variable))
            _order.Add(variable);
        _loads[variable] = load;
    }

    /// <summary>A name as an identifier of C# may hold it. The number of the scope, which follows, keeps keywords apart.</summary>
    private static string Identifier(string name)
    {
        var identifier = new StringBuilder();
        foreach (char c in name)
            identifier.Append(c is '_' or >= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' ? c.ToString() : "\u02BC" + ((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
        return identifier.ToString();
    }
}
