namespace SemanticSearch;

/// <summary>Where a model's folder is.</summary>
internal static class ModelPath
{
    /// <summary>The folder that was given; else the one of that name in ATTNGEN_MODELS, in models/, or in a folder shared/models further up.</summary>
    /// <returns>Null: there is none.</returns>
    public static string? Find(string? given, string name)
    {
        if (given is not null)
        {
            return Has(given) ? given : null;
        }

        var places = new List<string>();
        if (Environment.GetEnvironmentVariable("ATTNGEN_MODELS") is { Length: > 0 } models)
        {
            places.Add(Path.Combine(models, name));
            if (Path.GetFileName(Path.TrimEndingDirectorySeparator(models)) == name)
            {
                places.Add(models);
            }
        }

        places.Add(Path.Combine("models", name));
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                places.Add(Path.Combine(folder.FullName, "shared", "models", name));
            }
        }

        return places.Find(Has);

        static bool Has(string folder) => File.Exists(Path.Combine(folder, "model.safetensors"));
    }

    /// <summary>Says how to get a model.</summary>
    public static void Explain(string sample, string? given, string hub, string size)
    {
        var name = hub[(hub.IndexOf('/', StringComparison.Ordinal) + 1)..];
        Console.Error.WriteLine(given is null
            ? $"There is no model: this sample needs the folder {name} ({size}), with config.json, model.safetensors and its tokenizer."
            : $"'{given}' is no model's folder: it has no model.safetensors.");
        Console.Error.WriteLine($"""

            Get it from the model hub, for example with the command that the Python package huggingface_hub installs:
              hf download {hub} --local-dir models/{name}
            and say where it is:
              dotnet run --project samples/{sample} -- models/{name}
            or set ATTNGEN_MODELS to the folder that holds it (here: models).
            """);
    }
}
