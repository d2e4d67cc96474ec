using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace AttnGen.Generator.Tests;

/// <summary>
/// Data flows one way: attribute or folder → Parsing / Models → Spec → Planning → Plan → Emission → source. The table says which folder of the generator may use
/// which, and the compiled code is held against it: signatures, fields, attributes, and every instruction.
/// </summary>
public sealed class ArrowTests
{
    private const string Root = "AttnGen.Generator";

    // What a folder may use beside itself and the root's helpers (Text, Limits, the compiler's polyfills). Shared source (Folders, Sentences) has its own namespace.
    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Json"] = [],
        ["Diagnostics"] = ["Spec"],
        ["Spec"] = [],
        ["Models"] = ["Spec", "Diagnostics", "Json", "Folders", "Sentences"],
        ["Parsing"] = ["Spec", "Diagnostics", "Folders"],
        ["Planning"] = ["Spec"],
        ["Emission"] = ["Planning", "Spec", "Emission.Kernels", "Emission.Writing"],
        ["Emission.Kernels"] = ["Planning", "Spec", "Emission.Writing"],
        ["Emission.Writing"] = [],
        ["Templates"] = ["Spec", "Json", "Folders", "Emission", "Emission.Writing"],
        ["Folders"] = ["Json", "Sentences"],
        ["Sentences"] = ["Json"],
    };

    // Emission prints what Planning decided: of the Spec it may know names, lists and what classes and methods are called, but nothing that was asked.
    private static readonly string[] s_specInEmission =
        ["EquatableArray`1", "EquatableArray", "TypeSpec", "TypeDeclaration", "StandInSpec", "Signature", "Signatures", "Parameter", "ShapeKind", "GeneratedMember", "GeneratedMembers", "NormKind", "TensorPart"];

    [Fact]
    public void EveryFolderUsesOnlyWhatItMay()
    {
        List<string> wrong = [];
        foreach (var type in typeof(AttnGenGenerator).Assembly.GetTypes())
        {
            if (Folder(type) is not { Length: > 0 } folder)
                continue;
            Assert.True(s_mayUse.ContainsKey(folder), $"The folder {folder} has no row in the table of arrows.");
            foreach (var used in Uses(type))
            {
                string other = Folder(used)!;
                bool may = other == folder || s_mayUse[folder].Contains(other);
                if (may && other == "Spec" && folder.StartsWith("Emission", StringComparison.Ordinal))
                    may = s_specInEmission.Contains(Outer(used).Name);
                if (!may)
                    wrong.Add($"{folder} → {other}: {Outer(type).Name} uses {Outer(used).Name}");
            }
        }

        Assert.Empty(wrong.Distinct().Order());
    }

    [Fact]
    public void TheTableHasNoCircle()
    {
        var left = s_mayUse.ToDictionary(row => row.Key, row => row.Value.ToHashSet());
        while (left.Count > 0)
        {
            var free = left.Where(row => row.Value.Count == 0).Select(row => row.Key).ToList();
            Assert.True(free.Count > 0, $"a circle among {string.Join(", ", left.Keys)}");
            foreach (string name in free)
                left.Remove(name);
            foreach (var row in left.Values)
                row.ExceptWith(free);
        }
    }

    [Fact]
    public void TheTestSeesWhatCodeDoes()
    {
        // Planner.Plan makes a builder, which is in no signature: the instructions say so.
        Assert.Contains(Uses(typeof(Planning.Planner)), used => used == typeof(Spec.TransformerSpec));
        Assert.Contains(Uses(typeof(Emission.PlanText)), used => used == typeof(Planning.LaneTable));
    }

    private static string? Folder(Type type)
    {
        string name = Outer(type).Namespace ?? "";
        return name == Root ? "" : name.StartsWith(Root + ".", StringComparison.Ordinal) ? name[(Root.Length + 1)..]
            : name is "AttnGen.Folders" or "AttnGen.Sentences" ? name["AttnGen.".Length..] : null;
    }

    private static Type Outer(Type type) => type.DeclaringType is { } outer ? Outer(outer) : type;

    /// <summary>Types of the generator's folders that a type names anywhere.</summary>
    private static HashSet<Type> Uses(Type type)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        HashSet<Type> found = [];
        Add(type.BaseType);
        foreach (var face in type.GetInterfaces())
            Add(face);
        foreach (var field in type.GetFields(All))
            Add(field.FieldType);
        foreach (var property in type.GetProperties(All))
            Add(property.PropertyType);
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            foreach (var parameter in method.GetParameters())
                Add(parameter.ParameterType);
            if (method is MethodInfo { ReturnType: { } result })
                Add(result);
            if (method.GetMethodBody() is not { } body)
                continue;
            foreach (var local in body.LocalVariables)
                Add(local.LocalType);
            foreach (var member in Members(method, body.GetILAsByteArray() ?? []))
            {
                Add(member as Type ?? member.DeclaringType);
                if (member is MethodBase called)
                {
                    if (called.IsGenericMethod)
                        Array.ForEach(called.GetGenericArguments(), Add);
                    foreach (var parameter in called.GetParameters())
                        Add(parameter.ParameterType);
                    if (called is MethodInfo { ReturnType: { } returned })
                        Add(returned);
                }
                else if (member is FieldInfo field)
                {
                    Add(field.FieldType);
                }
            }
        }

        if (type.IsNested is false)
        {
            foreach (var nested in type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic))
                found.UnionWith(Uses(nested));
        }

        return found;

        void Add(Type? used)
        {
            if (used is null)
                return;
            if (used.HasElementType)
                Add(used.GetElementType());
            if (used.IsGenericType)
                Array.ForEach(used.GetGenericArguments(), Add);
            if (!used.IsGenericParameter && Folder(used) is { Length: > 0 } && Outer(used) != Outer(type) && used.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
                found.Add(used.IsGenericType ? used.GetGenericTypeDefinition() : used);
        }
    }

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>What the instructions of a method name.</summary>
    private static IEnumerable<MemberInfo> Members(MethodBase method, byte[] il)
    {
        for (int i = 0; i < il.Length;)
        {
            short value = il[i++];
            if (value == 0xFE)
                value = unchecked((short)(0xFE00 | il[i++]));
            var code = s_opCodes[value];
            int size = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, i),
                _ => 4,
            };
            if (code.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                var member = method.Module.ResolveMember(
                    BitConverter.ToInt32(il, i), method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
                if (member is not null)
                    yield return member;
            }

            i += size;
        }
    }
}
