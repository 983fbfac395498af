namespace Tidewire.Simulation;

/// <summary>The symbols that someone asked for, in an order that does not depend on when.</summary>
internal sealed class WatchedSymbols
{
    private readonly SortedDictionary<string, int> _watchers = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Symbols => _watchers.Keys;

    /// <summary>Counts someone in (1) or out (-1).</summary>
    public void Count(string symbol, int change)
    {
        var watchers = _watchers.GetValueOrDefault(symbol) + change;
        if (watchers > 0)
        {
            _watchers[symbol] = watchers;
        }
        else
        {
            _watchers.Remove(symbol);
        }
    }
}
