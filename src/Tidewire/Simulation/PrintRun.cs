namespace Tidewire.Simulation;

/// <summary>
/// The prints between two prices of a ticker, in order. They follow from what is to be traded in between, so that the same
/// come whenever someone begins to look, and never add up to more than the day's volume grows by.
/// </summary>
internal sealed class PrintRun
{
    private const double OffLitShare = ShareTape.OffLitPerSecond / (ShareTape.LitPerSecond + ShareTape.OffLitPerSecond);

    private readonly List<Planned> _prints = [];
    private readonly SharesAhead _ahead;

    // Shares traded meanwhile that no print tells of.
    private readonly long _unseen;
    private long _printed;
    private int _next;

    /// <param name="ticker">Whose prints they are.</param>
    /// <param name="ahead">What is traded in between.</param>
    /// <param name="meanCount">How many are expected.</param>
    /// <param name="session">Who looks; another session makes runs of its own.</param>
    public PrintRun(SimulatedTicker ticker, in SharesAhead ahead, double meanCount, int session)
    {
        Ticker = ticker;
        Session = session;
        _ahead = ahead;
        var random = new SeededRandom(_ahead.Seed);
        var sizes = 0.0;
        for (var part = random.Exponential(1 / meanCount); part < 1 && _prints.Count < _ahead.Shares; part += random.Exponential(1 / meanCount))
        {
            // A log-normal body of odd and round lots.
            var offLit = random.Chance(OffLitShare);
            var size = offLit ? random.LogNormal(120, 1.3) : random.LogNormal(70, 1.2);
            sizes += size;
            _prints.Add(new(part, offLit, size, random.NextBits()));
        }

        var scale = Math.Min(1, (_ahead.Shares - _prints.Count) / Math.Max(1, sizes));
        for (var index = 0; index < _prints.Count; index++)
        {
            _prints[index] = _prints[index] with { Size = Lots(1 + (int)(_prints[index].Size * scale)) };
        }

        _unseen = _ahead.Shares - (long)_prints.Sum(print => print.Size);
        if (_ahead.Block > 0)
        {
            _prints.Add(new(random.NextUnit(), OffLit: true, _ahead.Block, random.NextBits()));
            _prints.Sort((one, other) => one.Part.CompareTo(other.Part));
        }
    }

    public SimulatedTicker Ticker { get; }

    public int Session { get; }

    /// <summary>When the next print is due, in ticks; null after the last.</summary>
    public long? Due => _next < _prints.Count ? At(_prints[_next].Part) : null;

    /// <summary>The prints of a span that is kept, in order, up to a time in ticks.</summary>
    public static IEnumerable<SharePrint> Of(SimulatedTicker ticker, ShareSpan span, long until)
    {
        var run = new PrintRun(ticker, span.Ahead, span.MeanCount, session: 0);
        while (run.Due is { } due && due <= Math.Min(span.To, until))
        {
            var print = run.Take(due, span.Underlying, span.SharesToday);
            if (due > span.From)
            {
                yield return print;
            }
        }
    }

    /// <summary>Takes the next print.</summary>
    public SharePrint Take(long now) => Take(now, Ticker.Underlying, Ticker.SharesToday);

    private SharePrint Take(long now, long underlying, long sharesToday)
    {
        var planned = _prints[_next++];
        _printed += (long)planned.Size;
        return new()
        {
            Ticker = Ticker,
            OffLit = planned.OffLit,
            At = SimulatedClock.ToUnixMilliseconds(now),
            Size = (int)planned.Size,
            Volume = sharesToday + _printed + (long)(_unseen * planned.Part),
            Underlying = underlying,
            Detail = planned.Detail,
        };
    }

    private long At(double part) => _ahead.From + (long)((_ahead.To - _ahead.From) * part);

    private static int Lots(int size) => size > 100 ? size / 100 * 100 : size;

    private readonly record struct Planned(double Part, bool OffLit, double Size, ulong Detail);
}
