using AttnGen.Probe;

namespace AttnGen.Tests.Goldens;

internal static class Models
{
    public static LoadedModel Load<T>(ITensorSource source, string prefix = "", Func<string, string>? rename = null) => Load(typeof(T), source, prefix, rename);

    public static LoadedModel Load(Type type, ITensorSource source, string prefix = "", Func<string, string>? rename = null) =>
        ModelCase.From(type).Load(source, prefix, rename);

    /// <summary>The outputs of one call as doubles.</summary>
    public static double[] Run(LoadedModel loaded, float[] query, float[] key, float[] value, AttentionMask mask = default, Span<double> weights = default, Span<double> hidden = default)
    {
        var model = loaded.Model;
        var tokens = query.Length / model.QueryWidth;
        var y = new float[tokens * model.OutputWidth];
        var attention = new float[weights.Length];
        var states = new float[hidden.Length];
        loaded.Forward(query, key, value, y, mask, new ForwardTrace { AttentionWeights = attention, HiddenStates = states });
        Difference.ToDoubles(attention).CopyTo(weights);
        Difference.ToDoubles(states).CopyTo(hidden);
        return Difference.ToDoubles(y);
    }

    public static float[] Rows(LoadedModel loaded, float[] x)
    {
        var y = new float[x.Length / loaded.Model.QueryWidth * loaded.Model.OutputWidth];
        loaded.Forward(x, x, x, y);
        return y;
    }

    /// <summary>The repository's root: the nearest folder above with AttnGen.sln.</summary>
    public static string RepositoryRoot
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "AttnGen.sln")))
                    return folder.FullName;
            throw new DirectoryNotFoundException("No AttnGen.sln above " + AppContext.BaseDirectory);
        }
    }
}
