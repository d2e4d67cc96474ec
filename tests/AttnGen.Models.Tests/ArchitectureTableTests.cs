using AttnGen.Generator.Models;
using AttnGen.Testing;

namespace AttnGen.Models.Tests;

/// <summary>What a new architecture owes beside its file and its row.</summary>
public sealed class ArchitectureTableTests
{
    public static TheoryData<string> Types => [.. ArchitectureTable.Rows.SelectMany(row => row.Kind == ArchitectureKind.Decoder ? row.ModelTypes : row.ModelTypes[..1])];

    [Fact]
    public void A_model_type_stands_in_one_row()
    {
        var types = ArchitectureTable.Rows.SelectMany(row => row.ModelTypes).Concat(ArchitectureTable.Later.Select(later => later.ModelType)).ToList();
        Assert.Equal(types.Distinct(), types);
    }

    /// <summary>Small folders are fuzzed, compiled and run between guard pages: an architecture without one is not.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Every_model_has_a_small_folder(string modelType) =>
        Assert.Contains(SmallModels.All, small => small.Config.Contains($"\"model_type\":\"{modelType}\"", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Types))]
    public void The_readme_names_every_model(string modelType)
    {
        var readme = File.ReadAllText(Path.Combine(Snapshots.Root, "README.md"));
        Assert.All(ArchitectureTable.Find(modelType)!.ModelTypes, type => Assert.Contains($"`{type}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_activation_of_config_json_is_one_of_the_enum() =>
        Assert.All(ActivationNames.Known.Split(", "), name => Assert.True(Enum.TryParse<Activation>(ActivationNames.Find(name.Trim('\'')), out _), name));
}
