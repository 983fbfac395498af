namespace Tidewire.Simulation;

/// <summary>What is due to happen in the market.</summary>
internal enum OccurrenceKind
{
    /// <summary>The next order of the market as a whole.</summary>
    Order,

    /// <summary>The next order in a ticker that is not in the universe.</summary>
    UnlistedOrder,

    /// <summary>The next repeated buyer or seller begins.</summary>
    RunBegins,

    /// <summary>The next trade of a run.</summary>
    RunTrade,

    /// <summary>An alert is published.</summary>
    Alert,

    /// <summary>The next price of a ticker of the universe.</summary>
    Price,

    /// <summary>The next price of a ticker that is not in the universe.</summary>
    UnlistedPrice,

    /// <summary>Gamma exposure of the watched tickers whose turn it is.</summary>
    Exposure,

    /// <summary>The next rows of a burst of exposure per strike.</summary>
    ExposureRows,

    /// <summary>The next print of the shares' tape.</summary>
    Print,

    /// <summary>A headline.</summary>
    News,

    /// <summary>A filing of a member of Congress.</summary>
    Filing,

    /// <summary>A ticker stops trading.</summary>
    Halt,

    /// <summary>The halted ticker trades again.</summary>
    Resume,

    /// <summary>A span of net flow has ended.</summary>
    NetFlow,

    /// <summary>An interval of flow statistics has ended.</summary>
    IntervalFlow,

    /// <summary>Rows that come by the clock.</summary>
    Board,

    /// <summary>The next second of the futures.</summary>
    Futures,

    /// <summary>The next trade of a future.</summary>
    FuturesTrade,

    /// <summary>Calm turns to burst or back.</summary>
    Mood,

    /// <summary>The next day begins.</summary>
    Day,
}

/// <summary>Something due, and what it is about.</summary>
internal readonly record struct Occurrence(OccurrenceKind Kind, object? Subject = null);

/// <summary>What is due and when, in ticks. Things due at the same time come in the order in which they were added.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<Occurrence, Moment> _queue = new();
    private long _added;

    public void Add(long at, Occurrence occurrence) => _queue.Enqueue(occurrence, new(at, _added++));

    /// <summary>Takes the next thing due at or before a time.</summary>
    public bool TryTake(long until, out long at, out Occurrence occurrence)
    {
        if (_queue.TryPeek(out occurrence, out var moment) && moment.At <= until)
        {
            _queue.Dequeue();
            at = moment.At;
            return true;
        }

        at = 0;
        return false;
    }

    /// <summary>Gives everything due another time; null strikes it off.</summary>
    public void Replan(Func<long, Occurrence, long?> plan)
    {
        var planned = new List<(Occurrence Occurrence, long At)>();
        while (_queue.TryDequeue(out var occurrence, out var moment))
        {
            if (plan(moment.At, occurrence) is { } at)
            {
                planned.Add((occurrence, at));
            }
        }

        foreach (var (occurrence, at) in planned)
        {
            Add(at, occurrence);
        }
    }

    private readonly record struct Moment(long At, long Sequence) : IComparable<Moment>
    {
        public int CompareTo(Moment other) => At != other.At ? At.CompareTo(other.At) : Sequence.CompareTo(other.Sequence);
    }
}
