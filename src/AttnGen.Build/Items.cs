using Microsoft.Build.Utilities;

namespace AttnGen.Build;

/// <summary>Items of MSBuild.</summary>
internal static class Items
{
    /// <summary>An item of a path and values as they are.</summary>
    public static TaskItem Of(string path, params (string Name, string Value)[] metadata)
    {
        var item = new TaskItem(Names.Escape(path));
        foreach (var (name, value) in metadata)
            item.SetMetadata(name, Names.Escape(value));
        return item;
    }
}
