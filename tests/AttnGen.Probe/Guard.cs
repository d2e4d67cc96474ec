using System.Buffers;
using AttnGen.Runtime;

namespace AttnGen.Probe;

internal static class Guard
{
    private static readonly List<GuardedMemory> s_open = [];

    public static int Run()
    {
        if (!GuardedMemory.Supported)
        {
            Console.WriteLine("guard pages need mmap");
            return 3;
        }
        var calls = 0;
        foreach (var atEnd in new[] { true, false })
        {
            // Weights and arenas, too.
            var blocks = new GuardedBlocks(atEnd);
            AlignedBlock.ThreadAllocator = blocks;
            foreach (var model in ModelCase.All)
            {
                using var loaded = model.Load(model.RandomWeights(seed: 1));
                foreach (var tokens in (int[])[1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, model.MaxTokens])
                    if (tokens <= model.MaxTokens)
                    {
                        // A session for just so many tokens: nothing to spare in its arena.
                        using var session = loaded.HasSessions ? loaded.CreateSession(model.HasSeparate ? model.MaxTokens : tokens) : null;
                        calls += Run(session ?? loaded, tokens, atEnd);
                    }
            }
            if (blocks.Count == 0)
                throw new InvalidOperationException("No weights and no arena came from the guarded allocator.");
            Console.WriteLine($"blocks {blocks.Count}");
        }
        Console.WriteLine($"shapes {ModelCase.All.Count} calls {calls}");
        return 0;
    }

    /// <summary>Reads behind the end on purpose.</summary>
    public static int Bite()
    {
        using var memory = new GuardedMemory(3 * sizeof(float), atEnd: true);
        return System.Runtime.CompilerServices.Unsafe.Add(ref memory.Span<float>()[0], 3) == 0 ? 0 : 1;
    }

    private static int Run(LoadedModel loaded, int tokens, bool atEnd)
    {
        var model = loaded.Model;
        if (!model.Attends)
        {
            Say(model, tokens, tokens, atEnd, "");
            Call(loaded, new Inputs(model, tokens, tokens, seed: tokens), atEnd, same: true, trace: false);
            return 1;
        }
        var calls = 0;
        foreach (var kind in Enum.GetValues<MaskKind>())
        {
            if (model.HasSelf)
            {
                Say(model, tokens, tokens, atEnd, $"{kind} self");
                Call(loaded, new Inputs(model, tokens, tokens, seed: tokens, kind), atEnd, same: true, trace: kind is MaskKind.None or MaskKind.Everything);
                calls++;
            }
            if (!model.HasSeparate)
                continue;
            foreach (var keys in new[] { 1, tokens, Math.Min(tokens + 1, model.MaxTokens), model.MaxTokens })
            {
                Say(model, tokens, keys, atEnd, $"{kind} separate");
                Call(loaded, new Inputs(model, tokens, keys, seed: tokens, kind), atEnd, same: false, trace: kind is MaskKind.None or MaskKind.Everything);
                calls++;
            }
        }
        return calls;
    }

    private static void Call(LoadedModel loaded, Inputs inputs, bool atEnd, bool same, bool trace)
    {
        var model = loaded.Model;
        try
        {
            ReadOnlySpan<float> query = Copy(inputs.Query, atEnd).Span;
            var key = same ? query : Copy(inputs.Key, atEnd).Span;
            var value = same ? query : Copy(inputs.Value, atEnd).Span;
            var keys = same ? inputs.Tokens : inputs.Keys;
            var y = Room(inputs.Tokens * model.OutputWidth, atEnd);
            var traced = trace
                ? new ForwardTrace
                {
                    AttentionWeights = Room(model.Layers * model.Heads * inputs.Tokens * (keys + model.AppendedKeys), atEnd),
                    HiddenStates = model.HiddenStates > 0 ? Room(model.HiddenStates * inputs.Tokens * model.OutputWidth, atEnd) : default,
                }
                : default;
            loaded.Forward(query, key, value, y, inputs.Mask(flags => Copy(flags, atEnd), bias => Copy(bias, atEnd)), traced);
        }
        finally
        {
            s_open.ForEach(memory => memory.Dispose());
            s_open.Clear();
        }
    }

    // Flushed: the last line must be there if the process dies.
    private static void Say(ModelCase model, int tokens, int keys, bool atEnd, string what)
    {
        Console.WriteLine($"{model.Name} T={tokens} S={keys} {(atEnd ? "before" : "after")} a guard page {what}");
        Console.Out.Flush();
    }

    private static Memory<T> Copy<T>(T[] values, bool atEnd)
        where T : unmanaged
    {
        var memory = new GuardedMemory(values.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>(), atEnd, alignment: System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        s_open.Add(memory);
        values.CopyTo(memory.Span<T>());
        return new Manager<T>(memory.Freeze()).Memory;
    }

    private static Span<float> Room(int count, bool atEnd)
    {
        var memory = new GuardedMemory(count * sizeof(float), atEnd);
        s_open.Add(memory);
        return memory.Span<float>();
    }

    private sealed class Manager<T>(GuardedMemory memory) : MemoryManager<T>
        where T : unmanaged
    {
        public override Span<T> GetSpan() => memory.Span<T>();

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
