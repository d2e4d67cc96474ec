using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>The post_processor of tokenizer.json: which special tokens stand around texts.</summary>
internal static class PostProcessorReader
{
    private static readonly PartTable<SpecialTemplate> s_table = new("post_processor", new()
    {
        ["TemplateProcessing"] = (files, element) => [new SpecialTemplate(ReadParts(files, element, "single", pair: false), ReadParts(files, element, "pair", pair: true))],
        ["BertProcessing"] = (files, element) => [SpecialTemplate.Bert(ReadId(files, element, "cls"), ReadId(files, element, "sep"))],
        ["RobertaProcessing"] = (files, element) => [SpecialTemplate.Roberta(ReadId(files, element, "cls"), ReadId(files, element, "sep"))],
        ["ByteLevel"] = (_, _) => [],
    });

    public static SpecialTemplate ReadTemplate(ModelFiles files, TokenizerJson json) => s_table.Read(files, json.PostProcessors) switch
    {
        [] => SpecialTemplate.None,
        [var only] => only,
        _ => throw files.Unsupported(TokenizerJson.File, "a post_processor with two templates", "one template"),
    };

    /// <summary>Whether spaces at the ends of a token are left out of its span.</summary>
    /// <param name="json">The file.</param>
    /// <param name="wanted">What tokenizer_config.json says.</param>
    public static bool TrimsSpans(TokenizerJson json, bool? wanted)
    {
        foreach (var element in json.PostProcessors)
        {
            if (element.String("type") is "ByteLevel" or "RobertaProcessing" && (wanted ?? element.Flag("trim_offsets") ?? true))
            {
                return true;
            }
        }

        return false;
    }

    // A token and its id.
    private static int ReadId(ModelFiles files, JsonElement element, string name) =>
        element.TryMember(name, out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out var id) && id >= 0
                ? id
                : throw files.Malformed(TokenizerJson.File, $"post_processor.{name} is not a token and its id");

    private static TemplatePart[] ReadParts(ModelFiles files, JsonElement element, string name, bool pair)
    {
        var parts = new List<TemplatePart>();
        if (!element.TryMember(name, out var array) || array.ValueKind != JsonValueKind.Array)
        {
            throw files.Malformed(TokenizerJson.File, $"post_processor.{name} is not an array");
        }

        foreach (var part in array.EnumerateArray())
        {
            if (part.TryMember("Sequence", out var sequence))
            {
                TokenizerKeys.TemplatePiece.Check(files, TokenizerJson.File, $"post_processor.{name} Sequence.", sequence);
                if (sequence.String("id") is not ("A" or "B"))
                {
                    throw files.Unsupported(TokenizerJson.File, $"a post_processor.{name} with the Sequence {sequence.Describe()}", "the id A or B");
                }

                parts.Add(new TemplatePart(-1, sequence.String("id") is "B", sequence.Integer("type_id") ?? 0));
            }
            else if (part.TryMember("SpecialToken", out var special) && special.TryString("id", out var token)
                && element.TryMember("special_tokens", out var tokens) && tokens.TryMember(token, out var entry)
                && entry.TryMember("ids", out var ids) && ids.ValueKind == JsonValueKind.Array)
            {
                TokenizerKeys.TemplatePiece.Check(files, TokenizerJson.File, $"post_processor.{name} SpecialToken.", special);
                TokenizerKeys.TemplateToken.Check(files, TokenizerJson.File, $"post_processor.special_tokens {token}.", entry);
                foreach (var id in ids.EnumerateArray())
                {
                    parts.Add(new TemplatePart(
                        id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && number >= 0
                            ? number : throw files.Malformed(TokenizerJson.File, $"post_processor.special_tokens {token} has the id {id.Describe()}"),
                        false, special.Integer("type_id") ?? 0));
                }
            }
            else
            {
                throw files.Malformed(TokenizerJson.File, $"post_processor.{name} has a part that is neither Sequence nor a SpecialToken with ids");
            }
        }

        return parts.Count(part => part is { IsText: true, Second: false }) == 1 && parts.Count(part => part is { IsText: true, Second: true }) == (pair ? 1 : 0)
            ? [.. parts]
            : throw files.Unsupported(TokenizerJson.File, $"a post_processor.{name} that does not have each text once", pair ? "A and B once" : "A once");
    }
}
