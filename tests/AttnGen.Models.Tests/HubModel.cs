using System.Collections.Concurrent;
using System.Reflection;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Models.Tests;

/// <summary>A folder of the hub, compiled to a class in memory, once a process.</summary>
internal sealed class HubModel
{
    private static readonly ConcurrentDictionary<string, Lazy<HubModel>> s_known = new();

    private readonly Type _class;

    private HubModel(string path, string arguments)
    {
        Path = path;
        _class = GeneratorHost.Compile(Source("model", arguments), new HostOptions { Models = ModelText.Read("model", path) }).GetType("Model")
            ?? throw new InvalidOperationException("The class Model is not there.");
    }

    public string Path { get; }

    public ModelInfo Info => (ModelInfo)_class.GetProperty("Description")!.GetValue(null)!;

    /// <summary>The class that a folder becomes.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="arguments">More arguments of the attribute, such as ", maxTokens: 128".</param>
    public static HubModel Of(string path, string arguments = "") => s_known.GetOrAdd(path + arguments, _ => new(() => new HubModel(path, arguments))).Value;

    public static string Source(string folder, string arguments = "") => $"""
        [AttnGen.TransformerModel("{folder}"{arguments})]
        public sealed partial class Model;
        """;

    /// <summary>What the generator has to say of files, without compiling anything.</summary>
    public static IReadOnlyList<Diagnostic> Diagnose(IReadOnlyList<ModelText> files, string arguments = "") =>
        GeneratorHost.Run(Source("model", arguments), new HostOptions { Models = files }).Diagnostics;

    /// <summary>Loads the folder's weights.</summary>
    public ITransformerModel Load(string? folder = null, ModelLoadOptions? options = null) => (ITransformerModel)Call([typeof(string), typeof(ModelLoadOptions)], [folder ?? Path, options]);

    public ITransformerModel Load(ITensorSource source, ModelLoadOptions? options = null) => (ITransformerModel)Call([typeof(ITensorSource), typeof(ModelLoadOptions)], [source, options]);

    public ITransformerModel Load(Stream stream) => (ITransformerModel)Call([typeof(Stream), typeof(ModelLoadOptions)], [stream, null]);

    private object Call(Type[] types, object?[] arguments)
    {
        try
        {
            return _class.GetMethod("Load", types)!.Invoke(null, arguments)!;
        }
        catch (TargetInvocationException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
