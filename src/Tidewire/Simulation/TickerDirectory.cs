using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Tidewire.Market;

namespace Tidewire.Simulation;

/// <summary>The market's tickers by name: those of the universe, and those that came into being when asked for.</summary>
/// <remarks>Not thread-safe, except <see cref="TryGetReference"/>.</remarks>
internal sealed class TickerDirectory
{
    private const int MostUnlisted = 2_000;

    private readonly long _seed;
    private readonly ConcurrentDictionary<string, SimulatedTicker> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, UnlistedTicker> _unlisted = new(StringComparer.Ordinal);

    public TickerDirectory(int listed, long seed, long now)
    {
        _seed = seed;
        Listed = [.. Universe.Listings.Take(listed).Select((listing, index) => new SimulatedTicker(listing, index + 1, seed, now))];
        foreach (var ticker in Listed)
        {
            // An index is known by its own name and by that of its options.
            _byName[ticker.Listing.Symbol] = ticker;
            _byName[ticker.Listing.Root] = ticker;
        }
    }

    /// <summary>The universe, the most popular first.</summary>
    public SimulatedTicker[] Listed { get; }

    /// <summary>Those that came into being when asked for.</summary>
    public IReadOnlyCollection<UnlistedTicker> Unlisted => _unlisted.Values;

    /// <summary>Every ticker once.</summary>
    public IEnumerable<SimulatedTicker> All => Listed.Concat(_unlisted.Values.Select(unlisted => unlisted.Ticker));

    /// <summary>Finds a ticker, or has it come into being.</summary>
    public SimulatedTicker FindOrAdd(string symbol, long now)
    {
        if (_byName.TryGetValue(symbol, out var known))
        {
            return known;
        }

        // Whoever asks for ever new names must not fill the memory: what no one watches is forgotten, and begins anew.
        if (_unlisted.Count >= MostUnlisted)
        {
            foreach (var (name, forgotten) in _unlisted.Where(entry => !entry.Value.Watched).ToList())
            {
                _unlisted.Remove(name);
                _byName.TryRemove(name, out _);
            }
        }

        var added = new UnlistedTicker(symbol, _seed, now);
        _unlisted[symbol] = added;
        _byName[symbol] = added.Ticker;
        return added.Ticker;
    }

    /// <summary>Finds a ticker that is not in the universe.</summary>
    public bool TryFindUnlisted(string symbol, [NotNullWhen(true)] out UnlistedTicker? unlisted) => _unlisted.TryGetValue(symbol, out unlisted);

    /// <summary>The day's prices of a ticker; false when there is no such ticker, or not yet. May be called from any thread.</summary>
    public bool TryGetReference(string symbol, out ReferencePrice reference)
    {
        reference = default;
        if (!_byName.TryGetValue(symbol, out var ticker))
        {
            return false;
        }

        reference = ticker.Reference;
        return true;
    }
}
