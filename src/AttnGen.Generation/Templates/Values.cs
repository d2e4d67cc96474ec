namespace AttnGen.Generation.Templates;

// Values of a template are objects: None is null, and there are bool, long (an integer that fits), BigInteger (one that does not), double, string, List<object?>,
// and the classes below. Nothing of them changes once it is made, but namespaces, loops, generators, cyclers and joiners.

/// <summary>A name or a member that is not there. It prints nothing and is false; whatever else is done with it fails with its message.</summary>
internal sealed class UndefinedValue(string message)
{
    public string Message => message;

    public ChatTemplateException Error() => new(message);
}

/// <summary>What a macro was not given.</summary>
internal sealed class MissingValue
{
    public static MissingValue Instance { get; } = new();
}

/// <summary>A string that an escaping filter made, or that is called safe: what is added to it is escaped.</summary>
internal sealed class MarkupValue(string text)
{
    public string Text => text;
}

/// <summary>A tuple.</summary>
internal class TupleValue(IReadOnlyList<object?> items)
{
    public IReadOnlyList<object?> Items => items;
}

/// <summary>A group of the filter groupby: what its items have in common, and the items.</summary>
internal sealed class GroupValue(object? grouper, List<object?> items) : TupleValue([grouper, items]);

/// <summary>range(start, stop, step).</summary>
internal sealed class RangeValue(long start, long stop, long step)
{
    public long Start => start;

    public long Stop => stop;

    public long Step => step;

    public long Count => step > 0 ? start < stop ? (stop - start - 1) / step + 1 : 0 : stop < start ? (start - stop - 1) / -step + 1 : 0;

    public object? this[long index] => start + index * step;
}

/// <summary>What is read once, from where the last reader stopped: what map, select and the like give.</summary>
internal sealed class GeneratorValue(IEnumerable<object?> items)
{
    private readonly IEnumerator<object?> _items = items.GetEnumerator();

    public IEnumerable<object?> Rest()
    {
        while (_items.MoveNext())
            yield return _items.Current;
    }
}

/// <summary>A method with the value that it belongs to.</summary>
internal sealed class MethodValue(object? self, string name)
{
    public object? Self => self;

    public string Name => name;
}

/// <summary>A function of the environment.</summary>
internal sealed class FunctionValue(string name, Func<Arguments, object?> call)
{
    public string Name => name;

    public Func<Arguments, object?> Call => call;
}

/// <summary>A macro, or the block of a call.</summary>
internal sealed class MacroValue(string name, string[] parameters, Func<object?[], string> body)
{
    public string Name => name;

    public string[] Parameters => parameters;

    public Func<object?[], string> Body => body;

    public bool TakesCaller { get; init; }

    public bool TakesKwargs { get; init; }

    public bool TakesVarargs { get; init; }
}

/// <summary>cycler(…): its values by turns.</summary>
internal sealed class CyclerValue(IReadOnlyList<object?> items)
{
    private int _at;

    public object? Current => items[_at];

    public object? Next()
    {
        var current = Current;
        _at = (_at + 1) % items.Count;
        return current;
    }

    public void Reset() => _at = 0;
}

/// <summary>joiner(separator): nothing at the first call, then the separator.</summary>
internal sealed class JoinerValue(object? separator)
{
    private bool _isUsed;

    public object? Next()
    {
        var next = _isUsed ? separator : "";
        _isUsed = true;
        return next;
    }
}
