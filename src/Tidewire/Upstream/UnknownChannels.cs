using System.Text;

namespace Tidewire.Upstream;

/// <summary>One name that the provider sent data under and no one had asked for.</summary>
/// <param name="Name">The name, made printable. The provider may send anything: mask secrets in it before it is shown.</param>
/// <param name="Count">Frames since the process started.</param>
/// <param name="LastAt">When the last of them arrived.</param>
public sealed record UnknownChannel(string Name, long Count, DateTimeOffset LastAt);

/// <summary>The names under which data came that no one had asked for, the first few of them. Thread-safe.</summary>
public sealed class UnknownChannels
{
    private const int Most = 32;
    private const int LongestName = 1024; // shown cut, but only after secrets in it are masked

    private readonly Lock _gate = new();
    private readonly Dictionary<string, UnknownChannel> _byName = new(StringComparer.Ordinal);

    /// <summary>What there is, by name.</summary>
    public IReadOnlyList<UnknownChannel> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _byName.Values.OrderBy(static channel => channel.Name, StringComparer.Ordinal)];
            }
        }
    }

    internal void Count(ReadOnlySpan<byte> name, DateTimeOffset at)
    {
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, LongestName)]);
        text = string.Concat(text.Select(static letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
        lock (_gate)
        {
            if (_byName.TryGetValue(text, out var known))
            {
                _byName[text] = known with { Count = known.Count + 1, LastAt = at };
            }
            else if (_byName.Count < Most)
            {
                _byName[text] = new(text, 1, at);
            }
        }
    }
}
