using System.Reflection;
using AttnGen.Folders;

namespace AttnGen.Tool;

/// <summary>A folder's class, compiled in memory.</summary>
internal sealed class CompiledModel
{
    private readonly Type _type;
    private readonly Func<string?, ModelLoadOptions?, ITransformerModel> _load;

    private CompiledModel(Type type, ModelDirectory directory)
    {
        Directory = directory;
        _type = type;
        Info = (ModelInfo)type.GetProperty("Description", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;
        _load = type.GetMethod("Load", [typeof(string), typeof(ModelLoadOptions)])!.CreateDelegate<Func<string?, ModelLoadOptions?, ITransformerModel>>();
    }

    public ModelDirectory Directory { get; }

    public ModelInfo Info { get; }

    /// <summary>Whether the class has an interface.</summary>
    public bool Is<T>() => typeof(T).IsAssignableFrom(_type);

    /// <summary>Runs generator and compiler.</summary>
    /// <param name="request">The folder.</param>
    /// <param name="console">Where progress is shown.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="beforeCompiling">What else may fail, and is quick: done when the folder has been read and accepted.</param>
    /// <exception cref="RefusedException">The generator has something to say against the folder.</exception>
    public static CompiledModel Create(ModelRequest request, ToolConsole console, CancellationToken cancellation, Action<ModelDirectory>? beforeCompiling = null)
    {
        var directory = ModelDirectory.Read(request);

        // The generator's own reader first, alone: what it refuses needs no compiler.
        if (ModelFacts.Read(directory, request) is { Facts: null, Findings: var findings })
            throw new RefusedException(directory, findings);
        if (directory.NoWeights is { } why)
            throw new ToolException($"The configuration{(directory.Texts.Any(text => text.Name == FolderNames.Manifest) ? " and the manifest of the weights are" : " is")} accepted, but there is nothing to run: {why}");
        beforeCompiling?.Invoke(directory);
        console.Progress($"compiling {directory.Name} …");
        var run = Host.Generate(request.Source(directory.Name), directory.Texts, cancellation);

        // A model runs without its chat template: whoever renders it hears that it was refused.
        if (run.Findings.Where(finding => finding.Id != ChatTemplateFacts.Refused).ToList() is { Count: > 0 } findingsOfModel)
            throw new RefusedException(directory, findingsOfModel);
        var assembly = Host.Compile(run, cancellation);
        return new CompiledModel(assembly.GetType("Model") ?? throw new InvalidOperationException("There is no class Model."), directory);
    }

    /// <summary>Loads the weights, on all processors.</summary>
    /// <exception cref="ToolException">They cannot be loaded.</exception>
    public ITransformerModel Load(ToolConsole console, CancellationToken cancellation, int threads = 0)
    {
        try
        {
            return _load(Directory.Path, new ModelLoadOptions { Threads = threads, CancellationToken = cancellation, Progress = new LoadProgress(console, Directory.Name) });
        }
        catch (WeightException e)
        {
            throw new ToolException(e.Message, ExitCode.Failed);
        }
        catch (IOException e)
        {
            throw new ToolException(e.Message);
        }
        finally
        {
            console.EndProgress();
        }
    }

    private sealed class LoadProgress(ToolConsole console, string name) : IProgress<ModelLoadProgress>
    {
        private long _shown = -1;

        public void Report(ModelLoadProgress value)
        {
            var percent = value.Total == 0 ? 100 : value.Done * 100 / value.Total;
            if (percent == _shown)
                return;
            _shown = percent;
            console.Progress($"loading {name} … {percent} %");
        }
    }
}

/// <summary>The generator refuses a folder.</summary>
internal sealed class RefusedException(ModelDirectory directory, IReadOnlyList<Finding> findings)
    : Exception($"'{directory.Name}' is refused.")
{
    public ModelDirectory Directory { get; } = directory;

    public IReadOnlyList<Finding> Findings { get; } = findings;
}
