using AttnGen.Probe;

// lanes FILE    runs every shape and writes all outputs to FILE; prints what the machine offers and a hash.
// guard         runs every shape with every buffer between guard pages; prints the shape before it runs, so that the
//               last line names the culprit if the process dies.
return args switch
{
    ["lanes", var file] => Lanes.Run(file),
    ["guard"] => Guard.Run(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("lanes FILE | guard");
    return 2;
}
