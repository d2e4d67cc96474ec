using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AttnGen.Bench;

/// <summary>Where and with what a table was measured.</summary>
public sealed record MachineInfo(string Processor, string Caches, string OperatingSystem, string Runtime, string Vectors, string OnnxRuntime, string Date)
{
    public static MachineInfo Read() => new(
        ReadProcessor(),
        ReadCaches(),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        string.Join(", ", new[] { (Vector512.IsHardwareAccelerated, "512"), (Vector256.IsHardwareAccelerated, "256"), (Vector128.IsHardwareAccelerated, "128") }
            .Where(v => v.Item1).Select(v => v.Item2)),
        // By name, because a benchmark without it compiles this file, too.
        Type.GetType("Microsoft.ML.OnnxRuntime.InferenceSession, Microsoft.ML.OnnxRuntime")?.Assembly.GetName().Version?.ToString(3) ?? "?",
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));

    private static string ReadProcessor()
    {
        const string Info = "/proc/cpuinfo";
        string cores = $", {Environment.ProcessorCount} logical processors";
        if (!File.Exists(Info)) return (Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString()) + cores;
        string Field(string name) => File.ReadLines(Info).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "?";
        return $"{Field("model name")} (family {Field("cpu family")}, model {Field("model\t")}){cores}";
    }

    private static string ReadCaches()
    {
        const string Root = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(Root)) return "?";
        var caches = new List<string>();
        foreach (string folder in Directory.GetDirectories(Root, "index*").Order(StringComparer.Ordinal))
        {
            string Read(string name) => File.Exists(Path.Combine(folder, name)) ? File.ReadAllText(Path.Combine(folder, name)).Trim() : "?";
            if (Read("type") != "Instruction") caches.Add($"L{Read("level")} {Read("size")}");
        }

        return string.Join(", ", caches);
    }
}
