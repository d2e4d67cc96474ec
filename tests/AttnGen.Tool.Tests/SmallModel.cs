using System.Globalization;

namespace AttnGen.Tool.Tests;

/// <summary>Commands on a small folder whose class is compiled once, so that its other files may change often.</summary>
internal sealed class SmallModel : IDisposable
{
    private readonly TestFolder _folder;
    private readonly CompiledModel _compiled;
    private readonly ITransformerModel _model;

    public SmallModel(TestFolder folder)
    {
        _folder = folder;
        var console = new ToolConsole(TextWriter.Null, TextWriter.Null);
        _compiled = CompiledModel.Create(new ModelRequest(folder.Path), console, CancellationToken.None);
        _model = _compiled.Load(console, CancellationToken.None);
    }

    /// <summary>An action as a command line runs it: exceptions become sentences and exit codes.</summary>
    public static (int Code, string Error) Guarded(Func<ToolConsole, int> action) => Guarded(action, out _);

    public (int Code, string Error) Embed(bool load = false) => Guarded(console =>
    {
        using var loaded = load ? _compiled.Load(console, CancellationToken.None) : null;
        return EmbedCommand.Run(_compiled, loaded ?? _model, ["red fox", "a b:", ""], similarity: false, json: false, console, CancellationToken.None);
    });

    public (int Code, string Error) Verify() => Verify(out _);

    public string VerifyOutput()
    {
        Verify(out var output);
        return output;
    }

    /// <summary>What the model makes of ids.</summary>
    public double[] Vector(params long[] ids)
    {
        var vector = new float[8];
        ((ISentenceEncoder)_model).Embed([.. (ids.Length == 0 ? SmallFolder.RedFox : ids).Select(id => (int)id)], vector);
        return [.. vector.Select(x => (double)x)];
    }

    public void WriteGolden() => SmallFolder.WriteGolden(_folder, Vector());

    public void Dispose() => _model.Dispose();

    private (int Code, string Error) Verify(out string output) =>
        Guarded(console => VerifyCommand.Run(_compiled, _model, GoldenFile.Open(_folder["golden.safetensors"]), json: false, console, CancellationToken.None), out output);

    private static (int Code, string Error) Guarded(Func<ToolConsole, int> action, out string output)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture), error = new(CultureInfo.InvariantCulture);
        var console = new ToolConsole(text, error);
        var code = CommandTree.Guard(() => action(console), console);
        output = text.ToString();
        return (code, error.ToString());
    }
}
