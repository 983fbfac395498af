using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What one reader was given of one channel.</summary>
internal abstract record Note
{
    /// <summary>It subscribed.</summary>
    /// <param name="Asked">The position to resume after; null for none.</param>
    /// <param name="At">Where the server says it begins; null where the wire does not say.</param>
    /// <param name="Recovered">What the server says; null where the wire says nothing when it is recovered.</param>
    /// <param name="Reason">Why it was not.</param>
    public sealed record Began(StreamPosition? Asked, StreamPosition? At, bool? Recovered, string? Reason = null) : Note;

    /// <summary>An entry: a publication, or a gap.</summary>
    public sealed record Shown(StreamPosition At, long Merged, long Filtered, string? Payload, SeenGap? Gap) : Note;

    /// <summary>A position. The counts are null where the wire has none.</summary>
    public sealed record Told(StreamPosition At, long? Merged, long? Filtered) : Note;
}

/// <summary>A gap as it stood on the wire.</summary>
internal sealed record SeenGap(DateTimeOffset From, DateTimeOffset To, string Reason);

/// <summary>Everything that one reader was given of one channel, over all its connections, in order.</summary>
/// <param name="reader">The reader's name.</param>
/// <param name="channel">The channel.</param>
/// <param name="filter">Its filter; null for none.</param>
internal sealed class Journal(string reader, ScriptedChannel channel, ReaderFilter? filter)
{
    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private readonly List<Note> _notes = [];
    private readonly HashSet<string> _payloads = new(StringComparer.Ordinal);
    private StreamPosition? _position;

    public string Reader => reader;

    public ScriptedChannel Channel => channel;

    public ReaderFilter? Filter => filter;

    /// <summary>The position to come back with; null before the first.</summary>
    public StreamPosition? Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    public IReadOnlyList<Note> Notes
    {
        get
        {
            lock (_gate)
            {
                return [.. _notes];
            }
        }
    }

    /// <summary>A position it had some time ago; null when it has shown nothing yet.</summary>
    public StreamPosition? Earlier(Random random)
    {
        lock (_gate)
        {
            var shown = _notes.OfType<Note.Shown>().TakeLast(40).ToArray();
            return shown.Length == 0 ? _position : shown[random.Next(shown.Length)].At;
        }
    }

    public void Add(Note note)
    {
        lock (_gate)
        {
            _notes.Add(note);
            _position = note switch
            {
                Note.Began { At: { } at } => at,
                Note.Began { Asked: { } asked, Recovered: not false } => asked,
                Note.Shown shown => shown.At,
                Note.Told told => told.At,
                _ => _position,
            };
            if (note is Note.Shown { Payload: { } payload })
            {
                _payloads.Add(payload);
            }
        }

        _changed.Beat();
    }

    /// <summary>Waits until it has been shown a frame.</summary>
    public Task ShownAsync(Frame frame) => _changed.UntilAsync(
        () =>
        {
            lock (_gate)
            {
                return _payloads.Contains(frame.Payload);
            }
        },
        () => $"{frame} at {this}");

    public override string ToString() => $"{reader}, {channel.Name}{(filter is null ? "" : $" where {filter.Expression}")}";
}
