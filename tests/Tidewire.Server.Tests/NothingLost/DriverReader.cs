using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tidewire.Protocol;
using Tidewire.Testing;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>
/// An SDK of any language as a process that speaks the driver protocol of tests/conformance. It reads the event channels only,
/// unfiltered: the protocol has no word for a position that moved on without an entry. Payloads are known by their number,
/// since a language may spell JSON in its own way.
/// </summary>
internal sealed class DriverReader(string name, IReadOnlyList<string> command, IReadOnlyList<ScriptedChannel> channels, ProviderModel model) : Reader(name)
{
    private readonly Relay _door = new();
    private readonly Pulse _begun = new();
    private readonly Dictionary<string, Journal> _journals = channels.Where(static channel => !channel.IsState).ToDictionary(static channel => channel.Name, channel => new Journal(name, channel, filter: null));
    private readonly HashSet<Journal> _confirmed = [];
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    public override IReadOnlyList<Journal> Journals => [.. _journals.Values];

    public override bool IsConnected => _door.IsOpen;

    public override async Task ConnectAsync(Uri server, Func<Journal, StreamPosition?>? since = null)
    {
        if (since is not null || _process is null)
        {
            await LeaveAsync();
            Start(since);
        }

        _door.Open(server);
        await _begun.UntilAsync(() => _confirmed.Count == _journals.Count || _reading.IsCompleted || !IsConnected, () => $"{Name} to be confirmed");
        if (_reading.IsFaulted)
        {
            await _reading;
        }

    }

    public override Task CutAsync()
    {
        _door.Shut(); // what is in its pipe is noted all the same: it was shown to it before
        return _reading.IsFaulted ? _reading : Task.CompletedTask;
    }

    public override Task EndedAsync() => _door.UntilGoneAsync();

    public override void Pause() => Tell("pause");

    public override void Resume() => Tell("resume");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await LeaveAsync();
        await _door.DisposeAsync();
    }

    private void Start(Func<Journal, StreamPosition?>? since)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        var subscriptions = _journals.Values.Select(journal => (since is null ? journal.Position : since(journal)) is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"{{\"channel\":\"{journal.Channel.Name}\",\"since\":{{\"epoch\":\"{at.Epoch}\",\"offset\":{at.Offset}}}}}")
            : $$"""{"channel":"{{journal.Channel.Name}}"}""");
        _process.StandardInput.WriteLine($$"""{"url":"{{_door.Url.ToString().TrimEnd('/')}}","options":{"reconnectDelay":50,"maxReconnectDelay":200,"upgradeInterval":1000,"maxQueueSize":200},"subscriptions":[{{string.Join(',', subscriptions)}}]}""");
        _reading = ReadAsync(_process);
    }

    private async Task LeaveAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.StandardInput.Close();
            await _reading.WithinBound($"{Name} to end");
            await process.WaitForExitAsync().WithinBound($"{Name} to exit");
            process.Dispose();
        }
    }

    private void Tell(string what)
    {
        try
        {
            foreach (var channel in _journals.Keys)
            {
                _process?.StandardInput.WriteLine($$"""{"do":"{{what}}","channel":"{{channel}}"}""");
            }
        }
        catch (IOException exception)
        {
            throw new InvalidDataException($"{Name} has ended by itself: {string.Join(' ', command)}", exception);
        }
    }

    private async Task ReadAsync(Process process)
    {
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                using var json = JsonDocument.Parse(line);
                Take(json.RootElement);
            }
        }
        finally
        {
            _begun.Beat();
        }
    }

    private void Take(JsonElement item)
    {
        var kind = item.GetProperty("event").GetString();
        // An error that is told is no end: connections fail here all the time, and an SDK may say so. Its end is.
        if (kind == "missed" || (kind == "closed" && _process is not null))
        {
            throw new InvalidDataException($"{Name} said: {item}");
        }

        if (!item.TryGetProperty("channel", out var named) || !_journals.TryGetValue(named.GetString()!, out var journal))
        {
            return;
        }

        switch (kind)
        {
            case "subscribed":
                var at = new StreamPosition(item.GetProperty("epoch").GetString()!, item.GetProperty("offset").GetInt64());
                var recovered = item.GetProperty("recovered").GetBoolean();
                journal.Add(new Note.Began(recovered ? at : null, at, recovered ? true : null));
                lock (_confirmed)
                {
                    _confirmed.Add(journal);
                }

                _begun.Beat();
                break;
            case "publication":
                var number = item.GetProperty("data").GetProperty("n").GetInt64();
                var payload = model.SayingsOf(journal.Channel.Name).FirstOrDefault(saying => saying.Frame.Number == number)?.Frame.Payload
                    ?? throw new InvalidDataException($"{Name} was shown what was never said: {item}");
                journal.Add(new Note.Shown(PositionOf(journal, item), Count(item, "merged"), Count(item, "filtered"), payload, Gap: null));
                break;
            case "gap":
                journal.Add(new Note.Shown(PositionOf(journal, item), Count(item, "merged"), Count(item, "filtered"), Payload: null, new SeenGap(
                    Time(item, "from_time", "fromTime"), Time(item, "to_time", "toTime"), item.GetProperty("reason").GetString()!)));
                break;
        }
    }

    private static StreamPosition PositionOf(Journal journal, JsonElement item) => new(
        item.TryGetProperty("epoch", out var epoch) && epoch.ValueKind == JsonValueKind.String ? epoch.GetString()! : journal.Position!.Value.Epoch,
        item.GetProperty("offset").GetInt64());

    private static DateTimeOffset Time(JsonElement item, string name, string other) => (item.TryGetProperty(name, out var time) ? time : item.GetProperty(other)).GetDateTimeOffset();

    private static long Count(JsonElement item, string name) => item.TryGetProperty(name, out var count) ? count.GetInt64() : 0;
}
