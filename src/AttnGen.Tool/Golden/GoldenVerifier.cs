namespace AttnGen.Tool;

/// <summary>Runs every case of a golden file and compares every output.</summary>
internal sealed class GoldenVerifier
{
    private const double Absolute = 1e-5;

    /// <summary>The reference's own float32 error counts tenfold: another order of summation is no error.</summary>
    private const double OfReference = 10;

    /// <summary>A golden file of float32 without a word about its error: at best rounded from float64, more likely a float32 run.</summary>
    private const double AbsoluteOfFloat32 = 2e-5;

    /// <summary>What float32 rounding explains of a number's size, for each six layers: 64 units in the last place. The largest of 286 measured errors (models of two and three layers) is 19.</summary>
    private const double Rounding = 64.0 / (1 << 23);

    /// <summary>So much of that is allowed at most, however large ten times a stated error is: layers that err by rounding alone, as a reference's float32 does, may err in other places.</summary>
    private const double OfRounding = 4;

    private const int LayersOfRounding = 6;

    /// <summary>A stated error that would allow more than this and more than the largest number says that nothing is known.</summary>
    private const double Anything = 1e-3;

    private readonly ModelRunner _model;
    private readonly GoldenFile _golden;
    private readonly GoldenNotes _notes;
    private readonly VerifyReport _report;
    private readonly ToolConsole _console;

    private GoldenVerifier(ModelRunner model, GoldenFile golden, GoldenNotes notes, VerifyReport report, ToolConsole console)
    {
        _model = model;
        _golden = golden;
        _notes = notes;
        _report = report;
        _console = console;
    }

    public static void Run(ModelRunner model, GoldenFile golden, GoldenNotes notes, VerifyReport report, ToolConsole console, CancellationToken cancellation)
    {
        var verifier = new GoldenVerifier(model, golden, notes, report, console);
        foreach (var group in golden.Names.Select(GoldenKey.Parse).GroupBy(key => key.Case, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            console.Progress($"case {group.Key} …");
            if (group.All(key => key.IsInput))
                report.Problems.Add($"case {Show.Name(group.Key)} has inputs and no output to compare with; add one, or remove the case");
            else
                verifier.RunCase(group.Key, [.. group.OrderBy(key => key.Layer < 0 ? key.Name : key.Name[..key.Name.LastIndexOf('.')], StringComparer.Ordinal).ThenBy(key => key.Layer)], cancellation);
        }

        console.EndProgress();
        verifier.CompareDescriptions();
    }

    // The JSON file of this golden file says what it holds: an array that is absent, or another, would not be missed otherwise.
    private void CompareDescriptions()
    {
        var file = Path.GetFileName(_notes.Path);
        foreach (var (name, description) in _notes.Arrays)
        {
            if (!_golden.Has(name))
            {
                if (_notes.IsOwn)
                    _report.Problems.Add($"{file} describes {Show.Name(name)}, which the golden file does not hold; make both anew");
                continue;
            }

            var array = _golden[name];
            if (description.Type is { } type && type != array.Type)
                _report.Problems.Add($"{Show.Name(name)} is of type {array.Type}, and {file} says {ToolConsole.OneLine(type)}; make both anew");
            if (description.Shape is { } shape && !shape.AsSpan().SequenceEqual(array.Shape))
                _report.Problems.Add($"{Show.Name(name)} is {Show.Shape(array.Shape)}, and {file} says {Show.Shape(shape)}; make both anew");
        }
    }

    private void RunCase(string name, List<GoldenKey> keys, CancellationToken cancellation)
    {
        var outputs = keys.Where(key => !key.IsInput).Select(key => new Output(key)).ToList();
        try
        {
            var rows = Rows(keys, out var isBatch);
            LeaveOut(keys);
            foreach (var output in outputs)
                Prepare(output, keys, rows, isBatch);
            var compared = outputs.Where(output => output.Expected is not null).ToList();
            var states = compared.Exists(output => output.Key.Role is GoldenRole.HiddenState or GoldenRole.HiddenStates);
            var attentions = compared.Exists(output => output.Key.Role is GoldenRole.Attention or GoldenRole.Attentions);
            var padded = 0;
            List<string> unequal = [], infinite = [];
            for (var row = 0; row < rows.Count; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (rows.Count > 8)
                    _console.Progress($"case {name}, row {row + 1} of {rows.Count} …");
                if (rows[row].Mask is { } mask && Array.IndexOf(mask, true) < 0)
                {
                    _report.Problems.Add($"case {Show.Name(name)}: row {row} of attention_mask has no 1; remove the row");
                    continue;
                }

                var got = _model.Run(rows[row], MaskForm.Automatic, states, attentions);
                foreach (var output in compared)
                    Compare(output, row, rows[row], got);
                infinite.AddRange(NotFinite(rows[row], got).Select(output => $"row {row}: {output} holds NaN or infinity"));
                if (rows[row].Mask is not null && rows[row].RealPrefix >= 0)
                {
                    padded++;
                    ComparePadding(rows[row], row, got, unequal);
                }
            }

            if (infinite.Count > 0)
                _report.Checks.Add(new BitCheck($"{(name.Length > 0 ? name + ": " : "")}finite numbers", false, string.Join("; ", infinite.Take(3))));
            if (padded > 0)
                _report.Checks.Add(new BitCheck($"{(name.Length > 0 ? name + ": " : "")}padded = unpadded, bit for bit", unequal.Count == 0, unequal.Count == 0 ? $"{padded} row{(padded == 1 ? "" : "s")}" : string.Join("; ", unequal.Take(3))));
        }
        catch (Exception e) when (e is GoldenException or ArgumentException or OverflowException)
        {
            // ArgumentException: the model refuses an input; its message names value and limit.
            var sentence = e is ArgumentException argument ? FolderFault.Sentence(argument) : e.Message;
            _report.Problems.Add($"case {Show.Name(name)}: {sentence}");
            foreach (var output in outputs.Where(output => output.Result.Verdict is not (Verdict.Skipped or Verdict.Failed)))
            {
                output.Result.Verdict = Verdict.NotChecked;
                output.Result.Note ??= "the case could not be run";
            }
        }

        foreach (var output in outputs)
        {
            Judge(output);
            _report.Arrays.Add(output.Result);
        }
    }

    // ---- inputs ----

    private List<RowInput> Rows(List<GoldenKey> keys, out bool isBatch)
    {
        var ids = One(keys, GoldenRole.Ids);
        var pixels = One(keys, GoldenRole.Pixels);
        if (_model.IsText ? ids is null : pixels is null)
        {
            throw new GoldenException(_model.IsText
                ? $"there is no input_ids (or ids){(pixels is null ? "" : ", but pixel_values, and the model reads text")}"
                : $"there is no pixel_values{(ids is null ? "" : ", but input_ids, and the model reads images")}");
        }

        // Nothing may be given that the model does not look at: what the reference made of it would be compared with something else.
        var foreign = keys.Find(key => key.IsInput && key.Role == GoldenRole.Pixels == _model.IsText);
        if (foreign is not null)
            throw new GoldenException($"{Show.Name(foreign.Name)} is no input of this model, which reads {(_model.IsText ? "text" : "images")}; remove it");
        return _model.IsText ? TextRows(keys, ids!, out isBatch) : ImageRows(pixels!, out isBatch);
    }

    private List<RowInput> TextRows(List<GoldenKey> keys, GoldenKey ids, out bool isBatch)
    {
        var array = _golden[ids.Name];
        if (array.Shape.Length is not (1 or 2))
            throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(array.Shape)}; [T] or [B, T] is expected");
        isBatch = array.Shape.Length == 2;
        if (array.Count == 0)
            throw new GoldenException($"{Show.Name(ids.Name)} is {Show.Shape(array.Shape)}, which holds no ids");
        var all = Integers(ids.Name);
        var types = One(keys, GoldenRole.TokenTypes) is { } typeKey ? Integers(Same(typeKey, array)) : null;
        if (_model.Info.TokenTypes == 0 && types is not null && Array.FindIndex(types, type => type != 0) is var typed and >= 0)
            throw new GoldenException($"the model has no token types, and token_type_ids holds {types[typed]} at {typed}; remove it, or fill it with 0");
        if (One(keys, GoldenRole.OtherInput) is { } positions)
            Integers(Same(positions, array));
        var mask = One(keys, GoldenRole.Mask) is { } maskKey ? Mask(Same(maskKey, array)) : null;
        var tokens = (int)array.Shape[^1];
        var rows = new List<RowInput>();
        for (var start = 0; start < all.Length; start += tokens)
        {
            rows.Add(new RowInput
            {
                Ids = all[start..(start + tokens)],
                TokenTypes = types is null ? [] : types[start..(start + tokens)],
                Mask = mask?[start..(start + tokens)],
            });
        }

        return rows;
    }

    private List<RowInput> ImageRows(GoldenKey pixels, out bool isBatch)
    {
        var info = _model.Info;
        var array = _golden[pixels.Name];
        long[] one = [info.ImageChannels, info.ImageHeight, info.ImageWidth];
        isBatch = array.Shape.Length == 4;
        if (array.Count == 0 || !array.Shape.AsSpan(isBatch ? 1 : 0).SequenceEqual(one))
            throw new GoldenException($"{Show.Name(pixels.Name)} is {Show.Shape(array.Shape)}; [B, {info.ImageChannels}, {info.ImageHeight}, {info.ImageWidth}] is expected");
        var all = _golden.Floats(pixels.Name);
        var size = (int)(one[0] * one[1] * one[2]);
        return [.. Enumerable.Range(0, all.Length / size).Select(row => new RowInput { Pixels = [.. all.Skip(row * size).Take(size).Select(value => (float)value)] })];
    }

    /// <summary>Inputs that are read and not given to the model.</summary>
    private void LeaveOut(List<GoldenKey> keys)
    {
        foreach (var key in keys)
        {
            var why = key.Role switch
            {
                GoldenRole.OtherInput => "the model counts positions itself, and a difference shows in the outputs",
                GoldenRole.TokenTypes when _model.Info.TokenTypes == 0 => "the model has no token types; all of them are 0",
                _ => null,
            };
            if (why is not null)
                _report.Arrays.Add(new ArrayResult { Name = key.Name, Verdict = Verdict.Skipped, Note = why });
        }
    }

    private static GoldenKey? One(List<GoldenKey> keys, GoldenRole role)
    {
        var found = keys.Where(key => key.Role == role).ToList();
        return found.Count < 2 ? found.FirstOrDefault() : throw new GoldenException($"{Show.Name(found[0].Name)} and {Show.Name(found[1].Name)} are the same input; keep one");
    }

    // A batch of one may be written with or without its 1.
    private string Same(GoldenKey key, GoldenArray ids) => Squeezed(_golden[key.Name]).SequenceEqual(Squeezed(ids))
        ? key.Name
        : throw new GoldenException($"{Show.Name(key.Name)} is {Show.Shape(_golden[key.Name].Shape)}, but {Show.Name(ids.Name)} is {Show.Shape(ids.Shape)}; both must have one shape");

    private static ReadOnlySpan<long> Squeezed(GoldenArray array) => array.Shape is [1, _] ? array.Shape.AsSpan(1) : array.Shape;

    private int[] Integers(string name) => _golden[name].Type == "BOOL"
        ? throw new GoldenException($"{Show.Name(name)} is of type BOOL; I64 or another integer is expected")
        : [.. _golden.Integers(name).Select((value, i) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new GoldenException($"{Show.Name(name)} holds {value} at {i}, which is no token id"))];

    private bool[] Mask(string name)
    {
        var values = _golden[name].Type is "F64" or "F32" or "F16" or "BF16" ? _golden.Floats(name) : [.. _golden.Integers(name).Select(value => (double)value)];
        return [.. values.Select(value => value is 0 or 1 ? value == 1 : throw new GoldenException(FormattableString.Invariant($"{Show.Name(name)} holds {value}; 0 (padding) and 1 are expected")))];
    }

    // ---- outputs ----

    /// <summary>Decides how an output is compared, or why it is not.</summary>
    private void Prepare(Output output, List<GoldenKey> keys, List<RowInput> rows, bool isBatch)
    {
        var (key, result) = (output.Key, output.Result);
        if (key.IsReferenceFloat32 && keys.Find(other => other != key && !other.IsReferenceFloat32 && other.Stem == key.Stem) is { } exact)
        {
            // It decides how much is allowed, so it must be what it says.
            var (ofThis, ofExact) = (_golden[key.Name].Shape, _golden[exact.Name].Shape);
            var fault = !ofThis.AsSpan().SequenceEqual(ofExact) ? $"it is {Show.Shape(ofThis)}, and {Show.Name(exact.Name)} beside it {Show.Shape(ofExact)}"
                : Array.TrueForAll(_golden.Floats(key.Name), double.IsFinite) ? null : "the golden file itself holds NaN or infinity";
            result.Verdict = fault is null ? Verdict.Skipped : Verdict.Failed;
            result.Note = fault ?? "the reference's own float32; its distance from float64 counts in what is allowed";
            return;
        }

        var info = _model.Info;
        long tokens = _model.Tokens(rows[0]);
        long d = info.HiddenSize;
        var layered = key.Role is GoldenRole.HiddenStates or GoldenRole.Attentions;
        long[]? row = key.Role switch
        {
            GoldenRole.LastHiddenState => [tokens, d],
            GoldenRole.HiddenState when key.Layer <= info.Layers => [tokens, d],
            GoldenRole.HiddenStates => [tokens, d],
            GoldenRole.Attention when key.Layer < info.Layers => [info.Heads, tokens, tokens],
            GoldenRole.Attentions => [info.Heads, tokens, tokens],
            GoldenRole.Pooled when _model.HasPooler => [info.PooledSize],
            GoldenRole.Embedding when _model.HasEmbedding => [info.EmbeddingSize],
            GoldenRole.Logits when _model.HasLogits => info.LogitsPerToken ? [tokens, info.LogitsSize] : [info.LogitsSize],
            GoldenRole.StartLogits or GoldenRole.EndLogits when _model.HasLogits && info is { LogitsPerToken: true, LogitsSize: 2 } => [tokens],
            _ => null,
        };
        if (row is null)
        {
            result.Verdict = Verdict.NotChecked;
            result.Note = key.Role switch
            {
                GoldenRole.Unknown => "this tool knows no such array",
                GoldenRole.HiddenState or GoldenRole.Attention => $"the model has {info.Layers} layers",
                _ => "the model has no such output",
            };
            return;
        }

        var array = _golden[key.Name];
        long layers = key.Role == GoldenRole.HiddenStates ? info.Layers + 1 : info.Layers;
        output.RowSize = row.Aggregate(1L, (product, size) => product * size);
        output.Layers = layered ? (int)layers : 1;
        IEnumerable<long> batch = isBatch || rows.Count > 1 ? [rows.Count] : [];
        List<long[]> shapes = [[.. batch, .. row]];
        if (rows.Count == 1)
            shapes.AddRange([row, [1, .. row]]);
        if (key.Role == GoldenRole.Logits && info.LogitsSize == 1)
            shapes.AddRange([.. shapes.Select(shape => shape[..^1])]); // one logit: squeezed
        if (layered)
            shapes = [.. shapes.Select(shape => (long[])[layers, .. shape])];
        if (!shapes.Exists(shape => shape.AsSpan().SequenceEqual(array.Shape)))
        {
            result.Verdict = Verdict.Failed;
            result.Note = $"it is {Show.Shape(array.Shape)}, and the model gives {Show.Shape(shapes[0])}";
            return;
        }

        var expected = _golden.Floats(key.Name);
        if (!Array.TrueForAll(expected, double.IsFinite))
        {
            result.Verdict = Verdict.Failed;
            result.Note = "the golden file itself holds NaN or infinity";
            return;
        }

        output.Expected = expected;
        output.Rows = rows.Count;
        output.PerToken = key.Role switch
        {
            GoldenRole.LastHiddenState or GoldenRole.HiddenState or GoldenRole.HiddenStates => info.HiddenSize,
            GoldenRole.Attention or GoldenRole.Attentions => (int)tokens,
            GoldenRole.StartLogits or GoldenRole.EndLogits => 1,
            GoldenRole.Logits when info.LogitsPerToken => info.LogitsSize,
            _ => 0,
        };

        // What stands at padding decides nothing, neither how large the numbers are nor how far float32 is off.
        var own = key.Layer < 0 && !key.IsReferenceFloat32 && key.Stem + "32" is var single && _golden.Has(single) && _golden[single].Shape.AsSpan().SequenceEqual(array.Shape) ? _golden.Floats(single) : null;
        double largest = 0, reference = _notes.ReferenceError(key.Name), measured = _notes.OwnError(key.Name);
        for (var i = 0L; i < expected.Length; i++)
        {
            if (IsPadding(output, rows[(int)(i / output.RowSize % rows.Count)], i % output.RowSize))
                continue;
            largest = Math.Max(largest, Math.Abs(expected[i]));
            if (own is not null && double.IsFinite(own[i]))
                measured = Math.Max(measured, Math.Abs(own[i] - expected[i]));
        }

        reference = Math.Max(reference, measured);

        result.MaxAbs = largest;
        var usual = array.Type == "F32" && !_notes.Knows(key.Name) ? AbsoluteOfFloat32 : Absolute;
        var allowed = Math.Max(usual, OfReference * reference);

        // A logit near 0 is a difference of numbers as large as the hidden states.
        var size = key.Role is GoldenRole.Logits or GoldenRole.StartLogits or GoldenRole.EndLogits ? Math.Max(largest, LargestState(keys)) : largest;
        var explained = Rounding * Math.Max(1.0, (double)info.Layers / LayersOfRounding) * size;
        if (measured > Math.Max(usual, explained))
        {
            result.Verdict = Verdict.Failed;
            result.Note = $"the stated float32 error is {Show.Error(measured)}, more than rounding explains, which is {Show.Error(Math.Max(usual, explained))} of numbers up to {Show.Error(size)} in {info.Layers} layer{(info.Layers == 1 ? "" : "s")}; state what a float32 run of the reference gives";
            output.Expected = null;
        }
        else if (allowed > Math.Max(Anything, largest))
        {
            result.Verdict = Verdict.Failed;
            result.Note = $"the stated float32 error allows {Show.Error(allowed)} of numbers up to {Show.Error(largest)}, which checks nothing";
            output.Expected = null;
        }

        // And what was lost when the reference was stored in a narrower type.
        var storage = array.Type switch { "F32" => 1.0 / (1 << 24), "F16" => 1.0 / (1 << 11), "BF16" => 1.0 / (1 << 8), _ => 0 };
        result.Tolerance = Math.Min(allowed, Math.Max(usual, OfRounding * explained)) + storage * largest;
    }

    /// <summary>The largest number of a case's last hidden state; 0: the file does not have it.</summary>
    private double LargestState(List<GoldenKey> keys) =>
        keys.Where(key => key.Role == GoldenRole.LastHiddenState).SelectMany(key => _golden.Floats(key.Name)).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();

    private static bool IsPadding(Output output, RowInput row, long at) =>
        output.PerToken > 0 && row.Mask is { } mask && !mask[(int)(at / output.PerToken % mask.Length)];

    /// <summary>Outputs that hold NaN or infinity, whether the golden file has them or not; what stands at padding does not count.</summary>
    private IEnumerable<string> NotFinite(RowInput input, RowOutput got)
    {
        foreach (var (name, values) in got.Results())
        {
            var perToken = name == "last_hidden_state" ? _model.Info.HiddenSize : name == "logits" && _model.Info.LogitsPerToken ? _model.Info.LogitsSize : 0;
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i]) || (perToken > 0 && input.Mask is { } mask && !mask[i / perToken]))
                    continue;
                yield return name;
                break;
            }
        }
    }

    private void Compare(Output output, int row, RowInput input, RowOutput got)
    {
        if (double.IsNaN(output.Worst))
            return;
        var tokens = _model.Tokens(input);
        var values = output.Key.Role switch
        {
            GoldenRole.LastHiddenState => got.Hidden,
            GoldenRole.HiddenState => got.States.AsSpan((int)(output.Key.Layer * output.RowSize), (int)output.RowSize).ToArray(),
            GoldenRole.HiddenStates => got.States,
            GoldenRole.Attention => got.Attentions.AsSpan((int)(output.Key.Layer * output.RowSize), (int)output.RowSize).ToArray(),
            GoldenRole.Attentions => got.Attentions,
            GoldenRole.Pooled => got.Pooled,
            GoldenRole.Embedding => got.Embedding,
            GoldenRole.StartLogits or GoldenRole.EndLogits => [.. Enumerable.Range(0, tokens).Select(t => got.Logits[2 * t + (output.Key.Role == GoldenRole.EndLogits ? 1 : 0)])],
            _ => got.Logits,
        };
        var expected = output.Expected!;
        for (long layer = 0; layer < output.Layers; layer++)
        {
            var theirs = (layer * output.Rows + row) * output.RowSize;
            var ours = layer * output.RowSize;
            for (long i = 0; i < output.RowSize; i++)
            {
                if (IsPadding(output, input, i))
                    continue;
                var difference = Math.Abs(expected[theirs + i] - values[ours + i]);
                output.Compared++;
                if (difference <= output.Worst)
                    continue;
                output.Worst = difference;
                if (double.IsNaN(difference))
                    return; // nothing is worse
            }
        }
    }

    private static void Judge(Output output)
    {
        var result = output.Result;
        if (output.Expected is null || result.Verdict is Verdict.NotChecked or Verdict.Failed)
            return;
        result.Compared = output.Compared;
        if (output.Compared == 0)
        {
            result.Verdict = Verdict.NotChecked;
            result.Note = "nothing in it is compared";
            return;
        }

        result.MaxAbsError = output.Worst;
        result.Verdict = output.Worst <= result.Tolerance ? Verdict.Ok : Verdict.Failed;
        if (!double.IsFinite(output.Worst))
            result.Note = "the model gives NaN or infinity";
        else if (result.MaxAbs <= result.Tolerance)
            result.Note = "no number in it is larger than what is allowed";
    }

    // ---- padding ----

    private void ComparePadding(RowInput padded, int row, RowOutput byLength, List<string> unequal)
    {
        var alone = _model.Run(padded.Unpadded());
        var byFlags = _model.Run(padded, MaskForm.Flags);
        foreach (var ((name, values), (_, length), (_, flags)) in alone.Results().Zip(byLength.Results(), byFlags.Results()))
        {
            // What belongs to tokens is longer where there is padding; the real ones come first.
            if (!Bits.Equal(values, length.AsSpan(0, values.Length)))
                unequal.Add($"row {row}: {name} by key length differs");
            if (!Bits.Equal(values, flags.AsSpan(0, values.Length)))
                unequal.Add($"row {row}: {name} by key flags differs");
        }
    }

    private sealed class Output(GoldenKey key)
    {
        public GoldenKey Key { get; } = key;

        public ArrayResult Result { get; } = new() { Name = key.Name, Verdict = Verdict.NotChecked };

        /// <summary>Null: it is not compared.</summary>
        public double[]? Expected
        {
            get;
            set
            {
                field = value;
                if (value is not null)
                    Result.Verdict = Verdict.Ok;
            }
        }

        public long RowSize { get; set; }

        public int Layers { get; set; } = 1;

        public int Rows { get; set; }

        /// <summary>How many numbers belong to one token, so that those at padding are left out; 0: the output is of the whole row.</summary>
        public int PerToken { get; set; }

        public double Worst { get; set; }

        public long Compared { get; set; }
    }
}

/// <summary>Comparing bits.</summary>
internal static class Bits
{
    public static bool Equal(ReadOnlySpan<float> a, ReadOnlySpan<float> b) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(a).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(b));
}
