using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints the user's class: constants, Load, sessions, Forward, Dispose. Everything is named with global::, because the user's namespace may hold anything.</summary>
internal static class ShellEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    public static void Write(SourceWriter w, ModelPlan plan, string header)
    {
        Inside(w, plan.Type, () => Class(w, plan, header));
    }

    /// <summary>Prints what stands around the class: its namespace and the types that contain it.</summary>
    public static void Inside(SourceWriter w, TypeSpec type, Action content)
    {
        var opened = new Stack<SourceWriter.Block>();
        if (type.Namespace.Length > 0)
            opened.Push(w.Open("namespace " + type.Namespace));
        foreach (var container in type.Containers)
            opened.Push(w.Open($"partial {container.Keyword} {container.Name}{container.TypeParameters}"));
        content();
        while (opened.Count > 0)
            opened.Pop().Dispose();
    }

    private static void Class(SourceWriter w, ModelPlan plan, string header)
    {
        w.Line($"/// <summary>{Text.OneLine(plan.Summary).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")}.</summary>");
        bool softmax = plan.Form == CallForm.Softmax;
        string bases = softmax ? "" : " : " + (plan.Model is null ? "global::System.IDisposable" : ModelShellEmitter.Bases(plan));
        w.Line(Emitter.GeneratedCode);
        using (w.Open($"partial {plan.Type.Self.Keyword} {plan.Type.Self.Name}{bases}"))
        {
            foreach (var c in plan.Constants)
            {
                w.Line($"/// <summary>{c.Summary}</summary>");
                w.Line($"public const int {c.Name} = {c.Value};");
                w.Line();
            }

            w.Line("/// <summary>What was asked and what was decided: sizes, tiles, buffers, bytes and steps.</summary>");
            w.Line("public const string GeneratedPlan =");
            w.Raw(header);
            w.Line();
            if (softmax)
                Softmax(w, plan);
            else if (plan.Model is not null)
                ModelShellEmitter.Write(w, plan);
            else
                Model(w, plan);
        }
    }

    private static bool HasWeights(ModelPlan plan) => plan.Parameters > 0;

    // ---- a model with weights and sessions ----

    private static void Model(SourceWriter w, ModelPlan plan)
    {
        string name = plan.Type.Reference;
        SessionEmitter.Facts(w, plan);
        if (HasWeights(plan))
        {
            w.Line($"private {Ctor(plan)}({Rt}AlignedBlock weights) => _weights = weights;");
            w.Line();
            LoadMethods(w, plan, name);
        }
        else
        {
            w.Line("/// <summary>Attention without projections has no weights.</summary>");
            using (w.Open($"public {Ctor(plan)}()"))
            {
                w.Line($"_weights = {Rt}AlignedBlock.Allocate({Math.Max(16, plan.WeightFloats)});");
                Tables(w, plan, "_weights");
            }

            w.Line();
        }

        SessionEmitter.Create(w, plan);
        foreach (var call in Signatures.Calls(plan.Form))
        {
            Summary(w, plan, call, "Borrows a session from the model's pool: no allocation once there is one for each thread.");
            SessionEmitter.Borrowed(w, call, "_sessions.TryRent() ?? CreateSession()");
        }

        SessionEmitter.Dispose(w);
        SessionEmitter.Session(w, plan, () =>
        {
            foreach (var call in Signatures.Calls(plan.Form))
            {
                w.Line();
                Summary(w, plan, call, "Allocates nothing.");
                w.Line("/// <exception cref=\"global::System.InvalidOperationException\">Another thread is inside this session.</exception>");
                using (w.Open($"public void {call.Declaration}"))
                    Body(w, plan, call);
            }
        });
    }

    private static string Ctor(ModelPlan plan) => plan.Type.Self.Name;

    private static void Summary(SourceWriter w, ModelPlan plan, Signature call, string remark)
    {
        bool cross = call.Has("query");
        w.Line($"/// <summary>{(cross ? "Attention of queries to other keys and values" : plan.Form == CallForm.Rows ? "y = f(x), row by row" : "One sequence through")}. {remark}</summary>");
        if (cross)
        {
            w.Line($"/// <param name=\"query\">[T, {plan.InputWidth}], row-major.</param>");
            w.Line($"/// <param name=\"key\">[S, {plan.KeyWidth}].</param>");
            w.Line($"/// <param name=\"value\">[S, {plan.ValueWidth}].</param>");
        }
        else
        {
            w.Line($"/// <param name=\"x\">[T, {plan.InputWidth}], row-major{(plan.MaxTokens > 0 ? "; T from 0 to MaxTokens" : "")}.</param>");
        }

        w.Line($"/// <param name=\"y\">[T, {plan.OutputWidth}].</param>");
        if (plan.Attention is not null)
        {
            w.Line("/// <param name=\"mask\">What may be attended to; the default hides nothing.</param>");
            w.Line("/// <param name=\"trace\">Where to put attention weights and hidden states; the default keeps none.</param>");
        }

        w.Line("/// <exception cref=\"global::System.ArgumentException\">A length does not fit the shape; the message names value, limit and fix.</exception>");
        w.Line("/// <exception cref=\"global::System.ObjectDisposedException\">The model or session has been disposed.</exception>");
    }

    private static void Body(SourceWriter w, ModelPlan plan, Signature call)
    {
        bool cross = call.Has("query");
        string x = cross ? "query" : "x";
        string cap = plan.MaxTokens > 0 ? "MaxTokens" : "int.MaxValue";
        w.Line($"int rows = {Rt}Check.Rows({x}.Length, {plan.InputWidth}, {cap}, \"{x}\");");
        if (cross)
        {
            w.Line($"int keys = {Rt}Check.Rows(key.Length, {plan.KeyWidth}, {cap}, \"key\");");
            w.Line($"{Rt}Check.Length(value.Length, (long)keys * {plan.ValueWidth}, \"value\", \"[S, {plan.ValueWidth}]\");");
        }
        else if (plan.Attention is not null)
        {
            w.Line("int keys = rows;");
        }

        w.Line($"{Rt}Check.Length(y.Length, (long)rows * {plan.OutputWidth}, \"y\", \"[T, {plan.OutputWidth}]\");");
        if (plan.Attention is { } attention)
        {
            w.Line($"{Rt}Check.Mask(mask, rows, keys, {attention.Heads}, {(plan.QueryPositions is { } positions ? $"{(positions.Lowest == int.MinValue ? "int.MinValue" : Text.Of(positions.Lowest))}, {positions.End}" : "int.MinValue, long.MaxValue")});");
            string layers = plan.Form == CallForm.SelfAttention && plan.Layers > 1 ? $"{plan.Layers}L * " : "";
            w.Line($"{Rt}Check.OptionalLength(trace.AttentionWeights.Length, {layers}{attention.Heads}L * rows * {(attention.Extra == 0 ? "keys" : $"(keys + {attention.Extra})")}, \"trace.AttentionWeights\", \"[{(layers.Length > 0 ? "L, " : "")}H, T, S{(attention.Extra > 0 ? " + " + attention.Extra : "")}]\");");
            if (plan.Form != CallForm.SelfAttention)
                w.Line("if (!trace.HiddenStates.IsEmpty)");
            w.Line(plan.Form == CallForm.SelfAttention
                ? $"{Rt}Check.OptionalLength(trace.HiddenStates.Length, {plan.Layers + 1}L * rows * {plan.OutputWidth}, \"trace.HiddenStates\", \"[L + 1, T, {plan.OutputWidth}]\");"
                : $"    {Rt}Calls.NoHiddenStates();");
            w.Line($"{Rt}Check.Trace(trace, mask, y);");
            foreach (string input in cross ? ["query", "key", "value"] : new[] { "x" })
                w.Line($"{Rt}Check.TraceInput(trace, {input}, \"{input}\");");
        }

        if (plan.Overlap != OverlapRule.Any)
            w.Line($"{Rt}Check.{(plan.Overlap == OverlapRule.Apart ? "NoOverlap" : "NoPartialOverlap")}(x, y);");
        SessionEmitter.Held(w, plan, "rows == 0", () =>
        {
            string r(string span) => $"ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference({span})";
            string inputs = plan.Form switch
            {
                CallForm.Attention or CallForm.DotProduct when cross => $"{r("query")}, {r("key")}, {r("value")}",
                CallForm.Attention => $"{r("x")}, {r("x")}, {r("x")}",
                _ => r("x"),
            };
            string mask = plan.Attention is null ? "" : ", keys, mask, trace";
            if (plan.MaxTokens == 0)
            {
                w.Line("// Rows are independent: long inputs go through in blocks that fit the arena.");
                w.Line("for (int done = 0; done < rows; done += _capacity)");
                w.Line("{");
                string xs = $"x.Slice(done * {plan.InputWidth})", ys = $"y.Slice(done * {plan.OutputWidth})";
                SessionEmitter.Dispatch(w, "Forward", $"ref _weights.At(0), ref _arena.At(0), _capacity, {r(xs)}, {r(ys)}, global::System.Math.Min(_capacity, rows - done)");
                w.Line("}");
            }
            else
            {
                SessionEmitter.Dispatch(w, "Forward", $"ref _weights.At(0), ref _arena.At(0), _capacity, {inputs}, {r("y")}, rows{mask}");
            }
        });
    }

    // ---- loading ----

    private static void LoadMethods(SourceWriter w, ModelPlan plan, string name)
    {
        void Docs(string first)
        {
            w.Line($"/// <summary>{first}</summary>");
            w.Line("/// <param name=\"prefix\">Put before every tensor name, such as \"encoder.\".</param>");
            w.Line("/// <param name=\"rename\">From the name asked for (prefix included) to the name in the file; null: the same.</param>");
            w.Line("/// <exception cref=\"global::AttnGen.WeightException\">The file is malformed, or a tensor is missing or has another shape; the message names file, tensor, found and expected.</exception>");
        }

        Docs("Loads the weights from a safetensors file and packs them.");
        w.Line("/// <exception cref=\"global::System.IO.FileNotFoundException\">There is no such file.</exception>");
        using (w.Open($"public static {name} {Signatures.Load[0].Declaration}"))
        {
            w.Line("using global::AttnGen.SafetensorsFile file = global::AttnGen.SafetensorsFile.Open(path);");
            w.Line("return Load((global::AttnGen.ITensorSource)file, prefix, rename);");
        }

        w.Line();
        Docs("Loads the weights from a safetensors stream, such as an embedded resource.");
        using (w.Open($"public static {name} {Signatures.Load[1].Declaration}"))
        {
            w.Line("using global::AttnGen.SafetensorsFile file = global::AttnGen.SafetensorsFile.Open(stream);");
            w.Line("return Load((global::AttnGen.ITensorSource)file, prefix, rename);");
        }

        w.Line();
        Docs("Loads the weights from anything that holds named tensors.");
        using (w.Open($"public static {name} {Signatures.Load[2].Declaration}"))
        {
            w.Line($"{Rt}WeightLoader loader = new {Rt}WeightLoader(source, prefix, rename, {Text.Literal(plan.Type.DisplayName)});");
            w.Line($"{Rt}AlignedBlock weights = {Rt}AlignedBlock.Allocate({plan.WeightFloats});");
            using (w.Open("try"))
            {
                foreach (var weight in plan.Weights.Items.Where(x => !x.IsNumbered))
                    Read(w, weight, Text.Of(weight.PerLayer ? plan.SharedFloats + weight.Offset : weight.Offset));
                Tables(w, plan, "weights");
                if (plan.Weights.Items.Any(x => x.IsNumbered))
                {
                    using (w.Open($"for (int layer = 0; layer < {plan.Layers}; layer++)"))
                    {
                        w.Line($"long at = {plan.SharedFloats} + layer * {plan.LayerFloats}L;");
                        foreach (var weight in plan.Weights.Items.Where(x => x.IsNumbered))
                            Read(w, weight, weight.Offset == 0 ? "at" : $"at + {weight.Offset}");
                    }
                }

                w.Line($"return new {name}(weights);");
            }

            using (w.Open("catch"))
            {
                w.Line("weights.Dispose();");
                w.Line("throw;");
            }
        }

        w.Line();
    }

    private static void Read(SourceWriter w, WeightPlan weight, string offset)
    {
        for (int i = 0; i < weight.Choices.Count; i++)
        {
            var choice = weight.Choices[i];
            string tensor = Name(choice);
            // The first name is asked for last of all, so that it is the one an error names.
            string condition = weight.Choices.Count == 1 ? "" : i == weight.Choices.Count - 1 ? "else " : (i == 0 ? "if " : "else if ") + (i == 0
                ? $"(loader.Has({tensor}) || !({string.Join(" || ", weight.Choices.Skip(1).Select(other => $"loader.Has({Name(other)})"))})) "
                : $"(loader.Has({tensor})) ");
            string part = weight.TakesPartOf(choice) ? $", {choice.FirstRow}, {choice.TensorRows}" : "";
            w.Line(condition + weight.Form switch
            {
                WeightForm.Panels => $"loader.Panels(weights, {offset}, 0, {tensor}, {weight.Rows}, {weight.Columns}{part});",
                WeightForm.Vector => $"loader.Vector(weights, {offset}, {tensor}, {weight.Columns}{part});",
                _ => $"loader.Rows(weights, {offset}, {tensor}, {weight.Rows}, {weight.Columns}, {weight.Stride});",
            });
        }

        string Name(TensorPart tensor) => weight.IsNumbered ? "$" + Text.Literal(tensor.Name.Replace("{0}", "{layer}")) : Text.Literal(tensor.Name);
    }

    internal static void Tables(SourceWriter w, ModelPlan plan, string block)
    {
        foreach (var weight in plan.Weights)
        {
            if (weight.Form == WeightForm.Rotary)
            {
                var score = plan.Attention!.Score;
                w.Line($"{Rt}PositionTables.Rotary({block}, {weight.Offset}, {weight.Rows}, {score.RotaryDim}, {weight.Stride}, {Text.Of(weight.Theta)}, {(score.Position == PositionKind.RotaryInterleaved ? "true" : "false")});");
            }
            else if (weight.Form == WeightForm.Relative)
            {
                var bias = plan.Model!.Spec.Stack.RelativeBias!;
                w.Line($"{Rt}PositionTables.Relative({block}, {weight.Offset}, source, {Text.Literal(bias.Name)}, {weight.Rows}, {bias.Buckets}, {bias.MaxDistance}, {plan.MaxTokens}, {weight.Stride});");
            }
            else if (weight.Form == WeightForm.Sinusoid)
            {
                w.Line($"{Rt}PositionTables.Sinusoidal({block}, {weight.Offset}, {weight.Rows}, {weight.Columns}, {weight.Stride});");
            }
        }
    }

    // ---- softmax ----

    private static void Softmax(SourceWriter w, ModelPlan plan)
    {
        int dim = plan.InputWidth;
        w.Line($"/// <summary>y = softmax(x) of each row of {dim}. Allocates nothing. A row of −∞ gives zeros.</summary>");
        w.Line($"/// <param name=\"x\">[rows, {dim}], row-major.</param>");
        w.Line($"/// <param name=\"y\">[rows, {dim}]; may be x itself.</param>");
        w.Line("/// <exception cref=\"global::System.ArgumentException\">A length does not fit the shape.</exception>");
        using (w.Open($"public static void {Signatures.Calls(plan.Form)[0].Declaration}"))
        {
            w.Line($"int rows = {Rt}Check.Rows(x.Length, {dim}, int.MaxValue, \"x\");");
            w.Line($"{Rt}Check.Length(y.Length, (long)rows * {dim}, \"y\", \"[rows, {dim}]\");");
            w.Line($"{Rt}Check.NoPartialOverlap(x, y);");
            w.Line("x.CopyTo(y);");
            string r = "ref global::System.Runtime.InteropServices.MemoryMarshal.GetReference(y)";
            SessionEmitter.Dispatch(w, "Forward", $"{r}, rows");
        }
    }
}
