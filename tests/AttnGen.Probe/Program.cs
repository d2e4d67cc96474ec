using AttnGen.Probe;

// lanes FILE    runs every shape and writes all outputs to FILE; prints what the machine offers and a hash.
// elementary    prints what functions and reductions give for zeros, NaN, infinities and subnormal numbers.
// guard         runs every shape with every buffer between guard pages; prints the shape before it runs, so that the
//               last line names the culprit if the process dies.
// tiles         runs the tiles that are written by hand, for their machine code.
// bite          reads one float behind a guarded buffer, which must end the process: proof that the guards work.
return args switch
{
    ["lanes", var file] => Lanes.Run(file),
    ["elementary"] => Extremes.Elementary(),
    ["guard"] => Guard.Run(),
    ["tiles"] => ConstantTiles.Run(),
    ["bite"] => Guard.Bite(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("lanes FILE | elementary | guard | tiles | bite");
    return 2;
}
