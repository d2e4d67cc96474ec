using AttnGen.Bench;
using BenchmarkDotNet.Running;

try
{
    if (args is ["--help" or "-h" or "-?", ..] or [_, "--help" or "-h" or "-?", ..] && args[0] != "bdn")
    {
        Help(Console.Out);
        return 0;
    }

    switch (BenchArguments.Choose("command", args.FirstOrDefault(), CompareOptions.Commands))
    {
        case "compare":
            return CompareCommand.Run(CompareOptions.Parse(args[1..]));
        default:
            BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(args.Length > 1 ? args[1..] : ["--filter", "*"]);
            return 0;
    }
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    Help(Console.Error);
    return 2;
}

static void Help(TextWriter writer)
{
    writer.WriteLine($"compare {BenchArguments.Usage(CompareOptions.Known)}   everybody in one process, in turns; a table and a picture");
    writer.WriteLine("bdn [BenchmarkDotNet's own options]   BenchmarkDotNet suites, with memory and disassembly");
}
