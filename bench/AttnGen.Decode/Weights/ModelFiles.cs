namespace AttnGen.Decode;

/// <summary>A model's folder of the hub and its GGUF file, made when they are not there yet.</summary>
internal sealed record ModelFiles(string Folder, string Gguf)
{
    /// <summary>Counts what the files hold: another number makes other folders.</summary>
    private const int Version = 1;

    private const string Stories = "models/stories260K";

    /// <summary>Null: the model's weights are not on this machine.</summary>
    public static ModelFiles? Find(ModelShape shape, string work)
    {
        string? shared = shape.Name == "stories260k" ? FindShared() : null;
        if (shape.Name == "stories260k" && shared is null) return null;
        string folder = Path.Combine(work, $"{shape.Name}-{Version}"), gguf = shared is null ? Path.Combine(folder, "model.gguf") : Path.Combine(shared, Stories, "stories260K.gguf");
        if (Directory.Exists(folder)) return new(folder, gguf);

        // Under another name until everything is there: a run that is ended leaves nothing that looks whole.
        string part = folder + "." + Environment.ProcessId;
        Directory.CreateDirectory(part);
        List<PlannedTensor> plan = TensorPlan.Of(shape);
        using (SafetensorsFile? source = shared is null ? null : SafetensorsFile.Open(Path.Combine(shared, Stories, "stories260K.safetensors")))
        using (var hub = new SafetensorsWriter(Path.Combine(part, "model.safetensors"), plan))
        using (GgufWriter? other = shared is null ? new GgufWriter(Path.Combine(part, "model.gguf"), shape, plan) : null)
        {
            foreach (PlannedTensor tensor in plan)
            {
                float[] values = source is null ? Random(tensor) : Trained(source, tensor, shape);
                hub.Add(values);
                other?.Add(tensor.ForGguf(values, shape));
            }
        }

        File.WriteAllText(Path.Combine(part, "config.json"), ModelShape.Config(shape.Name));
        Directory.Move(part, folder);
        return new(folder, gguf);
    }

    /// <summary>The folder 'shared', where ATTNGEN_SHARED says or upwards from here; null: there is none with this model.</summary>
    private static string? FindShared()
    {
        if (Environment.GetEnvironmentVariable("ATTNGEN_SHARED") is { } said) return Has(said) ? said : null;
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Has(Path.Combine(folder, "shared"))) return Path.Combine(folder, "shared");
        }

        return null;

        static bool Has(string folder) => File.Exists(Path.Combine(folder, Stories, "stories260K.safetensors")) && File.Exists(Path.Combine(folder, Stories, "stories260K.gguf"));
    }

    /// <summary>Numbers that depend on the tensor's name alone, evenly spread with the plan's deviation.</summary>
    private static float[] Random(PlannedTensor tensor)
    {
        ulong state = 14695981039346656037;
        foreach (char letter in tensor.Name) state = (state ^ letter) * 1099511628211; // FNV-1a
        var values = new float[tensor.Count];
        float width = tensor.Spread * MathF.Sqrt(12);
        for (int i = 0; i < values.Length; i++)
        {
            ulong z = state += 0x9E3779B97F4A7C15; // SplitMix64
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            values[i] = tensor.Centre + ((z >> 40) / (float)(1 << 24) - 0.5f) * width;
        }

        return values;
    }

    // llama2.c's names, and pairs of neighbours as GGUF has them: the inverse of PlannedTensor.ForGguf.
    private static float[] Trained(SafetensorsFile source, PlannedTensor tensor, ModelShape shape)
    {
        string name = tensor.GgufName;
        (string From, string To)[] names =
        [
            ("token_embd.", "tok_embeddings."), ("output_norm.", "norm."), ("blk.", "layers."), ("attn_q.", "attention.wq."), ("attn_k.", "attention.wk."), ("attn_v.", "attention.wv."),
            ("attn_output.", "attention.wo."), ("ffn_gate.", "feed_forward.w1."), ("ffn_down.", "feed_forward.w2."), ("ffn_up.", "feed_forward.w3."), ("attn_norm.", "attention_norm."),
        ];
        foreach ((string from, string to) in names) name = name.Replace(from, to, StringComparison.Ordinal);
        var values = new float[tensor.Count];
        source.Read(name, 0, values);
        int dim = shape.HeadDim;
        return tensor.Turn == Turn.None ? values : PlannedTensor.Rows(values, (int)tensor.Shape[1], row => row / dim * dim + (row % dim < dim / 2 ? 2 * (row % dim) : 2 * (row % dim - dim / 2) + 1));
    }
}
