using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AttnGen.Runtime;

/// <summary>Copies a model's tensors from a source into its block, in the layout that the kernels read.</summary>
/// <remarks>
/// <para>For generated code. The block starts as zeros, and nothing but tensor elements is written, so padding stays zero.</para>
/// <para>Panels: a matrix [N, K] stands as ⌈N/16⌉ panels [K][16], element (n, k) at <c>(n/16)·16·K + k·16 + n%16</c>. A kernel that computes 16
/// outputs reads one panel from front to back: 16 neighbouring floats, a cache line, for each k.</para>
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class WeightLoader
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 16;

    // Elements of a row that are turned together: one cache line of each of 16 rows in, 1 KB of the panel out.
    private const int TurnedTogether = 16;

    private readonly ITensorSource _source;
    private readonly string _prefix;
    private readonly Func<string, string>? _rename;
    private readonly string _model;
    private float[] _rows = [];

    /// <summary>Makes a loader for one model.</summary>
    /// <param name="source">Where the tensors are.</param>
    /// <param name="prefix">Put before every name.</param>
    /// <param name="rename">Makes the source's name of a tensor from the model's (with the prefix); null: they are the same.</param>
    /// <param name="model">The model's class, for messages.</param>
    public WeightLoader(ITensorSource source, string prefix, Func<string, string>? rename, string model)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prefix);
        ArgumentNullException.ThrowIfNull(model);
        _source = source;
        _prefix = prefix;
        _rename = rename;
        _model = model;
    }

    /// <summary>Whether the source has a tensor.</summary>
    /// <param name="name">The model's name of it, without the prefix.</param>
    public bool Has(string name) => _source.TryGetShape(SourceName(name), out _);

    /// <summary>Packs rows of a tensor as rows of a panel matrix whose K is <paramref name="columns"/>.</summary>
    /// <param name="block">The block.</param>
    /// <param name="offset">Where the panel matrix starts in it.</param>
    /// <param name="rowOffset">The first row of the panel matrix to write.</param>
    /// <param name="name">The tensor, of shape [<paramref name="tensorRows"/>, <paramref name="columns"/>].</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">Elements in a row, K.</param>
    /// <param name="firstRow">The first row of the tensor to read.</param>
    /// <param name="tensorRows">All rows of the tensor; −1: <paramref name="rows"/>.</param>
    /// <exception cref="WeightMismatchException">The tensor is not there, or has another shape or a type that is no float.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has fewer rows, or the block fewer floats, than is asked for.</exception>
    public void Panels(AlignedBlock block, long offset, int rowOffset, string name, int rows, int columns, int firstRow = 0, int tensorRows = -1)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentOutOfRangeException.ThrowIfNegative(rowOffset);
        tensorRows = tensorRows < 0 ? rows : tensorRows;
        CheckPart(firstRow, rows, tensorRows);
        PackPanels(block, offset, rowOffset, Find(name, tensorRows, columns), rows, columns, firstRow);
    }

    private void PackPanels(AlignedBlock block, long offset, int rowOffset, string sourceName, int rows, int columns, int firstRow)
    {
        for (var done = 0; done < rows;)
        {
            // The rows of one panel at a time; the first and the last panel may be met in part.
            var n = rowOffset + done;
            var lane = n % PanelWidth;
            var count = Math.Min(rows - done, PanelWidth - lane);
            var buffer = Buffer(count * (long)columns);
            _source.Read(sourceName, (firstRow + (long)done) * columns, buffer);
            var panel = block.Slice(offset + ((n - lane) * (long)columns), PanelWidth * columns);
            Turn(buffer, count, columns, panel[lane..]);
            done += count;
        }
    }

    /// <summary>Copies a vector.</summary>
    /// <param name="block">The block.</param>
    /// <param name="offset">Where to, in it.</param>
    /// <param name="name">The tensor, of shape [<paramref name="tensorLength"/>] or [1, 1, <paramref name="tensorLength"/>].</param>
    /// <param name="length">How many elements.</param>
    /// <param name="first">The first element of the tensor to read.</param>
    /// <param name="tensorLength">All elements of the tensor; −1: <paramref name="length"/>.</param>
    /// <exception cref="WeightMismatchException">The tensor is not there, or has another shape or a type that is no float.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has fewer elements, or the block fewer floats, than is asked for.</exception>
    public void Vector(AlignedBlock block, long offset, string name, int length, int first = 0, int tensorLength = -1)
    {
        ArgumentNullException.ThrowIfNull(block);
        tensorLength = tensorLength < 0 ? length : tensorLength;
        CheckPart(first, length, tensorLength);
        _source.Read(Find(name, tensorLength), first, block.Slice(offset, length));
    }

    /// <summary>Copies a matrix row by row.</summary>
    /// <param name="block">The block.</param>
    /// <param name="offset">Where its first row starts in it.</param>
    /// <param name="name">The tensor, of shape [<paramref name="rows"/>, <paramref name="columns"/>].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements in a row.</param>
    /// <param name="stride">Floats from a row's start to the next row's in the block, from <paramref name="columns"/> on.</param>
    /// <exception cref="WeightMismatchException">The tensor is not there, or has another shape or a type that is no float.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The stride is too small, or the block.</exception>
    public void Rows(AlignedBlock block, long offset, string name, int rows, int columns, int stride)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, columns);
        var sourceName = Find(name, rows, columns);
        for (var row = 0; row < rows; row++)
        {
            _source.Read(sourceName, row * (long)columns, block.Slice(offset + (row * (long)stride), columns));
        }
    }

    /// <summary>Whether the tensors are those of a folder that the compiler saw; otherwise they are a shape's, which a user may give.</summary>
    internal bool IsOfFolder { get; init; }

    /// <summary>Puts rows of a weight into its place.</summary>
    internal void Pack(AlignedBlock block, ModelWeights.Job job)
    {
        var (part, at) = (job.Part, job.Part.Offset);
        var t = part.Weight;
        switch (t.Origin)
        {
            case WeightOrigin.Rotary:
                PositionTables.Rotary(block, at, t.Rows, t.Columns, t.Stride, t.Theta, t.IsInterleaved);
                return;
            case WeightOrigin.Sinusoid:
                PositionTables.Sinusoidal(block, at, t.Rows, t.Columns, t.Stride, !t.IsInterleaved);
                return;
            case WeightOrigin.Relative:
                PositionTables.Relative(block, at, _source, Buckets(part), t.Rows, t.Buckets, t.MaxDistance, t.Columns, t.Stride, t.LooksBack);
                return;
        }

        var sourceName = Fit(part.Name, t);
        switch (t.Layout)
        {
            case TensorLayout.Panels when t.IsTurned:
                PackTurned(block, at, sourceName, t, job);
                break;
            case TensorLayout.Panels:
                for (var row = job.Row; row < job.Row + job.Rows;)
                {
                    var run = t.RunFrom(row, job.Row + job.Rows - row);
                    PackPanels(block, at, row, sourceName, run, t.Columns, t.RowOf(row));
                    row += run;
                }

                break;
            case TensorLayout.Vector:
                var vector = block.Slice(at, t.Columns);
                for (var i = 0; i < t.Columns;)
                {
                    var run = t.RunFrom(i, t.Columns - i);
                    _source.Read(sourceName, t.RowOf(i), vector.Slice(i, run));
                    i += run;
                }

                if (t.Added != 0)
                {
                    foreach (ref var number in vector)
                    {
                        number += t.Added;
                    }
                }

                break;
            default:
                if (t.Stride == t.Columns)
                {
                    // Nothing between the rows: in one go.
                    _source.Read(sourceName, (t.FirstRow + job.Row) * (long)t.Columns, block.Slice(at + (job.Row * (long)t.Stride), job.Rows * t.Columns));
                    break;
                }

                for (var row = job.Row; row < job.Row + job.Rows; row++)
                {
                    _source.Read(sourceName, (t.FirstRow + row) * (long)t.Columns, block.Slice(at + (row * (long)t.Stride), t.Columns));
                }

                break;
        }
    }

    // Of [inputs, outputs]: sixteen neighbouring outputs of an input are a line of a panel already.
    private void PackTurned(AlignedBlock block, long at, string sourceName, WeightEntry t, ModelWeights.Job job)
    {
        var line = Buffer(job.Rows);
        for (var k = 0; k < t.Columns; k++)
        {
            _source.Read(sourceName, (k * (long)t.TensorRows) + t.FirstRow + job.Row, line);
            for (var n = 0; n < job.Rows; n += PanelWidth)
            {
                var panel = at + ((job.Row + n) * (long)t.Columns) + (k * PanelWidth);
                line.Slice(n, Math.Min(PanelWidth, job.Rows - n)).CopyTo(block.Slice(panel, PanelWidth));
            }
        }
    }

    /// <summary>Throws unless the source has the tensor in the size that the model needs.</summary>
    internal void Verify(ModelWeights.Part part)
    {
        if (part.Weight.Origin == WeightOrigin.Tensor)
        {
            Fit(part.Name, part.Weight);
        }
        else if (part.Weight.Origin == WeightOrigin.Relative)
        {
            Buckets(part);
        }
    }

    // A table of buckets may have more than are used.
    private string Buckets(ModelWeights.Part part)
    {
        var sourceName = SourceName(part.Name);
        long[] needed = [part.Weight.Buckets, part.Weight.Rows];
        if (!_source.TryGetShape(sourceName, out var shape))
        {
            throw WeightText.Missing(_source, sourceName, $" {WeightText.Shape(needed)}, which {_model} needs", WeightText.FolderFix);
        }

        return shape is [var buckets, var heads] && buckets >= needed[0] && heads == needed[1]
            ? sourceName
            : throw WeightText.OtherShape(_source, sourceName, shape, _model, needed, WeightText.FolderFix);
    }

    // A model's shapes were compared by the compiler, down to each size. Here only what is read counts: rows, and numbers in each;
    // [1, 1, D] is a vector, and a convolution's [D, C, h, w] are D rows.
    private string Fit(string name, WeightEntry t)
    {
        if (!IsOfFolder)
        {
            return t.Layout == TensorLayout.Vector ? Find(name, t.TensorRows) : Find(name, t.TensorRows, t.Columns);
        }

        var rows = t.Layout == TensorLayout.Vector ? 1 : t.IsTurned ? t.Columns : (long)t.TensorRows;
        var columns = t.Layout == TensorLayout.Vector || t.IsTurned ? (long)t.TensorRows : t.Columns;
        var sourceName = SourceName(name);
        long[] needed = t.Layout == TensorLayout.Vector ? [columns] : [rows, columns];
        if (!_source.TryGetShape(sourceName, out var shape))
        {
            throw WeightText.Missing(_source, sourceName, $" {WeightText.Shape(needed)}, which {_model} needs", WeightText.FolderFix);
        }

        var at = 0;
        while (at < shape.Length - 1 && shape[at] == 1 && rows != 1)
        {
            at++;
        }

        var fits = Elements(shape) == rows * columns && (rows == 1 || (at < shape.Length && shape[at] == rows));
        return fits
            ? sourceName
            : throw WeightText.OtherShape(_source, sourceName, shape, _model, needed, WeightText.FolderFix);
    }

    // −1: more than any tensor has.
    private static long Elements(ReadOnlySpan<long> shape)
    {
        ulong product = 1;
        var overflows = false;
        foreach (var size in shape)
        {
            if (size == 0)
            {
                return 0;
            }

            overflows |= Math.BigMul(product, (ulong)size, out product) != 0;
        }

        return overflows || product > long.MaxValue ? -1 : (long)product;
    }

    // Rows [rows][columns] to panel columns: element (n, k) to panel[k·16 + n], squares of 4 in registers where there is SSE. Optimised at its first call: a model loads once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(ReadOnlySpan<float> rows, int count, int columns, Span<float> panel)
    {
        if (count == 0 || columns == 0)
        {
            return;
        }

        // The spans' lengths are proved once, here, instead of at every element.
        ref var from = ref MemoryMarshal.GetReference(rows[..(count * columns)]);
        ref var to = ref MemoryMarshal.GetReference(panel[..(((columns - 1) * PanelWidth) + count)]);
        var turned = 0;
        if (Sse.IsSupported && count == PanelWidth)
        {
            for (; turned <= columns - 4; turned += 4)
            {
                for (var n = 0; n < PanelWidth; n += 4)
                {
                    ref var corner = ref Unsafe.Add(ref from, (n * columns) + turned);
                    var a = Vector128.LoadUnsafe(ref corner);
                    var b = Vector128.LoadUnsafe(ref corner, (nuint)columns);
                    var c = Vector128.LoadUnsafe(ref corner, (nuint)columns * 2);
                    var d = Vector128.LoadUnsafe(ref corner, (nuint)columns * 3);
                    var (abLow, abHigh) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b));
                    var (cdLow, cdHigh) = (Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
                    ref var lanes = ref Unsafe.Add(ref to, (turned * PanelWidth) + n);
                    Sse.MoveLowToHigh(abLow, cdLow).StoreUnsafe(ref lanes);
                    Sse.MoveHighToLow(cdLow, abLow).StoreUnsafe(ref lanes, PanelWidth);
                    Sse.MoveLowToHigh(abHigh, cdHigh).StoreUnsafe(ref lanes, PanelWidth * 2);
                    Sse.MoveHighToLow(cdHigh, abHigh).StoreUnsafe(ref lanes, PanelWidth * 3);
                }
            }
        }

        for (var k = turned; k < columns; k += TurnedTogether)
        {
            var end = Math.Min(k + TurnedTogether, columns);
            for (var n = 0; n < count; n++)
            {
                ref var row = ref Unsafe.Add(ref from, n * columns);
                ref var lane = ref Unsafe.Add(ref to, n);
                for (var j = k; j < end; j++)
                {
                    Unsafe.Add(ref lane, j * PanelWidth) = Unsafe.Add(ref row, j);
                }
            }
        }
    }

    private static void CheckPart(int first, int count, int all)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)first + count, all);
    }

    private Span<float> Buffer(long length)
    {
        if (_rows.Length < length)
        {
            _rows = new float[checked((int)length)];
        }

        return _rows.AsSpan(0, (int)length);
    }

    private string SourceName(string name)
    {
        name = _prefix + name;
        return _rename is null
            ? name
            : _rename(name) ?? throw new InvalidOperationException($"The rename function of {_model}.Load returned null for {WeightText.Quote(name)}.");
    }

    /// <summary>The source's name of a tensor whose shape is as expected.</summary>
    private string Find(string name, params ReadOnlySpan<long> expected)
    {
        var sourceName = SourceName(name);
        if (!_source.TryGetShape(sourceName, out var shape))
        {
            throw WeightText.Missing(_source, sourceName, $" {WeightText.Shape(expected)}, which {_model} needs", fixIfNoneIsNear: WeightText.ShapeFix);
        }

        // PyTorch keeps the appended key and value as [1, 1, width].
        var isVector = expected.Length == 1 && shape is [1, 1, var width] && width == expected[0];
        return shape.SequenceEqual(expected) || isVector
            ? sourceName
            : throw WeightText.OtherShape(_source, sourceName, shape, _model, expected, WeightText.ShapeFix);
    }
}
