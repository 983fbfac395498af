using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Tidewire.Market;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Tests.Upstream;

public sealed class BudgetStateTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 5, 16, 0, 0, TimeSpan.Zero);
    private static readonly MarketCalendar Calendar = MarketCalendar.Load();

    [Fact]
    public void No_order_of_events_breaks_a_limit() => Prop.ForAll(
        Gen.Choose(0, BudgetModel.Kinds - 1).SelectMany(kind => Gen.Choose(0, int.MaxValue - 1).Select(value => (kind, value))).ListOf(400).ToArbitrary(),
        steps =>
        {
            var model = new BudgetModel(new RequestBudgetOptions { MinuteLimit = 20, DailyLimit = 100, Block = 5 });
            foreach (var (kind, value) in steps)
            {
                model.Step(kind, value);
                if (model.Broken is { } broken)
                {
                    throw new InvalidOperationException(broken);
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void A_million_random_steps_break_no_limit(int seed)
    {
        const int Steps = 1_000_000;
        var random = new Random(seed);
        var model = new BudgetModel(new RequestBudgetOptions());
        var watch = Stopwatch.GetTimestamp();
        for (var step = 0; step < Steps; step++)
        {
            model.Step(random.Next(BudgetModel.Kinds), random.Next());
            Assert.Null(model.Broken);
        }

        output.WriteLine(FormattableString.Invariant($"figure: random steps, seed {seed}: {Steps} in {Stopwatch.GetElapsedTime(watch).TotalSeconds:0.0} s, {model.Granted} requests, {model.Writes} writes, {model.Vendor.Violations} violations, at most {model.Vendor.MostInDay} a day and {model.Vendor.MostInMinute} a minute"));
        Assert.True(model.Vendor.MostInMinute > 50 && model.Granted > 20_000, "the steps spend too little to prove anything");
    }

    [Fact]
    public void The_provider_telling_of_others_counts_and_one_lie_does_not()
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        Round(state, 0, new() { DayCount = 5_001, DayLimit = 15_000 });
        Assert.Equal(5_001, state.Snapshot(At(1)).Used);

        Round(state, 2, new() { DayCount = 3, DayLimit = 15_000 }); // shrinks
        Round(state, 3, new() { DayCount = 14_999, DayLimit = 15_000 }); // jumps further than a minute's limit allows
        Round(state, 4, new() { DayCount = 1_000_000, DayLimit = 15_000 }); // answers beyond its limit
        Round(state, 5, new() { DayCount = -4, DayLimit = -1 });

        var view = state.Snapshot(At(6));
        Assert.Equal((5_005L, 5_000L, 15_000L), (view.Used, view.Others, view.Limit));
        Assert.Equal(3, view.ImpossibleHeaders);
    }

    [Fact]
    public void A_lower_count_is_believed_when_three_answers_in_a_row_say_so()
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        Round(state, 0, new() { DayCount = 9_000 });
        Round(state, 1, new() { DayCount = 2 });
        Round(state, 2, new() { DayCount = 3 });
        Assert.Equal(9_002, state.Snapshot(At(3)).Used);
        Round(state, 3, new() { DayCount = 4 });
        Assert.Equal(4, state.Snapshot(At(4)).Used);
    }

    [Fact]
    public void Lies_of_one_day_do_not_stop_the_next()
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        for (var second = 0; second < 10 && state.Decide(0, At(second)).Step != BudgetStep.Refuse && state.Snapshot(At(second)).Remaining > 0; second++)
        {
            Round(state, second, new() { DayCount = 20, DayLimit = 20 });
        }

        Assert.Equal(0, state.Snapshot(At(20)).Remaining);
        Assert.Equal((13_500L, 15_000L), (state.Snapshot(At((8 * 3600) + 31)).Remaining, state.Snapshot(At((8 * 3600) + 31)).Limit));
    }

    [Fact]
    public void A_lower_limit_of_the_provider_wins_and_a_higher_one_does_not()
    {
        var low = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        for (var second = 0; second < 3; second++)
        {
            Assert.Equal(15_000, low.Snapshot(At(second)).Limit); // one answer may lie
            Round(low, second, new() { DayCount = second + 1, DayLimit = 1_000 });
        }

        Assert.Equal((1_000L, 897L), (low.Snapshot(At(3)).Limit, low.Snapshot(At(3)).Remaining));

        var high = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        Round(high, 0, new() { DayCount = 1, DayLimit = 60_000 });
        Assert.Equal(15_000, high.Snapshot(At(1)).Limit);
    }

    [Fact]
    public void Each_refusal_has_its_own_wait()
    {
        Assert.InRange(HeldAfter(RequestLimit.InFlight, new()).TotalSeconds, 0.25, 0.5);
        Assert.InRange(HeldAfter(RequestLimit.Minute, new()).TotalSeconds, 5, 10);
        Assert.Equal(42, HeldAfter(RequestLimit.Minute, new() { MinuteReset = TimeSpan.FromSeconds(42) }).TotalSeconds);
        Assert.Equal(77, HeldAfter(RequestLimit.InFlight, new() { RetryAfter = TimeSpan.FromSeconds(77) }).TotalSeconds);
        Assert.Equal(TimeSpan.FromHours(8) + new RequestBudgetOptions().ResetGrace - TimeSpan.FromSeconds(0.2), HeldAfter(RequestLimit.Day, new()));
    }

    [Fact]
    public void A_refused_day_survives_a_restart_and_ends_with_the_reset()
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        Round(state, 0, new(), RequestLimit.Day);
        Assert.Equal(BudgetStep.Write, state.Decide(0, At(2)).Step); // at once, though nobody waits
        var next = BudgetState.From(new(LedgerReadingKind.Found, state.ToWrite(clean: false, At(2))), new RequestBudgetOptions(), Calendar, At(3));
        Assert.Equal(BudgetStep.Refuse, next.Decide(1, At(3)).Step);
        Assert.Equal(BudgetStep.Refuse, next.Decide(1, At(8 * 3600)).Step); // 20:00, but for the grace
        Assert.NotEqual(BudgetStep.Refuse, next.Decide(1, At((8 * 3600) + 31)).Step);
    }

    [Fact]
    public void The_forecast_says_when_the_day_is_spent()
    {
        var state = new BudgetState(new RequestBudgetOptions { DailyLimit = 1_000 }, Calendar, At(0));
        for (var second = 0; second < 600; second += 3)
        {
            Round(state, second, new());
        }

        var view = state.Snapshot(At(599));
        Assert.Equal((20, 700L), ((int)view.RatePerMinute, view.Remaining));
        Assert.Equal(Noon.AddSeconds(599 + (35 * 60)), view.ExhaustedAt);
    }

    [Fact]
    public void Polls_stretch_with_what_is_left_and_never_below_their_floors()
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0)); // noon: four hours to the close
        Assert.Equal(TimeSpan.FromSeconds(5), state.PollInterval(2, At(0)));
        Assert.Equal(TimeSpan.FromSeconds(60), state.PollInterval(2, At(4 * 3600)));
        var wide = state.PollInterval(10, At(0));
        Round(state, 1, new() { DayCount = 9_000, DayLimit = 15_000 });
        Assert.True(state.PollInterval(10, At(2)) > wide * 2);
        Round(state, 3, new(), RequestLimit.Day);
        Assert.Equal(TimeSpan.FromHours(8) + TimeSpan.FromSeconds(30 - 5), state.PollInterval(10, At(5)));
    }

    private static TimeSpan HeldAfter(RequestLimit limit, VendorUsage usage)
    {
        var state = new BudgetState(new RequestBudgetOptions(), Calendar, At(0));
        Round(state, 0, usage, limit);
        return state.Snapshot(At(0.2)).HeldUntil!.Value - At(0.2).Wall;
    }

    /// <summary>Grants one request, written ahead where it must be, and answers it 0.2 s later.</summary>
    private static void Round(BudgetState state, int second, VendorUsage usage, RequestLimit? refused = null)
    {
        BudgetDecision decision;
        while ((decision = state.Decide(1 << (int)RequestPurpose.Poll, At(second))).Step == BudgetStep.Write)
        {
            state.Written(state.ToWrite(clean: false, At(second)));
        }

        Assert.Equal(BudgetStep.Grant, decision.Step);
        state.Answered(RequestPurpose.Poll, new(usage, refused), 0.5, At(second + 0.2));
    }

    private static BudgetTime At(double second) => new(TimeSpan.FromSeconds(second), Noon.AddSeconds(second));
}
