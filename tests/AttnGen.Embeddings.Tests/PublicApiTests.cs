using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace AttnGen.Embeddings.Tests;

/// <summary>What the packages promise: every public and protected member, one line each. A change of a line is a change for users, to be made on purpose (docs/common-tasks.md).</summary>
public class PublicApiTests
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(nint)] = "nint",
        [typeof(ushort)] = "ushort",
        [typeof(short)] = "short",
        [typeof(uint)] = "uint",
    };

    [Theory]
    [InlineData("AttnGen")]
    [InlineData("AttnGen.Tokenizers")]
    [InlineData("AttnGen.Embeddings")]
    [InlineData("AttnGen.Generation")]
    public void SurfaceIsThatOfTheSnapshot(string assembly)
    {
        var text = new StringBuilder();
        var types = Assembly.Load(assembly).GetExportedTypes();
        Assert.True(types.Length > 2, $"Only {types.Length} types were found.");
        foreach (var type in types.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }

        new Snapshots("tests/AttnGen.Embeddings.Tests/PublicApi").Verify(assembly, "txt", text.ToString().TrimEnd() + "\n");
    }

    private static string Declaration(Type type)
    {
        string kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsValueType ? (type.IsDefined(typeof(IsByRefLikeAttribute)) ? "ref struct" : "struct")
            : type.IsAbstract && type.IsSealed ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class" : "class";
        var bases = (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) ? [parent] : Type.EmptyTypes)
            .Concat(type.IsEnum ? [] : type.GetInterfaces().Where(face => face.IsVisible))
            .Select(Name).Order(StringComparer.Ordinal).ToList();
        return $"{kind} {(type.Namespace is { Length: > 0 } space ? space + "." : "")}{Name(type)}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => string.Create(CultureInfo.InvariantCulture, $"{Enum.Format(type, Enum.Parse(type, name), "D"),3} {name}"));
        var fields = type.GetFields(All).Where(field => Seen(field.Attributes))
            .Select(field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}{(field.IsLiteral ? " = " + Value(field.GetRawConstantValue()) : "")}");
        var properties = type.GetProperties(All).Where(property => property.GetAccessors(nonPublic: true).Any(Seen)).Select(Property);
        var events = type.GetEvents(All).Where(one => Seen(one.AddMethod!)).Select(one => $"event {Name(one.EventHandlerType!)} {one.Name}");
        var constructors = type.GetConstructors(All).Where(Seen).Where(one => !one.IsStatic).Select(one => $"{Access(one)}{Plain(type)}({Parameters(one)})");
        var methods = type.GetMethods(All).Where(Seen)
            .Where(method => !method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
            .Where(method => !method.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(method => $"{Access(method)}{Static(method)}{Name(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})");
        return fields.Concat(properties).Concat(events).Concat(constructors).Concat(methods);
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(Seen).ToList();
        var setter = accessors.Find(accessor => accessor == property.SetMethod);
        bool init = setter?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        string index = property.GetIndexParameters() is { Length: > 0 } keys ? $"[{string.Join(", ", keys.Select(Parameter))}]" : "";
        return $"{Access(accessors[0])}{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{Static(accessors[0])}{Name(property.PropertyType)} {property.Name}{index} {{ {(property.GetMethod is { } get && Seen(get) ? "get; " : "")}{(setter is null ? "" : init ? "init; " : "set; ")}}}";
    }

    private static bool Seen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool Seen(FieldAttributes field) => (field & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem && (field & FieldAttributes.SpecialName) == 0;

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Static(MethodBase method) =>
        method.IsStatic ? (method.DeclaringType!.IsInterface && method.IsAbstract ? "static abstract " : "static ")
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && !method.IsFinal ? (method is MethodInfo own && own.GetBaseDefinition() != own ? "override " : "virtual ") : "";

    private static string Generic(MethodInfo method) => method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string by = parameter.ParameterType.IsByRef ? (parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ") : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        return $"{by}{Name(parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue) : "")}";
    }

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text.ReplaceLineEndings("\\n")}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Plain(Type type) => type.Name.Split('`')[0];

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return "ref " + Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (s_keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        string outer = type.IsNested ? Name(type.DeclaringType!) + "." : "";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        return outer + (type.IsGenericType ? $"{Plain(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name);
    }

    /// <summary>Attributes are of use to the compiler alone: what is built does not carry them, and a constructor may grow without breaking it.</summary>
    [Fact]
    public void AttributesOfShapesAreNotCompiledIn()
    {
        var attributes = typeof(AttentionAttribute).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(Attribute))).ToList();
        Assert.Equal(12, attributes.Count);
        Assert.All(attributes, type => Assert.Equal("ATTNGEN_ATTRIBUTES", type.GetCustomAttribute<System.Diagnostics.ConditionalAttribute>()?.ConditionString));
    }
}
