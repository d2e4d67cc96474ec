using System.Text;

namespace AttnGen.Tokenizers;

/// <summary>Marian's tokenizer: pieces of source.spm, whose ids are those of vocab.json. Texts in both languages come back by vocab.json alone.</summary>
internal static class MarianLoader
{
    public const string File = "source.spm";
    public const string Kind = "Marian";
    private const string VocabularyFile = "vocab.json";

    public static UnigramTokenizer Load(ModelFiles files, TokenizerConfig config, string name, byte[] bytes)
    {
        var file = SentencePieceLoader.Read(files, name, bytes, unigram: true);
        if ((uint)file.UnknownId >= file.Pieces.Count)
        {
            throw files.Malformed(name, $"its unknown piece {file.UnknownId} is none of {file.Pieces.Count}");
        }

        var list = TokenizerJson.ReadVocabulary(files, VocabularyFile, files.Read(VocabularyFile)
            ?? throw new FileNotFoundException($"'{files.Name}' has {name} and no {VocabularyFile}; a tokenizer of Marian needs both."));
        var vocabulary = new PieceTable(list);
        var tokens = new SpecialTokens(files, config, vocabulary, VocabularyFile);
        var eos = tokens.Require("eos_token", "</s>");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = tokens.Require("pad_token", "<pad>");
        var ids = new int[file.Pieces.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = vocabulary.Find(file.Pieces[i]) is >= 0 and var id ? id : unknown.Id;
        }

        return new UnigramTokenizer(
            new TokenizerSettings
            {
                AddedTokens = tokens.With([eos, unknown, pad, .. Languages(list)]),
                Template = new([new(-1, false, 0), new(eos.Id, false, 0)], [new(-1, false, 0), new(-1, true, 0), new(eos.Id, false, 0)]),
                Decoding = new TextDecoding(new FuseStep(), new ReplaceStep("\u2581", " "), new StripStep(new Rune(' '), int.MaxValue, int.MaxValue)),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad.Id,
                MaxTokens = config.MaxTokens,
                TruncationSide = config.TruncationSide ?? TruncationSide.Right,
            },
            list,
            vocabulary,
            [.. file.Scores.Select(static score => (double)score)],
            file.UnknownId,
            SentencePieceLoader.Pipeline(files, name, file, []).Lowered(config.Lower),
            pieces: new UnigramPieces(new PieceTable(file.Pieces), ids));
    }

    // What says into which language: >>fra<<. They are text that is kept.
    private static IEnumerable<AddedToken> Languages(PieceList list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is ['>', '>', _, .., '<', '<'])
            {
                yield return new AddedToken(list[i].ToString(), list.Pieces[i].Id, Special: false);
            }
        }
    }
}
