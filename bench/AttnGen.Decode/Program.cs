using AttnGen.Bench;
using AttnGen.Decode;

if (args is ["--help" or "-h" or "-?"])
{
    Console.WriteLine(BenchArguments.Usage(DecodeOptions.Known));
    return 0;
}

try
{
    return new DecodeCommand(DecodeOptions.Parse(args)).Run(args);
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(BenchArguments.Usage(DecodeOptions.Known));
    return 2;
}
