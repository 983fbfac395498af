using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>A channel that is fed over REST: when it is asked for next, and how that has gone. Guarded by <see cref="UnusualWhalesPoller"/>.</summary>
/// <remarks>What is due is told by time elapsed, so that a clock that is set does not stop or hurry it.</remarks>
internal sealed class PolledChannel(ChannelName name, Feed feed, bool isFallback, BudgetTime now)
{
    public string Channel { get; } = name.ToString();

    public ChannelName Name { get; } = name;

    public Feed Feed { get; } = feed;

    /// <summary>Whether it is of one symbol; else it is market-wide.</summary>
    public bool IsOfSymbol { get; } = name.Symbol is not null;

    /// <summary>Whether REST stands in for the socket.</summary>
    public bool IsFallback { get; } = isFallback;

    public RequestPurpose Purpose => IsFallback ? RequestPurpose.Fallback : RequestPurpose.Poll;

    public string Path { get; } = feed.Poll!.PathOf(name.Symbol);

    public PublishedRows Published { get; } = new(feed);

    /// <summary>Whether what comes between two answers may be lost: state is told whole by the next.</summary>
    public bool IsOfEvents { get; } = feed.Poll!.Rows is PollRows.Events or PollRows.Minutes or PollRows.Totals;

    public DateTimeOffset Since { get; } = now.Wall;

    /// <summary>When it was last asked for; null when it never was.</summary>
    public TimeSpan? AskedAt { get; set; }

    /// <summary>How long to wait after a request that brought nothing; null after one that did.</summary>
    public TimeSpan? Pause { get; set; }

    /// <summary>When it is to be asked for next. The interval may have changed since the last time.</summary>
    public TimeSpan DueAt
    {
        get
        {
            var due = AskedAt is not { } asked ? now.Elapsed : asked + (Pause ?? Interval);
            return Healed is not { } healed ? due
                : healed.Elapsed + UnusualWhalesPoller.SettlesAfter is var last && Pause is not null && due > last ? due : last;
        }
    }

    public TimeSpan Interval { get; set; } = feed.Poll!.Every;

    /// <summary>A request is under way.</summary>
    public bool IsAsking { get; set; }

    /// <summary>The socket carries it again since then: one more answer covers what came between.</summary>
    public BudgetTime? Healed { get; set; }

    /// <summary>No one wants it any more: an answer under way is not published.</summary>
    public bool IsOver { get; set; }

    public string? ETag { get; set; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; set; }

    public long Answers { get; set; }

    public long Rows { get; set; }

    public DateTimeOffset? LastAt { get; set; }

    public RestOutcomeKind? Outcome { get; set; }

    public string? Problem { get; set; }

    public PolledView View(BudgetTime at) => new()
    {
        Channel = Channel,
        Feed = Feed,
        IsFallback = IsFallback,
        Since = Since,
        Interval = Interval,
        NextAt = at.Wall + (DueAt - at.Elapsed),
        Answers = Answers,
        Rows = Rows,
        LastAt = LastAt,
        Outcome = Outcome,
        Problem = Problem,
    };
}
