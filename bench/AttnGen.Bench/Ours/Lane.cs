using System.Reflection;
using System.Runtime.Loader;

namespace AttnGen.Bench;

/// <summary>
/// One vector width. The generated code decides its width once, from a static that the JIT folds into the code; so each
/// width gets a load context of its own, with its own copy of the generated code and of its statics, all in one process.
/// </summary>
internal sealed class Lane : AssemblyLoadContext
{
    private Lane(int bits)
        : base($"lane {bits}")
    {
        Assembly copy = LoadFromAssemblyPath(typeof(Lane).Assembly.Location);
        Type entry = copy.GetType(typeof(LaneEntry).FullName!, throwOnError: true)!;
        Open = entry.GetMethod(nameof(LaneEntry.Open))!
            .CreateDelegate<Func<string, Dictionary<string, (int[], float[])>, float[], float[], (Action, Action)>>();
        Bits = entry.GetMethod(nameof(LaneEntry.Bits))!.CreateDelegate<Func<int>>()();
    }

    public int Bits { get; }

    /// <summary><see cref="LaneEntry.Open"/> of this lane's copy.</summary>
    public Func<string, Dictionary<string, (int[], float[])>, float[], float[], (Action, Action)> Open { get; }

    /// <summary>The widths that this machine has, widest first.</summary>
    public static List<Lane> OfThisMachine()
    {
        const string Switch = "AttnGen.MaxVectorBits";
        var lanes = new List<Lane>();
        foreach (int bits in new[] { 512, 256, 128 })
        {
            AppContext.SetData(Switch, bits.ToString(System.Globalization.CultureInfo.InvariantCulture));
            var lane = new Lane(bits);
            if (lane.Bits == bits) lanes.Add(lane);
        }

        AppContext.SetData(Switch, null);
        return lanes;
    }

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name == "AttnGen" ? LoadFromAssemblyPath(typeof(EncoderLayerAttribute).Assembly.Location) : null;
}
