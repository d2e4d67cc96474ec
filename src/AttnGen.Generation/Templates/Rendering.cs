using System.ComponentModel;

namespace AttnGen.Generation.Templates;

/// <summary>One run of a chat template: what it was given, its functions, and how far it may go.</summary>
/// <remarks>Used by generated code; nothing that a program uses.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Rendering
{
    /// <summary>Turns of all loops together. The longest real conversations take some tens of thousands.</summary>
    internal const long MaxTurns = 10_000_000;

    /// <summary>Macros and recursive loops inside each other. Python stops at about 200.</summary>
    internal const int MaxCalls = 200;

    private readonly Dictionary<string, object?> _variables;
    private readonly Dictionary<string, object?> _globals;
    private long _turns;
    private int _calls;

    internal Rendering(Dictionary<string, object?> variables, DateTimeOffset? now)
    {
        _variables = variables;
        _globals = Globals.For(now);
    }

    /// <summary>A variable that the template was given, or a function of that name.</summary>
    /// <param name="name">The name.</param>
    public object? Resolve(string name) => _variables.TryGetValue(name, out object? value) || _globals.TryGetValue(name, out value) ? value : Python.Unset(name);

    /// <summary>A loop's items, one by one.</summary>
    /// <param name="items">The items.</param>
    public IEnumerable<object?> Each(object? items)
    {
        foreach (object? item in items is IEnumerable<object?> filtered and not List<object?> ? filtered : Python.Iterate(items))
        {
            Turn();
            yield return item;
        }
    }

    /// <summary>A loop that its body asks about.</summary>
    /// <param name="items">The items.</param>
    /// <param name="recurse">The loop's method, if it is recursive.</param>
    /// <param name="depth">How deep it is in itself.</param>
    public Loop Loop(object? items, Func<object?, long, string>? recurse, long depth) => new(items, Each(items), recurse, depth);

    /// <summary>callee(arguments).</summary>
    /// <param name="callee">What is called.</param>
    /// <param name="arguments">The arguments; null: none.</param>
    public object? Call(object? callee, Arguments? arguments = null)
    {
        arguments ??= new Arguments();
        switch (callee)
        {
            case MacroValue macro:
                return Inside(() => macro.Body(MacroArguments.Bind(macro, arguments)));
            case Loop loop:
                object? items = arguments.Bind("loop", "!iterable")[0];
                return Inside(() => loop.Recurse(items));
            case MethodValue method:
                return Methods.Call(method, arguments);
            case FunctionValue function:
                return function.Call(arguments);
            case JoinerValue joiner:
                return joiner.Next();
            case UndefinedValue undefined:
                throw undefined.Error();
            default:
                throw Python.Error($"'{Python.TypeName(callee)}' object is not callable");
        }
    }

    /// <summary>value|name(arguments).</summary>
    /// <param name="name">The filter.</param>
    /// <param name="value">The value.</param>
    /// <param name="arguments">The arguments; null: none.</param>
    public object? Filter(string name, object? value, Arguments? arguments = null)
    {
        arguments ??= new Arguments();
        if (FilterTable.TryFind(name, out var filter))
            return filter!.Apply(value, arguments.Bind(name, filter.Parameters));
        return name switch
        {
            "format" => Format(value, arguments),
            "map" => new GeneratorValue(Selection.Map(this, value, arguments)),
            "select" => new GeneratorValue(Selection.Select(this, value, arguments, ofAttribute: false, wanted: true)),
            "reject" => new GeneratorValue(Selection.Select(this, value, arguments, ofAttribute: false, wanted: false)),
            "selectattr" => new GeneratorValue(Selection.Select(this, value, arguments, ofAttribute: true, wanted: true)),
            "rejectattr" => new GeneratorValue(Selection.Select(this, value, arguments, ofAttribute: true, wanted: false)),
            _ => throw Python.Error($"No filter named '{name}' found."),
        };
    }

    private static object? Format(object? value, Arguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0)
            throw Python.Error("can't handle positional and keyword arguments at the same time");
        var named = new DictValue();
        foreach (var (name, given) in arguments.Named)
            named.Set(name, given);
        return Python.Modulo(Python.SoftStr(value), named.Count > 0 ? named : new TupleValue(arguments.Positional));
    }

    internal void Turn()
    {
        if (++_turns > MaxTurns)
            throw Python.Error($"The template's loops took more than {MaxTurns} turns, which is the limit.");
    }

    private string Inside(Func<string> body)
    {
        if (++_calls > MaxCalls)
            throw Python.Error($"The template's macros and loops call themselves more than {MaxCalls} deep, which is the limit.");
        Python.CheckDepth();
        string text = body();
        _calls--;
        return text;
    }
}
