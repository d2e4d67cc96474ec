using System.Diagnostics.CodeAnalysis;

namespace AttnGen.Generation.Templates;

/// <summary>A dict: members in the order in which they were put in, keys equal as in Python (1, 1.0 and True are one key).</summary>
internal sealed class DictValue
{
    private readonly Dictionary<Key, int> _places = [];
    private readonly List<KeyValuePair<object?, object?>> _members = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Members => _members;

    public int Count => _members.Count;

    /// <summary>Puts a member in; a key that is there keeps its place.</summary>
    public void Set(object? key, object? value)
    {
        if (_places.TryGetValue(new Key(key), out int place))
        {
            _members[place] = new(_members[place].Key, value);
            return;
        }

        _places.Add(new Key(key), _members.Count);
        _members.Add(new(key, value));
    }

    public bool TryGet(object? key, [MaybeNullWhen(false)] out object? value)
    {
        bool found = _places.TryGetValue(new Key(key), out int place);
        value = found ? _members[place].Value : null;
        return found;
    }

    private readonly struct Key(object? value) : IEquatable<Key>
    {
        private readonly object? _value = value;

        public bool Equals(Key other) => Python.Equal(_value, other._value);

        public override bool Equals([NotNullWhen(true)] object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => Python.Hash(_value);
    }
}

/// <summary>Which part of a dict's members a view shows.</summary>
internal enum DictPart { Keys, Values, Items }

/// <summary>keys(), values() or items() of a dict.</summary>
internal sealed class DictView(DictValue dict, DictPart part)
{
    public DictPart Part => part;

    public int Count => dict.Count;

    public IEnumerable<object?> Items => dict.Members.Select(member => part switch
    {
        DictPart.Keys => member.Key,
        DictPart.Values => member.Value,
        _ => new TupleValue([member.Key, member.Value]),
    });
}

/// <summary>namespace(…): attributes that set can change from any scope.</summary>
/// <remarks>Made by generated code; nothing that a program uses.</remarks>
[System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)]
public sealed class NamespaceValue
{
    internal DictValue Attributes { get; } = new();

    /// <summary>Sets an attribute.</summary>
    /// <param name="name">Its name.</param>
    public object? this[string name]
    {
        set => Attributes.Set(name, value);
    }
}
