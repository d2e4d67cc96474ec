using AttnGen.Generator.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttnGen.Generator.Parsing;

/// <summary>The annotated class: may it have a generated half, and where does that half belong?</summary>
internal static class TypeParser
{
    /// <summary>C# 13 (LanguageVersion.CSharp13, which the Roslyn of this project does not name yet): static abstract members, file-local types, ref locals over spans.</summary>
    private const int OldestLanguage = 1300;

    /// <summary>A name that must mean the namespace: generated code names everything from the root.</summary>
    private const string Unhidden = "System";

    private static readonly SymbolDisplayFormat s_parameterTypes =
        SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    /// <summary>Null if anything was reported.</summary>
    public static TypeSpec? Parse(INamedTypeSymbol type, TypeDeclarationSyntax declaration, ShapeAttribute shape, Compilation compilation, LocationInfo? attribute, List<DiagnosticInfo> diagnostics)
    {
        var before = diagnostics.Count;
        CheckDeclaration(type, declaration, shape, diagnostics);
        CheckEnvironment(declaration, compilation, attribute, diagnostics);
        if (!CheckBases(type, declaration, diagnostics))
            return null;
        CheckNames(type, declaration, shape, diagnostics);
        CheckConstruction(type, declaration, shape, compilation, diagnostics);
        return diagnostics.Count > before
            ? null
            : new TypeSpec(
                NamespaceOf(type),
                ContainersOf(type).Select(Header).ToEquatable(),
                Header(type),
                HintNames.For(type));
    }

    private static void CheckDeclaration(INamedTypeSymbol type, TypeDeclarationSyntax declaration, ShapeAttribute shape, List<DiagnosticInfo> diagnostics)
    {
        var name = declaration.Identifier.Text;
        var place = Place(declaration.Identifier);

        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.NotPartial, place, name, shape.Name));
        if (type.IsStatic)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.StaticClass, place, name, shape.Name));
        else if (type.IsAbstract)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.AbstractClass, place, name, shape.Name));
        if (declaration.TypeParameterList is { } parameters)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.GenericClass, Place(parameters), name, parameters.ToString()));
        if (type.IsFileLocal)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.FileLocal, place, name));

        for (var node = declaration.Parent; node is TypeDeclarationSyntax container; node = node.Parent)
        {
            var containerName = container.Identifier.Text + container.TypeParameterList;
            if (!container.Modifiers.Any(SyntaxKind.PartialKeyword))
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.ContainerNotPartial, Place(container.Identifier), containerName, name, shape.Name));
            if (container.Modifiers.Any(SyntaxKind.FileKeyword))
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.FileLocal, Place(container.Identifier), containerName));
        }
    }

    private static void CheckEnvironment(TypeDeclarationSyntax declaration, Compilation compilation, LocationInfo? attribute, List<DiagnosticInfo> diagnostics)
    {
        if (declaration.SyntaxTree.Options is CSharpParseOptions options && (int)options.LanguageVersion < OldestLanguage)
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.LanguageVersion, attribute, options.LanguageVersion.ToDisplayString(), "13"));

        // A type AttnGen would hide the attribute itself, and the compiler says so.
        foreach (var hiding in compilation.Assembly.GlobalNamespace.GetTypeMembers(Unhidden, 0))
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.NamespaceHidden, LocationInfo.From(hiding.Locations.FirstOrDefault()), hiding.Name));
    }

    /// <summary>The generated members of a base class are not there yet, so a base class with a shape is refused before its names are looked at.</summary>
    private static bool CheckBases(INamedTypeSymbol type, TypeDeclarationSyntax declaration, List<DiagnosticInfo> diagnostics)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (parent.GetAttributes().Select(data => ShapeAttribute.Find(data.AttributeClass)).FirstOrDefault(found => found is not null) is not { } shape)
                continue;
            diagnostics.Add(DiagnosticInfo.Create(
                Descriptors.CannotConstruct, Place(declaration.Identifier), type.Name,
                $"the base class '{parent.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat)}' has [{shape.Name}] and makes its own", "Hold an object of that class instead"));
            return false;
        }

        return true;
    }

    private static void CheckNames(INamedTypeSymbol type, TypeDeclarationSyntax declaration, ShapeAttribute shape, List<DiagnosticInfo> diagnostics)
    {
        var self = Place(declaration.Identifier);
        foreach (var member in GeneratedMembers.Of(shape.Kind))
        {
            if (member.Name == type.Name)
            {
                diagnostics.Add(DiagnosticInfo.Create(Descriptors.NameTaken, self, type.Name, member.Name, "the class itself has that name; rename it"));
                continue;
            }

            for (var owner = type; owner is { SpecialType: not SpecialType.System_Object }; owner = owner.BaseType)
            {
                if (owner.GetMembers(member.Name).FirstOrDefault(other => Collides(member, other, type)) is not { } taken)
                    continue;
                var own = SymbolEqualityComparer.Default.Equals(owner, type);
                diagnostics.Add(DiagnosticInfo.Create(
                    Descriptors.NameTaken,
                    own ? LocationInfo.From(taken.Locations.FirstOrDefault()) : self,
                    type.Name,
                    taken is IMethodSymbol method ? $"{method.Name}({string.Join(", ", method.Parameters.Select(p => p.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)))})" : taken.Name,
                    own && IsGeneratedCopy(taken) ? "this file is a copy of the generated one that is compiled a second time; remove it from Compile" : own ? "it is declared here already; rename it" : $"the class inherits one from '{owner.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat)}'; rename it"));
                break;
            }
        }
    }

    /// <summary>CompilerGeneratedFilesOutputPath inside the project: the next build compiles what this one wrote.</summary>
    private static bool IsGeneratedCopy(ISymbol member) =>
        member.DeclaringSyntaxReferences.FirstOrDefault()?.SyntaxTree is { } tree
        && tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)
        && tree.GetText().ToString(new Microsoft.CodeAnalysis.Text.TextSpan(0, Math.Min(20, tree.Length))).Contains("<auto-generated");

    /// <summary>Whether both cannot be: a method goes with methods of other parameters (an overload of the user's own), anything else with nothing.</summary>
    private static bool Collides(GeneratedMember generated, ISymbol other, INamedTypeSymbol type)
    {
        if (other.IsImplicitlyDeclared)
            return false;
        var inherited = !SymbolEqualityComparer.Default.Equals(other.ContainingType, type);
        if (inherited && (other.DeclaredAccessibility == Accessibility.Private
            || (other.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal && !SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, type.ContainingAssembly))))
            return false;
        if (generated.Overloads is not { } overloads || other is not IMethodSymbol method)
            return true;
        var parameters = string.Join(",", method.Parameters.Select(parameter => parameter.Type.ToDisplayString(s_parameterTypes)));
        return method.Arity == 0 && overloads.Contains(parameters);
    }

    private static void CheckConstruction(INamedTypeSymbol type, TypeDeclarationSyntax declaration, ShapeAttribute shape, Compilation compilation, List<DiagnosticInfo> diagnostics)
    {
        if (shape.Kind == ShapeKind.Softmax || type.IsStatic || type.IsAbstract)
            return; // No object is made, or that was reported.

        void Report(LocationInfo? place, string reason, string fix) =>
            diagnostics.Add(DiagnosticInfo.Create(Descriptors.CannotConstruct, place, type.Name, reason, fix));

        foreach (var constructor in type.InstanceConstructors.Where(constructor => !constructor.IsImplicitlyDeclared))
            Report(LocationInfo.From(constructor.Locations.FirstOrDefault()), "the class declares a constructor here", "Remove it; a static method may call Load and set properties");

        var self = Place(declaration.Identifier);
        if (type.BaseType is { SpecialType: not SpecialType.System_Object, TypeKind: TypeKind.Class } parent
            && !parent.InstanceConstructors.Any(constructor => constructor.Parameters.Length == 0 && compilation.IsSymbolAccessibleWithin(constructor, type)))
        {
            Report(self, $"the base class '{parent.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat)}' has no constructor without parameters", "Give the base class one, or derive from another");
        }

        for (var owner = type; owner is not null; owner = owner.BaseType)
        {
            if (owner.GetMembers().FirstOrDefault(member => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }) is not { } required)
                continue;
            var own = SymbolEqualityComparer.Default.Equals(owner, type);
            Report(own ? LocationInfo.From(required.Locations.FirstOrDefault()) : self, $"'{required.Name}' is required and Load does not set it", "Remove 'required'");
            break;
        }
    }

    private static Stack<INamedTypeSymbol> ContainersOf(INamedTypeSymbol type)
    {
        var containers = new Stack<INamedTypeSymbol>();
        for (var container = type.ContainingType; container is not null; container = container.ContainingType)
            containers.Push(container);
        return containers;
    }

    private static string NamespaceOf(INamedTypeSymbol type)
    {
        var names = new Stack<string>();
        for (var ns = type.ContainingNamespace; ns is { IsGlobalNamespace: false }; ns = ns.ContainingNamespace)
            names.Push(Escape(ns.Name, isType: false));
        return string.Join(".", names);
    }

    private static TypeDeclaration Header(INamedTypeSymbol type) =>
        new(
            (type.IsRecord, type.TypeKind) switch
            {
                (true, TypeKind.Struct) => "record struct",
                (true, _) => "record",
                (_, TypeKind.Struct) => "struct",
                (_, TypeKind.Interface) => "interface",
                _ => "class",
            },
            Escape(type.Name, isType: true),
            type.TypeParameters.IsEmpty ? "" : $"<{string.Join(", ", type.TypeParameters.Select(parameter => Escape(parameter.Name, isType: true)))}>");

    /// <summary>
    /// With @ where C# needs it: keywords, and words that only sometimes are ones (a type may not be called "required").
    /// A type of small letters only gets one too, since the compiler warns that such a name may become a keyword (CS8981).
    /// </summary>
    private static string Escape(string name, bool isType) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None
        || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
        || (isType && name.All(letter => letter is >= 'a' and <= 'z'))
            ? "@" + name
            : name;

    private static LocationInfo? Place(SyntaxToken token) => LocationInfo.From(token.GetLocation());

    private static LocationInfo? Place(SyntaxNode node) => LocationInfo.From(node.GetLocation());
}
