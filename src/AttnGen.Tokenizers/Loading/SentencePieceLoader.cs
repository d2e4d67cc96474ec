using System.Globalization;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A tokenizer from SentencePiece's own file: what the reference makes of it where there is no tokenizer.json.</summary>
internal static class SentencePieceLoader
{
    private const string XlmRoberta = "XLMRoberta";

    private static readonly string[] s_kinds = [XlmRoberta, "Albert", "T5", "MT5", "Llama", "Mistral", "Mixtral", "Gemma"];

    public static TextTokenizer Load(ModelFiles files, TokenizerConfig config, string name, byte[] bytes)
    {
        var kind = config.Kind(name, s_kinds);
        var bpe = kind is "Llama" or "Mistral" or "Mixtral" or "Gemma";
        var file = Read(files, name, bytes, unigram: !bpe);
        return bpe ? SentencePieceBpeLoader.Load(files, config, name, file, gemma: kind == "Gemma")
            : kind is "T5" or "MT5" ? T5(files, config, name, file)
            : Encoder(files, config, name, file, xlm: kind == XlmRoberta);
    }

    /// <summary>What is done to texts: SentencePiece's character map, and spaces that become marks, one before each word.</summary>
    public static TextPipeline Pipeline(ModelFiles files, string name, SentencePieceFile file, IEnumerable<NormalizerStep> before) => new(
        [.. before, .. NormalizerReader.CharacterMap(files, name, file.CharacterMap)],
        [
            new PreTokenizerStep.AtCharacters(Characters.IsWhiteSpace, SplitBehavior.Removed),
            new PreTokenizerStep.Metaspace(new Rune('\u2581'), PrependScheme.Always, split: true),
        ]);

    // With tokens behind the pieces that stand for gaps in a text, the last one first.
    private static UnigramTokenizer T5(ModelFiles files, TokenizerConfig config, string name, SentencePieceFile file)
    {
        var gaps = config.Integer("extra_ids") ?? 100;
        if (gaps is < 0 or > 100_000)
        {
            throw config.Unsupported(FormattableString.Invariant($"extra_ids {gaps}"), "0 to 100000");
        }

        CheckUnknown(files, name, file);
        var pieces = file.Pieces;
        List<AddedToken> extra = [];
        for (var i = gaps - 1; i >= 0; i--)
        {
            var text = FormattableString.Invariant($"<extra_id_{i}>");
            extra.Add(new AddedToken(text, pieces.Count));
            pieces.Add(text, pieces.Count);
        }

        var vocabulary = new PieceTable(pieces);
        var tokens = new SpecialTokens(files, config, vocabulary, name);
        var eos = tokens.Require("eos_token", "</s>");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = tokens.Require("pad_token", "<pad>");
        var legacy = config.Flag("legacy") ?? true;
        return new UnigramTokenizer(
            new TokenizerSettings
            {
                AddedTokens = tokens.With([eos, unknown, pad, .. extra, .. Symbols(file, vocabulary)]),
                Template = new([new(-1, false, 0), new(eos.Id, false, 0)], [new(-1, false, 0), new(eos.Id, false, 0), new(-1, true, 0), new(eos.Id, false, 0)]),
                Decoding = new TextDecoding(new MetaspaceStep(new Rune('\u2581'), atStart: true)),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad.Id,
                MaxTokens = config.MaxTokens,
                TruncationSide = config.TruncationSide ?? TruncationSide.Right,
            },
            pieces,
            vocabulary,
            [.. file.Scores.Select(static score => (double)score), .. extra.Select(static _ => 0.0)],
            file.UnknownId,
            new TextPipeline(
                [
                    .. NormalizerReader.CharacterMap(files, name, file.CharacterMap),
                    new NormalizerStep.Strip(left: false, right: true),
                    new NormalizerStep.ReplaceMatches(new TextPattern(" {2,}"), "\u2581"),
                ],
                [new PreTokenizerStep.Metaspace(new Rune('\u2581'), legacy ? PrependScheme.Always : PrependScheme.First, split: true)]).Lowered(config.Lower));
    }

    private static UnigramTokenizer Encoder(ModelFiles files, TokenizerConfig config, string name, SentencePieceFile file, bool xlm)
    {
        var (pieces, scores, unknownPiece) = xlm ? XlmVocabulary(files, name, file) : AlbertVocabulary(files, name, file);
        var steps = xlm ? [] : AlbertSteps(config);
        var vocabulary = new PieceTable(pieces);
        var tokens = new SpecialTokens(files, config, vocabulary, name);
        var cls = tokens.Require("cls_token", xlm ? "<s>" : "[CLS]");
        var sep = tokens.Require("sep_token", xlm ? "</s>" : "[SEP]");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = tokens.Require("pad_token", "<pad>");
        var mask = tokens.Find("mask_token", xlm ? "<mask>" : "[MASK]", leftStrip: true);
        return new UnigramTokenizer(
            new TokenizerSettings
            {
                AddedTokens = tokens.With([cls, sep, unknown, pad, mask, .. Symbols(file, vocabulary)]),
                Template = xlm ? SpecialTemplate.Roberta(cls.Id, sep.Id) : SpecialTemplate.Bert(cls.Id, sep.Id),
                Decoding = new TextDecoding(new MetaspaceStep(new Rune('\u2581'), atStart: true)),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad.Id,
                MaxTokens = config.MaxTokens,
                TruncationSide = config.TruncationSide ?? TruncationSide.Right,
            },
            pieces,
            vocabulary,
            scores,
            unknownPiece,
            Pipeline(files, name, file, steps).Lowered(config.Lower));
    }

    /// <summary>Reads a file, and refuses one of another kind.</summary>
    public static SentencePieceFile Read(ModelFiles files, string name, byte[] bytes, bool unigram)
    {
        SentencePieceFile file;
        try
        {
            file = new SentencePieceFile(bytes);
        }
        catch (FormatException exception)
        {
            throw files.Malformed(name, exception.Message, exception);
        }

        return (unigram ? file.IsUnigram && !file.ByteFallback : file.IsBpe) && !file.TreatWhitespaceAsSuffix
            ? file
            : throw files.Unsupported(
                name,
                $"a SentencePiece model of type {file.ModelType}{(file.ByteFallback ? " with byte fallback" : "")}{(file.TreatWhitespaceAsSuffix ? " with spaces after words" : "")}",
                unigram ? "type 1 (Unigram) without byte fallback, spaces before words" : "type 2 (BPE), spaces before words");
    }

    // fairseq's order: four special tokens where SentencePiece has three, and the mask at the end.
    private static (PieceList Pieces, double[] Scores, int Unknown) XlmVocabulary(ModelFiles files, string name, SentencePieceFile file)
    {
        const int OwnSpecials = 3;
        string[] specials = ["<s>", "<pad>", "</s>", "<unk>"];
        if (file.Pieces.Count <= OwnSpecials)
        {
            throw files.Malformed(name, $"it has {file.Pieces.Count} pieces");
        }

        var pieces = new PieceList(file.Pieces.Text.Length, 1 << 15);
        foreach (var special in specials)
        {
            pieces.Add(special, pieces.Count);
        }

        for (var i = OwnSpecials; i < file.Pieces.Count; i++)
        {
            pieces.Add(file.Pieces[i], pieces.Count);
        }

        pieces.Add("<mask>", pieces.Count);
        return (pieces, [.. specials.Select(_ => 0.0), .. file.Scores.Skip(OwnSpecials).Select(score => (double)score), 0], Array.IndexOf(specials, "<unk>"));
    }

    private static (PieceList Pieces, double[] Scores, int Unknown) AlbertVocabulary(ModelFiles files, string name, SentencePieceFile file)
    {
        CheckUnknown(files, name, file);

        // Pieces of a digit and a comma are there to be avoided.
        double[] scores = [.. file.Scores.Select((score, i) =>
            file.Pieces[i] is [.., var digit, ','] && CharUnicodeInfo.GetDigitValue(digit) >= 0 ? (double)score - 100 : score)];
        return (file.Pieces, scores, file.UnknownId);
    }

    /// <summary>The control symbols, and those that the user defined.</summary>
    public static IEnumerable<AddedToken> Symbols(SentencePieceFile file, PieceTable vocabulary) =>
        file.Symbols.Select(one => new AddedToken(one.Text, vocabulary.Find(one.Text), Special: one.Control)).Where(one => one.Id >= 0);

    private static void CheckUnknown(ModelFiles files, string name, SentencePieceFile file)
    {
        if ((uint)file.UnknownId >= file.Pieces.Count)
        {
            throw files.Malformed(name, $"its unknown piece {file.UnknownId} is none of {file.Pieces.Count}");
        }
    }

    private static List<NormalizerStep> AlbertSteps(TokenizerConfig config)
    {
        List<NormalizerStep> steps = [new NormalizerStep.Replace("``", "\""), new NormalizerStep.Replace("''", "\"")];
        if (config.Flag("keep_accents") != true)
        {
            steps.Add(new NormalizerStep.Form(compatibility: true, compose: false));
            steps.Add(new NormalizerStep.StripAccents());
        }

        if (config.Flag("do_lower_case") != false)
        {
            steps.Add(new NormalizerStep.Lowercase());
        }

        return steps;
    }
}
