using System.Reflection;
using AttnGen.Tokenizers;

namespace AttnGen.Generation;

// From a class or a folder to a generator.
public sealed partial class TextGenerator
{
    /// <summary>Loads a compiled model, the tokenizer of its folder, and what the folder says of writing.</summary>
    /// <typeparam name="TModel">The class with <see cref="TransformerModelAttribute"/>.</typeparam>
    /// <param name="folder">The model's folder; null: what is embedded in the class's assembly, or where <see cref="ModelFolder.Find(string, Assembly)"/> finds it.</param>
    /// <param name="options">What holds for all texts; null: the defaults.</param>
    /// <returns>A generator that owns the model.</returns>
    /// <exception cref="InvalidDataException">A file of the folder is malformed.</exception>
    /// <exception cref="NotSupportedException">A file asks for what is not followed; the message says what, and what to do.</exception>
    public static TextGenerator Create<TModel>(string? folder = null, TextGeneratorOptions? options = null)
        where TModel : ITransformerModel<TModel>, ILanguageModel
    {
        var model = TModel.Load(folder, options?.Load);
        try
        {
            var files = Find(folder, model.Info.Folder, typeof(TModel).Assembly);
            var tokenizer = TokenizerLoader.Load(files);
            return new TextGenerator(model, tokenizer, null, FolderGeneration.Read(files, tokenizer, options?.FollowFolder ?? true), options, ownsModel: true);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Puts a tokenizer before a model. Nothing is read of a folder: give the tokens that end a text with each call (<see cref="GenerationOptions.StopTokenIds"/>), or the folder.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">How the model writes a conversation down; null: the model's own, if it has one.</param>
    /// <param name="options">What holds for all texts; null: the defaults.</param>
    /// <param name="settingsFolder">The folder whose generation_config.json, config.json and tokenizer_config.json are read; null: none.</param>
    /// <param name="ownsModel">Whether disposing the generator disposes the model.</param>
    /// <returns>The generator.</returns>
    public static TextGenerator Create(
        ILanguageModel model, TextTokenizer tokenizer, IChatTemplate? template = null, TextGeneratorOptions? options = null, string? settingsFolder = null, bool ownsModel = false) =>
        new(model, tokenizer, template, settingsFolder is null ? FolderGeneration.None : FolderGeneration.Read(new ModelFiles(settingsFolder), tokenizer, options?.FollowFolder ?? true), options, ownsModel);

    // The order is that of the weights: embedded first, then the places where a folder may be.
    private static ModelFiles Find(string? folder, string known, Assembly assembly)
    {
        if (folder is not null)
        {
            return new ModelFiles(folder);
        }

        var prefix = $"AttnGen/{known}/";
        return Array.Exists(assembly.GetManifestResourceNames(), name => name.StartsWith(prefix, StringComparison.Ordinal))
            ? new ModelFiles(file => assembly.GetManifestResourceStream(prefix + file), known)
            : new ModelFiles(ModelFolder.Find(known, assembly));
    }
}
