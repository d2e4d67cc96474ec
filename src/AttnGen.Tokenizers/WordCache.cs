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

    /// <summary>The most tokens of a word that is kept.</summary>
    public const int Most = 6;

    private const int Bits = 13;

    private readonly Entry[] _entries = new Entry[1 << Bits];

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
    /// <returns>How many there are; −1: it is not there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(in WordKey key, int length, out WordTokens tokens)
    {
        ref var entry = ref _entries[key.Place >>> (64 - Bits)];
        var version = Volatile.Read(ref entry.Version);
        tokens = entry.Tokens;
        var count = entry.Length == length && entry.Key.Equals(key) ? entry.Count : -1;
        Volatile.ReadBarrier();
        return (version & 1) == 0 && entry.Version == version ? count : -1;
    }

    /// <summary>Keeps the tokens of a word, if they are few enough and nobody else is writing.</summary>
    public void Add(in WordKey key, int length, ReadOnlySpan<int> tokens)
    {
        if (tokens.Length > Most)
        {
            return;
        }

        ref var entry = ref _entries[key.Place >>> (64 - Bits)];
        var version = Volatile.Read(ref entry.Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref entry.Version, version + 1, version) != version)
        {
            return;
        }

        entry.Key = key;
        entry.Length = (short)length;
        entry.Count = (short)tokens.Length;
        tokens.CopyTo(entry.Tokens);
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
