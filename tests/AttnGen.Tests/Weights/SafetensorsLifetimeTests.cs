using System.Diagnostics;

namespace AttnGen.Tests.Weights;

/// <summary>Opening, closing, and files that change or vanish.</summary>
public class SafetensorsLifetimeTests
{
    private static readonly byte[] s_file = SafetensorsBytes.File(("a", "F32", [2], SafetensorsBytes.Floats(1, 2)), ("b", "F32", [1], SafetensorsBytes.Floats(3)));

    [Fact]
    public void AfterDisposeEverythingThrows()
    {
        using var onDisk = new TemporaryFile(s_file);
        foreach (var file in new[] { SafetensorsFile.Open(onDisk.Path), SafetensorsFile.Open(new MemoryStream(s_file)), SafetensorsFile.Parse(s_file) })
        {
            var names = file.TensorNames.ToList();
            file.Dispose();
            file.Dispose();
            Assert.Throws<ObjectDisposedException>(() => file.Read("a", 0, new float[1]));
            Assert.Throws<ObjectDisposedException>(() => file.TryGetShape("a", out _));
            Assert.Throws<ObjectDisposedException>(() => file.TryGetDataType("a", out _));
            Assert.Throws<ObjectDisposedException>(() => file.TensorNames);
            Assert.Throws<ObjectDisposedException>(() => file.Metadata);
            Assert.NotEmpty(file.Name);
            Assert.Equal(["a", "b"], names);
        }
    }

    [Fact]
    public void TheFileIsFreeAfterwards()
    {
        using var onDisk = new TemporaryFile(s_file);
        SafetensorsFile.Open(onDisk.Path).Dispose();
        File.WriteAllBytes(onDisk.Path, [1, 2, 3]);
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(onDisk.Path));
        File.WriteAllBytes(onDisk.Path, s_file);
        using var again = SafetensorsFile.Open(onDisk.Path);
        Assert.Equal(onDisk.Path, again.Name);
    }

    [Fact]
    public async Task DisposeWhileOthersRead()
    {
        const int Count = 300_000;
        var values = new float[Count];
        Array.Fill(values, 7f);
        using var onDisk = new TemporaryFile(SafetensorsBytes.File(("a", "F32", [Count], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray())));
        for (var round = 0; round < 20; round++)
        {
            var file = SafetensorsFile.Open(onDisk.Path);
            var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                var read = new float[Count];
                try
                {
                    while (true)
                    {
                        read.AsSpan().Clear();
                        file.Read("a", 0, read);
                        Assert.True(read.AsSpan().IndexOfAnyExcept(7f) < 0);
                    }
                }
                catch (ObjectDisposedException error)
                {
                    Assert.Equal(typeof(SafetensorsFile).FullName, error.ObjectName);
                }
            })).ToArray();
            await Task.Delay(round % 4);
            file.Dispose();
            await Task.WhenAll(readers);
        }
    }

    [Fact]
    public void AFileThatWasCutIsNoticed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A mapped file cannot be cut on Windows.");
        using var onDisk = new TemporaryFile(SafetensorsBytes.File(("a", "F32", [1 << 20], new byte[1 << 22])));
        using var file = SafetensorsFile.Open(onDisk.Path);
        using (var cut = Process.Start("truncate", ["--size=10000", onDisk.Path]))
        {
            cut.WaitForExit();
            Assert.Equal(0, cut.ExitCode);
        }

        var error = Assert.Throws<SafetensorsFormatException>(() => file.Read("a", 0, new float[1 << 20]));
        Assert.Contains("has only 10000 now: it was cut after it was opened", error.Message, StringComparison.Ordinal);
        Assert.Throws<SafetensorsFormatException>(() => file.Read("a", 1 << 19, new float[1]));
        file.Read("a", 0, new float[1000]);
    }

    [Fact]
    public void ADeletedFileStaysReadable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A mapped file cannot be deleted on Windows.");
        var onDisk = new TemporaryFile(s_file);
        using var file = SafetensorsFile.Open(onDisk.Path);
        onDisk.Dispose();
        var read = new float[2];
        file.Read("a", 0, read);
        Assert.Equal([1, 2], read);
    }

    [Fact]
    public async Task APipeIsRead()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Named pipes are not files on Windows.");
        var path = Path.Combine(Path.GetTempPath(), $"attngen-{Guid.NewGuid():N}.pipe");
        using (var make = Process.Start("mkfifo", [path]))
        {
            make.WaitForExit();
        }

        try
        {
            var writing = Task.Run(() => File.WriteAllBytes(path, s_file));
            using var file = SafetensorsFile.Open(path);
            await writing;
            var read = new float[1];
            file.Read("b", 0, read);
            Assert.Equal(3, read[0]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void BeyondTwoGigabytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The file is sparse only elsewhere.");
        const long Padding = (1L << 31) + 12_345;
        var header = SafetensorsBytes.Raw($"{{\"pad\":{{\"dtype\":\"U8\",\"shape\":[{Padding}],\"data_offsets\":[0,{Padding}]}},\"a\":{{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[{Padding},{Padding + 8}]}}}}", 0);
        using var onDisk = new TemporaryFile(header);
        using (var end = File.OpenWrite(onDisk.Path))
        {
            end.Position = header.Length + Padding;
            end.Write(SafetensorsBytes.Floats(1, 2));
        }

        using var file = SafetensorsFile.Open(onDisk.Path);
        var read = new float[2];
        file.Read("a", 0, read);
        Assert.Equal([1, 2], read);
    }

    [Fact]
    public void MissingFilesNameThePath()
    {
        var missing = Path.Combine(Path.GetTempPath(), "attngen no such folder", "x.safetensors");
        Assert.Contains(missing, Assert.Throws<DirectoryNotFoundException>(() => SafetensorsFile.Open(missing)).Message, StringComparison.Ordinal);
        missing = Path.Combine(Path.GetTempPath(), "attngen no such file.safetensors");
        Assert.Contains(missing, Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(missing)).Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetTempPath().TrimEnd('/'), Assert.ThrowsAny<UnauthorizedAccessException>(() => SafetensorsFile.Open(Path.GetTempPath())).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Open(""));
        Assert.Throws<ArgumentNullException>(() => SafetensorsFile.Open((string)null!));
        Assert.Throws<ArgumentNullException>(() => SafetensorsFile.Open((Stream)null!));
        Assert.Throws<ArgumentNullException>(() => SafetensorsFile.Parse(s_file, null!));
    }

    [Fact]
    public void AStreamIsReadFromWhereItStandsAndStaysOpen()
    {
        var stream = new MemoryStream([9, 9, 9, .. s_file]) { Position = 3 };
        using (var file = SafetensorsFile.Open(stream))
        {
            Assert.Equal("stream", file.Name);
            var read = new float[1];
            file.Read("a", 1, read);
            Assert.Equal(2, read[0]);
        }

        Assert.True(stream.CanRead);
        Assert.Equal(stream.Length, stream.Position);
        using var onDisk = new TemporaryFile(s_file);
        using var disk = File.OpenRead(onDisk.Path);
        using var named = SafetensorsFile.Open(disk);
        Assert.Equal(onDisk.Path, named.Name);
    }

    [Fact]
    public void AStreamMayNotGoOn()
    {
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new Trickle([.. s_file, 0])));
        Assert.Contains("describes 12 bytes of data, but more follow", error.Message, StringComparison.Ordinal);
        Assert.Throws<SafetensorsFormatException>(() => SafetensorsFile.Open(new MemoryStream([.. s_file, 0])));
    }
}
