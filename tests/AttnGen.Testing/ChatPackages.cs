using System.Diagnostics;

namespace AttnGen.Testing;

/// <summary>
/// The published tokenizers that golden/chat was made from (<c>llama2</c>, <c>llama3</c>, <c>llama3_1</c>, <c>qwen3</c>, <c>gemma3</c>, <c>gpt4o</c>).
/// Its fetch.sh brings them, once for all test processes of this machine, into a folder of the temporary ones.
/// </summary>
public static class ChatPackages
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);
    private static readonly Lock s_lock = new();
    private static string? s_folder, s_why;

    /// <summary>Finds a file of a package, and fetches the packages if need be.</summary>
    /// <param name="golden">The folder golden/chat, which holds fetch.sh.</param>
    /// <param name="package">The package: <c>qwen3</c>.</param>
    /// <param name="file"><c>tokenizer.json</c> or <c>tokenizer_config.json</c>.</param>
    /// <param name="why">Why it cannot be had, for a test that is skipped then.</param>
    /// <returns>The full path; null: it cannot be had.</returns>
    public static string? TryFind(string golden, string package, string file, out string why)
    {
        lock (s_lock)
        {
            if (s_folder is null && s_why is null)
                Fetch(golden);
            why = s_why ?? "";
        }

        return s_folder is null ? null : Path.Combine(s_folder, package, file);
    }

    /// <summary>Runs fetch.sh, which leaves what is there and checks every file's hash. One process at a time.</summary>
    private static void Fetch(string golden)
    {
        string folder = Path.Combine(Path.GetTempPath(), $"attngen-chat-packages-{Environment.UserName}");
        Directory.CreateDirectory(folder);
        var started = Stopwatch.StartNew();
        using var only = Wait(Path.Combine(folder, ".lock"), started);
        if (only is null)
        {
            s_why = $"another process has held {folder} for {s_patience.TotalMinutes} minutes";
            return;
        }

        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(golden, "fetch.sh"));
        start.ArgumentList.Add(folder);
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(s_patience))
            {
                process.Kill(entireProcessTree: true);
                s_why = $"fetch.sh did not end within {s_patience.TotalMinutes} minutes";
                return;
            }

            process.WaitForExit();
            output.GetAwaiter().GetResult();
            if (process.ExitCode == 0)
                s_folder = folder;
            else
                s_why = $"fetch.sh ended with {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            s_why = $"fetch.sh needs a shell: {e.Message}";
        }
    }

    private static FileStream? Wait(string path, Stopwatch started)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (started.Elapsed < s_patience)
            {
                Thread.Sleep(100);
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
