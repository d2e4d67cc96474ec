namespace AttnGen.Generation.Schemas;

internal sealed partial class SchemaCompiler
{
    private const int MostItems = 10_000;

    // A comma or a colon, and one space behind it if the model likes.
    private int Separator(Nfa nfa, int from, char one)
    {
        var to = nfa.Then(from, one);
        if (_options.AllowSpaces)
        {
            var spaced = nfa.Then(to, ' ');
            nfa.Skip(to, spaced);
            return spaced;
        }

        return to;
    }

    private int Object(SchemaFacts facts)
    {
        var isOpen = facts.IsOpen;
        return Rule("object " + facts.Key, nfa =>
        {
            // Without a name yet (first), and behind one (later): the places before each name.
            var (first, later, behind) = (nfa.Then(nfa.Start, '{'), nfa.Add(), nfa.Add());
            for (var i = 0; i < facts.Names.Count; i++)
            {
                var values = Values(facts.Property(facts.Names[i]));
                var (nextFirst, nextLater, nextBehind) = (nfa.Add(), nfa.Add(), nfa.Add());
                var colon = nfa.Add();
                var name = JsonText.Literal(facts.Names[i]);
                nfa.Text(first, name, colon);
                nfa.Text(behind, name, colon);
                Value(nfa, Separator(nfa, colon, ':'), values, nextLater);
                nfa.Skip(Separator(nfa, later, ','), behind);
                if (!facts.Required.Contains(facts.Names[i]))
                {
                    nfa.Skip(first, nextFirst);
                    nfa.Skip(later, nextLater);
                    nfa.Skip(behind, nextBehind);
                }

                (first, later, behind) = (nextFirst, nextLater, nextBehind);
            }

            if (isOpen)
            {
                var key = Rule("key", new Automaton.Rule { IsKey = true }, JsonText.AnyKey);
                var colon = nfa.Add();
                nfa.Call(first, key, colon);
                nfa.Call(behind, key, colon);
                Value(nfa, Separator(nfa, colon, ':'), Values(facts.FreeProperty()), later);
                nfa.Skip(Separator(nfa, later, ','), behind);
            }

            nfa.Byte(first, '}', nfa.Final);
            nfa.Byte(later, '}', nfa.Final);
        }, true, isOpen ? [.. facts.Names.Select(JsonText.Literal)] : null);
    }

    private int Array(SchemaFacts facts)
    {
        // Behind the last place of its own come items of one kind; a list of places without items is closed.
        var places = facts.Parts.Count == 0 ? 0 : facts.Places;
        var max = places > 0 && !facts.Parts.Any(static part => part.Element.TryGetProperty("items", out _)) ? Math.Min(places, facts.MaxItems) : facts.MaxItems;
        var last = Math.Max(Math.Max(places, facts.MinItems), max == int.MaxValue ? 0 : max);
        if (last > MostItems)
        {
            throw new NotSupportedException($"{facts.Where}: {last:N0} items are counted. At most {MostItems:N0} are; leave minItems or maxItems out.");
        }

        return Rule($"array {facts.Key} {facts.MinItems}", nfa =>
        {
            var at = nfa.Then(nfa.Start, '[');
            for (var i = 0; ; i++)
            {
                if (i >= facts.MinItems)
                {
                    nfa.Byte(at, ']', nfa.Final);
                }

                if (i >= max)
                {
                    break;
                }

                var values = Values(facts.Item(i));
                var before = i == 0 ? at : Separator(nfa, at, ',');
                if (max == int.MaxValue && i >= last && i > 0)
                {
                    Value(nfa, before, values, at);
                    break;
                }

                var next = nfa.Add();
                Value(nfa, before, values, next);
                at = next;
            }
        }, true);
    }
}
