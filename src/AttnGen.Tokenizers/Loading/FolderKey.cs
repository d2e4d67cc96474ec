using AttnGen.Generator.Json;

namespace AttnGen.Tokenizers;

/// <summary>A key of a folder's file, as docs/folder-settings.md lists it.</summary>
/// <param name="Name">The key.</param>
/// <param name="Kinds">The kinds of value, such as "string or null"; <see cref="KeyTable"/> holds values against them.</param>
/// <param name="Use">What is done with it.</param>
/// <param name="Versions">The versions of the library that write or read it.</param>
/// <param name="Note">What it means here.</param>
internal sealed record FolderKey(string Name, string Kinds, KeyUse Use, string Versions, string Note);
