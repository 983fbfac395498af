namespace Tidewire.Upstream;

/// <summary>What is known of the connection to the provider. On the wire in snake case as <c>status</c>.</summary>
public enum UpstreamState
{
    /// <summary>Turned off by configuration.</summary>
    Disabled,

    /// <summary>The first session, or the next, is being opened.</summary>
    Connecting,

    /// <summary>A session with the provider is open.</summary>
    Connected,

    /// <summary>The simulated market is running.</summary>
    Simulated,

    /// <summary>No session; another attempt follows.</summary>
    Disconnected,

    /// <summary>The provider refuses the token; another attempt follows much later.</summary>
    NotEntitled,
}

/// <summary>One consistent view of the upstream.</summary>
public sealed record UpstreamView
{
    /// <summary>What is known.</summary>
    public required UpstreamState State { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Attempts since the last open session; 0 while one is open.</summary>
    public int Attempt { get; init; }

    /// <summary>When the next attempt begins; null when none is waiting.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>How the last session ended; null before the first end. Never holds a token.</summary>
    public string? Reason { get; init; }

    /// <summary>Sessions opened since the process started.</summary>
    public long Sessions { get; init; }
}

/// <summary>The upstream's state and counts, read by any thread. One writer: the pump.</summary>
public sealed class UpstreamStatus
{
    private static readonly FrameFault[] Faults = Enum.GetValues<FrameFault>();

    private readonly long[] _faults = new long[Faults.Length];
    private readonly long[] _ends = new long[Enum.GetValues<UpstreamEndKind>().Length];
    private readonly TimeProvider _time;
    private readonly bool _simulated;
    private volatile UpstreamView _view;
    private long _frames;
    private long _data;
    private long _acknowledgements;
    private long _lastFrame;
    private long _attempts;
    private volatile FrameQueue? _queue;

    /// <summary>Makes the status of an upstream that has not run yet.</summary>
    /// <param name="name">The upstream's name.</param>
    /// <param name="source">What its publications carry as source; null when there is no upstream at all.</param>
    /// <param name="time">The clock.</param>
    public UpstreamStatus(string name, Fanout.PublicationSource? source, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        Name = name;
        _time = time;
        _simulated = source == Fanout.PublicationSource.Simulated;
        _view = new UpstreamView { State = source is null ? UpstreamState.Disabled : UpstreamState.Connecting, Since = time.GetUtcNow() };
    }

    /// <summary>Raised on every change of <see cref="View"/>, on the pump's thread.</summary>
    public event Action<UpstreamView>? Changed;

    /// <summary>The upstream's name.</summary>
    public string Name { get; }

    /// <summary>The state now.</summary>
    public UpstreamView View => _view;

    /// <summary>Frames received, of any kind.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Frames that became publications.</summary>
    public long DataFrames => Volatile.Read(ref _data);

    /// <summary>Acknowledgements of joins.</summary>
    public long Acknowledgements => Volatile.Read(ref _acknowledgements);

    /// <summary>When the last frame arrived; null before the first.</summary>
    public DateTimeOffset? LastFrameAt => Volatile.Read(ref _lastFrame) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Channels that the provider sent data of and no one had asked for: a renamed one shows here.</summary>
    public UnknownChannels UnknownChannels { get; } = new();

    /// <summary>How many frames were left out for a reason.</summary>
    /// <param name="fault">The reason.</param>
    public long CountOf(FrameFault fault) => Volatile.Read(ref _faults[(int)fault]);

    /// <summary>How many sessions, or attempts at one, ended in a way.</summary>
    /// <param name="kind">The way.</param>
    public long EndsOf(UpstreamEndKind kind) => Volatile.Read(ref _ends[(int)kind]);

    /// <summary>Attempts to open a session, the first one left out.</summary>
    public long Reconnects => Math.Max(0, Volatile.Read(ref _attempts) - 1);

    /// <summary>Bytes received that wait to be decoded.</summary>
    public long QueuedBytes => _queue?.Bytes ?? 0;

    /// <summary>Every reason there is.</summary>
    public static IReadOnlyList<FrameFault> Reasons => Faults;

    internal void Received(DateTimeOffset at)
    {
        Interlocked.Increment(ref _frames);
        Volatile.Write(ref _lastFrame, at.UtcTicks);
    }

    internal void Reads(FrameQueue queue) => _queue = queue;

    internal void Data() => Interlocked.Increment(ref _data);

    internal void Acknowledged() => Interlocked.Increment(ref _acknowledgements);

    internal void Skipped(FrameFault fault) => Interlocked.Increment(ref _faults[(int)fault]);

    internal void Connecting()
    {
        Interlocked.Increment(ref _attempts);
        Change(_view with
        {
            State = _view.State == UpstreamState.NotEntitled ? UpstreamState.NotEntitled : UpstreamState.Connecting,
            Since = _view.State is UpstreamState.NotEntitled or UpstreamState.Connecting ? _view.Since : _time.GetUtcNow(),
            Attempt = _view.Attempt + 1,
            NextAttemptAt = null,
        });
    }

    internal void Opened() => Change(_view with
    {
        State = _simulated ? UpstreamState.Simulated : UpstreamState.Connected,
        Since = _time.GetUtcNow(),
        Attempt = 0,
        Sessions = _view.Sessions + 1,
    });

    internal void Ended(UpstreamEnd end, TimeSpan delay)
    {
        Interlocked.Increment(ref _ends[(int)end.Kind]);
        var now = _time.GetUtcNow();
        var state = end.Kind == UpstreamEndKind.NotEntitled ? UpstreamState.NotEntitled : UpstreamState.Disconnected;
        Change(_view with
        {
            State = state,
            Since = _view.State == state ? _view.Since : now,
            NextAttemptAt = delay > TimeSpan.Zero ? now + delay : null,
            Reason = end.Reason,
        });
    }

    private void Change(UpstreamView view)
    {
        _view = view;
        Changed?.Invoke(view);
    }
}
