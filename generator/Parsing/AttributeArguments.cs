using AttnGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator.Parsing;

/// <summary>
/// The arguments of one attribute by parameter name, each with its place: the expression where it is written,
/// the attribute's name where it is not. The readers below check an argument alone, report what is wrong at its place
/// and return null; checks that need several arguments ask for each to be there and so report no error twice.
/// </summary>
internal sealed class AttributeArguments
{
    private readonly Dictionary<string, object?> _values = [];
    private readonly Dictionary<string, LocationInfo?> _places = [];
    private readonly Dictionary<string, List<(string Name, int Value)>> _members = [];
    private readonly List<string> _asked = [];

    private AttributeArguments(LocationInfo? attribute) => Attribute = attribute;

    /// <summary>The place of the attribute's name.</summary>
    public LocationInfo? Attribute { get; }

    /// <summary>The attribute in C#, with every argument that differs from its default.</summary>
    public string Asked(string attribute) => $"[{attribute}({string.Join(", ", _asked)})]";

    /// <summary>What was found wrong so far.</summary>
    public List<DiagnosticInfo> Diagnostics { get; } = [];

    /// <summary>A parameter that this generator knows and the attribute of the referenced library does not have; null if all is well.</summary>
    public string? MissingParameter { get; private set; }

    /// <summary>Null if the compiler itself refuses the attribute, and says so.</summary>
    public static AttributeArguments? TryRead(AttributeData data, CancellationToken cancellationToken)
    {
        if (data.AttributeConstructor is not { } constructor
            || data.ConstructorArguments.Length != constructor.Parameters.Length
            || data.ConstructorArguments.Any(argument => argument.Kind is not (TypedConstantKind.Primitive or TypedConstantKind.Enum)))
            return null;

        var syntax = data.ApplicationSyntaxReference?.GetSyntax(cancellationToken) as AttributeSyntax;
        var arguments = new AttributeArguments(LocationInfo.From(syntax?.Name.GetLocation()));
        for (var i = 0; i < constructor.Parameters.Length; i++)
        {
            arguments._values[constructor.Parameters[i].Name] = data.ConstructorArguments[i].Value;
            if (constructor.Parameters[i].Type is { TypeKind: TypeKind.Enum } type)
            {
                arguments._members[constructor.Parameters[i].Name] = type.GetMembers().OfType<IFieldSymbol>()
                    .Where(field => field.ConstantValue is int)
                    .Select(field => (field.Name, (int)field.ConstantValue!))
                    .ToList();
            }
        }

        for (var i = 0; i < constructor.Parameters.Length; i++)
        {
            var parameter = constructor.Parameters[i];
            var value = data.ConstructorArguments[i].Value;
            if (!parameter.HasExplicitDefaultValue || !Equals(parameter.ExplicitDefaultValue, value))
                arguments._asked.Add($"{parameter.Name}: {arguments.Written(parameter, value)}");
        }

        var position = 0;
        foreach (var written in syntax?.ArgumentList?.Arguments ?? default)
        {
            var name = written.NameColon?.Name.Identifier.ValueText;
            if (name is null && position < constructor.Parameters.Length)
                name = constructor.Parameters[position].Name;
            position++;
            if (name is not null)
                arguments._places[name] = LocationInfo.From(written.Expression.GetLocation());
        }

        return arguments;
    }

    private string Written(IParameterSymbol parameter, object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        double number => Text.Of(number),
        int number when _members.TryGetValue(parameter.Name, out var members) && members.FirstOrDefault(member => member.Value == number).Name is { } name => $"{parameter.Type.Name}.{name}",
        int number => Text.Of(number),
        string text => Text.Literal(text),
        _ => "?",
    };

    public LocationInfo? Place(string name) => _places.TryGetValue(name, out var place) ? place : Attribute;

    public void Report(DiagnosticDescriptor descriptor, string name, params string[] arguments)
    {
        var diagnostic = DiagnosticInfo.Create(descriptor, Place(name), arguments);
        if (!Diagnostics.Contains(diagnostic))
            Diagnostics.Add(diagnostic);
    }

    public string Word(string name) => _values.TryGetValue(name, out var value) && value is string text ? text : "";

    public bool Flag(string name) => Value<bool>(name);

    /// <summary>A size from <paramref name="minimum"/> to <paramref name="maximum"/>. Where 0 stands for a default, the minimum is 0.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="maximum">The largest value.</param>
    /// <param name="meaning">What to give, as the sentence that ends the message.</param>
    /// <param name="minimum">The smallest value.</param>
    public int? Size(string name, int maximum, string meaning, int minimum = 1)
    {
        var value = Value<int>(name);
        if (value >= minimum && value <= maximum)
            return value;
        Report(Descriptors.Size, name, name, Text.Of(value), Text.Of(minimum), Text.Of(maximum), meaning);
        return null;
    }

    /// <summary>A number that has to be finite, as a float as well, and at least 0 (<paramref name="zero"/> says what 0 means) or above 0.</summary>
    public double? Number(string name, string? zero, string meaning)
    {
        var value = Value<double>(name);
        if (value == 0 && zero is not null)
            return 0; // Minus zero is zero.
        if (value > 0 && value <= float.MaxValue && (float)value > 0)
            return value;
        var range = zero is null ? "above 0 and finite as a float" : $"above 0 and finite as a float, or 0 ({zero})";
        Report(Descriptors.Number, name, name, Text.Of(value), range, meaning);
        return null;
    }

    /// <summary>A member of the enum <typeparamref name="T"/>, whose numbers are those of the public enum <paramref name="publicName"/>.</summary>
    public T? Choice<T>(string name, string publicName)
        where T : struct, Enum
    {
        var value = Value<int>(name);
        if (Enum.IsDefined(typeof(T), value))
            return (T)Enum.ToObject(typeof(T), value);
        var members = Enum.GetNames(typeof(T)).Select(member => $"{publicName}.{member}").ToList();

        Report(Descriptors.UndefinedChoice, name, name, Text.Of(value), publicName, Text.AnyOf(members));
        return null;
    }

    /// <summary>The name of a member of the public enum <paramref name="publicName"/> itself: the table of activations, which nothing here repeats.</summary>
    public string? MemberName(string name, string publicName)
    {
        var value = Value<int>(name);
        if (!_members.TryGetValue(name, out var members))
            return null;
        foreach (var member in members)
        {
            if (member.Value == value)
                return member.Name;
        }

        Report(Descriptors.UndefinedChoice, name, name, Text.Of(value), publicName, Text.AnyOf(members.Select(member => $"{publicName}.{member.Name}").ToList()));
        return null;
    }

    private T? Value<T>(string name)
    {
        if (_values.TryGetValue(name, out var value) && value is T typed)
            return typed;
        MissingParameter ??= name;
        return default;
    }
}
