namespace Tidewire.Simulation;

/// <summary>Writes a frame of <c>periscope</c>: strikes as strings, greeks as numbers.</summary>
internal static class PeriscopeFrame
{
    private const int BytesWithoutRows = 256;
    private const int BytesPerRow = 192;

    public static void Write(FrameBuffer to, in PeriscopePart part, ReadOnlySpan<StrikeExposure> rows)
    {
        to.Clear(BytesWithoutRows + (rows.Length * BytesPerRow));
        to.Raw("{\"ticker\":\""u8);
        to.Raw(part.Ticker.SymbolText);
        to.Raw("\",\"timestamp\":"u8);
        to.Whole(part.At);
        to.Raw(",\"total_rows\":"u8);
        to.Whole(part.TotalRows);
        to.Raw(",\"has_more\":"u8);
        to.Truth(part.HasMore);
        to.Raw(",\"rows\":["u8);
        for (var index = 0; index < rows.Length; index++)
        {
            ref readonly var row = ref rows[index];
            var (call, put) = (row.Call.OpenInterest, row.Put.OpenInterest);
            to.Raw(index == 0 ? "{\"strike\":\""u8 : ",{\"strike\":\""u8);
            to.Fixed(row.StrikeThousandths, 3, 0);
            to.Raw("\",\"expiry\":\""u8);
            to.Raw(row.Expiry.Text);
            to.Raw("\",\"gamma\":"u8);
            to.Digits(call.Gamma + put.Gamma);
            to.Raw(",\"charm\":"u8);
            to.Digits(call.Charm + put.Charm);
            to.Raw(",\"vanna\":"u8);
            to.Digits(call.Vanna + put.Vanna);
            to.Raw("}"u8);
        }

        to.Raw("]}"u8);
    }
}
