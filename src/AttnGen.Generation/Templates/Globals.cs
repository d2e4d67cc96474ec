namespace AttnGen.Generation.Templates;

/// <summary>The functions that templates have without being given them: jinja2's, and transformers' raise_exception and strftime_now.</summary>
internal static class Globals
{
    private const int MaxRange = 100_000;

    public static Dictionary<string, object?> For(DateTimeOffset? now) => new FunctionValue[]
    {
        new("range", Range),
        new("dict", Dict),
        new("namespace", Namespace),
        new("cycler", arguments => new CyclerValue(arguments.Positional.Count > 0 ? arguments.Positional : throw Python.Error("at least one item has to be provided"))),
        new("joiner", arguments => new JoinerValue(FilterTable.Or(arguments.Bind("joiner", "sep")[0], ", "))),
        new("raise_exception", arguments => throw new ChatTemplateException(Python.Str(arguments.Bind("raise_exception", "!message")[0]), isOfTemplate: true)),
        new("strftime_now", arguments => TimeText.Format(Filters.Text(arguments.Bind("strftime_now", "!format")[0]), now ?? DateTimeOffset.Now)),
    }.ToDictionary(function => function.Name, object? (function) => function);

    private static RangeValue Range(Arguments arguments)
    {
        object?[] given = arguments.Named.Count > 0 ? throw Python.Error("range() takes no keyword arguments") : arguments.Bind("range", "!start", "stop", "step");
        long[] numbers = [.. given.Where(value => value is not MissingValue).Select(Number)];
        long start = numbers.Length > 1 ? numbers[0] : 0, stop = numbers.Length > 1 ? numbers[1] : numbers[0], step = numbers.Length > 2 ? numbers[2] : 1;
        if (step == 0)
            throw Python.Error("range() arg 3 must not be zero");
        var range = new RangeValue(start, stop, step);
        return range.Count <= MaxRange ? range : throw Python.Error($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");
    }

    private static long Number(object? value) =>
        value is UndefinedValue undefined ? throw undefined.Error()
        : !Python.IsInteger(value, out var number) ? throw Python.Error($"'{Python.TypeName(value)}' object cannot be interpreted as an integer")
        : System.Numerics.BigInteger.Abs(number) < 1L << 62 ? (long)number : throw Python.Error($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MaxRange}).");

    private static DictValue Dict(Arguments arguments)
    {
        var dict = new DictValue();
        if (arguments.Positional.Count > 1)
            throw Python.Error($"dict expected at most 1 argument, got {arguments.Positional.Count}");
        foreach (object? source in arguments.Positional)
        {
            foreach (object? pair in source is DictValue other ? new DictView(other, DictPart.Items).Items : Python.Iterate(source))
            {
                object?[] member = Python.Unpack(pair, 2);
                dict.Set(member[0], member[1]);
            }
        }

        foreach (var (name, value) in arguments.Named)
            dict.Set(name, value);
        return dict;
    }

    private static NamespaceValue Namespace(Arguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var member in Dict(arguments).Members)
            space.Attributes.Set(member.Key, member.Value);
        return space;
    }
}
