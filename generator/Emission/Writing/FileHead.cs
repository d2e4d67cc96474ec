namespace AttnGen.Generator.Emission.Writing;

/// <summary>What the generated files have in common: their namespace, its aliases, and who wrote them.</summary>
internal static class FileHead
{
    /// <summary>The namespace of the kernels: one that nobody else has anything in.</summary>
    public const string Namespace = "__AttnGen";

    /// <summary>
    /// What the kernels name without global::. The names are aliases in the innermost namespace, where no type of the user's, no global using and no library's namespace comes before them;
    /// nint and nuint too, because a type may be called so. Nothing is declared by var or dynamic, for the same reason.
    /// </summary>
    private static readonly string[] s_names =
    [
        "System.Math", "System.MathF",
        "System.Runtime.CompilerServices.MethodImplAttribute", "System.Runtime.CompilerServices.MethodImplOptions", "System.Runtime.CompilerServices.Unsafe",
        "System.Runtime.InteropServices.MemoryMarshal",
        "System.Runtime.Intrinsics.Vector128", "System.Runtime.Intrinsics.Vector256", "System.Runtime.Intrinsics.Vector512",
        "AttnGen.AttentionMask", "AttnGen.ForwardTrace", "AttnGen.VectorMath",
        "AttnGen.Runtime.CacheSlice", "AttnGen.Runtime.Convolution", "AttnGen.Runtime.HeadLayout", "AttnGen.Runtime.Logits", "AttnGen.Runtime.Pools", "AttnGen.Runtime.Rotation", "AttnGen.Runtime.RowNorms", "AttnGen.Runtime.ScoreMask",
        "AttnGen.Runtime.SessionMemory", "AttnGen.Runtime.ShownWeights", "AttnGen.Runtime.SimdLane", "AttnGen.Runtime.Traces",
    ];

    /// <summary>Which generator wrote a file.</summary>
    public static string Version { get; } = typeof(FileHead).Assembly.GetName().Version is { } version ? $"{version.Major}.{version.Minor}.{version.Build}" : "0.0.0";

    /// <summary>Says so, to coverage tools and analyzers.</summary>
    public static string GeneratedCode { get; } = $"[global::System.CodeDom.Compiler.GeneratedCodeAttribute(\"AttnGen\", \"{Version}\")]";

    /// <summary>The aliases, at the head of a namespace: of the names that are used.</summary>
    public static void Usings(SourceWriter w, Func<string, bool> isUsed)
    {
        foreach (string name in s_names)
        {
            string last = name.Substring(name.LastIndexOf('.') + 1);
            if (isUsed(last))
                w.Line($"using {last} = global::{name};");
        }

        w.Line("using nint = global::System.IntPtr;");
        if (isUsed("nuint"))
            w.Line("using nuint = global::System.UIntPtr;");
        if (isUsed("Vector"))
            w.Line("using global::System.Runtime.Intrinsics;");
        w.Line();
    }
}
