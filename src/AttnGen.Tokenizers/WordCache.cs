using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Tokenizers;

/// <summary>
/// The tokens of short words that were met. A word has one place; what is put there takes the place of what was. Threads share it without waiting: who writes
/// makes the entry's version odd, and who reads takes only what kept its even version meanwhile.
/// </summary>
internal sealed class WordCache
{
    /// <summary>The longest word that is kept.</summary>
    public const int Longest = 16;

    /// <summary>The most tokens of a word that stand with it; those behind them stand in a table of their own, which is made when there are such words.</summary>
    public const int Most = 6;

    /// <summary>The most tokens behind those of a word that is kept.</summary>
    public const int More = 16;

    private const int Bits = 13;

    private readonly Entry[] _entries = new Entry[1 << Bits];
    private int[]? _more;

    /// <summary>A word as four numbers.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the word begins.</param>
    /// <param name="length">Its length, at most <see cref="Longest"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WordKey Key(ReadOnlySpan<char> text, int at, int length)
    {
        if (text.Length - at >= Longest)
        {
            return Key(ref MemoryMarshal.GetReference(text[at..]), length);
        }

        Span<char> copy = stackalloc char[Longest];
        text.Slice(at, length).CopyTo(copy);
        return Key(ref MemoryMarshal.GetReference(copy), length);
    }

    /// <summary>The tokens of a word that was met.</summary>
    /// <param name="key">The word.</param>
    /// <param name="length">Its length.</param>
    /// <param name="tokens">The first tokens.</param>
    /// <param name="more">Room for the others: <see cref="More"/>.</param>
    /// <returns>How many there are; −1: it is not there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in WordKey key, int length, out WordTokens tokens, Span<int> more)
    {
        var place = (int)(key.Place >>> (64 - Bits));
        ref var entry = ref _entries[place];
        var version = Volatile.Read(ref entry.Version);
        tokens = entry.Tokens;
        var count = entry.Length == length && entry.Key.Equals(key) ? entry.Count : -1;
        if (count > Most)
        {
            if (Volatile.Read(ref _more) is { } rest)
            {
                rest.AsSpan(place * More, More).CopyTo(more);
            }
            else
            {
                count = -1;
            }
        }

        Volatile.ReadBarrier();
        return (version & 1) == 0 && entry.Version == version ? count : -1;
    }

    /// <summary>Keeps the tokens of a word, if they are few enough and nobody else is writing.</summary>
    public void Add(in WordKey key, int length, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length > Most + More)
        {
            return;
        }

        var place = (int)(key.Place >>> (64 - Bits));
        ref var entry = ref _entries[place];
        if (tokens.Length > Most && Volatile.Read(ref _more) is null)
        {
            Interlocked.CompareExchange(ref _more, new int[_entries.Length * More], null);
        }

        var version = Volatile.Read(ref entry.Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref entry.Version, version + 1, version) != version)
        {
            return;
        }

        entry.Key = key;
        entry.Length = (short)length;
        entry.Count = (short)tokens.Length;
        tokens[..Math.Min(tokens.Length, Most)].CopyTo(entry.Tokens);
        if (tokens.Length > Most)
        {
            tokens[Most..].CopyTo(_more.AsSpan(place * More, More));
        }

        Volatile.Write(ref entry.Version, version + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WordKey Key(ref char first, int length)
    {
        var all = Vector256.LoadUnsafe(ref Unsafe.As<char, ushort>(ref first));
        var word = (all & Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)length))).AsUInt64();
        return new WordKey(word[0], word[1], word[2], word[3]);
    }

    // A line of the processor's cache.
    private struct Entry
    {
        public int Version;
        public short Length; // 0: nothing is there
        public short Count;
        public WordKey Key;
        public WordTokens Tokens;
    }
}

/// <summary>The characters of a word; behind its end they are 0.</summary>
internal readonly struct WordKey(ulong a, ulong b, ulong c, ulong d)
{
    private readonly ulong _a = a;
    private readonly ulong _b = b;
    private readonly ulong _c = c;
    private readonly ulong _d = d;

    /// <summary>A number whose high bits are a place in a table.</summary>
    public ulong Place
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var mixed = (_a * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft(_b * 0xC2B2AE3D27D4EB4F, 23) ^ BitOperations.RotateLeft(_c * 0x165667B19E3779F9, 41) ^ (_d * 0x27D4EB2F165667C5);
            return (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
        }
    }

    /// <summary>Whether it is the same word.</summary>
    public bool Equals(in WordKey other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;
}

/// <summary>The tokens of a word.</summary>
[InlineArray(WordCache.Most)]
internal struct WordTokens
{
    private int _first;
}
