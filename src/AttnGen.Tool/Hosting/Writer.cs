using AttnGen.Generation;
using AttnGen.Tokenizers;

namespace AttnGen.Tool;

/// <summary>A folder's language model with its tokenizer, ready to write.</summary>
internal static class Writer
{
    /// <exception cref="ToolException">The folder holds no language model, or no tokenizer that can be read.</exception>
    public static TextGenerator Load(ModelRequest request, bool forChat, ToolConsole console, CancellationToken cancellation)
    {
        TextTokenizer? tokenizer = null;
        var compiled = CompiledModel.Create(request, console, cancellation, directory => tokenizer = FolderFault.Catch(directory, () => TextTokenizer.Load(directory.Path)));
        if (!compiled.Is<ILanguageModel>())
            throw new ToolException($"'{compiled.Directory.Name}' ({compiled.Info.ModelType}) writes no text; give the folder of a language model (...ForCausalLM).", ExitCode.Failed);
        if (forChat && !compiled.Is<IChatTemplate>())
            throw new ToolException($"'{compiled.Directory.Name}' has no chat template (chat_template.jinja, or chat_template of tokenizer_config.json), so it was not trained for conversations; use 'attngen generate'.", ExitCode.Failed);
        var model = (ILanguageModel)compiled.Load(console, cancellation);
        try
        {
            return FolderFault.Catch(compiled.Directory, () => TextGenerator.Create(model, tokenizer!, settingsFolder: compiled.Directory.Path, ownsModel: true));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
