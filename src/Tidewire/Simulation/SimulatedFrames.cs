namespace Tidewire.Simulation;

/// <summary>
/// Writes what happens in the market as the provider would: one text frame per event and joined channel,
/// <c>["form",{...}]</c>. What no one joined is not written.
/// </summary>
/// <param name="publish">Given each frame; the array is its to keep.</param>
internal sealed class SimulatedFrames(Action<byte[]> publish) : IMarketTape
{
    private const int MostBytes = 256;

    private readonly FrameBuffer _payload = new();
    private readonly JoinedForms _joined = new();

    /// <summary>The forms joined now.</summary>
    public IReadOnlyCollection<SimulatedForm> Joined => _joined.All;

    /// <summary>How many payloads were written. One that goes to several channels is written once.</summary>
    public long Written => _payload.Begun;

    /// <summary>Starts a channel. False when it was joined already.</summary>
    public bool Join(SimulatedForm form) => _joined.Add(form);

    /// <summary>Stops a channel. False when it was not joined.</summary>
    public bool Leave(SimulatedForm form) => _joined.Remove(form);

    /// <summary>Writes the acknowledgement of a join.</summary>
    public void Acknowledge(SimulatedForm form)
    {
        _payload.Clear(MostBytes);
        _payload.Raw("{\"response\":{},\"status\":\"ok\"}"u8);
        Publish(JoinedForms.Head(form.Text));
    }

    /// <inheritdoc/>
    public void Trade(in OptionTrade trade)
    {
        if (!_joined.Any(SimulatedFeed.OptionTrades))
        {
            return;
        }

        var whole = _joined.Whole(SimulatedFeed.OptionTrades);
        var (bySymbol, byRoot) = ByTicker(SimulatedFeed.OptionTrades, trade.Contract.Ticker.Listing);
        if ((whole ?? bySymbol ?? byRoot) is not null)
        {
            OptionTradeFrame.Write(_payload, trade);
            Publish(whole);
            Publish(byRoot);
            Publish(bySymbol);
        }
    }

    /// <inheritdoc/>
    public void Alert(FlowAlert alert)
    {
        if (_joined.Whole(SimulatedFeed.FlowAlerts) is { } head)
        {
            FlowAlertFrame.Write(_payload, alert);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void Price(SimulatedTicker ticker, long at)
    {
        Quote(ticker, at);
        if (!_joined.Any(SimulatedFeed.Price))
        {
            return;
        }

        var (bySymbol, byRoot) = ByTicker(SimulatedFeed.Price, ticker.Listing);
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
        if (_joined.Of(SimulatedFeed.Exposure, update.Symbol) is { } head)
        {
            ExposureFrame.Write(_payload, update);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void StrikeExposures(ExposureBurst burst, ReadOnlySpan<StrikeExposure> rows)
    {
        if (_joined.Of(burst.ByExpiry ? SimulatedFeed.ExposureByExpiry : SimulatedFeed.ExposureByStrike, burst.Symbol) is { } head)
        {
            foreach (ref readonly var row in rows)
            {
                StrikeExposureFrame.Write(_payload, burst, row);
                Publish(head);
            }
        }
    }

    /// <inheritdoc/>
    public void Print(in SharePrint print)
    {
        if (_joined.Whole(print.OffLit ? SimulatedFeed.OffLitPrints : SimulatedFeed.LitPrints) is { } head)
        {
            SharePrintFrame.Write(_payload, print);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void News(NewsItem item)
    {
        if (_joined.Whole(SimulatedFeed.News) is { } head)
        {
            NoticeFrames.Write(_payload, item);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void Halt(in HaltNotice notice)
    {
        if (_joined.Whole(SimulatedFeed.Halts) is { } head)
        {
            NoticeFrames.Write(_payload, notice);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void MarketTide(in NetFlow sum, long ended)
    {
        if (_joined.Whole(SimulatedFeed.MarketTide) is { } head)
        {
            FlowFrames.WriteTide(_payload, sum, ended);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void NetFlow(string symbol, in NetFlow sum, long ended)
    {
        if (_joined.Of(SimulatedFeed.NetFlow, symbol) is { } head)
        {
            FlowFrames.WriteNet(_payload, symbol, sum, ended);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void IntervalFlow(SimulatedTicker ticker, bool outOfTheMoney, in IntervalFlow sum, long ended)
    {
        if (_joined.Whole(SimulatedFeed.IntervalFlow) is { } head)
        {
            FlowFrames.WriteInterval(_payload, ticker, outOfTheMoney, sum, ended);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void HotContract(OptionContract contract, ContractDay day, long now)
    {
        if (_joined.Whole(SimulatedFeed.ContractScreener) is { } head)
        {
            ScreenerFrames.Write(_payload, contract, day, now);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void Stock(in StockDay day)
    {
        if (_joined.Whole(SimulatedFeed.StockScreener) is { } head)
        {
            ScreenerFrames.Write(_payload, day);
            Publish(head);
        }
    }

    /// <inheritdoc/>
    public void Periscope(in PeriscopePart part, ReadOnlySpan<StrikeExposure> rows)
    {
        var (whole, one) = (_joined.Whole(SimulatedFeed.Periscope), _joined.Of(SimulatedFeed.Periscope, part.Ticker.Listing.Symbol));
        if ((whole ?? one) is not null)
        {
            PeriscopeFrame.Write(_payload, part, rows);
            Publish(whole);
            Publish(one);
        }
    }

    /// <inheritdoc/>
    public void Future(in FuturesTrade trade)
    {
        var (whole, one) = (_joined.Whole(SimulatedFeed.Futures), _joined.Of(SimulatedFeed.Futures, trade.Contract.Symbol));
        if ((whole ?? one) is not null)
        {
            FuturesTradeFrame.Write(_payload, trade);
            Publish(whole);
            Publish(one);
        }
    }

    /// <inheritdoc/>
    public void AccountAlert(in AccountAlert alert)
    {
        if (_joined.Whole(SimulatedFeed.AccountAlerts) is { } head)
        {
            AccountAlertFrame.Write(_payload, alert);
            Publish(head);
        }
    }

    // An index is not traded itself: no one bids for it.
    private void Quote(SimulatedTicker ticker, long at)
    {
        if (_joined.Any(SimulatedFeed.Quotes) && ticker.Listing.Kind != ListingKind.Index && _joined.Of(SimulatedFeed.Quotes, ticker.Listing.Symbol) is { } head)
        {
            QuoteFrame.Write(_payload, ticker, at);
            Publish(head);
        }
    }

    // An index can be asked for by its own name and by that of its options.
    private (byte[]? BySymbol, byte[]? ByRoot) ByTicker(SimulatedFeed feed, Listing listing) =>
        (_joined.Of(feed, listing.Symbol), listing.Kind == ListingKind.Index ? _joined.Of(feed, listing.Root) : null);

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
