using Tidewire.Fanout.Filtering;

namespace Tidewire.Fanout;

/// <summary>The filters that subscriptions of one channel use now: equal ones are one. Thread-safe.</summary>
internal sealed class ChannelFilters
{
    private readonly Dictionary<Filter, SharedFilter> _filters = [];

    /// <summary>Takes a filter into use.</summary>
    public SharedFilter Use(Filter filter)
    {
        lock (_filters)
        {
            if (!_filters.TryGetValue(filter, out var shared))
            {
                _filters.Add(filter, shared = new SharedFilter(filter));
            }

            shared.Add();
            return shared;
        }
    }

    /// <summary>One user less.</summary>
    public void Release(SharedFilter shared)
    {
        lock (_filters)
        {
            if (shared.Remove())
            {
                _filters.Remove(shared.Filter);
            }
        }
    }
}
