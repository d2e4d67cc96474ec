namespace AttnGen.Generation.Schemas;

internal sealed partial class SchemaCompiler
{
    private const int MostCounted = 1_000;

    private int[] String(SchemaFacts facts)
    {
        var (min, max) = (facts.MinLength, facts.MaxLength);
        if (min > max)
        {
            return [];
        }

        if (facts.Patterns.Count > 0)
        {
            return [Rule($"string {min} {max} {string.Join(" & ", facts.Patterns)}", new Automaton.Rule(), () => Restricted(facts))];
        }

        if (min == 1 && max == 1)
        {
            return [Rule("character", new Automaton.Rule(), JsonText.OneUnit)];
        }

        // All strings have one automaton, in which characters are counted.
        if (Automaton.StringStart < 0)
        {
            Automaton.DefineStrings(JsonText.AnyString());
        }

        var name = $"string {min} {max}";
        if (!_rules.TryGetValue(name, out var rule))
        {
            _rules.Add(name, rule = Automaton.Reserve(new Automaton.Rule { Min = min, Max = max, Start = Automaton.StringStart, IsScanner = true }));
        }

        return [rule];
    }

    private static void Matching(Nfa nfa, string pattern, string where)
    {
        var end = nfa.Add();
        Pattern.Write(nfa, nfa.Then(nfa.Start, '"'), pattern, end, where);
        nfa.Byte(end, '"', nfa.Final);
    }

    // A string of all patterns, and of a length within bounds.
    private static Dfa Restricted(SchemaFacts facts)
    {
        Dfa? all = null;
        foreach (var pattern in facts.Patterns)
        {
            var one = Define(nfa => Matching(nfa, pattern, facts.Where), facts.Where);
            all = all is null ? one : Dfa.Both(all, one, facts.Where);
        }

        if (facts.MinLength == 0 && facts.MaxLength == int.MaxValue)
        {
            return all!;
        }

        if (facts.MinLength > MostCounted || (facts.MaxLength > MostCounted && facts.MaxLength != int.MaxValue))
        {
            throw new NotSupportedException($"{facts.Where}: beside a pattern or a format, minLength and maxLength are held up to {MostCounted:N0}. Say it in the pattern, or leave them out.");
        }

        var lengths = $"^[\\s\\S]{{{facts.MinLength},{(facts.MaxLength == int.MaxValue ? "" : facts.MaxLength)}}}$";
        return Dfa.Both(all!, Define(nfa => Matching(nfa, lengths, facts.Where), facts.Where), facts.Where);
    }
}
