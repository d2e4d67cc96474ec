using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>Elements of a file that is being read. For a <c>List</c> of structs there is no code before the JIT has made it; for arrays there is.</summary>
internal sealed class JsonList
{
    private JsonElement[] _elements = new JsonElement[8];

    public int Count { get; private set; }

    public JsonElement this[int index]
    {
        get => index < Count ? _elements[index] : throw new ArgumentOutOfRangeException(nameof(index));
        set => _elements[index < Count ? index : throw new ArgumentOutOfRangeException(nameof(index))] = value;
    }

    public void Add(JsonElement element)
    {
        if (Count == _elements.Length)
        {
            var larger = new JsonElement[2 * Count];
            Array.Copy(_elements, larger, Count);
            _elements = larger;
        }

        _elements[Count++] = element;
    }

    public JsonElement[] ToArray()
    {
        var all = new JsonElement[Count];
        Array.Copy(_elements, all, Count);
        return all;
    }
}
