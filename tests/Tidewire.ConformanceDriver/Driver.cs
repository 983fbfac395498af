using System.Globalization;
using System.Text.Json;
using Tidewire.Client;
using Tidewire.Protocol;

namespace Tidewire.ConformanceDriver;

/// <summary>The client under a script: what it is told to do, and what it says.</summary>
internal sealed class Driver : IAsyncDisposable
{
    private readonly EventWriter _events;
    private readonly TidewireClient _client;
    private readonly Dictionary<string, ChannelReader> _readers = [];
    private readonly Lock _gate = new();
    private string? _token;
    private int? _endedBy;

    public Driver(JsonElement start, EventWriter events)
    {
        _events = events;
        var options = start.TryGetProperty("options", out var given) ? given : default;
        _token = Text(options, "token");
        _client = new TidewireClient(new Uri(start.GetProperty("url").GetString()!), Options(options, _ => ValueTask.FromResult<string?>(Volatile.Read(ref _token))));
        _client.StateChanged += Tell;
        Tell(_client.State);
        if (start.TryGetProperty("subscriptions", out var subscriptions))
        {
            foreach (var subscription in subscriptions.EnumerateArray())
            {
                Subscribe(subscription);
            }
        }
    }

    /// <summary>Does what a command says. False when it says to stop.</summary>
    public async Task<bool> DoAsync(JsonElement command)
    {
        var channel = Text(command, "channel") ?? "";
        switch (Text(command, "do"))
        {
            case "subscribe":
                Subscribe(command);
                return true;
            case "unsubscribe":
                if (_readers.Remove(channel, out var left))
                {
                    await left.DisposeAsync();
                }

                return true;
            case "pause":
                _readers.GetValueOrDefault(channel)?.Pause();
                return true;
            case "resume":
                _readers.GetValueOrDefault(channel)?.Resume();
                return true;
            case "token":
                Volatile.Write(ref _token, Text(command, "token"));
                return true;
            case "stats":
                TellStatistics();
                return true;
            case "heap":
                var bytes = GC.GetTotalMemory(forceFullCollection: true);
                _events.Write("heap", json => json.WriteNumber("bytes", bytes));
                return true;
            case "stop":
                return false;
            default:
                await Console.Error.WriteLineAsync($"Unknown command: {command}");
                return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers.Values)
        {
            await reader.DisposeAsync();
        }

        await _client.DisposeAsync();
        if (_endedBy is null)
        {
            _events.Write("closed", static json => json.WriteNumber("code", 1000));
        }
    }

    private static TidewireClientOptions Options(JsonElement given, Func<CancellationToken, ValueTask<string?>> token)
    {
        var defaults = new TidewireClientOptions();
        return new TidewireClientOptions
        {
            Token = token,
            ReconnectDelay = Time("reconnectDelay", defaults.ReconnectDelay),
            MaxReconnectDelay = Time("maxReconnectDelay", defaults.MaxReconnectDelay),
            ReconnectBackoffMultiplier = Number("reconnectBackoffMultiplier") ?? defaults.ReconnectBackoffMultiplier,
            ConnectTimeout = Time("connectTimeout", defaults.ConnectTimeout),
            HeartbeatInterval = Time("heartbeatInterval", defaults.HeartbeatInterval),
            HeartbeatTimeout = Time("heartbeatTimeout", defaults.HeartbeatTimeout),
            UpgradeInterval = Time("upgradeInterval", defaults.UpgradeInterval),
            MaxQueueSize = (int)(Number("maxQueueSize") ?? defaults.MaxQueueSize),
        };

        double? Number(string name) => given.ValueKind == JsonValueKind.Object && given.TryGetProperty(name, out var value) ? value.GetDouble() : null;
        TimeSpan Time(string name, TimeSpan otherwise) => Number(name) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : otherwise;
    }

    private static string? Text(JsonElement item, string name) => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) ? value.GetString() : null;

    private void Subscribe(JsonElement wanted)
    {
        var channel = wanted.GetProperty("channel").GetString()!;
        var options = new SubscriptionOptions
        {
            Since = wanted.TryGetProperty("since", out var since) ? new StreamPosition(since.GetProperty("epoch").GetString()!, since.GetProperty("offset").GetInt64()) : null,
            Filter = Text(wanted, "filter"),
            History = wanted.TryGetProperty("history", out var history) ? history.GetInt32() : 0,
            MaxRate = wanted.TryGetProperty("maxRate", out var rate) && rate.GetDouble() > 0 ? rate.GetDouble() : null,
        };
        _readers[channel] = new ChannelReader(channel, _client.SubscribeEntries(channel, options), Tell, Failed);
    }

    private void Failed(TidewireException why)
    {
        var isWhole = why.Number is >= 1000;
        lock (_gate)
        {
            if (isWhole && _endedBy is not null)
            {
                return; // every subscription is told; one event is enough
            }

            _endedBy = isWhole ? why.Number : _endedBy;
        }

        _events.Write("error", json =>
        {
            Code(json, why);
            json.WriteString("message", why.Message);
        });
        if (isWhole)
        {
            _events.Write("closed", json => Code(json, why));
        }
    }

    private static void Code(Utf8JsonWriter json, TidewireException why)
    {
        if (why.Number is { } number)
        {
            json.WriteNumber("code", number);
        }
        else
        {
            json.WriteString("code", why.Code);
        }
    }

    private void Tell(ClientState state) => _events.Write("state", json =>
    {
        json.WriteString("state", state.Phase.ToString().ToLowerInvariant());
        json.WriteString("wire", WireOf(state.Wire));
        json.WriteNumber("attempt", state.Attempt);
        if (state.RetryAt is { } at)
        {
            json.WriteString("retryAt", at.ToString("O", CultureInfo.InvariantCulture));
        }
    });

    private void Tell(Entry entry)
    {
        switch (entry)
        {
            case Subscribed subscribed:
                _events.Write("subscribed", json =>
                {
                    At(json, entry, subscribed.Position);
                    json.WriteBoolean("recovered", subscribed.IsRecovered);
                });
                break;
            case Reset reset:
                _events.Write("reset", json =>
                {
                    At(json, entry, reset.Position);
                    json.WriteString("reason", reset.Reason);
                });
                break;
            case Missed missed:
                _events.Write("missed", json =>
                {
                    json.WriteString("channel", entry.Channel);
                    json.WriteString("reason", "missed");
                    json.WriteNumber("from", missed.From);
                    json.WriteNumber("to", missed.To);
                });
                break;
            case Gap gap:
                _events.Write("gap", json => Write(json, gap));
                break;
            case Publication publication:
                _events.Write("publication", json => Write(json, publication));
                break;
        }
    }

    private static void At(Utf8JsonWriter json, Entry entry, StreamPosition position)
    {
        json.WriteString("channel", entry.Channel);
        json.WriteString("epoch", position.Epoch);
        json.WriteNumber("offset", position.Offset);
    }

    private static void Write(Utf8JsonWriter json, Publication publication)
    {
        At(json, publication, publication.Position);
        json.WriteString("timestamp", MessageWriter.Instant(publication.ReceivedAt));
        Counts(json, publication.Merged, publication.Filtered);
        if (publication.Replaces is { } replaces)
        {
            json.WriteNumber("replaces", replaces);
        }

        json.WriteString("source", publication.Source);
        json.WritePropertyName("data");
        json.WriteRawValue(publication.Payload.Span);
    }

    private static void Write(Utf8JsonWriter json, Gap gap)
    {
        At(json, gap, gap.Position);
        Counts(json, gap.Merged, gap.Filtered);
        json.WriteString("from_time", MessageWriter.Instant(gap.From));
        json.WriteString("to_time", MessageWriter.Instant(gap.To));
        json.WriteString("reason", gap.Reason);
        if (gap.Count is { } count)
        {
            json.WriteNumber("count", count);
        }
        else
        {
            json.WriteNull("count");
        }

        json.WriteBoolean("backfilled", gap.IsBackfilled);
    }

    private static void Counts(Utf8JsonWriter json, long merged, long filtered)
    {
        if (merged > 0)
        {
            json.WriteNumber("merged", merged);
        }

        if (filtered > 0)
        {
            json.WriteNumber("filtered", filtered);
        }
    }

    private void TellStatistics()
    {
        var statistics = _client.GetStatistics();
        _events.Write("stats", json =>
        {
            json.WriteBoolean("connected", statistics.IsConnected);
            json.WriteBoolean("reconnecting", statistics.IsReconnecting);
            json.WriteNumber("reconnectAttempts", statistics.ReconnectAttempts);
            json.WriteNumber("messagesReceived", statistics.MessagesReceived);
            json.WriteNumber("messagesSent", statistics.MessagesSent);
            json.WriteNumber("updatesApplied", statistics.UpdatesApplied);
            json.WriteNumber("reconnects", statistics.Reconnects);
            json.WriteNumber("errors", statistics.Errors);
            json.WriteStartArray("subscriptions");
            foreach (var channel in statistics.Subscriptions)
            {
                json.WriteStringValue(channel);
            }

            json.WriteEndArray();
            json.WriteNumber("queueSize", statistics.QueueSize);
            json.WriteNumber("pendingUpdates", statistics.PendingUpdates);
            json.WriteNumber("cacheSize", statistics.CacheSize);
            json.WriteNumber("duplicates", statistics.Duplicates);
            json.WriteString("wire", WireOf(statistics.Wire));
            Measured(json, "roundTripMs", statistics.RoundTripMs);
            Measured(json, "clockSkewMs", statistics.ClockSkewMs);
            Measured(json, "lagMs", statistics.LagMs);
            json.WriteString("lastMessageTime", statistics.LastMessageTime?.ToString("O", CultureInfo.InvariantCulture));
        });
    }

    private static void Measured(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string WireOf(Wire wire) => wire switch { Wire.WebSocket => "websocket", Wire.ServerSentEvents => "sse", _ => "poll" };
}
