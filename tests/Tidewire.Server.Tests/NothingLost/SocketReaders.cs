using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Protocol;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What the readers over a WebSocket share: one socket at a time, each message handled as it comes.</summary>
internal abstract class SocketReader(string name) : Reader(name)
{
    private LoadClient? _client;

    public override bool IsConnected => _client is { Completion.IsCompleted: false };

    public override async Task CutAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.DisposeAsync(); // rethrows what a message broke
        }
    }

    public override Task EndedAsync()
    {
        _client?.Resume();
        return _client?.WaitForCloseAsync() ?? Task.CompletedTask;
    }

    public override void Pause() => _client?.Pause();

    public override void Resume() => _client?.Resume();

    protected async Task OpenAsync(Uri server, string path)
    {
        await CutAsync();
        _client = await LoadClient.ConnectAsync(new Uri(server, path), Take, socketBufferBytes: 16 << 10);
        if (_client.UpgradeStatus != System.Net.HttpStatusCode.SwitchingProtocols)
        {
            throw new InvalidDataException($"{Name} was refused with {(int)_client.UpgradeStatus}.");
        }
    }

    /// <summary>Sends a message. False when the connection has ended.</summary>
    protected bool TrySend(string text)
    {
        try
        {
            _client?.SendText(text);
            return _client is not null;
        }
        catch (Exception exception) when (exception is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    protected abstract void Take(ReadOnlySpan<byte> message);

    protected static JsonElement Parse(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        return JsonElement.ParseValue(ref reader);
    }
}

/// <summary><c>/api/ws</c>: all channels on one socket.</summary>
internal sealed class TidewireReader(string name, IReadOnlyList<ScriptedChannel> channels, ReaderFilter? filter) : SocketReader(name)
{
    private readonly Pulse _confirmed = new();
    private readonly Dictionary<string, Place> _places = channels.ToDictionary(channel => channel.Name, channel => new Place(new Journal(name, channel, filter)));

    public override IReadOnlyList<Journal> Journals => [.. _places.Values.Select(place => place.Journal)];

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        await OpenAsync(server, "/api/ws");
        foreach (var place in _places.Values)
        {
            lock (place)
            {
                (place.State, place.IsConfirmed) = (Holding.Held, false);
                Subscribe(place, since is null ? place.Journal.Position : since(place.Journal));
            }
        }

        await _confirmed.UntilAsync(
            () => !IsConnected || _places.Values.All(place => place.IsConfirmed), // without a position, what comes before is not its
            () => $"{Name} to be confirmed");
    }

    /// <summary>Gives a channel up, if it holds it.</summary>
    public void Unsubscribe(ScriptedChannel channel)
    {
        var place = _places[channel.Name];
        lock (place)
        {
            if (place.State == Holding.Held)
            {
                place.State = Holding.Leaving;
                TrySend($$"""{"type":"unsubscribe","channel":"{{channel.Name}}"}""");
            }
        }
    }

    /// <summary>Takes the channels again that were given up, each after its last position: at once, or as soon as the server has confirmed that it was left.</summary>
    public void SubscribeAgain()
    {
        foreach (var place in _places.Values)
        {
            lock (place)
            {
                if (place.State == Holding.Left)
                {
                    place.State = Holding.Held;
                    Subscribe(place, place.Journal.Position);
                }
                else if (place.State == Holding.Leaving)
                {
                    place.State = Holding.Returning;
                }
            }
        }
    }

    protected override void Take(ReadOnlySpan<byte> message)
    {
        var item = Parse(message);
        var type = item.GetProperty("type").GetString();
        if (type is "connection" or "closing")
        {
            return;
        }

        if (type == "error")
        {
            throw new InvalidDataException($"{Name} was told: {item}");
        }

        var place = _places[item.GetProperty("channel").GetString()!];
        if (type != "subscription")
        {
            Read(place.Journal, item, place.Epoch);
        }
        else if (item.GetProperty("action").GetString() == "subscribed")
        {
            place.Epoch = item.GetProperty("epoch").GetString();
            place.Journal.Add(Confirmed(item, place.Asked));
            place.IsConfirmed = true;
            _confirmed.Beat();
        }
        else
        {
            lock (place)
            {
                var returns = place.State == Holding.Returning;
                place.State = returns ? Holding.Held : Holding.Left;
                if (returns)
                {
                    Subscribe(place, place.Journal.Position);
                }
            }
        }
    }

    private void Subscribe(Place place, StreamPosition? since)
    {
        place.Asked = since;
        var from = since is { } position ? string.Create(CultureInfo.InvariantCulture, $",\"since\":{{\"epoch\":\"{position.Epoch}\",\"offset\":{position.Offset}}}") : "";
        var where = filter is null ? "" : $",\"filter\":\"{filter.Expression}\"";
        TrySend($"{{\"type\":\"subscribe\",\"channel\":\"{place.Journal.Channel.Name}\"{from}{where}}}");
    }

    private enum Holding
    {
        Held,
        Leaving,
        Returning,
        Left,
    }

    private sealed class Place(Journal journal)
    {
        public Journal Journal => journal;

        public Holding State { get; set; }

        public StreamPosition? Asked { get; set; }

        public string? Epoch { get; set; }

        public bool IsConfirmed { get; set; }
    }
}

/// <summary><c>/api/stream/ws/{feed}</c>: one channel per socket.</summary>
internal sealed class EnvelopeReader(string name, ScriptedChannel channel, ReaderFilter? filter) : SocketReader(name)
{
    private readonly Journal _journal = new(name, channel, filter);
    private StreamPosition? _asked;

    public override IReadOnlyList<Journal> Journals => [_journal];

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        await CutAsync();
        _asked = since is null ? _journal.Position : since(_journal);
        _journal.Add(new Note.Began(_asked, At: null, Recovered: null)); // it says something only when it cannot go on
        await OpenAsync(server, $"/api/stream/ws/{channel.Route}?history=1&{WireQuery.Of(_asked, filter)}");
    }

    protected override void Take(ReadOnlySpan<byte> message)
    {
        var item = Parse(message);
        switch (item.TryGetProperty("type", out var type) ? type.GetString() : null)
        {
            case "closing":
                break;
            case "subscription":
                _journal.Add(Confirmed(item, _asked));
                break;
            case "error":
                throw new InvalidDataException($"{Name} was told: {item}");
            default:
                Read(_journal, item, epoch: null);
                break;
        }
    }
}

/// <summary><c>/socket</c>: exact frames, no positions.</summary>
internal sealed class ProviderWireReader(string name, IReadOnlyList<ScriptedChannel> channels) : SocketReader(name)
{
    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private readonly List<List<string>> _connections = [];
    private readonly HashSet<string> _frames = new(StringComparer.Ordinal);
    private int _acknowledged;

    public override IReadOnlyList<Journal> Journals => [];

    /// <summary>The data frames of each connection, as text.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Connections
    {
        get
        {
            lock (_gate)
            {
                return [.. _connections.Select(frames => frames.ToArray())];
            }
        }
    }

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        await CutAsync();
        lock (_gate)
        {
            _connections.Add([]);
        }

        Volatile.Write(ref _acknowledged, 0);

        await OpenAsync(server, "/socket?token=any");
        foreach (var channel in channels)
        {
            TrySend($$"""{"channel":"{{channel.Name}}","msg_type":"join"}""");
        }

        await _changed.UntilAsync(() => Volatile.Read(ref _acknowledged) == channels.Count, () => $"{Name} to be acknowledged"); // it has no position: what comes before is not its
    }

    public override Task ShownAsync(Frame frame)
    {
        var text = TextOf(frame);
        return _changed.UntilAsync(
            () =>
            {
                lock (_gate)
                {
                    return _frames.Contains(text);
                }
            },
            () => $"{frame} at {Name}");
    }

    /// <summary>The whole frame as the provider's wire has it.</summary>
    public static string TextOf(Frame frame) => $"[\"{frame.Channel}\",{frame.Payload}]";

    protected override void Take(ReadOnlySpan<byte> message)
    {
        if (message.IndexOf("\"response\":{"u8) >= 0)
        {
            Interlocked.Increment(ref _acknowledged);
            _changed.Beat();
            return;
        }

        lock (_gate)
        {
            var text = Encoding.UTF8.GetString(message);
            _connections[^1].Add(text);
            _frames.Add(text);
        }

        _changed.Beat();
    }
}

/// <summary>What the wires of one channel are asked for in the address.</summary>
internal static class WireQuery
{
    public static string Of(StreamPosition? since, ReaderFilter? filter) => string.Join('&', new[]
    {
        since is { } position ? $"since={position}" : null,
        filter is null ? null : $"filter={Uri.EscapeDataString(filter.Expression)}",
    }.Where(part => part is not null));
}
