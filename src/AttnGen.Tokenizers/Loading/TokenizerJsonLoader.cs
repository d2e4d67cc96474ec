using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>A tokenizer from tokenizer.json: WordPiece, BPE or Unigram.</summary>
internal static class TokenizerJsonLoader
{
    private delegate TextTokenizer ModelReader(ModelFiles files, TokenizerConfig config, TokenizerJson json);

    private static readonly OrderedDictionary<string, ModelReader> s_models = new()
    {
        ["WordPiece"] = ReadWordPiece,
        ["BPE"] = ReadBpe,
        ["Unigram"] = ReadUnigram,
    };

    public static TextTokenizer Load(ModelFiles files, TokenizerConfig config, string file, byte[] utf8)
    {
        try
        {
            config.CheckBeside(file);
            var json = TokenizerJson.Read(files, utf8);
            return s_models.TryGetValue(json.ModelType, out var read)
                ? read(files, config, json)
                : throw files.Unsupported(file, $"a model of type '{json.ModelType}'", string.Join(", ", s_models.Keys));
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            // A member of another kind than it should be, or a string that is none.
            throw files.Malformed(file, exception.Message, exception);
        }
    }

    private static WordPieceTokenizer ReadWordPiece(ModelFiles files, TokenizerConfig config, TokenizerJson json)
    {
        var bert = json.Normalizers is [var only] && only.String("type") is "BertNormalizer" ? ReadBert(config, json, only) : null;
        var pipeline = bert is not null && !config.Lower && json.PreTokenizers is [var splitter] && splitter.String("type") is "BertPreTokenizer"
            ? null
            : new TextPipeline(
                bert is null ? NormalizerReader.Read(files, json) : [new NormalizerStep.Bert(bert)],
                PreTokenizerReader.ReadCharacters(files, json)).Lowered(config.Lower);
        var vocabulary = new PieceTable(json.Vocabulary);
        var settings = ReadSettings(files, config, json, vocabulary);
        return settings.UnknownTokenId >= 0
            ? new WordPieceTokenizer(
                settings, json.Vocabulary, vocabulary, bert, pipeline,
                json.ModelString("continuing_subword_prefix") ?? "##", LongestWord(files, json))
            : throw files.Malformed(TokenizerJson.File, $"its unk_token '{UnknownToken(config, json)}' is not in the vocabulary");
    }

    private static int LongestWord(ModelFiles files, TokenizerJson json)
    {
        var length = json.ModelInteger("max_input_chars_per_word") ?? 100;
        return length >= 0 ? length
            : throw files.Malformed(TokenizerJson.File, FormattableString.Invariant($"model WordPiece.max_input_chars_per_word is {length}, but must be at least 0"));
    }

    private static BertNormalizer ReadBert(TokenizerConfig config, TokenizerJson json, JsonElement element)
    {
        var bert = NormalizerReader.ReadBert(element);
        // tokenizer_config.json is what a person edits; the reference's tokenizers of BERT let it win over tokenizer.json, its general one does not.
        return json.Normalizer.String("type") is not "BertNormalizer" || config.Class is "PreTrainedTokenizerFast" or "TokenizersBackend"
            ? bert
            : bert with
            {
                Lower = config.Flag("do_lower_case") ?? bert.Lower,
                SpaceIdeographs = config.Flag("tokenize_chinese_chars") ?? bert.SpaceIdeographs,
                StripAccents = config.Flag("strip_accents")
                    ?? (element.Flag("strip_accents") is null ? config.Flag("do_lower_case") : null) ?? bert.StripAccents,
            };
    }

    private static BpeTokenizer ReadBpe(ModelFiles files, TokenizerConfig config, TokenizerJson json)
    {
        if (json.ModelNumber("dropout") is > 0 and var dropout)
        {
            throw files.Unsupported(TokenizerJson.File, FormattableString.Invariant($"a BPE model with dropout {dropout}, whose ids are drawn at random"), "none");
        }

        var options = new BpeOptions(
            WholeWords: json.ModelFlag("ignore_merges"), FuseUnknown: json.ModelFlag("fuse_unk"), ByteFallback: json.ModelFlag("byte_fallback"),
            Prefix: json.ModelString("continuing_subword_prefix") ?? "", Suffix: json.ModelString("end_of_word_suffix") ?? "");
        var vocabulary = new PieceTable(json.Vocabulary);
        var settings = ReadSettings(files, config, json, vocabulary);
        var unknown = -1;
        if (json.ModelString("unk_token") is { } token)
        {
            unknown = vocabulary.Find(token);
            if (unknown < 0)
            {
                throw files.Malformed(TokenizerJson.File, $"its unk_token '{token}' is not in the vocabulary");
            }
        }

        TextPipeline? pipeline = null;
        WordSplitter? splitter = null;
        var composes = json.Normalizers is [var only] && only.String("type") is "NFC";
        if ((composes || json.Normalizers is []) && PreTokenizerReader.IsGpt2(json, config, out var prefixSpace)
            && options is { Prefix: "", Suffix: "", ByteFallback: false })
        {
            options = options with { Compose = composes, PrefixSpace = prefixSpace, Lower = config.Lower };
        }
        else
        {
            pipeline = new TextPipeline(NormalizerReader.Read(files, json), PreTokenizerReader.Read(files, json, config.Flag("add_prefix_space"), out var bytes)).Lowered(config.Lower);
            options = options with { Bytes = bytes };
            splitter = (composes || json.Normalizers is []) && options is { Prefix: "", Suffix: "", ByteFallback: false } && !config.Lower ? PreTokenizerReader.Splitter(json) : null;
            options = options with { Compose = composes && splitter is not null };
            if (bytes && options is not { Prefix: "", Suffix: "", ByteFallback: false })
            {
                throw files.Unsupported(
                    TokenizerJson.File, "a BPE model of bytes with continuing_subword_prefix, end_of_word_suffix or byte_fallback", "these with a BPE model of characters");
            }
        }

        if (options.Prefix.Length + options.Suffix.Length > BpeTokenizer.MostAffixes)
        {
            throw files.Unsupported(TokenizerJson.File, "a continuing_subword_prefix and an end_of_word_suffix of more characters", $"{BpeTokenizer.MostAffixes}");
        }

        return new BpeTokenizer(settings, json.Vocabulary, vocabulary, json.Merges, options, pipeline, unknown, splitter);
    }

    private static UnigramTokenizer ReadUnigram(ModelFiles files, TokenizerConfig config, TokenizerJson json)
    {
        if (json.Scores.Count != json.Vocabulary.Count || json.ModelInteger("unk_id") is not { } unknown || (uint)unknown >= json.Scores.Count)
        {
            throw files.Malformed(TokenizerJson.File, "its Unigram model needs a vocabulary of pieces with scores, and an unk_id that is one of them");
        }

        var vocabulary = new PieceTable(json.Vocabulary);
        var pipeline = new TextPipeline(NormalizerReader.Read(files, json), PreTokenizerReader.ReadCharacters(files, json)).Lowered(config.Lower);
        return new UnigramTokenizer(
            ReadSettings(files, config, json, vocabulary), json.Vocabulary, vocabulary, [.. json.Scores], unknown, pipeline, json.ModelFlag("byte_fallback"));
    }

    private static TokenizerSettings ReadSettings(ModelFiles files, TokenizerConfig config, TokenizerJson json, PieceTable vocabulary)
    {
        var added = ReadAddedTokens(files, config, json, vocabulary);
        var template = PostProcessorReader.ReadTemplate(files, json);
        config.CheckTemplate(template, Id);
        return new TokenizerSettings
        {
            AddedTokens = added,
            Template = template,
            Decoding = DecoderReader.Read(files, json.Decoder),
            TrimSpans = PostProcessorReader.TrimsSpans(json, config.Flag("trim_offsets")),
            UnknownTokenId = Id(UnknownToken(config, json)),
            PadTokenId = config.SpecialToken("pad_token") is { } pad ? Id(pad.Content) : Math.Max(Id("[PAD]"), Id("<pad>")),
            MaxTokens = config.MaxTokens,
            TruncationSide = config.TruncationSide ?? ReadSide(files, json.Truncation),
        };

        int Id(string? token) => token is null ? -1 : added.Find(one => one.Content == token)?.Id ?? vocabulary.Find(token);
    }

    // Of what the file says of truncation only the side is followed, as in the reference, where whoever calls names the length.
    private static TruncationSide ReadSide(ModelFiles files, JsonElement truncation) =>
        !truncation.TryMember("direction", out var direction) ? TruncationSide.Right
            : TokenizerConfig.Side(direction, nameof(TruncationSide.Left), nameof(TruncationSide.Right))
                ?? throw files.Unsupported(TokenizerJson.File, $"truncation.direction {direction.Describe()}", "Left and Right");

    private static string? UnknownToken(TokenizerConfig config, TokenizerJson json) => json.ModelString("unk_token") ?? config.SpecialToken("unk_token")?.Content;

    private static List<AddedToken> ReadAddedTokens(ModelFiles files, TokenizerConfig config, TokenizerJson json, PieceTable vocabulary)
    {
        var added = new OrderedDictionary<string, AddedToken>(StringComparer.Ordinal);
        var last = -1;
        foreach (var token in json.AddedTokens.ValueKind == JsonValueKind.Array ? json.AddedTokens.EnumerateArray() : default)
        {
            TokenizerKeys.AddedToken.Check(files, TokenizerJson.File, "added_tokens.", token);
            if (!token.TryString("content", out var content) || token.Integer("id") is not ({ } id and >= 0))
            {
                throw files.Malformed(TokenizerJson.File, "an entry of added_tokens has no content or no id");
            }

            if (!added.ContainsKey(content))
            {
                Add(new AddedToken(
                    content, id, token.Flag("single_word") ?? false, token.Flag("lstrip") ?? false, token.Flag("rstrip") ?? false,
                    token.Flag("normalized") ?? false, token.Flag("special") ?? false));
            }
        }

        // Then what tokenizer_config.json describes, whose options win, and the special tokens that it names and nobody has added: so the reference.
        var named = config.NamedTokens.ToList();
        var special = named.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        foreach (var token in config.DescribedTokens.Select(token => token with { Special = token.Special || special.Contains(token.Content) }))
        {
            if (added.TryGetValue(token.Content, out var own))
            {
                added[token.Content] = token with { Id = own.Id };
            }
            else
            {
                Add(token);
            }
        }

        foreach (var token in named.Where(token => !added.ContainsKey(token.Content)))
        {
            Add(token);
        }

        return [.. added.Values];

        void Add(AddedToken token)
        {
            if (token.Content.Length > 0)
            {
                // The vocabulary's id; else the next one that is free, whatever the file says: so the reference.
                var known = vocabulary.Find(token.Content);
                var id = known >= 0 ? known : last >= vocabulary.Count ? last + 1 : vocabulary.Count;
                last = Math.Max(last, id);
                added.Add(token.Content, token with { Id = id });
            }
        }
    }
}
