using System.Globalization;
using System.Text;
using AttnGen.Generator.Json;

namespace AttnGen.Sentences;

/// <summary>
/// What makes a vector of hidden states, as one number: modules.json and the configurations that it names, without white space, order and what has no effect. The class is compiled for it; where a program
/// gives another folder, it is held against that folder's, because nothing of it can be followed any more.
/// </summary>
internal static class ModulesHash
{
    private static readonly string[] s_withoutEffect = ["idx", "name", "kwargs", "word_embedding_dimension", "embedding_dimension"];

    /// <summary>Of a folder that says nothing.</summary>
    public static string Nothing { get; } = Of(static _ => null);

    /// <summary>The number, sixteen hexadecimal digits.</summary>
    /// <param name="text">A file's text by its path in the folder; null: it is not there.</param>
    public static string Of(Func<string, string?> text)
    {
        var all = new StringBuilder();
        var paths = new List<string>();
        bool depends = false;
        if (text("modules.json") is { } modules)
        {
            Add("modules.json", modules);
            if (Parse(modules) is { } list)
                paths.AddRange(list.Items.Select(module => module["path"]?.Text.Replace('\\', '/').Trim('/') ?? "").Where(path => path.Length > 0));
        }
        else
        {
            paths.Add("1_Pooling");
        }

        foreach (string path in paths.Distinct(StringComparer.Ordinal))
        {
            if (text(path + "/config.json") is { } settings)
                Add(path, settings);
        }

        // A pooling that says nothing of the mean means something else from 5.4 on.
        if (depends)
            all.Append(SentenceConfig.Read(text, []).Version.IsFrom54 ? "5.4" : "5.3");

        // FNV-1a, 64 bits.
        ulong hash = 14695981039346656037;
        foreach (char c in all.ToString())
            hash = unchecked((hash ^ c) * 1099511628211);
        return hash.ToString("x16", CultureInfo.InvariantCulture);

        void Add(string name, string json)
        {
            all.Append(name).Append('\n');
            if (Parse(json) is { } value)
            {
                Write(value);
                depends |= value.Kind == JsonKind.Object && value["pooling_mode"] is null && value["pooling_mode_mean_tokens"] is null;
            }
            else
            {
                all.Append(json);
            }

            all.Append('\n');
        }

        void Write(JsonValue value)
        {
            all.Append((int)value.Kind).Append(value.Text.Length).Append(':').Append(value.Text);
            foreach (var item in value.Items)
                Write(item);
            foreach (var member in value.Members.GroupBy(member => member.Key, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                // What is false is as good as absent, and so is what has no effect.
                if (member.Last().Value.Kind is JsonKind.False or JsonKind.Null && member.Key != "include_prompt" || s_withoutEffect.Contains(member.Key))
                    continue;
                all.Append(member.Key.Length).Append(':').Append(member.Key);
                Write(member.Last().Value);
            }

            all.Append(';');
        }
    }

    private static JsonValue? Parse(string json)
    {
        try
        {
            return JsonValue.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
