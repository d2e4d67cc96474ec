using AttnGen.Generator.Diagnostics;
using AttnGen.Sentences;

namespace AttnGen.Generator.Models;

/// <summary>Sentence-transformers' Dense modules: maps of the pooled vector, whose tensors are in folders of their own.</summary>
internal static class DenseStages
{
    /// <summary>The files of their tensors.</summary>
    public static IEnumerable<string> Files(SentenceTransformer sentence) => sentence.Dense.Select(dense => $"{dense.Folder}/{SentenceDense.Weights}");

    /// <summary>Asks for their tensors, and holds their widths against each other.</summary>
    /// <param name="sentence">What the folder says.</param>
    /// <param name="draft">The model.</param>
    /// <param name="width">Numbers of the pooled vector.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static EquatableArray<OutputStage> Of(SentenceTransformer sentence, ModelDraft draft, int width, List<Problem> problems)
    {
        var stages = new List<OutputStage>();
        string before = "the pooling";
        foreach (var dense in sentence.Dense)
        {
            if (dense.Inputs != width)
                problems.Add(new(Descriptors.ModelConfig, $"{dense.Folder}/config.json: in_features is {Text.Of(dense.Inputs)}, but {before} gives {Text.Of(width)} numbers, which it must take"));
            stages.Add(new(
                draft.Map($"{dense.Folder}/linear", new Dim(dense.Inputs, $"in_features={Text.Of(dense.Inputs)}"), new Dim(dense.Outputs, $"out_features={Text.Of(dense.Outputs)}"), new Switch(dense.Bias, dense.Bias ? "bias=true" : "bias=false")),
                dense.Activation, null));
            (before, width) = (dense.Folder, dense.Outputs);
        }

        draft.ModuleLeftovers();
        return stages.ToEquatable();
    }
}
