using System.Text;
using Tidewire.Fanout;
using Tidewire.Upstream;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>How the provider's socket is at a time of a simulated day.</summary>
internal enum SocketMood
{
    /// <summary>Connecting takes long and fails.</summary>
    Down,

    /// <summary>The token is refused.</summary>
    Refusing,

    /// <summary>Serves, with channels that are refused, never answered, or mute.</summary>
    Up,

    /// <summary>Opens and breaks soon after.</summary>
    Flapping,
}

/// <summary>The provider's socket of a simulated day, without a network. Called on the day's thread.</summary>
internal sealed class DayUpstream(HostileDay day) : IUpstream
{
    private static readonly byte[] Mark = "0"u8.ToArray();

    private readonly HashSet<string> _joined = [];
    private IUpstreamListener? _listener;
    private TaskCompletionSource<UpstreamEnd>? _end;
    private int _open;

    public string Name => "day";

    public PublicationSource Source => PublicationSource.Socket;

    /// <summary>Frames given to the listener; decoded on a thread of its own.</summary>
    public long Frames { get; private set; }

    /// <summary>An end was told, and what follows from it goes through another thread.</summary>
    public bool HasEnded { get; private set; }

    public int Sessions { get; private set; }

    /// <summary>Most channels joined at one time, by the provider's own count.</summary>
    public int MostJoined { get; private set; }

    /// <summary>Most sessions open at one time, likewise.</summary>
    public int MostOpen { get; private set; }

    public async Task<UpstreamEnd> RunAsync(IUpstreamListener listener, CancellationToken stopping)
    {
        HasEnded = false;
        _joined.Clear();
        var ended = _end = new TaskCompletionSource<UpstreamEnd>();
        await using var stop = stopping.Register(() => ended.TrySetResult(new(UpstreamEndKind.Stopped, "told to stop")));
        switch (day.Mood)
        {
            case SocketMood.Refusing:
                ended.TrySetResult(new(UpstreamEndKind.NotEntitled, "HTTP 401"));
                break;
            case SocketMood.Down:
                day.After(TimeSpan.FromSeconds(10), () => ended.TrySetResult(new(UpstreamEndKind.CannotConnect, "no answer")));
                break;
            case var mood:
                Sessions++;
                MostOpen = Math.Max(MostOpen, ++_open);
                _listener = listener;
                listener.Opened();
                if (mood == SocketMood.Flapping)
                {
                    day.After(day.Seconds(1, 40), () => ended.TrySetResult(new(UpstreamEndKind.Lost, "the peer vanished")));
                }

                break;
        }

        var end = await ended.Task;
        _open -= _listener is null ? 0 : 1;
        _listener = null;
        HasEnded = true;
        return end;
    }

    public ValueTask JoinAsync(string form, CancellationToken cancellation)
    {
        switch (day.Roll(form, 20))
        {
            case 0:
                Send($"[\"{form}\",{{\"response\":{{\"reason\":\"unmatched topic\"}},\"status\":\"error\"}}]");
                break;
            case 1:
                break; // never answered
            default:
                _joined.Add(form);
                MostJoined = Math.Max(MostJoined, _joined.Count);
                Send($"[\"{form}\",{{\"response\":{{}},\"status\":\"ok\"}}]");
                break;
        }

        return default;
    }

    public ValueTask LeaveAsync(string form, CancellationToken cancellation)
    {
        _joined.Remove(form);
        return default;
    }

    /// <summary>Sends data of every channel that is joined and not mute.</summary>
    public void SendData()
    {
        foreach (var form in _joined)
        {
            if (day.Roll(form, 20) > 3)
            {
                Send($"[\"{form}\",{day.NewRow()}]");
            }
        }
    }

    public void End(UpstreamEndKind kind) => _end?.TrySetResult(new(kind, "the day wants it"));

    private void Send(string frame)
    {
        if (_listener is { } listener)
        {
            listener.Frame(Encoding.UTF8.GetBytes(frame));
            listener.Frame([.. Mark]); // decoded after it: when this is counted, what the frame changed is done
            Frames += 2;
        }
    }
}
