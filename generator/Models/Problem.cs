using Microsoft.CodeAnalysis;

namespace AttnGen.Generator.Models;

/// <summary>Something about a model's folder that its class's attribute must be told, by value.</summary>
internal sealed record Problem(DiagnosticDescriptor Descriptor, string Message);
