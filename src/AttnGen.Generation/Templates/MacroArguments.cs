namespace AttnGen.Generation.Templates;

/// <summary>The arguments of a macro's call, as its method takes them: parameters, then caller, kwargs and varargs where it uses them.</summary>
internal static class MacroArguments
{
    public static object?[] Bind(MacroValue macro, Arguments arguments)
    {
        var named = arguments.Named.ToList();
        int count = macro.Parameters.Length;
        List<object?> values = [.. arguments.Positional.Take(count)];
        bool hasCaller = values.Count == count && macro.Parameters.Contains("caller");
        foreach (string parameter in macro.Parameters.Skip(values.Count))
        {
            hasCaller |= parameter == "caller";
            values.Add(Take(named, parameter, out object? value) ? value : MissingValue.Instance);
        }

        if (macro.TakesCaller && !hasCaller)
            values.Add(Take(named, "caller", out object? caller) && caller is not null ? caller : new UndefinedValue("No caller defined"));
        if (macro.TakesKwargs)
        {
            var rest = new DictValue();
            foreach (var (name, value) in named)
                rest.Set(name, value);
            values.Add(rest);
        }
        else if (named.Count > 0)
        {
            throw Python.Error(named.Any(pair => pair.Key == "caller")
                ? $"macro {Python.Quote(macro.Name)} was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro {Python.Quote(macro.Name)} takes no keyword argument {Python.Quote(named[0].Key)}");
        }

        if (macro.TakesVarargs)
            values.Add(new TupleValue([.. arguments.Positional.Skip(count)]));
        else if (arguments.Positional.Count > count)
            throw Python.Error($"macro {Python.Quote(macro.Name)} takes not more than {count} argument(s)");
        return [.. values];
    }

    private static bool Take(List<KeyValuePair<string, object?>> named, string name, out object? value)
    {
        int at = named.FindIndex(pair => pair.Key == name);
        value = at < 0 ? null : named[at].Value;
        if (at >= 0)
            named.RemoveAt(at);
        return at >= 0;
    }
}
