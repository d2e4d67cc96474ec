namespace AttnGen.Generation.Templates;

/// <summary>The tests by name. generator/Templates/TemplateNames has those that a template can write after "is"; the rest are given to select and the like.</summary>
internal static class TestTable
{
    private static readonly Dictionary<string, (int Arguments, Func<object?, object?[], bool> Holds)> s_tests = new()
    {
        ["odd"] = (0, (value, _) => Python.Equal(Python.Modulo(value, 2L), 1L)),
        ["even"] = (0, (value, _) => Python.Equal(Python.Modulo(value, 2L), 0L)),
        ["divisibleby"] = (1, (value, given) => Python.Equal(Python.Modulo(value, given[0]), 0L)),
        ["defined"] = (0, (value, _) => value is not UndefinedValue),
        ["undefined"] = (0, (value, _) => value is UndefinedValue),
        ["filter"] = (0, (value, _) => value is string name && FilterTable.Names.Contains(name)),
        ["test"] = (0, (value, _) => value is string name && Names.Contains(name)),
        ["none"] = (0, (value, _) => value is null),
        ["boolean"] = (0, (value, _) => value is bool),
        ["false"] = (0, (value, _) => value is false),
        ["true"] = (0, (value, _) => value is true),
        ["integer"] = (0, (value, _) => value is not bool && Python.IsInteger(value, out var _)),
        ["float"] = (0, (value, _) => value is double),
        ["lower"] = (0, (value, _) => Characters.Is(Python.Str(value), "islower")),
        ["upper"] = (0, (value, _) => Characters.Is(Python.Str(value), "isupper")),
        ["string"] = (0, (value, _) => value is string or MarkupValue),
        ["mapping"] = (0, (value, _) => value is DictValue),
        ["number"] = (0, (value, _) => value is double || Python.IsInteger(value, out var _)),
        ["sequence"] = (0, (value, _) => value is string or MarkupValue or List<object?> or TupleValue or DictValue or RangeValue or UndefinedValue),
        ["iterable"] = (0, (value, _) => Python.CanIterate(value) || value is Loop),
        ["callable"] = (0, (value, _) => value is FunctionValue or MacroValue or MethodValue or JoinerValue or Loop or UndefinedValue),
        ["sameas"] = (1, (value, given) => value is bool or long or string ? value.GetType() == given[0]?.GetType() && value.Equals(given[0]) : ReferenceEquals(value, given[0])),
        ["escaped"] = (0, (value, _) => value is MarkupValue),
        ["in"] = (1, (value, given) => Python.In(value, given[0])),
        ["eq"] = (1, (value, given) => Python.Equal(value, given[0])),
        ["equalto"] = (1, (value, given) => Python.Equal(value, given[0])),
        ["=="] = (1, (value, given) => Python.Equal(value, given[0])),
        ["ne"] = (1, (value, given) => Python.NotEqual(value, given[0])),
        ["!="] = (1, (value, given) => Python.NotEqual(value, given[0])),
        ["gt"] = (1, (value, given) => Python.Greater(value, given[0])),
        ["greaterthan"] = (1, (value, given) => Python.Greater(value, given[0])),
        [">"] = (1, (value, given) => Python.Greater(value, given[0])),
        ["ge"] = (1, (value, given) => Python.GreaterOrEqual(value, given[0])),
        [">="] = (1, (value, given) => Python.GreaterOrEqual(value, given[0])),
        ["lt"] = (1, (value, given) => Python.Less(value, given[0])),
        ["lessthan"] = (1, (value, given) => Python.Less(value, given[0])),
        ["<"] = (1, (value, given) => Python.Less(value, given[0])),
        ["le"] = (1, (value, given) => Python.LessOrEqual(value, given[0])),
        ["<="] = (1, (value, given) => Python.LessOrEqual(value, given[0])),
    };

    public static IEnumerable<string> Names => s_tests.Keys;

    /// <summary>value is name(arguments).</summary>
    public static bool Holds(string name, object? value, Arguments arguments)
    {
        if (!s_tests.TryGetValue(name, out var test))
            throw Python.Error($"No test named '{name}' found.");
        object?[] given = [.. arguments.Positional, .. arguments.Named.Select(pair => pair.Value)];
        return given.Length == test.Arguments ? test.Holds(value, given) : throw Python.Error($"The test '{name}' takes {test.Arguments} arguments ({given.Length} given)");
    }
}
