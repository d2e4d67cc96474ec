using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>A decoder against its golden file: a prompt, single tokens after it, and what it writes itself; as far as its sequences go.</summary>
internal static class DecoderChecks
{
    /// <summary>A prompt at once, and tokens one by one through the cache.</summary>
    public static void Prompt(ILanguageModel model, Golden golden)
    {
        using var sequence = model.CreateSequence();
        var checks = new Checks(golden);
        var ids = Golden.Ints(golden.Integers("prefill.input_ids"));
        var info = model.Info;
        var states = new float[(info.Layers + 1) * ids.Length * info.HiddenSize];
        var maps = new float[info.Layers * info.Heads * ids.Length * ids.Length];
        var logits = new float[ids.Length * info.LogitsSize];
        sequence.Extend(ids, logits, new ForwardTrace { AttentionWeights = maps, HiddenStates = states });
        Assert.Equal(ids.Length, sequence.Position);
        checks.Compare("prefill.logits", logits);
        for (var layer = 0; layer < info.Layers; layer++)
            checks.Compare($"prefill.attentions.{layer}", maps.AsSpan(layer * info.Heads * ids.Length * ids.Length, info.Heads * ids.Length * ids.Length));
        var hidden = new float[ids.Length * info.HiddenSize];
        model.Forward(ids, hidden);
        // Where the head maps the last states to the narrower words first, the published code shows them after that map.
        var isNarrowed = golden.Shape("prefill.last_hidden_state")[^1] != info.HiddenSize;
        for (var layer = 0; layer <= info.Layers; layer++)
        {
            if (isNarrowed && layer == info.Layers)
                checks.Skip("prefill.last_hidden_state", $"prefill.hidden_states.{layer}");
            else
                checks.Compare($"prefill.hidden_states.{layer}", states.AsSpan(layer * ids.Length * info.HiddenSize, ids.Length * info.HiddenSize));
        }

        Assert.Equal(hidden, states[^hidden.Length..]);
        if (!isNarrowed)
            checks.Compare("prefill.last_hidden_state", hidden);
        checks.Done("prefill.");

        var more = Golden.Ints(golden.Integers("decode.input_ids"));
        more = more[..Math.Min(more.Length, info.MaxTokens - ids.Length)];
        var decoded = new float[more.Length * info.LogitsSize];
        for (var i = 0; i < more.Length; i++)
            sequence.Extend(more.AsSpan(i, 1), decoded.AsSpan(i * info.LogitsSize, info.LogitsSize));
        checks.Beginning("decode.logits", decoded);
        checks.Done("decode.");
    }

    /// <summary>The likeliest token, again and again.</summary>
    public static void Greedy(ILanguageModel model, Golden golden)
    {
        using var sequence = model.CreateSequence();
        var checks = new Checks(golden);
        var size = model.Info.LogitsSize;
        var expected = Golden.Ints(golden.Integers("greedy.ids"));
        var prompt = Golden.Ints(golden.Integers("greedy.prompt_ids"));
        expected = expected[..Math.Min(expected.Length, model.Info.MaxTokens - prompt.Length + 1)];
        var logits = new float[expected.Length * size];
        var ids = new List<int>();
        sequence.Extend(prompt, logits.AsSpan(0, size));
        for (var i = 0; i < expected.Length; i++)
        {
            var row = logits.AsSpan(i * size, size);
            ids.Add(Argmax(row));
            if (i + 1 < expected.Length)
                sequence.Extend([ids[i]], logits.AsSpan((i + 1) * size, size));
        }

        Assert.Equal(expected, ids);
        checks.Beginning("greedy.logits", logits);
        checks.Done("greedy.");
    }

    /// <summary>config.v4.json in place of config.json makes the same class.</summary>
    public static void OlderKeys(string folder)
    {
        var files = ModelText.Read("model", folder);
        var older = files.Where(file => file.Name != "config.json").Append(new ModelText("model", "config.json", File.ReadAllText(Path.Combine(folder, "config.v4.json")))).ToList();
        Assert.Equal(Code(files), Code(older));

        static string Code(IReadOnlyList<ModelText> files) =>
            Assert.Single(GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = files }).EnsureClean().Generated.Values);
    }

    private static int Argmax(ReadOnlySpan<float> row)
    {
        var best = 0;
        for (var i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }

        return best;
    }
}
