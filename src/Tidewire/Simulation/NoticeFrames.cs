using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tidewire.Simulation;

/// <summary>Writes the payloads of the rare feeds, <c>news</c> and <c>trading_halts</c>.</summary>
internal static class NoticeFrames
{
    private const int MostBytes = 4_096;

    public static void Write(FrameBuffer to, NewsItem item)
    {
        to.Clear(MostBytes);
        to.Raw("{\"headline\":\""u8);

        // The one text that is not letters and digits only.
        to.Raw(JsonEncodedText.Encode(item.Headline, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        to.Raw("\",\"timestamp\":\""u8);
        to.Instant(item.At);
        to.Raw("\",\"source\":\""u8);
        to.Ascii(item.Source);
        to.Raw("\",\"tickers\":["u8);
        for (var index = 0; index < item.Tickers.Count; index++)
        {
            to.Raw(index == 0 ? "\""u8 : ",\""u8);
            to.Ascii(item.Tickers[index]);
            to.Raw("\""u8);
        }

        to.Raw("],\"is_trump_ts\":false}"u8);
    }

    public static void Write(FrameBuffer to, in HaltNotice notice)
    {
        to.Clear(MostBytes);
        to.Raw("{\"ticker\":\""u8);
        to.Raw(notice.Ticker.SymbolText);
        to.Raw(notice.Resumed ? "\",\"state\":\"resumed\",\"reason\":\""u8 : "\",\"state\":\"halted\",\"reason\":\""u8);
        to.Ascii(notice.Reason);
        to.Raw("\",\"timestamp\":\""u8);
        to.Instant(notice.At);
        to.Raw("\"}"u8);
    }
}
