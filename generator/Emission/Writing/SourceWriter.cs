using System.Text;

namespace AttnGen.Generator.Emission.Writing;

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

    /// <summary>Writes lines that stand as they are, and a blank one after them.</summary>
    public void Text(string lines)
    {
        foreach (string line in lines.Split('\n'))
            Line(line.TrimEnd('\r'));
        Line();
    }

    /// <summary>Writes a constant's value of several lines, as it reads, and the semicolon after it. No line may hold what the compiler takes for a line's end.</summary>
    public void Raw(string value)
    {
        string quotes = "\"\"\"";
        while (value.Contains(quotes))
            quotes += "\"";
        _depth++;
        Line(quotes);
        foreach (string line in value.Split('\n'))
            Line(line);
        Line(quotes + ";");
        _depth--;
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

    /// <summary>An open block; the default one was never opened.</summary>
    public readonly struct Block(SourceWriter? writer, string close) : IDisposable
    {
        public void Dispose()
        {
            if (writer is null)
                return;
            var text = writer._text;
            if (text.Length > 1 && text[text.Length - 1] == '\n' && text[text.Length - 2] == '\n')
                text.Length--; // no blank line before a closing brace
            writer._depth--;
            writer.Line(close);
        }
    }
}
