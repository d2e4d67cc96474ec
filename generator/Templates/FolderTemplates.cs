using AttnGen.Folders;
using AttnGen.Generator.Json;

namespace AttnGen.Generator.Templates;

/// <summary>A chat template of a folder.</summary>
/// <param name="Name">What it is called: "default", "tool_use".</param>
/// <param name="Source">The file, and the key in it, for messages.</param>
/// <param name="Text">The template.</param>
internal sealed record NamedTemplate(string Name, string Source, string Text);

/// <summary>A special token, which templates have as a variable.</summary>
internal sealed record SpecialToken(string Name, string Text);

/// <summary>The chat templates of a class's folder, by value.</summary>
/// <param name="Type">The class.</param>
/// <param name="Folder">The folder, for messages.</param>
/// <param name="Templates">The templates, the default first.</param>
/// <param name="Tokens">The special tokens.</param>
/// <param name="Fault">What is wrong with the files, or "".</param>
internal sealed record ChatTemplateSpec(TypeSpec Type, string Folder, EquatableArray<NamedTemplate> Templates, EquatableArray<SpecialToken> Tokens, string Fault);

/// <summary>Finds a folder's templates where transformers does: files of their own before keys of tokenizer_config.json.</summary>
internal static class FolderTemplates
{
    private const string Config = "tokenizer_config.json", Map = "special_tokens_map.json", Processor = "chat_template.json", Key = "chat_template", Default = "default";

    private static readonly string[] s_tokens = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Null: the folder has none.</summary>
    public static ChatTemplateSpec? Read(TypeSpec type, FolderFiles files)
    {
        try
        {
            bool hasFiles = files.Files.Any(file => file.Name == TemplateFiles.File || TemplateFiles.IsAdditional(file.Name));
            var config = files.Text(Config) is { } text && (hasFiles || text.Contains(Key) || files.Text(Processor) is not null) ? Parse(Config, text) : null;
            List<NamedTemplate> templates = hasFiles ? OfFiles(files) : OfConfig(config);
            if (templates.Count == 0 && files.Text(Processor) is { } processor && Parse(Processor, processor)[Key] is { Kind: JsonKind.String } only)
                templates.Add(new(Default, Processor, only.Text));
            return templates.Count == 0 ? null : new(type, files.Folder, templates.ToEquatable(), Tokens(files, config).ToEquatable(), "");
        }
        catch (TemplateSyntaxException e)
        {
            return new(type, files.Folder, EquatableArray<NamedTemplate>.Empty, EquatableArray<SpecialToken>.Empty, e.Message);
        }
    }

    private static List<NamedTemplate> OfFiles(FolderFiles files)
    {
        List<NamedTemplate> templates = [];
        if (files.Text(TemplateFiles.File) is { } own)
            templates.Add(new(Default, TemplateFiles.File, own));
        foreach (var file in files.Files.Where(file => TemplateFiles.IsAdditional(file.Name)))
            templates.Add(new(TemplateFiles.NameOf(file.Name), file.Name, file.Text));
        return templates;
    }

    private static List<NamedTemplate> OfConfig(JsonValue? config)
    {
        switch (config?[Key])
        {
            case null or { Kind: JsonKind.Null }:
                return [];
            case { Kind: JsonKind.String } text:
                return [new(Default, $"{Config}, {Key}", text.Text)];
            case { Kind: JsonKind.Array } list:
                List<NamedTemplate> templates = [];
                foreach (var item in list.Items)
                {
                    if (item is not { Kind: JsonKind.Object } || item["name"] is not { Kind: JsonKind.String } name || item["template"] is not { Kind: JsonKind.String } template)
                        throw new TemplateSyntaxException(0, $"{Config}: {Key} has {item.Show()} in its list, but objects with name and template are expected");
                    templates.RemoveAll(other => other.Name == name.Text); // The last of a name, as in a dict.
                    templates.Add(new(name.Text, $"{Config}, {Key} '{Text.Short(name.Text)}'", template.Text));
                }

                return [.. templates.Where(template => template.Name == Default), .. templates.Where(template => template.Name != Default)];
            case var other:
                throw new TemplateSyntaxException(0, $"{Config}: {Key} is {other.Show()}, but must be a text or a list of named templates");
        }
    }

    /// <summary>The tokens that tokenizer_config.json names. Folders written before it listed all added tokens have special_tokens_map.json, which then counts where the other names none.</summary>
    private static List<SpecialToken> Tokens(FolderFiles files, JsonValue? config)
    {
        var map = config?["added_tokens_decoder"] is null && files.Text(Map) is { } text ? Parse(Map, text) : null;
        List<SpecialToken> tokens = [];
        foreach (string name in s_tokens)
        {
            if ((TextOf(config?[name]) ?? TextOf(map?[name])) is { } token)
                tokens.Add(new(name, token));
        }

        return tokens;
    }

    /// <summary>A token as a text or as an object that has it as its content.</summary>
    private static string? TextOf(JsonValue? token) => token switch
    {
        { Kind: JsonKind.String } => token.Text,
        { Kind: JsonKind.Object } when token["content"] is { Kind: JsonKind.String } content => content.Text,
        _ => null,
    };

    private static JsonValue Parse(string file, string text)
    {
        try
        {
            var value = JsonValue.Parse(text);
            return value.Kind == JsonKind.Object ? value : throw new TemplateSyntaxException(0, $"{file} is no JSON object; fetch the file again");
        }
        catch (JsonException e)
        {
            throw new TemplateSyntaxException(0, $"{file} is not valid JSON: {e.Message}; fetch the file again");
        }
    }
}
