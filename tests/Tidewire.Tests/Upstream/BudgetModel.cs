using Tidewire.Market;
using Tidewire.Testing;
using Tidewire.Testing.UnusualWhales;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

/// <summary>The budget's decisions alone, driven step by step beside the provider's own count.</summary>
internal sealed class BudgetModel
{
    public const int Kinds = 16;
    private static readonly DateTimeOffset Start = new(2026, 3, 6, 12, 0, 0, TimeSpan.Zero);
    private static readonly MarketCalendar Calendar = MarketCalendar.Load();
    private static readonly long[] Lies = [-1, long.MinValue, long.MaxValue, 0, 1, 7, 95, 99, 100, 1_000_000_000, 14_999];

    private readonly RequestBudgetOptions _options;
    private readonly FakeTimeProvider _time = new(Start);
    private readonly RightTime _right;
    private readonly List<(RequestPurpose Purpose, VendorCount? Count, TimeSpan At)> _inFlight = [];
    private BudgetState _state;
    private RequestLedger? _written;
    private TimeSpan _setBack;

    public BudgetModel(RequestBudgetOptions options)
    {
        _options = options;
        _right = new RightTime(_time, Start);
        Vendor = new VendorLimits(_right) { MinuteLimit = options.MinuteLimit, DayLimit = options.DailyLimit, InFlightLimit = options.InFlightLimit };
        _state = new BudgetState(options, Calendar, Now);
    }

    public VendorLimits Vendor { get; }

    public long Granted { get; private set; }

    public long Writes { get; private set; }

    public RequestBudgetSnapshot View => _state.Snapshot(Now);

    private BudgetTime Now => new(_time.GetElapsedTime(0), _time.GetUtcNow());

    /// <summary>What is broken; null while all is well.</summary>
    public string? Broken =>
        Vendor.Violations > 0 ? $"{Vendor.Violations} violations"
        : Vendor.MostInMinute > (int)(_options.MinuteLimit * _options.HardStop) ? $"{Vendor.MostInMinute} in a minute"
        : Vendor.MostInDay > (int)(_options.DailyLimit * _options.HardStop) ? $"{Vendor.MostInDay} in a day"
        : Vendor.MostInFlight > _options.InFlightLimit ? $"{Vendor.MostInFlight} in flight"
        : _state.Used < Vendor.Day ? $"the ledger says {_state.Used}, the provider {Vendor.Day}"
        : null;

    /// <summary>One step.</summary>
    /// <param name="kind">Which, below <see cref="Kinds"/>.</param>
    /// <param name="value">How much of it; any number.</param>
    public void Step(int kind, int value)
    {
        value &= int.MaxValue;
        switch (kind)
        {
            case <= 5:
                Ask(1 + (value % 15));
                break;
            case <= 8:
                for (var more = value % 2 == 0 ? 1 : _inFlight.Count; more > 0; more--)
                {
                    Over(value / 3);
                }

                break;
            case <= 11:
                _time.Advance(TimeSpan.FromMilliseconds(value % 800));
                break;
            case 12:
                _time.Advance(TimeSpan.FromSeconds(value % 200 == 0 ? value / 200 % 40_000 : value % 5));
                break;
            case 13 when value % 48 == 0:
                End(clean: value % 96 == 0);
                break;
            case 14 when _setBack == TimeSpan.Zero && value % 7 == 0:
                _setBack = TimeSpan.FromSeconds(1 + (value % 5000));
                _time.StepWallClock(-_setBack);
                Ask(0);
                break;
            case 15:
                _time.StepWallClock(_setBack);
                _setBack = TimeSpan.Zero;
                break;
        }
    }

    private void Ask(int waiting)
    {
        for (var round = 0; round < 40; round++)
        {
            var decision = _state.Decide(waiting, Now);
            switch (decision.Step)
            {
                case BudgetStep.Write:
                    _written = _state.ToWrite(clean: false, Now);
                    _state.Written(_written);
                    Writes++;
                    continue;
                case BudgetStep.Grant:
                    Granted++;
                    _inFlight.Add((decision.Purpose, Granted % 2 == 0 ? Vendor.Arrive() : null, Now.Elapsed)); // it arrives at once, or as late as it can
                    continue;
                case BudgetStep.Refuse:
                    waiting &= ~(1 << (int)decision.Purpose);
                    continue;
            }

            return;
        }
    }

    private void Over(int value)
    {
        if (_inFlight.Count == 0)
        {
            return;
        }

        var at = value % _inFlight.Count;
        var (purpose, arrived, sent) = _inFlight[at];
        _inFlight.RemoveAt(at);
        if (arrived is null && value % 7 == 0)
        {
            _state.Returned(purpose, Now);
            return;
        }

        var count = arrived ?? Vendor.Arrive();
        Vendor.Leave();
        if (value % 11 == 0)
        {
            _state.GivenUp(purpose, Now.Elapsed - sent, Now);
            return;
        }

        var usage = new VendorUsage { DayCount = count.Day, DayLimit = Vendor.DayLimit, MinuteCount = count.Minute, MinuteRemaining = Vendor.MinuteLimit - count.Minute, MinuteReset = count.MinuteReset };
        if (value % 5 == 0)
        {
            long? Lie(int which) => (value >> which) % 3 == 0 ? null : Lies[(value >> which) % Lies.Length];
            usage = new() { DayCount = Lie(1), DayLimit = Lie(3), MinuteCount = Lie(5), MinuteRemaining = Lie(7), MinuteReset = value % 2 == 0 ? null : TimeSpan.FromSeconds(value % 60), RetryAfter = value % 13 == 0 ? TimeSpan.FromSeconds(value % 200) : null };
        }

        RequestLimit? refused = value % 17 == 0 ? (RequestLimit)(value % 34_000 == 0 ? 2 : value % 2) : null;
        _state.Answered(purpose, new(usage, refused), value % 100 / 100.0, Now);
    }

    /// <summary>Ends the process, in order or not, and begins the next with what was written. What was in flight arrives all the same.</summary>
    private void End(bool clean)
    {
        foreach (var (_, arrived, _) in _inFlight)
        {
            _ = arrived ?? Vendor.Arrive();
            Vendor.Leave();
        }

        _inFlight.Clear();
        _written = clean ? _state.ToWrite(clean: true, Now) : _written;
        _state = BudgetState.From(_written is null ? new(LedgerReadingKind.None) : new(LedgerReadingKind.Found, _written), _options, Calendar, Now);
    }
}
