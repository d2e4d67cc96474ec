using System.Text;
using AttnGen.Folders;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Models;

/// <summary>
/// A GGUF file reaches the compiler as the config.json and the tensors of a hub's folder. What is wrong with them is said in the file's own words: its keys
/// and its tensors' names, which the build task hands along.
/// </summary>
internal sealed class GgufWords
{
    private readonly Dictionary<string, string> _words;

    private GgufWords(Dictionary<string, string> words) => _words = words;

    /// <summary>A file's words; null: the model is a folder of the hub.</summary>
    public static GgufWords? Of(FolderFiles? files)
    {
        if (files?.Text(FolderNames.GgufNames) is not { } text || FolderText.Parse(text, FolderNames.GgufNames, []) is not { Kind: JsonKind.Object } root)
            return null;
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in root.Members)
            words[member.Key] = member.Value.Text;
        return new GgufWords(words);
    }

    /// <summary>A message with the file's words for the folder's.</summary>
    public string Rename(string message)
    {
        var text = new StringBuilder();
        for (int at = 0; at < message.Length;)
        {
            int end = at;
            while (end < message.Length && IsOfWord(message[end]))
                end++;
            string word = message.Substring(at, end - at), bare = word.TrimEnd('.');
            text.Append(_words.TryGetValue(bare, out string? own) ? own + word.Substring(bare.Length) : word);
            if (end < message.Length)
                text.Append(message[end++]);
            at = end;
        }

        return text.ToString();
    }

    private static bool IsOfWord(char c) => c is '_' or '.' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9');
}
