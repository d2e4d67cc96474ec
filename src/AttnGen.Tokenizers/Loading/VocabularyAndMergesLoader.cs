using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A byte-level BPE tokenizer from vocab.json and merges.txt: what the reference makes of them where there is no tokenizer.json.</summary>
internal static class VocabularyAndMergesLoader
{
    private const string MergesFile = "merges.txt";
    private const string Gpt2 = "GPT2";
    private const string Qwen2 = "Qwen2";

    private static readonly string[] s_kinds = ["Roberta", "Longformer", "Bart", Gpt2, Qwen2];

    public static BpeTokenizer Load(ModelFiles files, TokenizerConfig config, string file, byte[] utf8)
    {
        var kind = config.Kind(file, s_kinds);
        var roberta = kind is not (Gpt2 or Qwen2);
        var merges = ReadMerges(files, file);
        var list = TokenizerJson.ReadVocabulary(files, file, utf8);
        var vocabulary = new PieceTable(list);
        var tokens = new SpecialTokens(files, config, vocabulary, file);
        var unknown = tokens.Find("unk_token", roberta ? "<unk>" : "<|endoftext|>");
        var pad = tokens.Find("pad_token", roberta ? "<pad>" : "<|endoftext|>");
        var mask = tokens.Find("mask_token", "<mask>", leftStrip: true);
        var (bos, eos) = roberta ? (tokens.Require("bos_token", "<s>"), tokens.Require("eos_token", "</s>")) : (null, tokens.Find("eos_token", "<|endoftext|>"));
        try
        {
            return new BpeTokenizer(
                new TokenizerSettings
                {
                    AddedTokens = tokens.With(bos, eos, unknown, pad, mask),
                    Template = roberta ? SpecialTemplate.Roberta(bos!.Id, eos!.Id) : SpecialTemplate.None,
                    Decoding = TextDecoding.Bytes,
                    TrimSpans = roberta,
                    UnknownTokenId = unknown?.Id ?? -1,
                    PadTokenId = pad?.Id ?? -1,
                    MaxTokens = config.MaxTokens,
                    TruncationSide = config.TruncationSide ?? TruncationSide.Right,
                },
                list,
                vocabulary,
                merges,
                new BpeOptions(Lower: config.Lower && kind != Qwen2, PrefixSpace: kind != Qwen2 && (config.Flag("add_prefix_space") ?? false), Compose: kind == Qwen2),
                kind == Qwen2 ? QwenPipeline(config).Lowered(config.Lower) : null,
                splitter: kind == Qwen2 && !config.Lower && config.Flag("add_prefix_space") != true ? WordSplitter.Find(WordSplitter.Qwen) : null);
        }
        catch (FormatException exception)
        {
            throw files.Malformed(MergesFile, exception.Message, exception);
        }
    }

    private static TextPipeline QwenPipeline(TokenizerConfig config) => new(
        [new NormalizerStep.Form(compatibility: false, compose: true)],
        [
            new PreTokenizerStep.AtMatches(new TextPattern(WordSplitter.Qwen), SplitBehavior.Isolated, invert: false),
            .. config.Flag("add_prefix_space") ?? false ? (PreTokenizerStep[])[new PreTokenizerStep.PrefixSpace()] : [],
        ]);

    private static PieceList ReadMerges(ModelFiles files, string vocabulary)
    {
        var utf8 = files.Read(MergesFile)
            ?? throw new FileNotFoundException($"'{files.Name}' has {vocabulary} and no {MergesFile}; a BPE tokenizer needs both, or {TokenizerJson.File}.");
        var merges = new PieceList();
        try
        {
            foreach (var line in Encoding.UTF8.GetString(utf8).AsSpan().EnumerateLines())
            {
                if (!line.IsEmpty && !line.StartsWith("#version"))
                {
                    TokenizerJson.AddMerge(merges, line);
                }
            }
        }
        catch (FormatException exception)
        {
            throw files.Malformed(MergesFile, exception.Message, exception);
        }

        return merges;
    }
}
