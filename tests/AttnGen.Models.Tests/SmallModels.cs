using System.Globalization;
using AttnGen.Generator.Spec;

namespace AttnGen.Models.Tests;

/// <summary>Small folders of every architecture, as text: config.json and manifest.</summary>
internal static partial class SmallModels
{
    private const string Bert = """{"model_type":"bert","architectures":["BertModel"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":8,"vocab_size":20,"hidden_act":"gelu"}""";
    private const string Modern = """{"model_type":"modernbert","architectures":["ModernBertForMaskedLM"],"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":24,"max_position_embeddings":32,"vocab_size":20,"local_attention":6,"layer_types":["full_attention","sliding_attention"],"rope_parameters":{"full_attention":{"rope_theta":16000.0,"rope_type":"default"},"sliding_attention":{"rope_theta":1000.0,"rope_type":"default"}},"pad_token_id":3}""";
    private const string Vit = """{"model_type":"vit","architectures":["ViTForImageClassification"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"image_size":[8,12],"patch_size":4,"id2label":{"0":"cat","1":"dog"},"qkv_bias":false}""";
    private const string Mpnet = """{"model_type":"mpnet","architectures":["MPNetModel"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":10,"vocab_size":20,"relative_attention_num_buckets":32,"pad_token_id":1}""";
    private const string Albert = """{"model_type":"albert","architectures":["AlbertModel"],"hidden_size":16,"num_hidden_layers":3,"num_attention_heads":2,"intermediate_size":32,"embedding_size":8,"max_position_embeddings":8,"vocab_size":20,"num_hidden_groups":1,"inner_group_num":1}""";
    private const string Distil = """{"model_type":"distilbert","architectures":["DistilBertForSequenceClassification"],"dim":16,"n_layers":1,"n_heads":2,"hidden_dim":32,"max_position_embeddings":8,"vocab_size":20,"activation":"gelu","id2label":{"0":"NEGATIVE","1":"POSITIVE"}}""";
    private const string Electra = """{"model_type":"electra","architectures":["ElectraForTokenClassification"],"hidden_size":16,"embedding_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":8,"vocab_size":20,"id2label":{"0":"O","1":"B","2":"I"}}""";
    private const string Roberta = """{"model_type":"roberta","architectures":["RobertaForSequenceClassification"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":10,"vocab_size":20,"type_vocab_size":1,"pad_token_id":1}""";

    private const string Deit = """{"model_type":"deit","architectures":["DeiTForImageClassificationWithTeacher"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"image_size":8,"patch_size":4,"num_channels":1}""";
    private const string ModernMean = """{"model_type":"modernbert","architectures":["ModernBertForSequenceClassification"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":24,"max_position_embeddings":32,"vocab_size":20,"pad_token_id":3,"classifier_pooling":"mean"}""";
    private const string Words = """{"model_type":"bert","architectures":["BertForMaskedLM"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":8,"vocab_size":1100}""";

    private const string T5 = """{"model_type":"t5","architectures":["T5EncoderModel"],"d_model":16,"num_layers":2,"num_heads":3,"d_kv":4,"d_ff":24,"vocab_size":20,"n_positions":9,"relative_attention_num_buckets":6,"relative_attention_max_distance":5}""";
    private const string Umt5 = """{"model_type":"umt5","architectures":["UMT5ForTokenClassification"],"d_model":10,"num_layers":2,"num_heads":2,"d_kv":7,"d_ff":9,"vocab_size":20,"n_positions":7,"relative_attention_num_buckets":8}""";

    private const string T5Both = """{"model_type":"t5","architectures":["T5ForConditionalGeneration"],"d_model":16,"num_layers":2,"num_decoder_layers":1,"num_heads":3,"d_kv":4,"d_ff":24,"vocab_size":20,"n_positions":9,"relative_attention_num_buckets":6,"relative_attention_max_distance":5,"tie_word_embeddings":false,"decoder_start_token_id":0}""";
    private const string Bart = """{"model_type":"bart","architectures":["BartForConditionalGeneration"],"d_model":12,"encoder_layers":2,"decoder_layers":3,"encoder_attention_heads":2,"decoder_attention_heads":2,"encoder_ffn_dim":18,"decoder_ffn_dim":18,"max_position_embeddings":9,"vocab_size":20,"scale_embedding":true,"decoder_start_token_id":2}""";
    private const string Marian = """{"model_type":"marian","architectures":["MarianMTModel"],"d_model":12,"encoder_layers":2,"decoder_layers":1,"encoder_attention_heads":2,"decoder_attention_heads":2,"encoder_ffn_dim":18,"decoder_ffn_dim":18,"max_position_embeddings":9,"vocab_size":20,"decoder_vocab_size":25,"share_encoder_decoder_embeddings":false,"pad_token_id":19,"decoder_start_token_id":19}""";
    private const string Whisper = """{"model_type":"whisper","architectures":["WhisperForConditionalGeneration"],"d_model":12,"encoder_layers":1,"decoder_layers":2,"encoder_attention_heads":2,"decoder_attention_heads":2,"encoder_ffn_dim":18,"decoder_ffn_dim":18,"num_mel_bins":5,"max_source_positions":9,"max_target_positions":11,"vocab_size":20,"pad_token_id":0,"decoder_start_token_id":3}""";

    private const string Nomic = """{"model_type":"nomic_bert","architectures":["NomicBertModel"],"auto_map":{"AutoModel":"nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel"},"n_embd":16,"n_layer":1,"n_head":2,"n_inner":256,"n_positions":9,"vocab_size":20,"activation_function":"swiglu","rotary_emb_fraction":0.5,"rotary_emb_base":1000,"rotary_emb_interleaved":true,"rotary_scaling_factor":null,"max_trained_positions":9,"qkv_proj_bias":false,"mlp_fc1_bias":false,"mlp_fc2_bias":false,"type_vocab_size":2,"pad_vocab_size_multiple":8,"pad_token_id":0}""";
    private const string NativeNomic = """{"model_type":"nomic_bert","architectures":["NomicBertForSequenceClassification"],"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"head_dim":6,"intermediate_size":9,"max_position_embeddings":7,"vocab_size":20,"rope_parameters":{"rope_theta":1000.0,"rope_type":"default"}}""";

    private const string ClipText = """{"model_type":"clip_text_model","architectures":["CLIPTextModelWithProjection"],"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":7,"vocab_size":20,"eos_token_id":2,"projection_dim":5}""";
    private const string ClipVision = """{"model_type":"clip_vision_model","architectures":["CLIPVisionModelWithProjection"],"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"image_size":9,"patch_size":4,"num_channels":2,"projection_dim":5}""";
    private const string Clip = """{"model_type":"clip","architectures":["CLIPModel"],"projection_dim":5,"text_config":{"model_type":"clip_text_model","hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"max_position_embeddings":7,"vocab_size":20,"eos_token_id":9,"hidden_act":"gelu"},"vision_config":{"model_type":"clip_vision_model","hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"image_size":8,"patch_size":4}}""";

    /// <summary>More arguments of the attribute for a folder: which of two models it is.</summary>
    public static string Arguments(string config) => Towers(config)[0] is var tower && tower == TowerKind.Folder ? "" : $", tower: AttnGen.Tower.{tower}";

    /// <summary>What a class may say of a folder.</summary>
    public static TowerKind[] Towers(string config) => config.Contains("\"model_type\":\"clip\"", StringComparison.Ordinal) ? [TowerKind.Text, TowerKind.Image] : [TowerKind.Folder];

    /// <summary>All of them: every architecture, a head on the first token, on every token and on the mean, and a vocabulary of more than one block of columns.</summary>
    public static IReadOnlyList<(string Config, string Manifest)> All { get; } =
    [
        (Bert, Manifest([.. Embeddings("", 20, 8, 16, 2), .. BertLayer("encoder.layer.0.")])),
        (Modern, Manifest([
            ("model.embeddings.tok_embeddings.weight", [20, 16]), ("model.embeddings.norm.weight", [16]), ("model.final_norm.weight", [16]),
            .. Enumerable.Range(0, 2).SelectMany(layer => new (string, int[])[]
            {
                ($"model.layers.{layer}.attn.Wqkv.weight", [48, 16]), ($"model.layers.{layer}.attn.Wo.weight", [16, 16]), ($"model.layers.{layer}.mlp.Wi.weight", [48, 16]),
                ($"model.layers.{layer}.mlp.Wo.weight", [16, 24]), ($"model.layers.{layer}.mlp_norm.weight", [16]),
            }),
            ("model.layers.1.attn_norm.weight", [16]), ("head.dense.weight", [16, 16]), ("head.norm.weight", [16]), ("decoder.bias", [20])])),
        (Vit, Manifest([
            ("vit.embeddings.cls_token", [1, 1, 16]), ("vit.embeddings.position_embeddings", [1, 7, 16]), ("vit.embeddings.patch_embeddings.projection.weight", [16, 3, 4, 4]),
            ("vit.embeddings.patch_embeddings.projection.bias", [16]),
            .. Layer("vit.encoder.layer.0.", "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense", "layernorm_before", "intermediate.dense", "output.dense", "layernorm_after")
                .Where(tensor => !tensor.Item1.StartsWith("vit.encoder.layer.0.attention.attention.", StringComparison.Ordinal) || tensor.Item1.EndsWith("weight", StringComparison.Ordinal)),
            ("vit.layernorm.weight", [16]), ("vit.layernorm.bias", [16]), ("classifier.weight", [2, 16]), ("classifier.bias", [2])])),
        (Mpnet, Manifest([
            .. Embeddings("", 20, 10, 16, 0), ("encoder.relative_attention_bias.weight", [32, 2]),
            .. Layer("encoder.layer.0.", "attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", "attention.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm")])),
        (Albert, Manifest([
            .. Embeddings("", 20, 8, 8, 2), ("encoder.embedding_hidden_mapping_in.weight", [16, 8]), ("encoder.embedding_hidden_mapping_in.bias", [16]), ("pooler.weight", [16, 16]), ("pooler.bias", [16]),
            .. Layer("encoder.albert_layer_groups.0.albert_layers.0.", "attention.query", "attention.key", "attention.value", "attention.dense", "attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm")])),
        (Distil, Manifest([
            .. Embeddings("distilbert.", 20, 8, 16, 0),
            .. Layer("distilbert.transformer.layer.0.", "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "sa_layer_norm", "ffn.lin1", "ffn.lin2", "output_layer_norm"),
            .. Linear("pre_classifier", 16, 16), .. Linear("classifier", 2, 16)])),
        (Electra, Manifest([.. Embeddings("electra.", 20, 8, 8, 2), .. Linear("electra.embeddings_project", 16, 8), .. BertLayer("electra.encoder.layer.0."), .. Linear("classifier", 3, 16)])),
        (Roberta, Manifest([.. Embeddings("roberta.", 20, 10, 16, 1), .. BertLayer("roberta.encoder.layer.0."), .. Linear("classifier.dense", 16, 16), .. Linear("classifier.out_proj", 2, 16)])),
        (Deit, Manifest([
            ("deit.embeddings.cls_token", [1, 1, 16]), ("deit.embeddings.distillation_token", [1, 1, 16]), ("deit.embeddings.position_embeddings", [1, 6, 16]),
            ("deit.embeddings.patch_embeddings.projection.weight", [16, 1, 4, 4]), ("deit.embeddings.patch_embeddings.projection.bias", [16]),
            .. Layer("deit.encoder.layer.0.", "attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense", "layernorm_before", "intermediate.dense", "output.dense", "layernorm_after"),
            ("deit.layernorm.weight", [16]), ("deit.layernorm.bias", [16]), .. Linear("cls_classifier", 2, 16), .. Linear("distillation_classifier", 2, 16)])),
        (ModernMean, Manifest([
            ("model.embeddings.tok_embeddings.weight", [20, 16]), ("model.embeddings.norm.weight", [16]), ("model.final_norm.weight", [16]),
            ("model.layers.0.attn.Wqkv.weight", [48, 16]), ("model.layers.0.attn.Wo.weight", [16, 16]), ("model.layers.0.mlp.Wi.weight", [48, 16]),
            ("model.layers.0.mlp.Wo.weight", [16, 24]), ("model.layers.0.mlp_norm.weight", [16]),
            ("head.dense.weight", [16, 16]), ("head.norm.weight", [16]), .. Linear("classifier", 2, 16)])),
        (Words, Manifest([
            .. Embeddings("bert.", 1100, 8, 16, 2), .. BertLayer("bert.encoder.layer.0."), .. Linear("cls.predictions.transform.dense", 16, 16),
            ("cls.predictions.transform.LayerNorm.weight", [16]), ("cls.predictions.transform.LayerNorm.bias", [16]), ("cls.predictions.bias", [1100])])),
        (T5, Manifest([("shared.weight", [20, 16]), ("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [6, 3]), .. T5Layers("", 16, 12, 24, gated: false)])),
        (ClipText, Manifest([.. ClipTexts("", 2), ("text_projection.weight", [5, 16])])),
        (ClipVision, Manifest([.. ClipImages(2, 5, 4), ("visual_projection.weight", [5, 16])])),
        (Clip, Manifest([.. ClipTexts("", 1), .. ClipImages(3, 5, 4), ("text_projection.weight", [5, 16]), ("visual_projection.weight", [5, 16]), ("logit_scale", [])])),
        (Nomic, Manifest([
            ("embeddings.word_embeddings.weight", [24, 16]), ("embeddings.token_type_embeddings.weight", [2, 16]), ("emb_ln.weight", [16]), ("emb_ln.bias", [16]),
            ("encoder.layers.0.attn.Wqkv.weight", [48, 16]), ("encoder.layers.0.attn.out_proj.weight", [16, 16]), ("encoder.layers.0.mlp.fc11.weight", [256, 16]), ("encoder.layers.0.mlp.fc12.weight", [256, 16]),
            ("encoder.layers.0.mlp.fc2.weight", [16, 256]), ("encoder.layers.0.norm1.weight", [16]), ("encoder.layers.0.norm1.bias", [16]), ("encoder.layers.0.norm2.weight", [16]), ("encoder.layers.0.norm2.bias", [16])])),
        (NativeNomic, Manifest([
            ("nomic_bert.embeddings.word_embeddings.weight", [20, 16]), ("nomic_bert.embeddings.token_type_embeddings.weight", [2, 16]), ("nomic_bert.embeddings.LayerNorm.weight", [16]), ("nomic_bert.embeddings.LayerNorm.bias", [16]),
            .. Enumerable.Range(0, 2).Select(layer => $"nomic_bert.layers.{layer}.").SelectMany(p => new (string, int[])[]
            {
                (p + "self_attn.q_proj.weight", [12, 16]), (p + "self_attn.k_proj.weight", [12, 16]), (p + "self_attn.v_proj.weight", [12, 16]), (p + "self_attn.o_proj.weight", [16, 12]),
                (p + "mlp.gate_proj.weight", [9, 16]), (p + "mlp.up_proj.weight", [9, 16]), (p + "mlp.down_proj.weight", [16, 9]),
                (p + "post_attention_layernorm.weight", [16]), (p + "post_attention_layernorm.bias", [16]), (p + "post_mlp_layernorm.weight", [16]), (p + "post_mlp_layernorm.bias", [16]),
            }),
            .. Linear("nomic_bert.pooler.dense", 16, 16), .. Linear("classifier", 2, 16)])),
        (Bart, Manifest([
            ("model.shared.weight", [20, 12]), ("final_logits_bias", [1, 20]), .. Half("encoder", 2, isDecoder: false), .. Half("decoder", 3, isDecoder: true),
            .. new[] { "encoder", "decoder" }.SelectMany(half => new (string, int[])[]
            {
                ($"model.{half}.embed_positions.weight", [11, 12]), ($"model.{half}.layernorm_embedding.weight", [12]), ($"model.{half}.layernorm_embedding.bias", [12]),
            })])),
        (Marian, Manifest([
            ("model.encoder.embed_tokens.weight", [20, 12]), ("model.decoder.embed_tokens.weight", [25, 12]), ("final_logits_bias", [1, 25]), .. Half("encoder", 2, isDecoder: false), .. Half("decoder", 1, isDecoder: true)])),
        (T5Both, Manifest([
            ("shared.weight", [20, 16]), ("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [6, 3]), .. T5Layers("", 16, 12, 24, gated: false),
            ("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", [6, 3]), ("decoder.final_layer_norm.weight", [16]), ("lm_head.weight", [20, 16]),
            .. new[] { "0.SelfAttention", "1.EncDecAttention" }.SelectMany(part => new (string, int[])[]
            {
                ($"decoder.block.0.layer.{part}.q.weight", [12, 16]), ($"decoder.block.0.layer.{part}.k.weight", [12, 16]), ($"decoder.block.0.layer.{part}.v.weight", [12, 16]), ($"decoder.block.0.layer.{part}.o.weight", [16, 12]),
            }),
            .. Enumerable.Range(0, 3).Select(part => ($"decoder.block.0.layer.{part}.layer_norm.weight", (int[])[16])),
            ("decoder.block.0.layer.2.DenseReluDense.wi.weight", [24, 16]), ("decoder.block.0.layer.2.DenseReluDense.wo.weight", [16, 24])])),
        (Whisper, Manifest([
            ("model.encoder.conv1.weight", [12, 5, 3]), ("model.encoder.conv1.bias", [12]), ("model.encoder.conv2.weight", [12, 12, 3]), ("model.encoder.conv2.bias", [12]),
            ("model.encoder.embed_positions.weight", [9, 12]), ("model.decoder.embed_positions.weight", [11, 12]), ("model.decoder.embed_tokens.weight", [20, 12]),
            .. Half("encoder", 1, isDecoder: false, keyBias: false), .. Half("decoder", 2, isDecoder: true, keyBias: false),
            .. new[] { "encoder", "decoder" }.SelectMany(half => new (string, int[])[] { ($"model.{half}.layer_norm.weight", [12]), ($"model.{half}.layer_norm.bias", [12]) })])),
        (Umt5, Manifest([
            ("transformer.encoder.embed_tokens.weight", [20, 10]), .. T5Layers("transformer.", 10, 14, 9, gated: true),
            .. Enumerable.Range(0, 2).Select(layer => ($"transformer.encoder.block.{layer}.layer.0.SelfAttention.relative_attention_bias.weight", (int[])[8, 2])), .. Linear("classifier", 2, 10)])),
        .. Decoders,
    ];

    /// <summary>The manifest of one file.</summary>
    public static string Manifest(IEnumerable<(string Name, int[] Shape)> tensors, string type = "F32", string file = "model.safetensors") =>
        $"{{\"{file}\":{{{string.Join(",", tensors.Select(tensor => string.Create(CultureInfo.InvariantCulture, $"\"{tensor.Name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(",", tensor.Shape)}]}}")))}}}}}";

    private static IEnumerable<(string, int[])> Embeddings(string prefix, int vocabulary, int positions, int width, int types)
    {
        yield return ($"{prefix}embeddings.word_embeddings.weight", [vocabulary, width]);
        yield return ($"{prefix}embeddings.position_embeddings.weight", [positions, width]);
        if (types > 0)
            yield return ($"{prefix}embeddings.token_type_embeddings.weight", [types, width]);
        yield return ($"{prefix}embeddings.LayerNorm.weight", [width]);
        yield return ($"{prefix}embeddings.LayerNorm.bias", [width]);
    }

    private static IEnumerable<(string, int[])> BertLayer(string prefix) =>
        Layer(prefix, "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm");

    private static IEnumerable<(string, int[])> Layer(string prefix, string q, string k, string v, string o, string norm1, string first, string second, string norm2) =>
    [
        .. Linear(prefix + q, 16, 16), .. Linear(prefix + k, 16, 16), .. Linear(prefix + v, 16, 16), .. Linear(prefix + o, 16, 16),
        (prefix + norm1 + ".weight", [16]), (prefix + norm1 + ".bias", [16]), .. Linear(prefix + first, 32, 16), .. Linear(prefix + second, 16, 32),
        (prefix + norm2 + ".weight", [16]), (prefix + norm2 + ".bias", [16]),
    ];

    private static IEnumerable<(string, int[])> ClipTexts(string prefix, int layers) =>
    [
        (prefix + "text_model.embeddings.token_embedding.weight", [20, 16]), (prefix + "text_model.embeddings.position_embedding.weight", [7, 16]),
        .. Enumerable.Range(0, layers).SelectMany(layer => ClipLayer($"{prefix}text_model.encoder.layers.{layer}.")),
        (prefix + "text_model.final_layer_norm.weight", [16]), (prefix + "text_model.final_layer_norm.bias", [16]),
    ];

    private static IEnumerable<(string, int[])> ClipImages(int channels, int positions, int patch) =>
    [
        ("vision_model.embeddings.class_embedding", [16]), ("vision_model.embeddings.patch_embedding.weight", [16, channels, patch, patch]), ("vision_model.embeddings.position_embedding.weight", [positions, 16]),
        ("vision_model.pre_layrnorm.weight", [16]), ("vision_model.pre_layrnorm.bias", [16]), ("vision_model.post_layernorm.weight", [16]), ("vision_model.post_layernorm.bias", [16]),
        .. ClipLayer("vision_model.encoder.layers.0."),
    ];

    private static IEnumerable<(string, int[])> ClipLayer(string prefix) =>
        Layer(prefix, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "layer_norm1", "mlp.fc1", "mlp.fc2", "layer_norm2");

    private static IEnumerable<(string, int[])> Half(string half, int layers, bool isDecoder, bool keyBias = true) =>
        Enumerable.Range(0, layers).Select(layer => $"model.{half}.layers.{layer}.").SelectMany(p => ((string[])["self_attn", .. isDecoder ? (string[])["encoder_attn"] : []])
            .SelectMany(name => new[] { "q_proj", "k_proj", "v_proj", "out_proj" }.SelectMany(map => Linear($"{p}{name}.{map}", 12, 12)).Concat(Linear($"{p}{name}_layer_norm", 12, 0).Select(norm => (norm.Item1, (int[])[12]))))
            .Concat(Linear(p + "fc1", 18, 12)).Concat(Linear(p + "fc2", 12, 18)).Concat(Linear(p + "final_layer_norm", 12, 0).Select(norm => (norm.Item1, (int[])[12]))))
            .Where(tensor => keyBias || !tensor.Item1.EndsWith("k_proj.bias", StringComparison.Ordinal));

    private static IEnumerable<(string, int[])> T5Layers(string prefix, int width, int heads, int hidden, bool gated) =>
        Enumerable.Range(0, 2).Select(layer => $"{prefix}encoder.block.{layer}.layer.").SelectMany(p => new (string, int[])[]
        {
            (p + "0.SelfAttention.q.weight", [heads, width]), (p + "0.SelfAttention.k.weight", [heads, width]), (p + "0.SelfAttention.v.weight", [heads, width]), (p + "0.SelfAttention.o.weight", [width, heads]),
            (p + "0.layer_norm.weight", [width]), (p + "1.layer_norm.weight", [width]), (p + "1.DenseReluDense.wo.weight", [width, hidden]),
        }.Concat((gated ? new[] { "wi_0", "wi_1" } : ["wi"]).Select(name => (p + $"1.DenseReluDense.{name}.weight", (int[])[hidden, width])))).Append((prefix + "encoder.final_layer_norm.weight", [width]));

    private static IEnumerable<(string, int[])> Linear(string name, int outputs, int inputs) => [(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])];
}
