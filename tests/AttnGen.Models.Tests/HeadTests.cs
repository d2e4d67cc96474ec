using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>Heads, options and odd sizes that no golden of another implementation covers, against the scalar double reference.</summary>
public sealed class HeadTests
{
    private const string Small = "\"hidden_size\":36,\"num_hidden_layers\":2,\"num_attention_heads\":3,\"intermediate_size\":50,\"max_position_embeddings\":40,\"vocab_size\":70";
    private const string Labels = "\"id2label\":{\"0\":\"a\",\"1\":\"b\",\"2\":\"c\"}";
    private const string Decoder = Small + ",\"num_attention_heads\":6,\"num_key_value_heads\":2";

    private const string Modern = "\"model_type\":\"modernbert\"," + Small + ",\"num_hidden_layers\":3,\"local_attention\":6,\"global_attn_every_n_layers\":2,\"global_rope_theta\":9000.0,\"local_rope_theta\":300.0,\"pad_token_id\":3";

    private const string T5Sizes = "\"d_model\":22,\"num_layers\":2,\"num_heads\":3,\"d_kv\":11,\"d_ff\":50,\"vocab_size\":70,\"relative_attention_num_buckets\":18,\"relative_attention_max_distance\":90";

    public static TheoryData<string, string> Cases => new()
    {
        { "ELECTRA, sequence", $"\"model_type\":\"electra\",\"architectures\":[\"ElectraForSequenceClassification\"],{Small},\"embedding_size\":20,{Labels}" },
        { "ELECTRA, discriminator", $"\"model_type\":\"electra\",\"architectures\":[\"ElectraForPreTraining\"],{Small},\"embedding_size\":36,\"hidden_act\":\"relu\"" },
        { "ELECTRA, words", $"\"model_type\":\"electra\",\"architectures\":[\"ElectraForMaskedLM\"],{Small},\"embedding_size\":20" },
        { "ALBERT, two groups, untied words", $"\"model_type\":\"albert\",\"architectures\":[\"AlbertForMaskedLM\"],{Small},\"num_hidden_layers\":5,\"num_hidden_groups\":2,\"embedding_size\":20,\"tie_word_embeddings\":false" },
        { "ALBERT, sequence", $"\"model_type\":\"albert\",\"architectures\":[\"AlbertForSequenceClassification\"],{Small},\"embedding_size\":20,{Labels}" },
        { "DeiT with teacher", $"\"model_type\":\"deit\",\"architectures\":[\"DeiTForImageClassificationWithTeacher\"],{Small},\"image_size\":[17,22],\"patch_size\":5,\"num_channels\":2,{Labels}" },
        { "ViT, pooler of another size", $"\"model_type\":\"vit\",\"architectures\":[\"ViTModel\"],{Small},\"image_size\":20,\"patch_size\":[4,5],\"pooler_output_size\":24,\"pooler_act\":\"relu\"" },
        { "BERT, a vocabulary of several blocks", $"\"model_type\":\"bert\",\"architectures\":[\"BertForMaskedLM\"],{Small},\"vocab_size\":2310" },
        { "BERT, tokens", $"\"model_type\":\"bert\",\"architectures\":[\"BertForTokenClassification\"],{Small},{Labels},\"hidden_act\":\"gelu_new\"" },
        { "BERT, answers", $"\"model_type\":\"bert\",\"architectures\":[\"BertForQuestionAnswering\"],{Small},\"num_attention_heads\":36" },
        { "BERT, next sentence", $"\"model_type\":\"bert\",\"architectures\":[\"BertForNextSentencePrediction\"],{Small},\"num_attention_heads\":1" },
        { "DistilBERT, sequence", $"\"model_type\":\"distilbert\",\"architectures\":[\"DistilBertForSequenceClassification\"],\"dim\":36,\"n_layers\":2,\"n_heads\":4,\"hidden_dim\":50,\"max_position_embeddings\":40,\"vocab_size\":70,{Labels}" },
        { "RoBERTa, sequence", $"\"model_type\":\"roberta\",\"architectures\":[\"RobertaForSequenceClassification\"],{Small},\"pad_token_id\":5,{Labels}" },
        { "XLM-R under its sister's class, tokens", $"\"model_type\":\"xlm-roberta\",\"architectures\":[\"RobertaForTokenClassification\"],{Small},{Labels}" },
        { "MPNet, sequence, far distances", $"\"model_type\":\"mpnet\",\"architectures\":[\"MPNetForSequenceClassification\"],{Small},\"max_position_embeddings\":300,{Labels}" },
        { "ModernBERT, mean of tokens, biases", $"{Modern},\"architectures\":[\"ModernBertForSequenceClassification\"],\"classifier_pooling\":\"mean\",\"norm_bias\":true,\"attention_bias\":true,\"mlp_bias\":true,\"classifier_bias\":true,{Labels}" },
        { "CLIP, texts", $"\"model_type\":\"clip_text_model\",\"architectures\":[\"CLIPTextModelWithProjection\"],{Small},\"eos_token_id\":2,\"projection_dim\":50" },
        { "CLIP, texts alone", $"\"model_type\":\"clip_text_model\",\"architectures\":[\"CLIPTextModel\"],{Small},\"eos_token_id\":33,\"hidden_act\":\"gelu\"" },
        { "CLIP, images", $"\"model_type\":\"clip_vision_model\",\"architectures\":[\"CLIPVisionModelWithProjection\"],{Small},\"image_size\":23,\"patch_size\":5,\"projection_dim\":50" },
        { "NomicBERT of the hub, half of a head, words", $"\"model_type\":\"nomic_bert\",\"architectures\":[\"NomicBertForPreTraining\"],\"n_embd\":36,\"n_layer\":2,\"n_head\":3,\"n_inner\":50,\"n_positions\":40,\"vocab_size\":70,\"activation_function\":\"geglu\",\"rotary_emb_fraction\":0.5,\"rotary_emb_interleaved\":true" },
        { "NomicBERT of transformers 5, wide heads", $"\"model_type\":\"nomic_bert\",\"architectures\":[\"NomicBertForSequenceClassification\"],{Small},\"head_dim\":20,\"hidden_act\":\"gelu_new\",{Labels}" },
        { "T5, far distances", $"\"model_type\":\"t5\",\"architectures\":[\"T5EncoderModel\"],{T5Sizes},\"n_positions\":150" },
        { "umT5, tokens, ten heads of one", $"\"model_type\":\"umt5\",\"architectures\":[\"UMT5ForTokenClassification\"],{T5Sizes},\"d_kv\":1,\"num_heads\":10,\"n_positions\":40,{Labels}" },
        { "Llama, classes of the last token", $"\"model_type\":\"llama\",\"architectures\":[\"LlamaForSequenceClassification\"],{Decoder},{Labels}" },
        { "Qwen 2, a window in the upper layer", $"\"model_type\":\"qwen2\",\"architectures\":[\"Qwen2ForCausalLM\"],{Decoder},\"head_dim\":8,\"use_sliding_window\":true,\"sliding_window\":6,\"max_window_layers\":1" },
        { "Qwen 3, heads of their own size, yarn", $"\"model_type\":\"qwen3\",\"architectures\":[\"Qwen3ForCausalLM\"],{Decoder},\"head_dim\":22,\"rope_scaling\":{{\"rope_type\":\"yarn\",\"factor\":3.0,\"original_max_position_embeddings\":9}}" },
        { "Gemma, one key head", $"\"model_type\":\"gemma\",\"architectures\":[\"GemmaForCausalLM\"],{Small},\"num_key_value_heads\":1,\"head_dim\":6" },
        { "Gemma 3, two bases", $"\"model_type\":\"gemma3_text\",\"architectures\":[\"Gemma3ForCausalLM\"],{Decoder},\"head_dim\":10,\"sliding_window\":5,\"sliding_window_pattern\":2,\"query_pre_attn_scalar\":7,\"final_logit_softcapping\":2.0,\"attn_logit_softcapping\":3.0" },
        { "Gemma 3, every token sees every token", $"\"model_type\":\"gemma3_text\",\"architectures\":[\"Gemma3TextModel\"],{Decoder},\"head_dim\":10,\"sliding_window\":5,\"sliding_window_pattern\":2,\"use_bidirectional_attention\":true" },
        { "GPT-NeoX, one after the other", $"\"model_type\":\"gpt_neox\",\"architectures\":[\"GPTNeoXForCausalLM\"],{Decoder},\"rotary_pct\":0.67,\"use_parallel_residual\":false" },
        { "BLOOM, six heads, from its norms", "\"model_type\":\"bloom\",\"architectures\":[\"BloomForCausalLM\"],\"hidden_size\":36,\"n_layer\":2,\"n_head\":6,\"vocab_size\":70,\"seq_length\":40,\"apply_residual_connection_post_layernorm\":true" },
        { "Falcon, groups", $"\"model_type\":\"falcon\",\"architectures\":[\"FalconForCausalLM\"],{Decoder},\"new_decoder_architecture\":true,\"num_kv_heads\":2,\"bias\":true" },
        { "OPT, narrow words", $"\"model_type\":\"opt\",\"architectures\":[\"OPTForCausalLM\"],{Small},\"ffn_dim\":50,\"word_embed_proj_dim\":13" },
        { "Granite, factors", $"\"model_type\":\"granite\",\"architectures\":[\"GraniteForCausalLM\"],{Decoder},\"head_dim\":10,\"residual_multiplier\":0.3,\"embedding_multiplier\":2.5,\"logits_scaling\":3.0,\"attention_multiplier\":0.2" },
        { "OLMo 2", $"\"model_type\":\"olmo2\",\"architectures\":[\"Olmo2ForCausalLM\"],{Decoder},\"head_dim\":10" },
        { "SmolLM3", $"\"model_type\":\"smollm3\",\"architectures\":[\"SmolLM3ForCausalLM\"],{Decoder},\"head_dim\":10,\"no_rope_layers\":[0,1]" },
        { "ModernBERT, untied words without bias", $"{Modern},\"architectures\":[\"ModernBertForMaskedLM\"],\"tie_word_embeddings\":false,\"decoder_bias\":false,\"hidden_activation\":\"silu\"" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generated_code_agrees_with_the_reference(string name, string config)
    {
        config = $"{{{config}}}";
        var problems = new List<Problem>();
        var spec = TransformerParser.Parse(new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder), new FolderFiles("model", new[] { new FolderFile("config.json", config) }.ToEquatable()), problems);
        Assert.True(spec is not null, $"{name}: {string.Join("; ", problems.Select(problem => problem.Message))}");
        using var model = Load(GeneratorHost.Compile(HubModel.Source("model"), new HostOptions { Models = [new ModelText("model", "config.json", config)] }), spec, out var reference);
        var info = model.Info;
        Assert.Equal(Tensors(spec).Values.Sum(tensor => (long)tensor.Values.Length), info.ParameterCount);

        if (model is IImageModel image)
        {
            float[] pixels = [.. Enumerable.Range(0, info.ImageChannels * info.ImageHeight * info.ImageWidth).Select(i => (i * 37 % 101 - 50) / 50f)];
            var h = reference.Forward(pixels);
            var hidden = new float[info.MaxTokens * info.HiddenSize];
            image.Forward(pixels, hidden);
            Near(h, hidden, name);
            if (spec.Embed?.Projection is { } projection)
            {
                var vector = new float[projection.Size];
                ((IImageEncoder)model).Embed(pixels, vector);
                Near(reference.Head(projection, h), vector, name);
            }

            var result = new float[spec.Head?.Size ?? spec.Pooler!.Size];
            if (spec.Head is { } classifier)
                ((IImageClassifier)model).ComputeLogits(pixels, result);
            else
                ((IPooledImageModel)model).Pool(pixels, result);
            Near(reference.Head(spec.Head ?? spec.Pooler!, h), result, name);
            return;
        }

        foreach (var tokens in new[] { 1, 2, 7, 33, info.MaxTokens })
        {
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => (i * 13 + tokens) % info.VocabularySize)];
            int[] types = info.TokenTypes > 1 ? [.. ids.Select((_, i) => i % info.TokenTypes)] : [];
            var h = reference.Forward(ids, types);
            var hidden = new float[tokens * info.HiddenSize];
            ((ITextModel)model).Forward(ids, hidden, types);
            Near(h, hidden, name);
            if (spec.Pooler is { } pooler)
            {
                var pooled = new float[pooler.Size];
                ((IPooledModel)model).Pool(ids, pooled, types);
                Near(reference.Head(pooler, h, ids), pooled, name);
            }

            if (spec.Embed!.Projection is { } projection)
            {
                var vector = new float[projection.Size];
                ((ISentenceEncoder)model).Embed(ids, vector, types);
                Near(reference.Head(projection, h, ids), vector, name);
            }

            if (spec.Head is not { } head)
                continue;
            var logits = new float[info.LogitsSize * (info.LogitsPerToken ? tokens : 1)];
            ((ILogitsModel)model).ComputeLogits(ids, logits, types);
            Near(reference.Head(head, h), logits, name);
        }
    }

    /// <summary>Padding before a causal text leaves its first tokens without a key: their attention is 0, and the text does not see them.</summary>
    [Fact]
    public void Tokens_before_a_causal_text_see_nothing()
    {
        const string Config = $"{{\"model_type\":\"clip_text_model\",\"architectures\":[\"CLIPTextModelWithProjection\"],{Small},\"eos_token_id\":2,\"projection_dim\":50}}";
        var spec = TransformerParser.Parse(new RequestSpec("model", 0, PoolingKind.Folder, NormalizeKind.Folder), new FolderFiles("model", new[] { new FolderFile("config.json", Config) }.ToEquatable()), [])!;
        using var model = Load(GeneratorHost.Compile(HubModel.Source("model"), new HostOptions { Models = [new ModelText("model", "config.json", Config)] }), spec, out var reference);
        var info = model.Info;
        foreach (var (tokens, padding) in new[] { (1, 1), (2, 1), (7, 3), (33, 17), (33, 33), (info.MaxTokens, info.MaxTokens - 1) })
        {
            int[] ids = [.. Enumerable.Range(0, tokens).Select(i => i < padding ? 1 : (i * 13 + tokens) % (info.VocabularySize - 3) + 2)];
            bool[] keys = [.. ids.Select((_, i) => i >= padding)];
            var h = reference.Forward(ids, [], keys);
            float[] hidden = new float[tokens * info.HiddenSize], weights = new float[info.Layers * info.Heads * tokens * tokens], vector = new float[info.EmbeddingSize];
            ((ITextModel)model).Forward(ids, hidden, mask: default(AttentionMask).WithKeepKeys(keys), trace: new ForwardTrace { AttentionWeights = weights });
            Near(h, hidden, $"{padding} of {tokens}");
            Assert.All(Enumerable.Range(0, info.Layers * info.Heads), head => Assert.All(weights.AsSpan(head * tokens * tokens, padding * tokens).ToArray(), weight => Assert.Equal(0, weight)));
            ((ISentenceEncoder)model).Embed(ids, vector, mask: default(AttentionMask).WithKeepKeys(keys));
            Near(reference.Head(spec.Embed!.Projection!, h, ids), vector, $"{padding} of {tokens}");
        }
    }

    /// <summary>The class Model of a compiled Spec with random weights, and its scalar reference.</summary>
    internal static ITransformerModel Load(System.Reflection.Assembly assembly, TransformerSpec spec, out ReferenceModel reference)
    {
        var tensors = Tensors(spec);
        var source = new TensorDictionary();
        foreach (var (tensor, (shape, values)) in tensors)
            source.Add(tensor, shape, values);
        reference = new ReferenceModel(spec, tensors);
        return (ITransformerModel)assembly.GetType("Model")!.GetMethod("Load", [typeof(ITensorSource), typeof(ModelLoadOptions)])!.Invoke(null, [source, null])!;
    }

    internal static void Near(double[] expected, float[] actual, string name)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs), worst = expected.Zip(actual, (x, y) => double.IsNaN(y) ? double.PositiveInfinity : Math.Abs(x - y)).Max();
        Assert.True(worst <= 1e-5 * Math.Max(1, largest), $"{name}: {worst:E2} of {largest:E2}");
        Assert.True(largest > 1e-3, $"{name}: all zero");
    }

    /// <summary>Random numbers for every tensor that a Spec reads.</summary>
    private static Dictionary<string, (long[] Shape, float[] Values)> Tensors(TransformerSpec spec)
    {
        var tensors = new Dictionary<string, (long[] Shape, float[] Values)>();
        var random = new Random(7);
        int stored = spec.Stack.Stored;
        if (spec.Input is TokenInputSpec tokens)
        {
            Add(tokens.Table, 0, 0.5, tokens.Vocabulary, tokens.Width);
            if (tokens.Positions is { } positions)
                Add(positions.Name, 0, 0.5, positions.Rows, positions.AfterMap ? spec.Stack.Attention.DModel : tokens.Width);
            if (tokens.Types is { } types)
                Add(types.Name, 0, 0.5, types.Count, tokens.Width);
            AddNorm(tokens.Norm, 0);
            AddMap(tokens.Project);
        }
        else if (spec.Input is ImageInputSpec image)
        {
            AddMap(image.Patches);
            foreach (var token in image.Tokens)
                Add(token, 0, 0.5, 1, 1, spec.Stack.Attention.DModel);
            AddNorm(image.Norm, 0);
            var isClip = image.Positions.EndsWith(".weight", StringComparison.Ordinal);
            Add(image.Positions, 0, 0.5, isClip ? [image.SequenceLength, spec.Stack.Attention.DModel] : [1, image.SequenceLength, spec.Stack.Attention.DModel]);
        }

        foreach (var map in spec.Stack.Parts.SelectMany(part => part.Maps))
            AddMap(map);
        foreach (var norm in spec.Stack.Norms)
            AddNorm(norm, norm.FirstLayer);
        foreach (var heads in spec.Stack.Parts.OfType<AttentionPart>().Select(part => part.Tensors.Heads))
        {
            AddNorm(heads?.QueryNorm, 0);
            AddNorm(heads?.KeyNorm, 0);
        }

        AddNorm(spec.Stack.FinalNorm, 0);
        if (spec.Stack.RelativeBias is { } bias)
            Add(bias.Name, 0, 1, bias.Buckets, spec.Stack.Attention.Heads);
        foreach (var head in new[] { spec.Pooler, spec.Head, spec.Embed?.Projection })
        {
            foreach (var stage in head?.Stages ?? EquatableArray<OutputStage>.Empty)
            {
                AddMap(stage.Map);
                AddNorm(stage.Norm, 0);
            }

            AddMap(head?.Second);
        }

        return tensors;

        void AddMap(LinearTensors? map)
        {
            if (map is null)
                return;
            var weight = map.Weight[0];
            Add(weight.Name, 0, 1 / Math.Sqrt(map.Inputs), weight.IsTurned ? [map.Inputs, weight.TensorRows] : [weight.TensorRows, map.Inputs]);
            foreach (var bias in map.Bias)
                Add(bias.Name, 0, 0.2, bias.TensorRows);
        }

        void AddNorm(NormTensors? norm, int firstLayer)
        {
            if (norm is null)
                return;
            Add(norm.Weight, firstLayer, 0.3, norm.Norm.Dim);
            if (norm.Bias is not null)
                Add(norm.Bias, firstLayer, 0.2, norm.Norm.Dim);
        }

        void Add(string name, int firstLayer, double scale, params long[] shape)
        {
            for (var layer = firstLayer; layer < (name.Contains("{0}", StringComparison.Ordinal) ? stored : firstLayer + 1); layer++)
            {
                var exact = name.Replace("{0}", layer.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
                if (!tensors.ContainsKey(exact))
                    tensors[exact] = (shape, [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)((random.NextDouble() * 2 - 1) * scale + (shape.Length == 1 && scale == 0.3 ? 1 : 0)))]);
            }
        }
    }
}
