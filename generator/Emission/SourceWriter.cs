using System.Globalization;
using System.Text;

namespace AttnGen.Generator.Emission;

/// <summary>Indented text with a fixed newline and no trailing white space, whatever the machine or culture.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string text = "")
    {
        if (text.Length > 0)
            _text.Append(' ', _depth * 4).Append(text);
        _text.Append('\n');
    }

    public void Lines(string text)
    {
        foreach (var line in text.Split('\n'))
            Line(line.TrimEnd());
    }

    /// <summary>Writes <paramref name="header"/> and an opening brace; disposing writes the closing one.</summary>
    public Block Open(string header, string close = "}")
    {
        Line(header);
        Line("{");
        _depth++;
        return new Block(this, close);
    }

    public override string ToString() => _text.ToString();

    /// <summary>A number as C# writes it.</summary>
    public static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A float literal that rounds to the float nearest <paramref name="value"/>.</summary>
    public static string Float(double value) => ((float)value).ToString("R", CultureInfo.InvariantCulture) + "f";

    public readonly struct Block(SourceWriter writer, string close) : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            writer.Line(close);
        }
    }
}
