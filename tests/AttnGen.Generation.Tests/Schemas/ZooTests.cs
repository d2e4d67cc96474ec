using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>Whatever a model says under a type's mask is valid, and is read into the type.</summary>
public sealed class ZooTests
{
    private const int Seeds = 6;

    public static TheoryData<Type> Plain => [.. Zoo.Plain];

    public static TheoryData<Type> All => [.. Zoo.Plain, .. Zoo.Narrow];

    [Theory]
    [MemberData(nameof(Plain))]
    public void WhatAIJsonUtilitiesWrites(Type type) => Check(type, AIJsonUtilities.CreateJsonSchema(type), 0);

    [Theory]
    [MemberData(nameof(All))]
    public void WhatTypesCanHold(Type type) => Check(type, JsonTypeSchema.Create(type), 100);

    /// <summary>So that tests of short numbers would see a mistake.</summary>
    [Fact]
    public void TheLargestNumbersAreWithinReach()
    {
        foreach (var (type, texts) in new (Type, string[])[]
        {
            (typeof(byte), ["0", "255"]), (typeof(sbyte), ["-128", "127"]), (typeof(short), ["-32768"]), (typeof(ushort), ["65535"]), (typeof(int), ["-2147483648", "2147483647"]),
            (typeof(uint), ["4294967295"]), (typeof(long), ["-9223372036854775808", "9223372036854775807"]), (typeof(ulong), ["18446744073709551615"]), (typeof(Half), ["65504", "-65504", "0.5"]),
        })
        {
            var grammar = JsonGrammar.Create(JsonTypeSchema.Create(type), Vocabularies.Bytes);
            foreach (var text in texts)
            {
                Assert.True(Follow.Whole(grammar, text), text);
                Assert.False(Follow.Whole(grammar, Beyond(text)), Beyond(text));
            }
        }
    }

    // The next number that the type cannot hold, for those at an end; for others a form that no reader of the type takes.
    private static string Beyond(string text) => text is "0" ? "-1" : text is "0.5" ? "65504.5" : text[..^1] + (char)(text[^1] + 1);

    private static void Check(Type type, JsonElement schema, int seed)
    {
        var grammar = JsonGrammar.Create(schema, Vocabularies.Gpt2);
        for (var i = 0; i < Seeds; i++)
        {
            var text = RandomText.Write(grammar, Vocabularies.Gpt2, seed + i, i < 2 ? Math.Max(40, grammar.FewestBytes) : RandomText.MostTokens + grammar.FewestBytes);
            Valid.Check(schema, text);
            try
            {
                _ = JsonSerializer.Deserialize(text, type, AIJsonUtilities.DefaultOptions);
            }
            catch (JsonException problem)
            {
                Assert.Fail($"{type}: {problem.Message}\n{schema}\n{text}");
            }
        }
    }
}
