using AttnGen.Runtime;

namespace AttnGen;

// What a call may be given.
public sealed partial class TokenSequence
{
    private static void CheckIds(ReadOnlySpan<int> tokenIds, int vocabulary)
    {
        for (var i = 0; i < tokenIds.Length; i++)
        {
            if ((uint)tokenIds[i] >= (uint)vocabulary)
            {
                throw new ArgumentException($"tokenIds[{i}] is {tokenIds[i]}, but ids go from 0 to {vocabulary - 1} (VocabularySize − 1); is the tokenizer that of this model?", nameof(tokenIds));
            }
        }
    }

    // True: logits of each row.
    private static bool CheckLogits(ReadOnlySpan<float> logits, int rows, SequenceSizes sizes)
    {
        var length = logits.Length;
        if (length == 0)
        {
            return false;
        }

        if (!sizes.HasLogits)
        {
            throw new ArgumentException("The model has no logits: its folder holds no language model's head. Leave the span empty, and read hidden states with Forward or a trace.", nameof(logits));
        }

        if (length != sizes.Vocabulary && length != (long)rows * sizes.Vocabulary)
        {
            throw new ArgumentException($"logits has {length} floats, but must have {sizes.Vocabulary} ([V], after the last token), {(long)rows * sizes.Vocabulary} ([T, V], after each of {rows}), or none.", nameof(logits));
        }

        if (rows == 0)
        {
            throw new ArgumentException("There are no tokens to compute logits of. Give at least one token, or leave logits empty.", nameof(logits));
        }

        return rows > 1 && length == (long)rows * sizes.Vocabulary;
    }

    private void CheckRoom(int tokens)
    {
        if (tokens <= Capacity - _position)
        {
            return;
        }

        var window = _model.Sizes.MaxTokens;
        throw new InvalidOperationException(
            $"The sequence holds {_position} of {Capacity} tokens and cannot take {tokens} more. "
            + (Capacity < window
                ? $"Make it with a larger capacity (up to {window}, the context window of {_model.Name}), give a shorter text, or Rewind or Clear it."
                : $"{window} is the context window of {_model.Name}: the model has no positions beyond it. Give a shorter text, or Rewind or Clear the sequence and go on with a part of the text."));
    }

    private void CheckTrace(in ForwardTrace trace, ReadOnlySpan<int> tokenIds, ReadOnlySpan<float> logits)
    {
        var sizes = _model.Sizes;
        Traces.Choice(trace, sizes.Layers, SourceTokens > 0 && trace.AttentionWeights.IsEmpty ? sizes.SourceHeads : sizes.Heads);
        long rows = tokenIds.Length, layers = Traces.Count(trace.Layers, sizes.Layers);
        Check.OptionalLength(
            trace.AttentionWeights.Length, layers * Traces.Count(trace.Heads, sizes.Heads) * rows * (_position + rows), "trace.AttentionWeights", "[L, H, T, S], S being the position after the call");
        Check.OptionalLength(trace.HiddenStates.Length, Traces.Count(trace.States, sizes.Layers + 1) * rows * sizes.Width, "trace.HiddenStates", "[L + 1, T, D]");
        Check.OptionalLength(
            trace.SourceWeights.Length, layers * Traces.Count(trace.Heads, sizes.SourceHeads) * rows * SourceTokens, "trace.SourceWeights", SourceTokens == 0 ? "none: the model reads no source" : "[L, H, T, S']");
        Check.TraceOfSequence(trace, logits, nameof(logits));
        if (_ring > 0 && !trace.IsEmpty && tokenIds.Length > MostRows)
        {
            throw new ArgumentException($"A trace of a model with windows takes at most {MostRows} tokens a call, but there are {tokenIds.Length}; give them in parts.", nameof(trace));
        }

        Check.TraceInput(trace, tokenIds, "tokenIds");
    }

    private static void CheckTogether(ReadOnlySpan<TokenSequence> sequences, ReadOnlySpan<int> counts, ReadOnlySpan<int> tokenIds, ReadOnlySpan<float> logits)
    {
        if (counts.Length != sequences.Length)
        {
            throw new ArgumentException($"counts has {counts.Length} numbers, but there are {sequences.Length} sequences; give one for each.", nameof(counts));
        }

        long total = 0;
        for (var i = 0; i < sequences.Length; i++)
        {
            var sequence = sequences[i] ?? throw new ArgumentException($"sequences[{i}] is null.", nameof(sequences));
            if (!ReferenceEquals(sequence._model, sequences[0]._model))
            {
                throw new ArgumentException($"sequences[{i}] is of another loaded model than sequences[0]; one pass is of one model.", nameof(sequences));
            }

            if (counts[i] < 1)
            {
                throw new ArgumentException($"counts[{i}] is {counts[i]}, but each sequence takes at least one token; leave out those that take none.", nameof(counts));
            }

            for (var j = 0; j < i; j++)
            {
                if (ReferenceEquals(sequences[j], sequence))
                {
                    throw new ArgumentException($"sequences[{i}] and sequences[{j}] are the same; give a sequence once, with all of its tokens.", nameof(sequences));
                }
            }

            total += counts[i];
        }

        if (total != tokenIds.Length)
        {
            throw new ArgumentException($"tokenIds has {tokenIds.Length} ids, but counts add up to {total}.", nameof(tokenIds));
        }

        var sizes = sequences[0]._model.Sizes;
        CheckIds(tokenIds, sizes.Vocabulary);
        if (!logits.IsEmpty && !sizes.HasLogits)
        {
            CheckLogits(logits, 1, sizes);
        }

        Check.OptionalLength(logits.Length, (long)sequences.Length * sizes.Vocabulary, "logits", "[N, V]");
    }
}
