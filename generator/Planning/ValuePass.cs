namespace AttnGen.Generator.Planning;

/// <summary>Columns of a value head that one tile computes: Vectors of Bits from Start, of which Stored columns are real; Count such passes follow each other.</summary>
internal sealed record ValuePass(int Start, int Bits, int Vectors, int Stored, int Count)
{
    /// <summary>A value head's columns in groups that fit a tile, equal neighbours as one run.</summary>
    public static IReadOnlyList<ValuePass> Of(LanePlan lane, TileShape tile, IEnumerable<ValueChunk> chunks)
    {
        List<ValuePass> runs = [];
        foreach (var chunk in chunks)
        {
            int bits = Math.Min(lane.Bits, chunk.Width * 32), width = bits / 32;
            int total = (chunk.Stored + width - 1) / width;
            for (int first = 0; first < total; first += tile.Vectors)
            {
                int vectors = Math.Min(tile.Vectors, total - first);
                var pass = new ValuePass(chunk.Start + first * width, bits, vectors, Math.Min(vectors * width, chunk.Stored - first * width), 1);
                var last = runs.Count > 0 ? runs[runs.Count - 1] : null;
                if (last is not null && pass == last with { Start = last.Start + last.Count * last.Stored, Count = 1 })
                    runs[runs.Count - 1] = last with { Count = last.Count + 1 };
                else
                    runs.Add(pass);
            }
        }

        return runs;
    }
}

/// <summary>Columns [Start, Start + Width) of a value head; the first Stored of them are real.</summary>
internal sealed record ValueChunk(int Start, int Width, int Stored)
{
    /// <summary>A value head's columns: vectors of 16 in pairs, then one of 16, 8 or 4 that covers the rest.</summary>
    public static IReadOnlyList<ValueChunk> Of(int columns)
    {
        List<ValueChunk> chunks = [];
        for (int start = 0; start < columns;)
        {
            int left = columns - start;
            int take = left >= 32 ? 32 : left > 8 ? 16 : left > 4 ? 8 : 4;
            chunks.Add(new ValueChunk(start, take, Math.Min(take, left)));
            start += take;
        }

        return chunks;
    }
}
