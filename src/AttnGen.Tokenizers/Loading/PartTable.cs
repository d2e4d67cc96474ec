using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>What one member of tokenizer.json may name, and how each of them is read. The names are what a refusal lists.</summary>
/// <param name="member">The member.</param>
/// <param name="readers">The names; null from a reader: the element asks for what is not known.</param>
internal sealed class PartTable<TPart>(string member, OrderedDictionary<string, Func<ModelFiles, JsonElement, TPart[]?>> readers)
{
    /// <summary>Reads the member's elements, one after the other.</summary>
    public TPart[] Read(ModelFiles files, JsonElement[] elements)
    {
        var parts = new List<TPart>();
        foreach (var element in elements)
        {
            var read = element.String("type") is { } type && readers.TryGetValue(type, out var reader) ? reader(files, element) : null;
            parts.AddRange(read ?? throw files.Unsupported(
                TokenizerJson.File, $"the {member} {element.Describe()}", $"{string.Join(", ", readers.Keys)}, and a Sequence of them"));
        }

        return [.. parts];
    }
}
