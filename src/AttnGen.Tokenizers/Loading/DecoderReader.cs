using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>The decoder of tokenizer.json. What is wrong with it is said when text is asked for: to read texts it is not needed.</summary>
internal static class DecoderReader
{
    private const string Member = "decoder";

    private static readonly PartTable<DecodeStep> s_table = new(Member, new()
    {
        ["ByteLevel"] = (_, _) => [new BytesStep()],
        ["ByteFallback"] = (_, _) => [new ByteFallbackStep()],
        ["Fuse"] = (_, _) => [new FuseStep()],
        ["Strip"] = (_, element) => PreTokenizerReader.TryRune(element.String("content") ?? "", out var character) && element.Integer("start") is >= 0 and var start
            && element.Integer("stop") is >= 0 and var stop
                ? [new StripStep(character, start, stop)]
                : null,
        ["Replace"] = ReadReplace,
        ["Metaspace"] = (files, element) => PreTokenizerReader.TryMetaspace(element, out var mark, out var scheme) ? [new MetaspaceStep(mark, scheme != PrependScheme.Never)] : null,
        ["WordPiece"] = (_, element) => [new WordPieceStep(element.String("prefix") ?? "##", element.Flag("cleanup") ?? true)],
        ["BPEDecoder"] = (_, element) => element.String("suffix") is "" ? null : [new SuffixStep(element.String("suffix") ?? "</w>")],
        ["CTC"] = (_, element) => element.String("pad_token") is "" || element.String("word_delimiter_token") is "" ? null
            : [new CtcStep(element.String("pad_token") ?? "<pad>", element.String("word_delimiter_token") ?? "|", element.Flag("cleanup") ?? true)],
    });

    public static TextDecoding Read(ModelFiles files, JsonElement decoder)
    {
        try
        {
            return new TextDecoding(s_table.Read(files, TokenizerJson.Flatten(files, Member, decoder, "decoders")));
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidDataException)
        {
            return TextDecoding.Refused(exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            return TextDecoding.Refused(files.Malformed(TokenizerJson.File, exception.Message, exception));
        }
    }

    private static DecodeStep[]? ReadReplace(ModelFiles files, JsonElement element) =>
        !element.TryMember("pattern", out var pattern) || !element.TryString("content", out var content) ? null
        : pattern.TryString("String", out var text) && text.Length > 0 ? [new ReplaceStep(text, content)]
        : pattern.TryString("Regex", out var expression) ? [new ReplaceMatchesStep(TokenizerJson.Pattern(files, Member, expression), content)]
        : null;
}
