using System.Text.Json;

namespace AttnGen.Tokenizers;

/// <summary>What attngen asks of a folder's tokenizer without loading it.</summary>
internal static class TokenizerFiles
{
    /// <summary>Keys of the tokenizer's configuration that have no row in its tables: they have no effect, and may be slips. A file that is damaged has none: loading says so.</summary>
    public static IReadOnlyList<(string File, string Key)> UnknownKeys(string folder)
    {
        var files = new ModelFiles(folder);
        List<(string, string)> unknown = [];
        foreach (var (file, table) in new[] { (TokenizerConfig.File, TokenizerKeys.Config), (TokenizerConfig.MapFile, TokenizerKeys.Map) })
        {
            try
            {
                foreach (var member in files.ReadJson(file) is { ValueKind: JsonValueKind.Object } root ? root.EnumerateObject() : default)
                {
                    if (!table.Knows(member.Name))
                    {
                        unknown.Add((file, member.Name));
                    }
                }
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException or FileNotFoundException)
            {
                // Nothing can be told of it here.
            }
        }

        return unknown;
    }
}
