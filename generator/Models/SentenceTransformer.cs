using AttnGen.Generator.Diagnostics;
using AttnGen.Sentences;

namespace AttnGen.Generator.Models;

/// <summary>What sentence-transformers keeps beside a model: pooling, normalisation, the longest text.</summary>
/// <param name="Pooling">The poolings side by side, by the names of <see cref="PoolingKind"/>; empty: hidden states are not pooled.</param>
/// <param name="Dense">Maps of the vector after the pooling.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1.</param>
/// <param name="MaxSequence">The longest text in tokens; 0: nothing is said.</param>
/// <param name="ModulesHash">What of it counts when the program gives another folder, see <see cref="Sentences.ModulesHash"/>.</param>
internal sealed record SentenceTransformer(EquatableArray<string> Pooling, EquatableArray<SentenceDense> Dense, bool Normalize, int MaxSequence, string ModulesHash)
{
    /// <summary>The first file that modules.json alone makes count; null: there is none.</summary>
    public static string? Uncounted(FolderFiles files) => new[] { SentenceKeys.Pooling, SentenceKeys.Transformer }.FirstOrDefault(file => files.Text(file) is not null);

    /// <param name="files">The folder.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="isPooled">Whether the class says how its hidden states are pooled: then the folder need not.</param>
    /// <param name="isNormalized">Whether the class says if its vectors are scaled to length 1.</param>
    public static SentenceTransformer Read(FolderFiles files, List<Problem> problems, bool isPooled = false, bool isNormalized = false)
    {
        var found = new List<SentenceProblem>();
        var config = SentenceConfig.Read(files.Text, found);
        var input = SentenceInput.Read(files.Text, config.Version, found);
        var modules = SentenceModules.Read(files.Text, config, input, found, isPooled);
        problems.AddRange(found.Select(problem => new Problem(
            problem.Fault switch { SentenceFault.File => Descriptors.ModelFile, SentenceFault.Wrong => Descriptors.ModelConfig, _ => Descriptors.ModelUnsupported }, problem.Message)));
        return new(modules.Pooling.ToEquatable(), modules.Dense.ToEquatable(), modules.Normalize, input.MaxTokens, Sentences.ModulesHash.Of(modules, isPooled, isNormalized));
    }
}
