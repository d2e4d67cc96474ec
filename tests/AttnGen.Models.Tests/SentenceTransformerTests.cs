using AttnGen.Generator.Models;
using AttnGen.Generator.Spec;

namespace AttnGen.Models.Tests;

/// <summary>What sentence-transformers keeps beside a model, as its own code reads it.</summary>
public sealed class SentenceTransformerTests
{
    [Theory]
    [InlineData("""{"word_embedding_dimension": 4}""", "Mean")]
    [InlineData("""{"pooling_mode_cls_token": true}""", "FirstToken Mean")]
    [InlineData("""{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""", "FirstToken")]
    [InlineData("""{"pooling_mode_max_tokens": true, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}""", "FirstToken Max")]
    [InlineData("""{"pooling_mode_mean_sqrt_len_tokens": true, "pooling_mode_weightedmean_tokens": true, "pooling_mode_lasttoken": true, "pooling_mode_mean_tokens": false}""", "MeanSqrtLength WeightedMean LastToken")]
    [InlineData("""{"pooling_mode": "cls", "pooling_mode_mean_tokens": true}""", "FirstToken")]
    [InlineData("""{"pooling_mode": "LastToken"}""", "LastToken")]
    [InlineData("""{"pooling_mode": ["mean", "max"], "include_prompt": true}""", "Max Mean")]
    public void Poolings(string config, string expected)
    {
        var (read, problems) = Read(("1_Pooling/config.json", config));
        Assert.Empty(problems);
        Assert.Equal(expected, string.Join(' ', read.Pooling));
    }

    [Theory]
    [InlineData("""{"pooling_mode_mean_tokens": false}""", "names no pooling that is known")]
    [InlineData("""{"pooling_mode": "attention"}""", "pooling_mode 'attention' is not supported; supported are 'cls', 'max', 'mean'")]
    [InlineData("""{"pooling_mode": ["mean", "middle"]}""", "pooling_mode 'middle' is not supported")]
    [InlineData("""{"pooling_mode_cls_token": "yes"}""", "pooling_mode_cls_token is \"yes\", but must be true or false")]
    [InlineData("""{"include_prompt": false}""", "include_prompt false is not supported; supported is true")]
    [InlineData("{,}", "1_Pooling/config.json is no JSON")]
    public void Poolings_that_are_refused(string config, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("1_Pooling/config.json", config)).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Transformer: Pooling:1_Pooling", false)]
    [InlineData("Transformer: Pooling:1_Pooling Normalize:2_Normalize", true)]
    [InlineData("Transformer: Dropout:1_Dropout Pooling:1_Pooling Normalize:2_Normalize", true)]
    [InlineData("Transformer: Normalize:1_Normalize", true)]
    public void Modules(string modules, bool normalize)
    {
        var (read, problems) = Read(("modules.json", Json(modules)));
        Assert.Empty(problems);
        Assert.Equal(normalize, read.Normalize);
    }

    [Theory]
    [InlineData("Transformer: Pooling:1_Pooling Dense:2_Dense", "the module 'Dense' in '2_Dense' at place 3 is not supported")]
    [InlineData("Transformer:0_Transformer Pooling:1_Pooling", "the module 'Transformer' in '0_Transformer' at place 1 is not supported; supported is the folder itself ('') at place 1")]
    [InlineData("Transformer: Pooling:2_Pooling", "the module 'Pooling' in '2_Pooling' at place 2 is not supported")]
    [InlineData("Transformer: Normalize:1_Normalize Pooling:1_Pooling", "the module 'Pooling' in '1_Pooling' at place 3 is not supported")]
    [InlineData("Normalize:0_Normalize", "the module 'Normalize' in '0_Normalize' at place 1 is not supported")]
    [InlineData("Transformer: Transformer:", "the module 'Transformer' in '' at place 2 is not supported")]
    public void Modules_that_are_refused(string modules, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(("modules.json", Json(modules))).Problems).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": 256, "do_lower_case": false}""", 256)]
    [InlineData("sentence_xlm-roberta_config.json", """{"max_seq_length": 128}""", 128)]
    [InlineData("sentence_bert_config.json", """{"max_seq_length": null}""", 0)]
    public void Longest_texts(string file, string config, int expected)
    {
        var (read, problems) = Read((file, config));
        Assert.Empty(problems);
        Assert.Equal(expected, read.MaxSequence);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("\"long\"")]
    [InlineData("1.5")]
    public void Longest_texts_that_are_refused(string value) =>
        Assert.Contains("max_seq_length is ", Assert.Single(Read(("sentence_bert_config.json", $"{{\"max_seq_length\": {value}}}")).Problems).Message, StringComparison.Ordinal);

    private static string Json(string modules) =>
        "[" + string.Join(",", modules.Split(' ').Select((module, i) => $"{{\"idx\": {i}, \"name\": \"{i}\", \"path\": \"{module[(module.IndexOf(':', StringComparison.Ordinal) + 1)..]}\", \"type\": \"sentence_transformers.models.{module[..module.IndexOf(':', StringComparison.Ordinal)]}\"}}")) + "]";

    private static (SentenceTransformer Read, List<Problem> Problems) Read(params (string Name, string Text)[] files)
    {
        var problems = new List<Problem>();
        return (SentenceTransformer.Read(new FolderFiles("m", files.Select(file => new FolderFile(file.Name, file.Text)).ToEquatable()), problems), problems);
    }
}
