namespace AttnGen.Generator.Json;

/// <summary>What becomes of a key.</summary>
internal enum KeyUse
{
    /// <summary>Its value changes the result, or is held against something.</summary>
    Followed,

    /// <summary>One value changes nothing and is accepted; every other one is refused by name.</summary>
    Refused,

    /// <summary>Whatever it holds (of the kinds that are accepted), the result is the same.</summary>
    NoEffect,
}
