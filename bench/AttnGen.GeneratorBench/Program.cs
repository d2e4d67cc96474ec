using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using AttnGen.Generator;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

// What the generator costs the compiler: dotnet run -c Release --project bench/AttnGen.GeneratorBench
// One class in a fresh process (the compiler itself warm, the generator cold), then an unrelated edit, then the same shape again, and the
// size of what is emitted: the class's own file, and the file of kernels, which a second class would share.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Length > 0)
{
    Console.Error.WriteLine($"There is no option '{args[0]}'; this benchmark takes none.");
    return 2;
}

(string Name, string Attribute)[] shapes =
[
    ("attention 64/8", "Attention(dModel: 64, heads: 8)"),
    ("layer 64/8/256", "EncoderLayer(dModel: 64, heads: 8, feedForward: 256, activation: Activation.Gelu)"),
    ("layer 768/12/3072", "EncoderLayer(dModel: 768, heads: 12, feedForward: 3072, activation: Activation.Gelu)"),
    ("encoder 6 × 384/12/1536", "Encoder(layers: 6, dModel: 384, heads: 12, feedForward: 1536, activation: Activation.Gelu)"),
];

// The compiler's own first-time costs are not the generator's: bind a program and run a generator that does nothing first.
var warm = GeneratorHost.CreateCompilation("namespace Warm; [System.Obsolete] public partial class A { public int B(int c) => c + 1; }");
warm.GetDiagnostics();
CSharpGeneratorDriver.Create([new Idle().AsSourceGenerator()], parseOptions: (CSharpParseOptions)warm.SyntaxTrees[0].Options).RunGenerators(warm);

Console.WriteLine("| class | first run, ms | after an unrelated edit, ms | planned and printed again, ms | class, KB | kernels, KB | lines | methods | IL, bytes | largest method |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
foreach (var (name, attribute) in shapes)
{
    var compilation = GeneratorHost.CreateCompilation($"using AttnGen; namespace Demo; [{attribute}] public sealed partial class Model;");
    GeneratorDriver driver = CSharpGeneratorDriver.Create(
        [new AttnGenGenerator().AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options);
    double first = Time(() => driver = driver.RunGenerators(compilation));
    var edited = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("namespace Demo; class Unrelated { }", (CSharpParseOptions)compilation.SyntaxTrees[0].Options));
    double edit = Time(() => driver = driver.RunGenerators(edited));
    double again = Enumerable.Range(0, 8).Min(_ => Time(() =>
        CSharpGeneratorDriver.Create([new AttnGenGenerator().AsSourceGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options).RunGenerators(compilation)));

    var sources = driver.GetRunResult().Results.Single().GeneratedSources.ToDictionary(file => file.HintName, file => file.SourceText.ToString());
    string kernels = sources["AttnGen.Kernels.g.cs"];
    string own = sources.Single(file => file.Key != "AttnGen.Kernels.g.cs").Value;
    var bodies = GeneratorHost.Compile($"using AttnGen; namespace Demo; [{attribute}] public sealed partial class Model;").GetTypes()
        .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .OfType<MethodBase>()
        .Select(method => method.GetMethodBody()?.GetILAsByteArray()?.Length ?? 0)
        .Where(length => length > 0)
        .ToList();
    Console.WriteLine($"| {name} | {first:F1} | {edit:F2} | {again:F1} | {KB(own)} | {KB(kernels)} | {(own + kernels).Count(c => c == '\n')} | {bodies.Count} | {bodies.Sum()} | {bodies.Max()} |");
}

return 0;

static string KB(string source) => (Encoding.UTF8.GetByteCount(source) / 1024.0).ToString("F0");

static double Time(Action action)
{
    long start = Stopwatch.GetTimestamp();
    action();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

/// <summary>Looks for an attribute, as every generator does, and writes one line.</summary>
internal sealed class Idle : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
        context.SyntaxProvider.ForAttributeWithMetadataName("System.ObsoleteAttribute", static (_, _) => true, static (target, _) => target.TargetSymbol.Name),
        static (output, name) => output.AddSource(name + ".g.cs", "// nothing"));
}
