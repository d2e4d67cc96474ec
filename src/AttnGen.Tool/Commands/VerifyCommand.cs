using AttnGen.Runtime;

namespace AttnGen.Tool;

/// <summary><c>attngen verify</c>.</summary>
internal static class VerifyCommand
{
    private static readonly string[] s_places = ["golden.safetensors", "golden/golden.safetensors"];

    private static readonly string[] s_notes = ["golden.json", "golden/golden.json", "golden/index.json"];

    public static int Run(ModelRequest request, string? goldenPath, bool json, ToolConsole console, CancellationToken cancellation)
    {
        GoldenFile? golden = null;
        CompiledModel compiled;
        try
        {
            // The folder first: one that is refused needs no golden file.
            compiled = CompiledModel.Create(request, console, cancellation, directory =>
            {
                golden = Golden(request, directory, goldenPath);
                if (golden is not null)
                    GoldenNotes.Beside(golden.Path); // refused before anything is compiled
            });
        }
        catch (RefusedException e) when (json)
        {
            console.Json(new { model = e.Directory.Name, passed = false, supported = false, findings = e.Findings });
            throw;
        }

        using var model = compiled.Load(console, cancellation);
        return Run(compiled, model, golden, json, console, cancellation);
    }

    /// <summary>With what was read of the folder.</summary>
    internal static int Run(CompiledModel compiled, ITransformerModel model, GoldenFile? golden, bool json, ToolConsole console, CancellationToken cancellation)
    {
        var notes = golden is null ? null : GoldenNotes.Beside(golden.Path);
        var runner = new ModelRunner(model, TeacherHeads.Of(compiled.Directory.Path, compiled.Directory.WeightFiles, compiled.Info));
        var report = new VerifyReport
        {
            Model = compiled.Directory.Name,
            ModelType = compiled.Info.ModelType,
            Golden = golden?.Path,
            VectorBits = SimdLane.Bits,
            NotRead = notes?.Unread ?? [],
        };
        if (golden is not null)
        {
            GoldenVerifier.Run(runner, golden, notes!, report, console, cancellation);
            TextCheck.Run(compiled.Directory, compiled.Info, golden, notes!, report);
        }
        else
        {
            using var again = compiled.Load(console, cancellation, threads: 1);
            SelfCheck.Run(runner, again, report, console, cancellation);
        }

        if (json)
            console.Json(report);
        else
            Print(report, compiled.Info, notes, console);
        if (report.Passed)
            return ExitCode.Success;
        console.Problem(report.Failure());
        return report.IsGoldenUnusable ? ExitCode.Usage : ExitCode.Failed;
    }

    private static GoldenFile? Golden(ModelRequest request, ModelDirectory directory, string? path)
    {
        if (path is not null)
        {
            return File.Exists(path) ? NotAGolden.Why(path, request.Folder) is { } why ? throw new ToolException(why) : GoldenFile.Open(path)
                : Directory.Exists(path) ? throw new ToolException($"--golden is the folder '{path}'; give the golden file in it.")
                : throw new ToolException($"There is no golden file '{path}'; give an existing one to --golden, or leave it out.");
        }

        var places = s_places.Where(place => File.Exists(Path.Combine(directory.Path, place))).ToList();
        if (places.Count > 1)
            throw new ToolException($"'{directory.Name}' has {string.Join(" and ", places)}; give one of them to --golden.");
        if (places.Count == 0 && Strays(directory.Path) is [var stray, ..])
            throw new ToolException($"'{directory.Name}' has {stray}, which is not looked at without --golden; give the golden file that belongs to it: --golden FILE");
        return In(directory.Path) is { } found
            ? GoldenFile.Open(Path.GetRelativePath(directory.Path, found) is var inside && Path.IsPathRooted(request.Folder) ? found : Path.Combine(request.Folder, inside))
            : null;
    }

    // Whoever put these there expects more than a check of the model against itself.
    private static List<string> Strays(string folder) =>
    [
        .. s_notes.Where(file => File.Exists(Path.Combine(folder, file))),
        .. new[] { folder, Path.Combine(folder, "golden") }.Where(Directory.Exists).SelectMany(place => Directory.EnumerateFiles(place, "*.safetensors").Where(file => place != folder || Path.GetFileName(file).StartsWith("golden", StringComparison.OrdinalIgnoreCase)))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    /// <summary>The golden file of a folder, or null.</summary>
    internal static string? In(string folder) => s_places.Select(place => Path.Combine(folder, place)).FirstOrDefault(File.Exists);

    private static void Print(VerifyReport report, ModelInfo info, GoldenNotes? notes, ToolConsole console)
    {
        List<(string, string)> facts =
        [
            ("Model", $"{report.Model}: {Describe(info)}"),
            ("Golden file", report.Golden ?? "none; the model is checked against itself only, not against another implementation"),
        ];
        if (notes is not null)
        {
            facts.Add(("Float32 errors", notes.HasErrors ? $"of the reference: {Path.GetFileName(notes.Path)}" : "of the reference: not stated; 1e-5 is allowed of F64 arrays, 2e-5 of F32"));
            if (notes.Unread.Count > 0)
                facts.Add(("Not read", $"{string.Join(", ", notes.Unread)} of {Path.GetFileName(notes.Path)}"));
        }

        facts.Add(("Vector width", $"{report.VectorBits} bits"));
        console.Facts(facts);
        console.Line();
        var shown = report.Arrays.Where(array => array.Verdict != Verdict.Skipped).ToList();
        if (shown.Count > 0)
        {
            console.Table(["array", ">max |error|", ">allowed", ">compared", "verdict"], [.. shown.Select(array => (IReadOnlyList<string>)
            [
                array.Name,
                array.MaxAbsError is { } error ? Show.Error(error) : "",
                array.Tolerance is { } tolerance ? Show.Error(tolerance) : "",
                array.Compared > 0 ? Show.Count(array.Compared) : "",
                (array.Verdict switch { Verdict.Ok => "ok", Verdict.Failed => "FAILED", _ => "NOT CHECKED" }) + (array.Note is { } note ? ": " + note : ""),
            ])]);
            console.Line();
        }

        foreach (var group in report.Arrays.Where(array => array.Verdict == Verdict.Skipped).GroupBy(array => array.Note))
        {
            console.Line($"Not compared, {group.Key}: {string.Join(", ", group.Select(array => array.Name))}");
            console.Line();
        }

        if (report.Checks.Count > 0)
        {
            console.Table(["check", "verdict"], [.. report.Checks.Select(check => (IReadOnlyList<string>)[check.Name, check.IsSkipped ? $"skipped: {check.Detail}" : check.Holds ? $"ok ({check.Detail})" : "FAILED: " + check.Detail])]);
            console.Line();
        }

        foreach (var problem in report.Problems)
            console.Verdict(false, "Not checked: " + problem);
        if (report.Bits is { } bits)
            console.Line($"All numbers together: {bits} (the same at every vector width)");
        console.Verdict(report.Passed, report.Passed ? Passed(report) : "Failed");
    }

    private static string Passed(VerifyReport report)
    {
        var compared = report.Arrays.Where(array => array.Verdict == Verdict.Ok).ToList();
        if (compared.Count == 0)
            return "Passed (against itself)";
        if (compared.Where(array => array.Tolerance > 0).MaxBy(array => array.MaxAbsError / array.Tolerance) is not { } worst)
            return $"Passed: {compared.Count} array{(compared.Count == 1 ? "" : "s")}, {Show.Count(compared.Sum(array => array.Compared))} ids";
        return $"Passed: {compared.Count} array{(compared.Count == 1 ? "" : "s")}, {Show.Count(compared.Sum(array => array.Compared))} numbers; the nearest to its limit is {worst.Name} with {Show.Fixed(100 * (worst.MaxAbsError / worst.Tolerance ?? 0), 0)} % of what is allowed";
    }

    internal static string Describe(ModelInfo info) =>
        $"{info.ModelType}{(info.Architecture.Length > 0 ? $" ({info.Architecture})" : "")}, {info.Layers} layer{(info.Layers == 1 ? "" : "s")} of {info.HiddenSize}, {Show.Count(info.ParameterCount)} parameters";
}
