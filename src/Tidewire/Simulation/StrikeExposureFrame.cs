using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>Writes a row of <c>gex_strike</c> or <c>gex_strike_expiry</c>: every number but the time a string.</summary>
internal static class StrikeExposureFrame
{
    private const int MostBytes = 2_048;

    public static void Write(FrameBuffer to, ExposureBurst burst, in StrikeExposure row)
    {
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Ascii(burst.Symbol);
        if (burst.ByExpiry)
        {
            to.Raw("\",\"expiry\":\""u8);
            to.Raw(row.Expiry.Text);
        }

        to.Raw("\",\"timestamp\":"u8);
        to.Whole(burst.At);
        WriteSums(to, "_oi\":\""u8, row.Call.OpenInterest, row.Put.OpenInterest);
        WriteSums(to, "_vol\":\""u8, row.Call.Volume, row.Put.Volume);
        to.Raw(",\"strike\":\""u8);
        to.Fixed(row.StrikeThousandths, 3, 0);
        to.Raw("\",\"price\":\""u8);
        ExposureFrame.WritePrice(to, burst.Price, burst.Kind);
        to.Raw("\""u8);

        // The provider gives both directions of one greek before it comes to the next.
        WriteDirections(to, "gamma_"u8, row, sum => sum.Gamma);
        WriteDirections(to, "charm_"u8, row, sum => sum.Charm);
        WriteDirections(to, "vanna_"u8, row, sum => sum.Vanna);
        to.Raw("}"u8);
    }

    private static void WriteSums(FrameBuffer to, ReadOnlySpan<byte> by, in ExposureSum call, in ExposureSum put)
    {
        WriteField(to, ",\"call_gamma"u8, by, call.Gamma);
        WriteField(to, ",\"put_gamma"u8, by, put.Gamma);
        WriteField(to, ",\"call_charm"u8, by, call.Charm);
        WriteField(to, ",\"put_charm"u8, by, put.Charm);
        WriteField(to, ",\"call_vanna"u8, by, call.Vanna);
        WriteField(to, ",\"put_vanna"u8, by, put.Vanna);
    }

    private static void WriteDirections(FrameBuffer to, ReadOnlySpan<byte> greek, in StrikeExposure row, Func<ExposureSum, double> value)
    {
        WriteSide(to, ",\"call_"u8, greek, row.Call, value);
        WriteSide(to, ",\"put_"u8, greek, row.Put, value);
    }

    private static void WriteSide(FrameBuffer to, ReadOnlySpan<byte> side, ReadOnlySpan<byte> greek, in SideExposure exposure, Func<ExposureSum, double> value)
    {
        to.Raw(side);
        WriteField(to, greek, "ask_vol\":\""u8, value(exposure.Ask));
        to.Raw(side);
        WriteField(to, greek, "bid_vol\":\""u8, value(exposure.Bid));
    }

    private static void WriteField(FrameBuffer to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> by, double value)
    {
        to.Raw(name);
        to.Raw(by);
        to.Digits(value);
        to.Raw("\""u8);
    }
}
