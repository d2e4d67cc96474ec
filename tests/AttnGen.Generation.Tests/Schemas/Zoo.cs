using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AttnGen.Generation.Tests.Schemas;

/// <summary>.NET types as people ask models for.</summary>
internal static class Zoo
{
    /// <summary>Types whose schemas, as AIJsonUtilities writes them, say all that their readers ask for.</summary>
    public static readonly Type[] Plain =
    [
        typeof(string), typeof(int), typeof(long), typeof(double), typeof(float), typeof(decimal), typeof(bool), typeof(char), typeof(char?), typeof(int?), typeof(bool?),
        typeof(Guid), typeof(Guid?), typeof(DateTime), typeof(DateTimeOffset), typeof(DateTimeOffset?),
        typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(TimeSpan?), typeof(Version), typeof(Uri),
        typeof(Color), typeof(Color?), typeof(Access), typeof(int[]), typeof(List<string>), typeof(HashSet<string>),
        typeof(int[][]), typeof(Dictionary<string, double>), typeof(IReadOnlyDictionary<string, int[]>),
        typeof(Person), typeof(Address), typeof(Order), typeof(Line), typeof(Tree), typeof(Shape), typeof(Shape[]), typeof(Event), typeof(Money), typeof(Annotated),
        typeof(Weather), typeof(Optional), typeof(Renamed),
        typeof(Recipe), typeof(Graph), typeof(Answer<int>), typeof(Answer<Person?>), typeof(Anything), typeof(JsonObject), typeof(JsonElement), typeof(object),
        typeof(KeyValuePair<string, int>), typeof(Tuple<int, string>),
        typeof(Int128), typeof(Letters), typeof(Linked), typeof(Wide), typeof(Ratings), typeof(Matrix), typeof(Struct), typeof(Empty), typeof(IEnumerable<DateOnly>), typeof(Queue<Color>),
    ];

    /// <summary>Types that need <see cref="JsonTypeSchema"/>.</summary>
    public static readonly Type[] Narrow =
    [
        typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(uint), typeof(ulong), typeof(UInt128), typeof(Half), typeof(byte?), typeof(byte[]), typeof(ReadOnlyMemory<byte>),
        typeof(Numbers), typeof(NullableNumbers), typeof(Blob),
        typeof(List<byte?>), typeof(Dictionary<string, ushort>),
    ];

    public enum Color
    {
        Red,
        Green,
        Blue,
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Access>))]
    public enum Access
    {
        None,
        [JsonStringEnumMemberName("read-only ✓")]
        Read,
        Write,
    }

    public sealed record Person(string Name, int Age, string? Nickname, Color Favourite);

    public sealed record Address(string Street, string City, string? State, string PostCode, string Country);

    public sealed record Order(Guid Id, DateTimeOffset Placed, Person Customer, Address? Delivery, List<Line> Lines, decimal Total, bool IsPaid);

    public sealed record Line(string Article, int Count, decimal Price, DateOnly? Delivered);

    public sealed record Tree(string Name, Tree? Left, Tree? Right, List<Tree> Others);

    [JsonPolymorphic]
    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    [JsonDerivedType(typeof(Group), "group")]
    public abstract record Shape(string Label);

    public sealed record Circle(string Label, double Radius) : Shape(Label);

    public sealed record Square(string Label, int Side) : Shape(Label);

    public sealed record Group(string Label, List<Shape> Members) : Shape(Label);

    public sealed record Event(DateTime At, DateOnly Day, TimeOnly Time, TimeSpan Length, Uri Link, Version Version, char Mark, Guid? Owner);

    public readonly record struct Money(decimal Amount, string Currency);

    public sealed class Annotated
    {
        [Range(1, 10)]
        public int Stars { get; set; }

        [StringLength(12, MinimumLength = 2)]
        public string Title { get; set; } = "";

        [RegularExpression("^[a-z]+(-[a-z]+)*$")]
        public string Slug { get; set; } = "";

        [MinLength(1)]
        [MaxLength(3)]
        public int[] Places { get; set; } = [];

        [EmailAddress]
        public string Mail { get; set; } = "";

        [Url]
        public string Link { get; set; } = "";

        [Range(-0.5, 1.5)]
        public double Share { get; set; }

        [AllowedValues("a", "b")]
        public string Choice { get; set; } = "a";

        [Base64String]
        public string Picture { get; set; } = "";

        [Required]
        public string? Must { get; set; }
    }

    public sealed record Weather([property: JsonPropertyName("temperature (°C)")] float Temperature, [property: JsonPropertyName("wind \"gusts\"")] float Wind, string[] Warnings);

    public sealed class Optional
    {
        public string? A { get; set; }

        public int B { get; set; } = 3;

        public required bool C { get; set; }

        public List<int>? D { get; set; }
    }

    public sealed record Renamed([property: JsonPropertyName("kebab-name")] string Name, [property: JsonPropertyName("größe")] int Size, [property: JsonPropertyName("a/b~c")] bool Odd);

    public sealed record Recipe(string Name, Dictionary<string, string> Ingredients, string[] Steps, TimeSpan? Time);

    public sealed record Graph(Dictionary<string, List<Graph>> Edges, string? Label);

    public sealed record Answer<T>(T Data, string? Reason);

    public sealed record Anything(object Value, JsonElement Raw, JsonNode? Node);

    public sealed record Letters(char First, char? Second, char[] All);

    public sealed record Linked(int Value, Linked? Next);

    public sealed record Wide(int A1, int? A2, int? A3, string? A4, string? A5, bool? A6, double? A7,
        Guid? A8, Color? A9, DateTime? B1, List<int>? B2, Money? B3, Line? B4, char? B5, Access? B6, Dictionary<string, bool>? B7);

    public sealed record Ratings(Dictionary<string, Dictionary<string, int>> ByUser);

    public sealed record Matrix(double[][] Rows, (int, int)? Size);

    public struct Struct
    {
        public int X { get; set; }

        public string? Y { get; set; }
    }

    public sealed record Empty;

    public sealed record Numbers(byte A, sbyte B, short C, ushort D, int E, uint F, long G, ulong H, float I, double J, decimal K, Half L);

    public sealed record NullableNumbers(byte? A, ushort? D, uint? F, ulong? H, Half? L, byte[]? Data);

    public sealed record Blob(string Name, byte[] Data, ReadOnlyMemory<byte> More);
}
