using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>
/// Schemas of .NET types that say what the types can hold: AIJsonUtilities writes <c>integer</c> for a byte and a long alike, and <c>string</c> for a byte[].
/// Give one to ChatResponseFormat.ForJsonSchema, or to <see cref="JsonGrammar"/>.
/// </summary>
public static class JsonTypeSchema
{
    private static readonly Dictionary<Type, (string Minimum, string Maximum)> s_bounds = new()
    {
        [typeof(byte)] = Bounds<byte>(),
        [typeof(sbyte)] = Bounds<sbyte>(),
        [typeof(short)] = Bounds<short>(),
        [typeof(ushort)] = Bounds<ushort>(),
        [typeof(int)] = Bounds<int>(),
        [typeof(uint)] = Bounds<uint>(),
        [typeof(long)] = Bounds<long>(),
        [typeof(ulong)] = Bounds<ulong>(),
        [typeof(UInt128)] = ("0", ulong.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        [typeof(Half)] = ("-65504", "65504"),
    };

    /// <summary>The schema of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="options">How it is written; null: AIJsonUtilities.DefaultOptions.</param>
    public static JsonElement Create<T>(JsonSerializerOptions? options = null) => Create(typeof(T), options);

    /// <summary>The schema of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="options">How it is written; null: AIJsonUtilities.DefaultOptions.</param>
    public static JsonElement Create(Type type, JsonSerializerOptions? options = null) =>
        AIJsonUtilities.CreateJsonSchema(type, serializerOptions: options, inferenceOptions: new AIJsonSchemaCreateOptions
        {
            TransformSchemaNode = static (context, node) => node is JsonObject schema ? Narrow(context.TypeInfo, schema) : node,
        });

    private static JsonObject Narrow(JsonTypeInfo info, JsonObject schema)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        if (s_bounds.TryGetValue(type, out var bounds) && !schema.ContainsKey("enum"))
        {
            // A [Range] that is narrower stays.
            schema.TryAdd("minimum", JsonNode.Parse(bounds.Minimum));
            schema.TryAdd("maximum", JsonNode.Parse(bounds.Maximum));
        }
        else if (type == typeof(byte[]) || type == typeof(Memory<byte>) || type == typeof(ReadOnlyMemory<byte>))
        {
            schema.TryAdd("contentEncoding", "base64");
        }

        if (info.Kind == JsonTypeInfoKind.Object && schema.ContainsKey("properties"))
        {
            schema.TryAdd("additionalProperties", false);
        }

        return schema;
    }

    private static (string Minimum, string Maximum) Bounds<T>()
        where T : IMinMaxValue<T> => (FormattableString.Invariant($"{T.MinValue}"), FormattableString.Invariant($"{T.MaxValue}"));
}
