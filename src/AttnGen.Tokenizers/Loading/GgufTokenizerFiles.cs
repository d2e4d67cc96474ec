using System.Text;
using AttnGen.Gguf;

namespace AttnGen.Tokenizers;

/// <summary>
/// The tokenizer's files that a hub's folder of the same model would have, made of a GGUF file's metadata: tokenizer.json and tokenizer_config.json. So a
/// GGUF file's tokenizer is the folder's.
/// </summary>
internal static class GgufTokenizerFiles
{
    private const string Extension = ".gguf";

    /// <summary>A GGUF file, or the only one of a folder that has no tokenizer of its own, as such files; null: the path is another folder's.</summary>
    public static Func<string, Stream?>? Of(string path)
    {
        if (File.Exists(path))
        {
            return Over(() => File.OpenRead(path), path);
        }

        if (!Directory.Exists(path) || TokenizerLoader.Files.Any(file => File.Exists(Path.Combine(path, file))))
        {
            return null;
        }

        string[] files = [.. Directory.EnumerateFiles(path).Where(file => file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)).Take(2)];
        return files.Length == 1 ? Over(() => File.OpenRead(files[0]), files[0]) : null;
    }

    /// <summary>The files of a GGUF file that is anywhere.</summary>
    /// <param name="open">Opens it; the stream can seek.</param>
    /// <param name="name">What messages call it.</param>
    public static Func<string, Stream?> Over(Func<Stream> open, string name)
    {
        var made = new Lazy<Dictionary<string, byte[]>>(() => Make(open, name));
        return file => file is TokenizerJson.File or TokenizerConfig.File && made.Value.TryGetValue(file, out var bytes) ? new MemoryStream(bytes, writable: false) : null;
    }

    private static Dictionary<string, byte[]> Make(Func<Stream> open, string name)
    {
        try
        {
            using var stream = open();
            var header = GgufHeader.Read(stream, Path.GetFileName(name));
            var tokens = GgufTokens.Read(header, stream) ?? throw new FileNotFoundException($"'{name}' has no tokenizer: its metadata lack {GgufTokens.TokensKey}; take the tokenizer of the folder that it was made of.");
            return new()
            {
                [TokenizerJson.File] = new GgufTokenizerJson(header, stream, tokens).Make(),
                [TokenizerConfig.File] = Encoding.UTF8.GetBytes(tokens.Config(withTemplate: true)),
            };
        }
        catch (GgufProblem problem) when (problem.IsUnsupported)
        {
            throw new NotSupportedException(problem.Message, problem);
        }
        catch (GgufProblem problem)
        {
            throw new InvalidDataException(problem.Message, problem);
        }
    }
}
