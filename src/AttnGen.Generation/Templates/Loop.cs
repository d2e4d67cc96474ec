using System.ComponentModel;

namespace AttnGen.Generation.Templates;

/// <summary>A loop and its variable "loop".</summary>
/// <remarks>Made by generated code; nothing that a program uses.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Loop
{
    private static readonly object s_none = new();

    private readonly Func<object?, long, string>? _recurse;
    private readonly long _depth;
    private readonly int _knownLength;
    private IEnumerator<object?> _items;
    private object? _after = s_none, _current = s_none, _before = s_none, _changed = s_none;
    private long _index = -1, _length = -1;

    internal Loop(object? items, IEnumerable<object?> each, Func<object?, long, string>? recurse, long depth)
    {
        _items = each.GetEnumerator();
        _recurse = recurse;
        _depth = depth;
        _knownLength = Python.TryLength(items, out int length) ? length : -1;
    }

    /// <summary>The item of this turn.</summary>
    public object? Item => _current;

    /// <summary>Goes on to the next turn; false: there is none.</summary>
    public bool Next()
    {
        object? next = Peek();
        if (ReferenceEquals(next, s_none))
            return false;
        _after = s_none;
        _index++;
        _before = _current;
        _current = next;
        return true;
    }

    internal long Length
    {
        get
        {
            if (_length < 0 && _knownLength >= 0)
                _length = _knownLength;
            if (_length < 0)
            {
                List<object?> rest = [];
                while (_items.MoveNext())
                    rest.Add(_items.Current);
                _items = rest.GetEnumerator();
                _length = rest.Count + _index + 1 + (ReferenceEquals(_after, s_none) ? 0 : 1);
            }

            return _length;
        }
    }

    /// <summary>loop.name; false: there is no such attribute.</summary>
    internal bool TryAttribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => _index + 1,
            "index0" => _index,
            "revindex" => Length - _index,
            "revindex0" => Length - _index - 1,
            "first" => _index == 0,
            "last" => ReferenceEquals(Peek(), s_none),
            "length" => Length,
            "depth" => _depth + 1,
            "depth0" => _depth,
            "previtem" => _index == 0 ? new UndefinedValue("there is no previous item") : _before,
            "nextitem" => ReferenceEquals(Peek(), s_none) ? new UndefinedValue("there is no next item") : _after,
            "cycle" => new FunctionValue("cycle", Cycle),
            "changed" => new FunctionValue("changed", arguments => Changed(arguments)),
            _ => s_none,
        };
        return !ReferenceEquals(value, s_none);
    }

    /// <summary>loop(items): the loop once more, over what is below an item.</summary>
    internal string Recurse(object? items) =>
        (_recurse ?? throw Python.Error("The loop must have the 'recursive' marker to be called recursively."))(items, _depth + 1);

    private object? Cycle(Arguments arguments) =>
        arguments.Positional.Count == 0 ? throw Python.Error("no items for cycling given") : arguments.Positional[(int)(_index % arguments.Positional.Count)];

    private bool Changed(Arguments arguments)
    {
        var value = new TupleValue(arguments.Positional);
        if (_changed is TupleValue before && Python.Equal(before, value))
            return false;
        _changed = value;
        return true;
    }

    private object? Peek()
    {
        if (ReferenceEquals(_after, s_none) && _items.MoveNext())
            _after = _items.Current;
        return _after;
    }

    internal string Describe() => $"<LoopContext {_index + 1}/{Length}>";
}
