namespace AttnGen.Decode;

/// <summary>How a tensor of the hub's folder becomes that of a GGUF file.</summary>
internal enum Turn
{
    /// <summary>It stays.</summary>
    None,

    /// <summary>Halves of each head become pairs of neighbours, which llama.cpp rotates.</summary>
    QueryPairs,

    /// <summary>The same, of keys.</summary>
    KeyPairs,

    /// <summary>[in, out] becomes [out, in].</summary>
    Transpose,
}

/// <summary>A tensor: its name and shape in the hub's file, its name in GGUF, and how far its random numbers spread around what.</summary>
internal sealed record PlannedTensor(string Name, long[] Shape, string GgufName, Turn Turn, float Centre, float Spread)
{
    public int Count => (int)Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>The shape in GGUF, outermost first.</summary>
    public long[] GgufShape => Turn == Turn.Transpose ? [Shape[1], Shape[0]] : Shape;

    /// <summary>The numbers as GGUF has them, and as a loop over outputs reads them.</summary>
    public static float[] Transposed(float[] values, int rows, int columns)
    {
        var turned = new float[values.Length];
        for (int column = 0; column < columns; column++)
        {
            for (int row = 0; row < rows; row++) turned[column * rows + row] = values[row * columns + column];
        }

        return turned;
    }

    /// <summary>The numbers in GGUF's order.</summary>
    public float[] ForGguf(float[] values, ModelShape shape) => Turn switch
    {
        Turn.None => values,
        Turn.Transpose => Transposed(values, (int)Shape[0], (int)Shape[1]),
        _ => Rows(values, (int)Shape[1], row => row / shape.HeadDim * shape.HeadDim + row % shape.HeadDim / 2 + row % 2 * (shape.HeadDim / 2)),
    };

    /// <summary>Row r of the result is row <paramref name="from"/>(r).</summary>
    public static float[] Rows(float[] values, int columns, Func<int, int> from)
    {
        var moved = new float[values.Length];
        for (int row = 0; row < values.Length / columns; row++) values.AsSpan(from(row) * columns, columns).CopyTo(moved.AsSpan(row * columns));
        return moved;
    }
}

/// <summary>All tensors of a model, in the order of <c>decode.c</c>: those of each layer, then the last norm, the embedding and the positions.</summary>
internal static class TensorPlan
{
    public static List<PlannedTensor> Of(ModelShape shape)
    {
        var all = new List<PlannedTensor>();
        for (int layer = 0; layer < shape.Layers; layer++) all.AddRange(shape.IsGpt2 ? Gpt2Layer(shape, layer) : LlamaLayer(shape, layer));
        if (shape.IsGpt2)
        {
            all.AddRange(Norm("ln_f", "output_norm", shape.Width));
            all.Add(new("wte.weight", [shape.Vocabulary, shape.Width], "token_embd.weight", Turn.None, 0, 0.05f));
            all.Add(new("wpe.weight", [shape.Window, shape.Width], "position_embd.weight", Turn.None, 0, 0.05f));
            return all;
        }

        all.Add(Gain("model.norm", "output_norm", shape.Width));
        all.Add(new("model.embed_tokens.weight", [shape.Vocabulary, shape.Width], "token_embd.weight", Turn.None, 0, 0.05f));
        return all;
    }

    private static PlannedTensor[] LlamaLayer(ModelShape s, int layer)
    {
        (string hub, string gguf) = ($"model.layers.{layer}.", $"blk.{layer}.");
        return
        [
            Gain(hub + "input_layernorm", gguf + "attn_norm", s.Width),
            Matrix(hub + "self_attn.q_proj", gguf + "attn_q", s.Width, s.Width, Turn.QueryPairs),
            Matrix(hub + "self_attn.k_proj", gguf + "attn_k", s.KvWidth, s.Width, Turn.KeyPairs),
            Matrix(hub + "self_attn.v_proj", gguf + "attn_v", s.KvWidth, s.Width),
            Matrix(hub + "self_attn.o_proj", gguf + "attn_output", s.Width, s.Width),
            Gain(hub + "post_attention_layernorm", gguf + "ffn_norm", s.Width),
            Matrix(hub + "mlp.gate_proj", gguf + "ffn_gate", s.Hidden, s.Width),
            Matrix(hub + "mlp.up_proj", gguf + "ffn_up", s.Hidden, s.Width),
            Matrix(hub + "mlp.down_proj", gguf + "ffn_down", s.Width, s.Hidden),
        ];
    }

    private static PlannedTensor[] Gpt2Layer(ModelShape s, int layer)
    {
        (string hub, string gguf) = ($"h.{layer}.", $"blk.{layer}.");
        return
        [
            .. Norm(hub + "ln_1", gguf + "attn_norm", s.Width),
            .. Conv(hub + "attn.c_attn", gguf + "attn_qkv", s.Width, 3 * s.Width),
            .. Conv(hub + "attn.c_proj", gguf + "attn_output", s.Width, s.Width),
            .. Norm(hub + "ln_2", gguf + "ffn_norm", s.Width),
            .. Conv(hub + "mlp.c_fc", gguf + "ffn_up", s.Width, s.Hidden),
            .. Conv(hub + "mlp.c_proj", gguf + "ffn_down", s.Hidden, s.Width),
        ];
    }

    private static PlannedTensor Gain(string name, string gguf, int width) => new(name + ".weight", [width], gguf + ".weight", Turn.None, 1, 0.1f);

    private static PlannedTensor[] Norm(string name, string gguf, int width) => [Gain(name, gguf, width), new(name + ".bias", [width], gguf + ".bias", Turn.None, 0, 0.1f)];

    // A sum of n products of numbers near 1 stays near 1.
    private static PlannedTensor Matrix(string name, string gguf, int outputs, int inputs, Turn turn = Turn.None) =>
        new(name + ".weight", [outputs, inputs], gguf + ".weight", turn, 0, 1 / MathF.Sqrt(inputs));

    private static PlannedTensor[] Conv(string name, string gguf, int inputs, int outputs) =>
        [new(name + ".weight", [inputs, outputs], gguf + ".weight", Turn.Transpose, 0, 1 / MathF.Sqrt(inputs)), new(name + ".bias", [outputs], gguf + ".bias", Turn.None, 0, 0.1f)];
}
