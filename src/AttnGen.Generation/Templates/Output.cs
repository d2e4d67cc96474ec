using System.ComponentModel;
using System.Text;

namespace AttnGen.Generation.Templates;

/// <summary>The text that a template, a macro or a block writes.</summary>
/// <remarks>Made by generated code; nothing that a program uses.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class Output
{
    private readonly StringBuilder _text = new();

    /// <summary>Writes text of the template.</summary>
    /// <param name="text">The text.</param>
    public void Write(string text)
    {
        Python.CheckLength((long)_text.Length + text.Length);
        _text.Append(text);
    }

    /// <summary>Writes a value as Python's str() gives it.</summary>
    /// <param name="value">The value.</param>
    public void Print(object? value) => Write(Python.Str(value));

    /// <summary>Writes what a filter or a call made of a block, which must be a text.</summary>
    /// <param name="value">The value.</param>
    public void Add(object? value) => Write(value is string or MarkupValue ? Python.Str(value) : throw Python.Error($"expected str instance, {Python.TypeName(value)} found"));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
