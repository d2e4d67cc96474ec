using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace AttnGen.Runtime;

/// <summary>Rows of a call that belong to one sequence, and where that sequence keeps its keys and values.</summary>
/// <remarks>
/// For generated code. Of each layer there are the keys [Hkv][room/16][Dh][16], transposed so that vectors run over keys, and right after them the values [Hkv][room][Dv].
/// A layer that slides may keep a ring of the last tokens: the token at position p is at p modulo the ring, and once more a ring further on, so that any run of tokens is in one piece.
/// Layers are named by their place: so many layers before them slide; −1 − that of one that slides itself.
/// The memory is an <see cref="AlignedBlock"/>'s, which does not move; whoever makes a slice holds the block while it is used.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly unsafe struct CacheSlice
{
    private readonly float* _first;
    private readonly float* _state;
    private readonly float* _source;

    /// <summary>Rows of a sequence.</summary>
    /// <param name="cache">The first layer's first key.</param>
    /// <param name="state">A float beside the cache: 0 while every value in it is a finite number.</param>
    /// <param name="layerFloats">Floats from a layer to the next; 0: layers take turns in one place, which only a call from position 0 on may ask for.</param>
    /// <param name="room">Tokens that there is room for, a multiple of 32.</param>
    /// <param name="position">Position of the first row: so many tokens are in the cache.</param>
    /// <param name="row">The first row of the call.</param>
    /// <param name="rows">How many rows.</param>
    public CacheSlice(ref float cache, ref float state, nint layerFloats, int room, int position, int row, int rows)
    {
        _first = (float*)Unsafe.AsPointer(ref cache);
        _state = (float*)Unsafe.AsPointer(ref state);
        (LayerFloats, Room, Position, Row, Rows) = (layerFloats, room, position, row, rows);
        if (position == 0)
        {
            *_state = 0;
        }
    }

    /// <summary>The same rows of a sequence whose sliding layers keep a ring.</summary>
    /// <param name="other">The rows.</param>
    /// <param name="ring">Tokens of the ring, a multiple of 32; it takes twice the room.</param>
    /// <param name="ringFloats">Floats that a sliding layer takes.</param>
    public CacheSlice(in CacheSlice other, int ring, nint ringFloats)
    {
        this = other;
        (Ring, RingFloats) = (ring, ringFloats);
    }

    /// <summary>Tokens of the ring of layers that slide; 0: they keep everything, as the others.</summary>
    public int Ring { get; }

    /// <summary>Floats that a layer with a ring takes.</summary>
    public nint RingFloats { get; }

    /// <summary>The ring of a layer; 0: it keeps everything.</summary>
    /// <param name="place">Its place.</param>
    public int RingOf(int place) => place < 0 ? Ring : 0;

    /// <summary>Tokens that a layer has room for.</summary>
    /// <param name="place">Its place.</param>
    public int RoomOf(int place) => place < 0 && Ring > 0 ? 2 * Ring : Room;

    /// <summary>The same rows of a sequence that also reads a source: of each layer the source's keys and, right after them, its values.</summary>
    /// <param name="other">The rows.</param>
    /// <param name="source">The first layer's first key of the source.</param>
    /// <param name="layerFloats">Floats from a layer to the next.</param>
    /// <param name="room">Tokens that there is room for, a multiple of 32.</param>
    /// <param name="tokens">How many there are.</param>
    public CacheSlice(in CacheSlice other, ref float source, nint layerFloats, int room, int tokens)
    {
        this = other;
        _source = (float*)Unsafe.AsPointer(ref source);
        (SourceLayerFloats, SourceRoom, SourceTokens) = (layerFloats, room, tokens);
    }

    /// <summary>Tokens of the source, 0: there is none.</summary>
    public int SourceTokens { get; }

    /// <summary>Tokens of a source that there is room for.</summary>
    public int SourceRoom { get; }

    /// <summary>Floats from a layer of the source to the next.</summary>
    public nint SourceLayerFloats { get; }

    /// <summary>Floats from a layer to the next.</summary>
    public nint LayerFloats { get; }

    /// <summary>Tokens that there is room for.</summary>
    public int Room { get; }

    /// <summary>Position of the first row.</summary>
    public int Position { get; }

    /// <summary>The first row of the call.</summary>
    public int Row { get; }

    /// <summary>How many rows.</summary>
    public int Rows { get; }

    /// <summary>Keys that the last row sees, itself included.</summary>
    public int Keys => Position + Rows;

    /// <summary>Whether a value is NaN or infinite. Then queries are worked out one by one, so that what is hidden from them cannot reach them as 0·∞.</summary>
    public bool HasNotFinite => *_state != 0;

    /// <summary>Notes that a value is NaN or infinite; it stays so until the sequence begins again.</summary>
    public void NoteNotFinite() => *_state = 1;

    /// <summary>A layer's first key.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="place">Its place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float KeysOf(int layer, int place) => ref Unsafe.AsRef<float>(_first + Start(layer, place));

    /// <summary>A layer's first key of the source.</summary>
    /// <param name="layer">The layer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float SourceKeysOf(int layer) => ref Unsafe.AsRef<float>(_source + (layer * SourceLayerFloats));

    /// <summary>A layer's first value of the source.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="keyFloats">Floats of a token's keys.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float SourceValuesOf(int layer, int keyFloats) => ref Unsafe.AsRef<float>(_source + (layer * SourceLayerFloats) + ((nint)SourceRoom * keyFloats));

    /// <summary>A layer's first value.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="place">Its place.</param>
    /// <param name="keyFloats">Floats of a token's keys.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float ValuesOf(int layer, int place, int keyFloats) => ref Unsafe.AsRef<float>(_first + Start(layer, place) + ((nint)RoomOf(place) * keyFloats));

    private nint Start(int layer, int place)
    {
        if (Ring == 0)
        {
            return layer * LayerFloats;
        }

        var sliding = place < 0 ? -1 - place : place;
        return ((layer - sliding) * LayerFloats) + (sliding * RingFloats);
    }
}
