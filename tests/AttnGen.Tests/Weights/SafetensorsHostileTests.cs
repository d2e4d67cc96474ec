using System.Text.Json;

namespace AttnGen.Tests.Weights;

/// <summary>The 63 files of golden/safetensors-hostile: each accepted or refused as its index says, however it is opened.</summary>
public class SafetensorsHostileTests
{
    // Every file by name, so that a run lists them also where the folder is absent, and a file that goes missing is noticed.
    public static TheoryData<string, bool> Files { get; } = new()
    {
        { "all_dtypes_ok.safetensors", true },
        { "deep_nesting.safetensors", false },
        { "dim_gt_u64.safetensors", false },
        { "duplicate_field.safetensors", false },
        { "duplicate_metadata.safetensors", false },
        { "duplicate_tensor_key.safetensors", false },
        { "empty_name_ok.safetensors", true },
        { "end_before_begin.safetensors", false },
        { "escaped_name_ok.safetensors", true },
        { "float_offset.safetensors", false },
        { "header_len_100000001.safetensors", false },
        { "header_len_2pow63.safetensors", false },
        { "header_len_int32max_plus.safetensors", false },
        { "header_len_one_past_end.safetensors", false },
        { "header_len_short_by_one.safetensors", false },
        { "header_len_u64max.safetensors", false },
        { "header_len_zero.safetensors", false },
        { "json_comment.safetensors", false },
        { "lone_surrogate_name.safetensors", false },
        { "lowercase_dtype.safetensors", false },
        { "many_dims_zero_overflow.safetensors", false },
        { "metadata_nested.safetensors", false },
        { "metadata_non_string.safetensors", false },
        { "metadata_not_object.safetensors", false },
        { "missing_dtype.safetensors", false },
        { "missing_offsets.safetensors", false },
        { "missing_shape.safetensors", false },
        { "nan_inf_ok.safetensors", true },
        { "negative_dim.safetensors", false },
        { "negative_offset.safetensors", false },
        { "null_tensor.safetensors", false },
        { "offset_past_end.safetensors", false },
        { "offset_u64max.safetensors", false },
        { "offsets_len1.safetensors", false },
        { "offsets_len3.safetensors", false },
        { "offsets_reverse_order_ok.safetensors", true },
        { "overflow_wraps_int32.safetensors", false },
        { "partial_overlap.safetensors", false },
        { "seven_bytes.safetensors", false },
        { "tensor_is_array.safetensors", false },
        { "top_level_number.safetensors", false },
        { "two_objects_in_header.safetensors", false },
        { "unaligned_data_ok.safetensors", true },
        { "up_attack3_overlap_many.safetensors", false },
        { "up_empty_file.safetensors", false },
        { "up_fp4_misaligned.safetensors", false },
        { "up_fp4_wrong_len.safetensors", false },
        { "up_header_len_past_end.safetensors", false },
        { "up_header_too_large.safetensors", false },
        { "up_non_utf8.safetensors", false },
        { "up_not_json.safetensors", false },
        { "up_ok_empty.safetensors", true },
        { "up_ok_leading_ws.safetensors", true },
        { "up_ok_scalar_shape.safetensors", true },
        { "up_ok_trailing_ws.safetensors", true },
        { "up_ok_zero_sized.safetensors", true },
        { "up_overflow_bits.safetensors", false },
        { "up_overflow_shape.safetensors", false },
        { "up_overlap_10_same_range.safetensors", false },
        { "up_shape_offsets_mismatch.safetensors", false },
        { "up_truncated_data.safetensors", false },
        { "utf8_bom.safetensors", false },
        { "zero_sized_between_ok.safetensors", true },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Verdict(string file, bool accepted)
    {
        var path = Shared.Require("golden", "safetensors-hostile", file);
        var bytes = File.ReadAllBytes(path);
        Judge(() => SafetensorsFile.Open(path), path);
        Judge(() => SafetensorsFile.Parse(bytes, file), file);
        Judge(() => SafetensorsFile.Open(new MemoryStream(bytes), file), file);
        Judge(() => SafetensorsFile.Open(new Trickle(bytes, 4096), file), file);

        void Judge(Func<SafetensorsFile> open, string name)
        {
            if (!accepted)
            {
                var error = Assert.Throws<SafetensorsFormatException>(() => open().Dispose());
                Assert.StartsWith(name + ": ", error.Message, StringComparison.Ordinal);
                Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
                Assert.InRange(error.Message.Length, name.Length + 20, name.Length + 400);
                Assert.Equal(name, error.SourceName);
                return;
            }

            using var opened = open();
            foreach (var tensor in opened.TensorNames)
            {
                Assert.True(opened.TryGetShape(tensor, out var shape));
                Assert.True(opened.TryGetDataType(tensor, out var type));
                var elements = 1L;
                foreach (var size in shape)
                {
                    elements *= size;
                }

                var values = new float[elements];
                if (type is "F64" or "F32" or "F16" or "BF16")
                {
                    opened.Read(tensor, 0, values);
                }
                else
                {
                    var error = Assert.Throws<WeightMismatchException>(() => opened.Read(tensor, 0, values));
                    Assert.Contains($"of type {type};", error.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void TheListAboveIsTheIndex()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Shared.Require("golden", "safetensors-hostile", "index.json")));
        var listed = index.RootElement.EnumerateArray().Select(entry => (entry.GetProperty("file").GetString()!, entry.GetProperty("expect").GetString() == "accept"));
        Assert.Equal(listed.Order(), Files.Select(row => row.Data).Order());
        Assert.Equal(63, Files.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Files.Count} hostile files");
    }

    [Fact]
    public void TheOkFilesHoldTheirValues()
    {
        using var file = SafetensorsFile.Open(Shared.Require("golden", "safetensors-hostile", "offsets_reverse_order_ok.safetensors"));
        Assert.Equal([2f], Read(file, "a"));
        Assert.Equal([1f], Read(file, "b"));
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        Assert.True(file.TryGetShape(name, out var shape));
        var values = new float[shape.Length == 0 ? 1 : (int)shape[0]];
        file.Read(name, 0, values);
        return values;
    }
}
