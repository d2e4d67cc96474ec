namespace AttnGen.Generator.Planning;

internal static partial class Planner
{
    // The public methods: what a caller gives, what is checked, and what is done then.
    private sealed partial class Builder
    {
        private static readonly Parameter s_noMask = new("global::AttnGen.AttentionMask", "mask", "default");
        private static readonly Parameter s_noTrace = new("global::AttnGen.ForwardTrace", "trace", "default");
        private static readonly ParameterDoc s_maskDoc = new("mask", "What may be attended to; the default hides nothing.");

        private static readonly Parameter s_tokenIds = new("global::System.ReadOnlySpan<int>", "tokenIds");

        private static EquatableArray<T> List<T>(params T?[] items)
            where T : class, IEquatable<T> => items.Where(item => item is not null).Select(item => item!).ToEquatable();

        /// <summary>y = f(x), row by row.</summary>
        private static MethodPlan RowsMethod(int inputs, int outputs, OverlapRule overlap, bool inBlocks = false, bool isSoftmax = false)
        {
            var checks = List<Check>(
                new RowsCheck("x", inputs, "rows"), new LengthCheck("y", "rows", outputs, isSoftmax ? $"[rows, {outputs}]" : $"[T, {outputs}]"),
                overlap == OverlapRule.Any ? null : new OverlapCheck(overlap));
            return isSoftmax
                ? new(Signatures.Rows, $"y = softmax(x) of each row of {inputs}. Allocates nothing. A row of −∞ gives zeros.",
                    List(new ParameterDoc("x", $"[rows, {inputs}], row-major."), new ParameterDoc("y", $"[rows, {outputs}]; may be x itself.")),
                    checks, List<Act>(new CopyInAct("x", "y"), new RunAct("Forward", List("y", "rows"))), MayBeEmpty: false)
                : new(Signatures.Rows, "y = f(x), row by row.", List(RowsDoc("x", inputs), new ParameterDoc("y", $"[T, {outputs}].")), checks,
                    List<Act>(inBlocks ? new RunBlocksAct("Forward", inputs, outputs) : new RunAct("Forward", List("x", "y", "rows"))), MayBeEmpty: true);
        }

        private static ParameterDoc RowsDoc(string name, int width) => new(name, $"[T, {width}], row-major.");

        /// <summary>One sequence to as many rows: queries, keys and values are its own.</summary>
        private static MethodPlan SelfMethod(AttentionSpec s, int inputs, int outputs, int layers, int? hidden)
        {
            var forward = hidden is null ? List("x", "x", "x", "y", "rows", "rows", "mask", "trace") : List("x", "y", "rows", "rows", "mask", "trace");
            return new(
                Signatures.Self, "One sequence through.", List(RowsDoc("x", inputs), new ParameterDoc("y", $"[T, {outputs}]."), s_maskDoc, TraceDoc(hidden is not null)),
                List<Check>(
                    new RowsCheck("x", inputs, "rows"), new LengthCheck("y", "rows", outputs, $"[T, {outputs}]"), new MaskCheck(s.Heads, "rows", QueryPositions(s)),
                    new TraceCheck(layers, layers > 1, s.Heads, Appended(s), "rows", hidden, HasMask: true, "y", List("x"))),
                List<Act>(new RunAct("Forward", forward)), MayBeEmpty: true);
        }

        /// <summary>Queries to other keys and values.</summary>
        private static MethodPlan CrossMethod(AttentionSpec s, int outputs) => new(
            Signatures.Cross, "Attention of queries to other keys and values.",
            List(RowsDoc("query", s.DModel), new ParameterDoc("key", $"[S, {s.KeyDim}]."), new ParameterDoc("value", $"[S, {s.ValueDim}]."), new ParameterDoc("y", $"[T, {outputs}]."), s_maskDoc, TraceDoc(false)),
            List<Check>(
                new RowsCheck("query", s.DModel, "rows"), new RowsCheck("key", s.KeyDim, "keys"), new LengthCheck("value", "keys", s.ValueDim, $"[S, {s.ValueDim}]"),
                new LengthCheck("y", "rows", outputs, $"[T, {outputs}]"), new MaskCheck(s.Heads, "keys", QueryPositions(s)),
                new TraceCheck(0, false, s.Heads, Appended(s), "keys", null, HasMask: true, "y", List("query", "key", "value"))),
            List<Act>(new RunAct("Forward", List("query", "key", "value", "y", "rows", "keys", "mask", "trace"))), MayBeEmpty: true);

        /// <summary>A source to the encoder's hidden states.</summary>
        private static MethodPlan SourceMethod(TranslationSpec s, Operand h)
        {
            var a = s.Layer.Attention;
            return new(
                Signatures.SourceStates, "One source through the encoder.",
                List(
                    new ParameterDoc("tokenIds", "[S'] ids from 0 to VocabularySize − 1; S' from 1 to MaxTokens."), new ParameterDoc("hiddenStates", $"[S', {a.DModel}], row-major."), s_maskDoc,
                    new ParameterDoc("trace", "Where to put attention weights [L, H, S', S'] and hidden states [L + 1, S', D]; the default keeps none.")),
                List<Check>(
                    new TokensCheck(s.Vocabulary, 0) { HasTypes = false }, new ModelMaskCheck(a.Heads, KeysOnly: false), new LengthCheck("hiddenStates", "rows", a.DModel, $"[S', {a.DModel}]"),
                    new TraceCheck(s.EncoderLayers, true, a.Heads, 0, "rows", a.DModel, HasMask: true, "hiddenStates", List("tokenIds"))),
                List<Act>(new RunAct("Forward", List("tokenIds", "rows", "rows", "mask", "trace")), new HandOutAct(h, a.DModel, "hiddenStates")), MayBeEmpty: false);
        }

        /// <summary>A whole text to the logits of every token.</summary>
        private MethodPlan LanguageMethod(LanguageSpec s)
        {
            var a = s.Layer.Attention;
            return new(
                Signatures.TextLogits, "One text, from its first token on, to the logits after each token.",
                List(
                    new ParameterDoc("tokenIds", "[T] ids from 0 to VocabularySize − 1; T from 1 to MaxTokens."), new ParameterDoc("logits", $"[T, {s.Vocabulary}], row-major."),
                    new ParameterDoc("trace", "Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D]; the default keeps none.")),
                List<Check>(
                    new TokensCheck(s.Vocabulary, 0) { HasTypes = false }, new LengthCheck("logits", "rows", s.Vocabulary, $"[T, {s.Vocabulary}]"),
                    new TraceCheck(s.Layers, true, a.Heads, 0, "rows", a.DModel, HasMask: false, "logits", List("tokenIds"))),
                List<Act>(new OwnCacheAct(_cache!), new RunAct("Forward", List("tokenIds", "sequences", "rows", "rows", "mask", "trace")), new RunAct("ComputeLogits", List("logits", "rows", "mask"))), MayBeEmpty: false)
            {
                Defaults = List(s_noMask),
            };
        }

        private static ParameterDoc TraceDoc(bool hasStates) =>
            new("trace", $"Where to put attention weights{(hasStates ? " and hidden states" : "")}; the default keeps none.");

        private static int Appended(AttentionSpec s) => (s.BiasKv ? 1 : 0) + (s.ZeroAttn ? 1 : 0);

        /// <summary>
        /// Where queries may be among the keys: from Lowest to below End. Scores that count positions know so many to either side (rotary tables, ALiBi's float32); from
        /// further below, causal attention or a window sees nothing, wherever it is. Null: anywhere.
        /// </summary>
        private static PositionRange? QueryPositions(AttentionSpec s)
        {
            var score = s.Score;
            if (score.Position == PositionKind.None)
                return null;
            int end = score.Position == PositionKind.Alibi ? Limits.AlibiPositions : s.MaxTokens;
            return score.Causal || (score.Window > 0 && score.Window <= end)
                ? new(int.MinValue, end)
                : new(1 - end, end, score.Window > 0 ? -score.Window : null);
        }

        // ---- whole models ----

        /// <summary>The methods of a whole model and the programs that they run: hidden states, and what is made of the last of them.</summary>
        private (List<ProgramPlan> Programs, List<MethodPlan> Methods) Methods(TransformerSpec s, Operand h, ProgramPlan forward)
        {
            int d = s.Stack.Attention.DModel;
            bool isText = s.Input is TokenInputSpec;
            var sound = s.Input as AudioInputSpec;
            var calls = isText ? Signatures.Tokens : sound is not null ? Signatures.Sound : Signatures.Image;
            string subject = isText ? "One sequence" : sound is not null ? "One sound" : "One image", given = sound is not null ? "inputFeatures" : "pixels";
            List<ProgramPlan> programs = [forward];
            bool keeps = s.Stack.KeepsKeys;
            List<MethodPlan> methods = [Method(ResultKind.HiddenStates, d, isPerToken: true, keeps ? "through the layers, from its first token on." : "through the encoder.", new HandOutAct(h, d, "hiddenStates"))];
            if (s.Embed is { } embed)
            {
                int size = embed.Size(d), width = d * embed.Modes.Count;
                Constant("EmbeddingSize", size, "Length of Embed's vector.");
                string scaled = embed.Normalize ? ", scaled to length 1" : "";
                Act[] scales = embed.Normalize ? [new NormalizeAct("vector")] : [];
                if (embed.Projection is { } projection)
                {
                    AddOutput(ResultKind.Vector, "vector", projection, $"to one vector, the model's own projection{scaled}.", scales);
                }
                else
                {
                    string maps = string.Concat(embed.Dense.Select(stage => $", then {stage.Map!.Inputs} to {stage.Map.Outputs} numbers{And(stage.Activation)}"));
                    List<Act> acts = [];
                    string to = "vector";
                    if (embed.Dense.Count > 0)
                    {
                        var room = Buffer("pooled", $"[1, {width}] the pooled vector", 0, Up(width, 16)) with { Stride = Up(width, 16) };
                        acts.Add(new RoomAct(room, width, to = room.Name));
                        programs.Add(Output("Embed", "dense", new OutputSpec(StatesRead.FirstToken, embed.Dense, size), $"the pooled vector [1, {width}]", width, room));
                    }

                    acts.AddRange(embed.Modes.Select((mode, i) => new PoolAct(h, mode, d, i * d, embed.Modes.Count == 1, to)));
                    if (embed.Dense.Count > 0)
                        acts.Add(new RunAct("Embed", List("vector", "rows", "mask")));
                    acts.AddRange(scales);
                    methods.Add(Method(ResultKind.Vector, size, isPerToken: false, $"to one vector: {string.Join(" and ", embed.Modes)}{maps}{scaled}.", [.. acts]));
                }
            }

            if (s.Pooler is { } pooler)
            {
                Constant("PooledSize", pooler.Size, "Length of the pooler's output.");
                AddOutput(ResultKind.Pooled, "pooler", pooler, "to the pooler's output.");
            }

            if (s.Head is { } head)
            {
                Constant("LogitsSize", head.Size, "Number of logits.");
                AddOutput(ResultKind.Logits, "head", head, $"to logits ({s.About.Task}).");
            }

            return (programs, methods);

            void AddOutput(ResultKind kind, string prefix, OutputSpec output, string summary, params Act[] after)
            {
                bool isPerToken = output.From == StatesRead.EveryToken;
                var signature = calls.First(call => call.Kind == kind);
                programs.Add(Output(signature.Name, prefix, output, $"the hidden states [T, {d}] that Forward left in the arena", d, h));
                var run = new RunAct(signature.Name, List(signature.Result, output.From == StatesRead.EndToken ? "tokenIds" : null, "rows", "mask"));
                methods.Add(Method(kind, output.Size, isPerToken, summary, [run, .. after]));
            }

            MethodPlan Method(ResultKind kind, int width, bool isPerToken, string summary, params Act[] acts)
            {
                var signature = calls.First(call => call.Kind == kind);
                string result = signature.Result, shape = $"[{(isPerToken ? "T, " : "")}{width}]";
                bool isTraced = signature.Has("trace");
                bool isPooled = acts.Any(act => act is PoolAct);
                var output = new ParameterDoc(result, $"{shape}{(isPerToken ? ", row-major" : "")}.");
                var trace = isTraced ? new ParameterDoc("trace", "Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D]; the default keeps none.") : null;
                var docs = isText
                    ? List(
                        new ParameterDoc("tokenIds", "[T] ids from 0 to VocabularySize − 1, special tokens included; T from 1 to MaxTokens."), output,
                        new ParameterDoc("tokenTypes", "[T] the segment of each token; empty: all 0."),
                        isPooled ? new ParameterDoc("mask", "Which tokens are real (key length or key flags); the others are not pooled either; the default hides nothing.") : s_maskDoc, trace)
                    : sound is not null ? List(new ParameterDoc(given, "[AudioBins, AudioFrames], the logarithms of a mel spectrogram as the model's preprocessor makes it."), output, trace)
                    : List(new ParameterDoc("pixels", "[ImageChannels, ImageHeight, ImageWidth], scaled and normalised as the model's preprocessor says."), output, trace);
                Check input = s.Input is TokenInputSpec tokens
                    ? new TokensCheck(tokens.Vocabulary, tokens.Types?.Count ?? 0)
                    : sound is not null ? new SoundCheck(sound.Bins, sound.Frames, s.MaxTokens)
                    : s.Input is ImageInputSpec image ? new PixelsCheck(image.Channels, image.Height, image.Width, s.MaxTokens) : throw new NotSupportedException();
                return new(
                    signature, $"{subject} {summary}", docs,
                    List(
                        input, isText ? new ModelMaskCheck(s.Stack.Attention.Heads, isPooled) : null, new LengthCheck(result, isPerToken ? "rows" : null, width, shape),
                        isTraced ? new TraceCheck(_layers, true, s.Stack.Attention.Heads, 0, "rows", d, isText, result, isText ? List("tokenIds", "tokenTypes") : List(given)) : null),
                    List<Act>([
                        keeps ? new OwnCacheAct(_cache!) : null,
                        new RunAct("Forward", keeps ? List("tokenIds", "sequences", "rows", "rows", "mask", "trace") : isText ? List("tokenIds", "tokenTypes", "rows", "rows", "mask", "trace") : List(given, "rows", "rows", "mask", "trace")),
                        .. acts]), MayBeEmpty: false)
                {
                    Defaults = List(isText ? null : s_noMask, isTraced ? null : s_noTrace),
                };
            }
        }

        /// <summary>The program from the last hidden states, or from the pooled vector, to a result.</summary>
        private ProgramPlan Output(string name, string prefix, OutputSpec s, string source, int width, Operand h)
        {
            bool isPerToken = s.From == StatesRead.EveryToken;
            string count = isPerToken ? "T" : "1";
            _body.Clear();
            var at = h;
            if (s.From == StatesRead.Mean)
            {
                at = Buffer(prefix + "Mean", "[1, D]", 0, h.Stride) with { Stride = h.Stride };
                Add(new PoolStep("The mean of the tokens", "Mean", h, at, width));
            }
            else if (s.From == StatesRead.LastToken)
            {
                at = Buffer(prefix + "Last", "[1, D]", 0, h.Stride) with { Stride = h.Stride };
                Add(new PoolStep("The last token", "LastToken", h, at, width));
            }
            else if (s.From == StatesRead.EndToken)
            {
                at = Buffer(prefix + "End", "[1, D]", 0, h.Stride) with { Stride = h.Stride };
                Add(new EndRowStep("The token that ends the text", h, at, width, s.EndId));
            }

            for (int i = 0; i < s.Stages.Count; i++)
            {
                var stage = s.Stages[i];
                string part = prefix + Text.Of(i + 1);
                if (stage.Norm is { } norm)
                {
                    Add(Norm("Norm", at, at, part + "Norm", norm, count));
                }
                else if (i == s.Stages.Count - 1)
                {
                    Last(part, stage.Map!, stage.Activation, at, average: false);
                }
                else
                {
                    var to = Room(part, stage.Map!.Outputs, Up(stage.Map.Outputs, 16), "");
                    Add(Project($"Linear map{And(stage.Activation)}", at, Capital(part), stage.Map, to, count, stage.Activation));
                    at = to;
                }
            }

            // Without a last map, the state is the result.
            if (s.Stages.Count == 0 || s.Stages[s.Stages.Count - 1].Map is null)
                Add(new CopyStep("To the caller", at, new Operand("y", s.Size), s.Size, count));
            if (s.Second is { } second)
                Last(prefix + "Second", second, "None", h with { First = 1 }, average: true);
            Flush();
            return new ProgramPlan(
                name, $"y[{(isPerToken ? "T, " : "")}{s.Size}] of {source}", List(new("ref float", "y"), s.From == StatesRead.EndToken ? s_tokenIds : null, s_tokens, s_mask), _body.ToEquatable());

            void Last(string part, LinearTensors map, string activation, Operand from, bool average)
            {
                int block = Math.Min(Blocking.OutputColumns, Up(map.Outputs, 16));
                var rows = Room(part + "Rows", block, block, " a block of columns");
                Add(new OutputStep($"Last linear map{And(activation)}{(average ? " of the second learned token" : "")}", Project("", from, Capital(part), map, rows, count, activation), block, average) { Scale = s.Scale, Softcap = s.Softcap });
            }

            Operand Room(string room, int columns, int stride, string purpose) =>
                Buffer(room, $"[{count}, {columns}]{purpose}", isPerToken ? stride : 0, isPerToken ? 0 : stride) with { Stride = stride };
        }

        // ---- what a whole model says of itself ----

        private static WholeModelPlan About(TransformerSpec s)
        {
            var about = s.About;
            var facts = new List<FactPlan>
            {
                new("Folder", Text.Literal(about.Folder)), new("ModelType", Text.Literal(about.ModelType)), new("Architecture", Text.Literal(about.Architecture)),
                new("Layers", "Layers"), new("HiddenSize", "DModel"), new("Heads", "Heads"), new("MaxTokens", "MaxTokens"),
                new("ParameterCount", "ParameterCount"), new("WeightBytes", "WeightBytes"), new("Plan", "GeneratedPlan"),
            };
            if (s.Input is TokenInputSpec tokens)
            {
                facts.AddRange([
                    new("VocabularySize", "VocabularySize"), new("TokenTypes", Text.Of(tokens.Types?.Count ?? 0)), new("PairsHaveTokenTypes", Flag(about.PairsHaveTokenTypes)),
                    new("PadTokenId", Text.Of(about.PadTokenId)), new("RecommendedTokens", Text.Of(about.RecommendedTokens)), new("ModulesHash", Text.Literal(about.ModulesHash)),
                ]);
            }
            else if (s.Input is AudioInputSpec)
            {
                facts.AddRange([new("AudioBins", "AudioBins"), new("AudioFrames", "AudioFrames"), new("VocabularySize", "VocabularySize")]);
            }
            else
            {
                facts.AddRange([new("ImageChannels", "ImageChannels"), new("ImageHeight", "ImageHeight"), new("ImageWidth", "ImageWidth")]);
            }

            if (s.Decoder is { } decoder)
            {
                facts.AddRange([
                    new("DecoderLayers", "DecoderLayers"), new("DecoderHeads", Text.Of(decoder.Stack.Attention.Heads)), new("DecoderMaxTokens", "DecoderMaxTokens"), new("DecoderStartTokenId", Text.Of(decoder.StartId)),
                    new("LogitsSize", "LogitsSize"), new("LogitsPerToken", "true"), new("Task", Text.Literal(about.Task)),
                ]);
            }

            if (s.Embed is { } embed)
                facts.AddRange([new("EmbeddingSize", "EmbeddingSize"), new("EmbeddingsAreNormalized", Flag(embed.Normalize))]);
            if (s.Pooler is not null)
                facts.Add(new("PooledSize", "PooledSize"));
            if (s.Head is { } head)
            {
                facts.AddRange([
                    new("LogitsSize", "LogitsSize"), new("LogitsPerToken", Flag(head.From == StatesRead.EveryToken)),
                    new("Task", Text.Literal(about.Task)), new("ProblemType", Text.Literal(about.ProblemType)),
                ]);
                if (about.Labels.Count > 0)
                    facts.Add(new("Labels", $"new string[] {{ {string.Join(", ", about.Labels.Select(Text.Literal))} }}"));
            }

            var read = new List<string>
            {
                $"config.json: model_type {about.ModelType}{(about.Architecture.Length > 0 ? $", {about.Architecture}" : "")}",
                $"Weights: {string.Join(", ", about.Files)}{(about.DataTypes.Length > 0 ? $" ({about.DataTypes})" : "")}; {(about.ManifestHash.Length > 0 ? $"names, types and shapes have the hash {about.ManifestHash}" : "not seen, so names and shapes are checked when they are loaded")}",
            };
            if (about.Unused.Count > 0)
                read.Add($"Not used: {string.Join(", ", about.Unused.Take(12))}{(about.Unused.Count > 12 ? $" and {about.Unused.Count - 12} more" : "")}");
            if (s.Embed is { } vector)
                read.Add($"Embed: {string.Join(" and ", vector.Modes)}{string.Concat(vector.Dense.Select(stage => $", then {stage.Map!.Inputs} to {stage.Map.Outputs} numbers ({stage.Map.Weight[0].Name}{And(stage.Activation)})"))}{(vector.Normalize ? ", scaled to length 1" : "")}");
            if (s.Head is not null)
                read.Add($"Logits: {about.Task}{(about.Labels.Count > 0 ? $" ({string.Join(", ", about.Labels.Take(12))}{(about.Labels.Count > 12 ? ", …" : "")})" : "")}");
            return new(new(about.Folder, about.Files, about.ManifestHash), facts.ToEquatable(), read.ToEquatable());

            static string Flag(bool value) => value ? "true" : "false";
        }
    }
}
