using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the user's class of a whole model: what it says of itself, Load, sessions, and a method for each of its outputs.</summary>
internal static class ModelShellEmitter
{
    private const string Root = "global::AttnGen.";
    private const string Rt = "global::AttnGen.Runtime.";

    /// <summary>The class's interfaces.</summary>
    public static string Bases(ModelPlan plan) => Bases(plan.Type.Reference, plan.Model!.Methods.Select(method => method.Signature));

    /// <summary>The interfaces of a class with these methods.</summary>
    public static string Bases(string name, IEnumerable<Signature> calls) =>
        string.Join(", ", calls.Select(call => Root + call.Interface).Prepend($"{Root}ITransformerModel<{name}>"));

    public static void Write(SourceWriter w, ModelPlan plan)
    {
        SessionEmitter.Facts(w, plan);
        Describe(w, plan);
        w.Line($"private {plan.Type.Self.Name}({Rt}AlignedBlock weights) => _weights = weights;");
        w.Line();
        Load(w, plan);
        bool text = plan.Form == CallForm.Tokens;
        SessionEmitter.Create(w, plan);
        foreach (var method in plan.Model!.Methods)
        {
            Documentation(w, plan, method, "Borrows a session from the model's pool: no allocation once there is one for each thread that is large enough.");
            SessionEmitter.Borrowed(w, method.Signature, $"Rent({(text ? "tokenIds.Length" : "")})");
        }

        if (text)
        {
            w.Line("// Pooled sessions start small and grow with the calls; more tokens than MaxTokens are refused by the call itself.");
            using (w.Open("private Session Rent(int tokens)"))
            {
                w.Line("Session? session = _sessions.TryRent();");
                w.Line("if (session is not null && session.MaxTokens >= global::System.Math.Min(tokens, MaxTokens))");
                w.Line("    return session;");
                w.Line("session?.Dispose();");
                w.Line($"return CreateSession({Rt}Calls.SessionTokens(tokens, MaxTokens));");
            }
        }
        else
        {
            w.Line("private Session Rent() => _sessions.TryRent() ?? CreateSession();");
        }

        w.Line();
        SessionEmitter.Dispose(w);
        SessionEmitter.Session(w, plan, () =>
        {
            foreach (var method in plan.Model!.Methods)
            {
                w.Line();
                Documentation(w, plan, method, "Allocates nothing.");
                w.Line("/// <exception cref=\"global::System.InvalidOperationException\">Another thread is inside this session.</exception>");
                using (w.Open($"public void {method.Signature.Declaration}"))
                    Body(w, plan, method);
            }
        });
    }

    // ---- what the class says of itself ----

    private static void Describe(SourceWriter w, ModelPlan plan)
    {
        var spec = plan.Model!.Spec;
        var about = spec.About;
        w.Line("/// <summary>What the compiler knew of the model.</summary>");
        w.Line($"public {Root}ModelInfo Info => Description;");
        w.Line();
        w.Line("/// <summary>What the compiler knew of the model, without one.</summary>");
        using (w.Open($"public static {Root}ModelInfo Description {{ get; }} = new {Root}ModelInfo", "};"))
        {
            w.Line($"Folder = {Text.Literal(about.Folder)},");
            w.Line($"ModelType = {Text.Literal(about.ModelType)},");
            w.Line($"Architecture = {Text.Literal(about.Architecture)},");
            w.Line("Layers = Layers,");
            w.Line("HiddenSize = DModel,");
            w.Line("Heads = Heads,");
            w.Line("MaxTokens = MaxTokens,");
            w.Line("ParameterCount = ParameterCount,");
            w.Line("WeightBytes = WeightBytes,");
            w.Line("Plan = GeneratedPlan,");
            if (spec.Input is TokenInputSpec tokens)
            {
                w.Line("VocabularySize = VocabularySize,");
                w.Line($"TokenTypes = {tokens.Types?.Count ?? 0},");
                w.Line($"PairsHaveTokenTypes = {(about.PairsHaveTokenTypes ? "true" : "false")},");
                w.Line($"PadTokenId = {Text.Of(about.PadTokenId)},");
                w.Line($"RecommendedTokens = {about.RecommendedTokens},");
                w.Line($"ModulesHash = {Text.Literal(about.ModulesHash)},");
            }
            else
            {
                w.Line("ImageChannels = ImageChannels,");
                w.Line("ImageHeight = ImageHeight,");
                w.Line("ImageWidth = ImageWidth,");
            }

            if (spec.Embed is { } embed)
            {
                w.Line("EmbeddingSize = EmbeddingSize,");
                w.Line($"EmbeddingsAreNormalized = {(embed.Normalize ? "true" : "false")},");
            }

            if (spec.Pooler is not null)
                w.Line("PooledSize = PooledSize,");
            if (spec.Head is { } head)
            {
                w.Line("LogitsSize = LogitsSize,");
                w.Line($"LogitsPerToken = {(head.From == StatesRead.EveryToken ? "true" : "false")},");
                w.Line($"Task = {Text.Literal(about.Task)},");
                w.Line($"ProblemType = {Text.Literal(about.ProblemType)},");
                if (about.Labels.Count > 0)
                    w.Line($"Labels = new string[] {{ {string.Join(", ", about.Labels.Select(Text.Literal))} }},");
            }
        }

        w.Line();
    }

    // ---- loading ----

    private static void Load(SourceWriter w, ModelPlan plan)
    {
        string name = plan.Type.Reference;
        var about = plan.Model!.Spec.About;
        string folder = Text.Literal(about.Folder);
        w.Line("/// <summary>Opens the folder's weights, which are mapped into memory, and packs them.</summary>");
        w.Line("/// <param name=\"folder\">The model's folder; null: the weights that are embedded in the assembly, or where <see cref=\"global::AttnGen.ModelFolder.Find(string, global::System.Reflection.Assembly)\"/> finds the folder.</param>");
        w.Line("/// <param name=\"options\">Threads, progress and cancellation; null: one thread, no reports.</param>");
        w.Line("/// <exception cref=\"global::AttnGen.WeightException\">The weights are malformed, or not those that the class was compiled for.</exception>");
        w.Line("/// <exception cref=\"global::System.IO.IOException\">There is no such folder or file; the message says where it was looked for.</exception>");
        using (w.Open($"public static {name} {Signatures.LoadModel[0].Declaration}"))
        {
            w.Line($"if (folder is null && {Rt}EmbeddedModel.Open(typeof({name}).Assembly, {folder}) is {{ }} embedded)");
            w.Line("{");
            w.Line("    using (embedded)");
            w.Line("        return Load(embedded, options);");
            w.Line("}");
            w.Line();
            w.Line($"using global::AttnGen.SafetensorsShards files = global::AttnGen.SafetensorsShards.Open(folder ?? global::AttnGen.ModelFolder.Find({folder}, typeof({name}).Assembly), {string.Join(", ", about.Files.Select(Text.Literal))});");
            w.Line("return Load((global::AttnGen.ITensorSource)files, options);");
        }

        w.Line();
        w.Line("/// <summary>Loads the weights from a safetensors stream, such as an embedded resource.</summary>");
        w.Line("/// <param name=\"stream\">The stream; it stays open.</param>");
        w.Line("/// <param name=\"options\">Threads, progress and cancellation.</param>");
        w.Line("/// <exception cref=\"global::AttnGen.WeightException\">The weights are malformed, or not those that the class was compiled for.</exception>");
        using (w.Open($"public static {name} {Signatures.LoadModel[1].Declaration}"))
        {
            w.Line("using global::AttnGen.SafetensorsFile file = global::AttnGen.SafetensorsFile.Open(stream);");
            w.Line("return Load((global::AttnGen.ITensorSource)file, options);");
        }

        w.Line();
        w.Line("/// <summary>Loads the weights from anything that holds named tensors.</summary>");
        w.Line("/// <param name=\"source\">The tensors, under the names of the folder's file.</param>");
        w.Line("/// <param name=\"options\">Threads, progress and cancellation.</param>");
        w.Line("/// <exception cref=\"global::AttnGen.WeightException\">A tensor is missing or has another shape, or the file has changed since the class was compiled.</exception>");
        using (w.Open($"public static {name} {Signatures.LoadModel[2].Declaration}"))
        {
            w.Line($"{Rt}AlignedBlock weights = {Rt}ModelWeights.Load(source, {Text.Literal(plan.Type.DisplayName)}, {Text.Literal(about.ManifestHash)}, s_tensors, {plan.WeightFloats}, {plan.SharedFloats}, {plan.LayerFloats}, {plan.StoredLayers}, options);");
            using (w.Open("try"))
            {
                ShellEmitter.Tables(w, plan, "weights");
                w.Line($"return new {name}(weights);");
            }

            using (w.Open("catch"))
            {
                w.Line("weights.Dispose();");
                w.Line("throw;");
            }
        }

        w.Line();
        w.Line("// The file's tensors and their places: name, layout, offset, rows, columns, stride, first row, the tensor's rows, first layer (−1: of no layer).");
        using (w.Open($"private static readonly {Rt}ModelTensor[] s_tensors =", "};"))
        {
            foreach (var weight in plan.Weights)
            {
                if (!weight.IsTensor || weight.Form == WeightForm.Relative)
                    continue;
                var choice = weight.Choices[0];
                string layout = weight.Form switch { WeightForm.Panels => "Panels", WeightForm.Vector => "Vector", _ => "Rows" };
                w.Line($"new({Text.Literal(choice.Name)}, {Rt}TensorLayout.{layout}, {weight.Offset}L, {weight.Rows}, {weight.Columns}, {weight.Stride}, {choice.FirstRow}, {choice.TensorRows}, {(weight.PerLayer ? Text.Of(weight.FirstLayer) : "-1")}),");
            }
        }

        w.Line();
    }

    // ---- methods ----

    private static void Documentation(SourceWriter w, ModelPlan plan, MethodPlan method, string remark)
    {
        w.Line($"/// <summary>{method.Summary} {remark}</summary>");
        if (plan.Form == CallForm.Tokens)
            w.Line("/// <param name=\"tokenIds\">[T] ids from 0 to VocabularySize − 1, special tokens included; T from 1 to MaxTokens.</param>");
        else
            w.Line("/// <param name=\"pixels\">[ImageChannels, ImageHeight, ImageWidth], scaled and normalised as the model's preprocessor says.</param>");
        w.Line($"/// <param name=\"{method.Result}\">{method.Shape}{(method.PerToken ? ", row-major" : "")}.</param>");
        if (plan.Form == CallForm.Tokens)
        {
            w.Line("/// <param name=\"tokenTypes\">[T] the segment of each token; empty: all 0.</param>");
            w.Line($"/// <param name=\"mask\">{(method.Kind == ResultKind.Vector ? "Which tokens are real (key length or key flags); the others are not pooled either" : "What may be attended to")}; the default hides nothing.</param>");
        }

        if (method.IsTraced)
            w.Line("/// <param name=\"trace\">Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D]; the default keeps none.</param>");
        w.Line("/// <exception cref=\"global::System.ArgumentException\">A length, id or segment does not fit; the message names value, limit and fix.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model or session has been disposed.</exception>");
    }

    private static void Body(SourceWriter w, ModelPlan plan, MethodPlan method)
    {
        var spec = plan.Model!.Spec;
        bool text = plan.Form == CallForm.Tokens, forward = method.Kind == ResultKind.HiddenStates;
        int heads = plan.Attention!.Heads;
        if (spec.Input is TokenInputSpec tokens)
        {
            w.Line($"{Rt}Check.Tokens(tokenIds, tokenTypes, MaxTokens, {tokens.Vocabulary}, {tokens.Types?.Count ?? 0});");
            w.Line("int rows = tokenIds.Length;");
            w.Line($"{Rt}Check.ModelMask(mask, rows, {heads}, {(method.Kind == ResultKind.Vector ? "true" : "false")});");
        }
        else if (spec.Input is ImageInputSpec image)
        {
            w.Line($"{Rt}Check.Length(pixels.Length, {(long)image.Channels * image.Height * image.Width}, \"pixels\", \"[{image.Channels}, {image.Height}, {image.Width}]\");");
            w.Line($"const int rows = {plan.MaxTokens};");
            w.Line($"{Root}AttentionMask mask = default;");
        }

        w.Line($"{Rt}Check.Length({method.Result}.Length, {(method.PerToken ? $"(long)rows * {method.Width}" : method.Width)}, \"{method.Result}\", \"{method.Shape}\");");
        if (forward)
        {
            w.Line($"{Rt}Check.OptionalLength(trace.AttentionWeights.Length, {plan.Layers}L * {heads} * rows * rows, \"trace.AttentionWeights\", \"[L, H, T, T]\");");
            w.Line($"{Rt}Check.OptionalLength(trace.HiddenStates.Length, {plan.Layers + 1}L * rows * {plan.OutputWidth}, \"trace.HiddenStates\", \"[L + 1, T, {plan.OutputWidth}]\");");
            w.Line($"{Rt}Check.Trace(trace, mask, {method.Result}, \"{method.Result}\");");
            foreach (string input in text ? ["tokenIds", "tokenTypes"] : new[] { "pixels" })
                w.Line($"{Rt}Check.TraceInput(trace, {input}, \"{input}\");");
        }
        else
        {
            w.Line($"{Root}ForwardTrace trace = default;");
        }

        SessionEmitter.Held(w, plan, null, () =>
        {
            string input = text ? "tokenIds, tokenTypes" : "ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(pixels)";
            SessionEmitter.Dispatch(w, "Forward", $"ref _weights.At(0), ref _arena.At(0), _capacity, {input}, rows, rows, mask, trace");
            var states = plan.Hidden!.Buffer;
            string h = states.TokenOffset == 0 && states.FixedOffset == 0 ? "ref _arena.At(0)" : $"ref _arena.At(_capacity * {states.TokenOffset}L + {states.FixedOffset})";
            switch (method.Kind)
            {
                case ResultKind.HiddenStates:
                    w.Line($"{Rt}Pools.Copy({h}, {states.PerToken}, {plan.OutputWidth}, rows, {method.Result});");
                    break;
                case ResultKind.Vector:
                    foreach (var pool in method.Pools)
                        w.Line($"{Rt}Pools.{pool.Mode}({h}, {states.PerToken}, {plan.OutputWidth}, rows, mask, {method.Result}{(method.Pools.Count == 1 ? "" : $".Slice({pool.First}, {plan.OutputWidth})")});");
                    if (method.Normalize)
                        w.Line($"{Rt}Pools.Normalize({method.Result});");
                    break;
                default:
                    SessionEmitter.Dispatch(w, method.Name, $"ref _weights.At(0), ref _arena.At(0), _capacity, ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference({method.Result}), rows, mask");
                    break;
            }
        });
    }
}
