using AttnGen.Generator.Emission;
using AttnGen.Generator.Models;
using AttnGen.Generator.Planning;
using AttnGen.Generator.Spec;
using AttnGen.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttnGen.Models.Tests;

/// <summary>Mutated config.json, manifests and their companions: a diagnostic or a class that compiles, never an exception.</summary>
public sealed class FuzzTests
{
    private const int Mutations = 100_000;

    private static readonly string[] s_tokens =
    [
        "0", "-1", "1", "2", "3", "7", "64", "1e9", "1e400", "2147483647", "2147483648", "-2147483649", "9223372036854775808", "0.5", "null", "true", "false", "\"\"", "\"x\"", "{}", "[]",
        "[[]]", "{\"a\":1}", "\"\\u2028\"", "\"\\ud800\"", "\"{0}\"", "\"gelu\"", "\"relu\"", "\"bert\"", "\"albert\"", "\"modernbert\"", "\"vit\"", "\"llama\"", "\"BertForMaskedLM\"",
        "\"F16\"", "\"I64\"", "\"model.safetensors\"", "*/", "\"\\\"\"", "\\", ",", ":", "\"", "{", "}", "[", "]", "\n", "\u0000", "//", "$", "<", "&", "'", "\r\n", "@",
    ];

    [Fact]
    public void A_hundred_thousand_mutations_never_throw()
    {
        var seeds = Seeds();
        int accepted = 0, refused = 0, compiled = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var random = new Random(i);
            var files = Mutate(seeds[i % seeds.Count], random);
            var tower = files.Text("config.json")?.Contains("\"model_type\":\"clip\"", StringComparison.Ordinal) == true ? i % 2 == 0 ? TowerKind.Text : TowerKind.Image : TowerKind.Folder;
            try
            {
                var problems = new List<Problem>();
                var spec = TransformerParser.Parse(new RequestSpec("m", 0, PoolingKind.Folder, NormalizeKind.Folder, tower), files, problems);
                Assert.True(spec is null == problems.Count > 0, "either a Spec or a problem");
                Assert.All(problems, problem => Assert.False(string.IsNullOrWhiteSpace(problem.Message)));
                if (spec is null)
                {
                    refused++;
                    continue;
                }

                accepted++;
                if (accepted % 25 == 0)
                {
                    // What is accepted must also be planned and printed, and be C#.
                    var source = Emitter.Emit(Planner.Plan(new TargetSpec(new TypeSpec("", EquatableArray<TypeDeclaration>.Empty, new TypeDeclaration("class", "M", ""), "M"), spec, "[x]")));
                    if (accepted % 500 == 0)
                    {
                        var errors = CSharpSyntaxTree.ParseText(source, new CSharpParseOptions(LanguageVersion.CSharp13)).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error);
                        Assert.Empty(errors);
                    }

                    if (accepted % 2500 == 0)
                    {
                        // Names and types are the compiler's to find wrong, as it does in a project.
                        GeneratorHost.Run(HubModel.Source("m", tower == TowerKind.Folder ? "" : $", tower: AttnGen.Tower.{tower}"), new HostOptions { Models = [.. files.Files.Select(file => new ModelText("m", file.Name, file.Text))] }).EnsureClean();
                        compiled++;
                    }
                }
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"mutation {i}: {e}\n{string.Join("\n---\n", files.Files.Select(file => file.Name + "\n" + file.Text[..Math.Min(file.Text.Length, 1500)]))}");
            }
        }

        // A fuzzer that finds nothing acceptable, or nothing wrong, tests half of the code.
        Assert.True(accepted > Mutations / 50 && refused > Mutations / 10 && compiled > 0, $"{accepted} accepted, {refused} refused, {compiled} compiled");
        TestContext.Current.SendDiagnosticMessage($"{accepted} accepted, {refused} refused, {compiled} compiled");
    }

    private static FolderFiles Mutate(FolderFiles seed, Random random)
    {
        var files = seed.Files.ToArray();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(files.Length);
            files[at] = new FolderFile(files[at].Name, Mutate(files[at].Text, random));
        }

        return new FolderFiles("m", (random.Next(20) == 0 ? files.Skip(1) : files).ToEquatable());
    }

    private static string Mutate(string text, Random random)
    {
        if (text.Length == 0)
            return s_tokens[random.Next(s_tokens.Length)];
        int at = random.Next(text.Length), length = Math.Min(random.Next(1, 24), text.Length - at);
        switch (random.Next(8))
        {
            case 0:
                return text.Remove(at, length);
            case 1:
                return text.Insert(at, s_tokens[random.Next(s_tokens.Length)]);
            case 2:
                return text.Insert(at, text.Substring(at, length));
            case 3:
                return text[..at] + (char)random.Next(32, 127) + text[(at + 1)..];
            case 4:
                return text[..at];
            default:
                // The value after a colon: what a typing error or another version of a library changes.
                var colon = text.IndexOf(':', at);
                if (colon < 0)
                    return text;
                var end = text.IndexOfAny([',', '}', ']', '\n'], colon + 1);
                return end < 0 ? text : text[..(colon + 1)] + s_tokens[random.Next(s_tokens.Length)] + text[end..];
        }
    }

    /// <summary>Small folders of every architecture, written here so that the test needs no other files; those of shared besides, where it is there.</summary>
    private static List<FolderFiles> Seeds()
    {
        List<FolderFiles> seeds = [];
        foreach (var (config, manifest) in SmallModels.All)
            seeds.Add(new FolderFiles("m", new[] { new FolderFile("config.json", config), new FolderFile("manifest.json", manifest), new FolderFile("1_Pooling/config.json", "{\"pooling_mode_mean_tokens\": true}"), new FolderFile("modules.json", "[{\"type\":\"sentence_transformers.models.Transformer\",\"path\":\"\"},{\"type\":\"sentence_transformers.models.Pooling\",\"path\":\"1_Pooling\"},{\"type\":\"sentence_transformers.models.Normalize\",\"path\":\"2\"}]"), new FolderFile("config_sentence_transformers.json", "{\"__version__\":{\"sentence_transformers\":\"5.3.0\"},\"prompts\":{\"query\":\"q: \",\"document\":null},\"default_prompt_name\":\"query\",\"truncate_dim\":4}"), new FolderFile("sentence_bert_config.json", "{\"max_seq_length\":8,\"do_lower_case\":false,\"processing_kwargs\":{\"text\":{\"max_length\":7,\"truncation\":true}},\"modality_config\":{\"text\":{\"method\":\"forward\",\"method_output_name\":\"last_hidden_state\"}},\"module_output_name\":\"token_embeddings\"}") }.ToEquatable()));
        if (Shared.Folder is { } shared)
        {
            foreach (var folder in Directory.GetDirectories(Path.Combine(shared, "golden", "config-zoo")))
            {
                var texts = ModelText.Read("m", folder);
                if (texts.Sum(text => text.GetText().Length) < 20_000) // large manifests are the same, only slower
                    seeds.Add(new FolderFiles("m", texts.Select(text => new FolderFile(text.Name, text.GetText().ToString())).ToEquatable()));
            }
        }

        return seeds;
    }
}
