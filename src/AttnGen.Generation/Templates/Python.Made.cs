namespace AttnGen.Generation.Templates;

public static partial class Python
{
    /// <summary>a ~ b.</summary>
    /// <param name="parts">The parts.</param>
    public static object? Concat(params object?[] parts)
    {
        string[] texts = [.. parts.Select(Str)];
        CheckLength(texts.Sum(text => (long)text.Length));
        return string.Concat(texts);
    }

    /// <summary>A macro.</summary>
    /// <param name="name">Its name; "" for the block of a call.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="body">Its method.</param>
    /// <param name="takesCaller">Whether it uses caller.</param>
    /// <param name="takesKwargs">Whether it uses kwargs.</param>
    /// <param name="takesVarargs">Whether it uses varargs.</param>
    public static object? Macro(string name, string[] parameters, Func<object?[], string> body, bool takesCaller = false, bool takesKwargs = false, bool takesVarargs = false) =>
        new MacroValue(name, parameters, body) { TakesCaller = takesCaller, TakesKwargs = takesKwargs, TakesVarargs = takesVarargs };

    /// <summary>value is name(arguments).</summary>
    /// <param name="name">The test.</param>
    /// <param name="value">The value.</param>
    /// <param name="arguments">The arguments; null: none.</param>
    public static bool Test(string name, object? value, Arguments? arguments = null) => TestTable.Holds(name, value, arguments ?? Arguments.None);
}
