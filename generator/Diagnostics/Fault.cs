namespace AttnGen.Generator.Diagnostics;

/// <summary>Where in the pipeline something may throw: for the tests that make it throw.</summary>
internal enum Stage { Parsing, Resolving, Planning, Emission, StandIn }

/// <summary>An exception of this generator while it worked on one class, by value: the other classes keep their code, and this one gets a diagnostic (ATTN0050).</summary>
/// <param name="Type">The class.</param>
/// <param name="Description">The exception in words.</param>
internal sealed record Fault(TypeSpec Type, string Description)
{
    /// <summary>Runs a step for one class. Cancellation is no fault.</summary>
    public static (T? Value, Fault? Fault) Guard<T>(TypeSpec type, Func<T> step)
        where T : class
    {
        try
        {
            return (step(), null);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            return (null, new Fault(type, Describe(fault)));
        }
    }

    /// <summary>An exception's type, message and topmost method, on one line.</summary>
    public static string Describe(Exception fault)
    {
        string at = fault.TargetSite is { } method ? $" in {method.DeclaringType?.Name}.{method.Name}" : "";
        return Text.OneLine($"{fault.GetType().FullName}{at}: {fault.Message.Replace("\r", "").Replace('\n', ' ')}").TrimEnd('.');
    }
}
