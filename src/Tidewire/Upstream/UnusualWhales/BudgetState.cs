using Tidewire.Market;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What the budget decides for those who wait.</summary>
internal enum BudgetStep
{
    /// <summary>Nobody waits.</summary>
    Idle,

    /// <summary>The purpose may send one request; it is counted.</summary>
    Grant,

    /// <summary>The ledger must be written first.</summary>
    Write,

    /// <summary>Not yet.</summary>
    Wait,

    /// <summary>The purpose has nothing to wait for: not today, or not for long.</summary>
    Refuse,
}

/// <summary>One decision.</summary>
/// <param name="Step">What follows.</param>
/// <param name="Purpose">For whom.</param>
/// <param name="Wait">How long at most until it is worth asking again; <see cref="TimeSpan.MaxValue"/> when only an answer will change it.</param>
internal readonly record struct BudgetDecision(BudgetStep Step, RequestPurpose Purpose = default, TimeSpan Wait = default);

/// <summary>
/// The decisions of <see cref="RequestBudget"/> without its clock, its store and its waiters: events go in with their
/// time, decisions come out. Not thread-safe.
/// </summary>
internal sealed class BudgetState
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan InFlightWait = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan MinuteWait = TimeSpan.FromSeconds(5);

    private readonly RequestBudgetOptions _options;
    private readonly MinuteUse _minute;
    private readonly DayUse _day;
    private readonly RequestRate _rate = new();
    private readonly long[] _refusals = new long[3];
    private TimeSpan _heldUntil;

    /// <summary>Begins with nothing spent.</summary>
    public BudgetState(RequestBudgetOptions options, MarketCalendar calendar, BudgetTime now)
    {
        _options = options;
        _minute = new MinuteUse(options);
        _day = new DayUse(options, calendar, now);
    }

    /// <summary>Something must be written although nobody waits: a restart must not forget a refusal.</summary>
    public bool MustWrite { get; private set; }

    /// <summary>Requests of the day that are counted.</summary>
    public long Used => _day.Used;

    /// <summary>Begins with what a store holds. Unreadable means that the day counts as spent.</summary>
    public static BudgetState From(LedgerReading reading, RequestBudgetOptions options, MarketCalendar calendar, BudgetTime now)
    {
        var state = new BudgetState(options, calendar, now);
        if (reading is { Kind: LedgerReadingKind.Found, Ledger: { } ledger })
        {
            state._day.Restore(ledger, now);
            var held = ledger.HeldUntil - now.Wall;
            state._heldUntil = now.Elapsed + (held is { } some && some > TimeSpan.Zero ? some < TimeSpan.FromDays(1) ? some : TimeSpan.FromDays(1) : TimeSpan.Zero);
            state._minute.Restore(ledger.Recent + (ledger.Clean ? 0 : ledger.Reserved), ledger.Clean ? ledger.InFlight : options.InFlightLimit, now.Elapsed);
        }
        else if (reading.Kind == LedgerReadingKind.Unreadable)
        {
            state._day.Refused = true;
            state.MustWrite = true; // or the next start, on a later day, would find it unreadable again
            state._minute.Restore(options.MinuteLimit, options.InFlightLimit, now.Elapsed);
        }

        return state;
    }

    /// <summary>Decides the next step. A grant is counted as spent and in flight at once.</summary>
    /// <param name="waiting">The purposes that wait, as bits.</param>
    /// <param name="now">The time.</param>
    public BudgetDecision Decide(int waiting, BudgetTime now)
    {
        Roll(now);
        if (MustWrite || _day.WasSetBack)
        {
            return new(BudgetStep.Write);
        }

        if (waiting == 0)
        {
            return new(BudgetStep.Idle);
        }

        var held = _heldUntil - now.Elapsed;
        for (var each = 0; each < PurposeCounts.Purposes; each++)
        {
            var purpose = (RequestPurpose)each;
            if ((waiting & (1 << each)) != 0 && (held > Patience || !_day.Allows(purpose, now)))
            {
                return new(BudgetStep.Refuse, purpose);
            }
        }

        if (held > TimeSpan.Zero)
        {
            return new(BudgetStep.Wait, Wait: held);
        }

        if (_minute.UntilFree(now.Elapsed) is { } wait)
        {
            return new(BudgetStep.Wait, Wait: wait);
        }

        if (_minute.Choose(waiting, now.Elapsed) is not { } chosen)
        {
            return new(BudgetStep.Wait, Wait: _minute.UntilFewer(now.Elapsed));
        }

        if (_day.Own >= _day.Mark)
        {
            return new(BudgetStep.Write);
        }

        _day.Spend(chosen, now);
        _minute.Send(chosen);
        _rate.Count(now.Elapsed);
        return new(BudgetStep.Grant, chosen);
    }

    /// <summary>A granted request was never sent: it is taken back.</summary>
    public void Returned(RequestPurpose purpose, BudgetTime now)
    {
        Roll(now);
        _day.Return(purpose);
        _minute.Return(purpose);
    }

    /// <summary>A request was sent and its answer will not be known.</summary>
    /// <param name="purpose">What it was for.</param>
    /// <param name="age">How long ago it was sent: the provider may be at work on it for as long as any request takes.</param>
    /// <param name="now">The time.</param>
    public void GivenUp(RequestPurpose purpose, TimeSpan age, BudgetTime now)
    {
        Roll(now);
        _minute.End(purpose, Longer(_options.Timeout - age, TimeSpan.Zero) + _options.GivenUpRest, now.Elapsed);
    }

    /// <summary>A request was answered.</summary>
    /// <param name="purpose">What it was for.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="jitter">From 0 to 1: spreads waits.</param>
    /// <param name="now">The time.</param>
    public void Answered(RequestPurpose purpose, VendorAnswer answer, double jitter, BudgetTime now)
    {
        Roll(now);
        var usage = answer.Usage;
        _day.Tell(usage, answer.Refused is not null, now);
        _minute.Tell(usage, now.Elapsed);
        _minute.End(purpose, _options.PlaceRest, now.Elapsed);
        var wait = usage.RetryAfter ?? TimeSpan.Zero;
        switch (answer.Refused)
        {
            case RequestLimit.InFlight:
                wait = Longer(wait, InFlightWait * (1 + jitter));
                break;
            case RequestLimit.Minute:
                wait = Longer(wait, Longer(usage.MinuteReset ?? TimeSpan.Zero, MinuteWait * (1 + jitter)));
                break;
            case RequestLimit.Day:
                _day.Refused = true;
                break;
        }

        if (answer.Refused is { } limit)
        {
            _refusals[(int)limit]++;
        }

        _heldUntil = Longer(_heldUntil, now.Elapsed + wait);
        MustWrite |= wait >= MinuteWait || answer.Refused == RequestLimit.Day;
    }

    /// <summary>What to write before more is spent, or, when clean, at the end.</summary>
    public RequestLedger ToWrite(bool clean, BudgetTime now)
    {
        Roll(now);
        return _day.Into(new RequestLedger
        {
            Day = _day.Day.Date,
            SavedAt = now.Wall,
            Clean = clean,
            Recent = _minute.Own,
            InFlight = _minute.Places,
            HeldUntil = HeldUntil(now),
        });
    }

    /// <summary>It is safely written.</summary>
    public void Written(RequestLedger ledger)
    {
        MustWrite = false;
        _day.Written(ledger);
    }

    /// <summary>The interval to the next round of polls: the shortest allowed, stretched so that what is left lasts until the reset.</summary>
    /// <param name="requestsPerRound">Requests of one round.</param>
    /// <param name="now">The time.</param>
    public TimeSpan PollInterval(int requestsPerRound, BudgetTime now)
    {
        var shortest = ShortestInterval(now);
        var untilReset = Longer(_day.ResetsAt - now.Wall, shortest);
        var spendable = _day.Remaining == 0 ? 0 : _day.Spendable(RequestPurpose.Poll, now);
        if (spendable < requestsPerRound)
        {
            return untilReset;
        }

        var stretch = Math.Max(1, requestsPerRound * _day.RoundsLeft(now) / spendable);
        var byMinute = TimeSpan.FromMinutes(requestsPerRound / (_minute.HardStop * 0.9));
        var interval = Longer(shortest * Math.Min(stretch, 100_000), byMinute);
        return interval < untilReset ? interval : untilReset;
    }

    /// <summary>The shortest interval to the next round of polls.</summary>
    public TimeSpan ShortestInterval(BudgetTime now)
    {
        Roll(now);
        return _day.Day.IsOpen(now.Wall) ? _options.UpdateInterval : _options.AfterHoursInterval;
    }

    public RequestBudgetSnapshot Snapshot(BudgetTime now)
    {
        Roll(now);
        var rate = _rate.PerMinute(now.Elapsed);
        var exhausted = _day.Remaining == 0 ? now.Wall : rate > 0 ? now.Wall + TimeSpan.FromMinutes(Math.Min(_day.Remaining / rate, 10_000)) : DateTimeOffset.MaxValue;
        return new()
        {
            Used = _day.Used,
            Limit = _day.Limit,
            Remaining = _day.Remaining,
            MinuteUsed = _minute.Used(now.Elapsed),
            MinuteLimit = _options.MinuteLimit,
            InFlight = _minute.InFlight,
            ResetsAt = _day.ResetsAt,
            ExhaustedAt = exhausted < _day.ResetsAt ? exhausted : null,
            RatePerMinute = rate,
            ByPurpose = _day.ByPurpose,
            Others = _day.Others,
            Lost = _day.Lost,
            RefusedInFlight = _refusals[(int)RequestLimit.InFlight],
            RefusedMinute = _refusals[(int)RequestLimit.Minute],
            RefusedDay = _refusals[(int)RequestLimit.Day],
            ImpossibleHeaders = _day.Impossible,
            HeldUntil = _day.Refused ? _day.ResetsAt : HeldUntil(now),
        };
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private DateTimeOffset? HeldUntil(BudgetTime now) => _heldUntil > now.Elapsed ? now.Wall + (_heldUntil - now.Elapsed) : null;

    private void Roll(BudgetTime now)
    {
        _minute.Roll(now.Elapsed);
        _day.Roll(now, _minute.InFlightByPurpose);
    }
}
