using AttnGen.Tokenizers;

namespace AttnGen.Generation.Tests;

/// <summary>Generators of the tale teller.</summary>
internal static class Tales
{
    /// <summary>The tokenizer beside the embedded weights.</summary>
    public static TextTokenizer Tokenizer { get; } = TextTokenizer.Load(Open, "taleteller");

    /// <summary>The weights, once for all tests that only read them.</summary>
    public static TaleTeller Model { get; } = TaleTeller.Load();

    /// <summary>A generator with stop tokens but without the folder's settings.</summary>
    public static TextGenerator Create(IChatTemplate? template = null, TextGeneratorOptions? options = null) =>
        TextGenerator.Create(Model, Tokenizer, template, options, Folder);

    /// <summary>What a person says, as the model reads it.</summary>
    public static string Ask(string request) => $"<|user|>{request}<|end|><|assistant|>";

    private static string Folder { get; } = Unpack();

    private static Stream? Open(string file) => typeof(Tales).Assembly.GetManifestResourceStream("AttnGen/taleteller/" + file);

    // The small files that say which tokens end a text.
    private static string Unpack()
    {
        var folder = Directory.CreateTempSubdirectory("attngen-tales").FullName;
        foreach (var name in (string[])["config.json", "tokenizer_config.json"])
        {
            using var from = Open(name)!;
            using var to = File.Create(Path.Combine(folder, name));
            from.CopyTo(to);
        }

        return folder;
    }
}
