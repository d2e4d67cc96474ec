using System.ComponentModel;

namespace AttnGen.Generation.Templates;

/// <summary>The arguments of a call in a template: positional ones and named ones.</summary>
/// <remarks>Made by generated code; nothing that a program uses.</remarks>
/// <param name="positional">The positional ones.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Arguments(params object?[] positional)
{
    internal static Arguments None { get; } = new();

    internal List<object?> Positional { get; } = [.. positional];

    internal List<KeyValuePair<string, object?>> Named { get; } = [];

    /// <summary>With a named argument.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public Arguments With(string name, object? value)
    {
        if (Named.Any(pair => pair.Key == name))
            throw Python.Error($"got multiple values for keyword argument '{name}'");
        Named.Add(new(name, value));
        return this;
    }

    /// <summary>With the items of a sequence as further positional arguments.</summary>
    /// <param name="items">The sequence.</param>
    public Arguments Spread(object? items)
    {
        Positional.AddRange(Python.Iterate(items));
        return this;
    }

    /// <summary>With the members of a dict as further named arguments.</summary>
    /// <param name="members">The dict.</param>
    public Arguments SpreadNamed(object? members)
    {
        if (members is not DictValue dict)
            throw Python.Error($"argument after ** must be a mapping, not {Python.TypeName(members)}");
        foreach (var member in dict.Members)
            With(member.Key as string ?? throw Python.Error("keywords must be strings"), member.Value);
        return this;
    }

    /// <summary>The values of parameters in their order; what was not given is missing.</summary>
    /// <param name="function">The function, for messages.</param>
    /// <param name="parameters">The parameters; one that must be given begins with '!'.</param>
    internal object?[] Bind(string function, params string[] parameters)
    {
        if (Positional.Count > parameters.Length)
            throw Python.Error($"{function}() takes at most {parameters.Length} arguments ({Positional.Count} given)");
        var values = new object?[parameters.Length];
        Array.Fill(values, MissingValue.Instance);
        for (int i = 0; i < Positional.Count; i++)
            values[i] = Positional[i];
        foreach (var (name, value) in Named)
        {
            int at = Array.FindIndex(parameters, parameter => parameter.TrimStart('!') == name);
            if (at < 0)
                throw Python.Error($"{function}() got an unexpected keyword argument '{name}'");
            values[at] = values[at] is MissingValue ? value : throw Python.Error($"{function}() got multiple values for argument '{name}'");
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].StartsWith('!') && values[i] is MissingValue)
                throw Python.Error($"{function}() missing required argument: '{parameters[i][1..]}'");
        }

        return values;
    }
}
