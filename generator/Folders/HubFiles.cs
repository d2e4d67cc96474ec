namespace AttnGen.Folders;

/// <summary>Who reads a file of a model's folder.</summary>
[Flags]
internal enum ReadBy
{
    /// <summary>The generator, when the project is compiled.</summary>
    Compiler = 1,

    /// <summary>AttnGen.Embeddings or AttnGen.Generation, when the program runs.</summary>
    Text = 2,

    /// <summary>The program's own code: nothing of AttnGen does.</summary>
    Program = 4,
}

/// <summary>A file of a model's folder.</summary>
/// <param name="name">Its place in the folder, with slashes.</param>
/// <param name="readers">Who reads it.</param>
internal sealed class HubFile(string name, ReadBy readers)
{
    public string Name { get; } = name;

    public ReadBy Readers { get; } = readers;
}

/// <summary>
/// The files of a model's folder that count, beside the weights and their index. All of them are shipped, so that the folder beside the program
/// can be read like the one that the project names, by attngen and by other programs. Tests hold what the readers open against this list.
/// </summary>
internal static class HubFiles
{
    public static IReadOnlyList<HubFile> All { get; } =
    [
        new("config.json", ReadBy.Compiler | ReadBy.Text),
        new("adapter_config.json", ReadBy.Compiler),

        // The configurations that modules.json names come to these (ModuleFolders); the first of them is read without it, too. The program holds them against what it was compiled from.
        new("1_Pooling/config.json", ReadBy.Compiler | ReadBy.Text),
        new("modules.json", ReadBy.Compiler | ReadBy.Text),

        // How texts are read, and by whose rules. Older versions of sentence-transformers named the file after the architecture.
        new("sentence_bert_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_roberta_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_distilbert_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_camembert_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_albert_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_xlm-roberta_config.json", ReadBy.Compiler | ReadBy.Text),
        new("sentence_xlnet_config.json", ReadBy.Compiler | ReadBy.Text),
        new("config_sentence_transformers.json", ReadBy.Compiler | ReadBy.Text),

        // Tokenizers: the whole of one, or its parts.
        new("tokenizer.json", ReadBy.Text),
        new("tokenizer_config.json", ReadBy.Compiler | ReadBy.Text),
        new("special_tokens_map.json", ReadBy.Compiler | ReadBy.Text),
        new("added_tokens.json", ReadBy.Text),
        new("vocab.txt", ReadBy.Text),
        new("vocab.json", ReadBy.Text),
        new("merges.txt", ReadBy.Text),
        new("sentencepiece.bpe.model", ReadBy.Text),
        new("spiece.model", ReadBy.Text),
        new("tokenizer.model", ReadBy.Text),
        new("source.spm", ReadBy.Text),

        // Chat templates, which are compiled; further ones lie in a folder of their own (TemplateFiles).
        new(TemplateFiles.File, ReadBy.Compiler),
        new("chat_template.json", ReadBy.Compiler),

        // How a language model writes: AttnGen.Generation reads it.
        new("generation_config.json", ReadBy.Text),

        // Mean and deviation of images: pixels come to the model normalised.
        new("preprocessor_config.json", ReadBy.Program),
    ];

    /// <summary>The names of those that somebody reads.</summary>
    public static IEnumerable<string> For(ReadBy reader) => All.Where(file => (file.Readers & reader) != 0).Select(file => file.Name);
}
