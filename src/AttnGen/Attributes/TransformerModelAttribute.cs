using System.Diagnostics;

namespace AttnGen;

/// <summary>A whole model: the folder that a model hub publishes (config.json, safetensors, pooling) becomes a class.</summary>
/// <remarks>
/// Put it on a <c>partial class</c> and name the folder in the project: <c>&lt;AttnGenModel Include="models/all-MiniLM-L6-v2" /&gt;</c>.
/// The compiler reads the folder's configuration and the header of its weights, checks one against the other, and writes the code for
/// exactly this model.
/// </remarks>
/// <param name="folder">The folder, as <c>AttnGenModel</c> includes it.</param>
/// <param name="maxTokens">Longest sequence of a call; 0: the longest that the model has positions for, or, where they have no end (T5, NomicBERT), that the folder names. Lower it where the model allows far more than is needed.</param>
/// <param name="pooling">How <c>Embed</c> makes one vector of a sequence.</param>
/// <param name="normalize">Whether <c>Embed</c> scales the vector to length 1.</param>
/// <param name="tower">Which model of the folder it is, where that holds one of texts and one of images (CLIP).</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
[Conditional("ATTNGEN_ATTRIBUTES")] // Of use to the compiler alone: an absolute folder would be shipped with the program.
#pragma warning disable CS9113 // The compiler extension reads the arguments from the source; at run time nobody does.
public sealed class TransformerModelAttribute(
    string folder,
    int maxTokens = 0,
    Pooling pooling = Pooling.Folder,
    Normalization normalize = Normalization.Folder,
    Tower tower = Tower.Folder) : Attribute;
#pragma warning restore CS9113

/// <summary>How a sequence of hidden states becomes one vector (Reimers and Gurevych 2019, arXiv:1908.10084, §3).</summary>
public enum Pooling
{
    /// <summary>As the pooling says that <c>modules.json</c> names (<c>1_Pooling/config.json</c>); the mean if there is no <c>modules.json</c>.</summary>
    Folder = 0,

    /// <summary>The mean over the tokens that are not masked.</summary>
    Mean = 1,

    /// <summary>The first token.</summary>
    FirstToken = 2,

    /// <summary>The largest value of each feature over the tokens that are not masked.</summary>
    Max = 3,

    /// <summary>The last token that is not masked.</summary>
    LastToken = 4,

    /// <summary>The sum over the tokens that are not masked, divided by the square root of their number.</summary>
    MeanSqrtLength = 5,

    /// <summary>The mean with weights 1, 2, 3 … by place.</summary>
    WeightedMean = 6,
}

/// <summary>Whether a vector is scaled to length 1.</summary>
public enum Normalization
{
    /// <summary>As <c>modules.json</c> says (a <c>Normalize</c> module); no if there is none.</summary>
    Folder = 0,

    /// <summary>Yes.</summary>
    Yes = 1,

    /// <summary>No.</summary>
    No = 2,
}

/// <summary>Which model of a folder a class is (Radford et al. 2021, arXiv:2103.00020): two towers give texts and images vectors of one space.</summary>
public enum Tower
{
    /// <summary>The only one that the folder holds.</summary>
    Folder = 0,

    /// <summary>The model of texts.</summary>
    Text = 1,

    /// <summary>The model of images.</summary>
    Image = 2,
}
