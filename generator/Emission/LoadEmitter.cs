using AttnGen.Generator.Emission.Writing;
using AttnGen.Generator.Planning;

namespace AttnGen.Generator.Emission;

/// <summary>Prints Load: from a file or folder, a stream and named tensors, and the table of weights that it goes by.</summary>
internal static class LoadEmitter
{
    private const string Rt = "global::AttnGen.Runtime.";

    public static void Write(SourceWriter w, ModelPlan plan)
    {
        string name = plan.Type.Reference;
        if (plan.Model is { } model)
        {
            Made(w, plan);
            Folder(w, name, model.Place);
            string names = OfModules(model.Place);
            Stream(w, name, Signatures.LoadModel[1], s_folderErrors, s_folderParameters, "options", names, model.Place.IsGguf);
            Tensors(w, name, Signatures.LoadModel[2], s_folderErrors, s_folderParameters, names,
                $"{Rt}ModelWeights.Load(source, {Text.Literal(plan.Type.DisplayName)}, {Text.Literal(model.Place.Hash)}, s_weights, {Sizes(plan)}, options)");
            Table(w, plan);
        }
        else if (plan.Weights.Parameters > 0)
        {
            Made(w, plan);
            File(w, name);
            Stream(w, name, Signatures.Load[1], s_shapeErrors, s_shapeParameters, "prefix, rename", "");
            Tensors(w, name, Signatures.Load[2], s_shapeErrors, s_shapeParameters, "",
                $"{Rt}ModelWeights.Load(source, prefix, rename, {Text.Literal(plan.Type.DisplayName)}, s_weights, {Sizes(plan)})");
            Table(w, plan);
        }
        else
        {
            bool computes = plan.Weights.Items.Any(weight => weight.IsFilled);
            w.Line("/// <summary>Attention without projections has no weights to load.</summary>");
            w.Line($"public {plan.Type.Self.Name}() => _weights = {Rt}ModelWeights.Compute({(computes ? "s_weights" : "default")}, {Math.Max(64, plan.Weights.Bytes)});");
            w.Line();
            if (computes)
                Table(w, plan);
        }
    }

    private static readonly string[] s_folderErrors =
    [
        "<exception cref=\"global::AttnGen.WeightException\">The weights are malformed, or not those that the class was compiled for.</exception>",
    ];

    private static readonly string[] s_folderParameters = ["<param name=\"options\">Threads, progress and cancellation; null: one thread, no reports.</param>"];

    private static readonly string[] s_shapeErrors =
    [
        "<exception cref=\"global::AttnGen.WeightException\">The file is malformed, or a tensor is missing or has another shape; the message names file, tensor, found and expected.</exception>",
    ];

    private static readonly string[] s_shapeParameters =
    [
        "<param name=\"prefix\">Put before every tensor name, such as \"encoder.\".</param>",
        "<param name=\"rename\">From the name asked for (prefix included) to the name in the file; null: the same.</param>",
    ];

    /// <summary>How tensors of modules, which have files of their own, are called where there is one source; "": there are none.</summary>
    private static string OfModules(FolderPlan place)
    {
        string[] folders = [.. place.Files.Where(file => file.Contains('/')).Select(file => file.Substring(0, file.LastIndexOf('/')))];
        return folders.Length == 0 ? "" : $" Tensors of modules are expected under the names of their folders, too: {string.Join(", ", folders.Select(folder => $"{Text.Xml(folder)}/linear.weight"))}.";
    }

    private static string Sizes(ModelPlan plan) => $"{plan.Weights.Bytes}L, {plan.Weights.SharedBytes}L, {plan.Weights.LayerBytes}L, {plan.Weights.StoredLayers}";

    private static void Made(SourceWriter w, ModelPlan plan)
    {
        w.Line($"private {plan.Type.Self.Name}({Rt}AlignedBlock weights) => {(plan.Sequences is null ? "_weights = weights" : "(_weights, _decoder) = (weights, new Decoder(weights))")};");
        w.Line();
    }

    private static void Docs(SourceWriter w, params IEnumerable<string>[] lines)
    {
        foreach (string line in lines.SelectMany(some => some))
            w.Line("/// " + line);
    }

    private static void Folder(SourceWriter w, string name, FolderPlan place)
    {
        string folder = Text.Literal(place.Folder);
        if (place.IsGguf)
        {
            Gguf(w, name, folder, Text.Literal(place.Files[0]));
            return;
        }

        Docs(w, [
            "<summary>Opens the folder's weights, which are mapped into memory, and packs them.</summary>",
            "<param name=\"folder\">The model's folder; null: the weights that are embedded in the assembly, or where <see cref=\"global::AttnGen.ModelFolder.Find(string, global::System.Reflection.Assembly)\"/> finds the folder.</param>",
        ], s_folderParameters, s_folderErrors, ["<exception cref=\"global::System.IO.IOException\">There is no such folder or file; the message says where it was looked for.</exception>"]);
        using (w.Open($"public static {name} {Signatures.LoadModel[0].Declaration}"))
        {
            string files = string.Join(", ", place.Files.Select(Text.Literal));
            bool isOneFile = !place.Files.Any(file => file.Contains('/')); // modules have files of their own
            w.Line($"if (folder is null && {Rt}EmbeddedModel.Open(typeof({name}).Assembly, {folder}{(isOneFile ? "" : $", new string[] {{ {files} }}")}) is {{ }} embedded)");
            w.Line("{");
            w.Line("    using (embedded)");
            w.Line($"        return Load({(isOneFile ? "" : "(global::AttnGen.ITensorSource)")}embedded, options);");
            w.Line("}");
            w.Line();
            w.Line($"using global::AttnGen.SafetensorsShards files = global::AttnGen.SafetensorsShards.Open(folder ?? global::AttnGen.ModelFolder.Find({folder}, typeof({name}).Assembly), new string[] {{ {files} }});");
            w.Line("return Load((global::AttnGen.ITensorSource)files, options);");
        }

        w.Line();
    }

    private static void Gguf(SourceWriter w, string name, string folder, string file)
    {
        Docs(w, [
            "<summary>Opens the GGUF file, widens the weights and packs them.</summary>",
            "<param name=\"folder\">The file, or a folder that holds it alone; null: the file that is embedded in the assembly, or where <see cref=\"global::AttnGen.ModelFolder.Find(string, global::System.Reflection.Assembly)\"/> finds it.</param>",
        ], s_folderParameters, s_folderErrors, ["<exception cref=\"global::System.IO.IOException\">There is no such file; the message says where it was looked for.</exception>"]);
        using (w.Open($"public static {name} {Signatures.LoadModel[0].Declaration}"))
        {
            w.Line($"if (folder is null && {Rt}EmbeddedModel.OpenGguf(typeof({name}).Assembly, {folder}, {file}) is {{ }} embedded)");
            w.Line("{");
            w.Line("    using (embedded)");
            w.Line("        return Load(embedded, options);");
            w.Line("}");
            w.Line();
            w.Line($"using global::AttnGen.GgufModel file = global::AttnGen.GgufModel.Open(folder ?? global::AttnGen.ModelFolder.Find({folder}, typeof({name}).Assembly));");
            w.Line("return Load((global::AttnGen.ITensorSource)file, options);");
        }

        w.Line();
    }

    private static void File(SourceWriter w, string name)
    {
        Docs(w, ["<summary>Loads the weights from a safetensors file and packs them.</summary>", "<param name=\"path\">The file.</param>"], s_shapeParameters, s_shapeErrors,
            ["<exception cref=\"global::System.IO.FileNotFoundException\">There is no such file.</exception>"]);
        using (w.Open($"public static {name} {Signatures.Load[0].Declaration}"))
        {
            w.Line("using global::AttnGen.SafetensorsFile file = global::AttnGen.SafetensorsFile.Open(path);");
            w.Line("return Load((global::AttnGen.ITensorSource)file, prefix, rename);");
        }

        w.Line();
    }

    private static void Stream(SourceWriter w, string name, Signature load, string[] errors, string[] parameters, string arguments, string names, bool isGguf = false)
    {
        Docs(w, [$"<summary>Loads the weights from a {(isGguf ? "GGUF" : "safetensors")} stream, such as an embedded resource." + names + "</summary>", "<param name=\"stream\">The stream; it stays open.</param>"], parameters, errors);
        using (w.Open($"public static {name} {load.Declaration}"))
        {
            string type = isGguf ? "global::AttnGen.GgufModel" : "global::AttnGen.SafetensorsFile";
            w.Line($"using {type} file = {type}.Open(stream);");
            w.Line($"return Load((global::AttnGen.ITensorSource)file, {arguments});");
        }

        w.Line();
    }

    private static void Tensors(SourceWriter w, string name, Signature load, string[] errors, string[] parameters, string names, string weights)
    {
        Docs(w, ["<summary>Loads the weights from anything that holds named tensors." + names + "</summary>", "<param name=\"source\">The tensors, by name.</param>"], parameters, errors);
        w.Line($"public static {name} {load.Declaration} =>");
        w.Line($"    new {name}({weights});");
        w.Line();
    }

    // ---- the table ----

    private static void Table(SourceWriter w, ModelPlan plan)
    {
        w.Line("// What goes where: tensors by name and by the byte at which they start, of a layer (from layer 0 or later on) or of none, and what is computed.");
        using (w.Open($"private static readonly {Rt}WeightEntry[] s_weights =", "};"))
        {
            foreach (var weight in plan.Weights.Items.Where(weight => weight.IsFilled))
            {
                var (first, bytes, layers) = plan.Weights.Of(weight.Stack);
                w.Line($"{Rt}WeightEntry.{Entry(weight)}{(weight.Stack == 0 ? "" : $".OfStack({first}L, {bytes}L, {layers})")},");
            }
        }

        w.Line();
    }

    private static string Entry(WeightPlan weight)
    {
        string layer = weight.PerLayer ? $", layer: {weight.FirstLayer}" : "", at = $"{weight.Offset}L";
        switch (weight.Origin)
        {
            case RotaryOrigin rotary:
                return $"Rotary({at}, {weight.Rows}, {rotary.Dim}, {weight.Stride}, {Text.Of(rotary.Theta)}, {(rotary.Interleaved ? "true" : "false")})";
            case SinusoidOrigin sinusoid:
                return $"Sinusoid({at}, {weight.Rows}, {weight.Columns}, {weight.Stride}{(sinusoid.InHalves ? ", inHalves: true" : "")})";
            case RelativeOrigin bias:
                return $"Relative({Text.Literal(bias.Name)}, {at}, {weight.Rows}, {(weight.Columns + 1) / 2}, {weight.Stride}, {bias.Buckets}, {bias.MaxDistance}{layer}{(bias.LooksBack ? ", looksBack: true" : "")})";
            case TensorOrigin tensor:
                var choices = tensor.Choices;
                string first = Text.Literal(choices[0].Name);
                string entry = weight.Layout switch
                {
                    WeightLayout.Panels => $"Panels({first}, {at}, {weight.Rows}, {weight.Columns}{Part(choices[0], weight.Rows)}{layer})",
                    WeightLayout.Vector => $"Vector({first}, {at}, {weight.Columns}{Part(choices[0], weight.Columns)}{layer})",
                    _ => $"Table({first}, {at}, {weight.Rows}, {weight.Columns}, {weight.Stride}{layer})",
                };
                int taken = weight.Layout == WeightLayout.Vector ? weight.Columns : weight.Rows;
                var one = choices[0];
                string how = (one.Group > 0 ? $".InGroups({one.Group}, {one.GroupStride})" : "") + (one.IsTurned ? ".Turned()" : "") + (tensor.Plus != 0 ? $".Plus({Text.Float(tensor.Plus)})" : "");
                return entry + how + string.Concat(choices.Skip(1).Select(other => $".Or({Text.Literal(other.Name)}{Part(other, taken)})"));
            default:
                throw new NotSupportedException(weight.Origin.GetType().Name);
        }

        static string Part(TensorPart part, int taken) => part.TensorRows == taken ? "" : $", {part.FirstRow}, {part.TensorRows}";
    }
}
