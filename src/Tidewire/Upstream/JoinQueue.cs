namespace Tidewire.Upstream;

/// <summary>Channels whose join is to be sent, in turn, each once. Guarded by <see cref="Demand"/>.</summary>
internal sealed class JoinQueue
{
    private readonly LinkedList<DemandedChannel> _queue = new();

    /// <summary>The first in line; null when there is none.</summary>
    public DemandedChannel? First => _queue.First?.Value;

    /// <summary>The first in line that holds a slot already and is only asked for again; null when there is none.</summary>
    public DemandedChannel? FirstHoldingSlot => _queue.FirstOrDefault(static channel => channel.HoldsSlot);

    /// <summary>The first in line that a subscriber wants; null when there is none.</summary>
    public DemandedChannel? FirstSubscribed => _queue.FirstOrDefault(static channel => channel.IsSubscribed);

    /// <summary>The first in line that a subscriber wants or that is kept; null when there is none.</summary>
    public DemandedChannel? FirstWanted => _queue.FirstOrDefault(static channel => channel.IsWanted);

    /// <summary>Adds a channel at the end, unless it is in line.</summary>
    public void Add(DemandedChannel channel) => channel.InLine ??= _queue.AddLast(channel);

    /// <summary>Takes a channel out of line, if it is in it.</summary>
    public void Remove(DemandedChannel channel)
    {
        if (channel.InLine is { } node)
        {
            channel.InLine = null;
            _queue.Remove(node);
        }
    }

    /// <summary>Takes every channel out of line.</summary>
    public void Clear()
    {
        while (First is { } channel)
        {
            Remove(channel);
        }
    }
}
