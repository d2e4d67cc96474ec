using System.Reflection;
using AttnGen.Generator.Spec;

namespace AttnGen.Generator.Tests;

/// <summary>The generated methods are those of the library's interfaces: the compiler would say so of names and types, but not of what parameters are called and which may be left out.</summary>
public sealed class SignatureTests
{
    private static readonly Type[] s_interfaces =
        [.. typeof(ITransformerModel).Assembly.GetExportedTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(ITransformerModel)) && !type.IsGenericType && type != typeof(ITransformerModel))];

    [Fact]
    public void Every_interface_of_a_model_has_the_method_of_the_table_and_no_other()
    {
        var calls = Signatures.Of(ShapeKind.TransformerModel).Where(call => call.Interface.Length > 0).ToList();
        Assert.Equal(s_interfaces.Select(type => type.Name).Order(), calls.Select(call => call.Interface).Order());
        Assert.All(s_interfaces, type => Assert.Equal(Assert.Single(calls, call => call.Interface == type.Name).Declaration, Declaration(Assert.Single(type.GetMethods()))));
    }

    [Fact]
    public void Load_is_that_of_the_interface() =>
        Assert.Equal(Signatures.LoadModel[0].Declaration, Declaration(Assert.Single(typeof(ITransformerModel<>).GetMethods(), method => method.IsAbstract)));

    private static string Declaration(MethodInfo method)
    {
        var context = new NullabilityInfoContext();
        return $"{method.Name}({string.Join(", ", method.GetParameters().Select(Parameter))})";

        string Parameter(ParameterInfo parameter)
        {
            var type = parameter.ParameterType;
            bool isNullable = !type.IsValueType && context.Create(parameter).WriteState == NullabilityState.Nullable;
            return $"{Name(type)}{(isNullable ? "?" : "")} {parameter.Name}{(parameter.HasDefaultValue ? type == typeof(int) ? " = 0" : type.IsValueType ? " = default" : " = null" : "")}";
        }
    }

    private static string Name(Type type) =>
        type == typeof(int) ? "int" : type == typeof(float) ? "float" : type == typeof(string) ? "string"
            : type.IsGenericType ? $"global::{type.Namespace}.{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : $"global::{type.Namespace}.{type.Name}";
}
