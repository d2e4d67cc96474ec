using System.Globalization;

namespace AttnGen.Testing;

/// <summary>A culture in which every careless ToString shows: minus is U+2212, the decimal point a comma, thousands a point.</summary>
public static class HostileCulture
{
    public static CultureInfo Instance { get; } = Create();

    /// <summary>The current culture until the result is disposed.</summary>
    public static IDisposable Enter() => new Scope();

    private static CultureInfo Create()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "\u2212";
        culture.NumberFormat.PositiveSign = "\uFF0B";
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NaNSymbol = "nichts";
        culture.NumberFormat.PositiveInfinitySymbol = "endlos";
        culture.NumberFormat.NegativeInfinitySymbol = "\u2212endlos";
        return CultureInfo.ReadOnly(culture);
    }

    private sealed class Scope : IDisposable
    {
        private readonly CultureInfo _culture = CultureInfo.CurrentCulture;
        private readonly CultureInfo _uiCulture = CultureInfo.CurrentUICulture;

        public Scope()
        {
            CultureInfo.CurrentCulture = Instance;
            CultureInfo.CurrentUICulture = Instance;
        }

        public void Dispose()
        {
            CultureInfo.CurrentCulture = _culture;
            CultureInfo.CurrentUICulture = _uiCulture;
        }
    }
}
