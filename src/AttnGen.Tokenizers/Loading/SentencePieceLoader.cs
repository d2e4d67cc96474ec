using System.Globalization;
using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>A Unigram tokenizer from SentencePiece's own file: what the reference makes of it where there is no tokenizer.json.</summary>
internal static class SentencePieceLoader
{
    private const string XlmRoberta = "XLMRoberta";

    private static readonly string[] s_kinds = [XlmRoberta, "Albert"];

    public static UnigramTokenizer Load(ModelFiles files, TokenizerConfig config, string name, byte[] bytes)
    {
        var xlm = config.Kind(name, s_kinds) == XlmRoberta;
        var file = Read(files, name, bytes);
        var (pieces, scores, unknownPiece) = xlm ? XlmVocabulary(files, name, file) : AlbertVocabulary(files, name, file);
        var steps = xlm ? [] : AlbertSteps(config);
        var vocabulary = new PieceTable(pieces);
        var tokens = new SpecialTokens(files, config, vocabulary, name);
        var cls = tokens.Require("cls_token", xlm ? "<s>" : "[CLS]");
        var sep = tokens.Require("sep_token", xlm ? "</s>" : "[SEP]");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = tokens.Require("pad_token", "<pad>");
        var mask = tokens.Find("mask_token", xlm ? "<mask>" : "[MASK]", leftStrip: true);
        var symbols = file.Symbols.Select(one => new AddedToken(one.Text, vocabulary.Find(one.Text), Special: one.Control)).Where(one => one.Id >= 0);
        return new UnigramTokenizer(
            new TokenizerSettings
            {
                AddedTokens = tokens.With([cls, sep, unknown, pad, mask, .. symbols]),
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
            new TextPipeline(
                [.. steps, .. NormalizerReader.CharacterMap(files, name, file.CharacterMap)],
                [
                    new PreTokenizerStep.AtCharacters(Characters.IsWhiteSpace, SplitBehavior.Removed),
                    new PreTokenizerStep.Metaspace(new Rune('\u2581'), PrependScheme.Always, split: true),
                ]).Lowered(config.Lower));
    }

    private static SentencePieceFile Read(ModelFiles files, string name, byte[] bytes)
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

        return file.IsUnigram && !file.ByteFallback && !file.TreatWhitespaceAsSuffix
            ? file
            : throw files.Unsupported(
                name,
                $"a SentencePiece model of type {file.ModelType}{(file.ByteFallback ? " with byte fallback" : "")}{(file.TreatWhitespaceAsSuffix ? " with spaces after words" : "")}",
                "type 1 (Unigram) without byte fallback, spaces before words");
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
        if ((uint)file.UnknownId >= file.Pieces.Count)
        {
            throw files.Malformed(name, $"its unknown piece {file.UnknownId} is none of {file.Pieces.Count}");
        }

        // Pieces of a digit and a comma are there to be avoided.
        double[] scores = [.. file.Scores.Select((score, i) =>
            file.Pieces[i] is [.., var digit, ','] && CharUnicodeInfo.GetDigitValue(digit) >= 0 ? (double)score - 100 : score)];
        return (file.Pieces, scores, file.UnknownId);
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
