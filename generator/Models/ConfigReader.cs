using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>
/// Reads config.json key by key. A key that is absent has the architecture's default, and so has one that is null where its row in
/// <see cref="ConfigKeys"/> says that it may be. What cannot be read is reported, and the default goes on, so that one reading finds every mistake.
/// </summary>
/// <param name="root">The object.</param>
/// <param name="problems">Gets what is wrong.</param>
/// <param name="place">The key that the object stands under, "": it is the whole file.</param>
/// <param name="whole">The whole file, where the object is a part of it.</param>
internal sealed class ConfigReader(JsonValue root, List<Problem> problems, string place = "", ConfigReader? whole = null)
{
    private const int LargestVocabulary = 1 << 24;

    // What one can be divided by, and be a float still.
    private const double Smallest = 1e-37;

    private readonly string _place = place.Length == 0 ? "config.json: " : $"config.json: {place}: ";

    /// <summary>What is wrong so far.</summary>
    public List<Problem> Problems => problems;

    /// <summary>The whole file, where this is a part of it; else null.</summary>
    public ConfigReader? Whole => whole;

    private IReadOnlyDictionary<string, ConfigKey>? _keys = ConfigKeys.Shared.ToDictionary(key => key.Name, StringComparer.Ordinal);

    /// <summary>Goes on with the rows of an architecture.</summary>
    public void Use(string modelType) => _keys = ConfigKeys.Of(modelType);

    /// <summary>A key's value; null: it is absent, or null where it may be.</summary>
    public JsonValue? this[string key] => Find(key, "not null");

    /// <summary>Whether the file has the key, if only with null.</summary>
    public bool Has(string key) => root.Members.Any(member => member.Key == key);

    /// <summary>Whether the file has the key, with null.</summary>
    public bool IsNull(string key) => Has(key) && root[key] is null;

    /// <summary>The names without a row, in the file's order: what has no effect here, and may be a slip.</summary>
    public IReadOnlyList<string> UnknownKeys => _keys is { } keys ? root.Members.Select(member => member.Key).Where(key => !keys.ContainsKey(key)).Distinct().ToList() : [];

    /// <summary>Objects of the file whose keys have a table of their own.</summary>
    public IEnumerable<(string Key, string Table, JsonValue Value)> Objects => root.Members
        .Where(member => member.Value.Kind == JsonKind.Object && _keys is { } keys && keys.TryGetValue(member.Key, out var row) && row.Table.Length > 0)
        .Select(member => (member.Key, _keys![member.Key].Table, member.Value));

    /// <summary>The value of a key that the architecture does not have, for a message: what its author may have meant it for.</summary>
    public JsonValue? Foreign(string key) => _keys?.ContainsKey(key) == false ? root[key] : null;

    /// <summary>Whether something was wrong so far, other than that the architecture is not supported yet.</summary>
    public bool HasProblems => problems.Exists(problem => problem.Descriptor != Descriptors.ModelLater);

    public void Wrong(string message) => Add(Descriptors.ModelConfig, _place + message);

    public void Unsupported(string message) => Add(Descriptors.ModelUnsupported, _place + message);

    /// <summary>A size from <paramref name="minimum"/> on.</summary>
    public Dim Size(string key, int fallback, int minimum = 1, int maximum = Limits.Width)
    {
        int size = Integer(key, fallback, minimum, maximum);
        return new Dim(size, $"{key}={Text.Of(size)}{(root[key] is null ? " (default)" : "")}");
    }

    public Dim Vocabulary(int fallback) => Size("vocab_size", fallback, maximum: LargestVocabulary);

    /// <summary>The key of two for the same value: the first if it is there, else the second, which then names the value.</summary>
    public string Either(string first, string second) => Find(first, "an integer") is not null ? first : second;

    public int Integer(string key, int fallback, int minimum, int maximum)
    {
        if (Find(key, "an integer") is not { } value)
            return fallback;
        if (!value.TryGetInteger(out long integer))
        {
            Wrong($"{key} is {value.Show()}, but must be an integer");
            return fallback;
        }

        if (integer < minimum || integer > maximum)
        {
            Wrong($"{key} {value.Show()} is out of range: it must be between {Text.Of(minimum)} and {Text.Of(maximum)}");
            return fallback;
        }

        return (int)integer;
    }

    /// <summary>A number above 0.</summary>
    public double Number(string key, double fallback, bool mayBeZero = false) =>
        mayBeZero && Find(key, "a number from 0 on") is { } value && value.TryGetNumber(out double number) && number == 0 ? 0 : Number(Find(key, "a number above 0"), key, fallback);

    /// <summary>Reports a list that is not of so many numbers above 0.</summary>
    public bool MustBeNumbers(string key, int count)
    {
        if (Find(key, "a list of numbers") is { Kind: JsonKind.Array } list && list.Items.Count == count && list.Items.All(item => item.TryGetNumber(out double number) && number > 0))
            return true;
        if (!IsNull(key)) // which has been said
            Wrong($"{key} is {(root[key] is { } other ? Text.Short(other.Show()) : "missing")}, but must be a list of {Text.Of(count)} numbers above 0");
        return false;
    }

    /// <summary>A number above 0 that stands inside an object.</summary>
    public double Number(JsonValue? found, string shown, double fallback)
    {
        if (found is not { } value)
            return fallback;
        bool isAbove = value.TryGetNumber(out double number) && number > 0;
        if (isAbove && number is >= Smallest and <= float.MaxValue)
            return number;
        Wrong(isAbove ? $"{shown} {value.Show()} is out of range: it must be between {Text.Of(Smallest)} and {Text.Of((double)float.MaxValue)}" : $"{shown} is {value.Show()}, but must be a number above 0");
        return fallback;
    }

    /// <summary>A norm's ε: from 0 to 1.</summary>
    public double Epsilon(string key, double fallback)
    {
        if (Find(key, "a number from 0 to 1") is not { } value)
            return fallback;
        if (value.TryGetNumber(out double number) && number >= 0 && number <= 1)
            return number;
        Wrong($"{key} is {value.Show()}, but must be a number from 0 to 1");
        return fallback;
    }

    public Switch Flag(string key, bool fallback)
    {
        var value = Find(key, "true or false");
        if (value?.Kind is JsonKind.True or JsonKind.False)
            return new Switch(value!.Kind == JsonKind.True, $"{key}={value.Show()}");
        if (value is not null)
            Wrong($"{key} is {value.Show()}, but must be true or false");
        return new Switch(fallback, $"{key}={(fallback ? "true" : "false")} (default)");
    }

    /// <summary>An object; null: there is none.</summary>
    public JsonValue? Object(string key)
    {
        if (Find(key, "an object") is not { } value || value.Kind == JsonKind.Object)
            return root[key];
        Wrong($"{key} is {value.Show()}, but must be an object");
        return null;
    }

    /// <summary>An object that would change the computation in a way that is not supported, if anything is in it.</summary>
    public void MustBeEmpty(string key)
    {
        if (Object(key) is { Members.Count: > 0 } value)
            Unsupported($"{key} with '{Text.Short(value.Members[0].Key)}' is not supported; supported is {{}}");
    }

    /// <summary>The id that pads, −1: none, which is what null says.</summary>
    public int PadToken(int fallback, Dim vocabulary, int minimum = -1)
    {
        int pad = Integer("pad_token_id", fallback, minimum, vocabulary.Size - 1);
        return IsNull("pad_token_id") ? -1 : pad;
    }

    public string Word(string key, string fallback)
    {
        if (Find(key, "a string") is not { } value)
            return fallback;
        if (value.Kind == JsonKind.String)
            return value.Text;
        Wrong($"{key} is {value.Show()}, but must be a string");
        return fallback;
    }

    /// <summary>One word of a few.</summary>
    public string Choice(string key, string fallback, params string[] accepted)
    {
        string word = Word(key, fallback);
        if (accepted.Contains(word))
            return word;
        Unsupported($"{key} '{Text.Short(word)}' is not supported; supported {(accepted.Length == 1 ? "is" : "are")} {string.Join(", ", accepted.Select(a => $"'{a}'"))}");
        return fallback;
    }

    /// <summary>A switch that would change the computation in a way that is not supported.</summary>
    public void MustBe(string key, bool accepted)
    {
        if (Flag(key, accepted).On != accepted)
            Unsupported($"{key} {(accepted ? "false" : "true")} is not supported; supported is {(accepted ? "true" : "false")}");
    }

    /// <summary>An activation, as the member of the public enum.</summary>
    public string Activation(string key, string fallback)
    {
        string name = Word(key, fallback);
        if (ActivationNames.Find(name) is { } member)
            return member;
        Unsupported($"{key} '{Text.Short(name)}' is not supported; supported are {ActivationNames.Known}");
        return "Gelu";
    }

    /// <summary>Heads that must divide the width.</summary>
    public Dim Heads(string key, int fallback, Dim width, string widthKey)
    {
        var heads = Size(key, fallback, maximum: Limits.Heads);
        if (!HasProblems && width.Size % heads.Size != 0)
            Wrong($"{widthKey} {Text.Of(width.Size)} is not a multiple of {key} {Text.Of(heads.Size)}");
        else if (!HasProblems && width.Size / heads.Size > Limits.HeadDim)
            Wrong($"{widthKey} {Text.Of(width.Size)} with {key} {Text.Of(heads.Size)} makes heads of {Text.Of(width.Size / heads.Size)}, but the limit is {Text.Of(Limits.HeadDim)}");
        return heads;
    }

    /// <summary>Heads have the width that is left for each; a key that says otherwise is of another architecture.</summary>
    public void MustBeHeadDim(Dim width, Dim heads)
    {
        int size = Integer("head_dim", 0, 1, Limits.Width);
        if (size > 0 && !HasProblems && size != width.Size / heads.Size)
            Unsupported($"head_dim {Text.Of(size)} is not supported; supported is {Text.Of(width.Size / heads.Size)}: {width.From} divided by {heads.From}");
    }

    private JsonValue? Find(string key, string kind)
    {
        ConfigKey? row = null;
        if (_keys is { } keys && !keys.TryGetValue(key, out row))
            Wrong($"{key} is read, but has no row in the tables of keys; please report this");
        if (row is { MayBeNull: false } && IsNull(key))
            Wrong($"{key} is null, but must be {kind}");
        return root[key];
    }

    private void Add(Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, string message) => problems.Add(new Problem(descriptor, message));
}
