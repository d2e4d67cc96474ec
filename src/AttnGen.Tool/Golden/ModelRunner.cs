namespace AttnGen.Tool;

/// <summary>One sequence or image of a case.</summary>
internal sealed class RowInput
{
    public int[] Ids { get; init; } = [];

    public int[] TokenTypes { get; init; } = [];

    /// <summary>One entry a token; null: nothing is masked.</summary>
    public bool[]? Mask { get; init; }

    public float[] Pixels { get; init; } = [];

    /// <summary>A sound's mel frames.</summary>
    public float[] Features { get; init; } = [];

    /// <summary>The number of real tokens if they come first, else −1.</summary>
    public int RealPrefix
    {
        get
        {
            if (Mask is null)
                return Ids.Length;
            var first = Array.IndexOf(Mask, false);
            return first < 0 ? Mask.Length : Array.IndexOf(Mask, true, first) < 0 ? first : -1;
        }
    }

    /// <summary>Where the real tokens are, which follow each other: the padding is before or after them.</summary>
    /// <param name="name">The row, for the message.</param>
    /// <exception cref="GoldenException">There are none, or zeros between ones.</exception>
    public Range Real(string name)
    {
        if (Mask is null)
            return Range.All;
        int first = Array.IndexOf(Mask, true), end = Array.LastIndexOf(Mask, true) + 1;
        if (first < 0)
            throw new GoldenException($"{name} of attention_mask has no 1; remove the row");
        return Array.IndexOf(Mask, false, first, end - first) is var hole and >= 0
            ? throw new GoldenException($"{name} of attention_mask has a 0 between its ones, at {hole}; a text is read from its first token to its last, with its padding before or after it")
            : first..end;
    }

    /// <summary>The same without its padding, which is at the end.</summary>
    public RowInput Unpadded() => new()
    {
        Ids = Ids[..RealPrefix],
        TokenTypes = TokenTypes.Length == 0 ? [] : TokenTypes[..RealPrefix],
        Features = Features,
    };
}

/// <summary>How padding is told to the model.</summary>
internal enum MaskForm
{
    /// <summary>By a length where the real tokens come first, by flags elsewhere.</summary>
    Automatic,

    /// <summary>By flags.</summary>
    Flags,
}

/// <summary>What a model makes of one row. Empty: it has no such output, or it was not asked for.</summary>
internal sealed class RowOutput
{
    /// <summary>[T, D].</summary>
    public float[] Hidden { get; set; } = [];

    /// <summary>[L + 1, T, D].</summary>
    public float[] States { get; set; } = [];

    /// <summary>[L, H, T, T].</summary>
    public float[] Attentions { get; set; } = [];

    /// <summary>[P].</summary>
    public float[] Pooled { get; set; } = [];

    /// <summary>[C] or [T, C].</summary>
    public float[] Logits { get; set; } = [];

    /// <summary>[E].</summary>
    public float[] Embedding { get; set; } = [];

    /// <summary>[C] of DeiT's first head.</summary>
    public float[] ClassLogits { get; set; } = [];

    /// <summary>[C] of its second head.</summary>
    public float[] DistillationLogits { get; set; } = [];

    /// <summary>[L, H, T, S] from a text to its source.</summary>
    public float[] Cross { get; set; } = [];

    /// <summary>What a key names, of all layers or of its own.</summary>
    public ReadOnlySpan<float> Of(GoldenKey key, long size) => key.Role switch
    {
        GoldenRole.LastHiddenState => Hidden,
        GoldenRole.HiddenState => States.AsSpan((int)(key.Layer * size), (int)size),
        GoldenRole.HiddenStates => States,
        GoldenRole.Attention => (key.Half == GoldenHalf.Cross ? Cross : Attentions).AsSpan((int)(key.Layer * size), (int)size),
        GoldenRole.Attentions => key.Half == GoldenHalf.Cross ? Cross : Attentions,
        GoldenRole.Pooled => Pooled,
        GoldenRole.Embedding => Embedding,
        GoldenRole.StartLogits => Logits.Where((_, i) => i % 2 == 0).ToArray(),
        GoldenRole.EndLogits => Logits.Where((_, i) => i % 2 == 1).ToArray(),
        GoldenRole.ClassLogits => ClassLogits,
        GoldenRole.DistillationLogits => DistillationLogits,
        _ => Logits,
    };

    /// <summary>Outputs that hold NaN or infinity, whether the golden file has them or not; what stands at padding does not count.</summary>
    public IEnumerable<string> NotFinite(ModelInfo info, bool[]? mask)
    {
        foreach (var (name, values) in Results())
        {
            var perToken = name == "last_hidden_state" ? info.HiddenSize : name == "logits" && info.LogitsPerToken ? info.LogitsSize : 0;
            for (var i = 0; i < values.Length; i++)
            {
                if (float.IsFinite(values[i]) || (perToken > 0 && mask is not null && !mask[i / perToken]))
                    continue;
                yield return name;
                break;
            }
        }
    }

    /// <summary>Every output that does not depend on what was traced.</summary>
    public IEnumerable<(string Name, float[] Values)> Results()
    {
        yield return ("last_hidden_state", Hidden);
        yield return ("pooler_output", Pooled);
        yield return ("logits", Logits);
        yield return ("embedding", Embedding);
    }
}

/// <summary>Calls a model through its interfaces.</summary>
internal sealed class ModelRunner(ITransformerModel model, TeacherHeads? teacher = null)
{
    public TeacherHeads? Teacher => teacher;

    /// <summary>The model as one that writes on, or null.</summary>
    public ILanguageModel? Language => model as ILanguageModel;

    /// <summary>Whether the model has two halves.</summary>
    public bool HasHalves => model is IEncoderDecoderModel or ISpeechToTextModel;

    /// <summary>Whether texts are written, in sequences.</summary>
    public bool Writes => Language is not null || HasHalves;

    public ModelInfo Info => model.Info;

    public bool IsText => model is ITextModel;

    public bool IsSpeech => model is ISpeechModel;

    public bool HasEmbedding => model is ISentenceEncoder or IImageEncoder;

    public bool HasPooler => model is IPooledModel or IPooledImageModel;

    public bool HasLogits => model is ILogitsModel or IImageClassifier;

    /// <summary>Reads the source of a text, for a model of two halves.</summary>
    public TokenSequence Encode(RowInput source, int capacity) => model is ISpeechToTextModel speech
        ? speech.Encode(source.Features, capacity)
        : ((IEncoderDecoderModel)model).Encode(source.Ids, capacity);

    /// <summary>Tokens of a row: its ids, or what an image or a sound is cut into.</summary>
    public int Tokens(RowInput row) => IsText ? row.Ids.Length : Info.MaxTokens;

    /// <summary>Runs a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="form">How padding is told.</param>
    /// <param name="states">Whether all hidden states are wanted.</param>
    /// <param name="attentions">Whether the attention weights are wanted.</param>
    /// <exception cref="ArgumentException">The row does not fit the model.</exception>
    public RowOutput Run(RowInput row, MaskForm form = MaskForm.Automatic, bool states = false, bool attentions = false)
    {
        var info = Info;
        long tokens = Tokens(row);
        var output = new RowOutput
        {
            Hidden = Array(tokens * info.HiddenSize),
            States = states ? Array((info.Layers + 1L) * tokens * info.HiddenSize) : [],
            Attentions = attentions ? Array((long)info.Layers * info.Heads * tokens * tokens) : [],
            Pooled = HasPooler ? Array(info.PooledSize) : [],
            Logits = HasLogits ? Array(info.LogitsPerToken ? tokens * info.LogitsSize : info.LogitsSize) : [],
            Embedding = HasEmbedding ? Array(info.EmbeddingSize) : [],
        };
        var trace = new ForwardTrace { HiddenStates = output.States, AttentionWeights = output.Attentions };
        if (model is IImageModel image)
        {
            image.Forward(row.Pixels, output.Hidden, trace);
            (model as IImageEncoder)?.Embed(row.Pixels, output.Embedding);
            (model as IPooledImageModel)?.Pool(row.Pixels, output.Pooled);
            (model as IImageClassifier)?.ComputeLogits(row.Pixels, output.Logits);
            if (teacher is not null)
                (output.ClassLogits, output.DistillationLogits) = (teacher.Logits(0, output.Hidden), teacher.Logits(1, output.Hidden));
            return output;
        }

        if (model is ISpeechModel speech)
        {
            speech.Forward(row.Features, output.Hidden, trace);
            return output;
        }

        var text = (ITextModel)model;
        var mask = row.Mask is null ? default
            : form == MaskForm.Automatic && row.RealPrefix >= 0 ? AttentionMask.KeyLength(row.RealPrefix)
            : default(AttentionMask).WithKeepKeys(row.Mask);
        text.Forward(row.Ids, output.Hidden, row.TokenTypes, mask, trace);
        (model as IPooledModel)?.Pool(row.Ids, output.Pooled, row.TokenTypes, mask);
        (model as ILogitsModel)?.ComputeLogits(row.Ids, output.Logits, row.TokenTypes, mask);
        (model as ISentenceEncoder)?.Embed(row.Ids, output.Embedding, row.TokenTypes, mask);
        return output;
    }

    public static float[] Array(long length) => length <= System.Array.MaxLength
        ? new float[length]
        : throw new GoldenException($"an output of {Show.Count(length)} numbers is more than an array holds; make a case of fewer tokens");
}
