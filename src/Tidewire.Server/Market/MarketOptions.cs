namespace Tidewire.Server.Market;

/// <summary>Where the exchange's calendar is mended without a release. Section <c>Market</c>.</summary>
internal sealed class MarketOptions
{
    public const string Section = "Market";

    /// <summary>A file with further closures and early closes, in the form of the built-in one. Default none.</summary>
    public string? CalendarFile { get; set; }
}
