using Microsoft.Build.Utilities;

namespace AttnGen.Build.Tests;

public sealed class FolderTests : IDisposable
{
    private readonly TestProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void OneFile()
    {
        _project.WriteWeights("m/model.safetensors", "z", """a\"\\\u0001é\ud83d\ude00""", "m");
        _project.Write("m/config.json", "{}");
        _project.Write("m/vocab.txt", "[PAD]");
        _project.Write("m/1_Pooling/config.json", "{}");
        _project.Write("m/README.md", "");
        _project.Write("m/model.onnx", "");
        var outcome = _project.Run("m");
        Assert.Equal(["z F32[1,2]", "a\"\\\u0001é😀 F32[1,2]", "m F32[1,2]"], outcome.Tensors().Select(t => t["model.safetensors: ".Length..]));
        Assert.Equal(["config.json of m", "1_Pooling/config.json of m", "manifest.json of m"], outcome.ForCompiler);
        Assert.All(outcome.CompilerPaths, path => Assert.True(File.Exists(path), path));
        Assert.Equal(["m/1_Pooling/config.json", "m/config.json", "m/model.safetensors", "m/vocab.txt"], outcome.Copied.Order(StringComparer.Ordinal));
        Assert.All(outcome.CopiedPaths, path => Assert.True(File.Exists(path), path));
        Assert.Empty(outcome.Embedded);
        Assert.StartsWith(_project["obj/attngen"], outcome.ManifestPath, StringComparison.Ordinal);
    }

    /// <summary>sentence-transformers' modules lie in folders of any name: what modules.json names goes to the compiler and to the program, and nothing else does.</summary>
    [Fact]
    public void FoldersOfModules()
    {
        _project.WriteWeights("m/model.safetensors", "z");
        _project.Write("m/modules.json", """[{"path": ""}, {"path": "pool"}, {"path": "3_Normalize"}, {"path": "absent"}, {"path": "../m"}]""");
        foreach (var folder in new[] { "pool", "3_Normalize", "2_Pooling" })
            _project.Write($"m/{folder}/config.json", "{}");
        var outcome = _project.Run("m");
        Assert.Equal(["modules.json of m", "pool/config.json of m", "3_Normalize/config.json of m", "manifest.json of m"], outcome.ForCompiler);
        Assert.Equal(["m/3_Normalize/config.json", "m/model.safetensors", "m/modules.json", "m/pool/config.json"], outcome.Copied.Order(StringComparer.Ordinal));
    }

    /// <summary>The shards that the index names, in ordinal order, with all that they hold; no other file.</summary>
    [Fact]
    public void Shards()
    {
        _project.WriteWeights("m/b.safetensors", "z", "a", "not in the index");
        _project.WriteWeights("m/B.safetensors", "k");
        _project.WriteWeights("m/old.safetensors", "k");
        _project.Write("m/model.safetensors.index.json", """{"metadata": {"total_size": 8}, "weight_map": {"z": "b.safetensors", "k": "B.safetensors", "a": "b.safetensors", "missing": "B.safetensors"}}""");
        var outcome = _project.Run("m");
        Assert.Equal(["B.safetensors: k", "b.safetensors: z", "b.safetensors: a", "b.safetensors: not in the index"], outcome.Tensors().Select(t => t.Replace(" F32[1,2]", "", StringComparison.Ordinal)));
        Assert.Equal(["model.safetensors.index.json of m", "manifest.json of m"], outcome.ForCompiler);
        Assert.Equal(["m/B.safetensors", "m/b.safetensors", "m/model.safetensors.index.json"], outcome.Copied.Order(StringComparer.Ordinal));
    }

    /// <summary>Both published: the single file counts, and nobody sees the index.</summary>
    [Fact]
    public void OneFileBesideShards()
    {
        _project.WriteWeights("m/model.safetensors", "a");
        _project.Write("m/model.safetensors.index.json", """{"weight_map": {"a": "gone.safetensors"}}""");
        var outcome = _project.Run("m");
        Assert.Equal(["manifest.json of m"], outcome.ForCompiler);
        Assert.Equal(["m/model.safetensors"], outcome.Copied);
    }

    [Fact]
    public void NoFolder()
    {
        Assert.StartsWith("there is no such folder (", _project.Problem("models/none"), StringComparison.Ordinal);
        var outcome = _project.Run("models/none");
        Assert.Equal(["manifest.json of models/none"], outcome.ForCompiler);
        Assert.Empty(outcome.Copied);
        _project.Write("models/file", "");
        Assert.StartsWith("there is no such folder (", _project.Problem("models/file"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "holds no model.safetensors")]
    [InlineData("pytorch_model.bin", "holds 'pytorch_model.bin' but no model.safetensors, and only safetensors are read")]
    [InlineData("pytorch_model-00001-of-00002.bin", "torch.load('pytorch_model-00001-of-00002.bin', weights_only=True)")]
    [InlineData("tf_model.h5", "holds 'tf_model.h5' but no model.safetensors")]
    [InlineData("other.pth", "holds 'other.pth' but no model.safetensors, and only safetensors are read; fetch model.safetensors from the model's page, or convert it in the folder")]
    [InlineData("training_args.bin", "the folder holds no model.safetensors (and no model.safetensors.index.json)")]
    [InlineData("weights.tflite", "holds 'weights.tflite' but no model.safetensors, and only safetensors are read; fetch model.safetensors from the model's page.")]
    [InlineData("a\u202Eb.ckpt", "holds 'a\uFFFDb.ckpt' but no model.safetensors")]
    [InlineData("golden.safetensors", "the folder holds no model.safetensors")]
    [InlineData("model.fp16.safetensors", "if it is the model, rename it")]
    [InlineData("model-00001-of-00002.safetensors", "but no model.safetensors.index.json")]
    [InlineData("adapter_model.safetensors", "the folder holds 'adapter_model.safetensors' but no model.safetensors: it is an adapter of PEFT, not the model that it changes; load both in Python, call peft's merge_and_unload()")]
    [InlineData("adapter_config.json", "it is an adapter of PEFT")]
    [InlineData("adapter_model.bin", "it is an adapter of PEFT")]
    [InlineData("all-MiniLM-L6-v2-Q8_0.gguf", "holds 'all-MiniLM-L6-v2-Q8_0.gguf' but no model.safetensors; name the GGUF file itself in the place of the folder, or fetch model.safetensors of the model that it was made from")]
    [InlineData("onnx/model.onnx", "holds 'onnx/model.onnx' but no model.safetensors")]
    [InlineData("openvino_model.bin", "of the model that it was made from")]
    [InlineData("flax_model.msgpack", "convert Flax's weights with Python and transformers 4")]
    [InlineData("pytorch_model.bin.index.json", "convert PyTorch's shards with Python")]
    public void NoWeights(string file, string expected)
    {
        _project.Write("m/config.json", "{}");
        _project.Write("m/" + (file.Length == 0 ? "README.md" : file), "");
        Assert.Contains(expected, _project.Problem("m"), StringComparison.Ordinal);
        string[] read = file == "adapter_config.json" ? ["adapter_config.json of m"] : [];
        Assert.Equal(["config.json of m", .. read, "manifest.json of m"], _project.Run("m").ForCompiler);
    }

    /// <summary>Folders of sentence-transformers that have no transformer in the folder itself.</summary>
    [Theory]
    [InlineData("sentence_transformers.models.Transformer", "0_Transformer", "modules.json has the model in '0_Transformer' and not in the folder itself; load it once with sentence-transformers and save it")]
    [InlineData("sentence_transformers.models.StaticEmbedding", "0_StaticEmbedding", "modules.json begins with 'StaticEmbedding', a table of one vector for each token and no transformer")]
    [InlineData("sentence_transformers.models.Router", "", "modules.json begins with 'Router', which is not supported; choose a folder whose first module is 'Transformer'")]
    [InlineData("sentence_transformers.models.CLIPModel", "0_CLIPModel", "modules.json begins with 'CLIPModel', which is not supported")]
    [InlineData("sentence_transformers.models.Transformer", "", "the folder holds no model.safetensors")]
    public void NoWeightsInTheFolderOfAModule(string type, string path, string expected)
    {
        _project.Write("m/modules.json", $$"""[{"idx": 0, "name": "0", "path": "{{path}}", "type": "{{type}}"}]""");
        Assert.Contains(expected, _project.Problem("m"), StringComparison.Ordinal);
    }

    /// <summary>What verify compares with is no model, and a model of PyTorch's own names it better than any other file of safetensors.</summary>
    [Fact]
    public void APickleBesideOtherTensors()
    {
        _project.Write("m/golden.safetensors", "");
        _project.Write("m/adapter.safetensors", "");
        _project.Write("m/pytorch_model.bin", "");
        Assert.Contains("the folder holds 'pytorch_model.bin' but no model.safetensors", _project.Problem("m"), StringComparison.Ordinal);
    }

    [Fact]
    public void ALinkToNothing()
    {
        _project.Write("m/config.json", "{}");
        File.CreateSymbolicLink(_project["m/model.safetensors"], _project["gone"]);
        Assert.Contains("leads nowhere", _project.Problem("m"), StringComparison.Ordinal);
    }

    [Fact]
    public void AnIndexWithAByteOrderMark()
    {
        _project.WriteWeights("m/s.safetensors", "a");
        _project.Write("m/model.safetensors.index.json", "\uFEFF{\"weight_map\": {\"a\": \"s.safetensors\"}}");
        Assert.Equal(["s.safetensors"], new HubFolder(_project["m"]).WeightFiles());
    }

    [Theory]
    [InlineData("{,}", "is not valid JSON: ")]
    [InlineData("", "is not valid JSON: ")]
    [InlineData("[]", "has no weight_map")]
    [InlineData("""{"weight_map": null}""", "has no weight_map")]
    [InlineData("""{"weight_map": {}}""", "has no weight_map")]
    [InlineData("""{"weight_map": {"a": 1}}""", "sends tensor 'a' to 1, the name of a file is expected")]
    [InlineData("""{"weight_map": {"a": "../secret.safetensors"}}""", "sends tensor 'a' to '../secret.safetensors', the name of a safetensors file in the same folder is expected")]
    [InlineData("""{"weight_map": {"a": "/etc/passwd"}}""", "to '/etc/passwd', ")]
    [InlineData("""{"weight_map": {"a": "\u0000.safetensors"}}""", "to '\uFFFD.safetensors', ")]
    [InlineData("""{"weight_map": {"a": "pytorch_model.bin"}}""", "to 'pytorch_model.bin', ")]
    [InlineData("""{"weight_map": {"a": "absent.safetensors"}}""", "names the shard absent.safetensors, which is not in the folder")]
    [InlineData("""{"weight_map": {"a": "broken.safetensors"}}""", "broken.safetensors has 3 bytes")]
    public void FaultyIndex(string index, string expected)
    {
        _project.Write("m/broken.safetensors", "abc");
        _project.Write("m/model.safetensors.index.json", index);
        Assert.Contains(expected, _project.Problem("m"), StringComparison.Ordinal);
    }

    /// <summary>Any byte replaced by one that means something, or cut off after it: a problem, or shards that are there.</summary>
    [Fact]
    public void ChangedIndexesNeverThrow()
    {
        var index = """{"metadata": {"total_size": 1e3}, "weight_map": {"é\u0041": "s.safetensors", "b": "s.safetensors"}}"""u8.ToArray();
        _project.WriteWeights("m/s.safetensors", "a");
        var folder = new HubFolder(_project["m"]);
        var (sound, faulty) = (0, 0);
        for (var at = 0; at < index.Length; at++)
        {
            foreach (var value in "\0\n\"\\{}[],:/.-0e\u00FFx"u8)
            {
                Try([.. index[..at], value, .. index[(at + 1)..]]);
            }

            Try(index[..at]);
        }

        Assert.True(sound > 300 && faulty > 300, $"{sound} sound, {faulty} faulty");

        void Try(byte[] bytes)
        {
            _project.Write("m/model.safetensors.index.json", bytes);
            try
            {
                Assert.Equal(["s.safetensors"], folder.WeightFiles());
                sound++;
            }
            catch (ProblemException)
            {
                faulty++;
            }
        }
    }

    /// <summary>What the system throws becomes a sentence, too.</summary>
    [Fact]
    public void APathThatNoSystemTakes() => Assert.Contains(" cannot be read: ", _project.Problem("m\0/x"), StringComparison.Ordinal);

    [Fact]
    public void ADirectoryInPlaceOfAFile()
    {
        Directory.CreateDirectory(_project["m/model.safetensors"]);
        Assert.Contains("holds no model.safetensors", _project.Problem("m"), StringComparison.Ordinal);
    }

    [Fact]
    public void CopyAndEmbed()
    {
        _project.WriteWeights("m/model.safetensors", "a");
        _project.Write("m/config.json", "{}");
        _project.Write("m/tokenizer.json", "{}");
        var outcome = _project.Run(Item("m", ("Copy", "false")));
        Assert.Empty(outcome.Copied);
        Assert.Empty(outcome.Embedded);
        outcome = _project.Run(Item("m/", ("Embed", "True")));
        Assert.Empty(outcome.Copied);
        Assert.Equal(["AttnGen/m/config.json", "AttnGen/m/model.safetensors", "AttnGen/m/tokenizer.json"], outcome.Embedded.Order(StringComparer.Ordinal));
        Assert.Single(outcome.Tensors());
        Assert.Contains("has Embed=\"yes\", true or false is expected", _project.Problem(Item("m", ("Embed", "yes"))), StringComparison.Ordinal);
        Assert.Single(_project.Run("m").Tensors());
    }

    [Fact]
    public void EmbedTakesOneFileOfAtMostTwoGigabytes()
    {
        _project.WriteWeights("m/s.safetensors", "a");
        _project.Write("m/model.safetensors.index.json", """{"weight_map": {"a": "s.safetensors"}}""");
        Assert.Contains("in 1 shards, and Embed=\"true\"", _project.Problem(Item("m", ("Embed", "true"))), StringComparison.Ordinal);
        Assert.Empty(_project.Run(Item("m", ("Embed", "true"))).Embedded);

        _project.WriteWeights("m/model.safetensors", "a");
        using (var file = File.OpenWrite(_project["m/model.safetensors"]))
        {
            file.SetLength(2_000_000_001); // Sparse: no byte of it is written.
        }

        Assert.Contains("has 2000000001 bytes, and Embed=\"true\"", _project.Problem(Item("m", ("Embed", "true"))), StringComparison.Ordinal);
        Assert.Contains("has 1999999937 bytes of data, 8 are expected", _project.Problem("m"), StringComparison.Ordinal);
    }

    /// <summary>An Include is written in many ways; the attribute's argument is compared with the text.</summary>
    [Fact]
    public void OneFolderManyNames()
    {
        _project.WriteWeights("models/my model/model.safetensors", "a");
        _project.Write("models/my model/config.json", "{}");
        var absolute = _project["models/my model"];
        var outcome = _project.Run("models/my model", "models\\my model\\", "models/my model//", "./models/my model", absolute, "models/x/../my model");
        string[] names = ["models/my model", absolute.Replace('\\', '/'), "models/x/../my model"];
        Assert.Equal(names.SelectMany(name => new[] { $"config.json of {name}", $"manifest.json of {name}" }), outcome.ForCompiler);
        // The compiler's options go by path: two entries of one path would be one.
        Assert.Distinct(outcome.CompilerPaths);
        Assert.Equal(3, outcome.ManifestPaths.Length);
        Assert.Equal(["models/my model/config.json", "models/my model/model.safetensors", "my model/config.json", "my model/model.safetensors"], outcome.Copied.Order(StringComparer.Ordinal));
        Assert.All(outcome.Written, path => Assert.True(File.Exists(path), path));
    }

    /// <summary>A full path is a place of the building machine: it stays out of what is shipped.</summary>
    [Fact]
    public void AFullPathIsNotShipped()
    {
        _project.WriteWeights("models/m/model.safetensors", "a");
        var absolute = _project["models/m"];
        Assert.Equal(["AttnGen/m/model.safetensors"], _project.Run(Item(absolute, ("Embed", "true"))).Embedded);
        Assert.Equal(["m/model.safetensors"], _project.Run(absolute).Copied);
    }

    /// <summary>Two folders of one last name would be one beside the program, or one name in it, and one of two classes would load the other's weights.</summary>
    [Fact]
    public void TwoFoldersForOnePlace()
    {
        _project.WriteWeights("a/m/model.safetensors", "a");
        _project.WriteWeights("b/m/model.safetensors", "b");
        string[] metadata = ["Copy", "Embed"];
        foreach (var (first, second) in from first in metadata from second in metadata from copies in new[] { "false", "true" } select ((first, copies), (second, copies)))
        {
            var outcome = _project.Run(Item(_project["a/m"], first), Item(_project["b/m"], second));
            Assert.True(outcome.Copied.Concat(outcome.Embedded).Count() <= 1);
            Assert.Equal(2, outcome.CompilerPaths.Count());
            Assert.Contains($"where another AttnGenModel of the project ({_project["a/m"]}) goes, too; give one of the folders another name", File.ReadAllText(outcome.ManifestPaths[1]).Replace("\\\\", "\\", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("__error__", File.ReadAllText(outcome.ManifestPaths[0]), StringComparison.Ordinal);
        }

        Assert.Equal(2, _project.Run("a/m", "b/m").Copied.Count());
        _project.WriteWeights("m/model.safetensors", "m");
        Assert.Contains("__error__", File.ReadAllText(_project.Run("m", "../" + Path.GetFileName(_project.Root) + "/a/m").ManifestPaths[1]), StringComparison.Ordinal);
    }

    /// <summary>A Name in place of the Include: for folders of one last name that cannot be renamed.</summary>
    [Fact]
    public void ANameIsAnotherPlace()
    {
        _project.WriteWeights("a/m/model.safetensors", "a");
        _project.Write("a/m/config.json", "{}");
        _project.WriteWeights("b/m/model.safetensors", "b");
        var outcome = _project.Run(Item(_project["a/m"]), Item(_project["b/m"], ("Name", ".\\models\\b/")), Item("a/m", ("Name", "c"), ("Embed", "true")));
        Assert.Equal([$"config.json of {_project["a/m"].Replace('\\', '/')}", $"manifest.json of {_project["a/m"].Replace('\\', '/')}", "manifest.json of models/b", "config.json of c", "manifest.json of c"], outcome.ForCompiler);
        Assert.Equal(["m/config.json", "m/model.safetensors", "models/b/model.safetensors"], outcome.Copied.Order(StringComparer.Ordinal));
        Assert.Equal(["AttnGen/c/config.json", "AttnGen/c/model.safetensors"], outcome.Embedded.Order(StringComparer.Ordinal));
        Assert.Contains($"two AttnGenModel items of the project have this Name, {_project["a/m"]} and {_project["b/m"]}; ", _project.Problem(Item("a/m", ("Name", "x")), Item("b/m", ("Name", "x"))), StringComparison.Ordinal);
        Assert.Single(_project.Run(Item("b/m", ("Name", "x")), Item("b/m", ("Name", "x"))).Copied);
    }

    [Theory]
    [InlineData("/abs/x")]
    [InlineData("C:/x")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a//x")]
    public void ANameThatLeavesTheProgramsFolder(string name)
    {
        _project.WriteWeights("b/m/model.safetensors", "b");
        Assert.Contains($"Name=\"{name}\", a relative path without '..' is expected, such as models/m; ", _project.Problem(Item("b/m", ("Name", name))), StringComparison.Ordinal);
    }

    /// <summary>The time of this file, and not that of the model's, says whether the compiler's output is old: a file that replaces another may be older.</summary>
    [Fact]
    public void WhatTheCompilerReadIsToldByItsBytes()
    {
        _project.WriteWeights("m/model.safetensors", "a");
        _project.Write("m/config.json", "{}");
        foreach (var embed in new[] { "false", "true" })
        {
            var note = Run().CompilerInput;
            var before = Old(note);
            Assert.Equal(before, File.GetLastWriteTimeUtc(Run().CompilerInput));

            // Older, of the same length, of the same time: all the same.
            var time = Old(_project["m/config.json"]);
            _project.Write("m/config.json", embed == "true" ? "{ }" : "[ ]");
            File.SetLastWriteTimeUtc(_project["m/config.json"], time.AddYears(-1));
            Assert.NotEqual(before, File.GetLastWriteTimeUtc(Run().CompilerInput));
            before = Old(note);
            _project.Write("m/config.json", "[1]");
            File.SetLastWriteTimeUtc(_project["m/config.json"], time.AddYears(-1));
            Assert.NotEqual(before, File.GetLastWriteTimeUtc(Run().CompilerInput));

            // Weights are the compiler's affair only if they are embedded.
            before = Old(note);
            time = File.GetLastWriteTimeUtc(_project["m/model.safetensors"]);
            var bytes = File.ReadAllBytes(_project["m/model.safetensors"]);
            bytes[^1]++;
            File.WriteAllBytes(_project["m/model.safetensors"], bytes);
            File.SetLastWriteTimeUtc(_project["m/model.safetensors"], time);
            Assert.Equal(embed == "false", before == File.GetLastWriteTimeUtc(Run().CompilerInput));

            Outcome Run() => _project.Run(Item("m", ("Embed", embed)));
        }
    }

    [Fact]
    public void NamesThatAreSyntaxElsewhere()
    {
        var name = OperatingSystem.IsWindows() ? "C#/a;b%20c@(d)$(e)'f" : "C#/a;b%20c@(d)$(e)'f*g?h";
        _project.WriteWeights(name + "/model.safetensors", "a");
        var outcome = _project.Run(new TaskItem(Names.Escape(name)));
        Assert.Equal([$"manifest.json of {name}"], outcome.ForCompiler);
        Assert.Equal([name + "/model.safetensors"], outcome.Copied);
        Assert.Equal([_project[name + "/model.safetensors"]], outcome.CopiedPaths);
    }

    [Fact]
    public void FolderNamesAreSafeAndDiffer()
    {
        string[] names = ["models/x", "models/X", "other/x", "x", "äöü", "a b", "con:*?", new string('n', 300), "models/x.y-z_1"];
        var safe = names.Select(Names.Safe).ToArray();
        Assert.Distinct(safe, StringComparer.OrdinalIgnoreCase);
        Assert.All(safe, name => Assert.Matches("^[A-Za-z0-9._-]{1,60}$", name));
        Assert.Equal(safe, names.Select(Names.Safe));
    }

    [Fact]
    public void LastingProblemsDoNotTouchTheManifest()
    {
        _project.Write("m/model.safetensors", "abc");
        var path = _project.Run("m").ManifestPath;
        var before = Old(path);
        _project.Run("m");
        Assert.Equal(before, File.GetLastWriteTimeUtc(path));
        _project.WriteWeights("m/model.safetensors", "a");
        Assert.Single(_project.Run("m").Tensors());
    }

    /// <summary>Nothing is read while names, lengths and times stand; the manifest is written only if its text changes.</summary>
    [Fact]
    public void ReadsAndWritesOnlyWhatChanged()
    {
        _project.WriteWeights("m/model.safetensors", "aaa");
        var weights = _project["m/model.safetensors"];
        var time = Old(weights);
        var manifest = _project.Run("m").ManifestPath;
        var written = Old(manifest);

        // Same length, same time, another name inside: not seen, because not read.
        _project.WriteWeights("m/model.safetensors", "bbb");
        File.SetLastWriteTimeUtc(weights, time);
        Assert.Contains("\"aaa\"", _project.Run("m").ManifestText, StringComparison.Ordinal);

        // A new time: read, and the new name is there.
        File.SetLastWriteTimeUtc(weights, time.AddSeconds(1));
        Assert.Contains("\"bbb\"", _project.Run("m").ManifestText, StringComparison.Ordinal);
        Assert.NotEqual(written, File.GetLastWriteTimeUtc(manifest));

        // Other data under the same header: read, but not written.
        written = Old(manifest);
        var bytes = File.ReadAllBytes(weights);
        bytes[^1]++;
        File.WriteAllBytes(weights, bytes);
        File.SetLastWriteTimeUtc(weights, time.AddSeconds(2));
        _project.Run("m");
        Assert.Equal(written, File.GetLastWriteTimeUtc(manifest));

        // A lost manifest comes back.
        File.Delete(manifest);
        Assert.Contains("\"bbb\"", _project.Run("m").ManifestText, StringComparison.Ordinal);
    }

    [Fact]
    public void TheManifestIsTheSameEverywhere()
    {
        _project.WriteWeights("one/model.safetensors", "b", "a");
        _project.WriteWeights("two/model.safetensors", "b", "a");
        Assert.Equal(
            "{\n\"model.safetensors\": {\n \"b\": {\"dtype\": \"F32\", \"shape\": [1, 2]},\n \"a\": {\"dtype\": \"F32\", \"shape\": [1, 2]}\n}\n}\n",
            _project.Run("one").ManifestText);
        Assert.Equal(_project.Run("one").ManifestText, _project.Run("two").ManifestText);
    }

    /// <summary>Hosts load the task's assembly alone: MSBuild's assemblies are theirs, and there is no other.</summary>
    [Fact]
    public void NeedsNoOtherAssembly() => Assert.Equal(
        ["Microsoft.Build.Framework", "Microsoft.Build.Utilities.Core", "netstandard"],
        typeof(ReadModelFolders).Assembly.GetReferencedAssemblies().Select(name => name.Name).Order());

    private static DateTime Old(string path)
    {
        var time = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, time);
        return time;
    }

    private static TaskItem Item(string include, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(include);
        foreach (var (name, value) in metadata)
        {
            item.SetMetadata(name, value);
        }

        return item;
    }
}
