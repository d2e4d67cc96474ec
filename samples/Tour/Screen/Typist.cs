using System.Text;

namespace Tour;

/// <summary>Running text that comes in pieces: a word is written once it is complete, on a new line if it does not fit. On a screen the pieces come at a pace that can be read.</summary>
internal sealed class Typist(Terminal terminal, int indent = 4)
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(40);
    private readonly StringBuilder _word = new();
    private int _column;

    /// <summary>Writes all pieces, and ends the line. <paramref name="each"/> sees a piece as soon as it is there.</summary>
    public void Write(IEnumerable<string> pieces, Action<string>? each = null)
    {
        foreach (var piece in pieces)
        {
            each?.Invoke(piece);
            foreach (var character in piece)
            {
                if (character is ' ' or '\n')
                    EndWord();
                else
                    _word.Append(char.IsControl(character) ? '\u00b7' : character);
            }

            if (terminal.HasReader)
                Thread.Sleep(s_pace);
        }

        EndWord();
        terminal.Blank();
        _column = 0;
    }

    private void EndWord()
    {
        if (_word.Length == 0)
            return;
        var word = _word.ToString();
        _word.Clear();
        var width = Columns.Of(word);
        if (_column > 0 && _column + 1 + width > terminal.TextWidth)
        {
            terminal.Blank();
            _column = 0;
        }

        terminal.Write(_column == 0 ? new string(' ', indent) + word : " " + word);
        _column = (_column == 0 ? indent : _column + 1) + width;
    }
}
