using System.Globalization;
using System.Text;
using System.Text.Json;
using AttnGen.Folders;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace AttnGen.Testing;

/// <summary>A file of a model's folder as the compiler sees it: its text, the folder's name and the file's place in the folder.</summary>
public sealed class ModelText(string folder, string name, string text) : AdditionalText
{
    /// <summary>Gives a model's files their metadata.</summary>
    public static AnalyzerConfigOptionsProvider Options { get; } = new FolderOptions(file => file is ModelText text ? (text.Folder, text.Name) : null);

    /// <summary>The folder, as the project includes it.</summary>
    public string Folder => folder;

    /// <summary>The file's place in the folder.</summary>
    public string Name => name;

    /// <inheritdoc/>
    public override string Path => $"/{folder}/{name}";

    /// <inheritdoc/>
    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text, Encoding.UTF8);

    /// <summary>Everything of a folder that the build would hand over, under a name. A folder without weights may hold the manifest itself.</summary>
    public static IReadOnlyList<ModelText> Read(string folder, string path)
    {
        List<ModelText> texts = [];
        var modules = System.IO.Path.Combine(path, ModuleFolders.File);
        var names = HubFiles.For(ReadBy.Compiler).Concat(File.Exists(modules) ? ModuleFolders.Configs(File.ReadAllText(modules)) : []).Distinct().Concat(Templates(path)).Append(FolderNames.Manifest);
        foreach (var name in File.Exists(System.IO.Path.Combine(path, FolderNames.Weights)) ? names : names.Append(FolderNames.Index))
        {
            var file = System.IO.Path.Combine(path, name);
            if (File.Exists(file))
                texts.Add(new ModelText(folder, name, File.ReadAllText(file)));
        }

        if (texts.All(text => text.Name != FolderNames.Manifest) && Directory.GetFiles(path, "*.safetensors") is { Length: > 0 } files)
        {
            var ofModules = File.Exists(modules) ? ModuleFolders.WithWeights(File.ReadAllText(modules)).Select(module => System.IO.Path.Combine(path, module, FolderNames.Weights)).Where(File.Exists) : [];
            texts.Add(new ModelText(folder, FolderNames.Manifest, Manifest(path, files.Where(file => System.IO.Path.GetFileName(file).StartsWith("model", StringComparison.Ordinal)).Concat(ofModules))));
        }

        return texts;
    }

    private static IEnumerable<string> Templates(string path)
    {
        var folder = System.IO.Path.Combine(path, TemplateFiles.Folder);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*" + TemplateFiles.Extension).Select(file => $"{TemplateFiles.Folder}/{System.IO.Path.GetFileName(file)}").Order(StringComparer.Ordinal) : [];
    }

    /// <summary>What the build task writes of the headers: file, tensor, dtype and shape.</summary>
    public static string Manifest(string folder, IEnumerable<string> files)
    {
        var manifest = new StringBuilder("{");
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            using var file = SafetensorsFile.Open(path);
            manifest.Append(manifest.Length > 1 ? "," : "").Append(JsonSerializer.Serialize(System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/'))).Append(":{");
            var first = true;
            foreach (var name in file.TensorNames)
            {
                file.TryGetShape(name, out var shape);
                file.TryGetDataType(name, out var type);
                manifest.Append(first ? "" : ",").Append(CultureInfo.InvariantCulture, $"{JsonSerializer.Serialize(name)}:{{\"dtype\":\"{type}\",\"shape\":[{string.Join(",", shape.ToArray())}]}}");
                first = false;
            }

            manifest.Append('}');
        }

        return manifest.Append('}').ToString();
    }
}
