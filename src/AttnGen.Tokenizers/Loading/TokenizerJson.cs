using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace AttnGen.Tokenizers;

/// <summary>A tokenizer.json, its large parts (vocabulary, merges) read without an object for each entry.</summary>
internal sealed class TokenizerJson
{
    public const string File = "tokenizer.json";

    private static readonly double[] s_powers = [.. Enumerable.Range(0, 309).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    // The model's small members.
    private readonly List<string> _modelNames = [];
    private readonly JsonList _model = new();

    private TokenizerJson()
    {
    }

    public JsonElement AddedTokens { get; private set; }

    public JsonElement Normalizer { get; private set; }

    /// <summary>The normaliser's steps, whatever sequences they stand in.</summary>
    public JsonElement[] Normalizers { get; private set; } = [];

    public JsonElement PreTokenizer { get; private set; }

    public JsonElement Truncation { get; private set; }

    public JsonElement Decoder { get; private set; }

    /// <summary>The pre-tokenizer's steps, whatever sequences they stand in.</summary>
    public JsonElement[] PreTokenizers { get; private set; } = [];

    /// <summary>The post-processor's steps, whatever sequences they stand in.</summary>
    public JsonElement[] PostProcessors { get; private set; } = [];

    /// <summary>The vocabulary; of a Unigram model the ids are positions.</summary>
    public PieceList Vocabulary { get; private set; } = new(0, 0);

    /// <summary>The log probability of each piece of a Unigram model; empty otherwise.</summary>
    public List<double> Scores { get; } = [];

    /// <summary>Left and right parts of merges, one after the other.</summary>
    public PieceList Merges { get; private set; } = new(0, 0);

    /// <summary>WordPiece, BPE, Unigram or WordLevel.</summary>
    public string ModelType => (TryModel("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : null) ?? (Scores.Count > 0 ? "Unigram" : Merges.Count > 0 ? "BPE" : "WordPiece");

    /// <summary>A string member of the model; null: there is none.</summary>
    /// <exception cref="InvalidOperationException">It is of another kind. This holds for numbers and flags as well.</exception>
    public string? ModelString(string name) => TryModel(name, out var value) ? value.GetString() : null;

    /// <summary>A member of the model that is a 32-bit integer; null: there is none.</summary>
    public int? ModelInteger(string name) => TryModel(name, out var value) ? value.GetInt32() : null;

    /// <summary>A number of the model; null: there is none.</summary>
    public double? ModelNumber(string name) => TryModel(name, out var value) ? value.GetDouble() : null;

    /// <summary>A true or false of the model; false: there is none.</summary>
    public bool ModelFlag(string name) => TryModel(name, out var value) && value.GetBoolean();

    public static TokenizerJson Read(ModelFiles files, byte[] utf8)
    {
        var json = new TokenizerJson();
        var postProcessor = default(JsonElement);
        try
        {
            var reader = Open(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw files.Malformed(File, "it is not a JSON object");
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                if (name == "model" && reader.TokenType == JsonTokenType.StartObject)
                {
                    json.ReadModel(ref reader, utf8.Length);
                    continue;
                }

                var member = JsonElement.ParseValue(ref reader);
                TokenizerKeys.File.Check(files, File, "", name, member);
                switch (name)
                {
                    case "version" when !member.ValueEquals("1.0"):
                        throw files.Unsupported(File, $"version {member.Describe()}", "\"1.0\"");
                    case "truncation":
                        TokenizerKeys.Part(name, "")!.Check(files, File, name + ".", member);
                        json.Truncation = member;
                        break;
                    case "padding":
                        TokenizerKeys.Part(name, "")!.Check(files, File, name + ".", member);
                        break;
                    case "added_tokens":
                        json.AddedTokens = member;
                        break;
                    case "normalizer":
                        json.Normalizer = member;
                        break;
                    case "pre_tokenizer":
                        json.PreTokenizer = member;
                        break;
                    case "decoder":
                        json.Decoder = member;
                        break;
                    case "post_processor":
                        postProcessor = member;
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw files.Malformed(File, exception.Message, exception);
        }

        json.Normalizers = Flatten(files, "normalizer", json.Normalizer, "normalizers");
        json.PreTokenizers = Flatten(files, "pre_tokenizer", json.PreTokenizer, "pretokenizers");
        json.PostProcessors = Flatten(files, "post_processor", postProcessor, "processors");
        if (TokenizerKeys.Part("model", json.ModelType) is { } table)
        {
            for (var i = 0; i < json._model.Count; i++)
            {
                table.Check(files, File, $"model {json.ModelType}.", json._modelNames[i], json._model[i]);
            }
        }

        return json.Vocabulary.Count > 0 ? json : throw files.Malformed(File, "its model has no vocabulary");
    }

    /// <summary>A string to id object, as vocab.json is.</summary>
    public static PieceList ReadVocabulary(ModelFiles files, string file, byte[] utf8)
    {
        try
        {
            var reader = Open(utf8);
            reader.Read();
            return ReadIds(ref reader, utf8.Length);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw files.Malformed(file, exception.Message, exception);
        }
    }

    /// <summary>A regular expression of the file.</summary>
    public static TextPattern Pattern(ModelFiles files, string member, string expression)
    {
        try
        {
            return new TextPattern(expression);
        }
        catch (FormatException exception)
        {
            throw files.Unsupported(
                File, $"a {member} with {exception.Message}", "regular expressions of characters, classes in [], \\p{..} of general categories, \\s \\d \\w, groups, |, *, +, ?, {n,m}, look-ahead, ^ and $");
        }
    }

    /// <summary>An element, or those of a Sequence, which may hold such again.</summary>
    public static JsonElement[] Flatten(ModelFiles files, string member, JsonElement element, string members)
    {
        var all = new JsonList();
        Flatten(files, member, element, members, all);
        return all.ToArray();
    }

    private static void Flatten(ModelFiles files, string member, JsonElement element, string members, JsonList to)
    {
        TokenizerKeys.CheckPart(files, member, element);
        if (element.String("type") is "Sequence" && element.TryMember(members, out var all) && all.ValueKind == JsonValueKind.Array)
        {
            foreach (var one in all.EnumerateArray())
            {
                Flatten(files, member, one, members, to);
            }
        }
        else if (element.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null))
        {
            to.Add(element);
        }
    }

    private bool TryModel(string name, out JsonElement value)
    {
        var at = _modelNames.IndexOf(name);
        value = at < 0 ? default : _model[at];
        return at >= 0 && value.ValueKind != JsonValueKind.Null;
    }

    private static Utf8JsonReader Open(ReadOnlySpan<byte> utf8) => Utf8.IsValid(utf8)
        ? new Utf8JsonReader(utf8[(utf8.StartsWith("\uFEFF"u8) ? 3 : 0)..])
        : throw new FormatException("it is not UTF-8");

    private void ReadModel(ref Utf8JsonReader reader, int bytes)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "vocab" when reader.TokenType == JsonTokenType.StartObject:
                    Vocabulary = ReadIds(ref reader, bytes);
                    break;
                case "vocab" when reader.TokenType == JsonTokenType.StartArray:
                    ReadScores(ref reader, bytes);
                    break;
                case "merges" when reader.TokenType == JsonTokenType.StartArray:
                    ReadMerges(ref reader, bytes);
                    break;
                default:
                    SetModel(name, JsonElement.ParseValue(ref reader));
                    break;
            }
        }
    }

    // Of a member that is there twice the last one counts.
    private void SetModel(string name, JsonElement value)
    {
        var at = _modelNames.IndexOf(name);
        if (at >= 0)
        {
            _model[at] = value;
            return;
        }

        _modelNames.Add(name);
        _model.Add(value);
    }

    private static PieceList ReadIds(ref Utf8JsonReader reader, int bytes)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("a vocabulary is an object of token and id");
        }

        var list = new PieceList(bytes, 1 << 15);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var length = reader.CopyString(list.Room(reader.ValueSpan.Length));
            reader.Read();
            var id = reader.GetInt32();
            list.Take(length, id >= 0 ? id : throw new FormatException($"the id {id} is negative"));
        }

        return list;
    }

    private void ReadScores(ref Utf8JsonReader reader, int bytes)
    {
        Vocabulary = new PieceList(bytes, 1 << 15);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            var length = reader.CopyString(Vocabulary.Room(reader.ValueSpan.Length));
            Vocabulary.Take(length, Vocabulary.Count);
            reader.Read();
            Scores.Add(reader.TokenType == JsonTokenType.Number ? Score(reader.ValueSpan) : throw new FormatException("a score is no number"));
            reader.Read();
        }
    }

    // As the reference reads numbers, which is not always the nearest double: paths of the same pieces in another order have sums that differ
    // in the last bit, and that bit decides between them.
    private static double Score(ReadOnlySpan<byte> number)
    {
        var (significand, exponent, dropped) = (0UL, 0, false);
        var at = number[0] == '-' ? 1 : 0;
        var fraction = false;
        for (; at < number.Length && number[at] is not ((byte)'e' or (byte)'E'); at++)
        {
            if (number[at] == '.')
            {
                fraction = true;
                continue;
            }

            var digit = (ulong)(number[at] - '0');
            dropped |= significand > (ulong.MaxValue - digit) / 10;
            if (!dropped)
            {
                significand = 10 * significand + digit;
            }

            exponent += fraction ? (dropped ? 0 : -1) : (dropped ? 1 : 0);
        }

        if (at < number.Length)
        {
            exponent += int.TryParse(number[(at + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var more) ? Math.Clamp(more, -1000, 1000) : 0;
        }

        double value = significand;
        for (; exponent < -308 && value != 0; exponent += 308)
        {
            value /= 1e308;
        }

        value = exponent < 0 ? value / s_powers[Math.Min(-exponent, 308)] : value * s_powers[Math.Min(exponent, 308)];
        return number[0] == '-' ? -value : value;
    }

    // "a b", or ["a", "b"] in newer files.
    private void ReadMerges(ref Utf8JsonReader reader, int bytes)
    {
        Merges = new PieceList(bytes, 1 << 15);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                for (var i = 0; i < 2; i++)
                {
                    reader.Read();
                    var length = reader.CopyString(Merges.Room(reader.ValueSpan.Length));
                    Merges.Take(length, Merges.Count);
                }

                reader.Read();
            }
            else
            {
                AddMerge(Merges, reader.GetString()!);
            }
        }
    }

    /// <summary>Adds a line of merges.txt.</summary>
    public static void AddMerge(PieceList merges, ReadOnlySpan<char> line)
    {
        var space = line.IndexOf(' ');
        if (space <= 0 || space == line.Length - 1 || line[(space + 1)..].Contains(' '))
        {
            throw new FormatException($"the merge '{line}' is not two tokens with a space between them");
        }

        merges.Add(line[..space], merges.Count);
        merges.Add(line[(space + 1)..], merges.Count);
    }
}
