using System.Text;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Tests.Fanout;

/// <summary>One line of <see cref="TextWire"/> or of a test's reply.</summary>
internal sealed record Shown(string Kind, string Channel, long Offset, long Merged, string Text);

/// <summary>The way to a client that notes what it is given, and takes it at once, later, or never.</summary>
internal sealed class RecordingTransport : IClientTransport
{
    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private readonly List<byte[]> _sends = [];
    private readonly List<Shown> _shown = [];
    private TaskCompletionSource? _sending;
    private TaskCompletionSource? _closing;
    private bool _holds;
    private bool _holdsClose;

    /// <summary>What was closed with; empty while open.</summary>
    public List<Disconnect> Closes { get; } = [];

    public int Aborts { get; private set; }

    /// <summary>A send that began while another was under way, or after the close.</summary>
    public bool Overlapped { get; private set; }

    /// <summary>Thrown by the next send.</summary>
    public Exception? Fault { get; set; }

    public IReadOnlyList<Shown> Shown
    {
        get
        {
            lock (_gate)
            {
                return [.. _shown];
            }
        }
    }

    public IReadOnlyList<byte[]> Sends
    {
        get
        {
            lock (_gate)
            {
                return [.. _sends];
            }
        }
    }

    public bool IsSending
    {
        get
        {
            lock (_gate)
            {
                return _sending is not null;
            }
        }
    }

    /// <summary>The entries shown of one channel, gaps included.</summary>
    public IReadOnlyList<Shown> Entries(string? channel = null) => [.. Shown.Where(line => line.Kind is "entry" or "gap" && (channel is null || line.Channel == channel))];

    public IEnumerable<long> Offsets(string channel) => Entries(channel).Select(line => line.Offset);

    /// <summary>From the next send on, none completes until <see cref="Take"/> or <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _holds = true;
        }
    }

    public void HoldClose() => _holdsClose = true;

    /// <summary>Completes the send that waits; the next one waits again.</summary>
    public void Take()
    {
        TaskCompletionSource? taken;
        lock (_gate)
        {
            (taken, _sending) = (_sending, null);
        }

        taken?.SetResult();
    }

    /// <summary>Completes the send that waits and takes everything from here on.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _holds = false;
        }

        Take();
    }

    /// <summary>Fails the send that waits, as a connection that is gone does.</summary>
    public void Break()
    {
        TaskCompletionSource? broken;
        lock (_gate)
        {
            (broken, _sending) = (_sending, null);
        }

        broken?.SetException(new IOException("gone"));
    }

    public Task UntilAsync(Func<RecordingTransport, bool> holds, string what) => _changed.UntilAsync(() => holds(this), () => $"{what}; there is {Describe()}");

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        Task sent = Task.CompletedTask;
        lock (_gate)
        {
            Overlapped |= _sending is not null || Closes.Count > 0;
            if (Fault is { } fault)
            {
                throw fault;
            }

            _sends.Add(bytes.ToArray());
            _shown.AddRange(Parse(Encoding.UTF8.GetString(bytes.Span)));
            if (_holds)
            {
                _sending = new(TaskCreationOptions.RunContinuationsAsynchronously);
                sent = _sending.Task;
            }
        }

        _changed.Beat();
        return new ValueTask(sent);
    }

    public Task CloseAsync(Disconnect disconnect)
    {
        lock (_gate)
        {
            Overlapped |= _sending is not null;
            Closes.Add(disconnect);
            if (_holdsClose)
            {
                _closing ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        _changed.Beat();
        return _closing?.Task ?? Task.CompletedTask;
    }

    public void Abort()
    {
        lock (_gate)
        {
            Aborts++;
        }

        _changed.Beat();
    }

    private static IEnumerable<Shown> Parse(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split('|', 5);
            yield return parts.Length == 5
                ? new Shown(parts[0], parts[1], long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture), long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture), parts[4])
                : new Shown("reply", "", 0, 0, line);
        }
    }

    private string Describe()
    {
        var shown = Shown;
        return $"{shown.Count} lines, the last {string.Join("; ", shown.TakeLast(3))}, {Closes.Count} closes, {Aborts} aborts";
    }
}
