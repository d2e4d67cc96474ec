using AttnGen.Runtime;

namespace AttnGen.Tests.Runtime;

public class WeightLoaderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(31, 3)]
    [InlineData(32, 16)]
    [InlineData(33, 17)]
    [InlineData(100, 40)]
    [InlineData(64, 0)]
    [InlineData(0, 5)]
    public void PanelsHaveTheirLayout(int rows, int columns)
    {
        using var block = AlignedBlock.Allocate(7 + (Panels(rows) * 16L * columns));
        Loader(("w", [rows, columns])).Panels(block, 7, 0, "w", rows, columns);
        var expected = new float[block.Length];
        for (var n = 0; n < rows; n++)
        {
            for (var k = 0; k < columns; k++)
            {
                expected[7 + (n / 16 * 16 * columns) + (k * 16) + (n % 16)] = Value(n, k);
            }
        }

        Assert.Equal(expected, block.Slice(0, (int)block.Length).ToArray());
    }

    [Theory]
    [InlineData(0, 32, 0)]
    [InlineData(5, 40, 3)]
    [InlineData(31, 2, 10)]
    [InlineData(33, 64, 36)]
    public void PartsOfATensorGoToTheirRows(int rowOffset, int rows, int firstRow)
    {
        const int Columns = 19;
        const int All = 100;
        using var block = AlignedBlock.Allocate(Panels(All) * 16L * Columns);
        Loader(("w", [All, Columns])).Panels(block, 0, rowOffset, "w", rows, Columns, firstRow, All);
        var expected = new float[block.Length];
        for (var i = 0; i < rows; i++)
        {
            var n = rowOffset + i;
            for (var k = 0; k < Columns; k++)
            {
                expected[(n / 16 * 16 * Columns) + (k * 16) + (n % 16)] = Value(firstRow + i, k);
            }
        }

        Assert.Equal(expected, block.Slice(0, (int)block.Length).ToArray());
    }

    [Fact]
    public void VectorsAndRows()
    {
        using var block = AlignedBlock.Allocate(40);
        var loader = Loader(("v", [6]), ("k", [1, 1, 6]), ("m", [2, 3]));
        loader.Vector(block, 1, "v", 6);
        loader.Vector(block, 8, "v", 2, first: 3, tensorLength: 6);
        loader.Vector(block, 12, "k", 6);
        loader.Rows(block, 20, "m", 2, 3, stride: 5);
        Assert.Equal(
            [0, 0, 1, 2, 3, 4, 5, 0, 3, 4, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0, 0, 1, 2, 0, 0, 1000, 1001, 1002, 0, 0],
            block.Slice(0, 30).ToArray());
    }

    [Fact]
    public void PrefixAndRename()
    {
        var source = Source(("enc.a", [1]), ("ENC.B", [1]));
        var loader = new WeightLoader(source, "enc.", null, "M");
        Assert.True(loader.Has("a"));
        Assert.False(loader.Has("b"));
        var renaming = new WeightLoader(source, "enc.", name => name == "enc.b" ? "ENC.B" : name, "M");
        Assert.True(renaming.Has("a"));
        Assert.True(renaming.Has("b"));
        Assert.Throws<InvalidOperationException>(() => new WeightLoader(source, "", _ => null!, "M").Has("a"));
    }

    [Theory]
    [InlineData("in_proj_weight", "m: there is no tensor 'in_proj_weight' [4, 2], which Mixer needs; near names are 'encoder.self_attn.in_proj_weight' (is the prefix 'encoder.self_attn.' missing?).")]
    [InlineData("norm1.weigth", "m: there is no tensor 'norm1.weigth' [4, 2], which Mixer needs; near names are 'norm1.weight', 'norm2.weight'.")]
    [InlineData("zzzzz", "m: there is no tensor 'zzzzz' [4, 2], which Mixer needs; none of its 4 tensors has a name near that; load the file of a model of this shape, or correct the class's attribute.")]
    [InlineData("odd", "m: tensor 'odd' is [3, 2], but Mixer needs [4, 2]; load the file of a model of this shape, or correct the class's attribute.")]
    public void Messages(string name, string message)
    {
        var source = Source(("encoder.self_attn.in_proj_weight", [4, 2]), ("norm1.weight", [2]), ("norm2.weight", [2]), ("odd", [3, 2]));
        using var block = AlignedBlock.Allocate(1000);
        var error = Assert.Throws<WeightMismatchException>(() => new WeightLoader(source, "", null, "Mixer").Panels(block, 0, 0, name, 4, 2));
        Assert.Equal(message, error.Message);
        Assert.Equal("m", error.SourceName);
        Assert.Equal(name, error.TensorName);
    }

    [Fact]
    public void AnEmptySourceSaysSo()
    {
        using var block = AlignedBlock.Allocate(8);
        var error = Assert.Throws<WeightMismatchException>(() => new WeightLoader(new TensorDictionary("m"), "p.", null, "Norm").Vector(block, 0, "weight", 8));
        Assert.Equal("m: there is no tensor 'p.weight' [8], which Norm needs; it has no tensors at all; load the file of a model of this shape, or correct the class's attribute.", error.Message);
    }

    [Fact]
    public void EveryWrongShapeIsRefused()
    {
        var loader = Loader(("v", [6]), ("k", [1, 1, 6]), ("k2", [1, 2, 3]), ("m", [2, 3]), ("s", []));
        using var block = AlignedBlock.Allocate(1000);
        Assert.Contains("is [6], but Test needs [5]", Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "v", 5)).Message, StringComparison.Ordinal);
        Assert.Contains("is [1, 1, 6], but Test needs [5]", Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "k", 5)).Message, StringComparison.Ordinal);
        Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "k2", 6));
        Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "m", 6));
        Assert.Contains("is [], but Test needs [1]", Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "s", 1)).Message, StringComparison.Ordinal);
        Assert.Throws<WeightMismatchException>(() => loader.Panels(block, 0, 0, "m", 3, 2));
        Assert.Throws<WeightMismatchException>(() => loader.Panels(block, 0, 0, "v", 6, 1));
        Assert.Throws<WeightMismatchException>(() => loader.Panels(block, 0, 0, "m", 1, 3));
        Assert.Throws<WeightMismatchException>(() => loader.Rows(block, 0, "m", 3, 2, 2));
    }

    [Fact]
    public void NothingOutsideTheBlockOrTheTensor()
    {
        var loader = Loader(("v", [6]), ("m", [33, 3]));
        using var block = AlignedBlock.Allocate((48 * 3) - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Panels(block, 0, 0, "m", 33, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Panels(block, -1, 0, "m", 33, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Panels(block, 0, -1, "m", 33, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Panels(block, 0, 0, "m", 2, 3, 32, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Vector(block, block.Length - 5, "v", 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Vector(block, 0, "v", 3, 4, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Vector(block, 0, "v", 3, -1, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Rows(block, 0, "m", 33, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => loader.Rows(block, 0, "m", 33, 3, 6));
    }

    [Fact]
    public void FromAFileOfAnotherType()
    {
        byte[] halves = [.. Enumerable.Range(0, 66).SelectMany(i => BitConverter.GetBytes((Half)i))];
        using var file = SafetensorsFile.Parse(Weights.SafetensorsBytes.File(("w", "F16", [33, 2], halves), ("ids", "I64", [1], new byte[8])), "m");
        using var block = AlignedBlock.Allocate(128);
        var loader = new WeightLoader(file, "", null, "Test");
        loader.Panels(block, 0, 0, "w", 33, 2);
        Assert.Equal(64, block.At(64)); // row 32 opens the third panel of [2][16]
        Assert.Equal(65, block.At(80));
        Assert.Contains("'ids' is of type I64", Assert.Throws<WeightMismatchException>(() => loader.Vector(block, 0, "ids", 1)).Message, StringComparison.Ordinal);
    }

    private static int Panels(int rows) => (rows + 15) / 16;

    // Element (n, k) of every tensor, so that places tell themselves.
    private static float Value(int n, int k) => (n * 1000) + k;

    private static WeightLoader Loader(params (string Name, long[] Shape)[] tensors) => new(Source(tensors), "", null, "Test");

    private static TensorDictionary Source(params (string Name, long[] Shape)[] tensors)
    {
        var source = new TensorDictionary("m");
        foreach (var (name, shape) in tensors)
        {
            var columns = shape.Length == 0 ? 1 : (int)shape[^1];
            var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = Value(i / columns, i % columns);
            }

            source.Add(name, shape, values);
        }

        return source;
    }
}
