using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the user's class of a whole model: what it says of itself, Load, sessions, and a method for each of its outputs.</summary>
internal static class ModelShellEmitter
{
    private const string Root = "global::AttnGen.";
    private const string Rt = "global::AttnGen.Runtime.";

    /// <summary>A public method: hidden states, or something that is made of them.</summary>
    /// <param name="Signature">Its name and parameters: the input, the result, the rest.</param>
    /// <param name="Width">Numbers of the result, of each token if PerToken.</param>
    /// <param name="PerToken">Whether each token has one.</param>
    /// <param name="Summary">Its documentation.</param>
    private sealed record Method(Signature Signature, int Width, bool PerToken, string Summary)
    {
        public string Name => Signature.Name;

        /// <summary>The parameter that takes the result.</summary>
        public string Result => Signature.Parameters[1].Name;

        public bool IsTraced => Signature.Has("trace");
    }

    /// <summary>The class's interfaces.</summary>
    public static string Bases(ModelPlan plan) => Bases(plan.Type.Self.Name, Methods(plan).Select(method => method.Signature));

    /// <summary>The interfaces of a class with these methods.</summary>
    public static string Bases(string name, IEnumerable<Signature> calls) =>
        string.Join(", ", calls.Select(call => Root + call.Interface).Prepend($"{Root}ITransformerModel<{name}>"));

    public static void Write(SourceWriter w, ModelPlan plan)
    {
        var methods = Methods(plan);
        SessionEmitter.Facts(w, plan);
        Describe(w, plan);
        w.Line($"private {plan.Type.Self.Name}({Rt}AlignedBlock weights) => _weights = weights;");
        w.Line();
        Load(w, plan);
        bool text = plan.Form == CallForm.Tokens;
        SessionEmitter.Create(w, plan);
        foreach (var method in methods)
        {
            Documentation(w, plan, method, "Borrows a session from the model's pool: no allocation once there is one for each thread that is large enough.");
            SessionEmitter.Borrowed(w, method.Signature, $"Rent({(text ? "tokenIds.Length" : "")})");
        }

        if (text)
        {
            w.Line("// Pooled sessions start small and grow with the calls; more tokens than MaxTokens are refused by the call itself.");
            using (w.Open("private Session Rent(int tokens)"))
            {
                w.Line("var session = _sessions.TryRent();");
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
            foreach (var method in methods)
            {
                w.Line();
                Documentation(w, plan, method, "Allocates nothing.");
                w.Line("/// <exception cref=\"global::System.InvalidOperationException\">Another thread is inside this session.</exception>");
                using (w.Open($"public void {method.Signature.Declaration}"))
                    Body(w, plan, method);
            }
        });
    }

    private static List<Method> Methods(ModelPlan plan)
    {
        var spec = plan.Model!.Spec;
        string subject = plan.Form == CallForm.Tokens ? "One sequence" : "One image";
        var methods = new List<Method>();
        foreach (var call in Signatures.Calls(plan.Form))
        {
            if (call.Name == "Forward")
                methods.Add(new(call, plan.OutputWidth, true, $"{subject} through the encoder."));
            else if (call.Name == "Embed" && spec.Embed is { } embed)
                methods.Add(new(call, plan.OutputWidth * embed.Modes.Count, false, $"{subject} to one vector: {string.Join(" and ", embed.Modes)}{(embed.Normalize ? ", scaled to length 1" : "")}."));
            else if (plan.Model.Outputs.FirstOrDefault(output => output.Name == call.Name) is { } output)
                methods.Add(new(call, output.Width, output.PerToken, call.Name == "Pool" ? $"{subject} to the pooler's output." : $"{subject} to logits ({spec.About.Task})."));
        }

        return methods;
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
            w.Line($"Layers = {plan.Layers},");
            w.Line($"HiddenSize = {plan.OutputWidth},");
            w.Line($"Heads = {plan.Attention!.Heads},");
            w.Line($"MaxTokens = {plan.MaxTokens},");
            w.Line("ParameterCount = ParameterCount,");
            w.Line("WeightBytes = WeightBytes,");
            w.Line("Plan = GeneratedPlan,");
            if (spec.Input is TokenInputSpec tokens)
            {
                w.Line($"VocabularySize = {tokens.Vocabulary},");
                w.Line($"TokenTypes = {tokens.Types?.Count ?? 0},");
                w.Line($"PairsHaveTokenTypes = {(about.PairsHaveTokenTypes ? "true" : "false")},");
                w.Line($"PadTokenId = {Text.Of(about.PadTokenId)},");
                w.Line($"RecommendedTokens = {about.RecommendedTokens},");
            }
            else if (spec.Input is ImageInputSpec image)
            {
                w.Line($"ImageChannels = {image.Channels},");
                w.Line($"ImageHeight = {image.Height},");
                w.Line($"ImageWidth = {image.Width},");
            }

            if (spec.Embed is { } embed)
            {
                w.Line($"EmbeddingSize = {plan.OutputWidth * embed.Modes.Count},");
                w.Line($"EmbeddingsAreNormalized = {(embed.Normalize ? "true" : "false")},");
            }

            if (spec.Pooler is { } pooler)
                w.Line($"PooledSize = {pooler.Size},");
            if (spec.Head is { } head)
            {
                w.Line($"LogitsSize = {head.Size},");
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
        string name = plan.Type.Self.Name;
        var about = plan.Model!.Spec.About;
        string folder = Text.Literal(about.Folder);
        w.Line("/// <summary>Opens the folder's weights, which are mapped into memory, and packs them.</summary>");
        w.Line("/// <param name=\"folder\">The model's folder; null: the weights that are embedded in the assembly, or where <see cref=\"global::AttnGen.ModelFolder.Find\"/> finds the folder.</param>");
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
            w.Line($"using var files = global::AttnGen.SafetensorsShards.Open(folder ?? global::AttnGen.ModelFolder.Find({folder}), {string.Join(", ", about.Files.Select(Text.Literal))});");
            w.Line("return Load(files, options);");
        }

        w.Line();
        w.Line("/// <summary>Loads the weights from a safetensors stream, such as an embedded resource.</summary>");
        w.Line("/// <param name=\"stream\">The stream; it stays open.</param>");
        w.Line("/// <param name=\"options\">Threads, progress and cancellation.</param>");
        w.Line("/// <exception cref=\"global::AttnGen.WeightException\">The weights are malformed, or not those that the class was compiled for.</exception>");
        using (w.Open($"public static {name} {Signatures.LoadModel[1].Declaration}"))
        {
            w.Line("using var file = global::AttnGen.SafetensorsFile.Open(stream);");
            w.Line("return Load(file, options);");
        }

        w.Line();
        w.Line("/// <summary>Loads the weights from anything that holds named tensors.</summary>");
        w.Line("/// <param name=\"source\">The tensors, under the names of the folder's file.</param>");
        w.Line("/// <param name=\"options\">Threads, progress and cancellation.</param>");
        w.Line("/// <exception cref=\"global::AttnGen.WeightException\">A tensor is missing or has another shape, or the file has changed since the class was compiled.</exception>");
        using (w.Open($"public static {name} {Signatures.LoadModel[2].Declaration}"))
        {
            w.Line($"var weights = {Rt}ModelWeights.Load(source, {Text.Literal(plan.Type.DisplayName)}, {Text.Literal(about.ManifestHash)}, s_tensors, {plan.WeightFloats}, {plan.SharedFloats}, {plan.LayerFloats}, {plan.StoredLayers}, options);");
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

    private static void Documentation(SourceWriter w, ModelPlan plan, Method method, string remark)
    {
        w.Line($"/// <summary>{method.Summary} {remark}</summary>");
        if (plan.Form == CallForm.Tokens)
            w.Line("/// <param name=\"tokenIds\">[T] ids from 0 to VocabularySize − 1, special tokens included; T from 1 to MaxTokens.</param>");
        else
            w.Line("/// <param name=\"pixels\">[ImageChannels, ImageHeight, ImageWidth], scaled and normalised as the model's preprocessor says.</param>");
        w.Line($"/// <param name=\"{method.Result}\">[{(method.PerToken ? "T, " : "")}{method.Width}]{(method.Name == "Forward" ? ", row-major" : "")}.</param>");
        if (plan.Form == CallForm.Tokens)
        {
            w.Line("/// <param name=\"tokenTypes\">[T] the segment of each token; empty: all 0.</param>");
            w.Line($"/// <param name=\"mask\">{(method.Name == "Embed" ? "Which tokens are real (key length or key flags); the others are not pooled either" : "What may be attended to")}; the default hides nothing.</param>");
        }

        if (method.IsTraced)
            w.Line("/// <param name=\"trace\">Where to put attention weights [L, H, T, T] and hidden states [L + 1, T, D]; the default keeps none.</param>");
        w.Line("/// <exception cref=\"global::System.ArgumentException\">A length, id or segment does not fit; the message names value, limit and fix.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model or session has been disposed.</exception>");
    }

    private static void Body(SourceWriter w, ModelPlan plan, Method method)
    {
        var spec = plan.Model!.Spec;
        bool text = plan.Form == CallForm.Tokens, forward = method.Name == "Forward";
        int heads = plan.Attention!.Heads;
        if (spec.Input is TokenInputSpec tokens)
        {
            w.Line($"{Rt}Check.Tokens(tokenIds, tokenTypes, MaxTokens, {tokens.Vocabulary}, {tokens.Types?.Count ?? 0});");
            w.Line("int rows = tokenIds.Length;");
            w.Line($"{Rt}Check.ModelMask(mask, rows, {heads}, {(method.Name == "Embed" ? "true" : "false")});");
        }
        else if (spec.Input is ImageInputSpec image)
        {
            w.Line($"{Rt}Check.Length(pixels.Length, {(long)image.Channels * image.Height * image.Width}, nameof(pixels), \"[{image.Channels}, {image.Height}, {image.Width}]\");");
            w.Line($"const int rows = {plan.MaxTokens};");
            w.Line($"{Root}AttentionMask mask = default;");
        }

        w.Line($"{Rt}Check.Length({method.Result}.Length, {(method.PerToken ? $"(long)rows * {method.Width}" : method.Width)}, nameof({method.Result}), \"[{(method.PerToken ? "T, " : "")}{method.Width}]\");");
        if (forward)
        {
            w.Line($"{Rt}Check.OptionalLength(trace.AttentionWeights.Length, {plan.Layers}L * {heads} * rows * rows, \"trace.AttentionWeights\", \"[L, H, T, T]\");");
            w.Line($"{Rt}Check.OptionalLength(trace.HiddenStates.Length, {plan.Layers + 1}L * rows * {plan.OutputWidth}, \"trace.HiddenStates\", \"[L + 1, T, {plan.OutputWidth}]\");");
        }
        else
        {
            w.Line($"{Root}ForwardTrace trace = default;");
        }

        SessionEmitter.Held(w, plan, null, () =>
        {
            string input = text ? "tokenIds, tokenTypes" : "ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(pixels)";
            SessionEmitter.Dispatch(w, "Forward", $"ref _weights.At(0), ref _arena.At(0), _capacity, {input}, rows, rows, mask, trace");
            var hidden = plan.Buffers.Items.First(buffer => buffer.Name == "h");
            string h = hidden.TokenOffset == 0 && hidden.FixedOffset == 0 ? "ref _arena.At(0)" : $"ref _arena.At(_capacity * {hidden.TokenOffset}L + {hidden.FixedOffset})";
            if (forward)
            {
                w.Line($"{Rt}Pools.Copy({h}, {hidden.PerToken}, {plan.OutputWidth}, rows, {method.Result});");
            }
            else if (method.Name == "Embed")
            {
                var modes = spec.Embed!.Modes;
                for (int i = 0; i < modes.Count; i++)
                    w.Line($"{Rt}Pools.{modes[i]}({h}, {hidden.PerToken}, {plan.OutputWidth}, rows, mask, {method.Result}{(modes.Count == 1 ? "" : $".Slice({i * plan.OutputWidth}, {plan.OutputWidth})")});");
                if (spec.Embed.Normalize)
                    w.Line($"{Rt}Pools.Normalize({method.Result});");
            }
            else
            {
                SessionEmitter.Dispatch(w, method.Name, $"ref _weights.At(0), ref _arena.At(0), _capacity, ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference({method.Result}), rows, mask");
            }
        });
    }

}
