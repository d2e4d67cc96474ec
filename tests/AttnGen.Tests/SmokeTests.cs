namespace AttnGen.Tests;

public class SmokeTests
{
    [Fact]
    public void AttributeIsThere() => Assert.NotNull(new AttentionAttribute(64, 8));
}
