using AttnGen.Generator.Diagnostics;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>
/// Reads config.json key by key. A key that is absent or null has the architecture's default. What cannot be read is reported, and the default goes
/// on, so that one reading finds every mistake.
/// </summary>
internal sealed class ConfigReader(JsonValue root, List<Problem> problems)
{
    private const int LargestVocabulary = 1 << 24;

    public JsonValue Root => root;

    /// <summary>Whether something was wrong so far.</summary>
    public bool HasProblems => problems.Count > 0;

    public void Wrong(string message) => Add(Descriptors.ModelConfig, "config.json: " + message);

    public void Unsupported(string message) => Add(Descriptors.ModelUnsupported, "config.json: " + message);

    /// <summary>A size from <paramref name="minimum"/> on.</summary>
    public Dim Size(string key, int fallback, int minimum = 1, int maximum = Limits.Width)
    {
        int size = Integer(key, fallback, minimum, maximum);
        return new Dim(size, $"{key}={Text.Of(size)}{(root[key] is null ? " (default)" : "")}");
    }

    public Dim Vocabulary(int fallback) => Size("vocab_size", fallback, maximum: LargestVocabulary);

    /// <summary>The key of two for the same value: the first if it is there, else the second, which then names the value.</summary>
    public string Either(string first, string second) => root[first] is not null ? first : second;

    public int Integer(string key, int fallback, int minimum, int maximum)
    {
        if (root[key] is not { } value)
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
    public double Number(string key, double fallback) => Number(root, key, key, fallback);

    public double Number(JsonValue holder, string key, string shown, double fallback)
    {
        if (holder[key] is not { } value)
            return fallback;
        if (value.TryGetNumber(out double number) && number > 0 && number <= float.MaxValue)
            return number;
        Wrong($"{shown} is {value.Show()}, but must be a number above 0");
        return fallback;
    }

    /// <summary>A norm's ε: from 0 to 1.</summary>
    public double Epsilon(string key, double fallback)
    {
        if (root[key] is not { } value)
            return fallback;
        if (value.TryGetNumber(out double number) && number >= 0 && number <= 1)
            return number;
        Wrong($"{key} is {value.Show()}, but must be a number from 0 to 1");
        return fallback;
    }

    public bool Flag(string key, bool fallback)
    {
        if (root[key] is not { } value)
            return fallback;
        if (value.Kind is JsonKind.True or JsonKind.False)
            return value.Kind == JsonKind.True;
        Wrong($"{key} is {value.Show()}, but must be true or false");
        return fallback;
    }

    public string Word(string key, string fallback)
    {
        if (root[key] is not { } value)
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
        if (Flag(key, accepted) != accepted)
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

    private void Add(Microsoft.CodeAnalysis.DiagnosticDescriptor descriptor, string message) => problems.Add(new Problem(descriptor, message));
}
