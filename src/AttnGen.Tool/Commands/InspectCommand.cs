using AttnGen.Generator.Spec;

namespace AttnGen.Tool;

/// <summary><c>attngen inspect</c>.</summary>
internal static class InspectCommand
{
    public static int Run(ModelRequest request, bool json, ToolConsole console)
    {
        var directory = ModelDirectory.Read(request);
        var (facts, findings) = ModelFacts.Read(directory, request);
        var notes = ModelFacts.Notes(directory, request);
        if (facts is null)
        {
            if (json)
                console.Json(new { folder = directory.Name, supported = false, findings, notes });
            else
                Refused(directory, [.. findings, .. notes], console);
            console.Problem($"'{directory.Name}' is not supported: {(findings.Count == 1 ? findings[0].Id : $"{findings.Count} problems, the first is {findings[0].Id}")}: {Without(findings[0].Message, directory.Name).TrimEnd('.')}.");
            return ExitCode.Failed;
        }

        if (json)
            console.Json(Report(directory, facts, notes));
        else
            Print(directory, facts, notes, console);
        return ExitCode.Success;
    }

    private static void Refused(ModelDirectory directory, IReadOnlyList<Finding> findings, ToolConsole console)
    {
        console.Facts([("Folder", directory.Name), ("Supported", "no")]);
        console.Line();
        console.Table(["diagnostic", "why"], [.. findings.Select(finding => (IReadOnlyList<string>)[finding.Id, Without(finding.Message, directory.Name)])]);
    }

    private static string Without(string message, string folder) => message.StartsWith(folder + ": ", StringComparison.Ordinal) ? message[(folder.Length + 2)..] : message;

    private static void Print(ModelDirectory directory, ModelFacts facts, IReadOnlyList<Finding> notes, ToolConsole console)
    {
        var spec = facts.Spec;
        var (about, stack) = (spec.About, spec.Stack);
        var attention = stack.Attention;
        var most = facts.MaxTokens;
        List<(string, string)> lines =
        [
            ("Folder", directory.Name),
            ("Supported", "yes"),
            ("Architecture", about.ModelType + (about.Architecture.Length > 0 ? $" ({about.Architecture})" : "")),
            ("Layers", $"{stack.Layers}{(stack.Stored < stack.Layers ? $" ({stack.Stored} stored)" : "")}, {NormPlaces(stack)} each block, ε = {Number(stack.Norms.Last().Norm.Epsilon)}"),
            ("Hidden size", $"{attention.DModel}, feed-forward {stack.FeedForward.Tensors.In.Outputs}, {stack.FeedForward.Activation}{(stack.FeedForward.Tensors.Up is null ? "" : ", gated")}"),
            ("Heads", $"{attention.Heads} of {attention.HeadDim}{(attention.KvHeads != attention.Heads ? $", {attention.KvHeads} of keys and values" : "")}"),
            ("Positions", Positions(spec)),
        ];
        if (spec.Input is TokenInputSpec tokens)
        {
            lines.Add(("Vocabulary", $"{Show.Count(tokens.Vocabulary)} tokens{(tokens.Width != attention.DModel ? $", embeddings of {tokens.Width}" : "")}{(tokens.Types is { } types ? $", {types.Count} token types" : ", no token types")}{(about.PadTokenId >= 0 ? $", padding is {about.PadTokenId}" : "")}"));
            lines.Add(("Longest", $"{Show.Count(most)} tokens{(about.RecommendedTokens > 0 && about.RecommendedTokens != most ? $", recommended {about.RecommendedTokens}" : "")}"));
        }
        else if (spec.Input is ImageInputSpec image)
        {
            lines.Add(("Image", $"{image.Channels} × {image.Height} × {image.Width} in {image.PatchRows} × {image.PatchColumns} patches, {image.SequenceLength} tokens"));
        }

        else if (spec.Input is AudioInputSpec audio)
        {
            lines.Add(("Sound", $"{audio.Bins} frequencies × {audio.Frames} frames, {most} tokens"));
        }

        if (spec.Decoder is { } decoder)
        {
            var (own, layers) = (decoder.Stack.Attention, decoder.Stack.Layers);
            lines.Add(("Decoder", $"{layers} layers, {own.Heads} heads of {own.HeadDim}, {Show.Count(decoder.Input.Vocabulary)} tokens, texts of up to {Show.Count(decoder.MaxTokens)}{(decoder.StartId >= 0 ? $", which begin with {decoder.StartId}" : "")}"));
        }

        if (facts.Sequences is { } sequences)
            lines.Add(("Sequence", $"keeps {Show.Bytes(sequences.TokenBytes)} a token, {Show.Bytes(sequences.TokenBytes * sequences.MaxTokens)} for all {Show.Count(sequences.MaxTokens)}{(sequences.SourceBytes > 0 ? $", and {Show.Bytes(sequences.SourceBytes)} a token of the source" : "")}"));
        lines.Add(("Parameters", Show.Count(facts.Parameters)));
        lines.Add(("Weights", directory.NoWeights is { } why ? "not here: " + why : $"{string.Join(", ", directory.WeightFiles)} ({Show.Bytes(directory.WeightFileBytes)}; {about.DataTypes}); {Show.Bytes(facts.WeightBytes)} in memory as float32"));
        lines.Add(("Workspace", $"{Workspace(128)}{Show.Bytes(facts.WorkspaceBytes(most))} for {Show.Count(most)} tokens, a caller"));
        lines.Add(("Class has", string.Join("; ", Members(spec))));
        if (about.Labels.Count > 0)
            lines.Add(("Labels", string.Join(", ", about.Labels.Take(12)) + (about.Labels.Count > 12 ? $" … ({about.Labels.Count})" : "")));
        lines.Add(("Unused tensors", about.Unused.Count == 0 ? "none" : $"{about.Unused.Count}: {string.Join(", ", about.Unused.Take(8))}{(about.Unused.Count > 8 ? " …" : "")}"));
        if (ChatTemplateFacts.Read(directory) is { } chat)
        {
            lines.Add(("Chat template", $"{string.Join(", ", chat.Names)}; reads {(chat.Variables.Count == 0 ? "nothing" : string.Join(", ", chat.Variables))}"));
            lines.AddRange(chat.Problems.Select(problem => ("", problem)));
        }

        lines.AddRange(notes.Select(note => ("Unknown keys", Without(note.Message, directory.Name))));
        console.Facts(lines);

        string Workspace(int tokens) => most > tokens ? $"{Show.Bytes(facts.WorkspaceBytes(tokens))} for {tokens} tokens, " : "";
    }

    private static object Report(ModelDirectory directory, ModelFacts facts, IReadOnlyList<Finding> notes)
    {
        var spec = facts.Spec;
        var (about, stack) = (spec.About, spec.Stack);
        var (tokens, image) = (spec.Input as TokenInputSpec, spec.Input as ImageInputSpec);
        return new
        {
            folder = directory.Name,
            supported = true,
            modelType = about.ModelType,
            architecture = about.Architecture,
            layers = stack.Layers,
            hiddenSize = stack.Attention.DModel,
            heads = stack.Attention.Heads,
            kvHeads = stack.Attention.KvHeads,
            headDim = stack.Attention.HeadDim,
            feedForwardSize = stack.FeedForward.Tensors.In.Outputs,
            activation = stack.FeedForward.Activation,
            normFirst = stack.Branches.Any(branch => branch.Before is not null),
            normEpsilon = stack.Norms.Last().Norm.Epsilon,
            positions = Positions(spec),
            vocabularySize = tokens?.Vocabulary,
            tokenTypes = tokens is null ? null : (int?)(tokens.Types?.Count ?? 0),
            padTokenId = tokens is null ? null : (int?)about.PadTokenId,
            image = image is null ? null : new { channels = image.Channels, height = image.Height, width = image.Width },
            audio = spec.Input is AudioInputSpec audio ? new { bins = audio.Bins, frames = audio.Frames } : null,
            causal = stack.Attention.Score.Causal,
            decoder = spec.Decoder is not { } second ? null : new
            {
                layers = second.Stack.Layers,
                heads = second.Stack.Attention.Heads,
                headDim = second.Stack.Attention.HeadDim,
                vocabularySize = second.Input.Vocabulary,
                maxTokens = second.MaxTokens,
                startTokenId = second.StartId >= 0 ? (int?)second.StartId : null,
            },
            sequenceTokenBytes = facts.Sequences?.TokenBytes,
            sequenceSourceTokenBytes = facts.Sequences is { SourceBytes: > 0 } of ? (long?)of.SourceBytes : null,
            maxTokens = facts.MaxTokens,
            recommendedTokens = about.RecommendedTokens > 0 ? about.RecommendedTokens : facts.MaxTokens,
            parameters = facts.Parameters,
            weightFiles = directory.WeightFiles,
            weightFileBytes = directory.WeightFileBytes,
            dataTypes = about.DataTypes,
            noWeights = directory.NoWeights,
            weightBytes = facts.WeightBytes,
            workspaceBytes128 = facts.WorkspaceBytes(Math.Min(128, facts.MaxTokens)),
            workspaceBytesMax = facts.WorkspaceBytes(facts.MaxTokens),
            pooling = spec.Embed?.Modes.Items,
            normalized = spec.Embed?.Normalize,
            embeddingSize = spec.Embed is { } embed ? (int?)embed.Size(stack.Attention.DModel) : null,
            pooledSize = spec.Pooler?.Size,
            logitsSize = spec.Head?.Size,
            logitsPerToken = spec.Head is { } head ? (bool?)(head.From == StatesRead.EveryToken) : null,
            task = about.Task,
            problemType = about.ProblemType,
            labels = about.Labels.Items,
            unusedTensors = about.Unused.Items,
            chatTemplate = ChatTemplateFacts.Read(directory),
            findings = Array.Empty<Finding>(),
            notes,
        };
    }

    private static IEnumerable<string> Members(TransformerSpec spec)
    {
        var d = spec.Stack.Attention.DModel;
        yield return $"Forward → [T, {d}]";
        if (spec.Embed is { } embed)
            yield return $"Embed → [{embed.Size(d)}] ({(embed.Projection is null ? string.Join(" and ", embed.Modes) : "the model's projection")}{(embed.Normalize ? ", length 1" : "")})";
        if (spec.Pooler is { } pooler)
            yield return $"Pool → [{pooler.Size}]";
        if (spec.Decoder is { } decoder)
            yield return $"Encode → a sequence{(decoder.Head.Size > 0 ? $" with logits [{decoder.Head.Size}]" : "")}";
        else if (spec.Stack.Attention.Score.Causal && spec.About.Task is "LanguageModel")
            yield return "CreateSequence";
        if (spec.Head is { } head)
            yield return $"Logits → [{(head.From == StatesRead.EveryToken ? "T, " : "")}{head.Size}] ({spec.About.Task}{(spec.About.ProblemType.Length > 0 ? ", " + spec.About.ProblemType : "")})";
    }

    private static string Positions(TransformerSpec spec)
    {
        List<string> parts = [];
        if (spec.Input is TokenInputSpec { Positions: { } table })
            parts.Add($"learned, {table.Rows} rows{(table.FirstRow > 0 ? $" from row {table.FirstRow}" : "")}");
        if (spec.Input is ImageInputSpec or AudioInputSpec)
            parts.Add("learned");
        if (spec.Stack.Attention.Score.Position != PositionKind.None)
            parts.Add($"rotary, θ = {(spec.Stack.Varies.Count > 0 ? string.Join(" or ", spec.Stack.Varies.Select(layer => layer.Theta).Distinct().Select(Number)) : Number(spec.Stack.Attention.Score.RopeTheta))}");
        if (spec.Stack.RelativeBias is { } bias)
            parts.Add($"relative bias, {bias.Buckets} buckets to distance {bias.MaxDistance}");
        if (spec.Stack.Varies.Any(layer => layer.Window > 0))
            parts.Add($"{spec.Stack.Varies.Count(layer => layer.Window > 0)} layers see {Window(spec.Stack)}");
        if (spec.Stack.Attention.Score.Causal)
            parts.Add("a token sees those before it");
        return parts.Count == 0 ? "none" : string.Join("; ", parts);
    }

    private static string Window(StackSpec stack)
    {
        var window = stack.Varies.First(layer => layer.Window > 0).Window;
        return stack.Attention.Score.Causal ? $"the last {window} tokens" : $"a window of {window - 1} on each side";
    }

    private static string Number(double value) => value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>"norm before", "norm before and after".</summary>
    private static string NormPlaces(StackSpec stack) => "norm " + string.Join(" and ", new[]
    {
        stack.Branches.Any(branch => branch.Before is not null) ? "before" : "",
        stack.Branches.Any(branch => branch.Inside is not null) || stack.Stages.Any(stage => stage.After is not null) ? "after" : "",
    }.Where(place => place.Length > 0));
}
