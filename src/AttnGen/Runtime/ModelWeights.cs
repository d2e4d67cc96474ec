using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace AttnGen.Runtime;

/// <summary>How a tensor lies in a model's block.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum TensorLayout
{
    /// <summary>Panels of 16 rows, as <see cref="WeightLoader.Panels"/> packs them.</summary>
    Panels = 0,

    /// <summary>A vector.</summary>
    Vector = 1,

    /// <summary>Rows at a stride.</summary>
    Rows = 2,
}

/// <summary>A tensor of a model: where it comes from and where it goes.</summary>
/// <param name="Name">Its name; {0} stands for the number of the layer.</param>
/// <param name="Layout">How it lies in the block.</param>
/// <param name="Offset">Its first float, from the block's start or, for a layer's, from the layer's.</param>
/// <param name="Rows">Rows that are taken.</param>
/// <param name="Columns">Numbers in a row, or of a vector.</param>
/// <param name="Stride">Floats from a row to the next.</param>
/// <param name="FirstRow">The first row that is taken.</param>
/// <param name="TensorRows">Rows of the tensor.</param>
/// <param name="FirstLayer">The first layer that has it; −1: it belongs to no layer.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct ModelTensor(string Name, TensorLayout Layout, long Offset, int Rows, int Columns, int Stride, int FirstRow, int TensorRows, int FirstLayer);

/// <summary>Loads the weights of whole models. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ModelWeights
{
    // Floats that a thread packs at a time: large tables are shared between threads.
    private const long PartFloats = 1 << 20;

    /// <summary>Packs every tensor of a model into one block.</summary>
    /// <param name="source">Where the tensors are.</param>
    /// <param name="model">The model's class, for messages.</param>
    /// <param name="hash">What the compiler computed of names, types and shapes; empty: it saw none.</param>
    /// <param name="tensors">The tensors.</param>
    /// <param name="floats">The block's size.</param>
    /// <param name="sharedFloats">Where the first layer starts.</param>
    /// <param name="layerFloats">Floats of a layer.</param>
    /// <param name="layers">Layers that are stored.</param>
    /// <param name="options">Threads, progress, cancellation; null: the defaults.</param>
    /// <returns>The block; the caller owns it.</returns>
    /// <exception cref="WeightMismatchException">The source is not the one that the class was compiled for.</exception>
    /// <exception cref="OperationCanceledException">Loading was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is negative.</exception>
    public static AlignedBlock Load(ITensorSource source, string model, string hash, ReadOnlySpan<ModelTensor> tensors, long floats, long sharedFloats, long layerFloats, int layers, ModelLoadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(hash);
        options ??= new ModelLoadOptions();
        if (options.Threads < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Threads, $"{nameof(ModelLoadOptions)}.{nameof(ModelLoadOptions.Threads)} is {options.Threads}; give 0 (one thread for each processor) or a number from 1 on.");
        }

        var parts = Parts(tensors, sharedFloats, layerFloats, layers);
        var check = new WeightLoader(source, "", null, model);
        if (hash.Length > 0 && Hash(source) is { } found && found != hash)
        {
            // The first tensor that does not fit says more than the hash.
            foreach (var part in parts)
            {
                check.Verify(part.Name, part.Tensor);
            }

            throw new WeightMismatchException(source.Name, null, $"{source.Name} has changed since {model} was compiled: its tensors have other names, types or shapes. Build the program again with this file, or load the file that it was built with.");
        }

        var block = AlignedBlock.Allocate(floats);
        try
        {
            Pack(source, model, block, parts, options);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <summary>Names, types and shapes of a safetensors source in one number, as the compiler computes it; null for any other source.</summary>
    internal static string? Hash(ITensorSource source)
    {
        Func<string, string?> type = source switch
        {
            SafetensorsFile file => name => file.TryGetDataType(name, out var found) ? found : null,
            SafetensorsShards shards => shards.DataType,
            _ => _ => null,
        };
        if (source is not (SafetensorsFile or SafetensorsShards))
        {
            return null;
        }

        var hash = 14695981039346656037UL;
        var text = new StringBuilder();
        foreach (var name in source.TensorNames.Order(StringComparer.Ordinal))
        {
            source.TryGetShape(name, out var shape);
            text.Clear().Append(name).Append('\n').Append(type(name)).Append("\n[");
            for (var i = 0; i < shape.Length; i++)
            {
                text.Append(i == 0 ? "" : ",").Append(shape[i].ToString(CultureInfo.InvariantCulture));
            }

            foreach (var b in Encoding.UTF8.GetBytes(text.Append("]\n").ToString()))
            {
                hash = (hash ^ b) * 1099511628211UL;
            }
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static List<Part> Parts(ReadOnlySpan<ModelTensor> tensors, long sharedFloats, long layerFloats, int layers)
    {
        var parts = new List<Part>();
        foreach (var tensor in tensors)
        {
            if (tensor.FirstLayer < 0)
            {
                parts.Add(new(tensor, tensor.Name, tensor.Offset));
            }

            for (var layer = tensor.FirstLayer < 0 ? layers : tensor.FirstLayer; layer < layers; layer++)
            {
                parts.Add(new(tensor, tensor.Name.Replace("{0}", layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), sharedFloats + (layer * layerFloats) + tensor.Offset));
            }
        }

        return parts;
    }

    private static void Pack(ITensorSource source, string model, AlignedBlock block, List<Part> parts, ModelLoadOptions options)
    {
        var jobs = new List<Job>();
        foreach (var part in parts)
        {
            // Whole panels, so that no two threads write into one.
            var t = part.Tensor;
            var rows = t.Layout == TensorLayout.Vector ? t.Rows : (int)Math.Clamp(PartFloats / Math.Max(1, t.Columns) / WeightLoader.PanelWidth * WeightLoader.PanelWidth, WeightLoader.PanelWidth, int.MaxValue - WeightLoader.PanelWidth);
            for (var row = 0; row < t.Rows; row += rows)
            {
                jobs.Add(new(part, row, Math.Min(rows, t.Rows - row)));
            }
        }

        var progress = new Progress(options.Progress, jobs.Sum(job => (long)job.Rows * job.Part.Tensor.Columns));
        var threads = Math.Min(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, jobs.Count);
        if (threads <= 1)
        {
            var loader = new WeightLoader(source, "", null, model);
            foreach (var job in jobs)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                loader.Pack(block, job);
                progress.Add(job);
            }

            return;
        }

        try
        {
            Parallel.ForEach(
                jobs,
                new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = options.CancellationToken },
                () => new WeightLoader(source, "", null, model),
                (job, _, loader) =>
                {
                    loader.Pack(block, job);
                    progress.Add(job);
                    return loader;
                },
                _ => { });
        }
        catch (AggregateException all)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(all.InnerExceptions[0]);
        }
    }

    /// <summary>A tensor of a certain layer.</summary>
    internal sealed record Part(ModelTensor Tensor, string Name, long Offset);

    /// <summary>Rows of it.</summary>
    internal readonly record struct Job(Part Part, int Row, int Rows);

    private sealed class Progress(IProgress<ModelLoadProgress>? listener, long total)
    {
        private readonly Lock _lock = new();
        private long _done;

        public void Add(Job job)
        {
            if (listener is null)
            {
                return;
            }

            lock (_lock)
            {
                _done += (long)job.Rows * job.Part.Tensor.Columns;
                listener.Report(new(job.Part.Name, _done, total));
            }
        }
    }
}
