using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace AttnGen.Generation;

/// <summary>
/// Finds calls of tools in an answer while it is written. Text is passed on as soon as it cannot be the beginning of a call; a call is given when it is whole.
/// What looks like a call and is none comes back as text, with the reason: nothing is lost. One instance reads one answer.
/// </summary>
public abstract class ToolCallParser
{
    private readonly List<ToolCallEvent> _events = [];
    private readonly HashSet<string>? _names;
    private readonly string _idPrefix;
    private int _calls;

    private protected ToolCallParser(IEnumerable<string>? names, string? idPrefix) =>
        (_names, _idPrefix) = (names?.ToHashSet(StringComparer.Ordinal), idPrefix ?? $"call_{Guid.NewGuid():N}_");

    /// <summary>A parser of a family's calls.</summary>
    /// <param name="format">The family.</param>
    /// <param name="toolNames">The tools that there are: a call of another name comes back as text. Null: any name.</param>
    /// <param name="idPrefix">What ids of calls begin with; their number follows. Null: a prefix that no other parser has. An id that the model wrote itself stays.</param>
    public static ToolCallParser Create(ToolCallFormat format, IEnumerable<string>? toolNames = null, string? idPrefix = null) => format switch
    {
        ToolCallFormat.None => new TaggedCallParser(toolNames, idPrefix, null, null),
        ToolCallFormat.Hermes => new TaggedCallParser(toolNames, idPrefix, "<tool_call>", "</tool_call>"),
        ToolCallFormat.Mistral => new TaggedCallParser(toolNames, idPrefix, "[TOOL_CALLS]", null),
        ToolCallFormat.Llama3 => new BareCallParser(toolNames, idPrefix),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Give one of the values of ToolCallFormat."),
    };

    /// <summary>Reads on.</summary>
    /// <param name="text">What was written since.</param>
    /// <returns>What became certain by it, in order.</returns>
    public IReadOnlyList<ToolCallEvent> Append(ReadOnlySpan<char> text)
    {
        _events.Clear();
        Read(text);
        return _events.Count == 0 ? [] : _events.ToArray();
    }

    /// <summary>Reads the end.</summary>
    /// <returns>What was held back: text, or a call whose end nobody wrote though its JSON is whole.</returns>
    public IReadOnlyList<ToolCallEvent> End()
    {
        _events.Clear();
        Finish();
        return _events.Count == 0 ? [] : _events.ToArray();
    }

    /// <summary>Whether something is held back that may become a call.</summary>
    public abstract bool IsHolding { get; }

    private protected abstract void Read(ReadOnlySpan<char> text);

    private protected abstract void Finish();

    private protected void AddText(ReadOnlySpan<char> text, string? problem = null)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (problem is null && _events.Count > 0 && _events[^1] is { Call: null, Problem: null } last)
        {
            _events[^1] = last with { Text = string.Concat(last.Text, text) };
        }
        else
        {
            _events.Add(new(text.ToString(), null, problem));
        }
    }

    /// <summary>Adds the calls of a JSON text, all or none.</summary>
    /// <returns>Why there are none; null: there are.</returns>
    private protected string? AddCalls(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var calls = new List<FunctionCallContent>();
            foreach (var one in root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : (JsonElement[])[root])
            {
                if (Problem(one) is { } problem)
                {
                    return problem;
                }

                calls.Add(Call(one));
            }

            if (calls.Count == 0)
            {
                return "the list of calls is empty";
            }

            _events.AddRange(calls.Select(static call => new ToolCallEvent("", call)));
            return null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException) // an escape of half a character is JSON, and no text
        {
            return "the call is no JSON: " + problem.Message;
        }
    }

    private string? Problem(JsonElement call)
    {
        if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return "the call has no name";
        }

        if (_names is not null && !_names.Contains(name.GetString()!))
        {
            return $"there is no tool '{name.GetString()}'; there are {string.Join(", ", _names.Order(StringComparer.Ordinal))}";
        }

        return Arguments(call) is { } arguments && arguments.ValueKind != JsonValueKind.Object ? "the call's arguments are no object" : null;
    }

    private FunctionCallContent Call(JsonElement call)
    {
        var id = call.TryGetProperty("id", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : string.Create(CultureInfo.InvariantCulture, $"{_idPrefix}{_calls}");
        _calls++;
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var one in Arguments(call)?.EnumerateObject() ?? default)
        {
            arguments[one.Name] = one.Value.Clone();
        }

        return new FunctionCallContent(id, call.GetProperty("name").GetString()!, arguments);
    }

    // A tool without parameters may be called without arguments. Some models write them as a string of JSON.
    private static JsonElement? Arguments(JsonElement call)
    {
        if (!call.TryGetProperty("arguments", out var arguments) && !call.TryGetProperty("parameters", out arguments))
        {
            return null;
        }

        if (arguments.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return arguments.ValueKind == JsonValueKind.String ? JsonElement.Parse(Encoding.UTF8.GetBytes(arguments.GetString()!)) : arguments;
    }
}
