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
/// before, by either interface, is left out (<see cref="PublishedRows"/>). A client's position keeps no channel asked for:
/// requests are scarce, and whoever comes back reads what the next answers still hold.
/// </remarks>
public sealed partial class UnusualWhalesPoller : IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>After the socket has come back, its first frames are let in before the last answer is compared with them.</summary>
    internal static readonly TimeSpan SettlesAfter = TimeSpan.FromSeconds(5);

    /// <summary>When a resource is asked for again that the token does not open or that does not exist.</summary>
    private static readonly TimeSpan RefusedAgainAfter = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(30);

    /// <summary>Failures in a row that are made good before the next request is due; a provider that is down is not asked more often than one that is up.</summary>
    private const int RetriedAtOnce = 3;

    /// <summary>Requests that may be made beyond the even pace, so that a new reader need not wait for its turn, and a thousand cannot spend the day at its start.</summary>
    private const double Burst = 150;

    private static readonly TimeSpan PaceInterval = TimeSpan.FromSeconds(1);
    private static readonly RequestPurpose[] Purposes = [RequestPurpose.Fallback, RequestPurpose.Poll];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PolledChannel> _channels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TimeSpan Again, int Failures)> _stateAsks = new(StringComparer.Ordinal);
    private readonly Dictionary<RequestPurpose, TimeSpan> _noBudgetUntil = [];
    private readonly List<(ChannelName Name, Feed Feed)> _restOnly = [];
    private readonly List<string> _tickersRead = [];
    private readonly SemaphoreSlim _changed = new(0);
    private readonly SemaphoreSlim _publishing = new(1); // from reading what is published to publishing what is not
    private readonly UnusualWhalesRest _rest;
    private readonly RequestBudget _budget;
    private readonly Hub _hub;
    private readonly Demand _demand;
    private readonly UpstreamStatus _status;
    private readonly TickerFeed _tickers;
    private readonly StockStates? _states;
    private readonly RestAccess? _access;
    private readonly Feed? _price;
    private readonly UpstreamOptions _options;
    private readonly int _mostAtOnce;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private volatile bool _interestChanged = true;
    private long _consideredVersion = -1;
    private UpstreamState _consideredStatus;
    private bool _consideredOpen;
    private TimeSpan _considerAgain;
    private TimeSpan _paceAgain;
    private TimeSpan _looked;
    private double _pace;
    private double _credit = Burst;
    private int _statesUnderWay;

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
    /// <param name="access">Where it is noted what the token opens; null for nowhere.</param>
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
        ILogger<UnusualWhalesPoller> logger,
        RestAccess? access = null)
    {
        ArgumentNullException.ThrowIfNull(hub);
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(budgetOptions);
        ArgumentNullException.ThrowIfNull(time);
        (_rest, _budget, _hub, _demand, _status, _tickers, _states, _time, _logger) = (rest, budget, hub, demand, status, tickers, states, time, logger);
        _access = access;
        _options = options.Value;
        _mostAtOnce = budgetOptions.Value.InFlightLimit;
        _start = time.GetTimestamp();
        _price = catalogue.TryGet("price", out var price) && price.Poll is not null ? price : null;
        hub.InterestChanged += Nudge;
        demand.Returned += Backfill;
    }

    /// <summary>Every channel that is fed over REST now, by name.</summary>
    public IReadOnlyList<PolledView> Channels
    {
        get
        {
            lock (_gate)
            {
                var now = Now();
                return [.. _channels.Values.Where(static channel => channel.Healed is null).Select(channel => channel.View(now)).OrderBy(static view => view.Channel, StringComparer.Ordinal)];
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
        _demand.Returned -= Backfill;
        _changed.Dispose();
        _publishing.Dispose();
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

    private BudgetTime Now() => new(_time.GetElapsedTime(_start), _time.GetUtcNow());

    /// <summary>Brings the channels up to date with what is wanted, and says what to ask for now.</summary>
    private List<Func<CancellationToken, Task>> Look()
    {
        lock (_gate)
        {
            var now = Now();
            if (IsToConsiderLocked(now))
            {
                ConsiderLocked(now);
                PaceLocked(now);
            }
            else if (now.Elapsed >= _paceAgain)
            {
                PaceLocked(now);
            }

            _credit = Math.Min(Burst, _credit + (_pace * (now.Elapsed - _looked).TotalSeconds));
            _looked = now.Elapsed;
            var asks = new List<Func<CancellationToken, Task>>();
            foreach (var purpose in Purposes)
            {
                AskDueLocked(purpose, now, asks);
            }

            AskStatesLocked(now, asks);
            AskBackfillLocked(now, asks);
            return asks;
        }
    }

    /// <summary>Whether data is to be expected: in market hours, or where no one knows them.</summary>
    private bool IsOpen => _demand.Silence is not { } silence || silence.OpenSince is not null;

    /// <summary>Whether anything has changed that decides which channels are polled.</summary>
    private bool IsToConsiderLocked(BudgetTime now)
        => _interestChanged || IsOpen != _consideredOpen || _demand.Version != _consideredVersion || _status.View.State != _consideredStatus || now.Elapsed >= _considerAgain;

    private void ConsiderLocked(BudgetTime now)
    {
        (_consideredVersion, _consideredStatus, _consideredOpen, _considerAgain) = (_demand.Version, _status.View.State, IsOpen, TimeSpan.MaxValue); // read before what they tell of
        if (_interestChanged)
        {
            _interestChanged = false;
            NoteInterestLocked();
        }

        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, feed) in _restOnly)
        {
            wanted.Add(BeginLocked(name, feed, isFallback: false, now).Channel);
        }

        foreach (var view in _demand.Wanted())
        {
            if (view.Feed.Poll is not { } poll || (poll.NeedsSymbol && view.Name.Symbol is null))
            {
                continue;
            }

            var channel = _channels.GetValueOrDefault(view.Form);
            if (StandsIn(view, channel is { Healed: null }, now))
            {
                wanted.Add(view.Form);
                BeginLocked(view.Name, view.Feed, isFallback: true, now).Healed = null;
            }
            else if (channel is { IsOfEvents: true })
            {
                wanted.Add(view.Form);
                if (channel.Healed is null)
                {
                    channel.Healed = now;
                    channel.Pause = null;
                    Log.Healed(_logger, channel.Channel);
                }
            }
        }

        foreach (var channel in _channels.Values.Where(channel => !wanted.Contains(channel.Channel)).ToArray())
        {
            EndLocked(channel);
        }
    }

    /// <summary>Looks at what is read of feeds that only REST has, and of tickers.</summary>
    private void NoteInterestLocked()
    {
        _restOnly.Clear();
        _tickersRead.Clear();
        foreach (var log in _hub.Logs)
        {
            if (log.Subscribers > 0 && log.Feed is { Origin: FeedOrigin.Rest, Poll: not null })
            {
                _restOnly.Add((log.Name, log.Feed));
            }
            else if (log.Subscribers > 0 && log.Feed.DerivedFrom is { } from && from == _price?.Name && log.Name.Symbol is { } ticker)
            {
                _tickersRead.Add(ticker);
            }
        }

        foreach (var gone in _stateAsks.Keys.Except(_tickersRead).ToArray())
        {
            _stateAsks.Remove(gone);
        }
    }

    private PolledChannel BeginLocked(ChannelName name, Feed feed, bool isFallback, BudgetTime now)
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
        if (_channels.GetValueOrDefault(channel.Channel) == channel) // else another has taken its place while its request was under way
        {
            _channels.Remove(channel.Channel);
        }
    }

    /// <summary>Whether REST stands in for the socket. Once it does, only data ends it, or for a feed that may rightly be quiet the word of the provider.</summary>
    private bool StandsIn(WantedChannel view, bool already, BudgetTime now)
    {
        switch (view.State)
        {
            case ChannelState.Silent or ChannelState.Refused:
                return true;
            case ChannelState.Waiting:
                var waits = view.Since + _options.FallbackAfter - now.Wall;
                if (already || waits <= TimeSpan.Zero || _consideredStatus == UpstreamState.NotEntitled)
                {
                    return true;
                }

                _considerAgain = Shorter(_considerAgain, now.Elapsed + Shorter(waits, _options.FallbackAfter)); // the clock may have been set back
                return false;
            case ChannelState.Requested:
                return already;
            case ChannelState.Joined:
                return already && view.Feed.SilentAfter is not null && _consideredOpen; // while the market is closed nothing is to be expected
            default:
                return false;
        }
    }

    /// <summary>Gives each channel its interval: what its feed asks for, in market hours or out of them, stretched so that the day lasts.</summary>
    private void PaceLocked(BudgetTime now)
    {
        _paceAgain = now.Elapsed + PaceInterval;
        _pace = 0;
        if (_channels.Count == 0)
        {
            _pace = 1 / _budget.ShortestInterval.TotalSeconds; // for the day's prices of tickers
            return;
        }

        var shortest = _budget.ShortestInterval;
        TimeSpan Asked(PolledChannel channel) => channel.Feed.Poll!.Every > shortest ? channel.Feed.Poll.Every : shortest;
        var (ofAll, ofSymbols) = (0.0, 0.0);
        foreach (var (_, channel) in _channels)
        {
            var each = shortest / Asked(channel);
            ofAll += each;
            ofSymbols += channel.IsOfSymbol ? each : 0;
        }

        // Market-wide channels, which most read, get up to half of what there is; a thousand tickers share the rest.
        var stretch = Math.Max(1, _budget.PollInterval((int)Math.Ceiling(ofAll)) / shortest);
        var ofMarket = ofAll - ofSymbols;
        var rate = ofAll / stretch;
        var stretchOfMarket = Math.Min(stretch, Math.Max(1, 2 * ofMarket / rate));
        var stretchOfSymbols = ofSymbols > 0 ? Math.Max(1, ofSymbols / (rate - (ofMarket / stretchOfMarket))) : 1;
        foreach (var (_, channel) in _channels)
        {
            channel.Interval = Asked(channel) * (channel.IsOfSymbol ? stretchOfSymbols : stretchOfMarket);
            _pace += 1 / channel.Interval.TotalSeconds;
        }
    }

    /// <summary>Asks for what is due, the market-wide first, then the longest due.</summary>
    private void AskDueLocked(RequestPurpose purpose, BudgetTime now, List<Func<CancellationToken, Task>> asks)
    {
        if (now.Elapsed < _noBudgetUntil.GetValueOrDefault(purpose))
        {
            return;
        }

        var free = _mostAtOnce;
        List<(TimeSpan At, PolledChannel Channel)>? due = null;
        foreach (var (_, channel) in _channels)
        {
            if (channel.Purpose != purpose)
            {
                continue;
            }

            if (channel.IsAsking)
            {
                free--;
            }
            else if (channel.DueAt is var at && at <= now.Elapsed)
            {
                (due ??= []).Add((at, channel));
            }
        }

        if (due is null || free <= 0 || _credit < 1)
        {
            return;
        }

        foreach (var (_, channel) in due.OrderBy(static each => each.Channel.IsOfSymbol).ThenBy(static each => each.At).Take(Math.Min(free, (int)_credit)))
        {
            _credit--;
            channel.IsAsking = true;
            channel.AskedAt = now.Elapsed;
            asks.Add(stopping => AskAsync(channel, stopping));
        }
    }

    /// <summary>Asks for the day's prices of tickers that are read and have none yet.</summary>
    private void AskStatesLocked(BudgetTime now, List<Func<CancellationToken, Task>> asks)
    {
        if (_states is null || _price is null || now.Elapsed < _noBudgetUntil.GetValueOrDefault(RequestPurpose.Poll))
        {
            return;
        }

        foreach (var ticker in _tickersRead)
        {
            if (_credit < 1 || _statesUnderWay >= _mostAtOnce)
            {
                return;
            }

            if (now.Elapsed >= _stateAsks.GetValueOrDefault(ticker).Again && _states.IsWanted(ticker))
            {
                // Who has none is asked about again later and later: the provider may know no such ticker.
                var failures = _stateAsks.GetValueOrDefault(ticker).Failures;
                _stateAsks[ticker] = (now.Elapsed + (LongestPause * Math.Pow(2, Math.Min(failures, 5))), failures + 1);
                _credit--;
                _statesUnderWay++;
                asks.Add(stopping => AskStateAsync(ticker, stopping));
            }
        }
    }

    private void Nudge(ChannelLog log)
    {
        if (log.Feed.Origin != FeedOrigin.Join) // those wait for the socket first
        {
            _interestChanged = true;
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

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static partial class Log
    {
        [LoggerMessage(58, LogLevel.Information, "REST had {Rows} rows of {Channel} that the socket missed while it was down; all that was missed: {IsWhole}.", EventName = "RestBackfilled")]
        public static partial void Backfilled(ILogger logger, string channel, int rows, bool isWhole);

        [LoggerMessage(59, LogLevel.Warning, "What the socket missed of {Channel} while it was down is not to be had over REST: {Problem}.", EventName = "RestBackfillFailed")]
        public static partial void NotBackfilled(ILogger logger, string channel, string problem);

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
