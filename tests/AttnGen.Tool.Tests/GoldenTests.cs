using System.Globalization;

namespace AttnGen.Tool.Tests;

/// <summary>Golden files of every shape, by a model that is known: what is compared, what is not, and what is said of files that are wrong.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static GoldenWriter Good() => new GoldenWriter()
        .Add("a.input_ids", [5, 7, 9], 1, 3)
        .Add("a.last_hidden_state", [5.0, 0, 7, 1, 9, 2], 1, 3, 2)
        .Add("a.hidden_states.1", [5.0, 0, 7, 1, 9, 2], 1, 3, 2)
        .Add("a.embedding", [21.0], 1, 1);

    [Fact]
    public void What_agrees_passes()
    {
        var report = Verify(Good());
        Assert.True(report.Passed);
        Assert.Equal(3, report.Arrays.Count);
        Assert.Equal(13, report.Arrays.Sum(array => array.Compared));
    }

    [Fact]
    public void A_case_needs_no_name_and_ids_no_batch()
    {
        Assert.True(Verify(new GoldenWriter().Add("ids", [5, 7], 2).Add("last_hidden_state", [5.0, 0, 7, 1], 2, 2).Add("hidden_states", [0.0, 0, 0, 0, 5, 0, 7, 1], 2, 2, 2)).Passed);
        Assert.True(Verify(new GoldenWriter().Add("t.ids", [5, 7], 2).Add("t.embedding64", [12.0], 1).Add("t.embedding32", [12f], 1)).Passed);
    }

    [Fact]
    public void A_batch_of_one_may_be_written_without_its_1()
    {
        Assert.True(Verify(Good().Add("a.attention_mask", [1, 1, 1], 3)).Passed);
        Assert.True(Verify(Good().Reshape("a.input_ids", 3).Add("a.attention_mask", [1, 1, 1], 1, 3)).Passed);
    }

    [Fact]
    public void A_case_may_have_dots_itself()
    {
        var report = Verify(Good().Rename(name => name.Replace("a.", "v1.2 of a.txt.", StringComparison.Ordinal)));
        Assert.True(report.Passed);
        Assert.Equal(3, report.Arrays.Count);
        Assert.Equal(new GoldenKey("x.hidden_states.2.hidden_states.1", "x.hidden_states.2", GoldenRole.HiddenState, 1, false), GoldenKey.Parse("x.hidden_states.2.hidden_states.1"));
    }

    [Fact]
    public void An_output_of_another_shape_fails_and_the_others_are_compared()
    {
        var report = Verify(Good().Reshape("a.last_hidden_state", 1, 2, 3));
        Assert.Equal(Verdict.Failed, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Verdict);
        Assert.Equal(2, report.Arrays.Count(array => array.Verdict == Verdict.Ok));
        Assert.False(report.IsGoldenUnusable);
    }

    [Fact]
    public void Small_numbers_with_a_usual_error_of_the_reference_are_compared()
    {
        // A logit near 0 of large hidden states: ten times its error is more than a hundredth of it.
        File.WriteAllText(_folder["golden.json"], """{"max_abs_f32_minus_f64": 3e-6}""");
        var report = Verify(new GoldenWriter().Add("a.input_ids", [0, 1], 1, 2).Add("a.last_hidden_state", [0.0, 0, 1, 1], 1, 2, 2).Add("b.input_ids", [0], 1, 1).Add("b.embedding", [1e-4 / 10], 1, 1));
        Assert.True(report.Passed, report.Passed ? "" : report.Failure());
    }

    [Fact]
    public void Float32_of_which_nothing_is_stated_may_be_off_by_a_little_more()
    {
        var golden = new GoldenWriter().Add("a.input_ids", [5, 7], 1, 2).Add("a.last_hidden_state", [5f, 0, 7, 1], 1, 2, 2);
        Assert.True(Verify(golden, new FakeModel(1.8e-5f)).Passed);
        Assert.False(Verify(golden, new FakeModel(2.8e-5f)).Passed);
        File.WriteAllText(_folder["golden.json"], """{"max_abs_f32_minus_f64": 1e-7}""");
        Assert.False(Verify(golden, new FakeModel(1.8e-5f)).Passed);
    }

    [Fact]
    public void Two_thousand_damaged_files_give_sentences()
    {
        var good = Good()
            .Add("b.input_ids", [5, 7, 9, 4, 0, 0], 2, 3).Add("b.attention_mask", [1, 1, 1, 1, 0, 0], 2, 3).Add("b.token_type_ids", [0, 0, 1, 0, 0, 0], 2, 3)
            .Add("b.hidden_states", new double[24], 2, 2, 3, 2).Add("b.attentions.0", new float[18], 2, 1, 3, 3).Add("b.embedding32", [21f, 4], 2, 1);
        good.Write(_folder["golden.safetensors"]);
        var bytes = File.ReadAllBytes(_folder["golden.safetensors"]);
        var header = (int)BitConverter.ToInt64(bytes);
        string[] words = ["0", "1", "2", "3", "9", "-1", "8589934592", "9223372036854775807", "18446744073709551616", "F32", "F64", "F16", "BF16", "I64", "I32", "BOOL", "U64", "F8_E4M3", "null", "[", "]", "{", "}", ",", "\"", ".", "ids", "logits", "pixel_values", "attention_mask", "32", "64", "\\ud800", "\\u0000"];
        var random = new Random(1);
        var opened = 0;
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var console = new ToolConsole(output, output);
        for (var i = 0; i < 2_000; i++)
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes, 8, header);
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                var at = random.Next(text.Length);
                text = random.Next(3) switch
                {
                    0 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)),
                    1 => text.Insert(at, words[random.Next(words.Length)]),
                    _ => Replace(text, random, words),
                };
            }

            var changed = System.Text.Encoding.UTF8.GetBytes(text);
            var data = bytes.AsSpan(8 + header).ToArray();
            if (random.Next(2) == 0)
                random.NextBytes(data.AsSpan(random.Next(data.Length - 8), 8));
            File.WriteAllBytes(_folder["golden.safetensors"], [.. BitConverter.GetBytes((long)changed.Length), .. changed, .. data]);
            try
            {
                var report = Verify(GoldenFile.Open(_folder["golden.safetensors"]), null);
                opened++;
                console.Json(report);
                if (!report.Passed)
                    Assert.EndsWith(".", report.Failure());
                output.GetStringBuilder().Clear();
            }
            catch (ToolException e)
            {
                Assert.EndsWith(".", e.Message);
            }
        }

        Assert.InRange(opened, 20, 1_950);
    }

    // A word of the file by another: what stays JSON says something else.
    private static string Replace(string text, Random random, string[] words)
    {
        var found = System.Text.RegularExpressions.Regex.Matches(text, "[A-Za-z_]+[0-9]*|[0-9]+");
        var word = found[random.Next(found.Count)];
        var by = random.Next(3) == 0 ? words[random.Next(words.Length)] : found[random.Next(found.Count)].Value;
        return string.Concat(text.AsSpan(0, word.Index), by, text.AsSpan(word.Index + word.Length));
    }

    [Fact]
    public void Rows_at_padding_are_not_compared()
    {
        var report = Verify(new GoldenWriter()
            .Add("b.input_ids", [5, 7, 9, 4, 0, 0], 2, 3).Add("b.attention_mask", [1, 1, 1, 1, 0, 0], 2, 3)
            .Add("b.last_hidden_state", [5.0, 0, 7, 1, 9, 2, 4, 0, -1, -1, -1, -1], 2, 3, 2).Add("b.embedding", [21.0, 4], 2, 1));
        Assert.True(report.Passed, report.Passed ? "" : report.Failure());
        Assert.Equal(8, report.Arrays.Single(array => array.Name == "b.last_hidden_state").Compared);
        Assert.Equal("2 rows", Assert.Single(report.Checks).Detail);
    }

    [Fact]
    public void A_mask_may_have_its_zeros_anywhere()
    {
        var report = Verify(new GoldenWriter()
            .Add("b.input_ids", [0, 7, 9, 4, 0, 3], 2, 3).Add("b.attention_mask", [0, 1, 1, 1, 0, 1], 2, 3)
            .Add("b.last_hidden_state", [-1.0, -1, 7, 1, 9, 2, 4, 0, -1, -1, 3, 2], 2, 3, 2).Add("b.embedding", [16.0, 7], 2, 1));
        Assert.True(report.Passed, report.Passed ? "" : report.Failure());
        Assert.Empty(report.Checks); // without its padding such a row has other positions
    }

    [Fact]
    public void A_model_that_reads_padding_is_found_out()
    {
        var report = Verify(
            new GoldenWriter().Add("b.input_ids", [5, 7, 0], 1, 3).Add("b.attention_mask", [1, 1, 0], 1, 3).Add("b.last_hidden_state", [5.0, 0, 7, 1, 0, 0], 1, 3, 2),
            new FakeModel(readsPadding: true));
        Assert.False(report.Passed);
        Assert.Contains("padded = unpadded", report.Failure());
        Assert.All(report.Arrays, array => Assert.Equal(Verdict.Ok, array.Verdict)); // the difference is far below what is allowed
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "NaN or infinity")]
    [InlineData(1e-3f, "1.0e-03")]
    public void Wrong_numbers_fail(float fault, string said)
    {
        var report = Verify(Good(), new FakeModel(fault));
        Assert.False(report.Passed);
        Assert.Equal(2, report.Arrays.Count(array => array.Verdict == Verdict.Failed));
        Assert.Contains(said, report.Failure());
    }

    [Fact]
    public void The_references_own_error_widens_what_is_allowed_tenfold()
    {
        Assert.False(Verify(Good(), new FakeModel(1.5e-5f)).Passed);
        File.WriteAllText(_folder["golden.json"], """{"max_abs_f32_minus_f64": 2e-6, "arrays": {"a.hidden_states.1": {"max_abs_f32_minus_f64": 1e-7}}}""");
        var report = Verify(Good(), new FakeModel(1.5e-5f));
        Assert.Equal(2e-5, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Tolerance!.Value, 1e-12);
        Assert.Equal(Verdict.Failed, report.Arrays.Single(array => array.Name == "a.hidden_states.1").Verdict);
        Assert.Equal(Verdict.Ok, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Verdict);
    }

    [Fact]
    public void A_mark_before_the_text_of_the_JSON_file_is_read_over()
    {
        File.WriteAllText(_folder["golden.json"], "\uFEFF{\"max_abs_f32_minus_f64\": 2e-6}");
        Assert.Equal(2e-5, Verify(Good()).Arrays[0].Tolerance!.Value, 1e-12);
    }

    [Theory]
    [InlineData("1e9", false)]
    [InlineData("2.2", false)]
    [InlineData("-1", true)]
    [InlineData("1e999", true)]
    [InlineData("\"small\"", true)]
    [InlineData("[1]", true)]
    public void A_stated_error_that_would_allow_anything_is_refused(string error, bool isMalformed)
    {
        File.WriteAllText(_folder["golden.json"], $$"""{"max_abs_f32_minus_f64": {{error}}}""");
        if (isMalformed)
        {
            Assert.Contains("a number from 0 on is expected", Assert.Throws<ToolException>(() => Verify(Good())).Message);
            return;
        }

        var report = Verify(Good());
        Assert.False(report.Passed);
        Assert.Contains("checks nothing", report.Failure());
    }

    /// <summary>The error of the whole file may be that of another array: it allows four times what rounding explains of this one's numbers, and no more.</summary>
    [Fact]
    public void A_large_stated_error_allows_four_times_what_rounding_explains_at_most()
    {
        // Nine is the largest number: ten times the stated error would be 5.
        File.WriteAllText(_folder["golden.json"], """{"max_abs_f32_minus_f64": 0.5}""");
        const double Allowed = 4 * 64 * 9.0 / (1 << 23);
        var report = Verify(Good(), new FakeModel((float)(0.9 * Allowed)));
        Assert.Equal(Allowed, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Tolerance!.Value, 1e-12);
        Assert.Equal(Verdict.Ok, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Verdict);
        Assert.False(Verify(Good(), new FakeModel((float)(1.1 * Allowed))).Passed);
    }

    /// <summary>An error that is stated of an array, or measured at a float32 array beside it, must be one that rounding explains: else it would hide a wrong result.</summary>
    [Theory]
    [InlineData("1e-6", true)]
    [InlineData("6e-5", true)]
    [InlineData("7.5e-5", false)]
    [InlineData("0.01", false)]
    [InlineData("0.09", false)]
    public void An_error_that_rounding_does_not_explain_fails(string error, bool isExplained)
    {
        File.WriteAllText(_folder["golden.json"], $$$$"""{"arrays": {"a.last_hidden_state": {"max_abs_f32_minus_f64": {{{{error}}}}}}}""");
        var report = Verify(Good());
        Assert.Equal(isExplained ? Verdict.Ok : Verdict.Failed, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Verdict);
        if (!isExplained)
            Assert.Contains("more than rounding explains", report.Failure(), StringComparison.Ordinal);
        var beside = new GoldenWriter().Add("b.input_ids", [5, 9], 1, 2)
            .Add("b.last_hidden_state64", [5.0, 0, 9, 1], 1, 2, 2).Add("b.last_hidden_state32", [5f + float.Parse(error, System.Globalization.CultureInfo.InvariantCulture), 0, 9, 1], 1, 2, 2);
        File.Delete(_folder["golden.json"]);
        Assert.Equal(isExplained, Verify(beside).Passed);
    }

    [Fact]
    public void An_output_that_is_not_known_is_not_checked_and_fails()
    {
        var report = Verify(Good().Add("a.pooler_output", [1.0], 1, 1).Add("a.surprise", [1.0], 1));
        Assert.False(report.Passed);
        Assert.Equal(["a.pooler_output", "a.surprise"], report.Arrays.Where(array => array.Verdict == Verdict.NotChecked).Select(array => array.Name).Order());
        Assert.Contains("a.pooler_output: the model has no such output", report.Failure());
    }

    public static TheoryData<string, string> Odd => new()
    {
        { "no ids", "no input_ids" },
        { "no outputs", "has inputs and no output" },
        { "only a case without inputs", "no input_ids" },
        { "ids of three dimensions", "[T] or [B, T] is expected" },
        { "no tokens", "holds no ids" },
        { "ids as floats", "I64 or another integer is expected" },
        { "outputs as integers", "F64, F32, F16 or BF16 is expected" },
        { "id beyond int", "is no token id" },
        { "mask of another shape", "both must have one shape" },
        { "mask of a half", "0 (padding) and 1 are expected" },
        { "mask without a one", "has no 1" },
        { "too many tokens", "at most 8 are allowed" },
        { "shape", "the model gives [1, 3, 2]" },
        { "layer", "the model has 1 layers" },
        { "golden NaN", "the golden file itself holds NaN" },
        { "both names of ids", "are the same input" },
        { "an image", "no input_ids (or ids), but pixel_values" },
        { "name with a line break", "not checked" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public void Odd_files_fail_with_one_sentence(string what, string said)
    {
        var report = Verify(what switch
        {
            "no ids" => Good().Remove(name => name == "a.input_ids"),
            "no outputs" => Good().Remove(name => name != "a.input_ids"),
            "only a case without inputs" => new GoldenWriter().Add("decode.logits", [1.0], 1, 1),
            "ids of three dimensions" => Good().Reshape("a.input_ids", 1, 1, 3),
            "no tokens" => Good().Add("a.input_ids", (long[])[], 1, 0),
            "ids as floats" => Good().Add("a.input_ids", [5.0, 7, 9], 1, 3),
            "outputs as integers" => Good().Add("a.embedding", [21], 1, 1),
            "id beyond int" => Good().Add("a.input_ids", [5, 7, 1L << 40], 1, 3),
            "mask of another shape" => Good().Add("a.attention_mask", [1, 1], 1, 2),
            "mask of a half" => Good().Add("a.attention_mask", [1f, 0.5f, 0f], 1, 3),
            "mask without a one" => Good().Add("a.attention_mask", [0, 0, 0], 1, 3),
            "too many tokens" => Good().Add("a.input_ids", new long[9], 1, 9).Remove(name => name is "a.last_hidden_state" or "a.hidden_states.1"),
            "shape" => Good().Reshape("a.last_hidden_state", 1, 2, 3),
            "layer" => Good().Rename(name => name.Replace("hidden_states.1", "hidden_states.2", StringComparison.Ordinal)),
            "golden NaN" => Good().Change("a.last_hidden_state", 5, _ => double.NaN),
            "both names of ids" => Good().Add("a.ids", [5, 7, 9], 1, 3),
            "an image" => new GoldenWriter().Add("a.pixel_values", [1f], 1, 1, 1, 1).Add("a.logits", [1.0], 1, 1),
            "name with a line break" => Good().Add("a.x\ny", [1.0], 1),
            _ => throw new ArgumentException(what),
        });
        Assert.False(report.Passed);
        Assert.Contains(said, report.Failure());
        Assert.EndsWith(".", report.Failure());
    }

    /// <summary>What could be passed over without a word: each is named, and the file fails.</summary>
    public static TheoryData<string, string> Silent => new()
    {
        { "a case without outputs", "case 'b' has inputs and no output to compare with" },
        { "pixels beside ids", "'a.pixel_values' is no input of this model, which reads text" },
        { "token types that the model does not have", "the model has no token types, and token_type_ids holds 1 at 2" },
        { "positions of another shape", "'a.position_ids' is [1, 2]" },
        { "positions as floats", "I64 or another integer is expected" },
        { "ids as flags", "is of type BOOL" },
        { "float32 of another shape", "it is [1, 2], and 'a.embedding64' beside it [1, 1]" },
        { "float32 of NaN", "the golden file itself holds NaN" },
        { "float32 of integers", "F64, F32, F16 or BF16 is expected" },
        { "a row for all", "the model gives [2, 3, 2]" },
        { "one number for all", "the model gives [1, 3, 2]" },
        { "zeros", "zeros would pass" },
        { "an unknown ending", "'a.embedding16'" },
        { "an unknown layer", "a.hidden_states.first: this tool knows no such array" },
        { "a case of unknown arrays alone", "case 'b': there is no input_ids" },
    };

    [Theory]
    [MemberData(nameof(Silent))]
    public void Nothing_is_passed_over_in_silence(string what, string said)
    {
        var report = Verify(what switch
        {
            "a case without outputs" => Good().Add("b.input_ids", [5], 1, 1),
            "pixels beside ids" => Good().Add("a.pixel_values", [1f], 1, 1, 1, 1),
            "token types that the model does not have" => Good().Add("a.token_type_ids", [0, 0, 1], 1, 3),
            "positions of another shape" => Good().Add("a.position_ids", [0, 1], 1, 2),
            "positions as floats" => Good().Add("a.position_ids", [0f, 1, 2], 1, 3),
            "ids as flags" => Good().Add("b.input_ids", [true, false], 1, 2).Add("b.embedding", [1.0], 1, 1),
            "float32 of another shape" => Good().Rename(name => name.Replace("embedding", "embedding64", StringComparison.Ordinal)).Add("a.embedding32", [21f, 21f], 1, 2),
            "float32 of NaN" => Good().Add("a.embedding32", [float.NaN], 1, 1),
            "float32 of integers" => Good().Add("a.embedding32", [21L], 1, 1),
            "a row for all" => new GoldenWriter().Add("a.input_ids", [5, 5, 5, 5, 5, 5], 2, 3).Add("a.last_hidden_state", [5.0, 0, 5, 1, 5, 2], 1, 3, 2),
            "one number for all" => Good().Add("a.last_hidden_state", [5.0], 1),
            "zeros" => new GoldenWriter().Add("a.input_ids", [0], 1, 1).Add("a.last_hidden_state", [0.0, 0], 1, 1, 2),
            "an unknown ending" => Good().Add("a.embedding16", [21.0], 1, 1),
            "an unknown layer" => Good().Add("a.hidden_states.first", [21.0], 1, 1),
            "a case of unknown arrays alone" => Good().Add("b.encoder_last_hidden_state", [21.0], 1, 1),
            _ => throw new ArgumentException(what),
        });
        Assert.False(report.Passed);
        Assert.Contains(said, report.Failure() + string.Join("; ", report.Problems) + string.Join("; ", report.Arrays.Where(array => array.Verdict is Verdict.NotChecked or Verdict.Failed).Select(array => $"'{array.Name}': {array.Name}: {array.Note}")));
        Assert.EndsWith(".", report.Failure());
    }

    /// <summary>An input that the model works out itself, and one that it does not have: named, with the reason.</summary>
    [Fact]
    public void What_is_not_compared_is_listed_with_the_reason()
    {
        var report = Verify(Good().Add("a.position_ids", [0, 1, 2], 1, 3).Add("a.token_type_ids", [0, 0, 0], 1, 3).Add("a.embedding32", [21f], 1, 1));
        Assert.True(report.Passed, report.Passed ? "" : report.Failure());
        var skipped = report.Arrays.Where(array => array.Verdict == Verdict.Skipped).ToDictionary(array => array.Name, array => array.Note);
        Assert.Equal(["a.embedding32", "a.position_ids", "a.token_type_ids"], skipped.Keys.Order());
        Assert.All(skipped.Values, why => Assert.True(why!.Length > 10));
    }

    /// <summary>Numbers at padding are not compared, and must not say how much is allowed of the others either.</summary>
    [Theory]
    [InlineData("F32")]
    [InlineData("BF16")]
    public void Large_numbers_at_padding_allow_nothing(string type)
    {
        var golden = new GoldenWriter().Add("b.input_ids", [5, 7, 0], 1, 3).Add("b.attention_mask", [1, 1, 0], 1, 3).Add("b.last_hidden_state", [5.0, 0, 7, 1, 1e30, 1e30], 1, 3, 2).Narrow("b.last_hidden_state", type);
        Assert.True(Verify(golden).Passed);
        Assert.False(Verify(golden, new FakeModel(0.1f)).Passed);
    }

    [Fact]
    public void A_float32_that_is_far_off_at_padding_allows_nothing()
    {
        var golden = new GoldenWriter().Add("b.input_ids", [5, 7, 0], 1, 3).Add("b.attention_mask", [1, 1, 0], 1, 3)
            .Add("b.last_hidden_state64", [5.0, 0, 7, 1, 0, 0], 1, 3, 2).Add("b.last_hidden_state32", [5f, 0, 7, 1, 1e-4f, 0], 1, 3, 2);
        Assert.True(Verify(golden).Passed);
        Assert.False(Verify(golden, new FakeModel(5e-4f)).Passed);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void A_stated_error_that_would_allow_anything_of_narrow_numbers_is_refused(string type)
    {
        File.WriteAllText(_folder["golden.json"], """{"max_abs_f32_minus_f64": 1e9}""");
        var report = Verify(Good().Narrow("a.last_hidden_state", type), new FakeModel(100));
        Assert.False(report.Passed);
        Assert.Equal(Verdict.Failed, report.Arrays.Single(array => array.Name == "a.last_hidden_state").Verdict);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void An_output_that_is_not_finite_fails_even_where_the_golden_has_none_of_it(float fault)
    {
        var report = Verify(Good().Remove(name => name == "a.embedding"), new FakeModel(embeddingFault: fault));
        Assert.False(report.Passed);
        Assert.Contains("embedding holds NaN or infinity", report.Failure());
    }

    /// <summary>Layer 32 is no float32 of layer 64.</summary>
    [Theory]
    [InlineData("a.attentions.64")]
    [InlineData("a.hidden_states.132")]
    public void The_number_of_a_layer_is_no_ending(string name) => Assert.Equal(name, GoldenKey.Parse(name).Stem);

    /// <summary>The JSON file beside it.</summary>
    [Theory]
    [InlineData("""{"arrays": {"a.gone": {"max_abs_f32_minus_f64": 1e-7}}}""", "golden.json describes 'a.gone', which the golden file does not hold")]
    [InlineData("""{"arrays": {"a.embedding": {"shape": [1, 2]}}}""", "'a.embedding' is [1, 1], and golden.json says [1, 2]")]
    [InlineData("""{"arrays": {"a.embedding": {"dtype": "F32"}}}""", "'a.embedding' is of type F64, and golden.json says F32")]
    public void Notes_on_another_file_fail(string notes, string said)
    {
        File.WriteAllText(_folder["golden.json"], notes);
        var report = Verify(Good());
        Assert.False(report.Passed);
        Assert.Contains(said, report.Failure());
        Assert.True(report.IsGoldenUnusable);
    }

    [Theory]
    [InlineData("{}", "it holds nothing")]
    [InlineData("[]", "it is an empty list, an object is expected")]
    [InlineData("""{"max_abs_f32_minus_f46": 1e-7}""", "did you mean max_abs_f32_minus_f64?")]
    [InlineData("""{"text": {"a": "x"}}""", "did you mean texts?")]
    [InlineData("""{"arrays": []}""", "arrays is an empty list")]
    [InlineData("""{"arrays": {"a.embedding": 1e-7}}""", "'a.embedding' of arrays is a number")]
    [InlineData("""{"arrays": {"a.embedding": {"max_abs_f32_minus_f64 ": 1e-7}}}""", "did you mean max_abs_f32_minus_f64?")]
    [InlineData("""{"arrays": {"a.embedding": {"shape": "[1, 1]"}}}""", "shape of 'a.embedding' is")]
    [InlineData("""{"arrays": {"a.embedding": {"dtype": 64}}}""", "dtype of 'a.embedding' is 64")]
    [InlineData("""{"max_abs_f32_minus_f64": 1e-7, "max_abs_f32_minus_f64": 1}""", "uplicate")]
    [InlineData("""{"max_seq_length": "16"}""", "max_seq_length is \"16\"")]
    [InlineData("""{"max_seq_length": 0}""", "max_seq_length is 0")]
    [InlineData("""{"texts": "x"}""", "texts is a text")]
    [InlineData("""{"texts": {"a": 1}}""", "the text of 'a' is 1")]
    [InlineData("""{"texts": [{"text": "x"}]}""", "entry 0 of texts has no key")]
    [InlineData("""{"texts": [{"key": "a"}]}""", "entry 0 of texts has no text")]
    [InlineData("""{"texts": [{"key": 1, "text": "x"}]}""", "key of entry 0 of texts is 1")]
    [InlineData("""{"texts": [{"key": "a", "text": "x", "ids": [1.5]}]}""", "ids of entry 0 of texts is [1.5]")]
    [InlineData("""{"texts": [{"key": "a", "text": "x", "id": [1]}]}""", "'id', which nobody reads")]
    [InlineData("""{"texts": [{"key": "a", "text": "x"}, {"key": "a", "text": "y"}]}""", "names the case 'a' twice")]
    [InlineData("""{"texts": [["a", "x"]]}""", "entry 0 of texts is a list")]
    [InlineData("""{"texts": null}""", "texts is null")]
    [InlineData("""{"texts": true}""", "texts is true or false")]
    [InlineData("""{"texts": {"a": null}}""", "the text of 'a' is null")]
    [InlineData("""{"texts": [null]}""", "entry 0 of texts is null")]
    [InlineData("""{"texts": [{"key": null, "text": "x"}]}""", "key of entry 0 of texts is null")]
    [InlineData("""{"texts": [{"key": "a", "text": null}]}""", "text of entry 0 of texts is null")]
    [InlineData("""{"texts": [{"key": "a", "text": "x", "ids": null}]}""", "ids of entry 0 of texts is null")]
    [InlineData("""{"texts": [{"key": "a", "text": "x", "ids": "1"}]}""", "ids of entry 0 of texts is \"1\"")]
    [InlineData("""{"max_seq_length": null}""", "max_seq_length is null")]
    [InlineData("""{"max_seq_length": 1.5}""", "max_seq_length is 1.5")]
    [InlineData("""{"max_abs_f32_minus_f64": null}""", "max_abs_f32_minus_f64 is null")]
    [InlineData("""{"arrays": null}""", "arrays is null")]
    [InlineData("""{"arrays": {"a.embedding": null}}""", "'a.embedding' of arrays is null")]
    [InlineData("""{"arrays": {"a.embedding": {"max_abs_f32_minus_f64": null}}}""", "max_abs_f32_minus_f64 of 'a.embedding' is null")]
    [InlineData("""{"arrays": {"a.embedding": {"dtype": null}}}""", "dtype of 'a.embedding' is null")]
    [InlineData("""{"arrays": {"a.embedding": {"shape": null}}}""", "shape of 'a.embedding' is null")]
    public void Notes_that_cannot_be_followed_are_refused(string notes, string said)
    {
        File.WriteAllText(_folder["golden.json"], notes);
        Assert.Contains(said, Assert.Throws<ToolException>(() => Verify(Good())).Message);
    }

    [Fact]
    public void An_array_that_is_in_the_header_twice_is_refused()
    {
        Good().Write(_folder["golden.safetensors"]);
        var bytes = File.ReadAllBytes(_folder["golden.safetensors"]);
        var text = System.Text.Encoding.UTF8.GetString(bytes).Replace("\"a.hidden_states.1\"", "\"a.last_hidden_state\"", StringComparison.Ordinal);
        var header = text[8..(text.LastIndexOf('}') + 1)];
        File.WriteAllBytes(_folder["golden.safetensors"], [.. BitConverter.GetBytes((long)header.Length), .. System.Text.Encoding.UTF8.GetBytes(header), .. bytes[(8 + (int)BitConverter.ToInt64(bytes))..]]);
        Assert.Contains("last_hidden_state", Assert.Throws<ToolException>(() => GoldenFile.Open(_folder["golden.safetensors"])).Message);
    }

    [Theory]
    [InlineData("F32", 1.1e-5)]
    [InlineData("F16", 0.01)]
    [InlineData("BF16", 0.08)]
    public void What_a_narrower_type_lost_is_allowed_for(string type, double mostWidened)
    {
        var report = Verify(Good().Change("a.last_hidden_state", 0, x => x).Narrow("a.last_hidden_state", type));
        var array = report.Arrays.Single(array => array.Name == "a.last_hidden_state");
        Assert.Equal(Verdict.Ok, array.Verdict);
        Assert.InRange(array.Tolerance!.Value, 1e-5, 1e-5 + mostWidened);
    }

    [Fact]
    public async Task Files_that_are_no_golden_files_are_one_sentence()
    {
        var model = Shared.Require("golden", "hf", "bert");
        string? malformed = null, wellFormed = null;
        foreach (var file in Directory.GetFiles(Shared.Require("golden", "safetensors-hostile"), "*.safetensors"))
        {
            try
            {
                var report = Verify(GoldenFile.Open(file), null);
                Assert.False(report.Passed);
                Assert.EndsWith(".", report.Failure());
                wellFormed = file;
            }
            catch (ToolException e)
            {
                Assert.EndsWith(".", e.Message);
                malformed = file;
            }
        }

        (await ToolRun.Of("verify", model, "--golden", malformed!)).Gave(2);
        (await ToolRun.Of("verify", model, "--golden", wellFormed!)).Gave(2);

        foreach (var (text, code) in new[] { ("", 2), ("{}", 2), ("version https://git-lfs.github.com/spec/v1", 2) })
        {
            File.WriteAllText(_folder["golden.safetensors"], text);
            (await ToolRun.Of("verify", model, "--golden", _folder["golden.safetensors"])).Gave(code);
        }

        Assert.Contains("no golden file", (await ToolRun.Of("verify", model, "--golden", _folder["none"])).Gave(2).Error);
        Assert.Contains("is the folder", (await ToolRun.Of("verify", model, "--golden", _folder.Path)).Gave(2).Error);
    }

    [Fact]
    public async Task A_real_golden_with_one_number_changed_fails_and_names_it()
    {
        var model = Shared.Require("golden", "hf", "bert");
        File.Copy(Path.Combine(model, "golden.json"), _folder["golden.json"]);
        GoldenWriter.Read(Path.Combine(model, "golden.safetensors")).Change("single.attentions.1", 77, x => x + 1e-4).Write(_folder["golden.safetensors"]);
        var run = (await ToolRun.Of("verify", model, "--golden", _folder["golden.safetensors"])).Gave(1);
        Assert.Contains("single.attentions.1", run.Sentence());
        Assert.Contains("1 of 11 arrays is off", run.Sentence());

        GoldenWriter.Read(Path.Combine(model, "golden.safetensors")).Add("single.input_ids", new long[11].Select((_, i) => i == 3 ? 100_000L : 1L).ToArray(), 1, 11).Write(_folder["golden.safetensors"]);
        Assert.Contains("100000", (await ToolRun.Of("verify", model, "--golden", _folder["golden.safetensors"])).Gave(2).Sentence());
    }

    private VerifyReport Verify(GoldenWriter golden, FakeModel? model = null)
    {
        golden.Write(_folder["golden.safetensors"]);
        return Verify(GoldenFile.Open(_folder["golden.safetensors"]), model);
    }

    private static VerifyReport Verify(GoldenFile golden, FakeModel? model)
    {
        var report = new VerifyReport { Model = "fake", ModelType = "fake", Golden = golden.Path, VectorBits = 128 };
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        GoldenVerifier.Run(new ModelRunner(model ?? new FakeModel()), golden, GoldenNotes.Beside(golden.Path), report, new ToolConsole(output, output), CancellationToken.None);
        Assert.Equal("", output.ToString());
        return report;
    }
}
