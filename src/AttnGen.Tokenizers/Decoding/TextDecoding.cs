namespace AttnGen.Tokenizers;

/// <summary>How ids become text: the steps, or why they are refused. A folder that is only read the other way may have any.</summary>
internal sealed class TextDecoding
{
    private readonly DecodeStep[] _steps;
    private readonly DecodeStep[] _middle;
    private readonly Exception? _refusal;

    /// <param name="steps">The steps; none: a space between tokens.</param>
    public TextDecoding(params DecodeStep[] steps)
    {
        _steps = steps.Length == 0 ? [new SpacesStep()] : steps;

        // Within a text nothing is left out at its ends.
        var joined = Array.FindIndex(_steps, static step => step.Joins);
        _middle = joined < 0 ? _steps : [.. _steps[..(joined + 1)], .. _steps[(joined + 1)..].Where(static step => step is ReplaceStep or ReplaceMatchesStep)];
    }

    private TextDecoding(Exception refusal)
        : this() => _refusal = refusal;

    /// <summary>GPT-2's bytes.</summary>
    public static TextDecoding Bytes { get; } = new(new BytesStep());

    /// <summary>What is said when text is asked for.</summary>
    public static TextDecoding Refused(Exception refusal) => new(refusal);

    /// <summary>The steps at work.</summary>
    /// <param name="text">Takes the text.</param>
    public DecodeStage Open(DecodedText text)
    {
        Check();
        DecodeStage stage = text;
        for (var i = _steps.Length - 1; i >= 0; i--)
        {
            stage = _steps[i].Open(stage);
        }

        return stage;
    }

    /// <summary>What a token stands for in the middle of a text.</summary>
    /// <param name="token">The token.</param>
    /// <param name="text">Takes the text.</param>
    /// <param name="between">Room for steps.</param>
    /// <param name="bytes">Takes the bytes instead, if that is what it stands for.</param>
    public void Middle(ReadOnlySpan<char> token, ref TextBuffer text, ref TextBuffer between, ByteBuffer bytes)
    {
        text.Clear();
        text.Add(token);
        bytes.Clear();
        foreach (var step in _middle)
        {
            if (bytes.Length > 0)
            {
                return;
            }

            between.Clear();
            step.Middle(text.Text, between, bytes);
            (text, between) = (between, text);
        }
    }

    /// <summary>Throws what was found when the folder was read.</summary>
    public void Check()
    {
        // Of the same type each time, with a stack of its own.
        switch (_refusal)
        {
            case null:
                return;
            case InvalidDataException:
                throw new InvalidDataException(_refusal.Message, _refusal);
            default:
                throw new NotSupportedException(_refusal.Message, _refusal);
        }
    }
}
