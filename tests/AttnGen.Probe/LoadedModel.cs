using System.Reflection;
using AttnGen.Reference;

namespace AttnGen.Probe;

/// <summary>A generated model, or a session of one, with its Forward methods as delegates.</summary>
public sealed class LoadedModel : IDisposable
{
    private readonly Type _type;

    internal LoadedModel(ModelCase model, Type type, object? instance)
    {
        Model = model;
        _type = type;
        Instance = instance;
        if (model.HasSeparate)
            Separate = Delegate<SeparateForward>(typeof(ReadOnlySpan<float>), typeof(ReadOnlySpan<float>), typeof(ReadOnlySpan<float>), typeof(Span<float>), typeof(AttentionMask), typeof(ForwardTrace));
        if (model.HasSelf && model.Attends)
            Masked = Delegate<MaskedForward>(typeof(ReadOnlySpan<float>), typeof(Span<float>), typeof(AttentionMask), typeof(ForwardTrace));
        if (!model.Attends)
            Rows = Delegate<RowForward>(typeof(ReadOnlySpan<float>), typeof(Span<float>));
    }

    // The reference in the model's place.
    internal LoadedModel(ModelCase model, ReferenceWeights tensors)
    {
        Model = model;
        _type = model.Type;
        if (model.HasSeparate)
            Separate = (query, key, value, y, mask, trace) => Reference(tensors, query, key, value, y, mask, trace);
        if (model.HasSelf && model.Attends)
            Masked = (x, y, mask, trace) => Reference(tensors, x, x, x, y, mask, trace);
        if (!model.Attends)
            Rows = (x, y) => Reference(tensors, x, x, x, y, default, default);
    }

    public ModelCase Model { get; }

    public object? Instance { get; }

    public SeparateForward? Separate { get; }

    public MaskedForward? Masked { get; }

    public RowForward? Rows { get; }

    public bool HasSessions => _type.GetMethod("CreateSession") is not null;

    public LoadedModel CreateSession(int maxTokens)
    {
        // Norms have no limit, hence no argument.
        var method = _type.GetMethod("CreateSession")!;
        var session = method.Invoke(Instance, BindingFlags.DoNotWrapExceptions, null, method.GetParameters().Length == 0 ? [] : [maxTokens], null)!;
        return new LoadedModel(Model, session.GetType(), session);
    }

    /// <summary>Whatever Forward there is: with one input if query, key and value are the same span, else with three.</summary>
    public void Forward(ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> y, AttentionMask mask = default, ForwardTrace trace = default)
    {
        if (Rows is not null)
            Rows(query, y);
        else if (Masked is not null && query == key && key == value)
            Masked(query, y, mask, trace);
        else
            (Separate ?? throw new InvalidOperationException($"{Model} has no Forward(query, key, value)."))(query, key, value, y, mask, trace);
    }

    public void Dispose() => (Instance as IDisposable)?.Dispose();

    private void Reference(
        ReferenceWeights tensors, ReadOnlySpan<float> query, ReadOnlySpan<float> key, ReadOnlySpan<float> value, Span<float> y, AttentionMask mask, ForwardTrace trace)
    {
        var weights = new double[trace.AttentionWeights.Length];
        var hidden = new double[trace.HiddenStates.Length];
        Narrow(Model.Reference(tensors, Widen(query), Widen(key), Widen(value), mask, weights, hidden), y);
        Narrow(weights, trace.AttentionWeights);
        Narrow(hidden, trace.HiddenStates);
    }

    private static double[] Widen(ReadOnlySpan<float> values)
    {
        var doubles = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            doubles[i] = values[i];
        return doubles;
    }

    private static void Narrow(ReadOnlySpan<double> values, Span<float> floats)
    {
        for (var i = 0; i < values.Length; i++)
            floats[i] = (float)values[i];
    }

    private T Delegate<T>(params Type[] parameters)
        where T : Delegate
    {
        var method = ModelCase.Method(_type, "Forward", parameters);
        return method.IsStatic ? method.CreateDelegate<T>() : method.CreateDelegate<T>(Instance);
    }
}
