namespace AttnGen.Tests.Goldens;

/// <summary>The cases that are not run, each with its reason. A case that is neither here nor passes fails; <see cref="OnnxLedgerTests"/> holds this list against docs/onnx-ledger.md.</summary>
internal static class OnnxScope
{
    private const string Rotary =
        "cos and sin are inputs of the node and hold random numbers, not rotations; the generated code makes its tables from ropeTheta. The formula is checked on the reference";

    private const string Cache = "writes into a KV cache, which comes with decoders";

    private const string LeakyRelu = "no such activation";

    public static IReadOnlyDictionary<string, string> NotInScope { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["test_leakyrelu_default"] = LeakyRelu,
        ["test_leakyrelu_example"] = LeakyRelu,
        ["test_rotary_embedding"] = Rotary,
        ["test_rotary_embedding_3d_input"] = Rotary,
        ["test_rotary_embedding_interleaved"] = Rotary,
        ["test_rotary_embedding_no_position_ids_interleaved"] = Rotary,
        ["test_rotary_embedding_no_position_ids_rotary_dim"] = Rotary,
        ["test_rotary_embedding_with_rotary_dim"] = Rotary,
        ["test_tensorscatter"] = Cache,
        ["test_tensorscatter_circular"] = Cache,
    };
}
