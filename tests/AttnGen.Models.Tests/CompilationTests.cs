using AttnGen.Testing;
using Microsoft.CodeAnalysis;

namespace AttnGen.Models.Tests;

/// <summary>What the generator makes of a folder: compiles without a warning, declares nothing unannounced, and re-runs no more than it must.</summary>
public sealed class CompilationTests
{
    public static TheoryData<int> Small => [.. Enumerable.Range(0, SmallModels.All.Count)];

    [Theory]
    [MemberData(nameof(Small))]
    public void Small_models_compile_and_run(int index)
    {
        var (config, manifest) = SmallModels.All[index];
        var assembly = GeneratorHost.Compile(HubModel.Source("model", SmallModels.Arguments(config)), new HostOptions { Models = Files("model", config, manifest) });
        var weights = new TensorDictionary();
        foreach (var (name, (shape, values)) in WeightFile.Random(manifest))
            weights.Add(name, shape, values);
        using var model = (ITransformerModel)assembly.GetType("Model")!.GetMethod("Load", [typeof(ITensorSource), typeof(ModelLoadOptions)])!.Invoke(null, [weights, null])!;
        var logits = new float[Math.Max(1, model.Info.LogitsSize) * (model.Info.LogitsPerToken ? 3 : 1)];
        if (model is ILogitsModel head)
            head.ComputeLogits([1, 2, 3], logits);
        else if (model is IImageClassifier image)
            image.ComputeLogits([.. Enumerable.Range(0, model.Info.ImageChannels * model.Info.ImageHeight * model.Info.ImageWidth).Select(i => i % 7 / 7f)], logits);
        else if (model is IImageEncoder encoder)
            encoder.Embed([.. Enumerable.Range(0, model.Info.ImageChannels * model.Info.ImageHeight * model.Info.ImageWidth).Select(i => i % 7 / 7f)], logits = new float[model.Info.EmbeddingSize]);
        else if (model is ISpeechToTextModel speech)
            speech.Encode([.. Enumerable.Range(0, model.Info.AudioBins * model.Info.AudioFrames).Select(i => i % 7 / 7f)]).Extend([1, 2, 3], logits);
        else if (model is IEncoderDecoderModel both)
            both.Encode([1, 2, 3, 4]).Extend([1, 2, 3], logits);
        else
            ((ITextModel)model).Forward([1, 2, 3], logits = new float[3 * model.Info.HiddenSize]);
        Assert.All(logits, value => Assert.True(float.IsFinite(value)));
        Assert.Contains(logits, value => value != 0);
    }

    /// <summary>An image's sequence has one length, so a session cannot be made for less: its arena would be overrun.</summary>
    [Fact]
    public void Sessions_of_images_have_one_size()
    {
        var (config, manifest) = SmallModels.All[2];
        var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = Files("model", config, manifest) }).EnsureClean();
        var create = (IMethodSymbol)Assert.Single(run.Output.GetTypeByMetadataName("Model")!.GetMembers("CreateSession"));
        Assert.Empty(create.Parameters);
    }

    /// <summary>Checked arithmetic, no nullable context, C# 13: a stranger's project.</summary>
    [Fact]
    public void Unusual_projects_compile()
    {
        var (config, manifest) = SmallModels.All[1];
        foreach (var options in new[] { new HostOptions { Checked = true }, new HostOptions { Nullable = NullableContextOptions.Disable } })
            GeneratorHost.Run(HubModel.Source("model"), options with { Models = Files("model", config, manifest) }).EnsureClean();
    }

    /// <summary>The diagnostic at the attribute is all that a wrong folder gives: code that uses the class in every way has no errors of its own.</summary>
    [Theory]
    [InlineData("ATTN0040", false)]
    [InlineData("ATTN0042", true)]
    public void A_refused_folder_gives_no_error_elsewhere(string id, bool known)
    {
        var (config, manifest) = SmallModels.All[1];
        var files = known ? Files("model", config.Replace("\"hidden_size\":", "\"hidden_size\":-", StringComparison.Ordinal).Replace("\"dim\":", "\"dim\":-", StringComparison.Ordinal), manifest) : [];
        var run = GeneratorHost.Run(
            """
            using AttnGen;
            [TransformerModel("model")] public sealed partial class Model;
            static class Use
            {
                public static T Text<T>() where T : class, ITransformerModel<T>, ITextModel => T.Load();
                public static T Image<T>() where T : class, ITransformerModel<T>, IImageModel => T.Load();
                public static void Calls(int[] ids, float[] y, System.IO.Stream stream, ITensorSource source)
                {
                    using var model = Model.Load("x", new ModelLoadOptions());
                    using ISentenceEncoder a = Text<Model>();
                    using IPooledModel b = Model.Load(stream);
                    using ILogitsModel c = Model.Load(source);
                    using IImageClassifier d = Image<Model>();
                    using IPooledImageModel e = model;
                    using var session = model.CreateSession(7);
                    session.Embed(ids, y, mask: default);
                    session.ComputeLogits(ids, y, tokenTypes: ids);
                    session.Pool(ids, y);
                    session.Forward(ids, y, trace: default);
                    model.Forward(ids, new float[Model.MaxTokens * Model.DModel + Model.EmbeddingSize + Model.LogitsSize + Model.WorkspaceBytes()]);
                    model.Forward(y, y);
                    System.Console.WriteLine(Model.GeneratedPlan + Model.Description.Layers + model.Info.Heads + Model.ParameterCount + Model.WeightBytes);
                }
            }
            """,
            new HostOptions { Models = files });
        Assert.Equal(id, Assert.Single(run.Diagnostics).Id);
        Assert.True(run.Problems.IsEmpty, GeneratorHost.Describe(run.Problems, run.Output));
        Assert.Single(run.StandIns);
        Assert.Empty(run.Generated);
    }

    /// <summary>What stands in for a refused class has the public members of each class that a folder can give.</summary>
    [Fact]
    public void What_stands_in_has_the_members_of_every_class()
    {
        var standIn = Members(GeneratorHost.Run(HubModel.Source("model")).Output.GetTypeByMetadataName("Model")!);
        foreach (var (config, manifest) in SmallModels.All)
        {
            var members = Members(GeneratorHost.Run(HubModel.Source("model", SmallModels.Arguments(config)), new HostOptions { Models = Files("model", config, manifest) }).EnsureClean().Output.GetTypeByMetadataName("Model")!);
            Assert.NotEmpty(members);
            Assert.Empty(members.Except(standIn));
        }

        static List<string> Members(INamedTypeSymbol type) =>
        [
            .. type.AllInterfaces.Select(one => one.ToDisplayString()),
            .. type.GetMembers()
                .Where(member => member.DeclaredAccessibility == Accessibility.Public && member is IMethodSymbol { MethodKind: MethodKind.Ordinary } or IPropertySymbol or IFieldSymbol { IsConst: true })
                .Select(member => member.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat.AddMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers))),
            .. type.GetTypeMembers().Where(nested => nested.DeclaredAccessibility == Accessibility.Public).SelectMany(Members),
        ];
    }

    /// <summary>A decoder's name over the weights of another model: the tensors that it lacks are named, and no other fault.</summary>
    [Fact]
    public void A_decoder_over_other_weights_lacks_its_tensors()
    {
        var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = Files("model", """{"model_type":"llama","hidden_size":16,"num_attention_heads":2,"num_hidden_layers":1,"intermediate_size":32,"vocab_size":20}""", SmallModels.All[1].Manifest) });
        Assert.NotEmpty(run.Diagnostics);
        Assert.All(run.Diagnostics, diagnostic => Assert.Equal("ATTN0044", diagnostic.Id));
    }

    /// <summary>The only attention norm that a ModernBERT of one layer could have is the one that the first layer has not.</summary>
    [Fact]
    public void A_modern_bert_of_one_layer_has_no_attention_norm()
    {
        var (config, manifest) = SmallModels.All[1];
        config = config.Replace("\"num_hidden_layers\":2", "\"num_hidden_layers\":1", StringComparison.Ordinal).Replace(",\"sliding_attention\"]", "]", StringComparison.Ordinal);
        var root = System.Text.Json.Nodes.JsonNode.Parse(manifest)!["model.safetensors"]!.AsObject();
        foreach (var name in root.Select(tensor => tensor.Key).Where(name => name.Contains("layers.1.", StringComparison.Ordinal)).ToList())
            root.Remove(name);
        GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = Files("model", config, "{\"model.safetensors\":" + root.ToJsonString() + "}") }).EnsureClean();
    }

    /// <summary>Where the building machine keeps its models is nobody else's affair.</summary>
    [Theory]
    [InlineData("/home/somebody/models/small")]
    [InlineData("C:/Users/somebody/models/small")]
    public void An_absolute_folder_does_not_end_in_the_assembly(string folder)
    {
        var (config, manifest) = SmallModels.All[0];
        var image = GeneratorHost.Emit(HubModel.Source(folder), new HostOptions { Models = Files(folder, config, manifest) });
        Assert.DoesNotContain("somebody", System.Text.Encoding.UTF8.GetString(image), StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", System.Text.Encoding.Unicode.GetString(image), StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", System.Text.Encoding.Unicode.GetString(image[1..]), StringComparison.Ordinal);
        Assert.Contains("\"small\"", GeneratorHost.Run(HubModel.Source("small"), new HostOptions { Models = Files(folder, config, manifest) }).EnsureClean().Generated.Values.Single(), StringComparison.Ordinal);
        Assert.Contains("\"small\"", GeneratorHost.Run(HubModel.Source(folder), new HostOptions { Models = Files(folder, config, manifest) }).Generated.Values.Single(), StringComparison.Ordinal);
    }

    /// <summary>Names, labels and folders from files may hold anything; nothing of it may become code.</summary>
    [Fact]
    public void Hostile_texts_stay_texts()
    {
        var (config, manifest) = SmallModels.All[5];
        config = config.Replace("NEGATIVE", """\"\"\"\" \u2028\"; } class Evil { } /* \u0000 \r\n \ud800 {0} \\""", StringComparison.Ordinal);
        manifest = manifest.Replace("{\"model.safetensors\":{", """{"model.safetensors":{"head.\u2028\u0085\r\n*/ #error <b>&amp; {0}":{"dtype":"I64","shape":[1]},""", StringComparison.Ordinal);
        const string Folder = "mo\u2028del & <b> {0} */";
        var files = Files(Folder, config, manifest);
        var source = $"[AttnGen.TransformerModel({Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(Folder, quote: true)})] public sealed partial class Model;";
        var run = GeneratorHost.Run(source, new HostOptions { Models = files }).EnsureClean();
        Assert.Null(run.Output.GetTypeByMetadataName("Evil"));
        var plan = (IFieldSymbol)Assert.Single(run.Output.GetTypeByMetadataName("Model")!.GetMembers("GeneratedPlan"));
        var text = ((string)plan.ConstantValue!).Split('\n');
        Assert.Equal(text[0], GeneratorHost.Header(run.Generated.Values.Single()).Split('\n')[1]);
        Assert.Contains(text, line => line.StartsWith("  Not used: head.", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Small))]
    public void No_member_is_missing_in_the_table_of_names(int index)
    {
        var (config, manifest) = SmallModels.All[index];
        var run = GeneratorHost.Run(HubModel.Source("model", SmallModels.Arguments(config)), new HostOptions { Models = Files("model", config, manifest) }).EnsureClean();
        var known = Generator.Spec.GeneratedMembers.Of(Generator.Spec.ShapeKind.TransformerModel).ToDictionary(member => member.Name);
        var format = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);
        foreach (var member in run.Output.GetTypeByMetadataName("Model")!.GetMembers().Where(member => !member.IsImplicitlyDeclared && member is not IMethodSymbol { MethodKind: not MethodKind.Ordinary }))
        {
            Assert.True(known.TryGetValue(member.Name, out var entry), $"{member.Name} is not in GeneratedMembers.Of(TransformerModel).");
            if (member is IMethodSymbol method)
            {
                var parameters = string.Join(",", method.Parameters.Select(parameter => parameter.Type.ToDisplayString(format)));
                Assert.True(entry!.Overloads?.Contains(parameters), $"{member.Name}({parameters}) is not in GeneratedMembers.Of(TransformerModel).");
            }
        }
    }

    /// <summary>RoBERTa's tokenizers give no segments, though the model has a table of them; DistilBERT, MPNet and ModernBERT have none.</summary>
    [Theory]
    [InlineData("bert", true)]
    [InlineData("albert", true)]
    [InlineData("electra", true)]
    [InlineData("roberta", false)]
    [InlineData("distilbert", false)]
    [InlineData("mpnet", false)]
    [InlineData("modernbert", false)]
    [InlineData("nomic_bert", true)]
    [InlineData("t5", false)]
    public void Which_models_tell_the_texts_of_a_pair_by_their_types(string modelType, bool expected)
    {
        var (config, manifest) = SmallModels.All.First(small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));
        var code = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = Files("model", config, manifest) }).EnsureClean().Generated.Values.Single();
        Assert.Contains($"PairsHaveTokenTypes = {(expected ? "true" : "false")},", code, StringComparison.Ordinal);
    }

    [Fact]
    public void The_code_of_a_small_model_is_that_of_the_snapshot()
    {
        var (config, manifest) = SmallModels.All[0];
        var run = GeneratorHost.Run(HubModel.Source("models/small"), new HostOptions { Models = Files("models/small", config, manifest) }).EnsureClean();
        new Snapshots("tests/AttnGen.Models.Tests/Snapshots").Verify("SmallBert", "cs", run.Generated.Values.Single());
    }

    /// <summary>Two classes, two folders: a change of one folder writes one class again (and the kernels, if it asks for others); a change of code, or none, writes none.</summary>
    [Fact]
    public void An_edit_of_one_folder_touches_one_class()
    {
        const string Source = """
            [AttnGen.TransformerModel("a")] public sealed partial class A;
            [AttnGen.TransformerModel("b")] public sealed partial class B;
            """;
        var (config, manifest) = SmallModels.All[0];
        var before = Files("a", config, manifest).Concat(Files("b", config, manifest)).ToList();
        Compilation compilation = GeneratorHost.CreateCompilation(Source);
        var driver = GeneratorHost.CreateDriver(new HostOptions { Models = before }).RunGenerators(compilation);

        // The same files again, as a build that touched only the data hands them over.
        driver = driver.ReplaceAdditionalTexts([.. Files("a", config, manifest), .. Files("b", config, manifest)]).RunGenerators(compilation);
        Assert.Equal("Cached Cached Cached", Reasons(driver));

        // Another file of code.
        compilation = compilation.AddSyntaxTrees(Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText("class Other;", (Microsoft.CodeAnalysis.CSharp.CSharpParseOptions)compilation.SyntaxTrees.First().Options));
        driver = driver.RunGenerators(compilation);
        Assert.Equal("Cached Cached Cached", Reasons(driver));

        // config.json of one folder.
        driver = driver.ReplaceAdditionalTexts([.. Files("a", config, manifest), .. Files("b", config.Replace("\"gelu\"", "\"relu\"", StringComparison.Ordinal), manifest)]).RunGenerators(compilation);
        Assert.Equal("Cached Modified Modified", Reasons(driver)); // and the kernels, which have another activation

        static string Reasons(GeneratorDriver driver) => string.Join(' ', driver.GetRunResult().Results.Single().TrackedOutputSteps
            .SelectMany(pair => pair.Value).SelectMany(step => step.Outputs).Select(output => output.Reason.ToString()).Order(StringComparer.Ordinal));
    }

    /// <summary>0: the folder says nothing, which is something else than that it says the model's own.</summary>
    [Theory]
    [InlineData(null, 0)]
    [InlineData("null", 0)]
    [InlineData("5", 5)]
    [InlineData("8", 8)]
    [InlineData("9", 8)]
    public void The_recommended_length_is_what_the_folder_says(string? longest, int expected)
    {
        var (config, manifest) = SmallModels.All[0];
        var files = Files("model", config, manifest);
        if (longest is not null)
        {
            files =
            [
                .. files, new("model", "sentence_bert_config.json", $"{{\"max_seq_length\": {longest}}}"), new("model", "1_Pooling/config.json", "{}"),
                new("model", "modules.json", """[{"path": "", "type": "sentence_transformers.models.Transformer"}, {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"""),
            ];
        }

        var run = GeneratorHost.Run(HubModel.Source("model"), new HostOptions { Models = files }).EnsureClean();
        Assert.Contains($"        RecommendedTokens = {expected},", run.Generated.Values.Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "maxTokens: 8", "")]
    [InlineData(0, "maxTokens: 9", "ATTN0042")]
    [InlineData(2, "maxTokens: 5", "ATTN0042")]
    public void MaxTokens_is_held_against_the_model(int index, string argument, string id)
    {
        var (config, manifest) = SmallModels.All[index];
        var diagnostics = HubModel.Diagnose(Files("model", config, manifest), ", " + argument);
        Assert.Equal(id, string.Join(' ', diagnostics.Select(diagnostic => diagnostic.Id)));
    }

    [Theory]
    [InlineData("\"auto_map\":{\"AutoModel\":\"x.y\"}", "auto_map")]
    [InlineData("\"pruned_heads\":{\"0\":[1]}", "pruned_heads")]
    [InlineData("\"position_embedding_type\":\"relative_key\"", "position_embedding_type 'relative_key'")]
    [InlineData("\"is_decoder\":true", "is_decoder")]
    [InlineData("\"architectures\":[\"BertForMultipleChoice\"]", "")] // the file holds the base model alone
    public void What_would_change_the_numbers_is_refused(string entry, string named)
    {
        var (config, manifest) = SmallModels.All[0];
        var diagnostics = HubModel.Diagnose(Files("model", config[..^1] + "," + entry + "}", manifest));
        if (named.Length == 0)
            Assert.Empty(diagnostics);
        else
            Assert.Contains(named, Assert.Single(diagnostics).GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_the_body_that_nothing_reads_is_an_error()
    {
        var (config, manifest) = SmallModels.All[0];
        manifest = manifest.Replace("{\"model.safetensors\":{", """{"model.safetensors":{"encoder.layer.0.attention.self.lora_A.weight":{"dtype":"F32","shape":[4,16]},""", StringComparison.Ordinal);
        var diagnostic = Assert.Single(HubModel.Diagnose(Files("model", config, manifest)));
        Assert.Equal("ATTN0044", diagnostic.Id);
        Assert.Contains("lora_A", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_the_build_could_not_read_is_reported_as_the_build_says()
    {
        var diagnostic = Assert.Single(HubModel.Diagnose([new ModelText("model", "manifest.json", "{\"__error__\":\"there is no such folder.\"}")]));
        Assert.Equal("ATTN0041", diagnostic.Id);
        Assert.Equal("model: there is no such folder", diagnostic.GetMessage(null));
    }

    internal static List<ModelText> Files(string folder, string config, string manifest) => [new(folder, "config.json", config), new(folder, "manifest.json", manifest)];
}
