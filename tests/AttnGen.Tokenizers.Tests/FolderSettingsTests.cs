using System.Text.Json.Nodes;
using AttnGen.Generator.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>Every key of a tokenizer's files has a row, which says what is done with it, and that is done.</summary>
public class FolderSettingsTests
{
    private const string Special = """{"single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true, """;

    private static readonly (string Kind, string[] Values)[] s_kinds =
    [
        ("integer", ["7"]), ("number", ["0.5"]), ("true or false", ["true"]), ("string", ["\"x\""]), ("list", ["[]"]), ("object", ["{\"a\":1}"]), ("null", ["null"]),
    ];

    /// <summary>Each part of tokenizer.json, as the library writes it.</summary>
    private static readonly (string Member, string Part)[] s_parts =
    [
        ("truncation", """{"direction": "Right", "max_length": 512, "strategy": "LongestFirst", "stride": 0}"""),
        ("padding", """{"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}"""),
        ("normalizer", """{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true}"""),
        ("normalizer", """{"type": "NFC"}"""), ("normalizer", """{"type": "NFD"}"""), ("normalizer", """{"type": "NFKC"}"""), ("normalizer", """{"type": "NFKD"}"""), ("normalizer", """{"type": "Nmt"}"""),
        ("normalizer", """{"type": "StripAccents"}"""), ("normalizer", """{"type": "Lowercase"}"""),
        ("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAAA"}"""),
        ("normalizer", """{"type": "Strip", "strip_left": true, "strip_right": true}"""),
        ("normalizer", """{"type": "Prepend", "prepend": "a"}"""),
        ("normalizer", """{"type": "Replace", "pattern": {"String": "x"}, "content": "y"}"""),
        ("normalizer", """{"type": "Sequence", "normalizers": [{"type": "NFC"}]}"""),
        ("pre_tokenizer", """{"type": "BertPreTokenizer"}"""), ("pre_tokenizer", """{"type": "Whitespace"}"""), ("pre_tokenizer", """{"type": "WhitespaceSplit"}"""),
        ("pre_tokenizer", """{"type": "Punctuation", "behavior": "Isolated"}"""),
        ("pre_tokenizer", """{"type": "Digits", "individual_digits": false}"""),
        ("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "a+"}, "behavior": "Removed", "invert": false}"""),
        ("pre_tokenizer", """{"type": "CharDelimiterSplit", "delimiter": "-"}"""),
        ("pre_tokenizer", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true, "add_prefix_space": true, "str_rep": "▁"}"""),
        ("pre_tokenizer", """{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"""),
        ("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "Whitespace"}]}"""),
        ("post_processor", """{"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}}"""),
        ("post_processor", """{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"""),
        ("post_processor", """{"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2], "trim_offsets": true, "add_prefix_space": false}"""),
        ("post_processor", """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""),
        ("post_processor", """{"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}]}"""),
        ("decoder", """{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}"""), ("decoder", """{"type": "ByteFallback"}"""), ("decoder", """{"type": "Fuse"}"""),
        ("decoder", """{"type": "Strip", "content": " ", "start": 1, "stop": 0}"""),
        ("decoder", """{"type": "Replace", "pattern": {"String": "x"}, "content": "y"}"""),
        ("decoder", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true, "add_prefix_space": true, "str_rep": "▁"}"""),
        ("decoder", """{"type": "WordPiece", "prefix": "##", "cleanup": true}"""), ("decoder", """{"type": "BPEDecoder", "suffix": "</w>"}"""),
        ("decoder", """{"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": true}"""),
        ("decoder", """{"type": "Sequence", "decoders": [{"type": "Fuse"}]}"""),
        ("model", """{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "b": 5, "Ġ": 6, "ab": 7}}"""),
        ("model", """{"type": "BPE", "dropout": null, "unk_token": "[UNK]", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "b": 5, "Ġ": 6, "ab": 7}, "merges": ["a b"]}"""),
        ("model", """{"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", 0], ["a", -1], ["[CLS]", -2], ["[SEP]", -3]]}"""),
    ];

    private static readonly string s_wordPiece = s_parts.First(part => part.Member == "model" && part.Part.Contains("\"WordPiece\"", StringComparison.Ordinal)).Part;
    private static readonly string s_bpe = s_parts.First(part => part.Member == "model" && part.Part.Contains("\"BPE\"", StringComparison.Ordinal)).Part;

    public static TheoryData<int> Parts => [.. Enumerable.Range(0, s_parts.Length)];

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("added_tokens.json")]
    public void The_document_has_the_rows_of_the_code(string file) =>
        Assert.Equal("", FolderSettings.Compare(file, TokenizerKeys.Sections.Single(section => section.Section == file).Tables.Select(table => (table.Title, table.Keys.Keys.Select(key => new FolderSettings.Row(
            key.Name, key.Kinds, key.Use switch { KeyUse.Followed => "followed", KeyUse.Refused => "refused", _ => "no effect" }, key.Versions, key.Note))))));

    [Fact]
    public void Every_part_that_has_a_table_is_tried() =>
        Assert.Equal(TokenizerKeys.Parts.Select(part => $"{part.Member} {part.Type}").Order(), s_parts.Select(part => $"{part.Member} {JsonNode.Parse(part.Part)!["type"]}").Order());

    /// <summary>A member that no version of the library writes may change the ids: refused by name. One of another kind is never a default.</summary>
    [Theory]
    [MemberData(nameof(Parts))]
    public void Members_of_a_part_are_read_or_refused(int index)
    {
        var (member, text) = s_parts[index];
        var part = JsonNode.Parse(text)!.AsObject();
        var type = part["type"]?.GetValue<string>() ?? "";
        Load(member, part);
        var table = TokenizerKeys.Part(member, type)!;
        Assert.Equal(table.Keys.Select(key => key.Name).Order(), part.Select(one => one.Key).Order());

        part["x_new"] = 1;
        Assert.Contains($"{(type.Length > 0 ? $"{member} {type}" : member)}.x_new", Assert.Throws<NotSupportedException>(() => Load(member, part)).Message, StringComparison.Ordinal);
        part.Remove("x_new");

        foreach (var key in table.Keys.Where(key => key.Name != "type"))
        {
            foreach (var (kind, values) in s_kinds.Where(kind => !key.Kinds.Contains(kind.Kind, StringComparison.Ordinal) && !(kind.Kind == "integer" && key.Kinds.Contains("number", StringComparison.Ordinal))))
            {
                foreach (var value in values)
                {
                    var changed = part.DeepClone().AsObject();
                    changed[key.Name] = JsonNode.Parse(value);
                    if (key.Use == KeyUse.NoEffect)
                        Load(member, changed);
                    else
                        Assert.Contains(key.Name, Refusal(() => Load(member, changed)), StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData("\"version\": \"2.0\",", "version \"2.0\"; accepted: \"1.0\"")]
    [InlineData("\"version\": 1,", "version is 1, but must be a string")]
    [InlineData("\"x_new\": 1,", "the member x_new")]
    [InlineData("\"added_tokens\": {},", "added_tokens is {}, but must be a list or null")]
    [InlineData("\"normalizer\": [],", "normalizer is [], but must be an object or null")]
    [InlineData("\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\", \"form\": \"x\"}]},", "the member normalizer NFC.form")]
    [InlineData("\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"x\", \"Flags\": \"i\"}, \"content\": \"\"},", "the member normalizer Replace.pattern.Flags")]
    [InlineData("\"added_tokens\": [{\"id\": 9, \"content\": \"<x>\", \"lstrip\": \"yes\"}],", "added_tokens.lstrip is \"yes\", but must be true or false")]
    [InlineData("\"added_tokens\": [{\"id\": 9, \"content\": \"<x>\", \"fuzzy\": true}],", "the member added_tokens.fuzzy")]
    [InlineData("\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"C\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}},", "a post_processor.single with the Sequence")]
    [InlineData("\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\", \"type_id\": \"0\"}}], \"pair\": [], \"special_tokens\": {}},", "post_processor.single Sequence.type_id is \"0\"")]
    [InlineData("\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"x\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {\"x\": {\"id\": \"x\", \"ids\": [1.5], \"tokens\": []}}},", "post_processor.special_tokens x has the id 1.5")]
    public void Members_of_the_file_are_read_or_refused(string members, string expected)
    {
        var json = $$"""{{{members}} "model": {{s_wordPiece}}}""";
        var message = Refusal(() => Tokens.FromFiles(("tokenizer.json", json)));
        Assert.StartsWith("tokenizer.json of 'test'", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    /// <summary>tokenizer_config.json and special_tokens_map.json: a value of another kind is refused by its key's name, and what has no effect has none.</summary>
    [Theory]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    public void Keys_of_the_configuration_are_read_or_refused(string file)
    {
        var table = file == "tokenizer_config.json" ? TokenizerKeys.Config : TokenizerKeys.Map;
        var vocabulary = ("vocab.txt", string.Join('\n', Tokens.BertSpecials) + "\na\n");
        var plain = Tokens.FromFiles(vocabulary).Encode("A [MASK] a");
        List<string> dropped = [];
        foreach (var key in table.Keys)
        {
            foreach (var (kind, values) in s_kinds)
            {
                if (key.Use != KeyUse.NoEffect && (key.Kinds.Contains(kind, StringComparison.Ordinal) || kind == "integer" && key.Kinds.Contains("number", StringComparison.Ordinal)))
                    continue;
                foreach (var value in values)
                {
                    try
                    {
                        Assert.Equal(plain, Tokens.FromFiles(vocabulary, (file, $"{{\"{key.Name}\": {value}}}")).Encode("A [MASK] a"));
                        if (key.Use != KeyUse.NoEffect)
                            dropped.Add($"{key.Name}: {value}");
                    }
                    catch (InvalidDataException e) when (key.Use != KeyUse.NoEffect)
                    {
                        Assert.StartsWith($"{file} of 'test' cannot be read: {key.Name} is ", e.Message, StringComparison.Ordinal);
                    }
                }
            }
        }

        Assert.Empty(dropped);
    }

    [Theory]
    [InlineData("{\"model_max_length\": 0}", "model_max_length is 0, but must be at least 1")]
    [InlineData("{\"max_len\": -3}", "max_len is -3, but must be at least 1")]
    [InlineData("{\"cls_token\": {\"content\": \"[CLS]\", \"lstrip\": 1}}", "cls_token.lstrip is 1, but must be true or false")]
    [InlineData("{\"cls_token\": {\"content\": \"[CLS]\", \"lstripp\": true}}", "the member cls_token.lstripp")]
    [InlineData("{\"added_tokens_decoder\": {\"2\": {\"content\": \"[CLS]\", \"special\": \"yes\"}}}", "added_tokens_decoder 2.special is \"yes\"")]
    [InlineData("{\"extra_special_tokens\": {\"image_token\": 7}}", "extra_special_tokens has 7, which is no token")]
    [InlineData("{\"split_special_tokens\": true}", "split_special_tokens true; accepted: false")]
    [InlineData("{\"auto_map\": {\"AutoTokenizer\": [\"my.Tokenizer\", null]}}", "auto_map, which names code of the folder's own")]
    public void Settings_of_the_configuration_are_refused_with_their_name(string config, string expected)
    {
        var message = Refusal(() => Tokens.FromFiles(("tokenizer.json", Json(s_wordPiece)), ("tokenizer_config.json", config)).Encode("a"));
        Assert.StartsWith("tokenizer_config.json of 'test'", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    /// <summary>The reference reads these classes' own files, whatever tokenizer.json says.</summary>
    [Theory]
    [InlineData("PhobertTokenizer", true)]
    [InlineData("BertJapaneseTokenizer", true)]
    [InlineData("BertTokenizer", false)]
    [InlineData("BertTokenizerFast", false)]
    [InlineData("MyTokenizer", false)]
    public void Classes_without_a_form_in_tokenizers_are_refused(string name, bool refused)
    {
        (string, string)[] files = [("tokenizer.json", Json(s_wordPiece)), ("tokenizer_config.json", $"{{\"tokenizer_class\": \"{name}\"}}")];
        if (refused)
            Assert.Contains($"tokenizer_class '{name}'", Assert.Throws<NotSupportedException>(() => Tokens.FromFiles(files)).Message, StringComparison.Ordinal);
        else
            Tokens.FromFiles(files);
    }

    /// <summary>Transformers 4 goes by the template, transformers 5 by these keys.</summary>
    [Theory]
    [InlineData("{\"add_bos_token\": true, \"bos_token\": \"[CLS]\", \"add_eos_token\": true, \"eos_token\": \"[SEP]\"}", "")]
    [InlineData("{\"add_bos_token\": false, \"bos_token\": \"[CLS]\"}", "add_bos_token false, but the post_processor of tokenizer.json puts the bos_token there; accepted: true")]
    [InlineData("{\"add_eos_token\": true, \"eos_token\": \"[PAD]\"}", "add_eos_token true, but the post_processor of tokenizer.json puts no eos_token there; accepted: false")]
    [InlineData("{\"add_bos_token\": true}", "")]
    [InlineData("{\"add_bos_token\": false, \"bos_token\": \"[PAD]\"}", "")]
    public void Other_special_tokens_than_the_templates_are_refused(string config, string expected)
    {
        (string, string)[] files =
        [
            ("tokenizer.json", $$"""{"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, "pre_tokenizer": {"type": "Whitespace"}, "model": {{s_wordPiece}}}"""),
            ("tokenizer_config.json", config),
        ];
        if (expected.Length > 0)
            Assert.Contains(expected, Assert.Throws<NotSupportedException>(() => Tokens.FromFiles(files)).Message, StringComparison.Ordinal);
        else
            Assert.Equal([2, 4, 3], Tokens.FromFiles(files).Encode("a"));
    }

    [Theory]
    [InlineData("{\"max_len\": 7}", 7)]
    [InlineData("{\"max_len\": 7, \"model_max_length\": 9}", 9)]
    [InlineData("{\"max_len\": 7, \"model_max_length\": null}", int.MaxValue)]
    [InlineData("{\"model_max_length\": 1000000000000000019884624838656}", int.MaxValue)]
    [InlineData("{\"model_max_length\": 512.0}", 512)]
    public void The_longest_text_has_two_names(string config, int expected) =>
        Assert.Equal(expected, Tokens.FromFiles(("tokenizer.json", Json(s_wordPiece)), ("tokenizer_config.json", config)).MaxTokens);

    /// <summary>What tokenizer_config.json describes wins over tokenizer.json, and special tokens that it names alone are added: so transformers 4 and 5.</summary>
    [Fact]
    public void Added_tokens_of_the_configuration_are_followed()
    {
        var json = $$"""{"added_tokens": [{{Special}}"id": 2, "content": "[CLS]"}], "pre_tokenizer": {"type": "WhitespaceSplit"}, "model": {{s_wordPiece}}}""";
        Assert.Equal([4, 2, 4], Encode("{}", "a [CLS] a"));
        Assert.Equal([1], Encode("{}", "a[SEP]a"));

        // Named alone: a special token, found inside words; twice named is added once.
        Assert.Equal([4, 3, 4], Encode("{\"sep_token\": \"[SEP]\", \"eos_token\": \"[SEP]\"}", "a[SEP]a"));
        Assert.Equal([4, 8, 4], Encode("{\"additional_special_tokens\": [\"<new>\"]}", "a<new>a"));
        Assert.Equal([4, 8, 9, 4], Encode("{\"mask_token\": \"<mask>\", \"extra_special_tokens\": {\"image\": \"<image>\"}}", "a<mask><image>a"));
        Assert.Equal([4, 8, 4], Encode("{\"extra_special_tokens\": [{\"content\": \"<new>\", \"single_word\": false, \"lstrip\": true, \"rstrip\": true, \"normalized\": false, \"special\": true}]}", "a <new> a"));

        // Described: its options win, and its id is the vocabulary's or the next one.
        Assert.Equal([1], Encode("{\"added_tokens_decoder\": {\"2\": {\"content\": \"[CLS]\", \"single_word\": true, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}}}", "a[CLS]a"));
        Assert.Equal([4, 8, 4], Encode("{\"added_tokens_decoder\": {\"40\": {\"content\": \"b b\", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": false}}}", "ab ba"));

        int[] Encode(string config, string text) => Tokens.FromFiles(("tokenizer.json", json), ("tokenizer_config.json", config)).Encode(text);
    }

    /// <summary>A ByteLevel that stands alone takes tokenizer_config.json's word for a space before the text, whatever stands before it.</summary>
    [Theory]
    [InlineData("", "{}", 1)]
    [InlineData("", "{\"add_prefix_space\": true}", 2)]
    [InlineData("\"normalizer\": {\"type\": \"Lowercase\"},", "{}", 1)]
    [InlineData("\"normalizer\": {\"type\": \"Lowercase\"},", "{\"add_prefix_space\": true}", 2)]
    [InlineData("\"normalizer\": {\"type\": \"Lowercase\"},", "{\"add_prefix_space\": false}", 1)]
    [InlineData("\"normalizer\": {\"type\": \"Lowercase\"},", "{\"add_prefix_space\": null}", 1)]
    public void A_space_before_the_text_is_the_configurations(string normalizer, string config, int expected)
    {
        var json = $$"""{{{normalizer}} "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}, "model": {{s_bpe}}}""";
        Assert.Equal(expected, Tokens.FromFiles(("tokenizer.json", json), ("tokenizer_config.json", config)).Encode("a").Length);
        var other = json.Replace("\"add_prefix_space\": false", "\"add_prefix_space\": true", StringComparison.Ordinal);
        Assert.Equal(config.Contains("false", StringComparison.Ordinal) ? 1 : 2, Tokens.FromFiles(("tokenizer.json", other), ("tokenizer_config.json", config)).Encode("a").Length);
    }

    [Theory]
    [InlineData("{}", 1)]
    [InlineData("{\"trim_offsets\": true}", 1)]
    [InlineData("{\"trim_offsets\": false}", 0)]
    public void Spans_are_the_configurations(string config, int start)
    {
        var json = $$"""{"pre_tokenizer": {"type": "Metaspace", "replacement": "Ġ", "prepend_scheme": "never", "split": true}, "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}, "model": {{s_bpe.Replace("\"merges\": [", "\"merges\": [\"Ġ a\", ", StringComparison.Ordinal).Replace("\"ab\": 7", "\"ab\": 7, \"Ġa\": 8", StringComparison.Ordinal)}}}""";
        var tokenizer = Tokens.FromFiles(("tokenizer.json", json), ("tokenizer_config.json", config));
        var spans = new TokenSpan[4];
        Assert.Equal(1, tokenizer.Encode(" a", new int[4], spans, out _));
        Assert.Equal(start, spans[0].Start);
    }

    [Fact]
    public void Keys_without_a_row_are_told()
    {
        var folder = Directory.CreateTempSubdirectory("attngen-keys-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer_config.json"), "{\"do_lower_case\": true, \"do_lowercase\": true, \"x\": 1}");
            File.WriteAllText(Path.Combine(folder.FullName, "special_tokens_map.json"), "{\"cls_token\": \"[CLS]\", \"cls\": \"[CLS]\"}");
            Assert.Equal([("tokenizer_config.json", "do_lowercase"), ("tokenizer_config.json", "x"), ("special_tokens_map.json", "cls")], TokenizerFiles.UnknownKeys(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A key that a reference folder has and no row knows: a row must be written before the folder is accepted.</summary>
    [Fact]
    public void Reference_folders_have_no_key_without_a_row()
    {
        var read = 0;
        foreach (var file in Directory.EnumerateFiles(Shared.Require("golden"), "tokenizer*.json", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Shared.Require("models"), "tokenizer*.json", SearchOption.AllDirectories)))
        {
            read++;
            var folder = Path.GetDirectoryName(file)!;
            Assert.Equal([], TokenizerFiles.UnknownKeys(folder));
            TextTokenizer.Load(folder);
        }

        Assert.True(read > 20);
    }

    private static string Refusal(Action load)
    {
        var exception = Assert.ThrowsAny<Exception>(load);
        Assert.True(exception is InvalidDataException or NotSupportedException, exception.ToString());
        return exception.Message;
    }

    private static string Json(string model) => $$"""{"model": {{model}}}""";

    private static void Load(string member, JsonObject part)
    {
        var bytes = part.ToJsonString().Contains("ByteLevel", StringComparison.Ordinal) && member == "pre_tokenizer";
        var json = new JsonObject { ["model"] = JsonNode.Parse(bytes ? s_bpe : s_wordPiece) };
        json[member] = part.DeepClone();
        var tokenizer = Tokens.FromFiles(("tokenizer.json", json.ToJsonString()));
        tokenizer.Decode(tokenizer.Encode("ab a"));
    }
}
