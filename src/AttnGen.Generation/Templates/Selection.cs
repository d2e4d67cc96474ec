namespace AttnGen.Generation.Templates;

/// <summary>map, select, reject, selectattr and rejectattr: item by item, when the result is read.</summary>
internal static class Selection
{
    public static IEnumerable<object?> Map(Rendering rendering, object? value, Arguments arguments)
    {
        if (!Python.Is(value))
            yield break;
        Func<object?, object?> change;
        if (arguments.Positional.Count == 0 && arguments.Named.Any(pair => pair.Key == "attribute"))
        {
            object?[] given = arguments.Bind("map", "attribute", "default");
            change = Attributes.Getter(given[0], FilterTable.Or(given[1], null));
        }
        else
        {
            if (arguments.Positional.Count == 0)
                throw Python.Error("map requires a filter argument");
            string name = arguments.Positional[0] as string ?? throw Python.Error("map requires a filter's name");
            change = item => rendering.Filter(name, item, Without(arguments, 1));
        }

        foreach (object? item in Python.Iterate(value))
        {
            rendering.Turn();
            yield return change(item);
        }
    }

    public static IEnumerable<object?> Select(Rendering rendering, object? value, Arguments arguments, bool ofAttribute, bool wanted)
    {
        if (!Python.Is(value))
            yield break;
        int at = ofAttribute ? 1 : 0;
        if (arguments.Positional.Count < at)
            throw Python.Error("Missing parameter for attribute name");
        var getter = ofAttribute ? Attributes.Getter(arguments.Positional[0]) : item => item;
        string? test = arguments.Positional.Count == at ? null : arguments.Positional[at] as string ?? throw Python.Error("A test's name was expected");
        foreach (object? item in Python.Iterate(value))
        {
            rendering.Turn();
            object? tested = getter(item);
            if ((test is null ? Python.Is(tested) : Python.Test(test, tested, Without(arguments, at + 1))) == wanted)
                yield return item;
        }
    }

    private static Arguments Without(Arguments arguments, int count)
    {
        var rest = new Arguments([.. arguments.Positional.Skip(count)]);
        foreach (var (name, value) in arguments.Named)
            rest.With(name, value);
        return rest;
    }
}
