using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;

namespace AttnGen.Models.Tests;

/// <summary>What sentence-transformers keeps beside a model, as its own code reads it: 6.0's where the folder does not say which version wrote it.</summary>
public sealed class SentenceTransformerTests
{
    private const string Layered = "Transformer: Pooling:1_Pooling";

    [Theory]
    [InlineData("""{"word_embedding_dimension": 4}""", "Mean")]
    [InlineData("""{"embedding_dimension": 4}""", "Mean")]
    [InlineData("""{"pooling_mode_cls_token": true}""", "FirstToken")]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""", "FirstToken")]
    [InlineData("""{"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true}""", "FirstToken Mean")]
    [InlineData("""{"pooling_mode_mean_tokens": false}""", "Mean")]
    [InlineData("""{"pooling_mode_max_tokens": true, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""", "FirstToken Max")]
    [InlineData("""{"pooling_mode_mean_sqrt_len_tokens": true, "pooling_mode_weightedmean_tokens": true, "pooling_mode_lasttoken": true, "pooling_mode_mean_tokens": false}""", "MeanSqrtLength WeightedMean LastToken")]
    [InlineData("""{"pooling_mode": "cls", "pooling_mode_mean_tokens": true}""", "FirstToken")]
    [InlineData("""{"pooling_mode": ["mean", "max"], "include_prompt": true}""", "Mean Max")]
    [InlineData("""{"pooling_mode": ["max", "cls", "max"]}""", "Max FirstToken Max")]
    [InlineData("""{"pooling_mode": ["lasttoken", "weightedmean", "mean_sqrt_len_tokens"]}""", "LastToken WeightedMean MeanSqrtLength")]
    [InlineData("""{"pooling_mode": ["cls"]}""", "FirstToken")]
    [InlineData("{}", "Mean")]
    public void Poolings(string config, string expected)
    {
        var (read, problems) = Read(("1_Pooling/config.json", config));
        Assert.Empty(problems);
        Assert.Equal(expected, string.Join(' ', read.Pooling));
    }

    /// <summary>Up to 5.3 each flag had a default of its own; a folder of an older version has the vectors that its version gave it.</summary>
    [Theory]
    [InlineData("5.3.0", """{"pooling_mode_cls_token": true}""", "FirstToken Mean")]
    [InlineData("2.0.0", """{"pooling_mode_max_tokens": true}""", "Max Mean")]
    [InlineData("4.1.0", """{"word_embedding_dimension": 4}""", "Mean")]
    [InlineData("5.3.0", """{"pooling_mode": null, "pooling_mode_cls_token": true}""", "FirstToken Mean")]
    [InlineData("5.3.0", """{"pooling_mode": ["mean", "cls"]}""", "Mean FirstToken")]
    [InlineData("5.3.0", """{"pooling_mode": "CLS"}""", "FirstToken")]
    [InlineData("2.7.0", """{"pooling_mode": "LastToken"}""", "LastToken")]
    [InlineData("5.4.0", """{"pooling_mode_cls_token": true}""", "FirstToken")]
    [InlineData("5.4.0.dev0", """{"pooling_mode_cls_token": true}""", "FirstToken")]
    [InlineData("5.10.1", """{"pooling_mode_cls_token": true}""", "FirstToken")]
    [InlineData("6", """{"pooling_mode_cls_token": true}""", "FirstToken")]
    [InlineData("7.2.0", """{"pooling_mode_cls_token": true}""", "FirstToken")]
    public void The_version_that_wrote_the_folder_decides(string version, string config, string expected)
    {
        var (read, problems) = Read(("1_Pooling/config.json", config), Written(version));
        Assert.Empty(problems);
        Assert.Equal(expected, string.Join(' ', read.Pooling));
    }

    [Theory]
    [InlineData("""{"pooling_mode": "attention"}""", "pooling_mode 'attention' is not supported; supported are 'cls', 'max', 'mean'")]
    [InlineData("""{"pooling_mode": "CLS"}""", "pooling_mode 'CLS' is not supported; supported are 'cls', 'max', 'mean'")]
    [InlineData("""{"pooling_mode": ["mean", "Max"]}""", "pooling_mode 'Max' is not supported")]
    [InlineData("""{"pooling_mode": ["mean", "middle"]}""", "pooling_mode 'middle' is not supported")]
    [InlineData("""{"pooling_mode": []}""", "pooling_mode is [], but must be one of 'cls'")]
    [InlineData("""{"pooling_mode": null}""", "pooling_mode is null, but must be one of 'cls'")]
    [InlineData("""{"pooling_mode": ["cls", 1]}""", "pooling_mode is [\"cls\",1], but must be one of 'cls'")]
    [InlineData("""{"pooling_mode": {"cls": true}}""", "pooling_mode is an object, but must be one of 'cls'")]
    [InlineData("""{"pooling_mode_cls_token": "yes"}""", "pooling_mode_cls_token is \"yes\", but must be true or false")]
    [InlineData("""{"pooling_mode_cls_token": null}""", "pooling_mode_cls_token is null, but must be true or false")]
    [InlineData("""{"pooling_mode_lasttoken": 1}""", "pooling_mode_lasttoken is 1, but must be true or false")]
    [InlineData("""{"include_prompt": false}""", "include_prompt false is not supported; supported is true")]
    [InlineData("""{"include_prompt": "yes"}""", "include_prompt 'yes' is not supported; supported is true")]
    [InlineData("""{"pooling_mode": "mean", "temperature": 2}""", "1_Pooling/config.json has the key 'temperature', which is not known; known are 'word_embedding_dimension', ")]
    [InlineData("""{"a\nb\u202ec\ud800d": 2}""", "1_Pooling/config.json has the key 'a\uFFFDb\uFFFDc\uFFFDd', which is not known")]
    [InlineData("""{"include_prompt": "a\u2028b\u200f"}""", "include_prompt 'a\uFFFDb\uFFFD' is not supported")]
    [InlineData("""{"include_prompt": ["a\u2028b\u0085"]}""", "include_prompt [\"a\uFFFDb\uFFFD\"] is not supported")]
    [InlineData("""{"embedding_dimension": "4"}""", "embedding_dimension is \"4\", but must be an integer above 0")]
    [InlineData("""["mean"]""", "1_Pooling/config.json is [\"mean\"], but must be an object")]
    [InlineData("{,}", "1_Pooling/config.json is not JSON")]
    public void Poolings_that_are_refused(string config, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("1_Pooling/config.json", config)).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"pooling_mode_mean_tokens": false}""", "names no pooling that is known")]
    public void Poolings_that_are_refused_of_an_older_version(string config, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("1_Pooling/config.json", config), Written("5.3.0")).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Transformer: Pooling:1_Pooling", "1_Pooling", false)]
    [InlineData("Transformer: Pooling:1_Pooling Normalize:2_Normalize", "1_Pooling", true)]
    [InlineData("Transformer: Dropout:1_Dropout Pooling:1_Pooling Normalize:2_Normalize", "1_Pooling", true)]
    [InlineData("Transformer: Pooling:2_Pooling", "2_Pooling", false)]
    [InlineData("Transformer: Pooling:pools/of.mine/", "pools/of.mine", false)]
    [InlineData("base.modules.transformer.Transformer: sentence_transformer.modules.pooling.Pooling:1_Pooling base.modules.normalize.Normalize:2_Normalize", "1_Pooling", true)]
    public void Modules(string modules, string pooling, bool normalize)
    {
        var (read, problems) = Read(("modules.json", Json(modules)), (pooling + "/config.json", """{"pooling_mode": "max"}"""));
        Assert.Empty(problems);
        Assert.Equal(normalize, read.Normalize);
        Assert.Equal("Max", string.Join(' ', read.Pooling));
    }

    /// <summary>The list's order counts, whatever idx says; what is pooled elsewhere is not looked at.</summary>
    [Fact]
    public void Modules_follow_each_other_as_they_stand_in_the_list()
    {
        var (read, problems) = Read(
            ("modules.json", """[{"idx": 7, "path": "", "type": "sentence_transformers.models.Transformer"}, {"idx": 1, "name": "x", "path": "pool", "type": "sentence_transformers.models.Pooling", "kwargs": ["task"]}]"""),
            ("pool/config.json", """{"pooling_mode": "cls"}"""), ("1_Pooling/config.json", """{"pooling_mode": "max"}"""));
        Assert.Empty(problems);
        Assert.Equal("FirstToken", string.Join(' ', read.Pooling));
    }

    [Theory]
    [InlineData("Transformer: Dense:1_Dense Pooling:1_Pooling", "the module 'Dense' in '1_Dense' at place 2 is not supported; supported is a folder in the model's after 'Transformer' and 'Pooling', and before 'Normalize'")]
    [InlineData("Transformer: Pooling:1_Pooling LayerNorm:2_LayerNorm", "the module 'LayerNorm' in '2_LayerNorm' at place 3 is not supported")]
    [InlineData("Router:", "the module 'Router' in '' at place 1 is not supported")]
    [InlineData("StaticEmbedding:0_StaticEmbedding", "the module 'StaticEmbedding' in '0_StaticEmbedding' at place 1 is not supported")]
    [InlineData("Transformer:0_Transformer Pooling:1_Pooling", "the module 'Transformer' in '0_Transformer' at place 1 is not supported; supported is the folder itself ('') at place 1")]
    [InlineData("Transformer: Pooling:../Pooling", "the module 'Pooling' in '../Pooling' at place 2 is not supported; supported is a folder in the model's")]
    [InlineData("Transformer: Pooling:", "the module 'Pooling' in '' at place 2 is not supported")]
    [InlineData("Transformer: Normalize:1_Normalize Pooling:1_Pooling", "the module 'Pooling' in '1_Pooling' at place 3 is not supported")]
    [InlineData("Normalize:0_Normalize", "the module 'Normalize' in '0_Normalize' at place 1 is not supported")]
    [InlineData("Transformer: Transformer:", "the module 'Transformer' in '' at place 2 is not supported")]
    [InlineData("Transformer:", "modules.json has no module 'Pooling'")]
    [InlineData("Transformer: Normalize:1_Normalize", "modules.json has no module 'Pooling'")]
    public void Modules_that_are_refused(string modules, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("modules.json", Json(modules)), ("1_Pooling/config.json", "{}")).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"0": {"path": "", "type": "sentence_transformers.models.Transformer"}}""", "modules.json is an object, but must be a list of modules")]
    [InlineData("[]", "modules.json is [], but must be a list of modules")]
    [InlineData("null", "modules.json is null, but must be a list of modules")]
    [InlineData("""["Transformer"]""", "modules.json: module 1 is \"Transformer\", but must be an object")]
    [InlineData("""[{"path": ""}]""", "modules.json: module 1: type is missing")]
    [InlineData("""[{"type": "sentence_transformers.models.Transformer"}]""", "modules.json: module 1: path is missing")]
    [InlineData("""[{"path": null, "type": "sentence_transformers.models.Transformer"}]""", "modules.json: module 1: path is null, but must be a string")]
    [InlineData("""[{"path": "", "type": 1}]""", "modules.json: module 1: type is 1, but must be a string")]
    [InlineData("""[{"path": "", "type": "custom_st.Transformer"}]""", "type 'custom_st.Transformer' is code of another package")]
    [InlineData("""[{"path": "", "type": "Transformer"}]""", "type 'Transformer' is code of another package")]
    [InlineData("""[{"path": "", "type": "sentence_transformers.models.Transformer", "a\nb\u202ec": 2}]""", "modules.json: module 1 has the key 'a\uFFFDb\uFFFDc', which is not known")]
    [InlineData("""[{"path": "", "type": "sentence_transformers.models.Transformer", "weight": 2}]""", "modules.json: module 1 has the key 'weight', which is not known")]
    [InlineData("""[{"name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}, {"name": "0", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]""", "module 2: name is '0', as another module's")]
    [InlineData("""[{"path": "", "type": "sentence_transformers.models.Transformer", "kwargs": "task"}]""", "kwargs 'task' is not supported; supported is a list of names")]
    [InlineData("[{,}]", "modules.json is not JSON")]
    public void Lists_of_modules_that_are_refused(string modules, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("modules.json", modules), ("1_Pooling/config.json", "{}")).Problems).Message, StringComparison.Ordinal);

    /// <summary>Files fetched one by one from a model's page lose their folders.</summary>
    [Theory]
    [InlineData(Layered, "1_Pooling/config.json is not there")]
    [InlineData("Transformer: Pooling:2_Pooling", "2_Pooling/config.json is not there")]
    public void A_pooling_that_is_named_must_be_there(string modules, string expected)
    {
        Assert.Contains(expected, Assert.Single(Read(("modules.json", Json(modules))).Problems).Message, StringComparison.Ordinal);
        Assert.Empty(Read(isPooled: true, ("modules.json", Json(modules))).Problems);
        Assert.Empty(Read(isPooled: true, ("modules.json", Json("Transformer:"))).Problems);
    }

    [Theory]
    [InlineData("2_Normalize/config.json", """{"module_input_name": "token_embeddings"}""", "module_input_name 'token_embeddings' is not supported; supported is 'sentence_embedding'")]
    [InlineData("2_Normalize/config.json", """{"module_output_name": "other"}""", "module_output_name 'other' is not supported")]
    [InlineData("2_Normalize/config.json", """{"p": 1}""", "2_Normalize/config.json has the key 'p', which is not known")]
    [InlineData("3_Dropout/config.json", """{"dropout": 0.5, "inplace": true}""", "3_Dropout/config.json has the key 'inplace', which is not known")]
    public void Settings_of_other_modules_that_are_refused(string file, string config, string expected)
    {
        var files = new[] { ("modules.json", Json("Transformer: Pooling:1_Pooling Normalize:2_Normalize Dropout:3_Dropout")), ("1_Pooling/config.json", "{}") };
        Assert.Contains(expected, Assert.Single(Read([.. files, (file, config)]).Problems).Message, StringComparison.Ordinal);
        Assert.Empty(Read([.. files, ("2_Normalize/config.json", """{"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}"""), ("3_Dropout/config.json", """{"dropout": 0.5}""")]).Problems);
    }

    [Theory]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 256, "do_lower_case": false}""", 256)]
    [InlineData("sentence_xlm-roberta_config.json", """{"max_seq_length": 128}""", 128)]
    [InlineData("sentence_xlnet_config.json", """{"max_seq_length": 64}""", 64)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": null}""", 0)]
    [InlineData("sentence_bert_config.json", """{"processing_kwargs": {"text": {"max_length": 5, "truncation": true, "padding": "longest"}}}""", 5)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 9, "processing_kwargs": {"text": {"max_length": 5}}}""", 5)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 9, "processing_kwargs": {"text": {"max_length": 5}, "common": {"max_length": null}}}""", 9)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 9, "processing_kwargs": {"text": {"max_length": 5}, "common": {"verbose": true}}}""", 5)]
    [InlineData("sentence_bert_config.json", """{"processing_kwargs": {"text": {"max_length": 5}, "common": {"max_length": 6, "return_tensors": "pt"}, "image": {"size": 3}}}""", 6)]
    [InlineData("sentence_bert_config.json", """{"processor_kwargs": {"model_max_length": 7}}""", 7)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 9, "tokenizer_args": {"model_max_length": 7, "trust_remote_code": true}}""", 7)]
    [InlineData("sentence_bert_config.json", """{"model_args": {"attn_implementation": "sdpa", "add_pooling_layer": false}, "config_args": {}, "unpad_inputs": false, "query_length": null, "backend": "onnx"}""", 0)]
    public void Longest_texts(string file, string config, int expected)
    {
        var (read, problems) = Read((file, config));
        Assert.Empty(problems);
        Assert.Equal(expected, read.MaxSequence);
    }

    /// <summary>The first file that says something counts, in the reference's order.</summary>
    [Fact]
    public void Of_several_files_the_first_counts()
    {
        var (read, problems) = Read(("sentence_albert_config.json", """{"max_seq_length": 3}"""), ("sentence_bert_config.json", "{}"), ("sentence_roberta_config.json", """{"max_seq_length": 2}"""));
        Assert.Empty(problems);
        Assert.Equal(2, read.MaxSequence);

        // Up to 5.3 the call's limit is max_seq_length, later the tokenizer's.
        (string, string) both = ("sentence_bert_config.json", """{"max_seq_length": 9, "tokenizer_args": {"model_max_length": 7}}""");
        Assert.Equal((7, 9), (Read(both).Read.MaxSequence, Read(both, Written("5.3.0")).Read.MaxSequence));
    }

    [Theory]
    [InlineData("""{"max_seq_length": 0}""", "max_seq_length is 0, but must be an integer above 0")]
    [InlineData("""{"max_seq_length": "long"}""", "max_seq_length is \"long\"")]
    [InlineData("""{"max_seq_length": 1.5}""", "max_seq_length is 1.5")]
    [InlineData("""{"max_sequence_length": 5}""", "sentence_bert_config.json has the key 'max_sequence_length', which is not known; known are 'max_seq_length', ")]
    [InlineData("""{"do_lower_case": "yes"}""", "do_lower_case is \"yes\", but must be true or false")]
    [InlineData("""{"do_lower_case": null}""", "do_lower_case is null, but must be true or false")]
    [InlineData("""{"transformer_task": "fill-mask"}""", "transformer_task 'fill-mask' is not supported; supported are 'feature-extraction', 'sequence-classification'")]
    [InlineData("""{"transformer_task": 3}""", "transformer_task is 3, but must be a string")]
    [InlineData("""{"module_output_name": "sentence_embedding"}""", "module_output_name 'sentence_embedding' is not supported; supported is 'token_embeddings'")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "forward", "method_output_name": "pooler_output"}}}""", "modality_config.text: method_output_name 'pooler_output' is not supported; supported is 'last_hidden_state'")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "forward", "method_output_name": ["hidden_states", "3"]}}}""", "method_output_name [\"hidden_states\",\"3\"] is not supported")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "get_text_features", "method_output_name": "last_hidden_state"}}}""", "method 'get_text_features' is not supported")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}, "message": {"method": "forward"}}}""", "modality_config 'message' is not supported; supported is 'text'")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {"text": {"method": "forward"}}}""", "modality_config.text: method_output_name is missing")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": {}}""", "modality_config has no 'text'")]
    [InlineData("""{"module_output_name": "token_embeddings", "modality_config": "text"}""", "modality_config is \"text\", but must be an object")]
    [InlineData("""{"modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}}""", "modality_config is there, but module_output_name is not")]
    [InlineData("""{"processing_kwargs": {"max_length": 5}}""", "processing_kwargs has the key 'max_length', which is not known; known are 'text', 'common'")]
    [InlineData("""{"processing_kwargs": {"text": {"stride": 5}}}""", "processing_kwargs: text has the key 'stride', which is not known")]
    [InlineData("""{"processing_kwargs": {"text": {"max_length": "5"}}}""", "processing_kwargs: text: max_length is \"5\", but must be an integer above 0")]
    [InlineData("""{"processing_kwargs": {"text": {"truncation": false}}}""", "truncation false is not supported; supported are true, 'longest_first'")]
    [InlineData("""{"processing_kwargs": {"text": {"truncation": "only_first"}}}""", "truncation 'only_first' is not supported")]
    [InlineData("""{"processing_kwargs": {"common": {"padding_side": "left"}}}""", "processing_kwargs: common: padding_side 'left' is not supported; supported is 'right'")]
    [InlineData("""{"processing_kwargs": {"common": {"padding": "shortest"}}}""", "padding 'shortest' is not supported")]
    [InlineData("""{"processing_kwargs": {"text": {"add_special_tokens": false}}}""", "add_special_tokens false is not supported; supported is true")]
    [InlineData("""{"processing_kwargs": {"text": {"return_attention_mask": false}}}""", "return_attention_mask false is not supported; supported is true")]
    [InlineData("""{"processing_kwargs": {"text": {"return_tensors": "np"}}}""", "return_tensors 'np' is not supported; supported is 'pt'")]
    [InlineData("""{"processing_kwargs": {"text": {"return_token_type_ids": 1}}}""", "return_token_type_ids is 1, but must be true, false or null")]
    [InlineData("""{"processing_kwargs": []}""", "processing_kwargs is [], but must be an object")]
    [InlineData("""{"query_length": 32}""", "query_length 32 is not supported; supported is null")]
    [InlineData("""{"document_length": 32}""", "document_length 32 is not supported; supported is null")]
    [InlineData("""{"query_expansion": {"strategy": "min", "length": 5}}""", "query_expansion an object is not supported; supported is null")]
    [InlineData("""{"tokenizer_name_or_path": "other"}""", "tokenizer_name_or_path 'other' is not supported; supported is null")]
    [InlineData("""{"model_args": {"torch_dtype": "float16"}}""", "model_args has the key 'torch_dtype', which is not known")]
    [InlineData("""{"config_kwargs": {"attn_implementation": "sdpa"}}""", "config_kwargs: attn_implementation 'sdpa' is not supported")]
    [InlineData("""{"model_kwargs": {"model_max_length": 5}}""", "model_kwargs: model_max_length 5 is not supported")]
    [InlineData("""{"tokenizer_args": {"model_max_length": -1}}""", "tokenizer_args: model_max_length is -1, but must be an integer above 0")]
    [InlineData("""{"processor_kwargs": 5}""", "processor_kwargs is 5, but must be an object")]
    [InlineData("""{"unpad_inputs": "auto"}""", "unpad_inputs is \"auto\", but must be true, false or null")]
    [InlineData("[]", "sentence_bert_config.json is [], but must be an object")]
    [InlineData("{,}", "sentence_bert_config.json is not JSON")]
    public void Settings_of_texts_that_are_refused(string config, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("sentence_bert_config.json", config)).Problems).Message, StringComparison.Ordinal);

    /// <summary>As 5.4 and later save a cross-encoder, and an encoder.</summary>
    [Theory]
    [InlineData("CrossEncoder", "Transformer:", """{"transformer_task": "sequence-classification", "modality_config": {"text": {"method": "forward", "method_output_name": "logits"}}, "module_output_name": "scores"}""")]
    [InlineData("SentenceTransformer", Layered, """{"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}, "module_output_name": "token_embeddings"}""")]
    public void Folders_of_newer_versions(string kind, string modules, string input) =>
        Assert.Empty(Read(
            ("modules.json", Json(modules)), ("1_Pooling/config.json", """{"embedding_dimension": 4, "pooling_mode": "mean", "include_prompt": true}"""), ("sentence_bert_config.json", input),
            ("config_sentence_transformers.json", $$$"""{"model_type": "{{{kind}}}", "__version__": {"sentence_transformers": "5.5.0", "transformers": "5.1.0", "pytorch": "2.9.0", "mine": 1}, "prompts": {}, "default_prompt_name": null, "similarity_fn_name": "dot", "requirements": {"transformers": ">=5"}}""")).Problems);

    [Fact]
    public void Scores_are_not_pooled() =>
        Assert.Contains("the module 'Pooling' pools hidden states", Assert.Single(Read(("modules.json", Json(Layered)), ("1_Pooling/config.json", "{}"), ("sentence_bert_config.json", """{"transformer_task": "sequence-classification"}""")).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"default_prompt_name": "search", "prompts": {"find": "find: "}}""", "default_prompt_name is 'search', but there is no such prompt; there are 'find', 'query', 'document'")]
    [InlineData("""{"default_prompt_name": "query", "prompts": {}, "__version__": {"sentence_transformers": "4.1.0"}}""", "default_prompt_name is 'query', but there is no such prompt; there are none")]
    [InlineData("""{"default_prompt_name": "query", "prompts": {"a": ""}, "model_type": "CrossEncoder"}""", "default_prompt_name is 'query', but there is no such prompt; there is 'a'")]
    [InlineData("""{"default_prompt_name": ""}""", "default_prompt_name is '', but there is no such prompt")]
    [InlineData("""{"default_prompt_name": 1}""", "default_prompt_name is 1, but must be a string or null")]
    [InlineData("""{"prompts": ["query"]}""", "prompts is [\"query\"], but must be an object of names and texts")]
    [InlineData("""{"prompts": null}""", "prompts is null, but must be an object of names and texts")]
    [InlineData("""{"prompts": {"query": 5}}""", "prompts: 'query' is 5, but must be a string or null")]
    [InlineData("""{"prompts": {"query": ["a"]}, "default_prompt_name": "query"}""", "prompts: 'query' is [\"a\"], but must be a string or null")]
    [InlineData("""{"prompts": {"query": "\ud800"}}""", "prompts: 'query' is no text: half of a pair of surrogates stands in it")]
    [InlineData("""{"model_type": "SparseEncoder"}""", "model_type 'SparseEncoder' is not supported; supported are 'SentenceTransformer', 'CrossEncoder'")]
    [InlineData("""{"model_type": null}""", "model_type is null, but must be a string")]
    [InlineData("""{"similarity_fn_name": "maxsim"}""", "similarity_fn_name 'maxsim' is not supported; supported are 'cosine', 'dot', 'euclidean', 'manhattan'")]
    [InlineData("""{"similarity_fn_name": 1}""", "similarity_fn_name is 1, but must be a string or null")]
    [InlineData("""{"truncate_dim": 0}""", "truncate_dim is 0, but must be an integer above 0, or null")]
    [InlineData("""{"truncate_dim": "64"}""", "truncate_dim is \"64\", but must be an integer above 0, or null")]
    [InlineData("""{"activation_fn": 1}""", "activation_fn is 1, but must be a string or null")]
    [InlineData("""{"query_prefix": "[Q] "}""", "config_sentence_transformers.json has the key 'query_prefix', which is not known; known are '__version__'")]
    [InlineData("""{"__version__": "5.3.0"}""", "__version__ is \"5.3.0\", but must be an object of packages and versions")]
    [InlineData("""{"__version__": {"sentence_transformers": "new"}}""", "__version__: sentence_transformers is \"new\", but must be a version such as \"5.3.0\"")]
    [InlineData("""{"__version__": {"sentence_transformers": 5}}""", "__version__: sentence_transformers is 5, but must be a version")]
    [InlineData("[]", "config_sentence_transformers.json is [], but must be an object")]
    [InlineData("{,}", "config_sentence_transformers.json is not JSON")]
    public void Settings_of_the_whole_that_are_refused(string config, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("config_sentence_transformers.json", config)).Problems).Message, StringComparison.Ordinal);

    /// <summary>A list's vectors stand side by side, as often and in the order that it names them, in the class that is made of it.</summary>
    [Fact]
    public void Repeated_modes_are_repeated_in_the_vector()
    {
        var (config, manifest) = SmallModels.All[0];
        var bytes = WeightFile.Bytes(WeightFile.Random(manifest));
        float[] Vector(string pooling)
        {
            var folder = Directory.CreateTempSubdirectory("attngen-");
            try
            {
                File.WriteAllText(Path.Combine(folder.FullName, "config.json"), config);
                File.WriteAllBytes(Path.Combine(folder.FullName, "model.safetensors"), bytes);
                File.WriteAllText(Path.Combine(folder.FullName, "modules.json"), Json("Transformer: Pooling:pool"));
                File.WriteAllText(Path.Combine(folder.CreateSubdirectory("pool").FullName, "config.json"), pooling);
                using var model = (ISentenceEncoder)HubModel.Of(folder.FullName).Load();
                var vector = new float[model.Info.EmbeddingSize];
                model.Embed([2, 7, 9, 3], vector);
                return vector;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        var (mean, first) = (Vector("""{"pooling_mode": "mean"}"""), Vector("""{"pooling_mode": "cls"}"""));
        Assert.Equal([.. mean, .. first, .. mean], Vector("""{"pooling_mode": ["mean", "cls", "mean"]}"""));
        Assert.Equal([.. first, .. mean], Vector("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"""));
        Assert.NotEqual(mean, first);
    }

    [Fact]
    public void Adapters_are_refused()
    {
        var (config, manifest) = SmallModels.All[0];
        var found = HubModel.Diagnose([new("model", "config.json", config), new("model", "manifest.json", manifest), new("model", "adapter_config.json", """{"peft_type": "LORA"}""")]);
        Assert.Contains("adapter_config.json names an adapter", Assert.Single(found).GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static (string, string) Written(string version) => ("config_sentence_transformers.json", $$$"""{"__version__": {"sentence_transformers": "{{{version}}}"}}""");

    private static string Json(string modules) =>
        "[" + string.Join(",", modules.Split(' ').Select((module, i) => $"{{\"idx\": {i}, \"name\": \"{i}\", \"path\": \"{module[(module.IndexOf(':', StringComparison.Ordinal) + 1)..]}\", \"type\": \"{Type(module[..module.IndexOf(':', StringComparison.Ordinal)])}\"}}")) + "]";

    private static string Type(string name) => (name.Contains('.', StringComparison.Ordinal) ? "sentence_transformers." : "sentence_transformers.models.") + name;

    private static (SentenceTransformer Read, List<Problem> Problems) Read(params (string Name, string Text)[] files) => Read(isPooled: false, files);

    // In a folder whose modules.json names a transformer and a pooling, unless it says something else.
    private static (SentenceTransformer Read, List<Problem> Problems) Read(bool isPooled, params (string Name, string Text)[] files) =>
        Whole(isPooled, [.. files, .. new[] { ("modules.json", Json(Layered)), ("1_Pooling/config.json", "{}") }.Where(file => !files.Any(other => other.Item1 == "modules.json" || other.Item1 == file.Item1))]);

    private static (SentenceTransformer Read, List<Problem> Problems) Whole(bool isPooled, params (string Name, string Text)[] files)
    {
        var problems = new List<Problem>();
        return (SentenceTransformer.Read(new FolderFiles("m", files.Select(file => new FolderFile(file.Name, file.Text)).ToEquatable()), problems, isPooled), problems);
    }

    /// <summary>Without modules.json the library makes a transformer and the mean, and reads no file of its own: no pooling, no longest text, no prompt. (SentenceTransformer._load_auto_model up to 5.3, _load_default_modules since.)</summary>
    [Theory]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "cls"}""")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode_max_tokens": true}""")]
    [InlineData("1_Pooling/config.json", """{"pooling_mode": "median"}""")]
    [InlineData("1_Pooling/config.json", "{,}")]
    [InlineData("2_Normalize/config.json", "{}")]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 5, "do_lower_case": true}""")]
    [InlineData("sentence_bert_config.json", """{"query_length": 5}""")]
    [InlineData("config_sentence_transformers.json", """{"prompts": {"query": "q: "}, "default_prompt_name": "query", "truncate_dim": 2}""")]
    [InlineData("config_sentence_transformers.json", """{"__version__": {"sentence_transformers": "4.1.0"}, "default_prompt_name": "search"}""")]
    public void Without_a_list_of_modules_no_file_counts(string file, string text)
    {
        var (read, problems) = Whole(false, (file, text));
        Assert.Empty(problems);
        Assert.Equal("Mean", string.Join(' ', read.Pooling));
        Assert.False(read.Normalize);
        Assert.Equal(0, read.MaxSequence);
        Assert.Equal(Sentences.ModulesHash.Nothing, read.ModulesHash);
        string? Open(string name) => name == file ? text : null;
        var config = Sentences.SentenceConfig.Read(Open, []);
        Assert.All(config.Prompts, prompt => Assert.Equal("", prompt.Value));
        Assert.Null(config.DefaultPromptName);
        Assert.Equal(0, config.TruncateDim);
        Assert.False(Sentences.SentenceInput.Read(Open, config.Version, []).Lower);
    }

    /// <summary>A file that counts only beside modules.json is told as a message where that is not there.</summary>
    [Theory]
    [InlineData("1_Pooling/config.json", false, true)]
    [InlineData("sentence_bert_config.json", false, true)]
    [InlineData("1_Pooling/config.json", true, false)]
    public void A_file_that_does_not_count_is_told(string file, bool isListed, bool told)
    {
        var (config, manifest) = SmallModels.All[0];
        var texts = new List<FolderFile> { new("config.json", config), new("manifest.json", manifest), new(file, "{}") };
        if (isListed)
            texts.Add(new("modules.json", Json(Layered)));
        var notes = new List<Problem>();
        var problems = new List<Problem>();
        Assert.NotNull(TransformerParser.Parse(new RequestSpec("m", 0, PoolingKind.Folder, NormalizeKind.Folder), new FolderFiles("m", texts.ToEquatable()), problems, notes));
        Assert.Empty(problems);
        Assert.Equal(told, notes.Exists(note => note.Message.StartsWith($"{file} has no effect without modules.json", StringComparison.Ordinal)));
    }

    /// <summary>What files mean is one number, in whatever words and by whatever version's rules; what they mean differently is another.</summary>
    [Theory]
    [InlineData("6.0.0", """{"pooling_mode": "mean"}""", "6.0.0", """{"pooling_mode_mean_tokens": true}""", true)]
    [InlineData("6.0.0", """{"pooling_mode": "mean"}""", "6.0.0", "{}", true)]
    [InlineData("6.0.0", """{"pooling_mode": ["mean"]}""", "5.3.0", """{"pooling_mode_cls_token": false}""", true)]
    [InlineData("6.0.0", """{"pooling_mode": ["cls", "mean"]}""", "5.3.0", """{"pooling_mode_cls_token": true}""", true)]
    [InlineData("6.0.0", """{"pooling_mode": "cls", "embedding_dimension": 4, "include_prompt": true}""", "5.3.0", """{"pooling_mode": "CLS", "word_embedding_dimension": 8}""", true)]
    [InlineData("6.0.0", """{"pooling_mode": ["cls", "mean"]}""", "6.0.0", """{"pooling_mode": ["mean", "cls"]}""", false)]
    [InlineData("6.0.0", """{"pooling_mode_cls_token": true}""", "5.3.0", """{"pooling_mode_cls_token": true}""", false)]
    [InlineData("6.0.0", """{"pooling_mode": "mean"}""", "6.0.0", """{"pooling_mode": "max"}""", false)]
    public void Files_that_mean_the_same_have_one_number(string version, string pooling, string otherVersion, string otherPooling, bool same)
    {
        var one = Read(("1_Pooling/config.json", pooling), Written(version));
        var other = Read(("1_Pooling/config.json", otherPooling), Written(otherVersion));
        Assert.Empty(one.Problems.Concat(other.Problems));
        Assert.Equal(same, one.Read.ModulesHash == other.Read.ModulesHash);
    }

    /// <summary>All flags false is the mean since 5.4, and nothing before: a folder of the one is not one of the other.</summary>
    [Fact]
    public void Flags_that_are_all_false_are_not_the_same_of_two_versions()
    {
        const string Flags = """{"pooling_mode_mean_tokens": false, "pooling_mode_cls_token": false}""";
        var compiled = Read(("1_Pooling/config.json", Flags), Written("5.4.0")).Read.ModulesHash;
        Assert.Null(Differs(compiled, "5.4.0"));
        Assert.Contains("names no pooling that is known", Differs(compiled, "5.3.0"), StringComparison.Ordinal);

        static string? Differs(string compiled, string version)
        {
            string? Open(string name) => name switch { "modules.json" => Json(Layered), "1_Pooling/config.json" => Flags, "config_sentence_transformers.json" => Written(version).Item2, _ => null };
            var config = Sentences.SentenceConfig.Read(Open, []);
            return Sentences.ModulesHash.Differs(compiled, Open, config, Sentences.SentenceInput.Read(Open, config.Version, []));
        }
    }

    /// <summary>What the class says itself does not count, and what it does not say does.</summary>
    [Theory]
    [InlineData(true, false, "Transformer: Pooling:1_Pooling", "max", true)]
    [InlineData(true, false, "Transformer: Pooling:1_Pooling Normalize:2_Normalize", "mean", false)]
    [InlineData(false, true, "Transformer: Pooling:1_Pooling Normalize:2_Normalize", "mean", true)]
    [InlineData(false, true, "Transformer: Pooling:1_Pooling", "max", false)]
    [InlineData(true, true, "Transformer: Pooling:1_Pooling Normalize:2_Normalize", "max", true)]
    [InlineData(false, false, "Transformer: Pooling:1_Pooling Normalize:2_Normalize", "mean", false)]
    public void What_the_class_says_itself_does_not_count(bool isPooled, bool isNormalized, string modules, string pooling, bool same)
    {
        (string, string)[] Folder(string list, string mode) => [("modules.json", Json(list)), ("1_Pooling/config.json", $$"""{"pooling_mode": "{{mode}}"}""")];
        SentenceTransformer Compiled(params (string Name, string Text)[] files) =>
            SentenceTransformer.Read(new FolderFiles("m", files.Select(file => new FolderFile(file.Name, file.Text)).ToEquatable()), [], isPooled, isNormalized);
        var compiled = Compiled(Folder(Layered, "mean")).ModulesHash;
        Assert.Equal(same, Compiled(Folder(modules, pooling)).ModulesHash == compiled);
        string? Open(string name) => Folder(modules, pooling).FirstOrDefault(file => file.Item1 == name).Item2;
        var config = Sentences.SentenceConfig.Read(Open, []);
        Assert.Equal(same, Sentences.ModulesHash.Differs(compiled, Open, config, Sentences.SentenceInput.Read(Open, config.Version, [])) is null);
    }
}
