using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// Feeds channels over REST: those that exist nowhere else, and those that the socket does not carry now, because it is
/// down, refuses them, stays silent or has no channel left. When the socket carries one again, one more answer covers
/// what came between, and REST lets go of it. Only channels that someone reads are asked for.
/// </summary>
/// <remarks>
/// How often is decided by the feed, by the market's hours and by what is left of the request budget, for all together.
/// A row is published as the provider sent it, in REST's spelling, with the source <c>rest</c>; what was published
/// before, by either interface, is left out (<see cref="PublishedRows"/>).
/// </remarks>
public sealed partial class UnusualWhalesPoller : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>After the socket has come back, its first frames are let in before the last answer is compared with them.</summary>
    internal static readonly TimeSpan SettlesAfter = TimeSpan.FromSeconds(5);

    /// <summary>When a resource is asked for again that the token does not open or that does not exist.</summary>
    private static readonly TimeSpan RefusedAgainAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan NoBudgetPause = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PolledChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _statesAskedAt = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changed = new(0);
    private readonly UnusualWhalesRest _rest;
    private readonly RequestBudget _budget;
    private readonly Hub _hub;
    private readonly Demand _demand;
    private readonly UpstreamStatus _status;
    private readonly TickerFeed _tickers;
    private readonly StockStates? _states;
    private readonly Feed? _price;
    private readonly UpstreamOptions _options;
    private readonly int _mostAtOnce;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a poller that is not running.</summary>
    /// <param name="rest">The provider's REST side.</param>
    /// <param name="budget">What its requests go through.</param>
    /// <param name="budgetOptions">How many requests may be under way.</param>
    /// <param name="hub">Where rows are published, and who reads what.</param>
    /// <param name="catalogue">The feeds.</param>
    /// <param name="demand">How far the socket has got with each channel.</param>
    /// <param name="status">How the socket is.</param>
    /// <param name="tickers">What is derived from prices.</param>
    /// <param name="states">Where the day's prices of a ticker are kept; null when they are known from elsewhere.</param>
    /// <param name="options">When REST stands in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    public UnusualWhalesPoller(
        UnusualWhalesRest rest,
        RequestBudget budget,
        IOptions<RequestBudgetOptions> budgetOptions,
        Hub hub,
        FeedCatalogue catalogue,
        Demand demand,
        UpstreamStatus status,
        TickerFeed tickers,
        StockStates? states,
        IOptions<UpstreamOptions> options,
        TimeProvider time,
        ILogger<UnusualWhalesPoller> logger)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(budgetOptions);
        (_rest, _budget, _hub, _demand, _status, _tickers, _states, _time, _logger) = (rest, budget, hub, demand, status, tickers, states, time, logger);
        _options = options.Value;
        _mostAtOnce = budgetOptions.Value.InFlightLimit;
        _price = catalogue.TryGet("price", out var price) && price.Poll is not null ? price : null;
        hub.InterestChanged += Nudge;
    }

    /// <summary>Every channel that is fed over REST now, by name.</summary>
    public IReadOnlyList<PolledView> Channels
    {
        get
        {
            lock (_gate)
            {
                return [.. _channels.Values.Where(static channel => channel.HealedAt is null).Select(static channel => channel.View()).OrderBy(static view => view.Channel, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Whether a channel is asked for, be it for one last time.</summary>
    /// <param name="channel">Its name.</param>
    public bool IsPolling(string channel)
    {
        lock (_gate)
        {
            return _channels.ContainsKey(channel);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hub.InterestChanged -= Nudge;
        _changed.Dispose();
    }

    /// <summary>Polls until told to stop.</summary>
    /// <param name="stopping">Ends it; requests under way are given up.</param>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var look = _time.CreateTimer(static poller => ((UnusualWhalesPoller)poller!).Nudge(), this, LookInterval, LookInterval);
        var asking = new List<Task>();
        try
        {
            while (true)
            {
                asking.RemoveAll(static task => task.IsCompleted);
                asking.AddRange(Look().Select(ask => ask(stopping)));
                await _changed.WaitAsync(stopping);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }

        await Task.WhenAll(asking);
    }

    /// <summary>Brings the channels up to date with what is wanted, and says what to ask for now.</summary>
    private List<Func<CancellationToken, Task>> Look()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            ConsiderLocked(now);
            PaceLocked();
            var asks = new List<Func<CancellationToken, Task>>();
            foreach (var purpose in (RequestPurpose[])[RequestPurpose.Fallback, RequestPurpose.Poll])
            {
                var free = _mostAtOnce - _channels.Values.Count(channel => channel.IsAsking && channel.Purpose == purpose);
                foreach (var channel in _channels.Values.Where(channel => !channel.IsAsking && channel.Purpose == purpose && channel.DueAt <= now).OrderBy(static channel => channel.DueAt).Take(Math.Max(0, free)))
                {
                    channel.IsAsking = true;
                    channel.AskedAt = now;
                    asks.Add(stopping => AskAsync(channel, stopping));
                }
            }

            StatesLocked(now, asks);
            return asks;
        }
    }

    private void ConsiderLocked(DateTimeOffset now)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var log in _hub.Logs)
        {
            if (log is { Subscribers: > 0, Feed: { Origin: FeedOrigin.Rest, Poll: not null } })
            {
                wanted.Add(log.Name.ToString());
                BeginLocked(log.Name, log.Feed, isFallback: false, now);
            }
        }

        foreach (var view in _demand.Channels)
        {
            if (!view.Subscribed || view.Feed.Poll is not { } poll || (poll.NeedsSymbol && view.Name.Symbol is null))
            {
                continue;
            }

            var channel = _channels.GetValueOrDefault(view.Form);
            if (StandsIn(view, channel is { HealedAt: null }, now))
            {
                wanted.Add(view.Form);
                BeginLocked(view.Name, view.Feed, isFallback: true, now).HealedAt = null;
            }
            else if (channel is not null && poll.Rows is PollRows.Events or PollRows.Minutes or PollRows.Totals)
            {
                wanted.Add(view.Form);
                if (channel.HealedAt is null)
                {
                    channel.HealedAt = now;
                    Log.Healed(_logger, channel.Channel);
                }
            }
        }

        foreach (var channel in _channels.Values.Where(channel => !wanted.Contains(channel.Channel)).ToArray())
        {
            EndLocked(channel);
        }
    }

    private PolledChannel BeginLocked(ChannelName name, Feed feed, bool isFallback, DateTimeOffset now)
    {
        var key = name.ToString();
        if (!_channels.TryGetValue(key, out var channel))
        {
            _channels[key] = channel = new PolledChannel(name, feed, isFallback, now);
            if (isFallback)
            {
                Log.StandsIn(_logger, key);
            }
        }

        return channel;
    }

    private void EndLocked(PolledChannel channel)
    {
        channel.IsOver = true;
        _channels.Remove(channel.Channel);
    }

    /// <summary>Whether REST stands in for the socket. Once it does, only data ends it, or for a feed that may rightly be quiet the word of the provider.</summary>
    private bool StandsIn(ChannelView view, bool already, DateTimeOffset now) => view.State switch
    {
        ChannelState.Silent or ChannelState.Refused => true,
        ChannelState.Waiting => already || now - view.Since >= _options.FallbackAfter || _status.View.State == UpstreamState.NotEntitled,
        ChannelState.Requested => already,
        ChannelState.Joined => already && view.Feed.SilentAfter is not null,
        _ => false,
    };

    /// <summary>Gives each channel its interval: what its feed asks for, in market hours or out of them, stretched alike for all.</summary>
    private void PaceLocked()
    {
        if (_channels.Count == 0)
        {
            return;
        }

        var shortest = _budget.ShortestInterval;
        TimeSpan Asked(PolledChannel channel) => channel.Feed.Poll!.Every > shortest ? channel.Feed.Poll.Every : shortest;
        var stretch = _budget.PollInterval((int)Math.Ceiling(_channels.Values.Sum(channel => shortest / Asked(channel)))) / shortest;
        foreach (var channel in _channels.Values)
        {
            channel.Interval = Asked(channel) * Math.Max(1, stretch);
        }
    }

    /// <summary>Asks for the day's prices of tickers that are read and have none yet.</summary>
    private void StatesLocked(DateTimeOffset now, List<Func<CancellationToken, Task>> asks)
    {
        if (_states is null || _price is null)
        {
            return;
        }

        foreach (var log in _hub.Logs)
        {
            if (log.Subscribers > 0 && log.Feed.DerivedFrom == _price.Name && log.Name.Symbol is { } ticker && _states.IsWanted(ticker)
                && (!_statesAskedAt.TryGetValue(ticker, out var askedAt) || now - askedAt >= LongestPause))
            {
                _statesAskedAt[ticker] = now;
                asks.Add(stopping => AskStateAsync(ticker, stopping));
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the request: an answer that no one expected costs that answer, not the poller.")]
    private async Task AskAsync(PolledChannel channel, CancellationToken stopping)
    {
        await Task.Yield(); // not under the lock of who looks
        RestOutcome outcome;
        string? problem = null;
        try
        {
            outcome = await _rest.GetAsync(channel.Path, channel.Purpose, channel.ETag, stopping);
            problem = outcome.Kind switch
            {
                RestOutcomeKind.Ok => Publish(channel, outcome.Body),
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

        lock (_gate)
        {
            NoteLocked(channel, outcome, problem);
        }

        Nudge();
    }

    private void NoteLocked(PolledChannel channel, RestOutcome outcome, string? problem)
    {
        var now = _time.GetUtcNow();
        channel.IsAsking = false;
        if (problem is null)
        {
            if (channel.Problem is not null)
            {
                Log.Recovered(_logger, channel.Channel);
            }

            channel.Answers++;
            channel.LastAt = now;
            channel.Failures = 0;
            channel.ETag = outcome.ETag ?? channel.ETag;
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
        channel.Pause = problem is null ? null : outcome.Kind switch
        {
            RestOutcomeKind.NotEntitled or RestOutcomeKind.NotFound or RestOutcomeKind.BadRequest => RefusedAgainAfter,
            RestOutcomeKind.NoBudget => NoBudgetPause,
            RestOutcomeKind.RateLimited => TimeSpan.Zero, // the budget waits by itself
            _ => Shorter(channel.Interval * Math.Pow(2, Math.Min(channel.Failures - 1, 10)), LongestPause),
        };
        if (channel.HealedAt is not null && outcome.Kind is not (RestOutcomeKind.RateLimited or RestOutcomeKind.NoBudget))
        {
            EndLocked(channel);
        }
    }

    /// <summary>Publishes what is new in an answer.</summary>
    /// <returns>Null, or why nothing could be made of it.</returns>
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

        var log = _hub.GetOrAdd(channel.Name, channel.Feed);
        channel.Published.Learn(log);
        var fresh = channel.Published.Select(rows, channel.HealedAt);
        var now = _time.GetUtcNow();
        var source = _hub.Simulated ? PublicationSource.Simulated : channel.Feed.Poll!.Rows == PollRows.Totals ? PublicationSource.Derived : PublicationSource.Rest;
        _hub.Resume(log, source, now, channel.Published.Overlapped);
        foreach (var row in fresh)
        {
            var publication = Publication.OfPayload(row.Payload, now, source);
            _hub.Publish(log, publication);
            _tickers.Derive(log, publication);
        }

        if (_states is not null && channel.Feed == _price && channel.Name.Symbol is { } ticker && fresh.Count > 0)
        {
            _states.Take(ticker, fresh[^1].Payload);
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
            var path = _price!.Poll!.Path.Replace("{ticker}", Uri.EscapeDataString(ticker), StringComparison.Ordinal);
            var outcome = await _rest.GetAsync(path, RequestPurpose.Poll, etag: null, stopping);
            if (outcome.Kind != RestOutcomeKind.Ok)
            {
                Log.NoState(_logger, ticker, outcome.Reason);
                return;
            }

            var rows = RestRow.ReadAnswer(outcome.Body, _price);
            if (rows.Count == 0 || !_states!.Take(ticker, rows[0].Payload))
            {
                Log.NoState(_logger, ticker, "the answer holds no prices");
                return;
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
    }

    private void Nudge(ChannelLog log)
    {
        if (log.Feed.Origin != FeedOrigin.Join) // those wait for the socket first
        {
            Nudge();
        }
    }

    private void Nudge()
    {
        lock (_gate)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "REST stands in for the socket on {Channel}.", EventName = "RestStandsIn")]
        public static partial void StandsIn(ILogger logger, string channel);

        [LoggerMessage(61, LogLevel.Information, "The socket carries {Channel} again.", EventName = "SocketCarriesAgain")]
        public static partial void Healed(ILogger logger, string channel);

        [LoggerMessage(62, LogLevel.Warning, "A request for {Channel} brought nothing: {Problem}.", EventName = "RestBroughtNothing")]
        public static partial void BroughtNothing(ILogger logger, string channel, string problem);

        [LoggerMessage(63, LogLevel.Information, "Requests for {Channel} are answered again.", EventName = "RestAnswersAgain")]
        public static partial void Recovered(ILogger logger, string channel);

        [LoggerMessage(64, LogLevel.Error, "A request for {Channel} failed because of a fault of ours.", EventName = "RestFailed")]
        public static partial void Failed(ILogger logger, string channel, Exception exception);

        [LoggerMessage(65, LogLevel.Warning, "The day's prices of {Ticker} are not known: {Problem}.", EventName = "NoStockState")]
        public static partial void NoState(ILogger logger, string ticker, string problem);
    }
}
