namespace AttnGen.Reference;

/// <summary>What <see cref="AttentionAttribute"/> and <see cref="DotProductAttentionAttribute"/> say, for the reference.</summary>
public sealed record AttentionOptions
{
    /// <summary>Query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Size of a query and key head, d_k.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Key/value heads; 0: as many as <see cref="Heads"/>.</summary>
    public int KvHeads { get; init; }

    /// <summary>Size of a value head, d_v; 0: <see cref="HeadDim"/>.</summary>
    public int ValueHeadDim { get; init; }

    /// <summary>A query sees no key after its own position.</summary>
    public bool Causal { get; init; }

    /// <summary>A query at i sees keys with |i − j| &lt; Window; 0: no window.</summary>
    public int Window { get; init; }

    /// <summary>Factor of the scores; 0: 1/√HeadDim.</summary>
    public double Scale { get; init; }

    /// <summary>c in c·tanh(score/c); 0: none.</summary>
    public double Softcap { get; init; }

    /// <summary>Rotary embedding or ALiBi.</summary>
    public Position Position { get; init; }

    /// <summary>Features of a head that are rotated; 0: all.</summary>
    public int RotaryDim { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Norm of each head's query and key.</summary>
    public QkNorm QkNorm { get; init; }

    /// <summary>ε of <see cref="QkNorm"/>.</summary>
    public double QkNormEpsilon { get; init; } = 1e-5;

    /// <summary>One learned key and value is appended to the sequence (<c>bias_k</c>, <c>bias_v</c>).</summary>
    public bool BiasKv { get; init; }

    /// <summary>One key and value of zeros is appended to the sequence.</summary>
    public bool ZeroAttn { get; init; }

    /// <summary>Key/value heads with the default applied.</summary>
    public int ActualKvHeads => KvHeads == 0 ? Heads : KvHeads;

    /// <summary>Size of a value head with the default applied.</summary>
    public int ActualValueHeadDim => ValueHeadDim == 0 ? HeadDim : ValueHeadDim;

    /// <summary>Factor of the scores with the default applied.</summary>
    public double ActualScale => Scale == 0 ? 1 / Math.Sqrt(HeadDim) : Scale;

    /// <summary>Features that are rotated, with the default applied.</summary>
    public int ActualRotaryDim => RotaryDim == 0 ? HeadDim : RotaryDim;

    /// <summary>Keys that <see cref="BiasKv"/> and <see cref="ZeroAttn"/> append.</summary>
    public int AppendedKeys => (BiasKv ? 1 : 0) + (ZeroAttn ? 1 : 0);
}

/// <summary>What <see cref="EncoderLayerAttribute"/> says, for the reference.</summary>
public sealed record EncoderLayerOptions
{
    /// <summary>The self-attention.</summary>
    public required AttentionOptions Attention { get; init; }

    /// <summary>Activation of the hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Whether the feed-forward network is gated.</summary>
    public bool Gated { get; init; }

    /// <summary>Pre-norm in place of post-norm.</summary>
    public bool NormFirst { get; init; }

    /// <summary>Layer norm or RMS norm.</summary>
    public Norm Norm { get; init; }

    /// <summary>ε of the norms.</summary>
    public double Epsilon { get; init; } = 1e-5;
}

/// <summary>What <see cref="EncoderAttribute"/> says, for the reference.</summary>
public sealed record EncoderOptions
{
    /// <summary>Number of layers, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Each of them.</summary>
    public required EncoderLayerOptions Layer { get; init; }

    /// <summary>A norm after the last layer.</summary>
    public bool FinalNorm { get; init; }

    /// <summary>Positions added to the input.</summary>
    public InputPosition InputPosition { get; init; }
}
