using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>An object of one of the files, read through <see cref="SentenceKeys"/>. What cannot be read is reported, and the default goes on.</summary>
internal sealed class KeyedObject
{
    private readonly string _shown;
    private readonly string _section;
    private readonly JsonValue _value;
    private readonly List<SentenceProblem> _problems;

    private KeyedObject(string shown, string section, JsonValue value, List<SentenceProblem> problems)
    {
        _shown = shown;
        _section = section;
        _value = value;
        _problems = problems;
    }

    /// <summary>Reads an object; null, and a problem, if it is something else. Keys without a row are problems, too.</summary>
    /// <param name="shown">What messages begin with: the file, and the object's place in it.</param>
    /// <param name="section">Its part of the table.</param>
    /// <param name="value">The object.</param>
    /// <param name="problems">Takes the problems.</param>
    public static KeyedObject? Of(string shown, string section, JsonValue value, List<SentenceProblem> problems)
    {
        if (value.Kind != JsonKind.Object)
        {
            problems.Add(new(SentenceFault.Wrong, $"{shown} is {value.Show()}, but must be an object"));
            return null;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            string name = member.Key;
            if (seen.Add(name) && !SentenceKeys.Has(section, name))
                problems.Add(new(SentenceFault.Unsupported, $"{shown} has the key {Quote(name)}, which is not known; known are {string.Join(", ", SentenceKeys.Names(section).Select(Quote))}"));
        }

        return new(shown, section, value, problems);
    }

    /// <summary>A file's JSON; null where there is no such file, and where it is not JSON, which is a problem.</summary>
    public static JsonValue? Parse(Func<string, string?> open, string file, List<SentenceProblem> problems)
    {
        if (open(file) is not { } text)
            return null;
        try
        {
            return JsonValue.Parse(text);
        }
        catch (JsonException e)
        {
            problems.Add(new(SentenceFault.File, $"{file} is not JSON: {e.Message}"));
            return null;
        }
    }

    /// <summary>A value as it is, also a null (whose kind says so); null: the key is absent.</summary>
    public JsonValue? Raw(string key)
    {
        SentenceKeys.Ask(_section, key);
        for (int i = _value.Members.Count - 1; i >= 0; i--)
        {
            if (_value.Members[i].Key == key)
                return _value.Members[i].Value;
        }

        return null;
    }

    public bool Has(string key) => Raw(key) is not null;

    /// <summary>True or false; null: the key is absent, or a null that may be.</summary>
    public bool? Flag(string key, bool orNull = false)
    {
        if (Value(key, orNull) is not { } value)
            return null;
        if (value.Kind is JsonKind.True or JsonKind.False)
            return value.Kind == JsonKind.True;
        Wrong(key, value, orNull ? "true, false or null" : "true or false");
        return null;
    }

    /// <summary>A string; null: the key is absent, or a null that may be.</summary>
    public string? Text(string key, bool orNull = false)
    {
        if (Value(key, orNull) is not { } value)
            return null;
        if (value.Kind == JsonKind.String)
            return value.Text;
        Wrong(key, value, orNull ? "a string or null" : "a string");
        return null;
    }

    /// <summary>An integer above 0; 0: the key is absent, or a null that may be.</summary>
    public int Count(string key, bool orNull = false)
    {
        if (Value(key, orNull) is not { } value)
            return 0;
        if (value.TryGetInteger(out long number) && number is > 0 and <= int.MaxValue)
            return (int)number;
        Wrong(key, value, orNull ? "an integer above 0, or null" : "an integer above 0");
        return 0;
    }

    /// <summary>An object of its own section; null: the key is absent or null.</summary>
    public KeyedObject? Object(string key, string section) => Value(key, orNull: true) is { } value ? Inner(key, section, value) : null;

    /// <summary>An object at a place in this one.</summary>
    public KeyedObject? Inner(string place, string section, JsonValue value) => Of($"{_shown}: {place}", section, value, _problems);

    /// <summary>Refuses a value that would change the result in a way that is not supported.</summary>
    public void Only(string key, Func<JsonValue, bool> accepted, string shown)
    {
        if (Raw(key) is { } value && !accepted(value))
            Unsupported(key, value, shown);
    }

    public void Wrong(string key, JsonValue value, string accepted) => Report(SentenceFault.Wrong, $"{key} is {value.Show()}, but must be {accepted}");

    public void Unsupported(string key, JsonValue value, string accepted) => Report(SentenceFault.Unsupported, $"{key} {Plain(value)} is not supported; supported {accepted}");

    /// <summary>Reports something of this object.</summary>
    public void Report(SentenceFault fault, string what) => _problems.Add(new(fault, $"{_shown}: {what}"));

    /// <summary>A name of the file, as messages have names.</summary>
    public static string Quote(string name) => $"'{ForeignText.Short(name, 60)}'";

    private static string Plain(JsonValue value) => value.Kind == JsonKind.String ? Quote(value.Text) : value.Show();

    private JsonValue? Value(string key, bool orNull) => Raw(key) is { } value && !(orNull && value.Kind == JsonKind.Null) ? value : null;
}
