using System.Text.Json;
using AttnGen.Generator.Json;

namespace AttnGen.Tokenizers;

/// <summary>THE tables of the keys of a tokenizer's files: what is read of them, and what docs/folder-settings.md says.</summary>
internal static class TokenizerKeys
{
    private const string Flag = "true or false", Text = "string", Integer = "integer", Whole = "any";

    /// <summary>The roles of special tokens.</summary>
    public static IReadOnlyList<string> Roles { get; } = ["unk_token", "bos_token", "eos_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>tokenizer.json itself.</summary>
    public static KeyTable File { get; } = new(
        Refused("version", Text, "'1.0' is the only one"),
        Followed("truncation", "object or null", "direction alone: which end of a text goes; how long it may be is for MaxTokens and the model to say"),
        Followed("padding", "object or null", "nothing: a text is never padded"),
        Followed("added_tokens", "list or null", "tokens that are looked for in the text before anything else"),
        Followed("normalizer", "object or null", "what is done to the characters"),
        Followed("pre_tokenizer", "object or null", "where texts are split"),
        Followed("post_processor", "object or null", "which special tokens stand around texts"),
        Followed("decoder", "object or null", "how ids become text again; what is refused of it is refused when text is asked for"),
        Followed("model", "object", "vocabulary and model"));

    /// <summary>An entry of added_tokens.</summary>
    public static KeyTable AddedToken { get; } = new(
        Followed("id", Integer, "followed where the vocabulary has the token; else ids go on behind it, as in tokenizers"),
        Followed("content", Text, "the token"),
        Followed("single_word", Flag, "only where no letter, digit or mark touches it"),
        Followed("lstrip", Flag, "takes the white space before it"),
        Followed("rstrip", Flag, "takes the white space after it"),
        Followed("normalized", Flag, "looked for in the normalised text"),
        Followed("special", Flag, "a special token: looked for first"));

    /// <summary>The parts of tokenizer.json by member and type; "" is the type of what has none.</summary>
    public static IReadOnlyList<KeyPart> Parts { get; } =
    [
        new("truncation", "", () => new(
            Followed("direction", Text, "'Left' or 'Right', where tokenizer_config.json has no truncation_side"),
            Nothing("max_length", "MaxTokens and the model say how long"), Nothing("strategy", "a pair is cut from its longer text"), Nothing("stride", "what is cut off is not used"))),
        new("padding", "", () => new(
            [.. new[] { "strategy", "direction", "pad_to_multiple_of", "pad_id", "pad_type_id", "pad_token" }.Select(name => Nothing(name, "a text is never padded"))])),
        new("normalizer", "BertNormalizer", () => Typed(
            Followed("clean_text", Flag, "controls go, white space becomes a space"), Followed("handle_chinese_chars", Flag, "spaces around ideographs"),
            Followed("strip_accents", "true or false or null", "null: as lowercase"), Followed("lowercase", Flag, "lower case"))),
        new("normalizer", "NFC", () => Typed()), new("normalizer", "NFD", () => Typed()), new("normalizer", "NFKC", () => Typed()), new("normalizer", "NFKD", () => Typed()), new("normalizer", "Nmt", () => Typed()),
        new("normalizer", "StripAccents", () => Typed()), new("normalizer", "Lowercase", () => Typed()),
        new("normalizer", "Precompiled", () => Typed(Followed("precompiled_charsmap", Text, "SentencePiece's map, in base 64"))),
        new("normalizer", "Strip", () => Typed(Followed("strip_left", Flag, "white space at the start goes"), Followed("strip_right", Flag, "white space at the end goes"))),
        new("normalizer", "Prepend", () => Typed(Followed("prepend", Text, "what is put before the text"))),
        new("normalizer", "Replace", () => Typed(Followed("pattern", "object", "String or Regex"), Followed("content", Text, "what comes in its place"))),
        new("normalizer", "Sequence", () => Typed(Followed("normalizers", "list", "one after the other"))),
        new("pre_tokenizer", "BertPreTokenizer", () => Typed()), new("pre_tokenizer", "Whitespace", () => Typed()), new("pre_tokenizer", "WhitespaceSplit", () => Typed()),
        new("pre_tokenizer", "Punctuation", () => Typed(Followed("behavior", Text, "what becomes of the punctuation"))),
        new("pre_tokenizer", "Digits", () => Typed(Followed("individual_digits", Flag, "each digit alone"))),
        new("pre_tokenizer", "Split", () => Typed(
            Followed("pattern", "object", "String or Regex"), Followed("behavior", Text, "what becomes of what is found"), Followed("invert", Flag, "split at what is not found"))),
        new("pre_tokenizer", "CharDelimiterSplit", () => Typed(Followed("delimiter", Text, "one character"))),
        new("pre_tokenizer", "Metaspace", () => Typed(
            Followed("replacement", Text, "one character, in place of spaces"), Followed("prepend_scheme", Text, "'always', 'first' or 'never'"),
            Followed("add_prefix_space", "true or false or null", "the older form of prepend_scheme", "before 0.15"), Followed("split", "true or false or null", "whether texts are split there"),
            Nothing("str_rep", "replacement once more", "before 0.15"))),
        new("pre_tokenizer", "ByteLevel", () => Typed(
            Followed("add_prefix_space", Flag, "a space before the text; add_prefix_space of tokenizer_config.json wins where ByteLevel stands alone"),
            Followed("use_regex", Flag, "whether texts are split as GPT-2's are"), Nothing("trim_offsets", "of the post_processor"))),
        new("pre_tokenizer", "Sequence", () => Typed(Followed("pretokenizers", "list", "one after the other"))),
        new("post_processor", "TemplateProcessing", () => Typed(
            Followed("single", "list", "parts around one text"), Followed("pair", "list", "parts around two texts"), Followed("special_tokens", "object", "ids of the special tokens"))),
        new("post_processor", "BertProcessing", () => Typed(Followed("sep", "list", "a token and its id"), Followed("cls", "list", "a token and its id"))),
        new("post_processor", "RobertaProcessing", () => Typed(
            Followed("sep", "list", "a token and its id"), Followed("cls", "list", "a token and its id"),
            Followed("trim_offsets", Flag, "whether spans leave out spaces"), Nothing("add_prefix_space", "of the pre_tokenizer"))),
        new("post_processor", "ByteLevel", () => Typed(
            Followed("trim_offsets", Flag, "whether spans leave out spaces"), Nothing("add_prefix_space", "of the pre_tokenizer"), Nothing("use_regex", "of the pre_tokenizer"))),
        new("post_processor", "Sequence", () => Typed(Followed("processors", "list", "one after the other; one template"))),
        .. Decoders,
        new("model", "WordPiece", () => Typed(
            Followed("unk_token", Text, "what stands for words that cannot be composed"), Followed("continuing_subword_prefix", Text, "before pieces inside a word"),
            Followed("max_input_chars_per_word", Integer, "longer words are unknown"), Followed("vocab", "object", "pieces and ids"))),
        new("model", "BPE", () => Typed(
            Refused("dropout", "number or null", "0 and null are fine: ids must not be drawn at random"), Followed("unk_token", "string or null", "what stands for characters that are no pieces"),
            Followed("continuing_subword_prefix", "string or null", "before pieces inside a word"), Followed("end_of_word_suffix", "string or null", "after the last piece of a word"),
            Followed("fuse_unk", "true or false or null", "unknown characters in a row are one token"), Followed("byte_fallback", "true or false or null", "bytes in place of the unknown token"),
            Followed("ignore_merges", "true or false or null", "a word that is a piece is one token", "from 0.15"), Followed("vocab", "object", "pieces and ids"),
            Followed("merges", "list", "\"a b\", or [\"a\", \"b\"] from 0.20"))),
        new("model", "Unigram", () => Typed(
            Followed("unk_id", Integer, "the unknown piece, which must be there"), Followed("byte_fallback", Flag, "bytes in place of the unknown piece"), Followed("vocab", "list", "pieces and scores"))),
    ];

    private static KeyPart[] Decoders =>
    [
        new("decoder", "ByteLevel", () => Typed(
            Nothing("add_prefix_space", "of the pre_tokenizer"), Nothing("trim_offsets", "of the post_processor"), Nothing("use_regex", "of the pre_tokenizer"))),
        new("decoder", "ByteFallback", () => Typed()), new("decoder", "Fuse", () => Typed()),
        new("decoder", "Strip", () => Typed(
            Followed("content", Text, "one character"), Followed("start", Integer, "how often it goes at the start, at most"), Followed("stop", Integer, "at the end"))),
        new("decoder", "Replace", () => Typed(Followed("pattern", "object", "String or Regex"), Followed("content", Text, "what comes in its place"))),
        new("decoder", "Metaspace", () => Typed(
            Followed("replacement", Text, "one character, which becomes a space"), Followed("prepend_scheme", Text, "'always' and 'first': of the first token it goes"),
            Followed("add_prefix_space", "true or false or null", "the older form of prepend_scheme", "before 0.15"), Nothing("split", "of the pre_tokenizer"),
            Nothing("str_rep", "replacement once more", "before 0.15"))),
        new("decoder", "WordPiece", () => Typed(Followed("prefix", Text, "before pieces inside a word"), Followed("cleanup", Flag, "no space before English punctuation"))),
        new("decoder", "BPEDecoder", () => Typed(Followed("suffix", Text, "what ends a word"))),
        new("decoder", "CTC", () => Typed(
            Followed("pad_token", Text, "what goes"), Followed("word_delimiter_token", Text, "becomes a space, if cleanup is true"), Followed("cleanup", Flag, "no space before English punctuation"))),
        new("decoder", "Sequence", () => Typed(Followed("decoders", "list", "one after the other"))),
    ];

    /// <summary>A member of the pieces of TemplateProcessing.</summary>
    public static KeyTable TemplatePiece { get; } = new(Followed("id", Text, "'A' or 'B', or a name in special_tokens"), Followed("type_id", Integer, "the segment"));

    /// <summary>A member of special_tokens of TemplateProcessing.</summary>
    public static KeyTable TemplateToken { get; } = new(Nothing("id", "its name once more"), Followed("ids", "list", "what goes to the model"), Nothing("tokens", "texts of the ids"));

    /// <summary>A pattern of Split and Replace.</summary>
    public static KeyTable Pattern { get; } = new(Followed("String", Text, "a text"), Followed("Regex", Text, "a regular expression, of the parts that are supported"));

    /// <summary>tokenizer_config.json.</summary>
    public static KeyTable Config { get; } = new(
    [
        Followed("tokenizer_class", "string or null", "the kind of tokenizer where there is no tokenizer.json; a class without a form in tokenizers is refused", Transformers),
        Followed("model_max_length", "number or null", "the longest text, where the folder says no other", Transformers),
        Followed("max_len", "number or null", "the older name of model_max_length", "transformers 2 to 4"),
        .. Roles.Select(role => Followed(role, "string or object or null", "a special token; one that tokenizer.json does not list among added_tokens is added to them", Transformers)),
        Followed("additional_special_tokens", "list or null", "more special tokens, which are added likewise", "transformers 4"),
        Followed("extra_special_tokens", "list or object or null", "the same; an object names a role for each", "transformers from 4.47, 5"),
        Followed("added_tokens_decoder", "object", "added tokens by id, with their options, which win over those of tokenizer.json", "transformers from 4.34, 5"),
        Followed("do_lower_case", Flag, "wins over lowercase of a BertNormalizer, except with PreTrainedTokenizerFast and TokenizersBackend", Transformers),
        Followed("strip_accents", "true or false or null", "likewise", Transformers),
        Followed("tokenize_chinese_chars", Flag, "likewise", Transformers),
        Followed("keep_accents", Flag, "of ALBERT's SentencePiece file, where there is no tokenizer.json", Transformers),
        Followed("add_prefix_space", "true or false or null", "wins over a ByteLevel that stands alone; of Llama's SentencePiece file whether a space stands before the text", Transformers),
        Followed("legacy", "true or false or null", "of Llama's and T5's SentencePiece files, where there is no tokenizer.json: false: a space before the text alone, not after special tokens", Transformers),
        Followed("extra_ids", Integer, "of T5's SentencePiece file: how many tokens stand for gaps", Transformers),
        Followed("trim_offsets", Flag, "wins over trim_offsets of the post_processor", "transformers 4"),
        Followed("truncation_side", "string or null", "'left' or 'right': which end of a text goes", Transformers),
        Followed("model_input_names", "list or null", "whether the model is told which text of a pair a token is of", Transformers),
        Refused("do_basic_tokenize", Flag, "true is the only one without tokenizer.json; no effect with it", "transformers 4"),
        Refused("split_special_tokens", "true or false or null", "false is the only one: true takes special tokens in a text for text", Transformers),
        Refused("add_bos_token", "true or false or null", "what the post_processor does is the only one; versions differ in which of the two they go by. Of Llama's and Gemma's SentencePiece files it is followed", Transformers),
        Refused("add_eos_token", "true or false or null", "likewise", Transformers),
        Refused("auto_map", "object or null", "code of the folder's own; {} and null are fine", Transformers),
        .. Without("how ids become text again", "clean_up_tokenization_spaces", "spaces_between_special_tokens", "errors", "decode_with_prefix_space", "wordpieces_prefix"),
        .. Without("a text is never padded", "padding_side", "padding", "pad_to_multiple_of", "pad_token_type_id", "pad_token_id"),
        .. Without("a caller says how long a text may be (MaxTokens)", "max_length", "truncation", "truncation_strategy", "stride", "model_max_len"),
        .. Without("how a tokenizer.json is made of other files", "from_slow", "use_fast", "sp_model_kwargs", "remove_space", "add_dummy_prefix", "unk_id", "fix_mistral_regex"),
        .. Without("of slow tokenizers alone", "never_split", "strip_accents_and_case", "do_subword_tokenize", "do_word_tokenize"),
        .. Without("of chats", "chat_template", "use_default_system_prompt", "default_chat_template", "response_schema", "tool_parser_type"),
        .. Without(
            "what the folder was made of", "name_or_path", "_name_or_path", "special_tokens_map_file", "tokenizer_file", "vocab_file", "merges_file", "added_tokens_file", "processor_class", "backend",
            "is_local", "local_files_only", "transformers_version", "init_inputs", "_commit_hash", "__type", "language", "verbose"),
    ]);

    /// <summary>special_tokens_map.json.</summary>
    public static KeyTable Map { get; } = new(
    [
        .. Roles.Select(role => Followed(role, "string or object or null", "a special token, where tokenizer_config.json names none", Transformers)),
        Followed("additional_special_tokens", "list or null", "more special tokens, where tokenizer_config.json names none", "transformers 4"),
    ]);

    /// <summary>A token that is written as an object, in tokenizer_config.json and special_tokens_map.json.</summary>
    public static KeyTable TokenObject { get; } = new(
        Followed("content", Text, "the token", Transformers), Followed("single_word", Flag, "as in tokenizer.json", Transformers), Followed("lstrip", Flag, "as in tokenizer.json", Transformers),
        Followed("rstrip", Flag, "as in tokenizer.json", Transformers), Followed("normalized", Flag, "as in tokenizer.json", Transformers), Followed("special", Flag, "as in tokenizer.json", Transformers),
        Nothing("__type", "the class that it was written from", Transformers), Nothing("id", "the vocabulary has it", Transformers));

    /// <summary>added_tokens.json.</summary>
    public static KeyTable Added { get; } = new(Followed(KeyTable.Any, Integer, "a token and its id, which are followed where there is no other file of added tokens", "transformers 2 to 4"));

    /// <summary>The sections of the document.</summary>
    public static IReadOnlyList<(string Section, IReadOnlyList<(string Title, KeyTable Keys)> Tables)> Sections =>
    [
        ("tokenizer.json",
        [
            ("The file", File), ("An entry of added_tokens", AddedToken),
            .. Parts.Where(part => part.Type.Length == 0).Select(part => (part.Member, part.Keys)),
            .. Parts.Where(part => part.Type.Length > 0).Select(part => ($"{part.Member} {part.Type}", part.Keys)),
            ("A piece of TemplateProcessing (Sequence or SpecialToken)", TemplatePiece), ("An entry of special_tokens of TemplateProcessing", TemplateToken), ("A pattern", Pattern),
        ]),
        ("tokenizer_config.json", [("The file", Config), ("A token that is an object", TokenObject)]),
        ("special_tokens_map.json", [("", Map)]),
        ("added_tokens.json", [("", Added)]),
    ];

    /// <summary>The table of a part of tokenizer.json; null: there is no such type.</summary>
    public static KeyTable? Part(string member, string type) => Parts.FirstOrDefault(part => part.Member == member && part.Type == type)?.Keys;

    /// <summary>Refuses what a part of tokenizer.json must not have. A type that is not known is refused where it is read.</summary>
    public static void CheckPart(ModelFiles files, string member, JsonElement part)
    {
        if (part.String("type") is { } type && Part(member, type) is { } table)
        {
            table.Check(files, TokenizerJson.File, $"{member} {type}.", part);
            if (part.TryMember("pattern", out var pattern))
            {
                Pattern.Check(files, TokenizerJson.File, $"{member} {type}.pattern.", pattern);
            }
        }
    }

    private const string Tokenizers = "tokenizers";
    private const string Transformers = "transformers 4, 5";

    private static FolderKey Followed(string name, string kinds, string note, string versions = Tokenizers) => new(name, kinds, KeyUse.Followed, versions, note);

    private static FolderKey Refused(string name, string kinds, string note, string versions = Tokenizers) => new(name, kinds, KeyUse.Refused, versions, note);

    private static FolderKey Nothing(string name, string note, string versions = Tokenizers) => new(name, Whole, KeyUse.NoEffect, versions, note);

    private static IEnumerable<FolderKey> Without(string note, params string[] names) => names.Select(name => Nothing(name, note, Transformers));

    private static KeyTable Typed(params FolderKey[] keys) => new([Followed("type", Text, "which part it is"), .. keys]);
}

/// <summary>A part of tokenizer.json. Its table is made when it is asked for: a file has few of the parts.</summary>
internal sealed class KeyPart(string member, string type, Func<KeyTable> keys)
{
    private KeyTable? _keys;

    public string Member { get; } = member;

    /// <summary>Its type; "": it has none.</summary>
    public string Type { get; } = type;

    public KeyTable Keys => _keys ??= keys();
}
