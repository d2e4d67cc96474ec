using AttnGen.TextBench;

return args.FirstOrDefault() switch
{
    "first" => Entrants.First(args[1..]),
    "tokens" => TokenSpeeds.Run(args[1..]),
#if MODEL
    "long" => LongTexts.Run(args[1..]),
#endif
    _ => TextBenchCommand.Run(args),
};
