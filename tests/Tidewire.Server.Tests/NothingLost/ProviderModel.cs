using System.Collections.Concurrent;
using System.Globalization;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>That the provider said a frame, or would have said it to someone who listened.</summary>
/// <param name="frame">The frame.</param>
/// <param name="at">When, just before.</param>
/// <param name="session">The provider's connection it went out on; 0 when there was none.</param>
internal sealed class Saying(Frame frame, DateTimeOffset at, int session)
{
    public Frame Frame => frame;

    public DateTimeOffset At => at;

    /// <summary>Whether it was certainly read: what became of it cannot be excused by an outage.</summary>
    public bool IsCertain { get; set; }

    /// <summary>The provider's connection it went out on; 0 when there was none.</summary>
    public int Session { get; set; } = session;
}

/// <summary>A time in which something may have been missed.</summary>
/// <param name="What">What happened.</param>
/// <param name="From">Just before.</param>
/// <param name="To">When data flowed again; <see cref="DateTimeOffset.MaxValue"/> while it has not.</param>
internal sealed record Trouble(string What, DateTimeOffset From, DateTimeOffset To)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{What} {From:HH:mm:ss.fff} to {To:HH:mm:ss.fff}");
}

/// <summary>What the provider really said and when it could not be heard, noted by the script alone: nothing here comes from the server.</summary>
internal sealed class ProviderModel(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Frame> _frames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Saying>> _sayings = ScriptedChannel.All.ToDictionary(channel => channel.Name, _ => new List<Saying>());
    private readonly List<Trouble> _troubles = [];
    private long _number;
    private Trouble? _now;

    public TimeProvider Time => time;

    public IReadOnlyList<Trouble> Troubles => _now is null ? _troubles : [.. _troubles, _now];

    /// <summary>Frames said, over all channels, repeated ones each time.</summary>
    public int Said => _sayings.Values.Sum(list => list.Count);

    /// <summary>Everything said on a channel, in order.</summary>
    public IReadOnlyList<Saying> SayingsOf(string channel) => _sayings[channel];

    /// <summary>The frame of a payload; null for one that was never made.</summary>
    public Frame? Find(string channel, string payload) => _frames.TryGetValue(payload, out var frame) && frame.Channel == channel ? frame : null;

    public Frame Make(ScriptedChannel channel, Random random, int? size = null, int pad = 0)
    {
        var frame = channel.Make(++_number, random, size, pad);
        _frames[frame.Payload] = frame;
        return frame;
    }

    /// <summary>Notes a frame, before it is said.</summary>
    public Saying Say(Frame frame, int session)
    {
        var saying = new Saying(frame, time.GetUtcNow(), session);
        _sayings[frame.Channel].Add(saying);
        return saying;
    }

    /// <summary>Says a frame to whoever has joined its channel. It takes a number also when no one has: then it was missed.</summary>
    public async Task SayAsync(FakeUnusualWhales provider, Frame frame)
    {
        var saying = Say(frame, provider.ConnectionsAccepted);
        try
        {
            await provider.SendDataAsync(frame.Channel, frame.Payload);
        }
        catch (InvalidOperationException)
        {
            saying.Session = 0; // no one has joined it
        }
    }

    /// <summary>What went out on a connection was read: it was closed in order, and the reader lived on.</summary>
    public void Certain(int session)
    {
        foreach (var saying in _sayings.Values.SelectMany(list => list).Where(saying => saying.Session == session))
        {
            saying.IsCertain = true;
        }
    }

    /// <summary>From now on something may be missed.</summary>
    public void Begin(string what) => _now = _now is { } open ? open with { What = $"{open.What}, {what}" } : new Trouble(what, time.GetUtcNow(), DateTimeOffset.MaxValue);

    /// <summary>Every channel flows again.</summary>
    public void End()
    {
        if (_now is { } open)
        {
            _troubles.Add(open with { To = time.GetUtcNow() });
            _now = null;
        }
    }
}
