using System.Text.Json;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>What is not followed is refused by name, with the place.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("""{"properties":{"a":{"not":{"type":"null"}}}}""", "#/properties/a: the keyword 'not' cannot be held. Keywords that are held: ")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "'uniqueItems'")]
    [InlineData("""{"patternProperties":{"a":true}}""", "'patternProperties'")]
    [InlineData("""{"if":true}""", "'if'")]
    [InlineData("""{"type":"object","minProperties":1}""", "'minProperties'")]
    [InlineData("""{"type":"text"}""", "type \"text\" is not known")]
    [InlineData("""{"items":[{"type":"null"}]}""", "prefixItems")]
    [InlineData("""{"type":"string","format":"iri"}""", "the format 'iri' is not known. Known are date, ")]
    [InlineData("""{"type":"string","pattern":"(?=a)"}""", "looks around")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "has \\1")]
    [InlineData("""{"type":"string","pattern":"a^b"}""", "has an anchor within")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "has a '(' too many")]
    [InlineData("""{"type":"string","pattern":"a)"}""", "has a ')' too many")]
    [InlineData("""{"type":"string","pattern":"[a"}""", "has a '[' too many")]
    [InlineData("""{"type":"string","pattern":"*a"}""", "has '*' behind nothing")]
    [InlineData("""{"type":"string","pattern":"a{3,2}"}""", "repeats {3,2}")]
    [InlineData("""{"type":"string","pattern":"a**"}""", "repeats a repetition")]
    [InlineData("""{"type":"string","pattern":"\\p{L}"}""", "has \\p")]
    [InlineData("""{"type":"string","contentEncoding":"base32"}""", "contentEncoding")]
    [InlineData("""{"type":"integer","multipleOf":7}""", "multipleOf")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "alternatives 0 and 1 of oneOf may both hold")]
    [InlineData("""{"$ref":"#/$defs/no"}""", "leads nowhere: there is no '$defs'")]
    [InlineData("""{"$ref":"other.json"}""", "leads out of the schema")]
    [InlineData("""{"$ref":"#"}""", null)]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "no value can be")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"null"}]}""", "no value can be")]
    [InlineData("false", "no value can be")]
    [InlineData("3", "a schema is an object, true or false; this is Number")]
    [InlineData("""{"type":"array","minItems":20000}""", "20,000 items are counted")]
    [InlineData("""{"type":"string","minLength":-1}""", "minLength is below 0")]
    [InlineData("""{"type":"string","maxLength":"3"}""", "maxLength is String")]
    [InlineData("""{"minimum":1e99999}""", "beyond all numbers")]
    public void SchemasAreRefusedByName(string schema, string? message)
    {
        JsonGrammar Create() => JsonGrammar.Create(JsonDocument.Parse(schema).RootElement, Vocabularies.Bytes);
        if (message is null)
        {
            Assert.NotNull(Create());
        }
        else
        {
            Assert.Contains(message, Assert.Throws<NotSupportedException>(Create).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ATokenThatMayNotComeIsRefusedAndChangesNothing()
    {
        var constraint = JsonGrammar.Create(JsonDocument.Parse("""{"const":"ab"}""").RootElement, Vocabularies.Of("\"", "a", "b", "x", "\"x", "")).CreateConstraint(5);
        constraint.Accept(0);
        Assert.Throws<ArgumentException>(() => constraint.Accept(3));
        Assert.Throws<ArgumentException>(() => constraint.Accept(5));
        Assert.Throws<ArgumentException>(() => constraint.Accept(99));
        Assert.Throws<ArgumentException>(() => constraint.Mask(new float[5]));
        foreach (var id in new[] { 1, 2, 0 })
        {
            Assert.False(constraint.MayEnd);
            Assert.True(constraint.Allows(id));
            constraint.Accept(id);
        }

        Assert.True(constraint.IsComplete);
        constraint.Accept(5);
        var logits = new float[7];
        constraint.Mask(logits);
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 0, float.NegativeInfinity], logits);
    }

    [Fact]
    public void DepthIsWhatReadersTake()
    {
        var any = JsonGrammar.Create(JsonDocument.Parse("true").RootElement, Vocabularies.Bytes);
        Assert.True(Follow.Whole(any, Nested(64)));
        Assert.False(Follow.Whole(any, Nested(65)));
        Assert.True(Follow.Whole(JsonGrammar.Create(JsonDocument.Parse("true").RootElement, Vocabularies.Bytes, new() { MaxDepth = 65 }), Nested(65)));
        var deep = JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"object","properties":{"b":{"type":"array"}},"required":["b"]}},"required":["a"]}""").RootElement;
        Assert.Contains("MaxDepth is 2", Assert.Throws<NotSupportedException>(() => JsonGrammar.Create(deep, Vocabularies.Bytes, new() { MaxDepth = 2 })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""", false)]
    [InlineData("""{"a":{"a":1},"b":{"a":1}}""", true)]
    [InlineData("""{"a":[{"b":1},{"b":1,"b":2}]}""", false)]
    [InlineData("""{"a": 1, "b": [1, 2]}""", true)]
    [InlineData("""{"a":1 }""", false)]
    [InlineData("""{"a":1,  "b":2}""", false)]
    [InlineData("""{"\u0061":1}""", false)]
    [InlineData("\"\\ud83d\\ude00 \\u00e9 \\/\"", true)]
    [InlineData("\"\\ud83d\"", false)]
    [InlineData("\"\\ude00\"", false)]
    [InlineData("-0.5e-3", true)]
    [InlineData("01", false)]
    [InlineData("1e400", false)]
    public void AnyJsonIsWhatReadersTake(string text, bool isTaken) => Assert.Equal(isTaken, Follow.Whole(JsonGrammar.Create(JsonDocument.Parse("true").RootElement, Vocabularies.Bytes), text));

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);
}
