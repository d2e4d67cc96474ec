namespace AttnGen.Generator.Planning;

/// <summary>
/// Something that the project's kernel file holds. A plan lists what its class needs; the pipeline takes the ordered union of all plans and prints it once,
/// so that a shape adds type arguments to kernels that stand already, and not a copy of them.
/// </summary>
/// <param name="Rank">The place of its kind in the file.</param>
/// <param name="Number">The place among its kind.</param>
/// <param name="Name">What it is called there.</param>
internal abstract record Kernel(int Rank, int Number, string Name) : IComparable<Kernel>
{
    /// <summary>Kernels that it calls.</summary>
    public virtual IEnumerable<Kernel> Needs => [];

    public int CompareTo(Kernel? other) =>
        other is null ? 1
        : Rank != other.Rank ? Rank.CompareTo(other.Rank)
        : Number != other.Number ? Number.CompareTo(other.Number)
        : string.CompareOrdinal(Name, other.Name);
}

/// <summary>A distance of rows, as a type argument: the machine code has it as a constant.</summary>
internal sealed record StrideKernel(int Floats) : Kernel(0, Floats, "A" + Text.Of(Floats));

/// <summary>An activation, as a type argument. "None" is the one that does nothing.</summary>
internal sealed record ActivationKernel(string Activation) : Kernel(1, Activation == "None" ? 0 : 1, Activation);

/// <summary>Products with packed weights: the driver over blocks and the tiles.</summary>
internal sealed record ProductKernel() : Kernel(2, 0, "Product")
{
    public override IEnumerable<Kernel> Needs => [new ActivationKernel("None"), new RowsKernel()];
}

/// <summary>Attention: heads apart, scores, masks, softmax.</summary>
internal sealed record AttentionKernel() : Kernel(3, 0, "Attention")
{
    public override IEnumerable<Kernel> Needs => [new ProductKernel()];
}

/// <summary>Attention to keys and values that sequences keep.</summary>
internal sealed record KeptAttentionKernel() : Kernel(3, 1, "KeptAttention")
{
    public override IEnumerable<Kernel> Needs => [new AttentionKernel()];
}

/// <summary>The weighted sum of value heads of Columns features.</summary>
internal sealed record WeightedSumKernel(int Columns) : Kernel(4, Columns, "WeightedSum" + Text.Of(Columns));

/// <summary>Rotation of queries and keys by their position.</summary>
internal sealed record RotaryKernel(bool Interleaved) : Kernel(5, Interleaved ? 1 : 0, Interleaved ? "Interleaved" : "Half");

/// <summary>A norm over Dim features: Full of them in whole sixteens, Tail more.</summary>
internal sealed record NormKernel(NormKind Kind, int Dim) : Kernel(6 + (int)Kind, Dim, Kind + Text.Of(Dim))
{
    public int Full => Dim & ~15;

    public int Tail => Dim & 15;

    /// <summary>Floats of a row in memory, from the features on padding.</summary>
    public int Padded => Full + (Tail > 0 ? 16 : 0);

    /// <summary>Whether a row fits half of a lane's registers and is loaded only once.</summary>
    public bool IsHeld(LanePlan lane) => Tail == 0 && Full / lane.Width <= lane.Registers / 2;
}

/// <summary>Softmax of one row.</summary>
internal sealed record SoftmaxRowKernel() : Kernel(9, 0, "SoftmaxRow");

/// <summary>Copies, sums and products of rows.</summary>
internal sealed record RowsKernel() : Kernel(10, 0, "Rows");

/// <summary>What a project needs of the kernel file.</summary>
internal static class KernelSet
{
    /// <summary>Each once, with those that it calls, in the order of the file.</summary>
    public static EquatableArray<Kernel> Of(IEnumerable<Kernel> kernels)
    {
        var all = new HashSet<Kernel>();
        foreach (var kernel in kernels)
            Add(kernel);
        return all.OrderBy(kernel => kernel).ToEquatable();

        void Add(Kernel kernel)
        {
            if (!all.Add(kernel))
                return;
            foreach (var needed in kernel.Needs)
                Add(needed);
        }
    }
}
