using System.Globalization;
using System.Reflection;

namespace Tour;

/// <summary>What the compiler wrote for the attribute on <see cref="Reader"/>, counted by reflection, and where to read it.</summary>
internal static class CodeChapter
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static void Print(Desk desk)
    {
        var terminal = desk.Terminal;
        terminal.Heading("3. What the compiler wrote");
        terminal.Text("All this ran through a class without a line of code of its own, samples/Tour/Reading/Reader.cs: an attribute says the shape, and while the program "
            + "compiled, AttnGen wrote the class, in C#, for exactly this shape.");
        terminal.Blank();

        var methods = Methods(typeof(Reader)).ToArray();
        var largest = methods.MaxBy(m => m.Bytes);
        Fact("weights", $"{Reader.ParameterCount:N0} numbers in the encoder, {Kilobytes(Reader.WeightBytes)} packed for the vector registers");
        Fact("memory for a sentence", $"{Kilobytes(Reader.WorkspaceBytes())} for the longest ({Reader.MaxTokens} words), set aside once; known at compile time");
        Fact("methods", $"{methods.Length}, {Kilobytes(methods.Sum(m => m.Bytes))} of IL; the largest is {largest.Name} with {largest.Bytes:N0} bytes");
        foreach (var line in Reader.GeneratedPlan.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            terminal.Text(line, indent: 4);
        terminal.Blank();
        var files = Files().ToArray();
        if (files.Length == 0)
            return;
        terminal.Text("Read it; it is written to be read:");
        foreach (var file in files)
            terminal.Line($"    {Path.GetRelativePath(Environment.CurrentDirectory, file.FullName)}  ({File.ReadLines(file.FullName).Count():N0} lines, {Kilobytes(file.Length)})");

        void Fact(string what, FormattableString said) => terminal.Text($"{what}: {said.ToString(CultureInfo.InvariantCulture)}", indent: 4);
    }

    private static IEnumerable<(string Name, int Bytes)> Methods(Type type) =>
        type.GetMethods(Own).Concat<MethodBase>(type.GetConstructors(Own))
            .Select(m => (m.Name, Bytes: m.GetMethodBody()?.GetILAsByteArray()?.Length ?? 0))
            .Where(m => m.Bytes > 0)
            .Concat(type.GetNestedTypes(Own).SelectMany(Methods));

    // The project file keeps what the compiler wrote (EmitCompilerGeneratedFiles) and notes where.
    private static IEnumerable<FileInfo> Files()
    {
        var folder = typeof(Reader).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "GeneratedFiles")?.Value;
        return folder is not null && Directory.Exists(folder)
            ? new DirectoryInfo(folder).EnumerateFiles("*Reader*.g.cs", SearchOption.AllDirectories).OrderBy(f => f.Name, StringComparer.Ordinal)
            : [];
    }

    private static string Kilobytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KB");
}
