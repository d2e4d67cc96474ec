using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>The normalizer of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private static readonly PartTable<NormalizerStep> s_table = new("normalizer", new()
    {
        ["BertNormalizer"] = (_, element) => [new NormalizerStep.Bert(ReadBert(element))],
        ["NFC"] = (_, _) => [new NormalizerStep.Form(compatibility: false, compose: true)],
        ["NFD"] = (_, _) => [new NormalizerStep.Form(compatibility: false, compose: false)],
        ["NFKC"] = (_, _) => [new NormalizerStep.Form(compatibility: true, compose: true)],
        ["NFKD"] = (_, _) => [new NormalizerStep.Form(compatibility: true, compose: false)],
        ["Nmt"] = (_, _) => [new NormalizerStep.Nmt()],
        ["Precompiled"] = (files, element) =>
            element.TryMember("precompiled_charsmap", out var map) && map.ValueKind == JsonValueKind.String && map.TryGetBytesFromBase64(out var bytes)
                ? CharacterMap(files, TokenizerJson.File, bytes)
                : null,
        ["StripAccents"] = (_, _) => [new NormalizerStep.StripAccents()],
        ["Lowercase"] = (_, _) => [new NormalizerStep.Lowercase()],
        ["Strip"] = (_, element) => [new NormalizerStep.Strip(element.Flag("strip_left") ?? true, element.Flag("strip_right") ?? true)],
        ["Prepend"] = (_, element) => element.TryString("prepend", out var prefix) ? [new NormalizerStep.Prepend(prefix)] : null,
        ["Replace"] = ReadReplace,
    });

    public static NormalizerStep[] Read(ModelFiles files, TokenizerJson json) => s_table.Read(files, json.Normalizers);

    public static BertNormalizer ReadBert(JsonElement element)
    {
        var lower = element.Flag("lowercase") ?? true;
        return new BertNormalizer(
            element.Flag("clean_text") ?? true,
            element.Flag("handle_chinese_chars") ?? true,
            element.Flag("strip_accents") ?? lower,
            lower);
    }

    /// <summary>SentencePiece's character map; no step if there is none.</summary>
    public static NormalizerStep[] CharacterMap(ModelFiles files, string file, byte[] bytes)
    {
        try
        {
            return bytes.Length == 0 ? [] : [new NormalizerStep.Precompiled(new PrecompiledMap(bytes))];
        }
        catch (FormatException exception)
        {
            throw files.Malformed(file, exception.Message, exception);
        }
    }

    private static NormalizerStep[]? ReadReplace(ModelFiles files, JsonElement element) =>
        !element.TryMember("pattern", out var pattern) || !element.TryString("content", out var content) ? null
        : pattern.TryString("String", out var text) && text.Length > 0 ? [new NormalizerStep.Replace(text, content)]
        : pattern.TryString("Regex", out var expression) ? [new NormalizerStep.ReplaceMatches(TokenizerJson.Pattern(files, "normalizer", expression), content)]
        : null;
}
