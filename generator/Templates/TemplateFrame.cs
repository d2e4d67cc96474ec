namespace AttnGen.Generator.Templates;

/// <summary>Where code is printed: the scope, and the output that it writes to.</summary>
/// <param name="Symbols">The scope's variables.</param>
/// <param name="Output">The variable of the output.</param>
/// <param name="IsInLoop">Whether break and continue have a loop.</param>
/// <param name="MayBeUnused">Whether it stands in a branch that need not be reached: jinja2 looks filters and tests up there only when it gets there.</param>
internal sealed record TemplateFrame(TemplateSymbols Symbols, string Output, bool IsInLoop = false, bool MayBeUnused = false)
{
    /// <summary>A scope inside this one.</summary>
    public TemplateFrame Inner() => this with { Symbols = new TemplateSymbols(Symbols), MayBeUnused = false };

    public TemplateFrame Branch() => this with { MayBeUnused = true };
}
