using Tidewire.Client;
using Tidewire.Testing.UnusualWhales;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>How much a script does.</summary>
/// <param name="Rounds">Things that happen between two ends of the server.</param>
/// <param name="Lives">How often the server is started.</param>
/// <param name="Drops">The most times the provider ends a connection in one life: the third within a minute is answered by a long wait.</param>
/// <param name="HasFilters">Whether some readers have a filter.</param>
/// <param name="RepeatsFrames">Whether the provider says some frames again.</param>
/// <param name="Driver">A program that speaks the driver protocol, with its arguments, as one more reader; null for none.</param>
internal sealed record ScriptOptions(int Rounds, int Lives, int Drops, bool HasFilters, bool RepeatsFrames = true, IReadOnlyList<string>? Driver = null);

/// <summary>A day of provider, server and readers, made up from a seed: the same seed makes the same script.</summary>
internal sealed class ServerScript(int seed, ScriptOptions options, IServerHost host, FakeUnusualWhales provider)
{
    /// <summary>Frames that are none, and that change nothing of what is joined.</summary>
    private static readonly BadFrame[] Bad = [.. BadFrames.All.Where(frame => !frame.BreaksConnection && frame.Bytes.Length < 50_000 && frame.Reason is not (null or "channel_limit"))];

    private readonly Random _random = new(seed);
    private readonly List<Reader> _readers = [];
    private readonly List<string> _said = [];
    private int _drops;

    public ProviderModel Model { get; } = new(host.Time);

    public IReadOnlyList<Reader> Readers => _readers;

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<string> Steps => _said;

    /// <summary>Never cut off and never slow: the others are compared with it.</summary>
    private Reader Steady => _readers[0];

    public async Task RunAsync()
    {
        AddReaders();
        for (var life = 1; life <= options.Lives; life++)
        {
            await LiveAsync(life);
        }

        await EndAsync();
    }

    private void AddReaders()
    {
        var all = ScriptedChannel.All;
        _readers.Add(new TidewireReader("/api/ws steady", all, filter: null));
        _readers.Add(new TidewireReader("/api/ws", all, filter: null));
        _readers.Add(new EnvelopeReader("/api/stream/ws", all[_random.Next(2)], filter: null));
        _readers.Add(new EnvelopeReader("/api/stream/ws", all[2], filter: null));
        _readers.Add(new EventsReader("/api/stream/sse", all[_random.Next(2)], filter: null));
        _readers.Add(new EventsReader("/api/stream/sse", all[2 + _random.Next(2)], filter: null));
        _readers.Add(new PollReader("/api/stream/poll", all[_random.Next(2)], filter: null));
        _readers.Add(new PollReader("/api/stream/poll", all[2 + _random.Next(2)], filter: null));
        _readers.Add(new ProviderWireReader("/socket", all));
        _readers.Add(new ClientReader(".NET client", all, filter: null, Wire.WebSocket));
        _readers.Add(new ClientReader(".NET client over events", all, filter: null, Wire.ServerSentEvents));
        _readers.Add(new ClientReader(".NET client over polls", [all[_random.Next(2)], all[2 + _random.Next(2)]], filter: null, Wire.Polling));
        if (options.Driver is { } command)
        {
            _readers.Add(new DriverReader("driver", command, all, Model));
        }

        if (options.HasFilters)
        {
            _readers.Add(new ClientReader(".NET client filtered", all, ReaderFilter.All[0], Wire.WebSocket));
            foreach (var filter in ReaderFilter.All)
            {
                _readers.Add(new TidewireReader("/api/ws filtered", all, filter));
                _readers.Add(new EnvelopeReader("/api/stream/ws filtered", all[_random.Next(4)], filter));
                _readers.Add(new EventsReader("/api/stream/sse filtered", all[_random.Next(4)], filter));
                _readers.Add(new PollReader("/api/stream/poll filtered", all[_random.Next(4)], filter));
            }
        }
    }

    private async Task LiveAsync(int life)
    {
        Note(life == 1 ? "start" : "start again");
        Model.Begin("start");
        _drops = 0;
        await host.StartAsync();
        await Steady.ConnectAsync(host.Url);
        await FlowsAsync();
        foreach (var reader in _readers.Skip(1).Where(_ => life == 1 || _random.Next(2) == 0))
        {
            await reader.ConnectAsync(host.Url);
        }

        var storm = _random.Next(options.Rounds);
        for (var round = 0; round < options.Rounds; round++)
        {
            await (round == storm ? StormAsync() : RoundAsync());
        }

        if (life < options.Lives)
        {
            await KillAsync();
        }
    }

    private async Task RoundAsync()
    {
        await BurstAsync(_random.Next(1, 40));
        var reader = _readers[_random.Next(1, _readers.Count)];
        switch (_random.Next(100))
        {
            case < 20:
                Note($"cut {reader.Name}");
                await reader.CutAsync();
                break;
            case < 45:
                await ReturnAsync(_readers.Find(other => !other.IsConnected) ?? reader);
                break;
            case < 55:
                Note($"pause {reader.Name}");
                reader.Pause();
                break;
            case < 65:
                _readers.ForEach(other => other.Resume());
                break;
            case < 72 when reader is TidewireReader several:
                Note($"unsubscribe {reader.Name}");
                several.Unsubscribe(ScriptedChannel.All[_random.Next(4)]);
                break;
            case < 80:
                _readers.OfType<TidewireReader>().ToList().ForEach(several => several.SubscribeAgain());
                break;
            case < 90 when _drops < options.Drops:
                await DropAsync();
                break;
            case < 94:
                await MuteAsync();
                break;
            default:
                await SyncAsync([Steady]);
                break;
        }
    }

    /// <summary>A reader comes back, mostly with its last position, at times with one of some time ago.</summary>
    private async Task ReturnAsync(Reader reader)
    {
        if (reader.IsConnected)
        {
            return;
        }

        var earlier = _random.Next(5) == 0;
        Note($"{reader.Name} comes back{(earlier ? " with an earlier position" : "")}");
        await reader.ConnectAsync(host.Url, earlier ? journal => journal.Earlier(_random) : null);
    }

    /// <summary>The provider says some frames, some of them twice, with others between them that are none.</summary>
    private async Task BurstAsync(int count, Func<int, bool>? then = null)
    {
        provider.Misbehaviour.FragmentBytes = _random.Next(8) == 0 ? 9 : 0;
        for (var i = 0; i < count && then?.Invoke(i) != false; i++)
        {
            var channel = ScriptedChannel.All[_random.Next(4)];
            var sayings = Model.SayingsOf(channel.Name);
            var frame = options.RepeatsFrames && !channel.IsState && sayings.Count > 0 && _random.Next(12) == 0
                ? sayings[^(1 + _random.Next(Math.Min(5, sayings.Count)))].Frame
                : Model.Make(channel, _random);
            await Model.SayAsync(provider, frame);
            if (_random.Next(30) == 0 && provider.ConnectionsOpen > 0)
            {
                await BadAsync();
            }
        }

        provider.Misbehaviour.FragmentBytes = 0;
    }

    private async Task BadAsync()
    {
        try
        {
            await provider.SendAsync(Bad[_random.Next(Bad.Length)]);
        }
        catch (InvalidOperationException)
        {
            // The connection has just ended.
        }
    }

    /// <summary>Far more than a socket holds, while some do not read.</summary>
    private async Task StormAsync()
    {
        Note("storm");
        foreach (var reader in _readers.Skip(1).Where(_ => _random.Next(2) == 0))
        {
            reader.Pause();
        }

        foreach (var channel in (ScriptedChannel[])[ScriptedChannel.All[2], ScriptedChannel.All[_random.Next(4)]])
        {
            for (var i = 0; i < 1500; i++)
            {
                await Model.SayAsync(provider, Model.Make(channel, _random, pad: 1500));
            }
        }

        await SyncAsync([Steady]);
        _readers.ForEach(reader => reader.Resume());
    }

    private async Task DropAsync()
    {
        _drops++;
        var session = provider.ConnectionsAccepted;
        var parting = ((Parting[])[Parting.Reset, Parting.Finish, Parting.GoingAway])[_random.Next(3)];
        Note($"the provider ends the connection by {parting}");
        Model.Begin($"drop by {parting}");
        if (_random.Next(4) == 0 && host is ServerInProcess)
        {
            provider.Misbehaviour.RefusalsLeft = 1;
            provider.Misbehaviour.Refusal = Refusal.Unavailable;
        }

        await provider.PartAsync(parting);
        await BurstAsync(_random.Next(10)); // to no one, or to who has joined meanwhile
        await FlowsAsync();
        if (parting != Parting.Reset && parting != Parting.Finish)
        {
            Model.Certain(session); // the close came after all of it
        }
    }

    private async Task MuteAsync()
    {
        Note("mute");
        Model.Begin("mute");
        provider.Misbehaviour.Silent = true; // what is not said takes no number
        await ReturnAsync(_readers[_random.Next(1, _readers.Count)]);
        provider.Misbehaviour.Silent = false;
        await FlowsAsync();
    }

    /// <summary>The server ends in the middle of a burst.</summary>
    private async Task KillAsync()
    {
        Note("end of the server");
        Model.Begin("end of the server");
        var ending = Task.CompletedTask;
        var at = _random.Next(30);
        await BurstAsync(at + 10, i =>
        {
            ending = i == at ? host.EndAsync() : ending;
            return true;
        });
        await ending;
        foreach (var reader in _readers)
        {
            await reader.EndedAsync();
        }

        await provider.WaitForDisconnectAsync();
        await BurstAsync(_random.Next(5));
    }

    /// <summary>Waits until every channel is joined and shown.</summary>
    private async Task FlowsAsync()
    {
        foreach (var channel in ScriptedChannel.All)
        {
            await provider.WaitForJoinAsync(channel.Name);
        }

        await SyncAsync([Steady]);
        Model.End();
    }

    /// <summary>Says a frame on every channel that no filter rejects, and waits until it was shown.</summary>
    private async Task SyncAsync(IReadOnlyList<Reader> readers)
    {
        var frames = ScriptedChannel.All.Select(channel => Model.Make(channel, _random, ReaderFilter.SizeForAll)).ToArray();
        foreach (var frame in frames)
        {
            await Model.SayAsync(provider, frame);
        }

        foreach (var reader in readers)
        {
            await Task.WhenAll(frames.Select(frame => ShownAsync(reader, frame)));
        }
    }

    /// <summary>Waits until a reader was shown a frame; one that was closed for being slow comes back.</summary>
    private async Task ShownAsync(Reader reader, Frame frame)
    {
        var shown = reader.ShownAsync(frame);
        while (await Task.WhenAny(shown, reader.EndedAsync()) != shown)
        {
            await reader.ConnectAsync(host.Url);
        }

        await shown;
    }

    /// <summary>Everyone comes back and reads, and the provider has its last word.</summary>
    private async Task EndAsync()
    {
        Note("everyone comes back");
        foreach (var reader in _readers)
        {
            reader.Resume();
            if (!reader.IsConnected)
            {
                await reader.ConnectAsync(host.Url);
            }
        }

        _readers.OfType<TidewireReader>().ToList().ForEach(several => several.SubscribeAgain());
        await SyncAsync(_readers);
        foreach (var reader in _readers)
        {
            await reader.DisposeAsync();
        }
    }

    private void Note(string step) => _said.Add(step);
}
