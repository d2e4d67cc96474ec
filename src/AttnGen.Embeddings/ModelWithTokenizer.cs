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
        var companions = new Companions(folder, typeof(TModel), read, isReranker: typeof(TOwner) == typeof(Reranker));
        var reading = companions.Begin(TModel.Description);
        TModel model;
        try
        {
            model = TModel.Load(folder, options);
        }
        catch
        {
            Companions.Forget(reading);
            throw;
        }

        try
        {
            companions.End(reading, model.Info);
            return make(new ModelWithTokenizer<TModel>(model, companions.Tokenizer!, companions.Files!, companions.Settings!));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}

/// <summary>What stands beside a model's weights. It is read while they are packed, where there is a second processor: a program starts as soon as the slower of the two is done.</summary>
/// <param name="folder">The folder; null: it is looked for.</param>
/// <param name="model">The model's class.</param>
/// <param name="read">Reads what sentence-transformers' files say; null: they are not for this use.</param>
/// <param name="isReranker">Whether pairs are scored: that needs no modules.</param>
internal sealed class Companions(string? folder, Type model, Func<ModelFiles, SentenceSettings>? read, bool isReranker)
{
    public ModelFiles? Files { get; private set; }

    public SentenceSettings? Settings { get; private set; }

    public TextTokenizer? Tokenizer { get; private set; }

    /// <summary>Begins to read on another thread; null: it is done at the end.</summary>
    /// <param name="known">The model's description, where there is one before it is loaded.</param>
    public Task? Begin(ModelInfo? known) =>
        known is null || Environment.ProcessorCount == 1 || OperatingSystem.IsBrowser() || OperatingSystem.IsWasi() ? null : Task.Run(() => Read(known));

    /// <summary>Waits for what was begun, or reads now.</summary>
    public void End(Task? reading, ModelInfo info)
    {
        if (reading is null)
        {
            Read(info);
        }
        else
        {
            reading.GetAwaiter().GetResult();
        }

        TokenLimit.CheckIds(info, Tokenizer!, what => new InvalidDataException($"'{Files!.Name}': {what}"));
    }

    /// <summary>Leaves what was begun to end by itself. Of two faults the model's own is told.</summary>
    public static void Forget(Task? reading) =>
        reading?.ContinueWith(static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void Read(ModelInfo info)
    {
        var files = Files = Find(folder, info.Folder, model.Assembly);
        Settings = read?.Invoke(files) ?? SentenceSettings.None;
        // A reranker needs no modules: a class that was compiled from config.json alone takes any.
        var compiled = info.ModulesHash;
        bool counts = read is not null && compiled.Length > 0 && (!isReranker || compiled != ModulesHash.Nothing);
        if (counts && ModulesHash.Differs(compiled, files.Text, Settings.Config, Settings.Input) is { } says)
        {
            throw new InvalidDataException(ForeignText.OneLine(
                $"'{files.Name}': what its modules.json and the configurations that it names mean ({says}) is not what the class {model.Name} was compiled from ('{info.Folder}'), and it decides how vectors are made; compile a class from this folder, or give it the files of that one."));
        }

        Tokenizer = TokenizerLoader.Load(files, Settings.LowersInTokenizer);
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
            ? new ModelFiles(GgufTokenizerFiles.OfResources(assembly, prefix, known), known)
            : new ModelFiles(ModelFolder.Find(known, assembly));
    }
}
