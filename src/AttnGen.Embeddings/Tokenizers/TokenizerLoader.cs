using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AttnGen.Embeddings;

/// <summary>From a folder's files to the tokenizer that they describe, or to a refusal.</summary>
internal static class TokenizerLoader
{
    private const string Config = "tokenizer_config.json";
    private const string ModelConfig = "config.json";
    private const string SpecialTokensMap = "special_tokens_map.json";
    private const string VocabularyText = "vocab.txt";
    private const string VocabularyJson = "vocab.json";
    private const string MergesText = "merges.txt";
    private const string Gpt2Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    public static TextTokenizer Load(ModelFiles files)
    {
        var config = files.ReadJson(Config);
        if (files.Read(TokenizerJson.File) is { } json)
        {
            var tokenizer = TokenizerJson.Read(files, json);
            try
            {
                return tokenizer.ModelType switch
                {
                    "WordPiece" => WordPieceFromJson(files, tokenizer, config),
                    "BPE" => BpeFromJson(files, tokenizer, config),
                    "Unigram" => UnigramFromJson(files, tokenizer, config),
                    var type => throw files.Unsupported(TokenizerJson.File, $"a model of type '{type}'", "WordPiece, BPE, Unigram"),
                };
            }
            catch (Exception exception) when (exception is InvalidOperationException or FormatException)
            {
                // A member of another kind than it should be, or a string that is none.
                throw files.Malformed(TokenizerJson.File, exception.Message, exception);
            }
        }

        if (files.Read(VocabularyText) is { } vocabulary)
        {
            return FromVocabulary(files, vocabulary, config);
        }

        if (files.Read(VocabularyJson) is { } bpe)
        {
            return FromVocabularyAndMerges(files, bpe, config);
        }

        foreach (var file in new[] { "sentencepiece.bpe.model", "spiece.model", "tokenizer.model" })
        {
            if (files.Read(file) is { } model)
            {
                return FromSentencePiece(files, file, model, config);
            }
        }

        throw new FileNotFoundException(
            $"'{files.Name}' has no tokenizer: it needs tokenizer.json, vocab.txt, vocab.json with merges.txt, sentencepiece.bpe.model or spiece.model.");
    }

    private static WordPieceTokenizer WordPieceFromJson(ModelFiles files, TokenizerJson json, JsonElement config)
    {
        BertNormalizer? bert = null;
        if (Alone(json.Normalizer, "normalizers") is var normalizer && normalizer.String("type") is "BertNormalizer")
        {
            bert = PipelineLoader.ReadBert(normalizer);
        }

        if (bert is not null && json.Normalizer.String("type") is "BertNormalizer" && config.String("tokenizer_class") is not ("PreTrainedTokenizerFast" or "TokenizersBackend"))
        {
            // tokenizer_config.json is what a person edits; the reference's tokenizers of BERT let it win over tokenizer.json, its general one does not.
            bert = bert with
            {
                Lower = config.Flag("do_lower_case") ?? bert.Lower,
                SpaceIdeographs = config.Flag("tokenize_chinese_chars") ?? bert.SpaceIdeographs,
                StripAccents = config.Flag("strip_accents")
                    ?? (normalizer.Flag("strip_accents") is null ? config.Flag("do_lower_case") : null) ?? bert.StripAccents,
            };
        }

        TextPipeline? pipeline = null;
        if (bert is null || Alone(json.PreTokenizer, "pretokenizers").String("type") is not "BertPreTokenizer")
        {
            pipeline = new TextPipeline(
                bert is null ? PipelineLoader.ReadSteps(files, json.Normalizer) : [new NormalizerStep.Bert(bert)],
                PipelineLoader.ReadPreTokenizers(files, json.PreTokenizer, out var byteLevel));
            if (byteLevel)
            {
                throw files.Unsupported(TokenizerJson.File, "the pre_tokenizer ByteLevel for a WordPiece model", "ByteLevel with BPE");
            }
        }

        var vocabulary = new PieceTable(json.Vocabulary);
        return new WordPieceTokenizer(
            JsonSettings(files, json, config, vocabulary),
            json.Vocabulary,
            vocabulary,
            bert,
            pipeline,
            json.Model.TryGetValue("continuing_subword_prefix", out var prefix) && prefix.ValueKind == JsonValueKind.String ? prefix.GetString()! : "##",
            json.Model.TryGetValue("max_input_chars_per_word", out var longest) && longest.TryGetInt32(out var characters) ? characters : 100);
    }

    // What a Sequence of one has, or the element itself.
    private static JsonElement Alone(JsonElement element, string name) =>
        element.String("type") is "Sequence" && element.TryMember(name, out var all) && all.ValueKind == JsonValueKind.Array && all.GetArrayLength() == 1 ? Alone(all[0], name) : element;

    private static BpeTokenizer BpeFromJson(ModelFiles files, TokenizerJson json, JsonElement config)
    {
        if (json.Model.TryGetValue("dropout", out var dropout) && dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() > 0)
        {
            throw files.Unsupported(TokenizerJson.File, $"a BPE model with dropout {dropout.GetRawText()}, whose ids are drawn at random", "none");
        }

        var options = new BpeOptions(
            WholeWords: Flag("ignore_merges"), FuseUnknown: Flag("fuse_unk"), ByteFallback: Flag("byte_fallback"),
            Prefix: Affix("continuing_subword_prefix"), Suffix: Affix("end_of_word_suffix"));
        var vocabulary = new PieceTable(json.Vocabulary);
        var settings = JsonSettings(files, json, config, vocabulary);
        var unknown = -1;
        if (json.Model.TryGetValue("unk_token", out var token) && token.ValueKind == JsonValueKind.String)
        {
            unknown = vocabulary.Find(token.GetString());
            if (unknown < 0)
            {
                throw files.Malformed(TokenizerJson.File, $"its unk_token '{token.GetString()}' is not in the vocabulary");
            }
        }

        TextPipeline? pipeline = null;
        if (Alone(json.Normalizer, "normalizers").String("type") is null or "NFC" && PrefixSpace(Alone(json.PreTokenizer, "pretokenizers")) is { } prefixSpace
            && options is { Prefix: "", Suffix: "", ByteFallback: false })
        {
            options = options with { Compose = Alone(json.Normalizer, "normalizers").String("type") is "NFC", PrefixSpace = prefixSpace };
        }
        else
        {
            pipeline = new TextPipeline(PipelineLoader.ReadSteps(files, json.Normalizer), PipelineLoader.ReadPreTokenizers(files, json.PreTokenizer, out var byteLevel));
            options = options with { Bytes = byteLevel };
            if (byteLevel && options is not { Prefix: "", Suffix: "", ByteFallback: false })
            {
                throw files.Unsupported(
                    TokenizerJson.File, "a BPE model of bytes with continuing_subword_prefix, end_of_word_suffix or byte_fallback", "these with a BPE model of characters");
            }
        }

        return new BpeTokenizer(settings, json.Vocabulary, vocabulary, json.Merges, options, pipeline, unknown);

        bool Flag(string name) => json.Model.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.True;

        string Affix(string name) => json.Model.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

        // GPT-2's way to split, and whether a space is put before the text; null: another way.
        bool? PrefixSpace(JsonElement element)
        {
            if (element.String("type") is "ByteLevel" && element.Flag("use_regex") != false)
            {
                return (json.PreTokenizer.String("type") is "ByteLevel" ? config.Flag("add_prefix_space") : null) ?? element.Flag("add_prefix_space") ?? true;
            }

            return element.String("type") is "Sequence" && element.TryMember("pretokenizers", out var all) && all.ValueKind == JsonValueKind.Array
                && all.GetArrayLength() == 2 && IsGpt2Split(all[0]) && all[1].String("type") is "ByteLevel"
                && all[1].Flag("use_regex") == false && all[1].Flag("add_prefix_space") == false
                    ? false
                    : null;
        }

        static bool IsGpt2Split(JsonElement element) => element.String("type") is "Split" && element.String("behavior") is "Isolated"
            && element.Flag("invert") != true && element.TryMember("pattern", out var pattern) && pattern.String("Regex") == Gpt2Expression;
    }

    private static UnigramTokenizer UnigramFromJson(ModelFiles files, TokenizerJson json, JsonElement config)
    {
        if (json.Scores.Count != json.Vocabulary.Count || !json.Model.TryGetValue("unk_id", out var unknown)
            || unknown.ValueKind != JsonValueKind.Number || !unknown.TryGetInt32(out var id) || (uint)id >= json.Scores.Count)
        {
            throw files.Malformed(TokenizerJson.File, "its Unigram model needs a vocabulary of pieces with scores, and an unk_id that is one of them");
        }

        var vocabulary = new PieceTable(json.Vocabulary);
        var pipeline = new TextPipeline(PipelineLoader.ReadSteps(files, json.Normalizer), PipelineLoader.ReadPreTokenizers(files, json.PreTokenizer, out var byteLevel));
        return byteLevel
            ? throw files.Unsupported(TokenizerJson.File, "the pre_tokenizer ByteLevel for a Unigram model", "ByteLevel with BPE")
            : new UnigramTokenizer(
                JsonSettings(files, json, config, vocabulary), json.Vocabulary, vocabulary, [.. json.Scores], id, pipeline,
                json.Model.TryGetValue("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True);
    }

    // What the reference makes of the file when there is no tokenizer.json.
    private static UnigramTokenizer FromSentencePiece(ModelFiles files, string name, byte[] bytes, JsonElement config)
    {
        const string AcceptedKinds = "XLMRoberta, Albert; others need tokenizer.json";
        var kind = KindOf(files, config)?.ToUpperInvariant();
        var xlm = kind is "XLMROBERTA" or "XLM-ROBERTA" or "XLM_ROBERTA";
        if (!xlm && kind is not "ALBERT")
        {
            throw files.Unsupported(Config, $"the tokenizer '{KindOf(files, config) ?? "(none)"}' with {name} and no tokenizer.json", AcceptedKinds);
        }

        SentencePieceFile file;
        try
        {
            file = new SentencePieceFile(bytes);
        }
        catch (FormatException exception)
        {
            throw files.Malformed(name, exception.Message, exception);
        }

        if (!file.IsUnigram || file.ByteFallback || file.TreatWhitespaceAsSuffix)
        {
            throw files.Unsupported(name, $"a SentencePiece model of type {file.ModelType}{(file.ByteFallback ? " with byte fallback" : "")}{(file.TreatWhitespaceAsSuffix ? " with spaces after words" : "")}", "type 1 (Unigram) without byte fallback, spaces before words");
        }

        var pieces = file.Pieces;
        var scores = file.Scores.ConvertAll(score => (double)score);
        var steps = new List<NormalizerStep>();
        var unknownId = file.UnknownId;
        if (xlm)
        {
            // fairseq's order: four special tokens where SentencePiece has three, and the mask at the end.
            const int OwnSpecials = 3;
            const int Unknown = 3;
            if (pieces.Count <= OwnSpecials)
            {
                throw files.Malformed(name, $"it has {pieces.Count} pieces");
            }

            unknownId = Unknown;
            pieces = new PieceList(bytes.Length, 1 << 15);
            foreach (var special in new[] { "<s>", "<pad>", "</s>", "<unk>" })
            {
                pieces.Add(special, pieces.Count);
            }

            for (var i = OwnSpecials; i < file.Pieces.Count; i++)
            {
                pieces.Add(file.Pieces[i], pieces.Count);
            }

            pieces.Add("<mask>", pieces.Count);
            scores = [0, 0, 0, 0, .. scores[OwnSpecials..], 0];
        }
        else
        {
            steps.Add(new NormalizerStep.Replace("``", "\""));
            steps.Add(new NormalizerStep.Replace("''", "\""));
            if (config.Flag("keep_accents") != true)
            {
                steps.Add(new NormalizerStep.Form(compatibility: true, compose: false));
                steps.Add(new NormalizerStep.StripAccents());
            }

            if (config.Flag("do_lower_case") != false)
            {
                steps.Add(new NormalizerStep.Lowercase());
            }

            // Pieces of a digit and a comma are there to be avoided.
            for (var i = 0; i < scores.Count; i++)
            {
                if (pieces[i] is [.., var digit, ','] && CharUnicodeInfo.GetDigitValue(digit) >= 0)
                {
                    scores[i] -= 100;
                }
            }
        }

        PipelineLoader.AddMap(files, name, file.CharacterMap, steps);
        var vocabulary = new PieceTable(pieces);
        var tokens = new SpecialTokens(files, config, vocabulary, name);
        var cls = tokens.Require("cls_token", xlm ? "<s>" : "[CLS]");
        var sep = tokens.Require("sep_token", xlm ? "</s>" : "[SEP]");
        var unknown = tokens.Require("unk_token", "<unk>");
        var pad = tokens.Require("pad_token", "<pad>");
        var mask = tokens.Find("mask_token", xlm ? "<mask>" : "[MASK]");
        var added = new[] { cls, sep, unknown, pad, mask is null ? null : mask with { LeftStrip = true } }.OfType<AddedToken>().ToList();
        added.AddRange(file.Symbols.Select(one => new AddedToken(one.Text, vocabulary.Find(one.Text), Special: one.Control)).Where(one => one.Id >= 0));
        return new UnigramTokenizer(
            new TokenizerSettings
            {
                AddedTokens = [.. added.DistinctBy(one => one.Content)],
                Template = xlm ? SpecialTemplate.Roberta(cls.Id, sep.Id) : SpecialTemplate.Bert(cls.Id, sep.Id),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad.Id,
                MaxTokens = MaxTokens(config),
            },
            pieces,
            vocabulary,
            [.. scores],
            unknownId,
            new TextPipeline(
                [.. steps],
                [
                    new PreTokenizerStep.AtCharacters(Characters.IsWhiteSpace, SplitBehavior.Removed),
                    new PreTokenizerStep.Metaspace(new Rune('\u2581'), PrependScheme.Always, split: true),
                ]));
    }

    private static BpeTokenizer FromVocabularyAndMerges(ModelFiles files, byte[] utf8, JsonElement config)
    {
        var kind = KindOf(files, config);
        var roberta = kind?.ToUpperInvariant() is "ROBERTA" or "LONGFORMER" or "BART";
        if (!roberta && kind?.ToUpperInvariant() is not "GPT2")
        {
            throw files.Unsupported(
                Config, $"the tokenizer '{kind ?? "(none)"}' with {VocabularyJson} and no tokenizer.json", "Roberta, Longformer, Bart, GPT2; others need tokenizer.json");
        }

        var merges = new PieceList();
        var lines = files.Read(MergesText) ?? throw new FileNotFoundException($"'{files.Name}' has {VocabularyJson} and no {MergesText}; a BPE tokenizer needs both, or tokenizer.json.");
        try
        {
            foreach (var line in Encoding.UTF8.GetString(lines).AsSpan().EnumerateLines())
            {
                if (!line.IsEmpty && !line.StartsWith("#version"))
                {
                    TokenizerJson.AddMerge(merges, line);
                }
            }
        }
        catch (FormatException exception)
        {
            throw files.Malformed(MergesText, exception.Message, exception);
        }

        var list = TokenizerJson.ReadVocabulary(files, VocabularyJson, utf8);
        var vocabulary = new PieceTable(list);
        var tokens = new SpecialTokens(files, config, vocabulary, VocabularyJson);
        var unknown = tokens.Find("unk_token", roberta ? "<unk>" : "<|endoftext|>");
        var pad = tokens.Find("pad_token", roberta ? "<pad>" : "<|endoftext|>");
        var mask = tokens.Find("mask_token", "<mask>");
        var (bos, eos) = roberta ? (tokens.Require("bos_token", "<s>"), tokens.Require("eos_token", "</s>")) : (null, tokens.Find("eos_token", "<|endoftext|>"));
        try
        {
            return new BpeTokenizer(
                new TokenizerSettings
                {
                    AddedTokens = [.. new[] { bos, eos, unknown, pad, mask is null ? null : mask with { LeftStrip = true } }.OfType<AddedToken>().DistinctBy(one => one.Content)],
                    Template = roberta ? SpecialTemplate.Roberta(bos!.Id, eos!.Id) : SpecialTemplate.None,
                    TrimSpans = roberta,
                    UnknownTokenId = unknown?.Id ?? -1,
                    PadTokenId = pad?.Id ?? -1,
                    MaxTokens = MaxTokens(config),
                },
                list,
                vocabulary,
                merges,
                new BpeOptions(PrefixSpace: config.Flag("add_prefix_space") ?? false));
        }
        catch (FormatException exception)
        {
            throw files.Malformed(MergesText, exception.Message, exception);
        }
    }

    private static TokenizerSettings JsonSettings(ModelFiles files, TokenizerJson json, JsonElement config, PieceTable vocabulary)
    {
        var added = new List<AddedToken>();
        var last = -1;
        if (json.AddedTokens.ValueKind == JsonValueKind.Array)
        {
            foreach (var token in json.AddedTokens.EnumerateArray())
            {
                if (!token.TryString("content", out var content) || token.Integer("id") is not ({ } id and >= 0))
                {
                    throw files.Malformed(TokenizerJson.File, "an entry of added_tokens has no content or no id");
                }

                if (content.Length == 0 || added.Exists(one => one.Content == content))
                {
                    continue;
                }

                // The vocabulary's id; else the next one that is free, whatever the file says: so the reference.
                var known = vocabulary.Find(content);
                id = known >= 0 ? known : last >= vocabulary.Count ? last + 1 : vocabulary.Count;
                last = Math.Max(last, id);
                added.Add(new AddedToken(
                    content, id, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false,
                    token.Flag("normalized") ?? false, token.Flag("special") ?? false));
            }
        }

        int Id(string? token) => token is null ? -1 : added.Find(one => one.Content == token)?.Id ?? vocabulary.Find(token);

        json.Model.TryGetValue("unk_token", out var unknown);
        var unknownToken = unknown.ValueKind == JsonValueKind.String ? unknown.GetString() : SpecialToken(config, "unk_token")?.Content;
        var unknownId = Id(unknownToken);
        if (json.ModelType == "WordPiece" && unknownId < 0)
        {
            throw files.Malformed(TokenizerJson.File, $"its unk_token '{unknownToken}' is not in the vocabulary");
        }

        return new TokenizerSettings
        {
            AddedTokens = added,
            Template = ReadTemplate(files, json.PostProcessor) ?? SpecialTemplate.None,
            TrimSpans = Trims(json.PostProcessor),
            UnknownTokenId = unknownId,
            PadTokenId = (SpecialToken(config, "pad_token") ?? SpecialToken(files.ReadJson(SpecialTokensMap), "pad_token")) is { } pad
                ? Id(pad.Content)
                : Math.Max(Id("[PAD]"), Id("<pad>")),
            MaxTokens = MaxTokens(config),
        };
    }

    private static bool Trims(JsonElement element) => element.String("type") switch
    {
        "ByteLevel" or "RobertaProcessing" => element.Flag("trim_offsets") ?? true,
        "Sequence" => element.TryMember("processors", out var all) && all.ValueKind == JsonValueKind.Array && all.EnumerateArray().Any(Trims),
        _ => false,
    };

    private static SpecialTemplate? ReadTemplate(ModelFiles files, JsonElement element)
    {
        switch (element.String("type"))
        {
            case null or "ByteLevel":
                return null;
            case "BertProcessing":
                return SpecialTemplate.Bert(Second("cls"), Second("sep"));
            case "RobertaProcessing":
                return SpecialTemplate.Roberta(Second("cls"), Second("sep"));
            case "TemplateProcessing":
                return new SpecialTemplate(Parts("single", pair: false), Parts("pair", pair: true));
            case "Sequence" when element.TryMember("processors", out var processors) && processors.ValueKind == JsonValueKind.Array:
                SpecialTemplate? found = null;
                foreach (var processor in processors.EnumerateArray())
                {
                    var template = ReadTemplate(files, processor);
                    if (template is not null && found is not null)
                    {
                        throw files.Unsupported(TokenizerJson.File, "a post_processor with two templates", "one of TemplateProcessing, BertProcessing, RobertaProcessing");
                    }

                    found ??= template;
                }

                return found;
            default:
                throw files.Unsupported(
                    TokenizerJson.File, $"the post_processor {Describe(element)}", "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, or a Sequence of them");
        }

        int Second(string name) => element.TryMember(name, out var pair) && pair.ValueKind == JsonValueKind.Array && pair.GetArrayLength() == 2
            && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out var id) && id >= 0
                ? id
                : throw files.Malformed(TokenizerJson.File, $"post_processor.{name} is not a token and its id");

        TemplatePart[] Parts(string name, bool pair)
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
                    parts.Add(new TemplatePart(-1, sequence.String("id") is "B", sequence.Integer("type_id") ?? 0));
                }
                else if (part.TryMember("SpecialToken", out var special) && special.TryString("id", out var token)
                    && element.TryMember("special_tokens", out var tokens) && tokens.TryMember(token, out var entry)
                    && entry.TryMember("ids", out var ids) && ids.ValueKind == JsonValueKind.Array)
                {
                    parts.AddRange(ids.EnumerateArray().Select(id => new TemplatePart(
                        id.GetInt32() is >= 0 and var number ? number : throw files.Malformed(TokenizerJson.File, $"post_processor has the id {id}"),
                        false, special.Integer("type_id") ?? 0)));
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

    private static WordPieceTokenizer FromVocabulary(ModelFiles files, byte[] utf8, JsonElement config)
    {
        var kind = KindOf(files, config);
        var mpnet = string.Equals(kind, "mpnet", StringComparison.OrdinalIgnoreCase);
        if (!mpnet && kind?.ToUpperInvariant() is not (null or "BERT" or "DISTILBERT" or "ELECTRA" or "MOBILEBERT" or "SQUEEZEBERT" or "LXMERT" or "NOMIC_BERT"))
        {
            throw files.Unsupported(
                Config, $"the tokenizer '{kind}' with a vocab.txt and no tokenizer.json", "Bert, DistilBert, Electra, MPNet, MobileBert; others need tokenizer.json");
        }

        if (config.Flag("do_basic_tokenize") == false)
        {
            throw files.Unsupported(Config, "do_basic_tokenize false", "true");
        }

        var list = PieceList.FromLines(utf8);
        var vocabulary = new PieceTable(list);
        var tokens = new SpecialTokens(files, config, vocabulary, VocabularyText);
        var lower = config.Flag("do_lower_case") ?? true;
        var cls = tokens.Require("cls_token", mpnet ? "<s>" : "[CLS]");
        var sep = tokens.Require("sep_token", mpnet ? "</s>" : "[SEP]");
        var unknown = tokens.Require("unk_token", "[UNK]");
        var pad = tokens.Find("pad_token", mpnet ? "<pad>" : "[PAD]");
        var mask = tokens.Find("mask_token", mpnet ? "<mask>" : "[MASK]");
        return new WordPieceTokenizer(
            new TokenizerSettings
            {
                AddedTokens = [.. new[] { cls, sep, unknown, pad, mpnet && mask is not null ? mask with { LeftStrip = true } : mask }.OfType<AddedToken>().DistinctBy(one => one.Content)],
                Template = mpnet ? SpecialTemplate.Roberta(cls.Id, sep.Id) : SpecialTemplate.Bert(cls.Id, sep.Id),
                UnknownTokenId = unknown.Id,
                PadTokenId = pad?.Id ?? -1,
                MaxTokens = MaxTokens(config),
            },
            list,
            vocabulary,
            new BertNormalizer(Clean: true, config.Flag("tokenize_chinese_chars") ?? true, config.Flag("strip_accents") ?? lower, lower));
    }

    // The tokenizer's class, without what all such names end with; else the model's type.
    private static string? KindOf(ModelFiles files, JsonElement config)
    {
        var model = files.ReadJson(ModelConfig);
        var name = config.String("tokenizer_class") ?? model.String("tokenizer_class");
        return name is null ? model.String("model_type") : Without(Without(name, "Fast"), "Tokenizer");
    }

    /// <summary>The special tokens of a folder without tokenizer.json.</summary>
    private sealed class SpecialTokens(ModelFiles files, JsonElement config, PieceTable vocabulary, string file)
    {
        private readonly JsonElement _map = files.ReadJson(SpecialTokensMap);

        public AddedToken? Find(string name, string usual)
        {
            var given = SpecialToken(config, name) ?? SpecialToken(_map, name) ?? new AddedToken(usual, -1);
            var id = vocabulary.Find(given.Content);
            return id < 0 ? null : given with { Id = id };
        }

        public AddedToken Require(string name, string usual) => Find(name, usual)
            ?? throw files.Malformed(file, $"it does not have {name} ('{(SpecialToken(config, name) ?? SpecialToken(_map, name))?.Content ?? usual}')");
    }

    // A special token is written as a string, or as an object with its options.
    private static AddedToken? SpecialToken(JsonElement element, string name)
    {
        if (element.TryString(name, out var text))
        {
            return new AddedToken(text, -1);
        }

        return element.TryMember(name, out var token) && token.TryString("content", out var content)
            ? new AddedToken(content, -1, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false)
            : null;
    }

    // "No limit" is written as 1e30.
    private static int MaxTokens(JsonElement config) =>
        config.TryMember("model_max_length", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetDouble(out var value)
            && value is >= 1 and < int.MaxValue ? (int)value : int.MaxValue;

    private static string Without(string text, string ending) => text.EndsWith(ending, StringComparison.Ordinal) ? text[..^ending.Length] : text;

    public static string Describe(JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return "null";
        }

        var text = element.GetRawText();
        return element.String("type") is { } type && text.Length > 80 ? $"'{type}'" : text;
    }
}
