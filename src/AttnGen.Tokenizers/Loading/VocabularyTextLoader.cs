namespace AttnGen.Tokenizers;

/// <summary>A WordPiece tokenizer from vocab.txt: what the reference makes of it where there is no tokenizer.json.</summary>
internal static class VocabularyTextLoader
{
    private const string MPNet = "MPNet";

    private static readonly string[] s_kinds = ["Bert", "DistilBert", "Electra", "MobileBert", "SqueezeBert", "Lxmert", "NomicBert", MPNet];

    public static WordPieceTokenizer Load(ModelFiles files, TokenizerConfig config, string file, byte[] utf8)
    {
        var mpnet = config.Kind(file, s_kinds, usual: "Bert") == MPNet;
        if (config.Flag("do_basic_tokenize") == false)
        {
            throw config.Unsupported("do_basic_tokenize false", "true");
        }

        var list = PieceList.FromLines(utf8);
        var vocabulary = new PieceTable(list);
        var tokens = new SpecialTokens(files, config, vocabulary, file);
        var lower = config.Flag("do_lower_case") ?? true;
        var cls = tokens.Require("cls_token", mpnet ? "<s>" : "[CLS]");
        var sep = tokens.Require("sep_token", mpnet ? "</s>" : "[SEP]");
        var unknown = tokens.Require("unk_token", "[UNK]");
        var pad = tokens.Find("pad_token", mpnet ? "<pad>" : "[PAD]");
        var mask = tokens.Find("mask_token", mpnet ? "<mask>" : "[MASK]", leftStrip: mpnet);
        var bert = new BertNormalizer(Clean: true, config.Flag("tokenize_chinese_chars") ?? true, config.Flag("strip_accents") ?? lower, lower);
        return new WordPieceTokenizer(
            new TokenizerSettings
            {
                AddedTokens = tokens.With(cls, sep, unknown, pad, mask),
                Template = mpnet ? SpecialTemplate.Roberta(cls.Id, sep.Id) : SpecialTemplate.Bert(cls.Id, sep.Id),
                Decoding = new TextDecoding(new WordPieceStep("##", cleanUp: true)),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad?.Id ?? -1,
                MaxTokens = config.MaxTokens,
                TruncationSide = config.TruncationSide ?? TruncationSide.Right,
            },
            list,
            vocabulary,
            bert,
            config.Lower ? new TextPipeline([new NormalizerStep.Bert(bert)], PreTokenizerReader.Bert()).Lowered(wanted: true) : null);
    }
}
