namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // What comes before the first layer: the caller's rows, token ids, an image.
    private sealed partial class Builder
    {
        private void Rows(PositionsKind positions, int maxTokens, Operand h, int d)
        {
            Add(new CopyStep("The residual stream starts as x", new Operand("x", d), h, d, "T"));
            if (positions == PositionsKind.None)
                return;
            var table = positions == PositionsKind.Learned
                ? Table("position", "position.weight", maxTokens, d, h.Stride)
                : Weight("position", new SinusoidOrigin(), WeightLayout.Rows, maxTokens, d, h.Stride);
            Add(new AddTableStep("x + position", h, table, h.Stride));
        }

        private void Tokens(TransformerSpec s, TokenInputSpec input, Operand h)
        {
            Constant("VocabularySize", input.Vocabulary, "Token ids are below this.");
            Words(input, s.Head ?? s.Decoder?.Head, s.Stack.KeepsKeys, h);
        }

        /// <summary>Words, positions, segments, norm.</summary>
        private void Words(TokenInputSpec input, OutputSpec? head, bool isKept, Operand h)
        {
            int width = input.Width, stride = Up(width, 16);
            // A language model's last map is the table of words again: it then lies in panels, and words are gathered from those.
            bool tied = head?.Stages is { Count: > 0 } stages && stages[stages.Count - 1].Map?.Weight[0].Name == input.Table;
            var words = Known(tied ? WeightLayout.Panels : WeightLayout.Rows, Whole(input.Table, input.Vocabulary)) ?? (tied
                ? Weight("words", new TensorOrigin(Whole(input.Table, input.Vocabulary)), WeightLayout.Panels, input.Vocabulary, width, width)
                : Table("words", input.Table, input.Vocabulary, width, stride));
            var positions = input.Positions is not { AfterMap: false } table ? null
                : table.IsSinusoidal ? Weight("positions", new SinusoidOrigin(InHalves: true), WeightLayout.Rows, table.Rows, width, stride)
                : Table("positions", table.Name, table.Rows, width, stride);
            var places = input.Positions is { AfterMap: false } rule ? new PlacesPlan(rule.FirstRow, rule.SkipsPadding ? rule.PadId : null) : null;
            var types = input.Types is { } segments ? Table("types", segments.Name, segments.Count, width, stride) : null;
            var e = input.Project is null ? h : Buffer("e", "[T, E] embeddings", stride);
            Add(new EmbedTokensStep($"Words{(types is null ? "" : " + segments")}{(positions is null ? "" : " + positions")}", e, width, words, positions, places, types) { Scale = input.Scale, GoesOn = isKept, Method = Unique("EmbedTokens") });
            if (input.Norm is { } norm)
                Add(Norm("Norm of the embeddings", e, e, "inputNorm", norm));
            if (input.Project is { } map)
                Add(Project("Embeddings to the layers' width", e, "Input", map, h));
            if (input.Positions is { AfterMap: true } late)
                Add(new AddTableStep("+ positions", h, Table("positions", late.Name, late.Rows, input.Project!.Outputs, h.Stride), h.Stride) { GoesOnFrom = late.FirstRow });
        }

        private void Audio(AudioInputSpec input, Operand h, int d)
        {
            Constant("AudioBins", input.Bins, "Frequencies of a frame of sound.");
            Constant("AudioFrames", input.Frames, "Frames of sound that a call takes.");
            Operand Two(string name, string shape, int width) => Buffer(name, shape, 2 * Up(width, 16)) with { Stride = Up(width, 16) };
            string frames = Text.Of(input.Frames), half = Text.Of(input.SequenceLength);
            var three = Two("frames", "[frames, bins·3]", 3 * input.Bins);
            Add(new FramesStep("Each frame with its neighbours", null, three, input.Bins, input.Frames, 1));
            var first = Two("sound", "[frames, D]", d);
            Add(Project("First convolution and Gelu", three, "Sound1", input.First, first, frames, "Gelu"));
            var more = Buffer("every", "[T, D·3]", Up(3 * d, 16));
            Add(new FramesStep("Every other frame with its neighbours", first, more, d, input.Frames, 2));
            Add(Project("Second convolution and Gelu", more, "Sound2", input.Second, h, half, "Gelu"));
            var positions = Table("positions", input.Positions, input.SequenceLength, d, h.Stride);
            Add(new AddTableStep("Learned positions", h, positions, h.Stride));
        }

        private void Image(ImageInputSpec input, Operand h, int d)
        {
            Constant("ImageChannels", input.Channels, "Channels of an image.");
            Constant("ImageHeight", input.Height, "Height of an image.");
            Constant("ImageWidth", input.Width, "Width of an image.");
            var image = new ImagePlan(input.Channels, input.Height, input.Width, input.PatchHeight, input.PatchWidth, input.PatchRows, input.PatchColumns);
            var patches = Buffer("patches", "[patches, channels·height·width]", Up(input.Patches.Inputs, 16));
            int first = input.Tokens.Count;
            Add(new PatchesStep($"The image's {input.PatchRows}·{input.PatchColumns} patches as rows", patches, image));
            Add(Project(
                $"Each patch to a token, after {first} learned token{(first == 1 ? "" : "s")} (a convolution whose stride is its size)",
                patches, "Patch", input.Patches, h with { First = first }, count: Text.Of(input.PatchRows * input.PatchColumns)));
            for (int i = 0; i < first; i++)
            {
                var token = Vector("token" + Text.Of(i), Whole(input.Tokens[i], d), d);
                Add(new CopyStep("A learned token", Operand.Of(token), h with { First = i }, d, "1"));
            }

            var positions = Table("positions", input.Positions, input.SequenceLength, d, h.Stride);
            Add(new AddTableStep("Learned positions", h, positions, h.Stride));
            if (input.Norm is { } norm)
                Add(Norm("Norm before the layers", h, h, "inputNorm", norm));
        }
    }
}
