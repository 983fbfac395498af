using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream.UnusualWhales;

/// <content>What is made of an answer: publications, and when to ask again.</content>
public sealed partial class UnusualWhalesPoller
{
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the request: an answer that no one expected costs that answer, not the poller.")]
    private async Task AskAsync(PolledChannel channel, CancellationToken stopping)
    {
        await Task.Yield(); // not under the lock of who looks
        RestOutcome outcome;
        string? problem = null;
        try
        {
            outcome = await _rest.GetAsync(channel.Path, channel.Purpose, channel.ETag, stopping);
            _access?.Note(channel.Feed, outcome);
            problem = outcome.Kind switch
            {
                RestOutcomeKind.Ok => await PublishAsync(channel, outcome.Body, stopping),
                RestOutcomeKind.NotModified => null,
                _ => outcome.Reason,
            };
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, channel.Channel, exception);
            outcome = new(RestOutcomeKind.ServerError, "a fault of ours, see the log");
            problem = outcome.Reason;
        }

        bool isLost;
        lock (_gate)
        {
            isLost = NoteLocked(channel, outcome, problem);
        }

        if (isLost && channel.LastAt is { } from)
        {
            // Nothing covers what came between the last answer and the socket's return.
            var log = _hub.GetOrAdd(channel.Name, channel.Feed);
            log.Interrupt(GapReason.UpstreamDown, from);
            _hub.Resume(log, SourceOf(channel), channel.Healed!.Value.Wall);
        }

        Nudge();
    }

    /// <summary>Takes note of how a request ended.</summary>
    /// <returns>Whether it was to be the last and brought nothing.</returns>
    private bool NoteLocked(PolledChannel channel, RestOutcome outcome, string? problem)
    {
        var now = Now();
        channel.IsAsking = false;
        if (problem is null)
        {
            if (channel.Problem is not null)
            {
                Log.Recovered(_logger, channel.Channel);
            }

            channel.Answers++;
            channel.LastAt = now.Wall;
            channel.Failures = 0;
            channel.ETag = outcome.Kind == RestOutcomeKind.Ok ? outcome.ETag : channel.ETag; // a tag belongs to the answer that it came with
        }
        else
        {
            channel.Failures++;
            if (channel.Problem != problem && outcome.Kind is not (RestOutcomeKind.NoBudget or RestOutcomeKind.RateLimited))
            {
                Log.BroughtNothing(_logger, channel.Channel, problem);
            }
        }

        channel.Outcome = outcome.Kind;
        channel.Problem = problem;
        channel.Pause = problem is null ? null : PauseAfter(channel, outcome.Kind);
        if (outcome.Kind == RestOutcomeKind.NoBudget)
        {
            _noBudgetUntil[channel.Purpose] = now.Elapsed + ShortPause; // it holds for all of this purpose
        }

        if (channel.Healed is not { } healed || channel.IsOver)
        {
            return false;
        }

        // What waits for the budget alone waits a little; then the socket's rows are too many to compare with.
        if (outcome.Kind is RestOutcomeKind.RateLimited or RestOutcomeKind.NoBudget && now.Elapsed - healed.Elapsed < LongestPause)
        {
            return false;
        }

        EndLocked(channel);
        return problem is not null;
    }

    /// <summary>When a request is made again that brought nothing.</summary>
    private static TimeSpan PauseAfter(PolledChannel channel, RestOutcomeKind kind)
    {
        switch (kind)
        {
            case RestOutcomeKind.NotEntitled or RestOutcomeKind.NotFound or RestOutcomeKind.BadRequest:
                return Longer(RefusedAgainAfter, channel.Interval);
            case RestOutcomeKind.NoBudget:
                return ShortPause;
            default:
                // With a thousand channels an interval may be hours: a request that failed by chance is made good before.
                var pause = Shorter(Shorter(channel.Interval, ShortPause) * Math.Pow(2, Math.Min(channel.Failures - 1, 10)), LongestPause);
                return channel.Failures <= RetriedAtOnce ? pause : Longer(pause, channel.Interval);
        }
    }

    private PublicationSource SourceOf(PolledChannel channel) => _hub.Simulated ? PublicationSource.Simulated
        : channel.Feed.Poll!.Rows == PollRows.Totals ? PublicationSource.Derived : PublicationSource.Rest;

    /// <summary>Completes when everything published so far stands in its log.</summary>
    private Task SettledAsync() => _hub.SettledAsync();

    /// <summary>Publishes what is new in an answer.</summary>
    /// <returns>Null, or why nothing could be made of it.</returns>
    private async Task<string?> PublishAsync(PolledChannel channel, ReadOnlyMemory<byte> body, CancellationToken stopping)
    {
        await _publishing.WaitAsync(stopping);
        try
        {
            await SettledAsync();
            return Publish(channel, body);
        }
        finally
        {
            _publishing.Release();
        }
    }

    private string? Publish(PolledChannel channel, ReadOnlyMemory<byte> body)
    {
        List<RestRow> rows;
        try
        {
            rows = RestRow.ReadAnswer(body, channel.Feed);
        }
        catch (JsonException)
        {
            return "the provider's answer is not {\"data\":…} as documented";
        }

        if (channel.IsOver)
        {
            return null;
        }

        if (_states is not null && channel.Feed == _price && channel.Name.Symbol is { } ticker && rows.Count > 0)
        {
            _states.Take(ticker, rows[^1].Payload); // before the price is derived from, which needs it
        }

        var log = _hub.GetOrAdd(channel.Name, channel.Feed);
        var last = channel.LastAt ?? log.LastAt;
        channel.Published.Learn(log, channel.Healed?.Wall);
        var fresh = channel.Published.Select(rows, channel.Healed?.Wall);
        var now = _time.GetUtcNow();
        var source = SourceOf(channel);
        if (channel.Published.HasHole && last is { } from)
        {
            // More has happened than one answer holds: what lies between the two is not known.
            log.Interrupt(channel.IsFallback ? GapReason.UpstreamDown : GapReason.NotJoined, from);
        }

        _hub.Resume(log, source, channel.Healed?.Wall ?? now, channel.Published.Overlapped);
        foreach (var row in fresh)
        {
            var publication = Publication.OfPayload(row.Payload, now, source);
            _hub.Publish(log, publication);
            _tickers.Derive(log, publication);
        }

        channel.Rows += fresh.Count;
        return null;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "As for a channel's request.")]
    private async Task AskStateAsync(string ticker, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            var path = _price!.Poll!.PathOf(ticker);
            var outcome = await _rest.GetAsync(path, RequestPurpose.Poll, etag: null, stopping);
            _access?.Note(_price, outcome);
            if (outcome.Kind != RestOutcomeKind.Ok)
            {
                if (outcome.Kind is RestOutcomeKind.NoBudget or RestOutcomeKind.RateLimited)
                {
                    PutOff(ticker, outcome.Kind);
                    return;
                }

                Log.NoState(_logger, ticker, outcome.Reason);
                return;
            }

            var rows = RestRow.ReadAnswer(outcome.Body, _price);
            if (rows.Count == 0 || !_states!.Take(ticker, rows[0].Payload))
            {
                Log.NoState(_logger, ticker, "the answer holds no prices");
                return;
            }

            lock (_gate)
            {
                _stateAsks.Remove(ticker); // the next session's are asked for at once
            }

            // Who reads the ticker need not wait for its next trade.
            var price = _hub.GetOrAdd(ChannelName.Of(_price.Name, ticker), _price);
            _tickers.Derive(price, price.Recent(1) is [{ Gap: null } last] ? last : Publication.OfPayload(rows[0].Payload, _time.GetUtcNow(), PublicationSource.Rest));
        }
        catch (JsonException)
        {
            Log.NoState(_logger, ticker, "the answer is not as documented");
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
        catch (Exception exception)
        {
            Log.Failed(_logger, ticker, exception);
        }
        finally
        {
            lock (_gate)
            {
                _statesUnderWay--;
            }
        }
    }

    /// <summary>The ticker is not to blame: it is asked about again soon.</summary>
    private void PutOff(string ticker, RestOutcomeKind kind)
    {
        lock (_gate)
        {
            var now = _time.GetElapsedTime(_start);
            _stateAsks[ticker] = (now + ShortPause, 0);
            if (kind == RestOutcomeKind.NoBudget)
            {
                _noBudgetUntil[RequestPurpose.Poll] = now + ShortPause;
            }
        }
    }
}
