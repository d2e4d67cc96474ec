using AttnGen.Bench;
using AttnGen.Decode;

if (args is ["--help" or "-h" or "-?"])
{
    Console.WriteLine(BenchArguments.Usage(DecodeOptions.Known));
    return 0;
}

try
{
    DecodeOptions options = DecodeOptions.Parse(args);
    return options.Writing ? new WritingBench(options).Run() : new DecodeCommand(options).Run(args);
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(BenchArguments.Usage(DecodeOptions.Known));
    return 2;
}
