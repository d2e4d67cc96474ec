using System.Globalization;
using System.Security.Cryptography;

namespace AttnGen.Build;

/// <summary>Whether files hold the same bytes, at no more cost than a build can bear.</summary>
internal static class FileBytes
{
    /// <summary>Up to this length a sample is the whole file.</summary>
    private const int WholeLength = 8 << 20;

    private const int Block = 4096;
    private const int Blocks = 256;

    /// <summary>Reads both files, as far as they are the same.</summary>
    public static bool AreSame(string one, string other)
    {
        if (Paths.Comparer.Equals(one, other))
            return true;
        using var first = Open(one);
        using var second = Open(other);
        if (first.Length != second.Length)
            return false;
        byte[] a = new byte[1 << 18], b = new byte[1 << 18];
        while (true)
        {
            int read = Fill(first, a, a.Length);
            if (read != Fill(second, b, b.Length))
                return false;
            if (read == 0)
                return true;
            for (int i = 0; i < read; i++)
            {
                if (a[i] != b[i])
                    return false;
            }
        }
    }

    /// <summary>
    /// What a file holds: of up to 8 MiB a hash of all of it. Of a longer one the length, the time, and a hash of 1 MiB of blocks spread evenly over
    /// it: trained again, nearly every number of a model is another one, so that a file with the length and the time of the old one does not get past.
    /// </summary>
    public static string State(string path)
    {
        using var stream = Open(path);
        var sample = Sample(stream);
        return stream.Length <= WholeLength ? sample : $"{sample}|{File.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>Whether a copy still is what it is a copy of, as far as length and samples show.</summary>
    public static bool SeemSame(string copy, string source)
    {
        using var first = Open(copy);
        using var second = Open(source);
        return first.Length == second.Length && Sample(first) == Sample(second);
    }

    private static string Sample(FileStream stream)
    {
        using var sha = SHA256.Create();
        var length = stream.Length;
        if (length <= WholeLength)
            return Text(sha.ComputeHash(stream));
        var bytes = new byte[Blocks * Block];
        var block = new byte[Block];
        for (var i = 0; i < Blocks; i++)
        {
            stream.Position = i < Blocks - 1 ? (length - Block) / (Blocks - 1) * i : length - Block;
            Fill(stream, block, Block);
            block.CopyTo(bytes, i * Block);
        }

        return length.ToString(CultureInfo.InvariantCulture) + "|" + Text(sha.ComputeHash(bytes));
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    private static int Fill(FileStream stream, byte[] buffer, int count)
    {
        var have = 0;
        while (have < count && stream.Read(buffer, have, count - have) is > 0 and var read)
            have += read;
        return have;
    }

    private static string Text(byte[] hash) => BitConverter.ToString(hash, 0, 12).Replace("-", "");
}

/// <summary>Paths, as the file systems of this machine compare them.</summary>
internal static class Paths
{
    public static StringComparer Comparer { get; } = Path.DirectorySeparatorChar == '\\' ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
}
