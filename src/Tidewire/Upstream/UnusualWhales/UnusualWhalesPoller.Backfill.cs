using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tidewire.Fanout;

namespace Tidewire.Upstream.UnusualWhales;

/// <content>
/// After a reconnect: what the socket missed of a feed of events that REST has as well. When the channel is joined again
/// its gap is appended at once, with <c>backfilled: false</c>; nothing waits for REST. Some seconds later REST is asked
/// once. Rows between the gap's two times that were never published follow it, in order and with the source <c>rest</c>,
/// behind a second gap entry of the same times and reason whose <c>count</c> is their number:
/// <list type="bullet">
/// <item><c>backfilled: true</c> when the rows told reach back to the gap's beginning, by further pages where the provider
/// has them: then nothing is missing any more;</item>
/// <item><c>backfilled: false</c> when they do not: some of what was missing follows, the rest stays missing.</item>
/// </list>
/// Where REST has no such row, or cannot be asked, no second entry is written, and what the first says stands. Frames of the
/// socket may come to stand between the rows. A channel that REST stood in for while the connection was down is not asked
/// for here: the answers of that time, and the last one after it, are its backfill.
/// </content>
public sealed partial class UnusualWhalesPoller
{
    /// <summary>Pages that one backfill reads at most.</summary>
    private const int MostPages = 5;

    /// <summary>Requests for one backfill that may fail.</summary>
    private const int MostFailures = 3;

    private readonly BackfillQueue _backfills = new();
    private readonly Queue<Outage> _outages = new();
    private bool _isBackfilling;

    private void Backfill(Outage outage)
    {
        if (outage.Feed.Poll is not { Rows: PollRows.Events } poll || (poll.NeedsSymbol && outage.Name.Symbol is null))
        {
            return; // a state is told whole by its next value, and of sums REST has the minutes, not what the socket sends
        }

        lock (_gate)
        {
            _outages.Enqueue(outage);
        }

        Nudge();
    }

    /// <summary>Decides who backfills each outage that is over, and asks for the next channel that is due.</summary>
    private void AskBackfillLocked(BudgetTime now, List<Func<CancellationToken, Task>> asks)
    {
        while (_outages.TryDequeue(out var outage))
        {
            var polled = _channels.GetValueOrDefault(outage.Name.ToString());
            if (polled is { Answers: > 0, LastAt: { } last } && last >= outage.From)
            {
                continue; // REST stood in: its last answer covers the rest
            }

            if (polled is { Answers: 0 })
            {
                EndLocked(polled); // it was to stand in, and never did
            }

            _backfills.Add(outage, now.Elapsed);
        }

        if (!_isBackfilling && now.Elapsed >= _noBudgetUntil.GetValueOrDefault(RequestPurpose.Backfill)
            && _backfills.Next(channel => !_channels.ContainsKey(channel), now.Elapsed) is { } next)
        {
            _isBackfilling = true;
            asks.Add(stopping => BackfillAsync(next, stopping));
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "As for a channel's request.")]
    private async Task BackfillAsync(ChannelBackfill backfill, CancellationToken stopping)
    {
        await Task.Yield(); // not under the lock of who looks
        try
        {
            var failed = await ReadPagesAsync(backfill, stopping);
            if (failed is not null && backfill.Rows.Count == 0)
            {
                NoteFailure(backfill, failed);
                return;
            }

            await _publishing.WaitAsync(stopping);
            try
            {
                await SettledAsync();
                PublishMissing(backfill);
            }
            finally
            {
                _publishing.Release();
            }
        }
        catch (JsonException)
        {
            Log.NotBackfilled(_logger, backfill.Channel, "the provider's answer is not {\"data\":…} as documented");
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, backfill.Channel, exception);
        }
        finally
        {
            lock (_gate)
            {
                _isBackfilling = false;
            }

            Nudge(); // the next may be due
        }
    }

    /// <summary>Reads pages until they reach back to the earliest outage.</summary>
    /// <returns>Null, or how a request failed; what was told before it counts.</returns>
    private async Task<RestOutcome?> ReadPagesAsync(ChannelBackfill backfill, CancellationToken stopping)
    {
        for (var page = 0; page < MostPages && backfill.NextPath is { } path; page++)
        {
            lock (_gate)
            {
                _backfills.Count(Now().Elapsed);
            }

            var outcome = await _rest.GetAsync(path, RequestPurpose.Backfill, etag: null, stopping);
            if (outcome.Kind != RestOutcomeKind.Ok)
            {
                return outcome;
            }

            backfill.Take(RestRow.ReadAnswer(outcome.Body, backfill.Feed));
        }

        return null;
    }

    private void PublishMissing(ChannelBackfill backfill)
    {
        if (!_hub.TryGet(backfill.Outages[0].Name, out var log))
        {
            return;
        }

        var published = new PublishedRows(backfill.Feed);
        published.Learn(log, until: null);
        var now = _time.GetUtcNow();
        var source = _hub.Simulated ? PublicationSource.Simulated : PublicationSource.Rest;
        foreach (var (outage, missing) in backfill.Outages.Zip(published.SelectMissing(backfill.Rows, backfill.Outages)))
        {
            if (missing.Count == 0)
            {
                continue;
            }

            var isWhole = backfill.Covers(outage);
            _hub.Publish(log, Publication.OfGap(new Gap(outage.From, outage.To, missing.Count, GapReason.UpstreamDown, isWhole), source));
            foreach (var row in missing)
            {
                _hub.Publish(log, Publication.OfPayload(row.Payload, now, source));
            }

            Log.Backfilled(_logger, backfill.Channel, missing.Count, isWhole);
        }
    }

    /// <summary>Asks again later where that may help.</summary>
    private void NoteFailure(ChannelBackfill backfill, RestOutcome failed)
    {
        var mayHelp = failed.Kind is RestOutcomeKind.NoBudget or RestOutcomeKind.RateLimited or RestOutcomeKind.Network or RestOutcomeKind.ServerError;
        if (!mayHelp || ++backfill.Failures >= MostFailures)
        {
            Log.NotBackfilled(_logger, backfill.Channel, failed.Reason);
            return;
        }

        lock (_gate)
        {
            var now = Now();
            _backfills.Again(backfill, now.Elapsed + (SettlesAfter * Math.Pow(2, backfill.Failures)));
            if (failed.Kind == RestOutcomeKind.NoBudget)
            {
                _noBudgetUntil[RequestPurpose.Backfill] = now.Elapsed + ShortPause;
            }
        }
    }
}
