using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>
/// Days of polling, fallback, backfill and history against the provider's own count, without sockets: the real budget on
/// a clock of its own, every request with its own delays, seeded.
/// </summary>
internal sealed class BudgetDay
{
    private const int Feeds = 6, Tickers = 500, TickersPerRound = 4;

    private readonly Random _random;
    private readonly BudgetTroubles _troubles;
    private readonly PriorityQueue<Action, TimeSpan> _events = new();
    private readonly List<(RequestPurpose Purpose, Task<RequestLease?> Lease)> _asked = [];
    private readonly MarketCalendar _calendar = MarketCalendar.Load();
    private readonly KillableStore _store;
    private RequestBudget _budget;
    private Death _dying;
    private int _life;
    private int _round;
    private int _ticker;

    public BudgetDay(int seed, DateTimeOffset start, BudgetTroubles troubles)
    {
        _random = new Random(seed);
        _troubles = troubles;
        Time = new FakeTimeProvider(start);
        Right = new RightTime(Time, start);
        Vendor = new VendorLimits(Right);
        _store = new KillableStore(() => _troubles.Kills && Chance(0.01) ? _random.Next(1, 3) : 0, () => _dying = Death.Kill);
        _budget = NewBudget();
    }

    public FakeTimeProvider Time { get; }

    public RightTime Right { get; }

    public VendorLimits Vendor { get; }

    public RequestBudgetSnapshot View => _budget.Snapshot();

    public int Refused { get; private set; }
    public int Kills { get; private set; }
    public int Restarts { get; private set; }
    public int ClockSteps { get; private set; }

    /// <summary>The least that the ledger was ever ahead of the provider's count.</summary>
    public long LeastAhead { get; private set; } = long.MaxValue;

    public HashSet<int> TickersPolled { get; } = [];

    public List<(DateTimeOffset At, TimeSpan Interval, RequestBudgetSnapshot View)> Hours { get; } = [];

    /// <summary>The last poll that was granted before the market closed.</summary>
    public DateTimeOffset LastPollInSession { get; private set; }

    public async Task RunAsync(TimeSpan length)
    {
        var end = Elapsed + length;
        After(TimeSpan.Zero, PollRound);
        Repeat(12, () => Ask(RequestPurpose.Fallback));
        Repeat(600, () => Ask(RequestPurpose.History, 10));
        Repeat(1800, () => Ask(RequestPurpose.Backfill, 10));
        Repeat(3600, () => Hours.Add((Right.GetUtcNow(), _budget.PollInterval(Feeds + TickersPerRound), View)));
        Trouble(_troubles.Kills, 2400, () => _dying = Death.Kill);
        Trouble(_troubles.Restarts, 4000, () => _dying = Death.InOrder);
        Trouble(_troubles.ClockSteps, 7200, StepClock);
        while (Elapsed < end)
        {
            await StepAsync(end);
        }
    }

    /// <summary>Lets what is in flight come to its end, without new demand.</summary>
    public async Task SettleAsync()
    {
        _life++; // the loops of demand end
        while (View.InFlight > 0)
        {
            await StepAsync(Elapsed + TimeSpan.FromSeconds(1));
        }
    }

    private TimeSpan Elapsed => Time.GetElapsedTime(0);

    private async Task StepAsync(TimeSpan end)
    {
        var next = _events.TryPeek(out _, out var due) && due < end ? due : end;
        if (Time.NextTimer is { } timer && Elapsed + (timer - Time.GetUtcNow()) is var fires && fires < next)
        {
            next = fires;
        }

        Time.Advance(next > Elapsed ? next - Elapsed : TimeSpan.Zero);
        while (_events.TryPeek(out var action, out due) && due <= Elapsed)
        {
            _events.Dequeue();
            action();
            Collect();
        }

        Collect();
        if (_dying != Death.None)
        {
            await DieAsync();
        }
    }

    private void Collect()
    {
        for (var i = 0; i < _asked.Count && _dying == Death.None; i++)
        {
            var (purpose, asked) = _asked[i];
            if (!asked.IsCompleted)
            {
                continue;
            }

            _asked.RemoveAt(i--);
            if (asked.Result is { } lease)
            {
                if (purpose == RequestPurpose.Poll && _calendar.SessionAt(Right.GetUtcNow()) == MarketSession.Open)
                {
                    LastPollInSession = Right.GetUtcNow();
                }

                Send(lease);
            }
            else
            {
                Refused++;
            }
        }
    }

    private void Send(RequestLease lease)
    {
        var budget = _budget;
        if (Chance(0.01))
        {
            lease.Dispose();
            return;
        }

        lease.Sent();
        if (Chance(0.005))
        {
            After(Seconds(0.01, 0.2), () => lease.NeverSent());
            return;
        }

        var over = false;
        var arrives = Chance(0.01) ? Seconds(1, 3) : Seconds(0.005, 0.4);
        var takes = Chance(0.01) ? Seconds(8, 11.5) : Seconds(0.05, 0.9);
        var back = Seconds(0.005, 0.2);
        After(arrives, () =>
        {
            var count = Vendor.Arrive();
            if (budget == _budget)
            {
                LeastAhead = Math.Min(LeastAhead, View.Used - Vendor.Day);
            }

            After(takes, () =>
            {
                Vendor.Leave();
                After(back, () => over = over || Answer(lease, budget, count));
            });
        });
        After(TimeSpan.FromSeconds(10), () =>
        {
            if (!over && budget == _budget)
            {
                over = true;
                lease.Dispose();
            }
        });
    }

    private bool Answer(RequestLease lease, RequestBudget budget, VendorCount count)
    {
        if (budget != _budget)
        {
            return true; // the process that asked is gone
        }

        if (Chance(0.005))
        {
            lease.Dispose(); // the connection broke
            return true;
        }

        var headers = RestScript.TruthOf(count, Vendor);
        headers = _troubles.Lies && Chance(0.2) ? RestScript.LieOf(headers, _random) : headers;
        var usage = VendorUsage.Read(headers.GetValueOrDefault, Time.GetUtcNow());
        RequestLimit? limit = count.Exceeded switch { "day" => RequestLimit.Day, "minute" => RequestLimit.Minute, "in flight" => RequestLimit.InFlight, _ => null };
        limit ??= _troubles.Refusals && Chance(0.01) ? (RequestLimit)_random.Next(2) : null;
        lease.Answered(new(usage, limit));
        return true;
    }

    private void PollRound()
    {
        Ask(RequestPurpose.Poll, Feeds + TickersPerRound);
        for (var i = 0; i < TickersPerRound; i++)
        {
            TickersPolled.Add(_ticker++ % Tickers);
        }

        var interval = _budget.PollInterval(Feeds + TickersPerRound);
        var round = ++_round;
        var life = _life;
        After(interval, () =>
        {
            if (round == _round && life == _life)
            {
                PollRound();
            }
        });
    }

    private void Ask(RequestPurpose purpose, int times = 1)
    {
        for (; times > 0 && _asked.Count < 200; times--)
        {
            _asked.Add((purpose, _budget.AcquireAsync(purpose, CancellationToken.None).AsTask()));
        }
    }

    private async Task DieAsync()
    {
        if (_dying == Death.InOrder)
        {
            Restarts++;
            await _budget.DisposeAsync();
        }
        else
        {
            Kills++;
        }

        _dying = Death.None;
        _asked.Clear();
        _store.NextLife();
        _budget = NewBudget();
        Ask(RequestPurpose.Backfill, 30);
        PollRound();
    }

    private RequestBudget NewBudget() => new(new RequestBudgetOptions(), _calendar, _store.Life, Time, new Random(_random.Next()));

    private void StepClock()
    {
        ClockSteps++;
        var by = TimeSpan.FromSeconds(_random.Next(1, 2700));
        Time.StepWallClock(-by);
        After(Seconds(300, 1800), () => Time.StepWallClock(by));
    }

    private void Repeat(double seconds, Action action)
    {
        var life = _life;
        void Again()
        {
            if (life == _life)
            {
                action();
                After(TimeSpan.FromSeconds(seconds), Again);
            }
        }

        After(TimeSpan.FromSeconds(seconds), Again);
    }

    private void Trouble(bool wanted, double everySeconds, Action action)
    {
        void Again()
        {
            action();
            After(Seconds(everySeconds * 0.2, everySeconds * 1.8), Again);
        }

        if (wanted)
        {
            After(Seconds(everySeconds * 0.2, everySeconds * 1.8), Again);
        }
    }

    private void After(TimeSpan wait, Action action) => _events.Enqueue(action, Elapsed + wait);

    private bool Chance(double of) => _random.NextDouble() < of;

    private TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * _random.NextDouble()));
}
