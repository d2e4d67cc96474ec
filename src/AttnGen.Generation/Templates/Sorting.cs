namespace AttnGen.Generation.Templates;

/// <summary>Python's sorted(): stable, by "less than" alone.</summary>
internal static class Sorting
{
    public static List<object?> Sort(IEnumerable<object?> items, Func<object?, object?> key, bool isReversed)
    {
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToArray();
        if (isReversed)
            Array.Reverse(keyed);
        Merge(keyed, new (object?, object?)[keyed.Length], 0, keyed.Length);
        if (isReversed)
            Array.Reverse(keyed);
        return [.. keyed.Select(pair => pair.Item)];
    }

    private static void Merge((object? Item, object? Key)[] items, (object? Item, object? Key)[] scratch, int from, int to)
    {
        if (to - from < 2)
            return;
        int middle = from + (to - from) / 2;
        Merge(items, scratch, from, middle);
        Merge(items, scratch, middle, to);
        Array.Copy(items, from, scratch, from, to - from);
        for (int left = from, right = middle, at = from; at < to; at++)
            items[at] = left < middle && (right >= to || !Python.Less(scratch[right].Key, scratch[left].Key)) ? scratch[left++] : scratch[right++];
    }
}
