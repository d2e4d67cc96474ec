using System.Numerics;
using System.Text.Json;

namespace AttnGen.Generation.Schemas;

/// <summary>Writes a schema as rules of an automaton. A rule is a value of one type; parts of a schema that ask for the same share it.</summary>
internal sealed partial class SchemaCompiler
{
    // A value of JSON is one of these types; containers come last, so that scalars are seen first in what is printed.
    private static readonly JsonTypes[] s_types = [JsonTypes.Null, JsonTypes.Boolean, JsonTypes.Number, JsonTypes.String, JsonTypes.Array, JsonTypes.Object];

    private readonly SchemaReader _reader;
    private readonly JsonGrammarOptions _options;
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _values = new(StringComparer.Ordinal);
    private readonly Queue<Action> _open = new();

    private SchemaCompiler(JsonElement root, JsonGrammarOptions options, Automaton automaton) => (_reader, _options, Automaton) = (new SchemaReader(root), options, automaton);

    /// <summary>The rules so far.</summary>
    public Automaton Automaton { get; }

    /// <summary>Compiles a schema.</summary>
    /// <exception cref="NotSupportedException">The schema has what is not followed, or no value can be what it asks for.</exception>
    public static Automaton Compile(JsonElement schema, JsonGrammarOptions options)
    {
        var compiler = new SchemaCompiler(schema, options, new());
        var root = compiler.Rule("root", nfa => Value(nfa, nfa.Start, compiler.Values([new("#", schema)]), nfa.Final));
        compiler.Finish();
        return Freeze(compiler.Automaton, root, options);
    }

    /// <summary>Compiles a call of one of several tools, in the form of a family of models.</summary>
    /// <param name="tools">Names and the schemas of arguments.</param>
    /// <param name="form">What stands before the call, what the arguments are called, and what stands behind.</param>
    /// <param name="options">Depth, spaces, integers.</param>
    /// <exception cref="NotSupportedException">A schema has what is not followed.</exception>
    public static Automaton CompileCalls(IEnumerable<(string Name, JsonElement Schema)> tools, (string Open, string Arguments, string Close) form, JsonGrammarOptions options)
    {
        var automaton = new Automaton();
        var calls = new List<int>();
        foreach (var (name, schema) in tools)
        {
            var compiler = new SchemaCompiler(schema, options, automaton);
            calls.Add(compiler.Rule("call", nfa =>
            {
                var named = nfa.Then(compiler.Separator(nfa, nfa.Then(nfa.Then(nfa.Start, '{'), "\"name\""u8), ':'), JsonText.Literal(name));
                var value = compiler.Separator(nfa, nfa.Then(compiler.Separator(nfa, named, ','), JsonText.Literal(form.Arguments)), ':');
                var end = nfa.Add();
                Value(nfa, value, compiler.Values([new("#", schema)]), end);
                nfa.Byte(end, '}', nfa.Final);
            }, true));
            compiler.Finish();
        }

        var root = automaton.Reserve(new Automaton.Rule());
        automaton.Define(root, Define(nfa =>
        {
            var (begin, end) = (OrLine(nfa, nfa.Then(nfa.Start, System.Text.Encoding.UTF8.GetBytes(form.Open)), form.Open), nfa.Add());
            Value(nfa, begin, [.. calls], end);
            nfa.Text(OrLine(nfa, end, form.Close), System.Text.Encoding.UTF8.GetBytes(form.Close), nfa.Final);
        }, "#"));
        return Freeze(automaton, root, options);

        // A line's end beside a tag, if the model likes.
        static int OrLine(Nfa nfa, int from, string tag)
        {
            if (tag.Length == 0)
            {
                return from;
            }

            var line = nfa.Then(from, '\n');
            nfa.Skip(from, line);
            return line;
        }
    }

    private static Automaton Freeze(Automaton automaton, int root, JsonGrammarOptions options)
    {
        automaton.Root = root;
        if (!automaton.Freeze())
        {
            throw new NotSupportedException("#: no value can be what this schema asks for. Look for required properties without end, bounds that cross, and types that exclude each other.");
        }

        if (automaton.NeedOf(root) > options.MaxDepth)
        {
            throw new NotSupportedException($"#: every value has {automaton.NeedOf(root)} objects and arrays within each other, "
                + $"and MaxDepth is {options.MaxDepth}. Raise it, here and for the reader.");
        }

        return automaton;
    }

    private void Finish()
    {
        while (_open.TryDequeue(out var next))
        {
            next();
        }
    }

    private static Dfa Define(Action<Nfa> write, string what)
    {
        var nfa = new Nfa();
        write(nfa);
        return Dfa.Of(nfa, what);
    }

    // A rule of a name, which is compiled once, and later: it may call itself.
    private int Rule(string name, Automaton.Rule rule, Func<Dfa> dfa)
    {
        if (!_rules.TryGetValue(name, out var id))
        {
            _rules.Add(name, id = Automaton.Reserve(rule));
            _open.Enqueue(() => Automaton.Define(id, dfa()));
        }

        return id;
    }

    private int Rule(string name, Action<Nfa> write, bool isContainer = false, byte[][]? names = null) =>
        Rule(name, new Automaton.Rule { IsContainer = isContainer, Names = names ?? [] }, () => Define(write, name));

    private static void Value(Nfa nfa, int from, int[] rules, int to)
    {
        foreach (var rule in rules)
        {
            nfa.Call(from, rule, to);
        }
    }

    /// <summary>The rules of which one is a value of these parts.</summary>
    private int[] Values(IReadOnlyList<SchemaPart> parts)
    {
        var key = string.Join(" & ", parts.Select(part => part.Pointer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        if (!_values.TryGetValue(key, out var rules))
        {
            rules = [.. _reader.Read(parts).SelectMany(Values).Distinct()];
            _values.Add(key, rules);
        }

        return rules;
    }

    private IEnumerable<int> Values(SchemaFacts facts)
    {
        if (facts.Values is not null)
        {
            return Constants(facts);
        }

        return s_types.Where(type => (type & facts.Types) != 0).SelectMany<JsonTypes, int>(type => type switch
        {
            JsonTypes.Null => [Literal("null"u8)],
            JsonTypes.Boolean => [Literal("true"u8), Literal("false"u8)],
            JsonTypes.Number => Number(facts),
            JsonTypes.String => String(facts),
            JsonTypes.Array => [Array(facts)],
            _ => [Object(facts)],
        });
    }

    private int Literal(ReadOnlySpan<byte> text)
    {
        var bytes = text.ToArray();
        return Rule("literal " + Convert.ToHexString(bytes), nfa => nfa.Text(nfa.Start, bytes, nfa.Final));
    }

    private int[] Number(SchemaFacts facts)
    {
        var digits = facts.Types.HasFlag(JsonTypes.Fraction) ? facts.Digits : 0;
        if (digits == NumberText.Digits && facts.Minimum is null && facts.Maximum is null)
        {
            return [Rule("number", nfa => Pattern.Write(nfa, nfa.Start, NumberText.AnyNumber, nfa.Final, facts.Where))];
        }

        // Without a bound: what an int takes, or what has few enough digits.
        var unit = BigInteger.Pow(10, digits);
        var (least, most) = digits == 0 && !facts.Types.HasFlag(JsonTypes.Fraction)
            ? ((BigInteger)_options.IntegerMinimum, (BigInteger)_options.IntegerMaximum) : (1 - BigInteger.Pow(10, 15 + digits), BigInteger.Pow(10, 15 + digits) - 1);
        var low = facts.Minimum is { } min ? Above(min, digits) : BigInteger.Min(least, facts.Maximum is { } one ? one.Value.Floor(digits) - (1000 * unit) : least);
        var high = facts.Maximum is { } max ? -Above((new(-max.Value.Mantissa, max.Value.Exponent), max.IsOut), digits) : BigInteger.Max(most, low + (1000 * unit));
        if (facts.Types.HasFlag(JsonTypes.Fraction))
        {
            // A number has 15 digits before its point, unless its bounds ask for more.
            (low, high) = (low < least && high >= least ? least : low, high > most && low <= most ? most : high);
        }

        return low > high ? [] : [Rule($"{low}/{high}/{digits}", new Automaton.Rule(), () => NumberText.Between(low, high, digits, facts.Where))];
    }

    private static BigInteger Above((Exact Value, bool IsOut) bound, int digits) =>
        bound.Value.Ceiling(digits) is var least && bound.IsOut && bound.Value.Floor(digits) == least ? least + 1 : least;

    // Constants: scalars in one rule, so that what they begin with is read once.
    private int[] Constants(SchemaFacts facts)
    {
        var scalars = facts.Values!.Where(static value => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).ToList();
        var rules = facts.Values!.Except(scalars).Select((value, index) => Constant(value, $"{facts.Key} constant {index}", facts)).ToList();
        if (scalars.Count == 0)
        {
            return [.. rules];
        }

        var all = Rule("constants " + facts.Key, new Automaton.Rule(), () =>
        {
            var any = Define(nfa => scalars.ForEach(value => nfa.Text(nfa.Start, Text(value, facts), nfa.Final)), facts.Where);
            if (scalars.Exists(static value => value.ValueKind == JsonValueKind.String))
            {
                foreach (var pattern in facts.Patterns)
                {
                    any = Dfa.Both(any, Define(nfa => NoStringOr(nfa, pattern), facts.Where), facts.Where);
                }
            }

            return any;

            void NoStringOr(Nfa nfa, string pattern)
            {
                foreach (var value in scalars.Where(static value => value.ValueKind != JsonValueKind.String))
                {
                    nfa.Text(nfa.Start, Text(value, facts), nfa.Final);
                }

                Matching(nfa, pattern, facts.Where);
            }
        });
        return [.. rules, all];
    }

    private int Constant(JsonElement value, string name, SchemaFacts facts)
    {
        if (facts.Parts.Any(static part => part.Element.TryGetProperty("properties", out _) || part.Element.TryGetProperty("items", out _) || part.Element.TryGetProperty("prefixItems", out _)))
        {
            throw new NotSupportedException($"{facts.Where}: constants that are objects or arrays cannot be held to properties or items as well. Leave those out.");
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => Rule(name, nfa => Fixed(nfa, '{', [.. value.EnumerateObject().Select((one, i) => (JsonText.Literal(one.Name), Constant(one.Value, $"{name} {i}", facts)))], '}'), true),
            JsonValueKind.Array => Rule(name, nfa => Fixed(nfa, '[', [.. value.EnumerateArray().Select((one, i) => (System.Array.Empty<byte>(), Constant(one, $"{name} {i}", facts)))], ']'), true),
            _ => Literal(Text(value, facts)),
        };
    }

    private void Fixed(Nfa nfa, char open, (byte[] Name, int Value)[] members, char close)
    {
        var at = nfa.Then(nfa.Start, open);
        foreach (var (index, (name, value)) in members.Index())
        {
            at = index == 0 ? at : Separator(nfa, at, ',');
            at = name.Length == 0 ? at : Separator(nfa, nfa.Then(at, name), ':');
            var next = nfa.Add();
            nfa.Call(at, value, next);
            at = next;
        }

        nfa.Byte(at, close, nfa.Final);
    }

    private static byte[] Text(JsonElement value, SchemaFacts facts) => value.ValueKind switch
    {
        JsonValueKind.String => JsonText.Literal(value.GetString()!),
        // An integer's reader takes no 1.0 and no 1e2.
        JsonValueKind.Number when Exact.Parse(value.GetRawText()) is { IsWhole: true } whole && value.GetRawText().AsSpan().ContainsAny(".eE")
            && (facts.Types & JsonTypes.Number) != 0 =>
            System.Text.Encoding.ASCII.GetBytes(whole.Floor(0).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        _ => System.Text.Encoding.UTF8.GetBytes(value.GetRawText()),
    };
}
