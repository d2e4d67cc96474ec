using System.Text.Json;

namespace AttnGen.Generation.Schemas;

/// <summary>Takes a schema apart: references followed, allOf joined, anyOf and oneOf laid side by side.</summary>
internal sealed partial class SchemaReader(JsonElement root)
{
    private const int MostAlternatives = 1_000;
    private static readonly string[] s_choices = ["anyOf", "oneOf"];

    /// <summary>The alternatives of several parts that all hold.</summary>
    public List<SchemaFacts> Read(IEnumerable<SchemaPart> parts)
    {
        var found = new List<SchemaFacts>();
        Expand([], parts, [], found);
        return found;
    }

    // Parts first, and then the first list of alternatives with each of them.
    private void Expand(List<SchemaPart> done, IEnumerable<SchemaPart> parts, List<(SchemaPart Part, string Keyword)> choices, List<SchemaFacts> found)
    {
        foreach (var part in parts)
        {
            if (!Add(part, done, choices))
            {
                return;
            }
        }

        if (choices.Count == 0)
        {
            if (Facts(done) is { } facts)
            {
                found.Add(found.Count < MostAlternatives ? facts
                    : throw new NotSupportedException($"{facts.Where}: more than {MostAlternatives:N0} combinations of alternatives. Nest fewer anyOf and oneOf in allOf."));
            }

            return;
        }

        var (owner, keyword) = choices[0];
        var groups = new List<List<SchemaFacts>>();
        foreach (var (index, one) in List(owner, keyword).Index())
        {
            var ways = new List<SchemaFacts>();
            Expand([.. done], [new($"{owner.Pointer}/{keyword}/{index}", one)], choices[1..], ways);
            groups.Add(ways);
        }

        if (keyword == "oneOf")
        {
            CheckOneOf(owner, groups);
        }

        found.AddRange(groups.SelectMany(group => group));
    }

    // A part with what it refers to and joins. Whether it can hold at all.
    private bool Add(SchemaPart part, List<SchemaPart> done, List<(SchemaPart Part, string Keyword)> choices)
    {
        if (done.Exists(one => one.Pointer == part.Pointer) || part.Element.ValueKind == JsonValueKind.True)
        {
            return true;
        }

        if (part.Element.ValueKind == JsonValueKind.False)
        {
            return false;
        }

        Keywords.Check(part);
        done.Add(part);
        if (part.Element.TryGetProperty("$ref", out var reference))
        {
            var pointer = reference.ValueKind == JsonValueKind.String ? reference.GetString()! : throw new NotSupportedException($"{part.Pointer}: $ref is no string.");
            if (!Add(new(pointer, JsonPointer.Find(root, pointer, part.Pointer)), done, choices))
            {
                return false;
            }
        }

        if (part.Element.TryGetProperty("allOf", out _))
        {
            foreach (var (index, one) in List(part, "allOf").Index())
            {
                if (!Add(new($"{part.Pointer}/allOf/{index}", one), done, choices))
                {
                    return false;
                }
            }
        }

        choices.AddRange(s_choices.Where(keyword => part.Element.TryGetProperty(keyword, out _)).Select(keyword => (part, keyword)));
        return true;
    }

    private static void CheckOneOf(SchemaPart part, List<List<SchemaFacts>> groups)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            for (var j = i + 1; j < groups.Count; j++)
            {
                if (groups[i].Exists(one => groups[j].Exists(two => !IsDisjoint(one, two))))
                {
                    throw new NotSupportedException($"{part.Pointer}: alternatives {i} and {j} of oneOf may both hold. "
                        + "Give them different types or a required property with different constants, or use anyOf.");
                }
            }
        }
    }

    private static JsonElement.ArrayEnumerator List(SchemaPart part, string keyword) =>
        part.Element.GetProperty(keyword) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : throw new NotSupportedException($"{part.Pointer}: {keyword} is no list.");

    // Whether no value can be both, as far as types, constants and required names tell.
    private static bool IsDisjoint(SchemaFacts one, SchemaFacts other)
    {
        if ((one.Types & other.Types) == 0)
        {
            return true;
        }

        if (one.Values is { } values && other.Values is { } others)
        {
            return !values.Exists(value => others.Exists(second => JsonElement.DeepEquals(value, second)));
        }

        return (one.Types & other.Types) == JsonTypes.Object && (one.Names.Exists(name => IsTold(one, other, name)) || LeavesOut(one, other) || LeavesOut(other, one));
    }

    // Whether a property that both must have tells them apart by its type or its constants.
    private static bool IsTold(SchemaFacts one, SchemaFacts other, string name) =>
        one.Required.Contains(name) && other.Required.Contains(name)
        && one.Property(name).Exists(left => other.Property(name).Exists(right => Plain(left) is { } first && Plain(right) is { } second && IsDisjoint(first, second)));

    private static SchemaFacts? Plain(SchemaPart part) => part.Element.ValueKind == JsonValueKind.Object ? Facts([part]) : null;

    private static bool LeavesOut(SchemaFacts one, SchemaFacts other) => other.IsClosedInWords && one.Required.Any(name => !other.Names.Contains(name));
}
