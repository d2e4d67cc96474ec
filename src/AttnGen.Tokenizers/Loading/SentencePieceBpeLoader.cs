using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A BPE tokenizer from SentencePiece's own file, of Llama and Gemma: what the reference makes of it where there is no tokenizer.json.</summary>
internal static class SentencePieceBpeLoader
{
    private const string Mark = "\u2581";
    private const int OwnSpecials = 3; // the first pieces, whose scores do not count

    public static BpeTokenizer Load(ModelFiles files, TokenizerConfig config, string name, SentencePieceFile file, bool gemma)
    {
        if ((uint)file.UnknownId >= file.Pieces.Count || file.Pieces.Count <= OwnSpecials)
        {
            throw files.Malformed(name, $"its unknown piece {file.UnknownId} is none of {file.Pieces.Count}");
        }

        var pieces = gemma ? GemmaPieces(file) : file.Pieces;
        float[] scores = [.. file.Scores];
        scores.AsSpan(0, OwnSpecials).Clear();
        var vocabulary = new PieceTable(pieces);
        var tokens = new SpecialTokens(files, config, vocabulary, name);
        var bos = tokens.Require("bos_token", gemma ? "<bos>" : "<s>");
        var eos = tokens.Require("eos_token", gemma ? "<eos>" : "</s>");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = gemma ? tokens.Find("pad_token", "<pad>") : config.SpecialToken("pad_token") is { } given ? tokens.Find("pad_token", given.Content) : null;
        var spaced = !gemma && (config.Flag("add_prefix_space") ?? true);
        try
        {
            return new BpeTokenizer(
                new TokenizerSettings
                {
                    AddedTokens = tokens.With([bos, eos, unknown, pad, .. SentencePieceLoader.Symbols(file, vocabulary)]),
                    Template = Template(config.Flag("add_bos_token") ?? true ? bos.Id : -1, config.Flag("add_eos_token") ?? false ? eos.Id : -1),
                    Decoding = new TextDecoding(
                        [new ReplaceStep(Mark, " "), new ByteFallbackStep(), new FuseStep(), .. spaced ? (DecodeStep[])[new StripStep(new Rune(' '), 1, 0)] : []]),
                    UnknownTokenId = unknown.Id,
                    PadTokenId = pad?.Id ?? -1,
                    MaxTokens = config.MaxTokens,
                    TruncationSide = config.TruncationSide ?? TruncationSide.Right,
                },
                pieces,
                vocabulary,
                SentencePieceMerges.Read(pieces, vocabulary, scores),
                new BpeOptions(Bytes: false, FuseUnknown: true, ByteFallback: true),
                Pipeline(config, gemma, spaced).Lowered(config.Lower),
                file.UnknownId);
        }
        catch (FormatException exception)
        {
            throw files.Malformed(name, exception.Message, exception);
        }
    }

    // In the older form ("legacy") the space before the text is put before each part between special tokens, in the newer one before the text alone.
    private static TextPipeline Pipeline(TokenizerConfig config, bool gemma, bool spaced) =>
        gemma ? new TextPipeline([new NormalizerStep.Replace(" ", Mark)], [new PreTokenizerStep.AtText(" ", SplitBehavior.MergedWithPrevious, invert: false)])
        : config.Flag("legacy") ?? true ? new TextPipeline([.. spaced ? (NormalizerStep[])[new NormalizerStep.Prepend(Mark)] : [], new NormalizerStep.Replace(" ", Mark)], [])
        : new TextPipeline([], [new PreTokenizerStep.Metaspace(new Rune(Mark[0]), spaced ? PrependScheme.First : PrependScheme.Never, split: false)]);

    // A tabulator is a piece there: where the file has none, in place of the byte.
    private static PieceList GemmaPieces(SentencePieceFile file)
    {
        if (new PieceTable(file.Pieces).Find("\t") >= 0)
        {
            return file.Pieces;
        }

        var pieces = new PieceList(file.Pieces.Text.Length, file.Pieces.Count);
        for (var i = 0; i < file.Pieces.Count; i++)
        {
            pieces.Add(file.Pieces[i] is "<0x09>" ? "\t" : file.Pieces[i], i);
        }

        return pieces;
    }

    private static SpecialTemplate Template(int bos, int eos)
    {
        return new([.. Around(second: false)], [.. Around(second: false), .. Around(second: true)]);

        IEnumerable<TemplatePart> Around(bool second)
        {
            var type = second ? 1 : 0;
            if (bos >= 0)
            {
                yield return new TemplatePart(bos, false, type);
            }

            yield return new TemplatePart(-1, second, type);
            if (eos >= 0)
            {
                yield return new TemplatePart(eos, false, type);
            }
        }
    }
}
