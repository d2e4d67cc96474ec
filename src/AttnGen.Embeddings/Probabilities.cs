namespace AttnGen.Embeddings;

/// <summary>Logits to probabilities.</summary>
internal static class Probabilities
{
    public static float Sigmoid(float logit) => (float)(1 / (1 + Math.Exp(-(double)logit)));

    public static void Sigmoid(Span<float> logits)
    {
        foreach (ref var logit in logits)
        {
            logit = Sigmoid(logit);
        }
    }

    public static void Softmax(Span<float> logits)
    {
        var most = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            most = Math.Max(most, logit);
        }

        var sum = 0.0;
        foreach (var logit in logits)
        {
            sum += Math.Exp(logit - (double)most);
        }

        foreach (ref var logit in logits)
        {
            logit = (float)(Math.Exp(logit - (double)most) / sum);
        }
    }
}
