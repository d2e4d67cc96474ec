using System.ComponentModel;
using System.Globalization;
using System.Text;

namespace AttnGen.Runtime;

/// <summary>Puts the weights of a generated class into one block, by its table. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ModelWeights
{
    // Floats that a thread packs at a time: large tables are shared between threads.
    private const long PartFloats = 1 << 20;

    /// <summary>Packs the weights of a whole model.</summary>
    /// <param name="source">Where the tensors are.</param>
    /// <param name="model">The model's class, for messages.</param>
    /// <param name="hash">What the compiler computed of names, types and shapes; empty: it saw none.</param>
    /// <param name="weights">The table of weights.</param>
    /// <param name="bytes">The block's size.</param>
    /// <param name="sharedBytes">Where the first layer starts.</param>
    /// <param name="layerBytes">Bytes of a layer.</param>
    /// <param name="layers">Layers that are stored.</param>
    /// <param name="options">Threads, progress, cancellation; null: the defaults.</param>
    /// <returns>The block; the caller owns it.</returns>
    /// <exception cref="WeightMismatchException">The source is not the one that the class was compiled for.</exception>
    /// <exception cref="OperationCanceledException">Loading was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is negative.</exception>
    public static AlignedBlock Load(ITensorSource source, string model, string hash, ReadOnlySpan<WeightEntry> weights, long bytes, long sharedBytes, long layerBytes, int layers, ModelLoadOptions? options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(hash);
        options ??= new ModelLoadOptions();
        if (options.Threads < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Threads, $"{nameof(ModelLoadOptions)}.{nameof(ModelLoadOptions.Threads)} is {options.Threads}; give 0 (one thread for each processor) or a number from 1 on.");
        }

        WeightLoader Loader() => new(source, "", null, model) { IsOfFolder = true };
        var parts = Parts(weights, sharedBytes, layerBytes, layers, Loader());
        if (hash.Length > 0 && Hash(source) is { } found && found != hash)
        {
            // The first tensor that does not fit says more than the hash.
            var check = Loader();
            foreach (var part in parts)
            {
                check.Verify(part);
            }

            throw new WeightMismatchException(source.Name, null, $"{source.Name} has changed since {model} was compiled: its tensors have other names, types or shapes. Build the program again with this file, or load the file that it was built with.");
        }

        return Filled(bytes, block => Pack(block, parts, Loader, options));
    }

    /// <summary>Packs the weights of a shape's class, whose tensors may have a prefix and other names.</summary>
    /// <param name="source">Where the tensors are.</param>
    /// <param name="prefix">Put before every name.</param>
    /// <param name="rename">Makes the source's name of a tensor from the class's (with the prefix); null: they are the same.</param>
    /// <param name="model">The class, for messages.</param>
    /// <param name="weights">The table of weights.</param>
    /// <param name="bytes">The block's size.</param>
    /// <param name="sharedBytes">Where the first layer starts.</param>
    /// <param name="layerBytes">Bytes of a layer.</param>
    /// <param name="layers">Layers that are stored.</param>
    /// <returns>The block; the caller owns it.</returns>
    /// <exception cref="WeightMismatchException">A tensor is not there, or has another shape or a type that is no float.</exception>
    public static AlignedBlock Load(ITensorSource source, string prefix, Func<string, string>? rename, string model, ReadOnlySpan<WeightEntry> weights, long bytes, long sharedBytes, long layerBytes, int layers)
    {
        var loader = new WeightLoader(source, prefix, rename, model);
        var parts = Parts(weights, sharedBytes, layerBytes, layers, loader);

        // One by one, and nothing of threads: a program that has shapes only does not carry them.
        return Filled(bytes, block =>
        {
            foreach (var part in parts)
            {
                loader.Pack(block, new(part, 0, part.Weight.Rows));
            }
        });
    }

    /// <summary>The block of a class whose weights no file holds.</summary>
    /// <param name="weights">The table of weights.</param>
    /// <param name="bytes">The block's size.</param>
    /// <returns>The block; the caller owns it.</returns>
    public static AlignedBlock Compute(ReadOnlySpan<WeightEntry> weights, long bytes) =>
        Load(new TensorDictionary(""), "", null, "", weights, bytes, bytes, 0, 0);

    /// <summary>Names, types and shapes of a file's source in one number, as the compiler computes it; null for any other source.</summary>
    internal static string? Hash(ITensorSource source)
    {
        Func<string, string?> type = source switch
        {
            SafetensorsFile file => name => file.TryGetDataType(name, out var found) ? found : null,
            SafetensorsShards shards => shards.DataType,
            GgufModel gguf => gguf.DataType,
            _ => _ => null,
        };
        if (source is not (SafetensorsFile or SafetensorsShards or GgufModel))
        {
            return null;
        }

        var hash = 14695981039346656037UL;
        var text = new StringBuilder();
        string[] names = [.. source.TensorNames];
        Array.Sort(names, StringComparer.Ordinal);
        foreach (var name in names)
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

    private static List<Part> Parts(ReadOnlySpan<WeightEntry> weights, long sharedBytes, long layerBytes, int layers, WeightLoader loader)
    {
        var parts = new List<Part>(weights.Length);
        foreach (var weight in weights)
        {
            if (weight.FirstLayer < 0)
            {
                Add(weight, 0, weight.Offset);
            }

            var (first, each, count) = weight.Stack.Layers > 0 ? weight.Stack : (sharedBytes, layerBytes, layers);
            for (var layer = weight.FirstLayer < 0 ? count : weight.FirstLayer; layer < count; layer++)
            {
                Add(weight, layer, first + (layer * each) + weight.Offset);
            }
        }

        return parts;

        void Add(WeightEntry weight, int layer, long offset)
        {
            var found = weight.Other is null ? weight : weight.Choose(loader, layer);
            parts.Add(new(found, found.NameOf(layer), offset / sizeof(float)));
        }
    }

    private static AlignedBlock Filled(long bytes, Action<AlignedBlock> fill)
    {
        var block = AlignedBlock.Allocate((bytes + sizeof(float) - 1) / sizeof(float));
        try
        {
            fill(block);
            return block;
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    private static void Pack(AlignedBlock block, List<Part> parts, Func<WeightLoader> makeLoader, ModelLoadOptions options)
    {
        var jobs = new List<Job>(parts.Count);
        long total = 0;
        foreach (var part in parts)
        {
            // Whole panels, so that no two threads write into one.
            var t = part.Weight;
            var rows = t.Origin != WeightOrigin.Tensor || t.Layout == TensorLayout.Vector ? Math.Max(1, t.Rows) : (int)Math.Clamp(PartFloats / Math.Max(1, t.Columns) / WeightLoader.PanelWidth * WeightLoader.PanelWidth, WeightLoader.PanelWidth, int.MaxValue - WeightLoader.PanelWidth);
            for (var row = 0; row < t.Rows; row += rows)
            {
                jobs.Add(new(part, row, Math.Min(rows, t.Rows - row)));
            }

            total += t.Origin == WeightOrigin.Tensor ? (long)t.Rows * t.Columns : 0;
        }

        var progress = new Progress(options.Progress, total);
        var threads = Math.Min(options.Threads == 0 ? Environment.ProcessorCount : options.Threads, jobs.Count);
        if (threads <= 1)
        {
            var loader = makeLoader();
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
                makeLoader,
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

    /// <summary>A weight of a certain layer, under the name that the source has; Offset in floats.</summary>
    internal sealed record Part(WeightEntry Weight, string Name, long Offset);

    /// <summary>Rows of it.</summary>
    internal sealed record Job(Part Part, int Row, int Rows)
    {
        /// <summary>Numbers that are read of a file.</summary>
        public long Numbers => Part.Weight.Origin == WeightOrigin.Tensor ? (long)Rows * Part.Weight.Columns : 0;
    }

    private sealed class Progress(IProgress<ModelLoadProgress>? listener, long total)
    {
        private readonly Lock _lock = new();
        private long _done;

        public void Add(Job job)
        {
            if (listener is null || job.Numbers == 0)
            {
                return;
            }

            lock (_lock)
            {
                _done += job.Numbers;
                listener.Report(new(job.Part.Name, _done, total));
            }
        }
    }
}
