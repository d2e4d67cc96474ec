namespace AttnGen;

/// <summary>How a token's place enters the attention scores.</summary>
public enum Position
{
    /// <summary>Attention itself knows no order (positions may still be added to the input).</summary>
    None = 0,

    /// <summary>Rotary embedding on pairs (j, j + rotaryDim/2), as in Llama and GPT-NeoX (Su et al. 2021, arXiv:2104.09864).</summary>
    RotaryHalf = 1,

    /// <summary>Rotary embedding on neighbouring pairs (2j, 2j + 1), as in the paper and in GPT-J.</summary>
    RotaryInterleaved = 2,

    /// <summary>ALiBi: score −= slope(h)·|i − j| with slopes 2^(−8(h+1)/H) (Press et al. 2021, arXiv:2108.12409). If H is no power of two, the largest power of two below it takes its own slopes, and the other heads take every other slope of twice as many, from the first on (as the paper's code and BLOOM do).</summary>
    Alibi = 3,
}

/// <summary>The normalisation of each head's query and key before the scores.</summary>
public enum QkNorm
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>RMS norm over the head size, weights <c>q_norm.weight</c> and <c>k_norm.weight</c>.</summary>
    RmsNorm = 1,

    /// <summary>Layer norm over the head size, weights and biases <c>q_norm.*</c> and <c>k_norm.*</c>.</summary>
    LayerNorm = 2,
}

/// <summary>Point-wise functions. The members are all there is to list: the generator prints a call of the function of <see cref="VectorMath"/> that has the member's name.</summary>
public enum Activation
{
    /// <summary>The identity.</summary>
    None = 0,

    /// <summary>max(x, 0).</summary>
    Relu = 1,

    /// <summary>x·Φ(x) = x/2·(1 + erf(x/√2)) (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    Gelu = 2,

    /// <summary>x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))).</summary>
    GeluTanh = 3,

    /// <summary>x·σ(1.702·x).</summary>
    QuickGelu = 4,

    /// <summary>x·σ(x), also called swish.</summary>
    Silu = 5,

    /// <summary>σ(x) = 1/(1 + e^−x).</summary>
    Sigmoid = 6,

    /// <summary>tanh(x).</summary>
    Tanh = 7,
}

/// <summary>The normalisation of a token's vector.</summary>
public enum Norm
{
    /// <summary>(x − mean)/√(variance + ε)·weight + bias, biased variance (Ba et al. 2016, arXiv:1607.06450).</summary>
    LayerNorm = 0,

    /// <summary>x/√(mean(x²) + ε)·weight (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
    RmsNorm = 1,
}

/// <summary>Positions that an encoder stack adds to its input.</summary>
public enum InputPosition
{
    /// <summary>None; the caller's input already holds them, or none are wanted.</summary>
    None = 0,

    /// <summary>sin and cos of t/10000^(2i/D), interleaved (Vaswani et al. 2017, arXiv:1706.03762, §3.5).</summary>
    Sinusoidal = 1,

    /// <summary>A trained table <c>position.weight</c> [maxTokens, dModel].</summary>
    Learned = 2,
}
