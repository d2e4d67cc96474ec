using System.Reflection;

namespace AttnGen.Embeddings;

/// <summary>A loaded model and what stands beside its weights.</summary>
/// <typeparam name="TModel">The class.</typeparam>
internal readonly record struct ModelWithTokenizer<TModel>(TModel Model, TextTokenizer Tokenizer, ModelFiles Files)
    where TModel : ITransformerModel<TModel>
{
    /// <summary>Loads the model and what stands beside it, and makes something of them that owns the model.</summary>
    public static TOwner Load<TOwner>(string? folder, ModelLoadOptions? options, Func<ModelWithTokenizer<TModel>, TOwner> make)
    {
        var model = TModel.Load(folder, options);
        try
        {
            var files = Find(folder, model.Info.Folder, typeof(TModel).Assembly);
            return make(new ModelWithTokenizer<TModel>(model, TokenizerLoader.Load(files), files));
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
            : new ModelFiles(ModelFolder.Find(known));
    }
}
