namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // What comes before the first layer: the caller's rows, token ids, an image.
    private sealed partial class Builder
    {
        private void Rows(PositionsKind positions, int maxTokens, Operand h, int d)
        {
            _before.Add(new CopyStep("The residual stream starts as x", new Operand("x", d), h, d, "T"));
            if (positions == PositionsKind.None)
                return;
            var table = positions == PositionsKind.Learned
                ? Table("position", "position.weight", maxTokens, d, h.Stride)
                : Computed("position", WeightForm.Sinusoid, maxTokens, d, h.Stride);
            _before.Add(new AddTableStep("x + position", h, table, h.Stride));
        }

        private void Tokens(TransformerSpec s, TokenInputSpec input, Operand h)
        {
            Constant("VocabularySize", input.Vocabulary, "Token ids are below this.");
            int width = input.Width, stride = Up(width, 16);
            // A language model's last map is the table of words again: it then lies in panels, and words are gathered from those.
            bool tied = s.Head?.Stages is { Count: > 0 } stages && stages[stages.Count - 1].Map?.Weight[0].Name == input.Table;
            var words = tied
                ? Weight("words", WeightForm.Panels, Whole(input.Table, input.Vocabulary), input.Vocabulary, width, width)
                : Table("words", input.Table, input.Vocabulary, width, stride);
            var positions = input.Positions is { } places ? Table("positions", places.Name, places.Rows, width, stride) : null;
            var types = input.Types is { } segments ? Table("types", segments.Name, segments.Count, width, stride) : null;
            var e = input.Project is null ? h : Buffer("e", "[T, E] embeddings", stride);
            _before.Add(new EmbedTokensStep($"Words{(types is null ? "" : " + segments")}{(positions is null ? "" : " + positions")}", e, width, words, positions, input.Positions, types));
            if (input.Norm is { } norm)
                _before.Add(Norm("Norm of the embeddings", e, e, "inputNorm", norm, perLayer: false));
            if (input.Project is { } map)
                _before.Add(Project("Embeddings to the layers' width", e, "Input", map, h, perLayer: false));
        }

        private void Image(ImageInputSpec input, Operand h, int d)
        {
            Constant("ImageChannels", input.Channels, "Channels of an image.");
            Constant("ImageHeight", input.Height, "Height of an image.");
            Constant("ImageWidth", input.Width, "Width of an image.");
            var patches = Buffer("patches", "[patches, channels·height·width]", Up(input.Patches.Inputs, 16));
            int first = input.Tokens.Count;
            _before.Add(new PatchesStep($"The image's {input.PatchRows}·{input.PatchColumns} patches as rows", patches, input));
            _before.Add(new AliasStep($"Patches stand after {first} learned token{(first == 1 ? "" : "s")}", "patchRows", h, first));
            _before.Add(Project(
                "Each patch to a token (a convolution whose stride is its size)", patches, "Patch", input.Patches, h with { Name = "patchRows" }, perLayer: false, count: Text.Of(input.PatchRows * input.PatchColumns)));
            for (int i = 0; i < first; i++)
            {
                var token = Vector("token" + Text.Of(i), Whole(input.Tokens[i], d), d, perLayer: false);
                _before.Add(new AliasStep($"Row {i}", "row" + Text.Of(i), h, i));
                _before.Add(new CopyStep("A learned token", new Operand(token.Name, 0), h with { Name = "row" + Text.Of(i) }, d, "1"));
            }

            var positions = Table("positions", input.Positions, input.SequenceLength, d, h.Stride);
            _before.Add(new AddTableStep("Learned positions", h, positions, h.Stride));
        }
    }
}
