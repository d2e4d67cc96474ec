namespace AttnGen.Tokenizers;

/// <summary>Bytes that are written one after the other; what has grown is kept.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[16];
    private int _used;

    public int Length => _used;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _used);

    public void Clear() => _used = 0;

    public void Add(byte one)
    {
        if (_used == _bytes.Length)
        {
            Array.Resize(ref _bytes, 2 * _bytes.Length);
        }

        _bytes[_used++] = one;
    }

    /// <summary>Leaves out what was written from a place on.</summary>
    public void Truncate(int length) => _used = length;

    /// <summary>Leaves out the first bytes.</summary>
    public void Remove(int first)
    {
        _bytes.AsSpan(first, _used - first).CopyTo(_bytes);
        _used -= first;
    }
}
