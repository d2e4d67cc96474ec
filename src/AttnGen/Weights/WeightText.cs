using System.Globalization;
using System.Text;

namespace AttnGen;

/// <summary>How the messages of weight exceptions spell names and shapes. Names come from files and may hold anything.</summary>
internal static class WeightText
{
    private const int LongestName = 120;
    private const int MostDimensions = 8;
    private const int MostNear = 3;

    /// <summary>A name in quotes, on one line, not longer than a line.</summary>
    public static string Quote(string name)
    {
        var text = new StringBuilder("'");
        foreach (var c in name.AsSpan(0, Math.Min(name.Length, LongestName)))
        {
            // Letters of every script stay; what would break the line, or cannot be written, is escaped.
            if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.Append(name.Length > LongestName ? "…'" : "'").ToString();
    }

    /// <summary>A shape as [2, 3]; a scalar's is [].</summary>
    public static string Shape(ReadOnlySpan<long> shape)
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < Math.Min(shape.Length, MostDimensions); i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(shape[i].ToString(CultureInfo.InvariantCulture));
        }

        return text.Append(shape.Length > MostDimensions ? ", …]" : "]").ToString();
    }

    /// <summary>What to do about weights that are not those of a shape's class.</summary>
    public const string ShapeFix = "load the file of a model of this shape, or correct the class's attribute";

    /// <summary>What to do about weights that are not those of a folder's class.</summary>
    public const string FolderFix = "load the folder that the class was made of, or build the program with this one";

    /// <summary>What to say of a tensor of another shape, and what to do.</summary>
    public static WeightMismatchException OtherShape(ITensorSource source, string name, ReadOnlySpan<long> shape, string model, ReadOnlySpan<long> needed, string fix) =>
        new(source.Name, name, $"{source.Name}: tensor {Quote(name)} is {Shape(shape)}, but {model} needs {Shape(needed)}; {fix}.");

    /// <summary>What to say of a tensor that is not there: that, the names that come near, and what to do, where those do not say it.</summary>
    public static WeightMismatchException Missing(ITensorSource source, string name, string needed, string fix = "", string fixIfNoneIsNear = "")
    {
        var text = new StringBuilder($"{source.Name}: there is no tensor {Quote(name)}{needed}");
        var near = Near(name, source.TensorNames).ToList();
        if (near.Count > 0)
        {
            text.Append("; near names are ").AppendJoin(", ", near.Select(Quote));
            var prefix = near[0].Length > name.Length && near[0].EndsWith(name, StringComparison.Ordinal) ? near[0][..^name.Length] : "";
            if (prefix.Length > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $" (is the prefix {Quote(prefix)} missing?)");
            }
        }
        else
        {
            var count = source.TensorNames.Count();
            text.Append(count == 0 ? "; it has no tensors at all" : string.Create(CultureInfo.InvariantCulture, $"; none of its {count} tensors has a name near that"));
        }

        fix = near.Count == 0 && fixIfNoneIsNear.Length > 0 ? fixIfNoneIsNear : fix;
        return new(source.Name, name, text.Append(fix.Length > 0 ? "; " : "").Append(fix).Append('.').ToString());
    }

    /// <summary>The nearest names, best first: those that end in the name (a forgotten prefix), or in its tail, or a few letters off.</summary>
    internal static IEnumerable<string> Near(string name, IEnumerable<string> names)
    {
        var tail = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return names
            .Select(candidate => (candidate, distance: Distance(candidate)))
            .Where(pair => pair.distance < int.MaxValue)
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Take(MostNear)
            .Select(pair => pair.candidate);

        int Distance(string candidate)
        {
            if (candidate.EndsWith(name, StringComparison.Ordinal))
            {
                return candidate.Length - name.Length - 2000;
            }

            if (name.EndsWith(candidate, StringComparison.Ordinal) && candidate.Length > 0)
            {
                return name.Length - candidate.Length - 1000;
            }

            var limit = Math.Max(2, name.Length / 4);
            var edits = Math.Abs(candidate.Length - name.Length) > limit ? int.MaxValue : Edits(name, candidate);
            if (edits <= limit)
            {
                return edits;
            }

            return tail.Length > 0 && tail.Length < name.Length && candidate.EndsWith(tail, StringComparison.Ordinal)
                ? 1000 + candidate.Length
                : int.MaxValue;
        }
    }

    // Levenshtein's distance, one row at a time.
    private static int Edits(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
            {
                var replaced = diagonal + (a[i] == b[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
