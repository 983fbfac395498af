using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.Wires;

/// <summary>The wires, in the order of the table.</summary>
internal enum Wire
{
    Many,
    Stream,
    Events,
    Poll,
    Socket,
}

/// <summary>
/// One channel read on all wires at once: that each gives what the others give, byte for byte, in order and without a hole.
/// It reads until it has <see cref="Enough"/> publications that every wire gave, or is stopped.
/// </summary>
internal sealed class FeedRow(ServerUnderTest server, Feed feed, string? symbol) : IAsyncDisposable
{
    /// <summary>Publications that every Tidewire wire gave, after which a busy feed need not be read on.</summary>
    private const int Enough = 50;

    private const int History = 50;
    private const int MostFrames = 500;
    private const int TidewireWires = (int)Wire.Socket;

    private static readonly TimeSpan StillThere = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Cell[] _cells = [.. Enum.GetValues<Wire>().Select(_ => new Cell())];
    private readonly Dictionary<long, Publication> _publications = [];
    private readonly List<string> _frames = [];
    private readonly List<IAsyncDisposable> _clients = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly TaskCompletionSource _hasData = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _isConnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private int _connected;
    private int _common;
    private bool _isHeldAgainstLog;

    public Feed Feed => feed;

    /// <summary>The canonical channel, which is also the provider's form.</summary>
    public string Channel { get; } = symbol is null ? feed.Name : $"{feed.Name}:{symbol}";

    /// <summary>Frames that the provider is known to have sent, where the test sent them itself; else those that the server took.</summary>
    public IReadOnlyCollection<string>? Sent { get; set; }

    /// <summary>Completes when every wire is about to read.</summary>
    public Task IsConnected => _isConnected.Task;

    /// <summary>Completes when every wire gave something, or when one is broken.</summary>
    public Task HasDataOrFault => _hasData.Task;

    /// <summary>The row of the table.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{string.Join("  ", Enum.GetValues<Wire>().Select(wire => $"{Name(wire)} {(wire == Wire.Socket && feed.Origin != FeedOrigin.Join ? "refused" : _cells[(int)wire].Count)}"))}  in common {_common}");
            }
        }
    }

    private bool IsOnSocket => feed.Origin == FeedOrigin.Join;

    public static string Name(Wire wire) => wire switch
    {
        Wire.Many => "/api/ws",
        Wire.Stream => "/api/stream/ws",
        Wire.Events => "sse",
        Wire.Poll => "poll",
        _ => "/socket",
    };

    /// <summary>Connects all wires and begins to read.</summary>
    public void Start() => _reading = Task.WhenAll(
        ReadAsync(Wire.Many, ManyAsync), ReadAsync(Wire.Stream, StreamAsync), ReadAsync(Wire.Events, EventsAsync), ReadAsync(Wire.Poll, PollAsync), ReadAsync(Wire.Socket, SocketAsync));

    /// <summary>Stops reading.</summary>
    public async Task StopAsync()
    {
        await _stopped.CancelAsync();
        List<IAsyncDisposable> clients;
        lock (_gate)
        {
            clients = [.. _clients];
            _clients.Clear();
        }

        clients.ForEach(Abort);
        await _reading;
        lock (_gate)
        {
            if (!_isHeldAgainstLog)
            {
                _isHeldAgainstLog = true;
                HoldAgainstLog(); // now: the log of a busy channel soon has no room for what was read here
            }
        }

        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    /// <summary>What is wrong with each cell that is not green. After <see cref="StopAsync"/>.</summary>
    public IReadOnlyDictionary<Wire, string> Faults()
    {
        lock (_gate)
        {
            var faults = new Dictionary<Wire, string>();
            foreach (var wire in Enum.GetValues<Wire>())
            {
                var cell = _cells[(int)wire];
                if ((cell.Fault ?? (cell.Count == 0 && (wire != Wire.Socket || IsOnSocket) ? "nothing came" : null)) is { } fault)
                {
                    faults.Add(wire, fault);
                }
            }

            if (faults.Count == 0 && _common == 0)
            {
                faults.Add(Wire.Many, "no publication came on all wires: " + string.Join(", ", _publications.OrderBy(one => one.Key).Take(20).Select(one => $"{one.Key} on {string.Join(" and ", one.Value.Wires.Select(Name))}")));
            }

            return faults;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopped.Dispose();
    }

    private async Task ManyAsync()
    {
        var client = Keep(await TidewireClient.ConnectAsync(server.Url));
        await client.SubscribeAsync(feed.Name, symbol, History);
        while (true)
        {
            var item = await client.NextAsync();
            switch (item.GetProperty("type").GetString())
            {
                case "connection":
                    break;
                case "subscription":
                    Begin(Wire.Many, item.GetProperty("channel").GetString(), item.GetProperty("offset").GetInt64());
                    break;
                case "history":
                    foreach (var message in item.GetProperty("messages").EnumerateArray())
                    {
                        Take(Wire.Many, message, PayloadOf(message), isPast: true);
                    }

                    break;
                case "position":
                    Position(Wire.Many, item);
                    break;
                case "gap":
                    Take(Wire.Many, item, payload: null);
                    break;
                default:
                    Take(Wire.Many, item, PayloadOf(item));
                    break;
            }
        }
    }

    private async Task StreamAsync()
    {
        var client = Keep(await StreamClient.ConnectAsync(server.Url, PathOf(feed.Route), history: History));
        Begin(Wire.Stream, Channel, null);
        while (true)
        {
            Envelope(Wire.Stream, await client.NextAsync());
        }
    }

    private async Task EventsAsync()
    {
        var client = Keep(await SseClient.ConnectAsync(server.Url, $"/api/stream/sse/{PathOf(feed.Route)}?history={History}"));
        Begin(Wire.Events, Channel, null);
        while (await client.NextOrEndAsync() is { } read)
        {
            if (read.Data is { } data)
            {
                using var json = JsonDocument.Parse(data);
                Require(read.Id is not null && read.Offset == json.RootElement.GetProperty("offset").GetInt64(), () => $"the id {read.Id} is not that of {data}");
                Require(read.Event == (json.RootElement.TryGetProperty("type", out var type) ? type.GetString() : "message"), () => $"the event {read.Event} has the data {data}");
                Envelope(Wire.Events, json.RootElement);
            }
        }

        throw new InvalidDataException("the stream of events ended");
    }

    private async Task PollAsync()
    {
        var client = Keep(new PollClient(server.Url, PathOf(feed.Aliases.Count > 0 ? feed.Aliases[0] : feed.Name)));
        var query = $"history={History}";
        while (true)
        {
            var answer = await client.NextAsync(query, _stopped.Token);
            Require(answer.Status == System.Net.HttpStatusCode.OK, () => $"{(int)answer.Status}: {answer.Body.GetRawText()}");
            if (query[0] == 'h')
            {
                Begin(Wire.Poll, answer.Body.GetProperty("channel").GetString(), null);
            }
            else
            {
                Require(answer.Recovered, () => $"a poll was not resumed: {answer.Body.GetRawText()[..200]}");
            }

            foreach (var message in answer.Messages)
            {
                Envelope(Wire.Poll, message);
            }

            query = "wait=5";
        }
    }

    private async Task SocketAsync()
    {
        var client = Keep(await UnusualWhalesClient.ConnectAsync(server.Url));
        var acknowledged = $$"""["{{Channel}}",{"response":{},"status":"ok"}]""";
        await client.JoinAsync(Channel);
        var first = await client.NextTextAsync();
        if (IsOnSocket)
        {
            Require(first == acknowledged, () => $"the join was answered with {first}");
        }
        else
        {
            using var answer = JsonDocument.Parse(first);
            Require(
                answer.RootElement[0].GetString() == Channel && answer.RootElement[1].GetProperty("status").GetString() == "error"
                    && answer.RootElement[1].GetProperty("response").GetProperty("reason").GetString() is { Length: > 0 },
                () => $"the join was answered with {first}");
        }

        Begin(Wire.Socket, Channel, null);

        // Nothing comes on a quiet channel of this wire; an answer now and then shows that it is open.
        using var again = TimeProvider.System.CreateTimer(_ => _ = AskAgainAsync(), null, StillThere, StillThere);
        while (true)
        {
            var text = await client.NextTextAsync();
            if (text != first)
            {
                Frame(text);
            }
        }

        async Task AskAgainAsync()
        {
            try
            {
                await client.JoinAsync(Channel);
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                // Whoever reads is told.
            }
        }
    }

    private void Frame(string text)
    {
        using var json = JsonDocument.Parse(text);
        lock (_gate)
        {
            var cell = _cells[(int)Wire.Socket];
            Require(IsOnSocket, () => $"what the provider's socket does not have came all the same: {text}");
            Require(json.RootElement.GetArrayLength() == 2 && json.RootElement[0].GetString() == Channel && json.RootElement[1].ValueKind == JsonValueKind.Object, () => $"no frame of the channel: {text}");
            Require(!server.Hub.Simulated || text == $"[\"{Channel}\",{json.RootElement[1].GetRawText()}]", () => $"not as the simulated provider writes it: {text}");
            cell.Count++;
            if (_frames.Count < MostFrames)
            {
                _frames.Add(text);
            }

            Look();
        }
    }

    private void Envelope(Wire wire, JsonElement item)
    {
        switch (item.TryGetProperty("type", out var type) ? type.GetString() : null)
        {
            case null:
                Take(wire, item, item.GetProperty("data").GetRawText());
                break;
            case "position":
                Position(wire, item);
                break;
            case "gap":
                Take(wire, item, payload: null);
                break;
            case var other:
                throw new InvalidDataException($"an object of type {other}: {item.GetRawText()}");
        }
    }

    /// <summary>One entry of the channel, as a wire gave it.</summary>
    private void Take(Wire wire, JsonElement item, string? payload, bool isPast = false)
    {
        lock (_gate)
        {
            var cell = _cells[(int)wire];
            var offset = item.GetProperty("offset").GetInt64();
            var merged = item.TryGetProperty("merged", out var more) ? more.GetInt64() : 0;
            Require(item.GetProperty("channel").GetString() == Channel, () => $"the channel is not {Channel}: {item.GetRawText()}");
            Require(merged == 0 || (merged > 0 && feed.Class == FeedClass.State), () => $"merged, but the feed is of events: {item.GetRawText()}");
            if (isPast)
            {
                Require(offset <= cell.Last, () => $"the past goes beyond the position {cell.Last}: {item.GetRawText()}");
            }
            else
            {
                Require(cell.Last is not { } last || offset == last + 1 + merged, () => $"after {cell.Last} came {offset} with {merged} merged: {item.GetRawText()}");
                cell.Last = offset;
            }

            if (payload is null)
            {
                return;
            }

            cell.Count++;
            if (!_publications.TryGetValue(offset, out var publication))
            {
                _publications[offset] = publication = new();
            }

            if (publication.Add(wire, payload) && publication.Wires.Count() == TidewireWires)
            {
                _common++;
            }

            Look();
        }
    }

    private void Position(Wire wire, JsonElement item)
    {
        lock (_gate)
        {
            var cell = _cells[(int)wire];
            var offset = item.GetProperty("offset").GetInt64();
            Require(item.GetProperty("channel").GetString() == Channel && (cell.Last is null || cell.Last == offset), () => $"after {cell.Last} came {item.GetRawText()}");
            cell.Last = offset;
        }
    }

    private void Begin(Wire wire, string? channel, long? offset)
    {
        lock (_gate)
        {
            Require(channel == Channel, () => $"the channel is not {Channel}: {channel}");
            _cells[(int)wire].Last = offset;
            if (++_connected == _cells.Length)
            {
                _isConnected.TrySetResult();
            }
        }
    }

    /// <summary>What every wire gave, against the log it was given from: a frame that the log did not take as one must not come on <c>/socket</c>.</summary>
    private void HoldAgainstLog()
    {
        Assert.True(ChannelName.TryParse(Channel, out var name));
        if (!server.Hub.TryGet(name, out var log))
        {
            return;
        }

        var entries = log.Recent(int.MaxValue).Where(entry => entry.Gap is null).ToList();
        var payloads = entries.ToDictionary(entry => entry.Offset, entry => Encoding.UTF8.GetString(entry.Payload));
        foreach (var (offset, publication) in _publications)
        {
            foreach (var (wire, payload) in publication.Given)
            {
                // What the log has no room for any more can only be compared with the other wires.
                var taken = payloads.GetValueOrDefault(offset) ?? publication.Given.First().Payload;
                if (payload != taken)
                {
                    Break(wire, $"publication {offset} is not what was taken from the provider: {Difference(payload, taken)}");
                }
            }
        }

        var sent = Sent ?? [.. entries.Where(entry => !entry.Frame.IsEmpty).Select(entry => Encoding.UTF8.GetString(entry.Frame))];
        var places = sent.Select((frame, place) => (frame, place)).GroupBy(pair => pair.frame).ToDictionary(same => same.Key, same => same.Select(pair => pair.place).ToList());
        var before = -1;
        foreach (var frame in _frames)
        {
            if (!places.TryGetValue(frame, out var at))
            {
                Break(Wire.Socket, $"the provider never sent this frame: {frame}");
                return;
            }

            // Of frames that are the same the next one is meant; where there is none, the order is broken.
            var next = at.FindIndex(place => place > before);
            if (next < 0)
            {
                Break(Wire.Socket, $"out of the provider's order: {frame}");
                return;
            }

            before = at[next];
        }
    }

    private void Break(Wire wire, string fault) => _cells[(int)wire].Fault ??= fault.Length > 600 ? fault[..600] + "…" : fault;

    // Called under the gate.
    private void Look()
    {
        if (_common > 0 && (!IsOnSocket || _cells[(int)Wire.Socket].Count > 0))
        {
            _hasData.TrySetResult();
            if (_common >= Enough)
            {
                _ = StopAsync();
            }
        }
    }

    private async Task ReadAsync(Wire wire, Func<Task> read)
    {
        try
        {
            await Task.Run(read);
        }
        catch (Exception exception) when (_stopped.IsCancellationRequested && IsEnd(exception))
        {
            // Stopped reading.
        }
        catch (Exception exception) when (IsEnd(exception) || exception is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException or TimeoutException)
        {
            lock (_gate)
            {
                Break(wire, exception.Message);
            }

            _isConnected.TrySetResult();
            _hasData.TrySetResult();
        }
    }

    private T Keep<T>(T client)
        where T : IAsyncDisposable
    {
        lock (_gate)
        {
            if (!_stopped.IsCancellationRequested)
            {
                _clients.Add(client);
                return client;
            }
        }

        Abort(client);
        throw new OperationCanceledException("stopped before it was connected");
    }

    private string PathOf(string first) => symbol is null ? first : $"{first}/{symbol}";

    /// <summary>The payload in a message of <c>/api/ws</c>: in <c>data</c>, or its fields at the top between the type and the time of receipt.</summary>
    private string PayloadOf(JsonElement message)
    {
        if (feed.MessageType is null)
        {
            return message.GetProperty("data").GetRawText();
        }

        var text = message.GetRawText();
        var head = $$"""{"type":"{{feed.MessageType}}",""";
        var end = text.LastIndexOf(",\"timestamp\":", StringComparison.Ordinal);
        Require(text.StartsWith(head, StringComparison.Ordinal) && end > head.Length, () => $"no message of type {feed.MessageType}: {text}");
        return $"{{{text[head.Length..end]}}}";
    }

    private static bool IsEnd(Exception exception) => exception
        is ConnectionEndedException or OperationCanceledException or IOException or ObjectDisposedException or HttpRequestException or System.Net.WebSockets.WebSocketException or InvalidDataException;

    private static void Abort(IAsyncDisposable client)
    {
        (client as TestClient)?.Abort();
        (client as SseClient)?.Abort();
    }

    /// <summary>The place at which two texts begin to differ.</summary>
    private static string Difference(string came, string taken)
    {
        var at = came.AsSpan().CommonPrefixLength(taken);
        string Around(string text) => text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 60)];
        return $"after {at} characters, …{Around(came)}… for …{Around(taken)}…";
    }

    private static void Require(bool holds, Func<string> otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise());
        }
    }

    /// <summary>A publication as each wire gave it.</summary>
    private sealed class Publication
    {
        private readonly string?[] _payloads = new string?[TidewireWires];

        public IEnumerable<Wire> Wires => Given.Select(given => given.Wire);

        public IEnumerable<(Wire Wire, string Payload)> Given => _payloads.Select((payload, wire) => ((Wire)wire, payload)).Where(given => given.payload is not null)!;

        /// <summary>Adds what a wire gave. False when it had given it before, in its past.</summary>
        public bool Add(Wire wire, string payload)
        {
            var isNew = _payloads[(int)wire] is null;
            _payloads[(int)wire] ??= payload;
            return isNew;
        }
    }

    private sealed class Cell
    {
        public int Count { get; set; }

        /// <summary>The offset that was given last, or after which the wire begins.</summary>
        public long? Last { get; set; }

        public string? Fault { get; set; }
    }
}
