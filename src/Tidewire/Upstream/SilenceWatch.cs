using System.Collections.Concurrent;
using System.Text.Json;
using Tidewire.Market;

namespace Tidewire.Upstream;

/// <summary>
/// Decides when silence means something. Only in market hours, only for feeds that go on by themselves, not for a symbol
/// whose trading is halted, and measured by the channel's own gaps once they are known. Thread-safe.
/// </summary>
/// <param name="calendar">The exchange's calendar; null when the market is always open, as the simulated one.</param>
/// <param name="time">The clock.</param>
public sealed class SilenceWatch(MarketCalendar? calendar, TimeProvider time)
{
    /// <summary>A channel counts as silent after so many of its usual gaps.</summary>
    private const double UsualGaps = 2.25;

    /// <summary>A channel's own gaps decide alone once it was seen for so many times the time it is given at first.</summary>
    private const int Rounds = 5;

    /// <summary>No channel is called silent before: a pause of the network or of a collector is no news.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(4);

    /// <summary>A halt whose resumption was missed is over after this.</summary>
    private static readonly TimeSpan LongestHalt = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _haltedUntil = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private DateTimeOffset? _openSince;
    private DateTimeOffset _lookAgain;

    /// <summary>Since when the regular session has been open, as far as this process saw it; null while it is closed.</summary>
    public DateTimeOffset? OpenSince
    {
        get
        {
            lock (_gate)
            {
                var now = time.GetUtcNow();
                if (now >= _lookAgain || (calendar is not null && now < _lookAgain - TimeSpan.FromDays(1)))
                {
                    var isOpen = calendar is null || calendar.SessionAt(now) == MarketSession.Open;
                    _openSince = isOpen ? _openSince ?? now : null;
                    _lookAgain = calendar?.NextChange(now) ?? DateTimeOffset.MaxValue;
                }

                return _openSince;
            }
        }
    }

    /// <summary>Takes note of a halt or a resumption.</summary>
    /// <param name="payload">A payload of <c>trading_halts</c>: <c>{"ticker":"GME","state":"halted",…}</c>.</param>
    internal void Note(ReadOnlySpan<byte> payload)
    {
        string? ticker = null;
        var isHalted = false;
        var json = new Utf8JsonReader(payload);
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName || json.CurrentDepth != 1 || json.ValueIsEscaped)
            {
                continue;
            }

            var isTicker = json.ValueTextEquals("ticker"u8);
            var isState = json.ValueTextEquals("state"u8);
            json.Read();
            if (json.TokenType == JsonTokenType.String && !json.ValueIsEscaped)
            {
                ticker = isTicker ? json.GetString() : ticker;
                isHalted |= isState && !json.ValueTextEquals("resumed"u8);
            }
        }

        if (ticker is not { Length: > 0 and <= 24 })
        {
            return;
        }

        var now = time.GetUtcNow();
        if (isHalted)
        {
            _haltedUntil[ticker] = now + LongestHalt;
        }
        else if (_haltedUntil.TryGetValue(ticker, out var until) && now < until)
        {
            _haltedUntil[ticker] = now;
        }
    }

    /// <summary>How long a channel may show nothing; null while that is not judged.</summary>
    internal static TimeSpan? LimitOf(DemandedChannel channel)
    {
        if (channel.Feed.SilentAfter is not { } first)
        {
            return null;
        }

        if (channel.UsualGap is not { Value: { } usual } gaps)
        {
            return first;
        }

        // One burst says nothing of the pause after it.
        var limit = usual * UsualGaps;
        var least = gaps.Observed >= first * Rounds ? Shortest : first;
        return limit < least ? least : limit;
    }

    /// <summary>Whether a joined channel has shown nothing for too long.</summary>
    internal bool IsOverdue(DemandedChannel channel, DateTimeOffset now)
        => LimitOf(channel) is { } limit && ExpectedSince(channel) is { } since && now - since >= limit;

    /// <summary>Data of a channel arrived that is not counted yet: what its gap tells of the usual one.</summary>
    internal void Seen(DemandedChannel channel, DateTimeOffset at)
    {
        if (channel.UsualGap is not { } usual || channel.LastDataAt is not { } before || ExpectedSince(channel) is not { } since || before < since)
        {
            return;
        }

        // A gap that was called silence counts, else a channel that has become slower would never be believed; but
        // only as long as it took to notice, else one outage would make blind for the next.
        var gap = at - before;
        usual.Add(channel.State == ChannelState.Live || LimitOf(channel) is not { } limit || gap < limit ? gap : limit);
    }

    /// <summary>Since when data of a channel is to be expected, its last one counted in; null while none is.</summary>
    private DateTimeOffset? ExpectedSince(DemandedChannel channel)
    {
        if (OpenSince is not { } since)
        {
            return null;
        }

        if (channel.Name.Symbol is { } symbol && _haltedUntil.TryGetValue(symbol, out var until))
        {
            if (time.GetUtcNow() < until)
            {
                return null;
            }

            since = Later(since, until);
        }

        since = Later(since, channel.JoinedAt);
        return channel.LastDataAt is { } last ? Later(since, last) : since;
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
