using AttnGen.Bench;
using BenchmarkDotNet.Running;

switch (args.FirstOrDefault())
{
    case "compare":
        return CompareCommand.Run(args.Length > 1 ? args[1..] : ["--filter", "*"]);
    case "bdn":
        BenchmarkSwitcher.FromAssembly(typeof(CompareCommand).Assembly).Run(args.Length > 1 ? args[1..] : ["--filter", "*"]);
        return 0;
    default:
        Console.Error.WriteLine("compare [--quick] [--out DIR] [--only NAME] [--core N] [--cpu-time]   everybody in one process, in turns; a table and a picture");
        Console.Error.WriteLine("bdn [BenchmarkDotNet's own options]                                   BenchmarkDotNet suites, with memory and disassembly");
        return 2;
}
