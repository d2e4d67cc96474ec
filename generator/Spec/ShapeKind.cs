namespace AttnGen.Generator.Spec;

/// <summary>The shape attributes, by their names.</summary>
internal enum ShapeKind { Attention, DotProductAttention, FeedForward, EncoderLayer, Encoder, Linear, Softmax, LayerNorm, RmsNorm, Decoder, EncoderDecoder, TransformerModel }
