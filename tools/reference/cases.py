"""The folders of tests/AttnGen.Models.Tests/Reference/models.zip: small, odd, and between them every class, every key and every form of file."""
from folders import Folder
from models import Albert, Bert, Camembert, ClipOfImages, ClipOfTexts, ClipText, ClipVision, Deit, DistilBert, Electra, ModernBert, MpNet, Mt5, NomicBert, Roberta, T5, Umt5, Vit, XlmRoberta

ALL = []


def folder(name, net, task, config, **how):
    ALL.append(Folder(name, net, task, config, **how))


def sizes(d, heads, f, layers=2, vocabulary=17, positions=12, **more):
    return dict(hidden_size=d, num_attention_heads=heads, intermediate_size=f, num_hidden_layers=layers, vocab_size=vocabulary, max_position_embeddings=positions, **more)


def names(count, first=0):
    return {str(i + first): f"kind {i}" for i in range(count)}


def module(index, name, path="", package="sentence_transformers.models."):
    return {"idx": index, "name": str(index), "path": path, "type": package + name}


LAYERED = [module(0, "Transformer"), module(1, "Pooling", "1_Pooling")]

# ---- BERT ----
folder("bert-pooler", Bert, "Model", sizes(12, 3, 17, hidden_act="gelu", pad_token_id=0, layer_norm_eps=1e-12), buffer=True)
folder("bert-no-pooler-heads-of-7", Bert, "Model", sizes(7, 1, 5, layers=3, positions=9), pooler=False, kinds=("F16",))
folder("bert-masked-words", Bert, "ForMaskedLM", sizes(10, 2, 13, hidden_act="gelu_new"), copies=True)
folder("bert-masked-words-untied", Bert, "ForMaskedLM", sizes(15, 5, 6, tie_word_embeddings=False, hidden_act="gelu_pytorch_tanh"), kinds=("BF16",), decoder_bias=True, old_norms=True)
folder("bert-pretraining-shards", Bert, "ForPreTraining", sizes(18, 6, 9, layers=1, vocabulary=9, hidden_act="silu"), kinds=("F32", "F16", "BF16", "F64"), shards=3)
folder("bert-next-sentence", Bert, "ForNextSentencePrediction", sizes(6, 2, 40, layers=1, hidden_act="gelu_python", layer_norm_eps=1e-3))
folder("bert-sequence-one-segment", Bert, "ForSequenceClassification", sizes(35, 5, 18, layers=1, vocabulary=8, type_vocab_size=1, hidden_act="relu", id2label=names(3)))
folder("bert-tokens-labels-from-1", Bert, "ForTokenClassification", sizes(9, 3, 11, hidden_act="quick_gelu", type_vocab_size=5, id2label=names(3, first=1)))
folder("bert-answers-heads-of-1", Bert, "ForQuestionAnswering", sizes(9, 9, 10, hidden_act="gelu_fast", pad_token_id=3))
folder("bert-named-head-absent", Bert, "ForMaskedLM", sizes(10, 2, 7, layers=1), without_head=True)
folder("bert-no-architectures-head-left-over", Bert, "Model", sizes(12, 4, 7, layers=1), architectures="absent", prefix="bert.", extra={"cls.predictions.transform.dense.weight": (12, 12)})
folder("bert-architectures-null-prefix-kept", Bert, "Model", sizes(6, 1, 7, layers=1), architectures=None, prefix="bert.", pooler=False)
folder("bert-wrapped", Bert, "Model", sizes(8, 2, 7, layers=1, hidden_act="linear"), prefix="model.bert.", kinds=("F64",))

# ---- pooling ----
folder("pooling-default", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"word_embedding_dimension": 12}, modules=LAYERED)
folder("pooling-mode-over-flags", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"word_embedding_dimension": 12, "pooling_mode": "cls", "pooling_mode_mean_tokens": True}, modules=LAYERED)
folder("pooling-first-token-and-mean", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"word_embedding_dimension": 12, "pooling_mode_cls_token": True}, modules=LAYERED, written_by="5.3.0")
folder("pooling-six-side-by-side", Bert, "Model", sizes(5, 1, 7, layers=1), limits={"max_seq_length": 8, "do_lower_case": False}, modules=LAYERED, pooling={
    "word_embedding_dimension": 5, "pooling_mode_lasttoken": True, "pooling_mode_weightedmean_tokens": True, "pooling_mode_mean_sqrt_len_tokens": True,
    "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": True, "pooling_mode_cls_token": True, "include_prompt": True})
folder("pooling-max-dropout-normalize", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"word_embedding_dimension": 12, "pooling_mode_cls_token": False, "pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False},
       modules=[*LAYERED, module(2, "Dropout", "2_Dropout"), module(3, "Normalize", "3_Normalize")])
folder("pooling-last-token", Roberta, "Model", sizes(12, 3, 7, layers=1, pad_token_id=1), pooling={"word_embedding_dimension": 12, "pooling_mode": "lasttoken"}, modules=LAYERED, pooler=False)
folder("pooling-weighted-mean", ModernBert, "Model", sizes(12, 3, 7, pad_token_id=0), modules=LAYERED,
       pooling={"word_embedding_dimension": 12, "pooling_mode_mean_tokens": False, "pooling_mode_weightedmean_tokens": True})
folder("pooling-mean-normalize", MpNet, "Model", sizes(12, 3, 7, layers=1), pooling={"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True},
       modules=[module(0, "Transformer", package="sentence_transformers.base.modules."), module(1, "Pooling", "1_Pooling", "sentence_transformers.sentence_transformer.modules."),
                module(2, "Normalize", "2_Normalize", "sentence_transformers.sentence_transformer.modules.")])

# ---- maps of the pooled vector ----
def dense(inputs, outputs, activation=None, **more):
    return {"in_features": inputs, "out_features": outputs, **({"activation_function": "torch.nn.modules." + activation} if activation else {}), **more}


MAPPED = [*LAYERED, module(2, "Dense", "2_Dense")]
folder("dense-tanh", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"pooling_mode": "mean"}, modules=MAPPED, dense={"2_Dense": dense(12, 5, "activation.Tanh", bias=True)})
folder("dense-one-number-no-bias", Bert, "Model", sizes(7, 1, 5, layers=1), pooling={"pooling_mode": "cls"}, modules=MAPPED, dense={"2_Dense": dense(7, 1, "linear.Identity", bias=False)}, kinds=("BF16",))
folder("dense-two-normalize", Bert, "Model", sizes(12, 3, 7, layers=1), pooling={"pooling_mode": ["max", "mean"]}, dense={
    "2_Dense": dense(24, 37, "linear.Identity", bias=False, module_input_name="sentence_embedding", module_output_name="sentence_embedding"), "3_Dense": dense(37, 9, "linear.Identity", bias=False)},
       modules=[*MAPPED, module(3, "Dense", "3_Dense"), module(4, "Normalize", "4_Normalize")])
folder("dense-gelu-relu-dropout", DistilBert, "Model", dict(dim=10, n_heads=2, hidden_dim=9, n_layers=1, vocab_size=17, max_position_embeddings=12), pooling={"pooling_mode_mean_sqrt_len_tokens": True}, dense={
    "maps/first": dense(10, 19, "activation.GELU"), "maps/second": dense(19, 6, "activation.ReLU", bias=True)},
       modules=[*LAYERED, module(2, "Dropout", "2_Dropout"), module(3, "Dense", "maps/first"), module(4, "Dropout", "4_Dropout"), module(5, "Dense", "maps/second")])
folder("dense-silu-sigmoid-wide", MpNet, "Model", sizes(6, 2, 9, layers=1), pooling={"pooling_mode": "lasttoken"}, modules=[*MAPPED, module(3, "Dense", "3_Dense")], dense={
    "2_Dense": dense(6, 300, "activation.SiLU"), "3_Dense": dense(300, 67, "activation.Sigmoid")}, shards=2)
folder("dense-default", Roberta, "Model", sizes(12, 3, 7, layers=1, pad_token_id=1), pooling={"pooling_mode": "weightedmean"}, modules=MAPPED, dense={"2_Dense": dense(12, 16)}, pooler=False)

# ---- DistilBERT ----
D = dict(dim=12, n_heads=3, hidden_dim=17, n_layers=2, vocab_size=17, max_position_embeddings=12)
folder("distilbert-berts-keys", DistilBert, "Model", dict(hidden_size=10, num_attention_heads=2, num_hidden_layers=1, hidden_dim=9, vocab_size=17, max_position_embeddings=12), modules=LAYERED, pooling={
    "word_embedding_dimension": 10, "pooling_mode_mean_tokens": False, "pooling_mode_mean_sqrt_len_tokens": True})
folder("distilbert-masked-words", DistilBert, "ForMaskedLM", {**D, "activation": "relu", "sinusoidal_pos_embds": False}, copies=True, kinds=("F16",))
folder("distilbert-masked-words-untied", DistilBert, "ForMaskedLM", {**D, "n_heads": 1, "n_layers": 1, "tie_word_embeddings": False})
folder("distilbert-sequence", DistilBert, "ForSequenceClassification", {**D, "num_labels": 4, "activation": "gelu"})
folder("distilbert-tokens-one-of-each-key", DistilBert, "ForTokenClassification", dict(hidden_size=9, n_heads=9, n_layers=1, hidden_dim=5, vocab_size=11, max_position_embeddings=8, id2label=names(5)))
folder("distilbert-answers", DistilBert, "ForQuestionAnswering", {**D, "n_heads": 4, "pad_token_id": 2}, buffer=True)

# ---- RoBERTa, XLM-R, CamemBERT ----
folder("roberta-pooler", Roberta, "Model", sizes(12, 4, 7, positions=14, type_vocab_size=1))
folder("roberta-masked-words", Roberta, "ForMaskedLM", sizes(10, 2, 9, positions=14, pad_token_id=3, hidden_act="sigmoid"), decoder_bias=True)
folder("roberta-masked-words-untied", Roberta, "ForMaskedLM", sizes(7, 1, 3, layers=1, pad_token_id=0, tie_word_embeddings=False), copies=True, kinds=("BF16", "F32"))
folder("roberta-sequence", Roberta, "ForSequenceClassification", sizes(15, 5, 9, positions=14, hidden_act="swish", layer_norm_eps=1e-5, num_labels=1))
folder("roberta-tokens", Roberta, "ForTokenClassification", sizes(6, 2, 9, positions=14, layers=3, id2label=names(4)), shards=2)
folder("roberta-answers", Roberta, "ForQuestionAnswering", sizes(11, 1, 9, positions=14), old_norms=True)
folder("xlm-roberta-pooler", XlmRoberta, "Model", sizes(12, 2, 9, layers=1, positions=26), kinds=("F16",))
folder("xlm-roberta-sequence", XlmRoberta, "ForSequenceClassification", sizes(6, 3, 9, layers=1, positions=14))
folder("xlm-roberta-sisters-class", XlmRoberta, "ForTokenClassification", sizes(6, 1, 9, layers=1, positions=14, id2label=names(3)), architectures=["RobertaForTokenClassification"])
folder("camembert-masked-words", Camembert, "ForMaskedLM", sizes(9, 3, 9, layers=1, positions=14))
folder("camembert-answers", Camembert, "ForQuestionAnswering", sizes(4, 1, 9, layers=1, positions=14, pad_token_id=5))

# ---- MPNet ----
folder("mpnet-64-buckets-32-used", MpNet, "Model", sizes(12, 3, 9, positions=26, relative_attention_num_buckets=64, pad_token_id=1))
folder("mpnet-masked-words", MpNet, "ForMaskedLM", sizes(10, 5, 9, layers=1, hidden_act="gelu_accurate", pad_token_id=0), copies=True)
folder("mpnet-masked-words-untied", MpNet, "ForMaskedLM", sizes(6, 2, 9, layers=1, tie_word_embeddings=False), decoder_bias=True)
folder("mpnet-sequence", MpNet, "ForSequenceClassification", sizes(8, 2, 9, id2label=names(3)))
folder("mpnet-tokens", MpNet, "ForTokenClassification", sizes(9, 9, 4, layers=1, id2label=names(2)), pooler=False)
folder("mpnet-answers", MpNet, "ForQuestionAnswering", sizes(7, 1, 9, layers=1, layer_norm_eps=1e-5))

# ---- ALBERT ----
folder("albert-18-layers-of-14-sets", Albert, "Model", sizes(3, 1, 2, layers=18, embedding_size=4, num_hidden_groups=14, inner_group_num=1))
folder("albert-masked-words-groups", Albert, "ForMaskedLM", sizes(12, 4, 9, layers=5, embedding_size=5, num_hidden_groups=2, hidden_act="gelu"), copies=True)
folder("albert-masked-words-untied", Albert, "ForMaskedLM", sizes(10, 2, 9, embedding_size=14, tie_word_embeddings=False), decoder_bias=True, old_norms=True)
folder("albert-pretraining", Albert, "ForPreTraining", sizes(9, 3, 9, layers=3, embedding_size=6, num_hidden_groups=3))
folder("albert-sequence", Albert, "ForSequenceClassification", sizes(14, 2, 9, embedding_size=3, id2label=names(3)), kinds=("F16",))
folder("albert-tokens", Albert, "ForTokenClassification", sizes(6, 6, 9, layers=3, embedding_size=6, hidden_act="relu", id2label=names(3)))
folder("albert-answers-no-pooler", Albert, "ForQuestionAnswering", sizes(8, 2, 9, embedding_size=5, type_vocab_size=1))

# ---- ELECTRA ----
folder("electra-narrow-words", Electra, "Model", sizes(12, 3, 9, embedding_size=5), buffer=True)
folder("electra-discriminator", Electra, "ForPreTraining", sizes(10, 2, 9, embedding_size=10, hidden_act="relu"))
folder("electra-masked-words", Electra, "ForMaskedLM", sizes(9, 3, 9, embedding_size=4, hidden_act="tanh"), copies=True)
folder("electra-masked-words-untied", Electra, "ForMaskedLM", sizes(7, 7, 9, layers=1, embedding_size=13, tie_word_embeddings=False), kinds=("BF16",))
folder("electra-sequence", Electra, "ForSequenceClassification", sizes(6, 1, 9, embedding_size=6, hidden_act="relu", id2label=names(3)))
folder("electra-tokens", Electra, "ForTokenClassification", sizes(15, 5, 9, layers=1, embedding_size=7, id2label=names(5)))
folder("electra-answers", Electra, "ForQuestionAnswering", sizes(4, 2, 9, layers=3, embedding_size=6))

# ---- ModernBERT ----
V4 = dict(global_attn_every_n_layers=2, global_rope_theta=9000.0, local_attention=4, pad_token_id=3, layer_norm_eps=1e-5, position_embedding_type="absolute", torch_dtype="float32")
V5 = dict(local_attention=5, pad_token_id=3, dtype="float32", rope_parameters={"full_attention": {"rope_theta": 900.0, "rope_type": "default"}, "sliding_attention": {"rope_theta": 30.0, "rope_type": "default"}})
# null is the global base, also where that is not given itself.
folder("modernbert-local-base-null", ModernBert, "Model", sizes(12, 3, 9, layers=3, local_rope_theta=None, **{key: V4[key] for key in V4 if key != "global_rope_theta"}))
folder("modernbert-masked-words-layer-types", ModernBert, "ForMaskedLM", sizes(12, 2, 9, layers=3, layer_types=["sliding_attention", "full_attention", "sliding_attention"], **V5), copies=True)
folder("modernbert-masked-words-untied-one-layer", ModernBert, "ForMaskedLM", sizes(10, 5, 9, layers=1, tie_word_embeddings=False, decoder_bias=False, hidden_activation="silu", **V5))
folder("modernbert-sequence-first-token", ModernBert, "ForSequenceClassification", sizes(8, 2, 9, layers=3, local_rope_theta=50.0, norm_eps=1e-3, norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True,
                                                                                         id2label=names(3), classifier_activation="tanh", **V4))
folder("modernbert-sequence-mean", ModernBert, "ForSequenceClassification", sizes(12, 1, 5, layers=2, classifier_pooling="mean", norm_bias=True, **V5), kinds=("BF16",))
folder("modernbert-tokens-default-bases", ModernBert, "ForTokenClassification", sizes(6, 3, 9, layers=4, positions=24, pad_token_id=0, local_attention=2, id2label=names(3), mlp_bias=True))
folder("modernbert-answers", ModernBert, "ForQuestionAnswering", sizes(18, 3, 7, layers=2, attention_bias=True, local_rope_theta=100.0, **V4), shards=2)

# ---- NomicBERT ----
HUB = dict(n_embd=12, n_head=3, n_inner=9, n_layer=2, vocab_size=17, n_positions=13, pad_token_id=0)
NATIVE = dict(hidden_size=12, num_attention_heads=2, intermediate_size=9, num_hidden_layers=2, vocab_size=17, max_position_embeddings=13, pad_token_id=0)
AUTO = dict(auto_map={"AutoConfig": "configuration_hf_nomic_bert.NomicBertConfig", "AutoModel": "nomic-ai/nomic-bert-2048--modeling_hf_nomic_bert.NomicBertModel"})
folder("nomic-bert-swiglu-rounded-up", NomicBert, "Model", {**HUB, **AUTO, "activation_function": "swiglu", "rotary_emb_fraction": 1.0, "rotary_emb_base": 1000, "qkv_proj_bias": False, "mlp_fc1_bias": False, "mlp_fc2_bias": False,
       "layer_norm_epsilon": 1e-12, "rotary_scaling_factor": None, "max_trained_positions": 12, "causal": False, "prenorm": False}, pooler=False, modules=[*LAYERED, module(2, "Normalize", "2_Normalize")],
       pooling={"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True}, limits={"max_seq_length": 13, "do_lower_case": False}, kinds=("F16",))
folder("nomic-bert-half-of-a-head-interleaved", NomicBert, "Model", {**HUB, "n_embd": 16, "n_head": 2, "activation_function": "geglu", "rotary_emb_fraction": 0.5, "rotary_emb_interleaved": True, "type_vocab_size": 0, "mlp_fc1_bias": False})
folder("nomic-bert-positions-no-gate", NomicBert, "ForPreTraining", {**HUB, "n_inner": None, "n_layer": 1, "pad_vocab_size_multiple": 8, "mlp_fc2_bias": False, "num_labels": 3})
folder("nomic-bert-words-no-bias-glu", NomicBert, "ForPreTraining", {**HUB, "n_layer": 1, "activation_function": "glu", "mlp_fc1_bias": False, "rotary_emb_fraction": 1, "tie_word_embeddings": False, "type_vocab_size": 1})
folder("nomic-bert-sequence", NomicBert, "ForSequenceClassification", {**HUB, "n_layer": 1, "activation_function": "gelu", "rotary_emb_fraction": 1.0, "id2label": names(3), "rotary_scaling_factor": 2.0, "max_trained_positions": 13})
folder("nomic-bert-both-keys", NomicBert, "ForTokenClassification", {**HUB, "n_embd": 99, "hidden_size": 8, "n_head": 99, "num_attention_heads": 2, "n_layer": 99, "num_hidden_layers": 1, "intermediate_size": 77, "hidden_act": "relu",
       "activation_function": "gelu_fast", "rotary_emb_fraction": 1.0, "rotary_emb_base": 700, "rope_parameters": {"rope_theta": 700.0, "rope_type": "default"}, "id2label": names(3)})
folder("nomic-bert-native", NomicBert, "Model", {**NATIVE, "head_dim": 4, "rope_parameters": {"rope_theta": 50.0, "rope_type": "default"}}, native=True)
folder("nomic-bert-native-keys-old-names", NomicBert, "Model", {**NATIVE, "hidden_act": "gelu"}, pooler=False, prefix="nomic_bert.", shards=2)
folder("nomic-bert-native-words", NomicBert, "ForMaskedLM", {**NATIVE, "num_hidden_layers": 1, "layer_norm_eps": 1e-3}, native=True, prefix="nomic_bert.", kinds=("BF16",))
folder("nomic-bert-native-sequence", NomicBert, "ForSequenceClassification", {**NATIVE, "num_hidden_layers": 1, "id2label": names(3)}, native=True, prefix="nomic_bert.")
folder("nomic-bert-answers", NomicBert, "ForQuestionAnswering", {**HUB, "n_layer": 1, "activation_function": "gelu_pytorch_tanh", "n_head": 6, "rotary_emb_fraction": 1.0})

# ---- T5, mT5, umT5 ----
T = dict(d_model=12, num_heads=3, d_kv=5, d_ff=17, num_layers=2, vocab_size=17, n_positions=24)
EMBED_TOKENS = "encoder.embed_tokens.weight"
folder("t5-near-and-far", T5, "EncoderModel", {**T, "relative_attention_num_buckets": 13, "relative_attention_max_distance": 9, "layer_norm_epsilon": 1e-3}, table=EMBED_TOKENS)
folder("t5-gated-other-keys", T5, "EncoderModel", dict(hidden_size=10, num_attention_heads=7, head_dim=1, d_ff=9, num_hidden_layers=3, d_model=99, num_layers=9, num_heads=9, d_kv=9, vocab_size=17, n_positions=9,
                                                       feed_forward_proj="gated-silu", is_encoder_decoder=False, tie_word_embeddings=False), kinds=("BF16", "F32"))
folder("t5-derived-keys-win", T5, "EncoderModel", {**T, "feed_forward_proj": "gated-relu", "dense_act_fn": "gelu", "is_gated_act": False, "num_layers": 1})
folder("t5-tokens", T5, "ForTokenClassification", {**T, "num_layers": 1, "feed_forward_proj": "gated-gelu", "pad_token_id": 3, "id2label": names(3)}, shards=2)
folder("t5-of-sentence-transformers", T5, "ForConditionalGeneration", {**T, "n_positions": 9, "feed_forward_proj": "gelu"}, modules=[*LAYERED, module(2, "Normalize", "2_Normalize")], limits={"max_seq_length": 11},
       pooling={"word_embedding_dimension": 12, "pooling_mode_mean_tokens": True}, extra={"lm_head.weight": (17, 12), "decoder.block.0.layer.0.SelfAttention.q.weight": (15, 12), "decoder.embed_tokens.weight": (17, 12)})
folder("mt5-encoder", Mt5, "EncoderModel", {**T, "d_kv": 2}, kinds=("F16",))
folder("mt5-tokens", Mt5, "ForTokenClassification", {**T, "num_layers": 1, "num_labels": 4}, table=EMBED_TOKENS)
folder("umt5-encoder", Umt5, "EncoderModel", {**T, "num_layers": 3, "relative_attention_num_buckets": 4, "relative_attention_max_distance": 2})
folder("umt5-tokens", Umt5, "ForTokenClassification", {**T, "d_model": 7, "num_heads": 1, "id2label": names(2)}, kinds=("F64",))

# ---- CLIP ----
CT = dict(hidden_size=12, num_attention_heads=3, intermediate_size=17, num_hidden_layers=2, vocab_size=17, max_position_embeddings=9, projection_dim=7)
CV = dict(hidden_size=10, num_attention_heads=2, intermediate_size=9, num_hidden_layers=2, image_size=11, patch_size=4, projection_dim=7)
folder("clip-text-ends-at-the-largest-id", ClipText, "TextModel", {**CT, "eos_token_id": 2})
folder("clip-text-projected", ClipText, "TextModelWithProjection", {**CT, "eos_token_id": 5, "hidden_act": "gelu"}, kinds=("F16",))
folder("clip-text-without-an-end", ClipText, "TextModelWithProjection", {**CT, "num_hidden_layers": 1, "layer_norm_eps": 1e-3}, shards=2)
folder("clip-image", ClipVision, "VisionModel", CV)
folder("clip-image-projected", ClipVision, "VisionModelWithProjection", {**CV, "hidden_act": "gelu", "image_size": 8, "num_channels": 1}, kinds=("BF16",))
CW = dict(text_config={**CT, "eos_token_id": 2, "projection_dim": 99, "model_type": "clip_text_model"}, vision_config={**CV, "projection_dim": 99, "model_type": "clip_vision_model"}, projection_dim=5, logit_scale_init_value=2.6592)
folder("clip-whole-texts", ClipOfTexts, "Model", CW)
folder("clip-whole-images", ClipOfImages, "Model", CW)
folder("clip-whole-older-keys", ClipOfTexts, "Model", {**CW, "text_config": {**CT, "hidden_size": 99}, "text_config_dict": {**CT, "num_hidden_layers": 1, "eos_token_id": 4}, "vision_config_dict": None}, kinds=("BF16", "F32"))

# ---- ViT and DeiT ----
I = dict(hidden_size=12, num_attention_heads=3, intermediate_size=17, num_hidden_layers=2, image_size=8, patch_size=4)
folder("vit-pooler-of-another-size", Vit, "Model", {**I, "pooler_output_size": 5, "pooler_act": "relu", "qkv_bias": False, "encoder_stride": 4})
folder("vit-no-pooler", Vit, "Model", {**I, "hidden_size": 9, "num_attention_heads": 9, "num_channels": 1, "patch_size": [2, 4], "layer_norm_eps": 1e-3}, pooler=False, kinds=("F16",))
folder("vit-classes-image-cut-off", Vit, "ForImageClassification", {**I, "image_size": [9, 11], "hidden_act": "gelu_fast", "id2label": names(4)})
folder("deit-pooler", Deit, "Model", {**I, "hidden_size": 10, "num_attention_heads": 2, "image_size": [4, 12]})
folder("deit-classes", Deit, "ForImageClassification", {**I, "hidden_size": 7, "num_attention_heads": 1, "patch_size": 3, "num_labels": 3}, kinds=("BF16",))
folder("deit-with-teacher", Deit, "ForImageClassificationWithTeacher", {**I, "num_channels": 2, "id2label": names(3)}, shards=2)
