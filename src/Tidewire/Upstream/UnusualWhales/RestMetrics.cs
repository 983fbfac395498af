using System.Diagnostics.Metrics;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>What is measured of the provider's REST side: the budget's own counts, read when asked.</summary>
public sealed class RestMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Tidewire.Rest";

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Where the meter comes from; it also disposes it.</param>
    /// <param name="budget">The requests.</param>
    /// <param name="rest">What makes them.</param>
    /// <param name="poller">What they feed.</param>
    public RestMetrics(IMeterFactory meters, RequestBudget budget, UnusualWhalesRest rest, UnusualWhalesPoller poller)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(new MeterOptions(MeterName));
        meter.CreateObservableGauge("tidewire.rest.requests.used", () => ByPurpose(budget.Snapshot().ByPurpose), "{request}", "Our requests of the provider's day, by purpose.");
        meter.CreateObservableGauge("tidewire.rest.requests.remaining", () => budget.Snapshot().Remaining, "{request}", "Requests that may still be made before the day's stop.");
        meter.CreateObservableGauge("tidewire.rest.requests.limit", () => budget.Snapshot().Limit, "{request}", "Requests that the provider allows in its day.");
        meter.CreateObservableUpDownCounter("tidewire.rest.requests.active", () => budget.Snapshot().InFlight, "{request}", "Requests that are sent and not answered.");
        meter.CreateObservableCounter(
            "tidewire.rest.outcomes",
            () => Enum.GetValues<RestOutcomeKind>().Select(kind => new Measurement<long>(rest.CountOf(kind), Tag("outcome", UpstreamWords.Name(kind)))),
            "{request}",
            "Requests that ended, by how.");
        meter.CreateObservableCounter("tidewire.rest.refusals", () => ByLimit(budget.Snapshot()), "{answer}", "Answers that said a limit was exceeded, by limit.");
        meter.CreateObservableUpDownCounter(
            "tidewire.rest.channels",
            () => poller.Channels.CountBy(static view => view.IsFallback).Select(static count => new Measurement<long>(count.Value, Tag("why", count.Key ? "fallback" : "rest_only"))),
            "{channel}",
            "Channels that REST feeds, in place of the socket or because they exist there only.");
    }

    private static Measurement<long>[] ByPurpose(PurposeCounts counts) =>
    [
        new(counts.Backfill, Tag("purpose", "backfill")),
        new(counts.Fallback, Tag("purpose", "fallback")),
        new(counts.Poll, Tag("purpose", "poll")),
        new(counts.History, Tag("purpose", "history")),
    ];

    private static Measurement<long>[] ByLimit(RequestBudgetSnapshot view) =>
    [
        new(view.RefusedInFlight, Tag("limit", "in_flight")),
        new(view.RefusedMinute, Tag("limit", "minute")),
        new(view.RefusedDay, Tag("limit", "day")),
    ];

    private static KeyValuePair<string, object?> Tag(string name, string value) => KeyValuePair.Create<string, object?>(name, value);
}
