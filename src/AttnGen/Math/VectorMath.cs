namespace AttnGen;

/// <summary>Element-wise functions for vectors of float, as the generated kernels use them.</summary>
/// <remarks>
/// One function a file: its formula, how it is approximated and with what error, and the same operations in the same order for 16, 8, 4
/// and 1 elements, so that the result has the same bits at every width. Polynomials and rationals are fitted by minimax; the errors that
/// the tests found over all floats stand in docs/numerics.md. Without fused multiply-add in the hardware the last bit may differ.
/// NaN stays NaN, and infinities give what PyTorch's kernels give.
/// </remarks>
public static partial class VectorMath;
