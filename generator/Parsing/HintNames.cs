using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Parsing;

/// <summary>
/// A file name for each class: Demo.Mixer.g.cs, Demo.Outer-1+Mixer.g.cs (Outer has one type parameter).
/// Two classes never get the same, and what a file system or the compiler may refuse does not occur:
/// hint names are compared without case, so a class with a twin that differs by case only gets a hash of its own.
/// </summary>
internal static class HintNames
{
    private const int LongestName = 120;

    public static string For(INamedTypeSymbol type)
    {
        var exact = Exact(type);
        var legal = Legal(exact);
        if (legal.Length > LongestName)
            legal = legal.Substring(0, LongestName) + "-" + Hash(exact);
        else if (HasTwin(type) || IsTaken(legal))
            legal += "-" + Hash(exact);
        return legal + ".g.cs";
    }

    /// <summary>Whether a class would be called as the kernels' file is.</summary>
    private static bool IsTaken(string legal) => string.Equals(legal, "AttnGen.Kernels", StringComparison.OrdinalIgnoreCase);

    private static string Exact(INamedTypeSymbol type)
    {
        var name = new StringBuilder(type.Name);
        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
            name.Insert(0, container.Arity == 0 ? $"{container.Name}+" : $"{container.Name}-{Text.Of(container.Arity)}+");
        for (var ns = type.ContainingNamespace; ns is { IsGlobalNamespace: false }; ns = ns.ContainingNamespace)
            name.Insert(0, $"{ns.Name}.");
        return name.ToString();
    }

    /// <summary>ASCII stays; any other character becomes its hexadecimal number after a minus, which no identifier holds.</summary>
    private static string Legal(string exact)
    {
        var legal = new StringBuilder(exact.Length);
        foreach (var letter in exact)
        {
            if (letter < 0x80)
                legal.Append(letter);
            else
                legal.Append('-').Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
        }

        return legal.ToString();
    }

    /// <summary>Whether this class, a type or a namespace around it has a sibling whose name differs by case only.</summary>
    private static bool HasTwin(INamedTypeSymbol type)
    {
        for (INamespaceOrTypeSymbol level = type; level is not INamespaceSymbol { IsGlobalNamespace: true };)
        {
            INamespaceOrTypeSymbol parent = level.ContainingType ?? (INamespaceOrTypeSymbol)level.ContainingNamespace;
            foreach (var sibling in parent.GetMembers())
            {
                if (sibling is INamespaceOrTypeSymbol
                    && sibling.Name != level.Name
                    && string.Equals(sibling.Name, level.Name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }

            level = parent;
        }

        return false;
    }

    /// <summary>FNV-1a, 32 bits.</summary>
    private static string Hash(string text)
    {
        var hash = 2166136261;
        foreach (var letter in text)
            hash = unchecked((hash ^ letter) * 16777619);
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
