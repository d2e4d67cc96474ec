using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

// Long beginnings that many texts share, read once and shipped.
public sealed partial class TextGenerator
{
    /// <summary>Reads a text and writes what was read to a stream: texts that begin the same way need not read it again, in this run or another (<see cref="LoadPrefix"/>).</summary>
    /// <param name="text">The beginning of prompts; special tokens are put before it as before a prompt.</param>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="cancellationToken">Stops between two pieces of the text.</param>
    /// <returns>How many tokens it has.</returns>
    public int SavePrefix(string text, Stream stream, CancellationToken cancellationToken = default) => SavePrefix(Encode(text, null), stream, cancellationToken);

    /// <summary>The same with the beginning of a conversation, such as a long system message.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="options">Instructions and variables of the template, as the conversations give them; null: none.</param>
    /// <param name="settings">How it writes JSON and calls tools; null: as the folder's chat template tells.</param>
    /// <param name="cancellationToken">Stops between two pieces of the text.</param>
    /// <returns>How many tokens it has.</returns>
    public int SavePrefix(IEnumerable<ChatMessage> messages, Stream stream, ChatOptions? options = null, ChatClientSettings? settings = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var client = (TextChatClient)AsChatClient(settings);
        return SavePrefix(client.Write(messages, client.Read(options), answers: false), stream, cancellationToken);
    }

    /// <summary>The same with tokens.</summary>
    /// <param name="ids">The tokens, special ones included.</param>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="cancellationToken">Stops between two pieces of the text.</param>
    /// <returns>How many tokens it has.</returns>
    public int SavePrefix(ReadOnlySpan<int> ids, Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Resolve(ids, null);
        using var sequence = Model.CreateSequence(ids.Length);
        for (var done = 0; done < ids.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = Math.Min(PrefixPiece, ids.Length - done);
            sequence.Extend(ids.Slice(done, piece));
            done += piece;
        }

        PrefixFile.Save(stream, ids, sequence);
        return ids.Length;
    }

    /// <summary>Loads what <see cref="SavePrefix(string, Stream, CancellationToken)"/> wrote. It is kept until the generator is disposed, and counts among <see cref="TextGeneratorOptions.MaxSequences"/>; every text that begins with it goes on from a copy.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <returns>How many tokens it has.</returns>
    /// <exception cref="InvalidDataException">The stream holds no prefix of this model, or is damaged; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The bound on memory is reached.</exception>
    public int LoadPrefix(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var (ids, sequence) = PrefixFile.Load(stream, Model);
        _shelf.AddFixed(sequence, ids);
        return ids.Length;
    }

    private const int PrefixPiece = 64;
}
