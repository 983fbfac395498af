using System.Globalization;
using Tidewire.Fanout;
using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Server.Tests.Upstream;

/// <summary>
/// A day of the real hub, demand, pump, poller, REST client, budget and ledger file against a provider that counts by
/// itself, on a clock of the test and, but for the decoder, on one thread; seeded.
/// </summary>
internal sealed class HostileDay : IDisposable
{
    private readonly Random _random;
    private readonly PriorityQueue<Action, (TimeSpan Due, long Order)> _events = new();
    private readonly PumpedContext _context = new();
    private readonly MarketCalendar _calendar = MarketCalendar.Load();
    private readonly string _ledger = Path.Combine(Path.GetTempPath(), "tidewire-test-" + Path.GetRandomFileName(), "request-ledger.json");
    private readonly FeedCatalogue _catalogue = FeedCatalogue.Load();
    private readonly DayVendor _vendor;
    private readonly string[] _typical;
    private DayLife _life = null!;
    private long _order;
    private long _row;
    private int _rolls;
    private bool _isRestarting;
    private bool _kills;

    public HostileDay(int seed, DateTimeOffset start, IReadOnlyList<string> channels, IReadOnlyList<string> typical)
    {
        _random = new Random(seed);
        _typical = [.. typical];
        Time = new FakeTimeProvider(start);
        Right = new RightTime(Time, start);
        Limits = new VendorLimits(Right);
        Channels = channels;
        _vendor = new DayVendor(this, Limits);
        Begin();
    }

    public FakeTimeProvider Time { get; }

    public RightTime Right { get; }

    public VendorLimits Limits { get; }

    public IReadOnlyList<string> Channels { get; }

    public SocketMood Mood { get; private set; } = SocketMood.Down;

    /// <summary>The provider answers HTTP 500.</summary>
    public bool Fails { get; set; }

    /// <summary>The provider's answers are lost on the way.</summary>
    public bool Drops { get; set; }

    /// <summary>Between a kill and the next start.</summary>
    public bool IsKilled { get; private set; }

    public int Kills { get; private set; }

    public int Restarts { get; private set; }

    public int Sessions { get; private set; }

    /// <summary>Most channels joined at the provider at one time.</summary>
    public int MostJoined { get; private set; }

    /// <summary>Most sessions of one process open at one time.</summary>
    public int MostOpen { get; private set; }

    /// <summary>The least that the ledger was ever ahead of the provider's count.</summary>
    public long LeastAhead { get; private set; } = long.MaxValue;

    /// <summary>What the ledger says now.</summary>
    public RequestBudgetSnapshot Ledger => _life.Budget.Snapshot();

    /// <summary>The last request that arrived.</summary>
    public DateTimeOffset LastAt { get; private set; }

    public IReadOnlyDictionary<string, int> Answers => _vendor.Answers;

    public IReadOnlyDictionary<string, int> Asked => _vendor.Asked;

    public List<string> Hours { get; } = [];

    /// <summary>Rows that were published more often than the provider told them.</summary>
    public List<string> Twice { get; } = [];

    /// <summary>Publications from REST.</summary>
    public long FromRest { get; private set; }

    public TimeSpan Elapsed => Time.GetElapsedTime(0);

    public void After(TimeSpan wait, Action action) => _events.Enqueue(action, (Elapsed + wait, ++_order));

    /// <summary>Does something at a time of the day, counted from its start.</summary>
    public void At(double hours, Action action) => After(TimeSpan.FromHours(hours) - Elapsed, action);

    public void Every(TimeSpan interval, Action action) => After(interval, () =>
    {
        action();
        Every(interval, action);
    });

    public bool Chance(double of) => _random.NextDouble() < of;

    public TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * _random.NextDouble()));

    /// <summary>A number from 0 that a form keeps until <see cref="Change"/> shakes the dice.</summary>
    public int Roll(string form, int sides)
    {
        var sum = (uint)_rolls * 2_654_435_761u;
        foreach (var letter in form)
        {
            sum = (sum ^ letter) * 16_777_619u;
        }

        return (int)(sum % (uint)sides);
    }

    public Dictionary<string, string?> LieOf(Dictionary<string, string?> truth) => RestScript.LieOf(truth, _random);

    /// <summary>A row that any feed can take, unlike any other.</summary>
    public string NewRow()
    {
        var n = ++_row;
        var now = Right.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $$"""{"id":"row-{{n}}","politician_id":"{{n}}","option_symbol":"O{{n % 7}}","ticker":"SPY","symbol":"SPY","strike":"{{n % 9}}","price":"{{n}}","close":"{{n}}.5","size":100,"headline":"number {{n}}","option_chain":"SPY{{n}}","net_call_premium":"{{n}}","start_time":"{{now}}","created_at":"{{now}}","executed_at":"{{now}}","timestamp":"{{now}}","tape_time":"{{now}}","time":"{{now}}","open":"1","high":"2","low":"1","prev_close":"1"}""");
    }

    /// <summary>The socket goes over into another mood; other channels are refused or mute from now on.</summary>
    public void Change(SocketMood mood)
    {
        Mood = mood;
        _rolls++;
        _life.Upstream.End(UpstreamEndKind.Lost);
    }

    public void Restart(bool kills) => (_isRestarting, _kills) = (true, kills);

    public void Arrived()
    {
        LastAt = Right.GetUtcNow();
        if (!IsKilled)
        {
            LeastAhead = Math.Min(LeastAhead, Ledger.Used - Limits.Day);
        }
    }

    /// <summary>A reader leaves a ticker's channels and is back a little later.</summary>
    public void Leave(string ticker)
    {
        var channels = Channels.Where(channel => channel.EndsWith(":" + ticker, StringComparison.Ordinal)).ToArray();
        var life = _life;
        Array.ForEach(channels, life.Unsubscribe);
        After(Seconds(1, 120), () =>
        {
            if (life == _life)
            {
                Array.ForEach(channels, life.Subscribe);
            }
        });
    }

    public void Run(TimeSpan length) => PumpedContext.Outside(() => RunAll(length));

    public void Dispose()
    {
        _life.Dispose();
        _vendor.Dispose();
        _context.Dispose();
        if (Path.GetDirectoryName(_ledger) is { } folder && Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void RunAll(TimeSpan length)
    {
        var end = Elapsed + length;
        Every(TimeSpan.FromSeconds(8), () => _life.Upstream.SendData());
        Every(TimeSpan.FromHours(1), NoteHour);
        while (Elapsed < end)
        {
            Step(end);
        }

        NoteHour();
        EndLife();
        while (Elapsed < end + TimeSpan.FromSeconds(20)) // what is on the way arrives
        {
            Step(end + TimeSpan.FromSeconds(20));
        }
    }

    private void Step(TimeSpan end)
    {
        var next = _events.TryPeek(out _, out var first) && first.Due < end ? first.Due : end;
        if (Time.NextTimer is { } timer && Elapsed + (timer - Time.GetUtcNow()) is var fires && fires < next)
        {
            next = fires;
        }

        Time.Advance(next > Elapsed ? next - Elapsed : TimeSpan.Zero);
        Settle();
        while (_events.TryPeek(out var action, out first) && first.Due <= Elapsed)
        {
            _events.Dequeue();
            action();
            Settle();
        }

        if (_isRestarting)
        {
            _isRestarting = false;
            Renew();
        }
    }

    /// <summary>Lets everything that can go on go on until all of it waits for time.</summary>
    private void Settle()
    {
        _context.Run(isQuick: true);
        if (!_life.IsOver && !_life.IsSettled)
        {
            _context.RunUntil(() => _life.IsSettled, "the pump and its decoder");
        }
    }

    private void Renew()
    {
        var atKill = _kills && File.Exists(_ledger) ? File.ReadAllBytes(_ledger) : null;
        IsKilled = _kills;
        (Kills, Restarts) = _kills ? (Kills + 1, Restarts) : (Kills, Restarts + 1);
        EndLife();
        _life.Dispose();
        if (atKill is not null)
        {
            File.WriteAllBytes(_ledger, atKill); // a killed process has written nothing more
        }

        IsKilled = false;
        Begin();
    }

    private void Begin()
    {
        _life = new DayLife(this, _catalogue, _calendar, _vendor, new FileRequestLedgerStore(_ledger), new Random(_random.Next()), _context);
        Settle();
    }

    private void EndLife()
    {
        foreach (var channel in Channels)
        {
            foreach (var same in _life.Rows(channel).GroupBy(static row => row, StringComparer.Ordinal))
            {
                FromRest += same.Count();
                if (same.Count() > (_vendor.Twins.Contains(same.Key) ? 2 : 1))
                {
                    Twice.Add($"{channel}: {same.Key}");
                }
            }
        }

        Sessions += _life.Upstream.Sessions;
        MostJoined = Math.Max(MostJoined, _life.Upstream.MostJoined);
        MostOpen = Math.Max(MostOpen, _life.Upstream.MostOpen);
        _life.End();
    }

    private void NoteHour()
    {
        var view = Ledger;
        var polled = _life.Poller.Channels.ToDictionary(channel => channel.Channel, StringComparer.Ordinal);
        var newYork = _calendar.NewYorkDate(Right.GetUtcNow()); // winter: five hours behind
        var intervals = _typical.Select(channel => string.Create(CultureInfo.InvariantCulture, $"{channel} {(polled.TryGetValue(channel, out var poll) ? $"{poll.Interval.TotalSeconds:0.0} s" : "by socket")}"));
        Hours.Add(string.Create(CultureInfo.InvariantCulture, $"{newYork:MM-dd} {Right.GetUtcNow().ToOffset(TimeSpan.FromHours(-5)):HH:mm}, socket {Mood.ToString().ToLowerInvariant()}, {polled.Count} channels polled: {string.Join(", ", intervals)}; used {view.Used}, remaining {view.Remaining}, {view.RatePerMinute:0.0} a minute, exhausted {view.ExhaustedAt?.ToOffset(TimeSpan.FromHours(-5)).ToString("HH:mm", CultureInfo.InvariantCulture) ?? "not before the reset"}"));
    }
}
