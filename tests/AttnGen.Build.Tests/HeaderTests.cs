using System.Text.Json;

namespace AttnGen.Build.Tests;

/// <summary>The task's reader of headers against the files that break readers, and against the library's.</summary>
public sealed class HeaderTests
{
    private static readonly byte[] s_sound = SafetensorsBytes.Raw(
        [
            .. "{\"__metadata__\":{\"format\":\"pt\"},\"w\\u00e9\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[12,36]},"u8,
            .. "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4],\"note\":[1.5,{\"x\":null}]},\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[4,12]}} "u8,
        ],
        new byte[36]);

    [Fact]
    public void HostileFilesGiveAProblemOrASoundManifest()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Shared.Require("golden", "safetensors-hostile", "index.json")));
        var count = 0;
        foreach (var entry in index.RootElement.EnumerateArray())
        {
            using var project = new TestProject();
            var name = entry.GetProperty("file").GetString()!;
            var path = Shared.Require("golden", "safetensors-hostile", name);
            project.Write("m/model.safetensors", File.ReadAllBytes(path));
            if (entry.GetProperty("expect").GetString() == "accept")
            {
                Assert.Equal(ByTheLibrary(path).Order(), project.Run("m").Tensors().Order());
            }
            else
            {
                Assert.StartsWith("model.safetensors ", project.Problem("m"), StringComparison.Ordinal);
            }

            count++;
        }

        Assert.Equal(63, count);
    }

    /// <summary>Every published layout: the same tensors as the library finds.</summary>
    [Fact]
    public void ModelsGiveWhatTheLibraryReads()
    {
        using var project = new TestProject();
        string[] folders = [Shared.Require("models", "all-MiniLM-L6-v2"), .. Directory.GetDirectories(Shared.Require("golden", "hf")).Where(folder => File.Exists(Path.Combine(folder, "model.safetensors")))];
        Assert.True(folders.Length > 20, $"{folders.Length} models");
        foreach (var folder in folders)
        {
            Assert.Equal(ByTheLibrary(Path.Combine(folder, "model.safetensors")).Order(), project.Run(folder).Tensors().Order());
        }
    }

    /// <summary>One byte changed, to any value: refused by both readers, or read by both. A manifest of what the program then refuses would be worth nothing.</summary>
    [Fact]
    public void AgreesWithTheLibraryOnEveryChangedByte()
    {
        var accepted = 0;
        for (var at = 0; at < s_sound.Length - 36; at++)
        {
            for (var value = 0; value < 256; value++)
            {
                var bytes = s_sound.ToArray();
                bytes[at] = (byte)value;
                accepted += Agree(bytes, $"byte {at} as 0x{value:x2}");
            }
        }

        Assert.InRange(accepted, 1000, 40_000);
    }

    [Fact]
    public void AgreesWithTheLibraryOnEveryLength()
    {
        for (var length = 0; length < s_sound.Length; length++)
        {
            Assert.Equal(0, Agree(s_sound[..length], $"cut to {length}"));
        }

        Assert.Equal(0, Agree([.. s_sound, 0], "one byte more"));
        Assert.Equal(1, Agree(s_sound, "sound"));
    }

    /// <summary>A hundred megabytes of commas would become gigabytes of values.</summary>
    [Fact]
    public void RefusesWhatWouldTakeAllMemory()
    {
        var header = new byte[9_000_000];
        Array.Fill(header, (byte)'[');
        Assert.Contains("a header that is of 9000000 values, more than 4000000", Refused(SafetensorsBytes.Raw(header, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void KnowsAPointerOfGitLfs()
    {
        var pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 90868376\n"u8.ToArray();
        Assert.Contains("'git lfs pull'", Refused(pointer), StringComparison.Ordinal);
    }

    private static int Agree(byte[] bytes, string what)
    {
        var byLibrary = true;
        try
        {
            SafetensorsFile.Parse(bytes, "f").Dispose();
        }
        catch (SafetensorsFormatException)
        {
            byLibrary = false;
        }

        var byTask = true;
        try
        {
            HeaderReader.Read(new MemoryStream(bytes), "f");
        }
        catch (ProblemException)
        {
            byTask = false;
        }

        Assert.True(byLibrary == byTask, $"{what}: the library {(byLibrary ? "reads" : "refuses")} it");
        return byTask ? 1 : 0;
    }

    private static string Refused(byte[] bytes) => Assert.Throws<ProblemException>(() => HeaderReader.Read(new MemoryStream(bytes), "f")).Message;

    private static IEnumerable<string> ByTheLibrary(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var name in file.TensorNames)
        {
            Assert.True(file.TryGetShape(name, out var shape) & file.TryGetDataType(name, out var type));
            yield return $"model.safetensors: {name} {type}[{string.Join(",", shape.ToArray())}]";
        }
    }
}
