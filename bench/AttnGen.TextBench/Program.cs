using AttnGen.TextBench;

return args.FirstOrDefault() == "first" ? Entrants.First(args[1..]) : TextBenchCommand.Run(args);
