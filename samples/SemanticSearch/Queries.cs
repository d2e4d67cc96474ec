namespace SemanticSearch;

/// <summary>What both samples do with queries, and where there is no model.</summary>
internal static class Queries
{
    /// <summary>Answers the query of the command line; without one (or with an empty one), those that are read from the input, one a line.</summary>
    public static void Answer(string? one, Action<string> answer)
    {
        if (!string.IsNullOrWhiteSpace(one))
        {
            answer(one);
            return;
        }

        var interactive = !Console.IsInputRedirected && !Console.IsOutputRedirected;
        while (true)
        {
            if (interactive)
            {
                Console.Write("\nquery (empty: end): ");
            }

            var query = Console.ReadLine();
            if (query is null || (interactive && query.Length == 0))
            {
                return;
            }

            if (!string.IsNullOrWhiteSpace(query))
            {
                answer(query);
            }
        }
    }

    /// <summary>Says what is wrong, and, if it is the model that is not there, how to get it.</summary>
    /// <param name="problem">What loading or running the model threw.</param>
    /// <param name="sample">The sample's folder.</param>
    /// <param name="hub">The model's name on the hub.</param>
    /// <returns>The exit code.</returns>
    public static int Explain(Exception problem, string sample, string hub)
    {
        Console.Error.WriteLine(problem.Message);
        if (problem is DirectoryNotFoundException or FileNotFoundException)
        {
            var name = hub[(hub.IndexOf('/', StringComparison.Ordinal) + 1)..];
            Console.Error.WriteLine($"""

                Get the model (90 MB) from the hub, for example with the command that the Python package huggingface_hub installs:
                  hf download {hub} --local-dir models/{name}
                and run the sample where that folder models is, or say where the model is:
                  dotnet run --project samples/{sample} -- models/{name}
                or set ATTNGEN_MODELS to it, or to the folder that holds it (here: models).
                """);
        }

        return 2;
    }
}
