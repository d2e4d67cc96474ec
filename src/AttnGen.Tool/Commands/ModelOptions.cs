using System.CommandLine;

namespace AttnGen.Tool;

/// <summary>The folder, and what may be asked of it; the same for every command.</summary>
internal sealed class ModelOptions
{
    /// <summary>What <c>--help</c> calls the folder.</summary>
    public const string FolderName = "DIR";

    private readonly Argument<string?> _folder;

    private readonly Option<string?> _config = new("--config") { Description = "A file to read in place of config.json, such as config.v4.json of the folder.", HelpName = "FILE" };
    private readonly Option<int> _maxTokens = new("--max-tokens") { Description = "Longest sequence; 0: the model's.", HelpName = "N" };
    private readonly Option<Pooling> _pooling = new("--pooling") { Description = "How tokens become one vector, in place of what the folder says." };
    private readonly Option<Normalization> _normalize = new("--normalize") { Description = "Whether vectors get length 1, in place of what the folder says." };

    private readonly Option<Tower> _tower = TowerOption();

    public ModelOptions(bool isOptional = false)
    {
        _folder = new Argument<string?>(FolderName) { Description = "The model's folder: config.json, model.safetensors and what belongs to them. Or a GGUF file." };
        _folder.Arity = isOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne;
    }

    public static Option<Tower> TowerOption() => new("--tower") { Description = "Which model of the folder, where that holds one of texts and one of images (CLIP)." };

    public void AddTo(Command command)
    {
        command.Add(_folder);
        command.Add(_config);
        command.Add(_maxTokens);
        command.Add(_pooling);
        command.Add(_normalize);
        command.Add(_tower);
    }

    public ModelRequest Read(ParseResult result) => ReadOptional(result) ?? throw new ToolException("There is no folder; give the model's.");

    public ModelRequest? ReadOptional(ParseResult result)
    {
        if (result.GetValue(_folder) is not { } folder)
            return null;
        return new ModelRequest(folder)
        {
            Config = result.GetValue(_config),
            MaxTokens = result.GetValue(_maxTokens) is var tokens && tokens >= 0 ? tokens : throw new ToolException($"--max-tokens is {tokens}; 0 (the model's) or more is expected."),
            Pooling = result.GetValue(_pooling),
            Normalize = result.GetValue(_normalize),
            Tower = result.GetValue(_tower),
        };
    }
}
