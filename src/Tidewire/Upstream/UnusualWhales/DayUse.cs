using Tidewire.Market;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// The day's part of the budget: what was spent and for what, what the provider says, when the day ends, and who may
/// still spend. Pure: time comes in with every call.
/// </summary>
/// <remarks>
/// The end of the day is known only as well as the clocks are. A request made when the provider may already have reset
/// (20:00, or earlier by as much as our clock was set back) counts for both days; the new day is spent from only when
/// the provider has surely reset (20:00 and the grace). So a clock that is a little off, or set back, counts too much
/// and never too little; one that is ahead by more is corrected by the provider's first answer.
/// </remarks>
internal sealed class DayUse
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(10);

    // A clock set back may have been wrong before or be wrong now. At the third reset it is taken to be right.
    private const int ResetsInDoubt = 3;
    private static readonly TimeSpan MostDoubt = TimeSpan.FromHours(2);
    private static readonly TimeSpan SurelyADay = TimeSpan.FromHours(22.5);

    private readonly RequestBudgetOptions _options;
    private readonly MarketCalendar _calendar;
    private readonly long[] _used = new long[PurposeCounts.Purposes];
    private readonly long[] _next = new long[PurposeCounts.Purposes];
    private readonly double[] _reserves = new double[PurposeCounts.Purposes];
    private VendorWord _word;
    private BudgetTime _last;
    private TimeSpan _begun;
    private TimeSpan _probedAt = TimeSpan.MinValue;
    private RequestDay? _behind;
    private bool _ending;
    private long _nextLost;
    private double _wholeDay;
    private int _resetsInDoubt;

    public DayUse(RequestBudgetOptions options, MarketCalendar calendar, BudgetTime now)
    {
        _options = options;
        _calendar = calendar;
        _last = now;
        _begun = now.Elapsed;
        Day = RequestDay.At(calendar, now.Wall - options.ResetGrace);
        _wholeDay = WholeDay();
        _word = new VendorWord(options.DailyLimit);
    }

    /// <summary>The day that is spent from.</summary>
    public RequestDay Day { get; private set; }

    /// <summary>Our own count; what a killed process may have spent is in it.</summary>
    public long Own => _used[0] + _used[1] + _used[2] + _used[3] + Lost;

    /// <summary>What was counted after kills without being known to be spent.</summary>
    public long Lost { get; private set; }

    /// <summary>What others with the same token have spent, as far as the provider tells.</summary>
    public long Others => _word.Others;

    /// <summary>The count that decides: ours and the others'.</summary>
    public long Used => Own + Others;

    /// <summary>The day's limit, ours or the provider's, whichever is lower.</summary>
    public long Limit => _word.Limit;

    /// <summary>Where we stop.</summary>
    public long HardStop => (long)(Limit * _options.HardStop);

    /// <summary>What may still be spent.</summary>
    public long Remaining => Refused ? 0 : Math.Max(0, HardStop - Used);

    /// <summary>The own count up to which spending is written down; beyond it, it must be written first.</summary>
    public long Mark { get; private set; }

    /// <summary>The provider has refused until the reset, or what was spent is unknown.</summary>
    public bool Refused { get; set; }

    /// <summary>How far the clock has been set back.</summary>
    public TimeSpan ClockDoubt { get; private set; }

    /// <summary>The clock was set back since the ledger was written.</summary>
    public bool WasSetBack { get; private set; }

    /// <summary>Headers that were impossible and not believed at once.</summary>
    public long Impossible { get; private set; }

    /// <summary>When the new day is spent from.</summary>
    public DateTimeOffset ResetsAt => Day.End + _options.ResetGrace;

    public PurposeCounts ByPurpose => PurposeCounts.Of(_used);

    /// <summary>Takes up the time. True when a new day has begun.</summary>
    /// <param name="now">The time.</param>
    /// <param name="inFlight">Requests of each purpose that the provider may count at any moment.</param>
    public bool Roll(BudgetTime now, ReadOnlySpan<int> inFlight)
    {
        var step = now.Wall - _last.Wall - (now.Elapsed - _last.Elapsed);
        _last = now;
        if (step < -TimeSpan.FromMilliseconds(1) || (step > TimeSpan.Zero && ClockDoubt > TimeSpan.Zero))
        {
            ClockDoubt = TimeSpan.FromTicks(Math.Max(0, ClockDoubt.Ticks - step.Ticks));
            ClockDoubt = ClockDoubt < MostDoubt ? ClockDoubt : MostDoubt;
            _resetsInDoubt = 0;
            WasSetBack |= step < -TimeSpan.FromSeconds(1);
        }

        if (!_ending && now.Wall + ClockDoubt >= Day.End)
        {
            _ending = true;
            for (var purpose = 0; purpose < _next.Length; purpose++)
            {
                _next[purpose] += inFlight[purpose];
            }
        }

        if (now.Wall - _options.ResetGrace < Day.End && !IsDayBehind(now))
        {
            return false;
        }

        Day = RequestDay.At(_calendar, now.Wall - _options.ResetGrace);
        _next.CopyTo(_used, 0);
        Array.Clear(_next);
        (Lost, _nextLost) = (_nextLost, 0);
        Mark = Own;
        Refused = false;
        ClockDoubt = ++_resetsInDoubt < ResetsInDoubt ? ClockDoubt : TimeSpan.Zero;
        _begun = now.Elapsed;
        _behind = null;
        _ending = false;
        _wholeDay = WholeDay();
        _word = new VendorWord(_options.DailyLimit, toldAt: now.Elapsed);
        return true;
    }

    /// <summary>Whether a purpose may spend one more: within its own share, or from what the others no longer need.</summary>
    public bool Allows(RequestPurpose purpose, BudgetTime now)
    {
        if (Remaining == 0)
        {
            return MayProbe(now);
        }

        return Spendable(purpose, now) > 1e-6;
    }

    /// <summary>What a purpose may still spend, now, without taking from what is kept for the others.</summary>
    public double Spendable(RequestPurpose purpose, BudgetTime now)
    {
        // What is kept for a purpose melts as the day goes by, measured in rounds of polls and so mostly in market hours.
        var left = RoundsLeft(now) / _wholeDay;
        var sum = 0.0;
        for (var each = 0; each < _reserves.Length; each++)
        {
            var share = HardStop * _options.ShareOf((RequestPurpose)each);
            sum += _reserves[each] = Math.Max(0, Math.Min(share - _used[each], share * left));
        }

        var scale = sum > Remaining ? Remaining / sum : 1;
        return Remaining - (scale * (sum - _reserves[(int)purpose]));
    }

    /// <summary>The rounds of polls left in the day, at the shortest intervals.</summary>
    public double RoundsLeft(BudgetTime now) => Day.RoundsLeft(now.Wall, _options.UpdateInterval, _options.AfterHoursInterval);

    public void Spend(RequestPurpose purpose, BudgetTime now)
    {
        if (Remaining == 0)
        {
            _probedAt = now.Elapsed;
        }

        Count(purpose, 1);
    }

    /// <summary>Takes back one that was never sent.</summary>
    public void Return(RequestPurpose purpose) => Count(purpose, -1);

    /// <summary>Takes what an answer says of the day.</summary>
    /// <param name="usage">The headers.</param>
    /// <param name="refused">Whether it was a refusal: only then can the count lie beyond the limit.</param>
    /// <param name="now">The time.</param>
    public void Tell(VendorUsage usage, bool refused, BudgetTime now) => Impossible += _word.Tell(usage, refused, Own, now.Elapsed) ? 0 : 1;

    /// <summary>Puts the day into a ledger, with what may be spent on the strength of it.</summary>
    public RequestLedger Into(RequestLedger ledger) => ledger with
    {
        Day = Day.Date,
        Used = PurposeCounts.Of(_used),
        Lost = Lost,
        Reserved = ledger.Clean ? 0 : (int)Math.Max(Math.Min(_options.Block, Math.Max(1, Remaining)), Mark - Own),
        Next = PurposeCounts.Of(_next),
        Others = Others,
        ToldLimit = _word.ToldLimit,
        DayRefused = Refused,
        ClockDoubt = ClockDoubt,
    };

    /// <summary>The ledger is safe: what it reserves may be spent.</summary>
    public void Written(RequestLedger ledger)
    {
        WasSetBack = false;
        if (ledger.Day == Day.Date)
        {
            Mark = Math.Max(Mark, ledger.Used.Total + ledger.Lost + ledger.Reserved);
        }
    }

    /// <summary>Takes up what another process left. What it reserved counts as spent unless it ended in order.</summary>
    public void Restore(RequestLedger ledger, BudgetTime now)
    {
        var away = now.Wall - ledger.SavedAt;
        var lost = ledger.Clean ? 0 : ledger.Reserved;
        ClockDoubt = ledger.ClockDoubt + (away < TimeSpan.Zero ? -away : TimeSpan.Zero);
        ClockDoubt = ClockDoubt < MostDoubt ? ClockDoubt : MostDoubt;
        if (ledger.Day < Day.Date)
        {
            if (ledger.Day.AddDays(1) == Day.Date)
            {
                // What the process did around the reset belongs to this day.
                ledger.Next.CopyTo(_used);
                Lost = lost + ledger.InFlight;
            }

            _word = new VendorWord(_options.DailyLimit, toldAt: now.Elapsed - (now.Wall - Day.Start));
            Mark = Own;
            return;
        }

        Day = RequestDay.At(_calendar, new DateTimeOffset(ledger.Day.ToDateTime(new TimeOnly(12, 0)), TimeSpan.Zero));
        ledger.Used.CopyTo(_used);
        ledger.Next.CopyTo(_next);
        Lost = ledger.Lost + lost;
        Refused = ledger.DayRefused;
        _wholeDay = WholeDay();
        _word = new VendorWord(_options.DailyLimit, ledger.Others, ledger.ToldLimit, now.Elapsed - (away > TimeSpan.Zero ? away : TimeSpan.Zero));
        Mark = Own;
        _ending = ledger.Next.Total > 0;
        if (now.Wall + ClockDoubt >= Day.End)
        {
            _nextLost = lost + ledger.InFlight;
        }
    }

    private double WholeDay() => Day.RoundsLeft(Day.Start, _options.UpdateInterval, _options.AfterHoursInterval);

    private void Count(RequestPurpose purpose, int by)
    {
        ref var used = ref _used[(int)purpose];
        used = Math.Max(0, used + by);
        if (_ending)
        {
            ref var next = ref _next[(int)purpose];
            next = Math.Max(0, next + by);
        }
    }

    /// <summary>
    /// Whether one request may find out if the provider's word still holds: only when our own count alone would not have
    /// stopped us, and when even by its word there is room below its limit.
    /// </summary>
    private bool MayProbe(BudgetTime now) =>
        !Refused && Own < HardStop && Used + 1 < Limit && (_probedAt == TimeSpan.MinValue || now.Elapsed - _probedAt >= ProbeInterval);

    /// <summary>A clock that was far ahead once has put us on a day that is yet to come: go on with the day it shows, once a reset has surely passed.</summary>
    private bool IsDayBehind(BudgetTime now)
    {
        if (now.Wall >= Day.Start)
        {
            _behind = null;
            return false;
        }

        var day = RequestDay.At(_calendar, now.Wall - _options.ResetGrace);
        var passed = _behind is not null && day.Date > _behind.Date && now.Elapsed - _begun >= SurelyADay;
        _behind = day;
        return passed;
    }
}
