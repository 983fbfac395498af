using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Writes the payload of <c>gex</c>: every number a string.</summary>
internal static class ExposureFrame
{
    private const int MostBytes = 2_048;

    /// <summary>The price to give, in units of 0.0001 USD.</summary>
    /// <remarks>Index prices are licensed: the provider gives the strike at the money in their place.</remarks>
    public static long PriceOf(SimulatedTicker ticker) =>
        ticker.Listing.Kind == ListingKind.Index ? ticker.Chain.AtTheMoney(ticker.Spot) * 10L : ticker.Underlying;

    /// <summary>Writes what <see cref="PriceOf"/> gave; a strike has no places that are zeros.</summary>
    public static void WritePrice(FrameBuffer to, long price, ListingKind kind) => to.Fixed(price, 4, kind == ListingKind.Index ? 0 : 2);

    public static void Write(FrameBuffer to, ExposureUpdate update)
    {
        var ticker = update.Ticker;
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Ascii(update.Symbol);
        to.Raw("\",\"timestamp\":"u8);
        to.Whole(update.At);
        WriteSum(to, "oi"u8, update.Exposure.OpenInterest, hasDelta: true);
        to.Raw(",\"price\":\""u8);
        WritePrice(to, PriceOf(ticker), ticker.Listing.Kind);
        to.Raw("\""u8);
        WriteSum(to, "vol"u8, update.Exposure.Volume, hasDelta: true);
        WriteSum(to, "dir"u8, update.Exposure.Directional, hasDelta: false);
        to.Raw("}"u8);
    }

    private static void WriteSum(FrameBuffer to, ReadOnlySpan<byte> by, in ExposureSum sum, bool hasDelta)
    {
        WriteGreek(to, "gamma"u8, by);
        to.Digits(sum.Gamma);
        if (hasDelta)
        {
            to.Raw("\""u8);
            WriteGreek(to, "delta"u8, by);
            to.Raw("0"u8);
        }

        to.Raw("\""u8);
        WriteGreek(to, "charm"u8, by);
        to.Digits(sum.Charm);
        to.Raw("\""u8);
        WriteGreek(to, "vanna"u8, by);
        to.Digits(sum.Vanna);
        to.Raw("\""u8);
    }

    private static void WriteGreek(FrameBuffer to, ReadOnlySpan<byte> greek, ReadOnlySpan<byte> by)
    {
        to.Raw(",\""u8);
        to.Raw(greek);
        to.Raw("_per_one_percent_move_"u8);
        to.Raw(by);
        to.Raw("\":\""u8);
    }
}
