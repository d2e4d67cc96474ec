using AttnGen.Testing;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Generator.Tests;

/// <summary>Generated code means what it says whatever the user's own types, namespaces, members and aliases are called.</summary>
public class HostileNamesTests
{
    /// <summary>Every simple name that generated code of any shape uses for something of .NET's or the library's, and words that are types unless one is called so.</summary>
    private const string Types =
        "class @var; class @dynamic; class nint; class nuint; class Math; class MathF; class Unsafe; class MemoryMarshal; class Interlocked; class Volatile; class Func; class Func<T, U>; class IDisposable; "
        + "class MethodImpl; class MethodImplAttribute; class MethodImplOptions; class ObjectDisposedException; class InvalidOperationException; class ArgumentException; class Type; class String; class Single; class Int32; class Boolean; class Object; class Void; "
        + "class Vector; class Vector64; class Vector128; class Vector256; class Vector512; class Vector128<T>; class Vector256<T>; class Vector512<T>; class Span<T>; class ReadOnlySpan<T>; class IntPtr; class UIntPtr; "
        + "class Runtime; class Generated; class Program; class ILane; class Lane128; class Lane256; class Lane512; class Session; class Stream; class IO; class Threading; class Intrinsics; class InteropServices; class CompilerServices; "
        + "static class Extensions { public static void StoreUnsafe<T>(this global::System.Runtime.Intrinsics.Vector512<T> v, ref T to) { } public static void StoreUnsafe<T>(this global::System.Runtime.Intrinsics.Vector256<T> v, ref T to) { } public static void StoreUnsafe<T>(this global::System.Runtime.Intrinsics.Vector128<T> v, ref T to) { } public static float ToScalar(this global::System.Runtime.Intrinsics.Vector128<float> v) => 0; public static void CopyTo(this global::System.ReadOnlySpan<float> x, global::System.Span<float> y) { } } ";

    /// <summary>Names of the library's own types, where they are not the library's.</summary>
    private const string LibraryTypes =
        "class VectorMath; class AttentionMask; class ForwardTrace; class ScoreMask; class ShownWeights; class Traces; class HeadLayout; class Pools; class Check; class Calls; class AlignedBlock; class SessionPool; class WeightLoader; class SimdLane; class Rotation; class RowNorms; class ITensorSource; class SafetensorsFile; ";

    public static TheoryData<string> Names => Shapes.Names;

    /// <summary>All at once, in the global namespace, in the class's, in AttnGen and in the namespace that the kernels had; as aliases and static usings for everybody; and in a base class.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryShapeCompilesAmongThem(string name)
    {
        string source = $$"""
            global using MathF = Other.Thing;
            global using Unsafe2 = Other.Thing;
            global using static Other.Functions;
            {{Types}} {{LibraryTypes}}
            namespace AttnGen { {{Types.Replace("class Runtime;", "", StringComparison.Ordinal).Replace("class Generated;", "", StringComparison.Ordinal)}} }
            namespace AttnGen.Runtime { {{Types.Replace("class Runtime;", "", StringComparison.Ordinal)}} }
            namespace AttnGen.Generated { {{Types}} {{LibraryTypes}} }
            namespace Other { public class Thing; public static class Functions { public static object Offset(object x) => x; public static int CopyRows() => 0; public static string nameof(object x) => ""; } }
            namespace Demo.System { class Span; }
            namespace Demo.AttnGen { class VectorMath; }
            namespace Demo
            {
                {{Types}} {{LibraryTypes}}
                public class Base
                {
                    public class @var; public class nint; public class Math; public class {{name}}Demo; public class Vector512; public class Unsafe;
                    public static string nameof(object x) => ""; public int System => 1; public int AttnGen => 2; public int weights => 3;
                }
                {{Shapes.All[name].Replace("[", "[global::AttnGen.", StringComparison.Ordinal).Replace("Activation.", "global::AttnGen.Activation.", StringComparison.Ordinal).Replace(" Position.", " global::AttnGen.Position.", StringComparison.Ordinal).Replace(" InputPosition.", " global::AttnGen.InputPosition.", StringComparison.Ordinal).Replace("QkNorm.", "global::AttnGen.QkNorm.", StringComparison.Ordinal).Replace(" Norm.", " global::AttnGen.Norm.", StringComparison.Ordinal)}}
                public sealed partial class {{name}}Demo : Base { public static {{name}}Demo Load(global::AttnGen.SafetensorsFile file, string prefix, global::System.Func<string, string> rename) => throw new global::System.NotSupportedException(); }
            }
            """;
        Compile(source);
    }

    /// <summary>A whole model, which has more members than any shape.</summary>
    [Fact]
    public void AWholeModelCompilesAmongThem()
    {
        const string Config = """{"model_type":"bert","architectures":["BertModel"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":8,"vocab_size":20,"hidden_act":"gelu"}""";
        var tensors = new List<(string Name, int[] Shape)>
        {
            ("embeddings.word_embeddings.weight", [20, 16]), ("embeddings.position_embeddings.weight", [8, 16]), ("embeddings.token_type_embeddings.weight", [2, 16]),
            ("embeddings.LayerNorm.weight", [16]), ("embeddings.LayerNorm.bias", [16]),
        };
        foreach (var (name, outputs, inputs) in new[] { ("attention.self.query", 16, 16), ("attention.self.key", 16, 16), ("attention.self.value", 16, 16), ("attention.output.dense", 16, 16), ("intermediate.dense", 32, 16), ("output.dense", 16, 32) })
            tensors.AddRange([($"encoder.layer.0.{name}.weight", [outputs, inputs]), ($"encoder.layer.0.{name}.bias", [outputs])]);
        foreach (var name in new[] { "attention.output.LayerNorm", "output.LayerNorm" })
            tensors.AddRange([($"encoder.layer.0.{name}.weight", [16]), ($"encoder.layer.0.{name}.bias", [16])]);
        string manifest = "{\"model.safetensors\":{" + string.Join(",", tensors.Select(tensor => $"\"{tensor.Name}\":{{\"dtype\":\"F32\",\"shape\":[{string.Join(",", tensor.Shape)}]}}")) + "}}";
        var run = Compile(
            $$"""
            {{Types}} {{LibraryTypes}}
            namespace AttnGen.Generated { {{Types}} {{LibraryTypes}} }
            namespace Demo
            {
                {{Types}} {{LibraryTypes}}
                public class Base { public class Model; public class nint; public static string nameof(object x) => ""; }
                [global::AttnGen.TransformerModel("small")] public sealed partial class Model : Base;
            }
            """,
            new HostOptions { Models = [new ModelText("small", "config.json", Config), new ModelText("small", "manifest.json", manifest)] });
        Assert.Single(run.Generated);
        Assert.DoesNotMatch(@"(?m)^[^/\n]*\b(var|dynamic)\b[^""\n]*;", run.Generated.Values.Single());
    }

    /// <summary>In the global namespace itself, and inside types and namespaces called as what generated code names.</summary>
    [Theory]
    [InlineData("class @var; class nint; class nuint; class Math; class Unsafe; class Vector512; class Span<T>; class Program; class Session; [global::AttnGen.Attention(64, 8)] public partial class Mixer;")]
    [InlineData("namespace Demo { public partial class System { [global::AttnGen.LayerNorm(8)] public partial class Mixer; } }")]
    [InlineData("namespace Demo { public partial class AttnGen { public partial struct System { [global::AttnGen.Attention(64, 8)] public partial class Mixer; } } }")]
    [InlineData("namespace System.Demo { [global::AttnGen.LayerNorm(8)] public partial class Mixer; }")]
    [InlineData("namespace Demo.System.AttnGen.Runtime { [global::AttnGen.LayerNorm(8)] public partial class Mixer; }")]
    [InlineData("namespace Vector512.Span.var { [global::AttnGen.Attention(64, 8)] public partial class nint; }")]
    [InlineData("namespace AttnGen { class Generated; [LayerNorm(8)] public partial class Mixer; }")]
    [InlineData("namespace AttnGen.Generated { public class Program; public class Lane512; public interface ILane; [LayerNorm(8)] public partial class Mixer; }")]
    [InlineData("namespace Demo { public partial class var { [global::AttnGen.Attention(64, 8)] public partial class dynamic { public string nameof(object x) => \"\"; } } }")]
    [InlineData("namespace Demo { public class Base { public class Mixer; public class Load; } [global::AttnGen.Softmax(8)] public partial class Mixer : Base; }")]
    [InlineData("namespace Demo { public class Base { public class Mixer; } [global::AttnGen.Attention(64, 8)] public partial class Mixer : Base; }")]
    public void PlacesCompile(string source) => Compile(source);

    /// <summary>A refused class among them: what stands in for it compiles, too.</summary>
    [Fact]
    public void AStandInCompilesAmongThem()
    {
        var run = GeneratorHost.Run($"{Types} {LibraryTypes} namespace Demo {{ {Types} {LibraryTypes} public class Base {{ public class Mixer; }} [global::AttnGen.Attention(64, 7)] public partial class Mixer : Base; }}");
        Assert.Equal("ATTN0030", Assert.Single(run.Diagnostics).Id);
        Assert.DoesNotContain(run.Problems, problem => problem.Location.SourceTree?.FilePath != "Source.cs");
        Assert.Single(run.StandIns);
    }

    /// <summary>Words that are keywords in some places, as class, as container and as namespace.</summary>
    [Theory]
    [InlineData(LanguageVersion.CSharp13)]
    [InlineData(LanguageVersion.Preview)]
    public void ContextualKeywords(LanguageVersion language)
    {
        string[] words =
        [
            "add", "allows", "alias", "and", "ascending", "async", "await", "by", "descending", "dynamic", "equals", "extension", "field", "file", "from", "get", "global", "group", "init", "into", "join",
            "let", "managed", "nameof", "nint", "not", "notnull", "nuint", "on", "or", "orderby", "partial", "record", "remove", "required", "safe", "scoped", "select", "set", "unmanaged", "value", "var",
            "when", "where", "with", "yield", "args", "assembly", "module", "method", "param", "property", "type", "typevar", "event", "class", "int", "namespace", "this", "default",
        ];
        string classes = string.Concat(words.Select(word => $"namespace InClass {{ [global::AttnGen.Softmax(4)] public partial class @{word}; }} "));
        string containers = string.Concat(words.Select((word, i) => $"namespace InContainer {{ public partial class @{word} {{ [global::AttnGen.Softmax(4)] public partial class C{i}; }} }} "));
        string namespaces = string.Concat(words.Select((word, i) => $"namespace InNamespace.@{word} {{ [global::AttnGen.Softmax(4)] public partial class C{i}; }} "));
        string few = string.Concat(words.Where((_, i) => i % 9 == 3).Select(word => $"namespace Whole.@{word} {{ [global::AttnGen.LayerNorm(4)] public partial class @{word}; }} "));
        var run = Compile(classes + containers + namespaces + few, new HostOptions { Language = language });
        Assert.Equal((3 * words.Length) + words.Where((_, i) => i % 9 == 3).Count(), run.Generated.Count);
    }

    /// <summary>Nothing that is generated is declared by a word which a type may take, and what stands outside the kernels' namespace is named from the root.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void NothingIsDeclaredByVar(string name)
    {
        var code = string.Concat(GeneratorHost.Run(Shapes.Source(name)).EnsureClean().Generated.Values);
        Assert.DoesNotMatch(@"(?m)^[^/\n]*\b(var|dynamic)\b[^""\n]*;", code);
        Assert.DoesNotMatch(@"(?m)^[^/\n""]*\bnameof\(", code);
    }

    private static GeneratorRun Compile(string source, HostOptions? options = null)
    {
        var run = GeneratorHost.Run(source, options);
        // The hostile source itself is warned about (types of small letters, hidden names); what is generated is not.
        var wrong = run.Diagnostics.AddRange(run.Problems.Where(problem => problem.Location.SourceTree?.FilePath != "Source.cs" || problem.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error));
        Assert.True(wrong.IsEmpty, GeneratorHost.Describe(wrong, run.Output));
        return run;
    }
}
