using System.Net;
using System.Text.Json;
using Tidewire.Protocol;
using Tidewire.Testing;
using Tidewire.Testing.Clients;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>What the readers over plain HTTP share: a loop that reads until the connection ends, and that can be held up.</summary>
internal abstract class HttpReader(string name, ScriptedChannel channel, ReaderFilter? filter) : Reader(name)
{
    private volatile TaskCompletionSource? _paused;
    private Task _reading = Task.CompletedTask;

    public override IReadOnlyList<Journal> Journals => [Journal];

    public override bool IsConnected => !_reading.IsCompleted;

    protected Journal Journal { get; } = new(name, channel, filter);

    protected ScriptedChannel Channel => channel;

    protected ReaderFilter? Filter => filter;

    /// <summary>Completed while it may read.</summary>
    protected Task MayRead => _paused?.Task ?? Task.CompletedTask;

    public override async Task CutAsync()
    {
        Abort();
        Resume();
        await _reading.WithinBound($"{Name} to end");
    }

    public override Task EndedAsync()
    {
        Resume();
        return _reading.WithinBound($"the server to end {Name}");
    }

    public override void Pause() => _paused ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Resume() => Interlocked.Exchange(ref _paused, null)?.TrySetResult();

    protected void Begin(Func<Task> reading) => _reading = Task.Run(reading);

    /// <summary>Breaks what it has open.</summary>
    protected abstract void Abort();
}

/// <summary><c>/api/stream/sse/{feed}</c>; resumes by its last event's id, as a browser does.</summary>
internal sealed class EventsReader(string name, ScriptedChannel channel, ReaderFilter? filter) : HttpReader(name, channel, filter)
{
    private SseClient? _client;

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        await CutAsync();
        var asked = since is null ? Journal.Position : since(Journal);
        var client = await SseClient.ConnectAsync(server, $"/api/stream/sse/{Channel.Route}?history=1&{WireQuery.Of(null, Filter)}", asked?.ToString(), socketBufferBytes: 16 << 10);
        if (client.Response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidDataException($"{Name} was refused with {(int)client.Response.StatusCode}: {await client.RefusalAsync()}");
        }

        _client = client;
        Begin(() => ReadAsync(client, asked));
    }

    protected override void Abort() => _client?.Abort();

    private async Task ReadAsync(SseClient client, StreamPosition? asked)
    {
        await using var open = client;
        while (await client.NextOrEndAsync() is { } read)
        {
            Take(read, asked);
            await MayRead;
        }
    }

    private void Take(ServerSentEvent read, StreamPosition? asked)
    {
        if (read.Id is null || !StreamPosition.TryParse(read.Id, out var at))
        {
            return; // the closing message
        }

        using var json = read.Data is null ? null : JsonDocument.Parse(read.Data);
        if (read.Retry is not null)
        {
            Journal.Add(json is null ? new Note.Began(asked, at, asked is null ? null : true) : Confirmed(json.RootElement, asked));
        }
        else if (json is null)
        {
            Journal.Add(new Note.Told(at, 0, 0));
        }
        else
        {
            Read(Journal, json.RootElement, at.Epoch);
            if (Journal.Position != at)
            {
                throw new InvalidDataException($"{Name} was given the id {at} with {read.Data}");
            }
        }
    }
}

/// <summary><c>/api/stream/poll/{feed}</c>: asks again and again.</summary>
internal sealed class PollReader(string name, ScriptedChannel channel, ReaderFilter? filter) : HttpReader(name, channel, filter)
{
    private CancellationTokenSource _cut = new();

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        await CutAsync();
        _cut.Dispose();
        _cut = new CancellationTokenSource();
        var from = since is null ? Journal.Position : since(Journal);
        Begin(() => ReadAsync(server, from, _cut.Token));
    }

    protected override void Abort() => _cut.Cancel();

    private async Task ReadAsync(Uri server, StreamPosition? from, CancellationToken cut)
    {
        await using var client = new PollClient(server, Channel.Route) { Position = from?.ToString() };
        var where = Filter is null ? "" : $"&{WireQuery.Of(null, Filter)}";
        while (!cut.IsCancellationRequested)
        {
            PollAnswer answer;
            var asked = client.Position is { } text && StreamPosition.TryParse(text, out var position) ? position : (StreamPosition?)null;
            try
            {
                answer = await client.NextAsync($"wait=10&limit=1000&history=1{where}", cut);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }

            if (answer.Status == HttpStatusCode.ServiceUnavailable)
            {
                return; // the server stops
            }

            Take(answer, asked);
            await MayRead;
        }
    }

    private static long CountOf(JsonElement item, string name) => item.TryGetProperty(name, out var count) ? count.GetInt64() : 0;

    private void Take(PollAnswer answer, StreamPosition? asked)
    {
        var told = answer.Body.GetProperty("position");
        var at = new StreamPosition(told.GetProperty("epoch").GetString()!, told.GetProperty("offset").GetInt64());
        if (asked is null || !answer.Recovered)
        {
            // Where it begins is said by the first entry, when there is one.
            var before = answer.Messages is [var first, ..] ? at with { Offset = first.GetProperty("offset").GetInt64() - 1 - CountOf(first, "merged") - CountOf(first, "filtered") } : at;
            Journal.Add(new Note.Began(asked, before, asked is null ? null : answer.Recovered, answer.Body.TryGetProperty("reason", out var reason) ? reason.GetString() : null));
        }
        else if (asked != Journal.Position)
        {
            Journal.Add(new Note.Began(asked, asked, true));
        }

        foreach (var item in answer.Messages)
        {
            Read(Journal, item, at.Epoch);
        }

        if (Journal.Position != at)
        {
            Journal.Add(new Note.Told(at, Merged: null, Filtered: null));
        }
    }
}
