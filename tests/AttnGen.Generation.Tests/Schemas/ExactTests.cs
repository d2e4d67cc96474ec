using System.Globalization;
using System.Text;
using System.Text.Json;
using AttnGen.Generation.Schemas;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>A token may come next if, and only if, some text goes on with it.</summary>
public sealed class ExactTests
{
    // Tokens of the letters that the texts below have, most of them across borders of the grammar.
    private static readonly TokenTree s_tree = Vocabularies.Of(
        "{", "}", "[", "]", ",", ":", "\"", "a", "b", "-", "1", "2", "0", "n", "u", "l", "t", "r", "e", "f",
        "s", "\\", ".", "\"a", "a\"", "\":", "\",", "{\"", "\"}", "},", "]}", "[1", "1,", ",1",
        "1]", "]]",
        "null", "tr", "ue", "true,", "\"a\":", "\"b\":1", ",\"", "12", "1}", "aa", "ab\"", "\"\"", "\"\",\"", "[[", "],[", "[]", "{}", "null}", ",null",
        "1.2", ".1", "10", "0}", "a\":[", "\"]", "\\\"", "\\\\", "c", "\"c", "é", "\"é\"", "");

    public static TheoryData<string> Schemas =>
    [
        """{"const":"ab"}""",
        """{"enum":["a","ab","b",1,12,null,true]}""",
        """{"type":"boolean"}""",
        """{"type":["boolean","null"]}""",
        """{"type":"integer","minimum":-2,"maximum":21}""",
        """{"type":"integer","minimum":8,"maximum":12}""",
        """{"type":"integer","exclusiveMinimum":-12,"exclusiveMaximum":-1}""",
        """{"type":"number","minimum":-1.2,"maximum":2.1,"multipleOf":0.1}""",
        """{"type":"string","maxLength":2,"pattern":"^[ab]*$"}""",
        """{"type":"string","minLength":1,"maxLength":3,"pattern":"^(a|bb)*é?$"}""",
        """{"type":"string","pattern":"^\"?\\\\?$"}""",
        """{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":2},"b":{"type":"boolean"}},"required":["a"]}""",
        """{"type":"object","properties":{"a":{"enum":[1]},"b":{"enum":[1,null]},"c":{"const":"a"}}}""",
        """{"type":"object","properties":{"a":{"type":["array","null"],"maxItems":2,"items":{"enum":[1,12]}},"b":{"const":1}},"required":["b"]}""",
        """{"type":"array","maxItems":3,"items":{"enum":[1,12,true]}}""",
        """{"type":"array","minItems":1,"maxItems":2,"items":{"type":"array","maxItems":1,"items":{"type":"null"}}}""",
        """{"type":"array","prefixItems":[{"const":1},{"const":"a"}],"minItems":1}""",
        """{"type":"array","prefixItems":[{"const":1}],"items":{"const":2},"maxItems":3}""",
        """{"anyOf":[{"const":"a"},{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"object","properties":{"a":{"const":12},"b":{"const":1}},"required":["a","b"]}]}""",
        """{"anyOf":[{"type":"array","maxItems":2,"items":{"const":1}},{"type":"array","maxItems":2,"items":{"enum":[12,1]}}]}""",
        """{"oneOf":[{"type":"integer","minimum":1,"maximum":2},{"type":"null"}]}""",
        """{"allOf":[{"type":"object","properties":{"a":{"enum":[1,2,12]}}},{"properties":{"a":{"enum":[2,12,null]},"b":{"const":true}},"required":["b"]}]}""",
        """{"$ref":"#/$defs/x","$defs":{"x":{"type":"array","maxItems":1,"items":{"$ref":"#/$defs/y"}},"y":{"enum":["a",null]}}}""",
        """{"type":"object","properties":{"a":false,"b":{"const":1}}}""",
        """{"const":{"a":[1,{"b":null}],"c":"a"}}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public void TheMaskIsExact(string json)
    {
        var schema = JsonDocument.Parse(json).RootElement;
        var language = FiniteLanguage.Of(schema, schema).Select(Encoding.UTF8.GetBytes).ToList();
        Assert.InRange(language.Count, 1, 5_000);
        var texts = new HashSet<string>(language.Select(Convert.ToHexString), StringComparer.Ordinal);
        var prefixes = new HashSet<string>(language.SelectMany(static text => Enumerable.Range(0, text.Length + 1).Select(length => Convert.ToHexString(text.AsSpan(0, length)))), StringComparer.Ordinal);
        var grammar = JsonGrammar.Create(schema, s_tree, new() { AllowSpaces = false });
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var constraint = grammar.CreateConstraint(s_tree.VocabularySize - 1);
            var text = "";
            while (true)
            {
                var allowed = new List<int>();
                for (var id = 0; id < s_tree.VocabularySize - 1; id++)
                {
                    var next = text + Convert.ToHexString(s_tree.Bytes(id, new byte[16]));
                    Assert.True(constraint.Allows(id) == prefixes.Contains(next), $"{Shown(text)} + {Shown(next)}: {constraint.Allows(id)}");
                    if (constraint.Allows(id))
                    {
                        allowed.Add(id);
                    }
                }

                Assert.Equal(texts.Contains(text), constraint.MayEnd);
                Assert.Equal(texts.Contains(text), constraint.Allows(s_tree.VocabularySize - 1));
                Assert.Equal(constraint.IsComplete, constraint.MayEnd && allowed.Count == 0);
                if (allowed.Count == 0)
                {
                    break;
                }

                var taken = allowed[random.Next(allowed.Count)];
                constraint.Accept(taken);
                text += Convert.ToHexString(s_tree.Bytes(taken, new byte[16]));
            }
        }
    }

    private static string Shown(string hex) => Encoding.UTF8.GetString(Convert.FromHexString(hex)).ToString(CultureInfo.InvariantCulture);
}
