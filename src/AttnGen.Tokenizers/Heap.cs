namespace AttnGen.Tokenizers;

/// <summary>A binary heap in an array: the least number first.</summary>
internal static class Heap
{
    public static void Push(long[] heap, ref int size, long value)
    {
        var at = size++;
        while (at > 0 && heap[(at - 1) / 2] > value)
        {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        heap[at] = value;
    }

    public static long Pop(long[] heap, ref int size)
    {
        var top = heap[0];
        var last = heap[--size];
        var at = 0;
        while (2 * at + 1 < size)
        {
            var child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1] < heap[child])
            {
                child++;
            }

            if (heap[child] >= last)
            {
                break;
            }

            heap[at] = heap[child];
            at = child;
        }

        heap[at] = last;
        return top;
    }
}
