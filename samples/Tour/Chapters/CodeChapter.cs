using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using AttnGen.Runtime;

namespace Tour;

/// <summary>What the compiler wrote for the attribute on <see cref="Reader"/>, counted by reflection, and where to read it.</summary>
internal static class CodeChapter
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private const string GeneratedFile = "*Reader.g.cs";

    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("3. What the compiler wrote");
        terminal.Text("All this ran through a class without a line of code of its own, samples/Tour/Reading/Reader.cs: an attribute says the shape, and while the program "
            + "compiled, AttnGen wrote the class, in C#, for exactly this shape. Its steps, as its header has them:");
        terminal.Blank();
        foreach (var step in Plan().SkipWhile(line => line != "Steps").Skip(1))
            terminal.Text(step, indent: 4);
        terminal.Blank();

        var methods = GeneratedTypes().SelectMany(Methods).ToArray();
        var largest = methods.MaxBy(m => m.Bytes);
        Fact("weights", $"{Reader.ParameterCount:N0} numbers, packed for the vector registers into {Reader.WeightBytes:N0} bytes");
        Fact("scratch memory", $"{Reader.WorkspaceBytes():N0} bytes for the longest text ({Reader.MaxTokens} tokens), set aside once; nothing else is allocated");
        if (Plan().FirstOrDefault(line => line.StartsWith($"Vector{SimdLane.Bits}: ", StringComparison.Ordinal)) is { } tiles)
            Fact("matrix products here", $"{tiles}");
        Fact("methods", $"{methods.Length}, of {methods.Sum(m => m.Bytes):N0} bytes of IL; the largest is {largest.Name} with {largest.Bytes:N0}");

        var files = Files().ToArray();
        if (files.Length == 0)
            return;
        terminal.Blank();
        terminal.Text("It is written to be read, step by step, and the build keeps it on disk:");
        foreach (var file in files)
        {
            terminal.Line(string.Create(CultureInfo.InvariantCulture,
                $"    {Path.GetRelativePath(Environment.CurrentDirectory, file.FullName)}"));
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"    ({File.ReadLines(file.FullName).Count():N0} lines, {file.Length:N0} bytes)"));
        }

        void Fact(string what, FormattableString said) =>
            terminal.Text($"{Paint.Strong(terminal, what)}: {said.ToString(CultureInfo.InvariantCulture)}", indent: 4);
    }

    private static string[] Plan() => Reader.GeneratedPlan.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The class itself and the types that only its file can see: the C# compiler puts the file's name into theirs.</summary>
    private static IEnumerable<Type> GeneratedTypes() =>
        typeof(Reader).Assembly.GetTypes().Where(t => t.FullName!.StartsWith(typeof(Reader).FullName!, StringComparison.Ordinal)
            || t.FullName.Contains($"<{typeof(Reader).FullName!.Replace('.', '_')}_g>", StringComparison.Ordinal));

    private static IEnumerable<(string Name, int Bytes)> Methods(Type type) =>
        type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own))
            .Where(m => !m.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(m => ($"{type.Name[(type.Name.LastIndexOf('_') + 1)..]}.{m.Name}", m.GetMethodBody()?.GetILAsByteArray()?.Length ?? 0))
            .Where(m => m.Item2 > 0);

    // The project file keeps what the compiler wrote (EmitCompilerGeneratedFiles) and notes where.
    private static IEnumerable<FileInfo> Files()
    {
        var folder = typeof(Reader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "GeneratedFiles")?.Value;
        return folder is not null && Directory.Exists(folder)
            ? new DirectoryInfo(folder).EnumerateFiles(GeneratedFile, SearchOption.AllDirectories).OrderBy(f => f.Name, StringComparer.Ordinal)
            : [];
    }
}
