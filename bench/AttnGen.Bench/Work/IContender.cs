namespace AttnGen.Bench;

/// <summary>One way to do a piece of work. Everything that may be done once is done in <see cref="Prepare"/>.</summary>
public interface IContender : IDisposable
{
    /// <summary>The row's name in the table.</summary>
    string Name { get; }

    /// <summary>Takes the weights and the input.</summary>
    void Prepare(Work work);

    /// <summary>One forward pass: input to <see cref="Output"/>.</summary>
    void Run();

    /// <summary>The result of the last run, [Tokens, Outputs].</summary>
    ReadOnlySpan<float> Output { get; }
}
