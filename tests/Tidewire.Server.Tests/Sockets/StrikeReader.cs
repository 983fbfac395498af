using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Sockets;

/// <summary>One client of a burst of rows, on any wire: keeps the last value of each key and the account of what was merged.</summary>
internal sealed class StrikeReader : IAsyncDisposable
{
    private const string Path = $"gex_strike_expiry/{StrikeRows.Ticker}";
    private const string Channel = $"gex_strike_expiry:{StrikeRows.Ticker}";

    private readonly TaskCompletionSource _mayRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();
    private LoadClient? _load;
    private IAsyncDisposable? _client;
    private Task _reading = Task.CompletedTask;
    private long _offset;
    private int _lastRow = -1;

    private StrikeReader(string wire, bool isSlow) => (Wire, IsSlow) = (wire, isSlow);

    public string Wire { get; }

    /// <summary>Whether it reads nothing before <see cref="Go"/>.</summary>
    public bool IsSlow { get; }

    public bool IsTidewire => Wire != "socket";

    public int Received { get; private set; }

    public long Merged { get; private set; }

    /// <summary>Messages whose offset was not the one before, one more, and what was merged.</summary>
    public int Broken { get; private set; }

    public Dictionary<long, int> Finals { get; } = [];

    public int LastRow => Volatile.Read(ref _lastRow);

    public bool HasEnded => _load?.Completion.IsCompleted ?? _reading.IsCompleted;

    /// <summary>Connects and subscribes.</summary>
    /// <param name="server">The base address.</param>
    /// <param name="wire">Such as <c>json</c>.</param>
    /// <param name="isSlow">Whether it stops reading at once, behind a small buffer.</param>
    /// <param name="tail">The offset before the burst.</param>
    public static async Task<StrikeReader> ConnectAsync(Uri server, string wire, bool isSlow, long tail)
    {
        var reader = new StrikeReader(wire, isSlow) { _offset = tail };
        int? buffer = isSlow ? 4096 : null;
        switch (wire)
        {
            case "sse":
                var events = await SseClient.ConnectAsync(server, $"/api/stream/sse/{Path}", socketBufferBytes: buffer);
                reader._client = events;
                reader._reading = reader.ReadEventsAsync(events);
                break;
            case "poll":
                var poller = new PollClient(server, Path);
                reader._client = poller;
                await poller.NextAsync("wait=0");
                reader._reading = reader.PollAsync(poller);
                break;
            default:
                var path = wire switch { "json" => "/api/ws", "envelope" => $"/api/stream/ws/{Path}", _ => "/socket?token=x" };
                reader._load = await LoadClient.ConnectAsync(new Uri(server, path), reader.Take, socketBufferBytes: buffer);
                reader._client = reader._load;
                if (wire == "json")
                {
                    reader._load.SendText($$"""{"type":"subscribe","channel":"{{Channel}}"}""");
                }
                else if (wire == "socket")
                {
                    reader._load.SendText($$"""{"channel":"{{Channel}}","msg_type":"join"}""");
                }

                if (isSlow)
                {
                    reader._load.Pause();
                }

                break;
        }

        if (!isSlow)
        {
            reader.Go();
        }

        return reader;
    }

    /// <summary>Reads from now on.</summary>
    public void Go()
    {
        _mayRead.TrySetResult();
        _load?.Resume();
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        Go();
        await _client!.DisposeAsync();
        await _reading;
        _ended.Dispose();
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        if (!StrikeRows.TryRead(message, out var key, out var number))
        {
            return;
        }

        if (IsTidewire)
        {
            var merged = StrikeRows.Number(message, "\"merged\":"u8);
            var offset = StrikeRows.Number(message, "\"offset\":"u8);
            Broken += offset == _offset + 1 + merged ? 0 : 1;
            _offset = offset;
            Merged += merged;
        }

        Received++;
        Finals[key] = number;
        Volatile.Write(ref _lastRow, number);
    }

    private async Task ReadEventsAsync(SseClient events)
    {
        await _mayRead.Task;
        while (!_ended.IsCancellationRequested && await events.NextOrEndAsync() is { } read)
        {
            Take(System.Text.Encoding.UTF8.GetBytes(read.Data ?? ""));
        }
    }

    private async Task PollAsync(PollClient poller)
    {
        await _mayRead.Task;
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                foreach (var message in (await poller.NextAsync("limit=1000&wait=2", _ended.Token)).Messages)
                {
                    Take(System.Text.Encoding.UTF8.GetBytes(message.GetRawText()));
                }
            }
        }
        catch (Exception exception) when (_ended.IsCancellationRequested && exception is OperationCanceledException or HttpRequestException or ObjectDisposedException)
        {
            // The test has seen enough.
        }
    }
}
