namespace Tidewire.Server.Tests.NothingLost;

/// <summary>One offset of a log, as its readers were shown it.</summary>
/// <param name="Offset">The offset.</param>
/// <param name="Payload">The payload; null for a gap.</param>
/// <param name="Gap">The gap; null for a publication.</param>
/// <param name="Reader">Who was shown it first.</param>
internal sealed record SeenEntry(long Offset, string? Payload, SeenGap? Gap, string Reader)
{
    public bool IsSameAs(SeenEntry other) => Payload == other.Payload && Gap == other.Gap;

    public override string ToString() => Payload ?? $"a gap ({Gap!.Reason})";
}

/// <summary>The log of a channel in one epoch, put together from all that any reader was ever shown of it.</summary>
internal sealed class SeenLog(string epoch)
{
    private readonly SortedDictionary<long, SeenEntry> _entries = [];
    private readonly List<(long From, long Through)> _lost = [];
    private Dictionary<string, long[]>? _byKey;

    public string Epoch => epoch;

    public IReadOnlyCollection<SeenEntry> Entries => _entries.Values;

    public long Last => _entries.Count == 0 ? 0 : _entries.Keys.Last();

    /// <summary>Adds what a reader was shown. What stands there already when it is something else; null when all is well.</summary>
    public SeenEntry? Add(SeenEntry entry)
    {
        if (_entries.TryGetValue(entry.Offset, out var known))
        {
            return known.IsSameAs(entry) ? null : known;
        }

        _entries.Add(entry.Offset, entry);
        return null;
    }

    /// <summary>Offsets that a gap stands for: they cannot be given to anyone any more.</summary>
    public void Lose(long from, long through)
    {
        if (from <= through)
        {
            _lost.Add((from, through));
        }
    }

    public bool IsLost(long offset) => _lost.Exists(range => range.From <= offset && offset <= range.Through);

    public SeenEntry? At(long offset) => _entries.GetValueOrDefault(offset);

    /// <summary>Whether a newer entry of a key stands above an offset.</summary>
    public bool IsReplaced(string key, long offset, Func<string, Frame?> find)
    {
        _byKey ??= _entries.Values.Where(entry => entry.Payload is not null).Select(entry => (find(entry.Payload!)?.Key, entry.Offset))
            .Where(pair => pair.Key is not null).GroupBy(pair => pair.Key!, pair => pair.Offset).ToDictionary(same => same.Key, same => same.ToArray());
        return _byKey.TryGetValue(key, out var offsets) && offsets[^1] > offset;
    }
}
