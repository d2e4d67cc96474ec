namespace AttnGen.Embeddings;

/// <summary>Names of classes.</summary>
internal static class LabelNames
{
    /// <summary>The model's names, or those that transformers gives where there are none.</summary>
    public static string[] Of(ModelInfo info)
    {
        var names = new string[info.LogitsSize];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = i < info.Labels.Count ? info.Labels[i] : FormattableString.Invariant($"LABEL_{i}");
        }

        return names;
    }
}
