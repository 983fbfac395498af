using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>
/// Writes what happens in the market as the provider would: one text frame per event and joined channel,
/// <c>["form",{...}]</c>. What no one joined is not written.
/// </summary>
/// <param name="publish">Given each frame; the array is its to keep.</param>
internal sealed class SimulatedFrames(Action<byte[]> publish) : IMarketTape
{
    private const int MostBytes = 2_048;

    private readonly FrameBuffer _payload = new();
    private readonly Dictionary<string, SimulatedForm> _joined = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _trades = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _exposures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _prices = new(StringComparer.Ordinal);
    private byte[]? _alerts;
    private byte[]? _allTrades;

    /// <summary>The forms joined now.</summary>
    public IReadOnlyCollection<SimulatedForm> Joined => _joined.Values;

    /// <summary>Starts a channel. False when it was joined already.</summary>
    public bool Join(SimulatedForm form)
    {
        if (!_joined.TryAdd(form.Text, form))
        {
            return false;
        }

        Set(form, Head(form.Text));
        return true;
    }

    /// <summary>Stops a channel. False when it was not joined.</summary>
    public bool Leave(SimulatedForm form)
    {
        if (!_joined.Remove(form.Text))
        {
            return false;
        }

        Set(form, null);
        return true;
    }

    /// <summary>Writes the acknowledgement of a join.</summary>
    public void Acknowledge(SimulatedForm form)
    {
        _payload.Clear(MostBytes);
        _payload.Raw("{\"response\":{},\"status\":\"ok\"}"u8);
        Publish(Head(form.Text));
    }

    /// <inheritdoc/>
    public void Trade(in OptionTrade trade)
    {
        if (_allTrades is null && _trades.Count == 0)
        {
            return;
        }

        var listing = trade.Contract.Ticker.Listing;
        _trades.TryGetValue(listing.Root, out var byRoot);
        byte[]? bySymbol = null;
        if (listing.Kind == ListingKind.Index)
        {
            _trades.TryGetValue(listing.Symbol, out bySymbol);
        }

        if ((_allTrades ?? byRoot ?? bySymbol) is null)
        {
            return;
        }

        OptionTradeFrame.Write(_payload, trade);
        Publish(_allTrades);
        Publish(byRoot);
        Publish(bySymbol);
    }

    /// <inheritdoc/>
    public void Alert(FlowAlert alert)
    {
        if (_alerts is not null)
        {
            FlowAlertFrame.Write(_payload, alert);
            Publish(_alerts);
        }
    }

    /// <inheritdoc/>
    public void Price(SimulatedTicker ticker, long at)
    {
        if (_prices.Count == 0)
        {
            return;
        }

        var listing = ticker.Listing;
        _prices.TryGetValue(listing.Symbol, out var bySymbol);
        byte[]? byRoot = null;
        if (listing.Kind == ListingKind.Index)
        {
            _prices.TryGetValue(listing.Root, out byRoot);
        }

        if ((bySymbol ?? byRoot) is null)
        {
            return;
        }

        _payload.Clear(MostBytes);
        _payload.Raw("{\"close\":\""u8);
        _payload.Fixed(ticker.Underlying, 4, 2);
        _payload.Raw("\",\"time\":"u8);
        _payload.Whole(at);
        _payload.Raw(",\"vol\":"u8);
        _payload.Whole(ticker.SharesToday);
        _payload.Raw("}"u8);
        Publish(bySymbol);
        Publish(byRoot);
    }

    /// <inheritdoc/>
    public void Exposure(ExposureUpdate update)
    {
        if (!_exposures.TryGetValue(update.Symbol, out var head))
        {
            return;
        }

        var ticker = update.Ticker;
        _payload.Clear(MostBytes);
        _payload.Raw("{\"ticker\":\""u8);
        _payload.Raw(Encoding.ASCII.GetBytes(update.Symbol));
        _payload.Raw("\",\"timestamp\":"u8);
        _payload.Whole(update.At);
        WriteExposure("oi"u8, update.Exposure.OpenInterest, hasDelta: true);
        _payload.Raw(",\"price\":\""u8);
        if (ticker.Listing.Kind == ListingKind.Index)
        {
            // Index prices are licensed: the provider gives the strike at the money in their place.
            _payload.Fixed(ticker.Chain.AtTheMoney(ticker.Spot), 3, 0);
        }
        else
        {
            _payload.Fixed(ticker.Underlying, 4, 2);
        }

        _payload.Raw("\""u8);
        WriteExposure("vol"u8, update.Exposure.Volume, hasDelta: true);
        WriteExposure("dir"u8, update.Exposure.Directional, hasDelta: false);
        _payload.Raw("}"u8);
        Publish(head);
    }

    private void WriteExposure(ReadOnlySpan<byte> by, in ExposureSum sum, bool hasDelta)
    {
        WriteGreek("gamma"u8, by);
        _payload.Digits(sum.Gamma);
        if (hasDelta)
        {
            _payload.Raw("\""u8);
            WriteGreek("delta"u8, by);
            _payload.Raw("0"u8);
        }

        _payload.Raw("\""u8);
        WriteGreek("charm"u8, by);
        _payload.Digits(sum.Charm);
        _payload.Raw("\""u8);
        WriteGreek("vanna"u8, by);
        _payload.Digits(sum.Vanna);
        _payload.Raw("\""u8);
    }

    private void WriteGreek(ReadOnlySpan<byte> greek, ReadOnlySpan<byte> by)
    {
        _payload.Raw(",\""u8);
        _payload.Raw(greek);
        _payload.Raw("_per_one_percent_move_"u8);
        _payload.Raw(by);
        _payload.Raw("\":\""u8);
    }

    private void Set(SimulatedForm form, byte[]? head)
    {
        switch (form.Feed)
        {
            case SimulatedFeed.FlowAlerts:
                _alerts = head;
                break;
            case SimulatedFeed.OptionTrades when form.Symbol is null:
                _allTrades = head;
                break;
            case SimulatedFeed.OptionTrades:
                Set(_trades, form.Symbol!, head);
                break;
            case SimulatedFeed.Exposure:
                Set(_exposures, form.Symbol!, head);
                break;
            case SimulatedFeed.Price:
                Set(_prices, form.Symbol!, head);
                break;
            default:
                break;
        }
    }

    private static void Set(Dictionary<string, byte[]> heads, string symbol, byte[]? head)
    {
        if (head is null)
        {
            heads.Remove(symbol);
        }
        else
        {
            heads[symbol] = head;
        }
    }

    // A form is a stranger's text as far as we know, and is escaped.
    private static byte[] Head(string form) =>
        [.. "[\""u8, .. JsonEncodedText.Encode(form, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, .. "\","u8];

    private void Publish(byte[]? head)
    {
        if (head is null)
        {
            return;
        }

        var payload = _payload.Written;
        var frame = new byte[head.Length + payload.Length + 1];
        head.CopyTo(frame, 0);
        payload.CopyTo(frame.AsSpan(head.Length));
        frame[^1] = (byte)']';
        publish(frame);
    }
}
