namespace AttnGen.Tool;

/// <summary>The two heads of a DeiT with a teacher, of whose logits the class gives the mean: from the file's tensors and the class's hidden states.</summary>
internal sealed class TeacherHeads
{
    private readonly double[][] _weights = new double[2][];
    private readonly double[][] _biases = new double[2][];

    /// <summary>Reads them.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="files">Its files of weights.</param>
    /// <param name="info">The model.</param>
    /// <returns>Null: the model has no such heads.</returns>
    public static TeacherHeads? Of(string folder, IEnumerable<string> files, ModelInfo info)
    {
        if (!info.Architecture.EndsWith("ForImageClassificationWithTeacher", StringComparison.Ordinal))
            return null;
        var heads = new TeacherHeads();
        foreach (var file in files)
        {
            var golden = GoldenFile.Open(Path.Combine(folder, file));
            foreach (var (name, i) in new[] { ("cls_classifier", 0), ("distillation_classifier", 1) })
            {
                if (golden.Has(name + ".weight"))
                    heads._weights[i] = golden.Floats(name + ".weight");
                if (golden.Has(name + ".bias"))
                    heads._biases[i] = golden.Floats(name + ".bias");
            }
        }

        return heads._weights.Concat(heads._biases).All(values => values is not null) ? heads : null;
    }

    /// <summary>Logits of a head.</summary>
    /// <param name="head">0: of the first token; 1: of the second.</param>
    /// <param name="hidden">[T, D] the last hidden states.</param>
    public float[] Logits(int head, ReadOnlySpan<float> hidden)
    {
        var (weight, bias) = (_weights[head], _biases[head]);
        var width = weight.Length / bias.Length;
        var logits = new float[bias.Length];
        for (var c = 0; c < logits.Length; c++)
        {
            var sum = bias[c];
            for (var i = 0; i < width; i++)
                sum += weight[(c * width) + i] * hidden[(head * width) + i];
            logits[c] = (float)sum;
        }

        return logits;
    }
}
