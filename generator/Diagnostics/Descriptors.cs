using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Diagnostics;

/// <summary>
/// Every diagnostic, one field each. A message names what is wrong, the limit, and the fix.
/// Each ID has a page docs/diagnostics/ID.md and a row in AnalyzerReleases.Unshipped.md; a test holds the three together.
/// </summary>
internal static class Descriptors
{
    private const string Placement = "AttnGen.Placement";
    private const string Value = "AttnGen.Value";
    private const string Combination = "AttnGen.Combination";
    private const string Generator = "AttnGen.Generator";
    private const string Model = "AttnGen.Model";
    private const string Pages = "https://github.com/attngen/attngen/blob/main/docs/diagnostics/";

    // Where the class stands.

    public static readonly DiagnosticDescriptor NotPartial = new(
        "ATTN0001", "The class is not partial",
        "'{0}' has [{1}] but is not partial, so its other half cannot be generated. Write 'partial class {0}'.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0001.md");

    public static readonly DiagnosticDescriptor ContainerNotPartial = new(
        "ATTN0002", "A type around the class is not partial",
        "'{0}' contains '{1}', which has [{2}], but is not partial. Add 'partial' to '{0}'.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0002.md");

    public static readonly DiagnosticDescriptor StaticClass = new(
        "ATTN0003", "The class is static",
        "'{0}' is static, but [{1}] generates an object that is made and disposed. Remove 'static'.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0003.md");

    public static readonly DiagnosticDescriptor AbstractClass = new(
        "ATTN0004", "The class is abstract",
        "'{0}' is abstract, but [{1}] generates code that makes objects of it. Remove 'abstract'.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0004.md");

    public static readonly DiagnosticDescriptor GenericClass = new(
        "ATTN0005", "The class is generic",
        "'{0}' has type parameters {1}, but one shape gives one class. Remove them; a generic type may contain the class.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0005.md");

    public static readonly DiagnosticDescriptor FileLocal = new(
        "ATTN0006", "The class is local to its file",
        "'{0}' is a file-local type, which a generated file cannot extend. Remove 'file', for example in favour of 'internal'.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0006.md");

    public static readonly DiagnosticDescriptor LanguageVersion = new(
        "ATTN0007", "The C# version is too old",
        "This project compiles as C# {0}, but the generated code needs C# {1} or later. Remove <LangVersion> from the project, or set it to {1} or later.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0007.md");

    public static readonly DiagnosticDescriptor TwoShapes = new(
        "ATTN0008", "The class has two shapes",
        "'{0}' already has [{1}], and a class has one shape. Move [{2}] to a class of its own.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0008.md");

    public static readonly DiagnosticDescriptor NameTaken = new(
        "ATTN0009", "A name is taken that the generated half declares",
        "The generated half of '{0}' declares '{1}', but {2}",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0009.md");

    public static readonly DiagnosticDescriptor CannotConstruct = new(
        "ATTN0010", "The generated half cannot make an object of the class",
        "The generated half of '{0}' makes its objects itself, but {1}. {2}.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0010.md");

    public static readonly DiagnosticDescriptor RuntimeMissing = new(
        "ATTN0011", "The runtime library is missing or does not fit",
        "The generated code needs the library AttnGen, but {0}. Reference the package AttnGen, which holds this generator and its library in one version.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0011.md");

    public static readonly DiagnosticDescriptor NamespaceHidden = new(
        "ATTN0012", "A type hides a name that generated code uses",
        "The type '{0}' in the global namespace hides what '{0}' means in generated code. Rename the type or move it into a namespace.",
        Placement, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0012.md");

    // One argument.

    public static readonly DiagnosticDescriptor Size = new(
        "ATTN0020", "A size is out of range",
        "{0} is {1}, but must be between {2} and {3}. {4}.",
        Value, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0020.md");

    public static readonly DiagnosticDescriptor Number = new(
        "ATTN0021", "A number is out of range",
        "{0} is {1}, but must be {2}. {3}.",
        Value, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0021.md");

    public static readonly DiagnosticDescriptor UndefinedChoice = new(
        "ATTN0022", "An option does not exist",
        "{0} is {1}, which is no member of {2}. Choose {3}.",
        Value, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0022.md");

    // Arguments together.

    public static readonly DiagnosticDescriptor HeadsDoNotDivide = new(
        "ATTN0030", "The heads do not divide the model's width",
        "heads is {0}, which does not divide dModel {1}. Choose {2}, or give headDim.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0030.md");

    public static readonly DiagnosticDescriptor KvHeadsDoNotDivide = new(
        "ATTN0031", "The key/value heads do not divide the heads",
        "kvHeads is {0}, which does not divide heads {1}. Choose {2}.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0031.md");

    public static readonly DiagnosticDescriptor RotaryDim = new(
        "ATTN0032", "The rotated part of a head is impossible",
        "{0}, but rotary positions turn pairs of features of a head of {1}. {2}.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0032.md");

    public static readonly DiagnosticDescriptor NeedsRotary = new(
        "ATTN0033", "An option of rotary positions without rotary positions",
        "{0} is {1}, but position is {2}, so it would have no effect. Add position: Position.RotaryHalf or Position.RotaryInterleaved, or remove {0}.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0033.md");

    public static readonly DiagnosticDescriptor AppendedKeyHasNoPosition = new(
        "ATTN0034", "An appended key has no position",
        "{0} appends a key that stands nowhere in the sequence, but position is {1}. Remove {0} or position.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0034.md");

    public static readonly DiagnosticDescriptor TooManyWeights = new(
        "ATTN0035", "The model is too large",
        "{0} would have {1} numbers, but the limit is {2}. Make {3} smaller.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0035.md");

    public static readonly DiagnosticDescriptor TooManyTokens = new(
        "ATTN0036", "The longest sequence does not fit into a span",
        "maxTokens is {0}, but {0} rows of {1} numbers ({2}) are more than a span holds. Choose maxTokens of at most {3}.",
        Combination, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0036.md");

    // The generator itself.

    public static readonly DiagnosticDescriptor Fault = new(
        "ATTN0050", "The generator failed on the class",
        "AttnGen failed on '{0}', which has no generated half now: {1}. This is an error in AttnGen; please report it, with this message and the attribute. Other classes are not affected.",
        Generator, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0050.md");

    public static readonly DiagnosticDescriptor NotSeen = new(
        "ATTN0051", "The attribute is out of the generator's sight",
        "'{0}' has [{1}] but no generated half: another generator wrote {2}, and no generator sees what another one writes. Write {3} by hand.",
        Generator, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0051.md");

    // A model's folder. The message is the folder and what is wrong with it.

    public static readonly DiagnosticDescriptor ModelFolder = new(
        "ATTN0040", "The folder is not in the project",
        "There is no AttnGenModel '{0}' in the project{1}. Name the folder here as the project includes it, or add <ItemGroup><AttnGenModel Include=\"{0}\" /></ItemGroup>.",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0040.md");

    public static readonly DiagnosticDescriptor ModelFile = new(
        "ATTN0041", "A file of the model cannot be read",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0041.md");

    public static readonly DiagnosticDescriptor ModelConfig = new(
        "ATTN0042", "A value of the model's configuration is wrong",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0042.md");

    public static readonly DiagnosticDescriptor ModelUnsupported = new(
        "ATTN0043", "The model asks for something that is not supported",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0043.md");

    public static readonly DiagnosticDescriptor ModelTensor = new(
        "ATTN0044", "The model's weights do not fit its configuration",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0044.md");

    public static readonly DiagnosticDescriptor ModelLater = new(
        "ATTN0045", "The architecture is not supported yet",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0045.md");

    public static readonly DiagnosticDescriptor ModelUnknownKey = new(
        "ATTN0046", "The model's configuration has a key that is not known",
        "{0}: {1}",
        Model, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0046.md");

    public static readonly DiagnosticDescriptor ChatTemplate = new(
        "ATTN0047", "The chat template cannot be compiled",
        "{0}: {1}",
        Model, DiagnosticSeverity.Error, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0047.md");

    public static readonly DiagnosticDescriptor ChatTemplateFails = new(
        "ATTN0048", "A part of the chat template fails when it is reached",
        "{0}: {1}",
        Model, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Pages + "ATTN0048.md");
}
