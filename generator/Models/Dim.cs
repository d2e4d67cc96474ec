namespace AttnGen.Generator.Models;

/// <summary>A size, and where it comes from, for messages: "hidden_size=48", "max_position_embeddings=512 (default)", or "" for a size that the architecture fixes.</summary>
internal readonly record struct Dim(int Size, string From)
{
    public static implicit operator Dim(int size) => new(size, "");

    /// <summary>n of these: "3·hidden_size=144".</summary>
    public static Dim operator *(int n, Dim d) => d.From.Length == 0 ? new Dim(n * d.Size, "") : new Dim(n * d.Size, $"{Text.Of(n)}·{d.From}");
}

/// <summary>A true or false, and where it comes from, for messages: "attention_bias=true", "qkv_bias=true (default)", or "" for what the architecture fixes.</summary>
internal readonly record struct Switch(bool On, string From)
{
    public static implicit operator Switch(bool on) => new(on, "");

    public static implicit operator bool(Switch s) => s.On;
}
