using System.Reflection;
using AttnGen.Generator.Json;
using AttnGen.Sentences;

namespace AttnGen.Embeddings;

/// <summary>A loaded model and what stands beside its weights.</summary>
/// <typeparam name="TModel">The class.</typeparam>
internal readonly record struct ModelWithTokenizer<TModel>(TModel Model, TextTokenizer Tokenizer, ModelFiles Files, SentenceSettings Settings)
    where TModel : ITransformerModel<TModel>
{
    /// <summary>Loads the model and what stands beside it, and makes something of them that owns the model.</summary>
    /// <param name="folder">The folder; null: it is looked for.</param>
    /// <param name="options">How the model is loaded.</param>
    /// <param name="read">Reads what sentence-transformers' files say; null: they are not for this use.</param>
    /// <param name="make">Makes the owner.</param>
    public static TOwner Load<TOwner>(string? folder, ModelLoadOptions? options, Func<ModelFiles, SentenceSettings>? read, Func<ModelWithTokenizer<TModel>, TOwner> make)
    {
        var model = TModel.Load(folder, options);
        try
        {
            var files = Find(folder, model.Info.Folder, typeof(TModel).Assembly);
            var settings = read?.Invoke(files) ?? SentenceSettings.None;
            // A reranker needs no modules: a class that was compiled from config.json alone takes any.
            var compiled = model.Info.ModulesHash;
            bool counts = read is not null && compiled.Length > 0 && (typeof(TOwner) != typeof(Reranker) || compiled != ModulesHash.Nothing);
            if (counts && ModulesHash.Differs(compiled, files.Text, settings.Config, settings.Input) is { } says)
            {
                throw new InvalidDataException(ForeignText.OneLine(
                    $"'{files.Name}': what its modules.json and the configurations that it names mean ({says}) is not what the class {typeof(TModel).Name} was compiled from ('{model.Info.Folder}'), and it decides how vectors are made; compile a class from this folder, or give it the files of that one."));
            }

            var tokenizer = TokenizerLoader.Load(files, settings.LowersInTokenizer);
            TokenLimit.CheckIds(model.Info, tokenizer, what => new InvalidDataException($"'{files.Name}': {what}"));
            return make(new ModelWithTokenizer<TModel>(model, tokenizer, files, settings));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // The order is that of the weights: embedded first, then the places where a folder may be.
    private static ModelFiles Find(string? folder, string known, Assembly assembly)
    {
        if (folder is not null)
        {
            return new ModelFiles(folder);
        }

        // As FolderNames.Resource has it, which this assembly cannot compile in: attngen sees its internals and the generator's.
        var prefix = $"AttnGen/{known}/";
        return Array.Exists(assembly.GetManifestResourceNames(), name => name.StartsWith(prefix, StringComparison.Ordinal))
            ? new ModelFiles(file => assembly.GetManifestResourceStream(prefix + file), known)
            : new ModelFiles(ModelFolder.Find(known, assembly));
    }
}
