using System.Text;
using Tidewire.Fanout;

namespace Tidewire.Server.Tests.NothingLost;

/// <summary>Dozens of lives of the engine over one store, made up from a seed. Most end in a crash.</summary>
/// <param name="seed">The same seed makes the same script.</param>
/// <param name="lives">How many.</param>
/// <param name="hasFilters">Whether some readers have a filter.</param>
/// <param name="engine">The engine.</param>
/// <param name="time">Its clock.</param>
internal sealed class EngineScript(int seed, int lives, bool hasFilters, Engine engine, TimeProvider time)
{
    private readonly Random _random = new(seed);
    private readonly List<EngineReader> _readers = [];
    private readonly List<string> _steps = [];
    private bool _joined;
    private bool _halted;

    public ProviderModel Model { get; } = new(time);

    public IReadOnlyList<EngineReader> Readers => _readers;

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<string> Steps => _steps;

    public int Crashes { get; private set; }

    private EngineReader Steady => _readers[0];

    public async Task RunAsync()
    {
        _readers.AddRange(Enumerable.Range(0, 5).Select(i => new EngineReader(i == 0 ? "steady" : $"reader {i}", ScriptedChannel.All, filter: null)));
        if (hasFilters)
        {
            _readers.AddRange(ReaderFilter.All.Select(filter => new EngineReader($"filtered {filter.Expression}", ScriptedChannel.All, filter)));
        }

        for (var life = 1; life <= lives; life++)
        {
            await LiveAsync();
            if (life < lives)
            {
                await EndAsync(crash: _random.Next(10) > 0);
            }
        }

        await FinishAsync();
        engine.Close();
    }

    private async Task LiveAsync()
    {
        Note("start");
        Model.Begin("start");
        engine.Start();
        (_joined, _halted) = (false, false);
        Steady.Connect(engine.Hub);
        foreach (var reader in _readers.Skip(1).Where(_ => _random.Next(3) > 0))
        {
            reader.Connect(engine.Hub);
        }

        Say(_random.Next(3)); // to no one
        await JoinAsync();
        for (var round = _random.Next(1, 8); round > 0 && !_halted; round--)
        {
            Say(_random.Next(1, 12));
            await ActAsync(_readers[_random.Next(1, _readers.Count)]);
        }
    }

    private async Task ActAsync(EngineReader reader)
    {
        switch (_random.Next(100))
        {
            case < 15:
                Note($"cut {reader.Name}");
                reader.Cut();
                break;
            case < 40 when !reader.IsConnected:
                var earlier = _random.Next(5) == 0;
                Note($"{reader.Name} comes back{(earlier ? " with an earlier position" : "")}");
                reader.Connect(engine.Hub, earlier ? journal => journal.Earlier(_random) : null);
                break;
            case < 52:
                Note($"pause {reader.Name}");
                reader.Pause();
                break;
            case < 64:
                _readers.ForEach(other => other.Resume());
                break;
            case < 72:
                reader.SubscribeAgain(ScriptedChannel.All[_random.Next(4)]);
                break;
            case < 82:
                Note("drop");
                Model.Begin("drop");
                Leave();
                Say(_random.Next(5));
                await JoinAsync();
                break;
            case < 84:
                await StormAsync();
                break;
            default:
                await SyncAsync([Steady]);
                break;
        }
    }

    /// <summary>Far more than is kept encoded, while some do not read.</summary>
    private async Task StormAsync()
    {
        Note("storm");
        foreach (var reader in _readers.Skip(1).Where(_ => _random.Next(2) == 0))
        {
            reader.Pause();
        }

        var channel = ScriptedChannel.All[_random.Next(4)];
        for (var i = 0; i < 1300; i++)
        {
            Say(Model.Make(channel, _random));
        }

        await SyncAsync([Steady]);
        _readers.ForEach(reader => reader.Resume());
    }

    private async Task EndAsync(bool crash)
    {
        Note(crash ? "crash" : "close");
        if (crash && _random.Next(2) == 0)
        {
            engine.Halt();
            _halted = true;
        }

        // Some are in line to be committed, or to be shown, when it ends.
        Say(_random.Next(20));
        for (var turn = 0; _halted && turn < 3; turn++)
        {
            await TurnAsync(); // what can be shown without the store is shown
        }

        Model.Begin(crash ? "crash" : "close");
        _readers.ForEach(reader => reader.Cut());
        if (crash)
        {
            Crashes++;
            engine.Crash();
        }
        else
        {
            engine.Close();
        }

        _joined = false;
        Say(_random.Next(3));
    }

    /// <summary>Waits until what stands in line for the pool's threads has begun.</summary>
    private static Task TurnAsync()
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        return turn.Task;
    }

    private void Leave()
    {
        _joined = false;
        foreach (var log in engine.Logs)
        {
            log.Interrupt(GapReason.UpstreamDown, time.GetUtcNow());
        }
    }

    private async Task JoinAsync()
    {
        foreach (var log in engine.Logs)
        {
            engine.Hub.Resume(log, PublicationSource.Socket, time.GetUtcNow());
        }

        _joined = true;
        await SyncAsync([Steady]);
        Model.End();
    }

    private void Say(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Say(Model.Make(ScriptedChannel.All[_random.Next(4)], _random));
        }
    }

    private void Say(Frame frame)
    {
        Model.Say(frame, session: 0);
        if (_joined)
        {
            var bytes = Encoding.UTF8.GetBytes(ProviderWireReader.TextOf(frame));
            engine.Hub.Publish(
                engine.LogOf(ScriptedChannel.All.Single(channel => channel.Name == frame.Channel)),
                Publication.OfFrame(bytes, (frame.Channel.Length + 4)..(bytes.Length - 1), time.GetUtcNow(), PublicationSource.Socket));
        }
    }

    /// <summary>Says a frame on every channel that no filter rejects, and waits until it was shown.</summary>
    private async Task SyncAsync(IReadOnlyList<EngineReader> readers)
    {
        foreach (var channel in ScriptedChannel.All)
        {
            var frame = Model.Make(channel, _random, ReaderFilter.SizeForAll);
            Say(frame);
            foreach (var reader in readers)
            {
                await reader.ShownAsync(frame);
            }
        }
    }

    private async Task FinishAsync()
    {
        Note("everyone comes back");
        foreach (var reader in _readers)
        {
            reader.Resume();
            if (!reader.IsConnected)
            {
                reader.Connect(engine.Hub);
            }
        }

        await SyncAsync(_readers);
        _readers.ForEach(reader => reader.Cut());
    }

    private void Note(string step) => _steps.Add(step);
}
