namespace SemanticSearch;

/// <summary>Where a model's folder is.</summary>
internal static class ModelPath
{
    /// <summary>The folder that was given; else the one of that name in ATTNGEN_MODELS, in models/, or in a folder shared/models further up.</summary>
    /// <param name="given">The folder that the command line names, or null.</param>
    /// <param name="places">Where it was looked for.</param>
    /// <param name="names">What the folder may be called.</param>
    /// <returns>Null: there is none.</returns>
    public static string? Find(string? given, out IReadOnlyList<string> places, params string[] names)
    {
        var looked = new List<string>();
        if (given is not null)
        {
            looked.Add(given);
        }
        else
        {
            var models = Environment.GetEnvironmentVariable("ATTNGEN_MODELS");
            foreach (var name in names)
            {
                looked.AddRange(string.IsNullOrEmpty(models) ? [] : [Path.Combine(models, name)]);
                looked.Add(Path.Combine("models", name));
            }

            // ATTNGEN_MODELS may be the model's own folder: by its name, or because no other folder is asked for.
            if (!string.IsNullOrEmpty(models))
            {
                looked.Insert(1, models);
            }

            foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
            {
                for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                {
                    looked.AddRange(names.Select(name => Path.Combine(folder.FullName, "shared", "models", name)));
                }
            }
        }

        places = [.. looked.Distinct()];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, "model.safetensors")));
    }

    /// <summary>A model that the sample can do without: only a folder of its name counts.</summary>
    public static string? FindNamed(string name) =>
        Find(null, out _, name) is { } found && Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(found))) == name ? found : null;

    /// <summary>Says how to get a model.</summary>
    public static void Explain(string sample, string? given, IReadOnlyList<string> places, string hub, string size)
    {
        var name = hub[(hub.IndexOf('/', StringComparison.Ordinal) + 1)..];
        Console.Error.WriteLine(given is null
            ? $"There is no model: this sample needs the folder {name} ({size}), with config.json, model.safetensors and its tokenizer. Looked in:\n  {string.Join("\n  ", places)}"
            : $"'{given}' is no model's folder: it has no model.safetensors.");
        Console.Error.WriteLine($"""

            Get it from the model hub, for example with the command that the Python package huggingface_hub installs:
              hf download {hub} --local-dir models/{name}
            and say where it is:
              dotnet run --project samples/{sample} -- models/{name}
            or set ATTNGEN_MODELS to it, or to the folder that holds it (here: models).
            """);
    }
}
