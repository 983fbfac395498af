using Microsoft.Extensions.Logging;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// Asks once for each feed's REST resource after the start, where nothing has asked for it yet: so that what the token opens is
/// known before it is needed. The answers are not published.
/// </summary>
/// <param name="rest">The provider's REST side.</param>
/// <param name="budget">What its requests go through.</param>
/// <param name="access">Where the answers are noted.</param>
/// <param name="catalogue">The feeds.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log.</param>
public sealed partial class RestProbe(UnusualWhalesRest rest, RequestBudget budget, RestAccess access, FeedCatalogue catalogue, TimeProvider time, ILogger<RestProbe> logger)
{
    /// <summary>A ticker that every plan and every resource knows.</summary>
    private const string Ticker = "SPY";

    /// <summary>Asked only while so small a part of the day is spent: a process that is restarted over and over spends no more on it.</summary>
    private const double ShareOfDay = 0.05;

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    /// <summary>Asks, then returns.</summary>
    /// <param name="stopping">Ends it quietly.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        var asked = catalogue.Feeds.Where(static feed => feed.Poll is not null).ToArray();
        try
        {
            foreach (var feed in asked)
            {
                await Task.Delay(Pace, time, stopping); // the first readers go first
                var view = budget.Snapshot();
                if (view.Used >= view.Limit * ShareOfDay)
                {
                    Log.Spared(logger, view.Used);
                    return;
                }

                if (access.Of(feed)!.State == RestAccessState.Unknown)
                {
                    access.Note(feed, await rest.GetAsync(feed.Poll!.PathOf(Ticker), RequestPurpose.Poll, etag: null, stopping));
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        var states = asked.ToLookup(feed => access.Of(feed)!.State, static feed => feed.Name);
        Log.Opened(logger, states[RestAccessState.Open].Count(), asked.Length, Names(states[RestAccessState.NotEntitled]), Names(states[RestAccessState.NotFound].Concat(states[RestAccessState.Failing])));
    }

    private static string Names(IEnumerable<string> feeds) => string.Join(", ", feeds) is { Length: > 0 } names ? names : "none";

    private static partial class Log
    {
        [LoggerMessage(66, LogLevel.Information, "The token opens {Open} of {All} REST resources. Not entitled: {NotEntitled}. Not found or failing: {Failing}.", EventName = "RestAccessKnown")]
        public static partial void Opened(ILogger logger, int open, int all, string notEntitled, string failing);

        [LoggerMessage(67, LogLevel.Information, "What the token opens over REST is not asked for: {Used} requests of the day are spent. It becomes known as feeds are read.", EventName = "RestAccessNotAsked")]
        public static partial void Spared(ILogger logger, long used);
    }
}
