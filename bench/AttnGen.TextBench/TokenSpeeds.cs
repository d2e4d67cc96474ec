using System.Globalization;
using System.Text;
using System.Text.Json;
using AttnGen.Bench;
using AttnGen.Tokenizers;
using Microsoft.ML.Tokenizers;

namespace AttnGen.TextBench;

/// <summary>
/// Megabytes a second of the tokenizers of language models, beside Microsoft.ML.Tokenizers reading the same files:
/// <c>tokens FOLDER…</c>, each with a byte-level BPE as tokenizer.json and a file of text, <c>--text FILE</c>.
/// </summary>
internal static class TokenSpeeds
{
    public static int Run(string[] args)
    {
        int at = Array.IndexOf(args, "--text");
        string[] folders = at < 0 ? args : [.. args[..at], .. args[Math.Min(at + 2, args.Length)..]];
        if (folders.Length == 0 || at == args.Length - 1)
        {
            Console.Error.WriteLine("usage: tokens FOLDER… [--text FILE]   (folders with the tokenizer.json of a byte-level BPE; FILE: UTF-8)");
            return 2;
        }

        foreach (string folder in folders) One(folder, at < 0 ? null : args[at + 1]);
        return 0;
    }

    private static void One(string folder, string? file)
    {
        TextTokenizer ours = TextTokenizer.Load(folder);
        Tokenizer theirs = Theirs(folder);
        Console.WriteLine($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}: MB/s, median of turns; ratio above 1: AttnGen is faster");
        Console.WriteLine("| text | bytes | tokens | AttnGen | Microsoft.ML.Tokenizers | the same, counting alone | ratio | bytes allocated a call | of the other |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((string name, string text) in Texts(file))
        {
            int bytes = Encoding.UTF8.GetByteCount(text);
            var ids = new int[bytes + 16];
            int[] expected = [.. theirs.EncodeToIds(text)];
            int count = ours.Encode(text, ids, addSpecialTokens: false);
            if (!ids.AsSpan(0, count).SequenceEqual(expected)) Console.WriteLine($"({name}: the ids differ)");
            Stopper[] all =
            [
                new("AttnGen", () => ours.Encode(text, ids, addSpecialTokens: false)),
                new("EncodeToIds", () => theirs.EncodeToIds(text)),
                new("CountTokens", () => theirs.CountTokens(text)),
            ];
            foreach (Stopper one in all) one.Warm(150);
            for (int round = 0; round < 30; round++)
            {
                for (int i = 0; i < all.Length; i++) all[(round + i) % all.Length].Turn(5);
            }

            double[] speeds = Array.ConvertAll(all, one => bytes / one.Median);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {bytes:N0} | {count:N0} | {speeds[0]:F1} | {speeds[1]:F1} | {speeds[2]:F1} | {speeds[0] / Math.Max(speeds[1], speeds[2]):F2} | {all[0].BytesPerCall():N0} | {all[1].BytesPerCall():N0} |"));
        }

        Console.WriteLine();
    }

    // The other one's fastest kind for such files, with the file's own expression and special tokens.
    private static TiktokenTokenizer Theirs(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        JsonElement root = json.RootElement;
        var lines = new StringBuilder();
        foreach (JsonProperty entry in root.GetProperty("model").GetProperty("vocab").EnumerateObject().OrderBy(one => one.Value.GetInt32()))
        {
            if (Bytes(entry.Name) is { } bytes) lines.Append(Convert.ToBase64String(bytes)).Append(' ').Append(entry.Value.GetInt32()).Append('\n');
        }

        var special = new Dictionary<string, int>();
        foreach (JsonElement token in root.GetProperty("added_tokens").EnumerateArray()) special[token.GetProperty("content").GetString()!] = token.GetProperty("id").GetInt32();
        using var ranks = new MemoryStream(Encoding.UTF8.GetBytes(lines.ToString()));
        return TiktokenTokenizer.Create(ranks, new RegexPreTokenizer(new(Expression(root), System.Text.RegularExpressions.RegexOptions.Compiled), special), null, special);
    }

    private static string Expression(JsonElement root)
    {
        JsonElement parts = root.GetProperty("pre_tokenizer");
        foreach (JsonElement part in parts.TryGetProperty("pretokenizers", out JsonElement all) ? all.EnumerateArray().ToArray() : [parts])
        {
            if (part.TryGetProperty("pattern", out JsonElement pattern)) return pattern.GetProperty("Regex").GetString()!;
        }

        return @"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    }

    private static byte[]? Bytes(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            int value = token[i] < s_bytes.Length ? s_bytes[token[i]] : -1;
            if (value < 0) return null;
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static readonly int[] s_bytes = Alphabet();

    // GPT-2's: a printable byte is the character of the same number, the others are those from 256 on, in order.
    private static int[] Alphabet()
    {
        var table = new int[512];
        Array.Fill(table, -1);
        int next = 256;
        for (int value = 0; value < 256; value++) table[value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? value : next++] = value;
        return table;
    }

    private static IEnumerable<(string Name, string Text)> Texts(string? file)
    {
        const string English = "The museum opens at nine, but visitors may arrive before ten and take the guided tour through the old harbour. It begins at the gate, where the keeper tells how the first ships came in with salt and timber. ";
        const string Code = "for (int i = 0; i < 1024; i++)\n{\n    if (items[i].Name == \"first\") total += items[i].Price * 0.25f;\n    else Console.WriteLine($\"{i}: {items[i]}\");\n}\n\n";
        const string Mixed = "Der Zug fährt um 17:45 ab. Ο καφές είναι κρύος. Поезд уходит в полночь. 列车在午夜出发。 😀 C'est déjà l'été! ";
        if (file is not null)
        {
            yield return (Path.GetFileName(file), File.ReadAllText(file));
            yield break;
        }

        yield return ("a sentence", English[..114]);
        yield return ("English", string.Concat(Enumerable.Repeat(English, 100)));
        yield return ("code", string.Concat(Enumerable.Repeat(Code, 100)));
        yield return ("six languages", string.Concat(Enumerable.Repeat(Mixed, 100)));
    }
}
