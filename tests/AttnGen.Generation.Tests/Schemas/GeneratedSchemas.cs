using System.Text.Json;
using System.Text.Json.Nodes;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>Schemas made by chance, of all keywords that are followed.</summary>
internal sealed class GeneratedSchemas
{
    private static readonly string[] s_names = ["a", "name", "größe", "x-1", "a b", "quote\"", "back\\slash", "tab\t", "名前", "🦊", "$type", "", "value", "items"];
    private static readonly string[] s_patterns = ["^[a-z]{2,5}$", "^(?:red|green|blue)-\\d+$", "^\\S+@\\S+$", "[0-9]{3}", "^a?b*c+$",
        "^[^x\"\\\\]{1,4}$", "^x|y$", "^\\w{1,3}(?: \\w{1,3})?$", "^[\\u00e0-\\u00ff\\d]+$", "^.{3}$", "^\\D\\W\\S$"];
    private static readonly string[] s_formats = ["date", "date-time", "uuid", "email", "ipv4", "uri", "hostname"];

    private readonly Random _random;
    private int _depth;

    private GeneratedSchemas(int seed) => _random = new Random(seed);

    public static JsonElement Create(int seed)
    {
        var made = new GeneratedSchemas(seed);
        var schema = made.Any();
        schema["$defs"] = new JsonObject
        {
            ["list"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["v"] = made.Leaf(), ["next"] = new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/$defs/list" }, new JsonObject { ["type"] = "null" }) } }, ["required"] = new JsonArray("v", "next") },
            ["leaf"] = made.Leaf(),
        };
        return JsonDocument.Parse(schema.ToJsonString()).RootElement;
    }

    private JsonObject Any()
    {
        _depth++;
        var made = _depth > 3 ? Leaf() : _random.Next(9) switch
        {
            0 or 1 or 2 => Object(),
            3 or 4 => Array(),
            5 => new JsonObject { ["anyOf"] = new JsonArray(Any(), Any(), Leaf()) },
            6 => new JsonObject { ["$ref"] = _random.Next(2) == 0 ? "#/$defs/list" : "#/$defs/leaf", ["description"] = "a reference" },
            7 => All(),
            _ => Leaf(),
        };
        _depth--;
        return made;
    }

    private JsonObject Leaf()
    {
        switch (_random.Next(9))
        {
            case 0:
                return new JsonObject { ["type"] = _random.Next(2) == 0 ? "boolean" : "null" };
            case 1:
                var least = _random.Next(-2000, 2000);
                return new JsonObject { ["type"] = new JsonArray("integer", "null"), ["minimum"] = least, [_random.Next(2) == 0 ? "maximum" : "exclusiveMaximum"] = least + _random.Next(1, 3000) };
            case 2:
                var low = Math.Round((decimal)((_random.NextDouble() - 0.5) * 100), _random.Next(4));
                var number = new JsonObject { ["type"] = "number", [_random.Next(2) == 0 ? "minimum" : "exclusiveMinimum"] = low };
                if (_random.Next(2) == 0)
                {
                    number["maximum"] = low + Math.Round((decimal)(_random.NextDouble() * 10) + 0.1m, 3);
                }

                if (_random.Next(3) == 0)
                {
                    number["multipleOf"] = 0.01m;
                }

                return number;
            case 3:
                return new JsonObject { ["type"] = "string", ["minLength"] = _random.Next(4), ["maxLength"] = _random.Next(4, 20) };
            case 4:
                return new JsonObject { ["type"] = new JsonArray("string", "null"), ["pattern"] = s_patterns[_random.Next(s_patterns.Length)] };
            case 5:
                return new JsonObject { ["type"] = "string", ["format"] = s_formats[_random.Next(s_formats.Length)] };
            case 6:
                return new JsonObject { ["enum"] = new JsonArray("one", 2, 2.5, null, "ünï\"\\\n", new JsonObject { ["k"] = new JsonArray(1, "a") }, true) };
            case 7:
                return new JsonObject { ["type"] = "string", ["pattern"] = "^[a-z ]*$", ["minLength"] = 2, ["maxLength"] = 6 };
            default:
                return new JsonObject { ["type"] = ((string[])["string", "integer", "number"])[_random.Next(3)], ["title"] = "plain" };
        }
    }

    private JsonObject Object()
    {
        var names = s_names.OrderBy(_ => _random.Next()).Take(_random.Next(6)).ToList();
        var made = new JsonObject { ["type"] = _random.Next(4) == 0 ? new JsonArray("object", "null") : "object", ["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)Any()))) };
        made["required"] = new JsonArray([.. names.Where(_ => _random.Next(2) == 0).Select(static name => JsonValue.Create(name))]);
        switch (_random.Next(4))
        {
            case 0:
                made["additionalProperties"] = false;
                break;
            case 1:
                made["additionalProperties"] = Leaf();
                break;
        }

        return made;
    }

    private JsonObject Array()
    {
        var made = new JsonObject { ["type"] = "array", ["items"] = Any() };
        if (_random.Next(2) == 0)
        {
            made["minItems"] = _random.Next(3);
            made["maxItems"] = _random.Next(3, 6);
        }

        if (_random.Next(4) == 0)
        {
            made["prefixItems"] = new JsonArray(Any(), Leaf());
        }

        return made;
    }

    private JsonObject All()
    {
        // Closed in words, it could not have what the other part requires.
        var first = Object();
        first.Remove("additionalProperties");
        return new JsonObject
        {
            ["allOf"] = new JsonArray(first, new JsonObject { ["properties"] = new JsonObject { ["more"] = Leaf() }, ["required"] = new JsonArray("more"), ["additionalProperties"] = true }),
            ["type"] = "object",
        };
    }
}
