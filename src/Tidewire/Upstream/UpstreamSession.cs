using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;
using Tidewire.Fanout;
using Tidewire.Upstream.UnusualWhales;

namespace Tidewire.Upstream;

/// <summary>
/// One session of the pump: takes frames from the reading thread into a bounded queue, decodes and publishes them on a
/// thread of its own, and sends joins and leaves while the session is open.
/// </summary>
internal sealed partial class UpstreamSession : IUpstreamListener, IDisposable
{
    /// <summary>How often lingers, unanswered joins and retries are looked at.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>The feed that tells which symbols are halted.</summary>
    private const string HaltsFeed = "trading_halts";

    /// <summary>Entries of a channel's past whose ids are learnt when its first frame comes: more than a provider would repeat.</summary>
    private const int RememberedOfPast = 1000;

    private readonly IUpstream _upstream;
    private readonly Hub _hub;
    private readonly Demand _demand;
    private readonly TickerFeed _tickers;
    private readonly UpstreamStatus _status;
    private readonly UpstreamOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly UpstreamMetrics? _metrics;
    private readonly SeenPublications _seen;
    private readonly SampledMessages? _samples;
    private readonly FrameQueue _queue;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _givenUp = new();
    private readonly TaskCompletionSource _decoded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _joining = Task.CompletedTask;
    private volatile string _whyGivenUp = "";
    private bool _hadData;

    public UpstreamSession(IUpstream upstream, Hub hub, Demand demand, TickerFeed tickers, UpstreamStatus status, SeenPublications seen, UpstreamOptions options, TimeProvider time, ILogger logger, UpstreamMetrics? metrics, SampledMessages? samples)
    {
        _upstream = upstream;
        _hub = hub;
        _demand = demand;
        _tickers = tickers;
        _status = status;
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _seen = seen;
        _samples = samples;
        _queue = new FrameQueue(options.QueueBytes);
        status.Reads(_queue);
    }

    /// <summary>When it opened; null when it never did.</summary>
    public DateTimeOffset? OpenedAt { get; private set; }

    /// <summary>Whether it carried data.</summary>
    public bool HadData => Volatile.Read(ref _hadData);

    /// <summary>Runs the session to its end; on return every frame it brought has been published.</summary>
    public async Task<UpstreamEnd> RunAsync(CancellationToken stopping)
    {
        var decoder = new Thread(DecodeAll) { IsBackground = true, Name = "Tidewire decode" };
        decoder.Start();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, _givenUp.Token);
            var end = await _upstream.RunAsync(this, either.Token);
            return end.Kind == UpstreamEndKind.Stopped && !stopping.IsCancellationRequested
                ? new UpstreamEnd(UpstreamEndKind.Lost, _whyGivenUp)
                : end;
        }
        finally
        {
            await _ended.CancelAsync();
            await _joining;
            _queue.Complete();
            await _decoded.Task;
            if (OpenedAt is not null)
            {
                _demand.SessionEnded(_queue.DroppedSince ?? _status.LastFrameAt ?? _time.GetUtcNow()); // what came after the last frame is missing
            }
        }
    }

    public void Dispose()
    {
        _ended.Dispose();
        _givenUp.Dispose();
    }

    void IUpstreamListener.Opened()
    {
        OpenedAt = _time.GetUtcNow();
        _status.Opened();
        _demand.SessionOpened();
        _joining = JoinAsync(_ended.Token);
    }

    void IUpstreamListener.Frame(byte[] frame)
    {
        var now = _time.GetUtcNow();
        _status.Received(now);
        if (!_queue.TryAdd(new ReceivedFrame(frame, now)))
        {
            _status.Skipped(FrameFault.DroppedByUs);
        }
    }

    void IUpstreamListener.Skipped(FrameFault fault)
    {
        _status.Received(_time.GetUtcNow());
        _status.Skipped(fault);
    }

    /// <summary>Sends joins and leaves, one at a time and paced, until the session ends.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the loop: an upstream that throws here ends the session, not the process.")]
    private async Task JoinAsync(CancellationToken ended)
    {
        await Task.Yield(); // not on the thread that reads
        using var look = _time.CreateTimer(static demand => ((Demand)demand!).Nudge(), _demand, LookInterval, LookInterval);
        try
        {
            while (true)
            {
                var (leave, join) = _demand.Next();
                if (leave is not null)
                {
                    await _upstream.LeaveAsync(leave, ended);
                    Log.Left(_logger, leave);
                }
                else if (join is not null)
                {
                    await _upstream.JoinAsync(join, ended);
                    Log.Asked(_logger, join);
                    if (_options.JoinPacing > TimeSpan.Zero)
                    {
                        await Task.Delay(_options.JoinPacing, _time, ended);
                    }
                }
                else
                {
                    await _demand.ChangedAsync(ended);
                    _demand.Look();
                    if (IsMute())
                    {
                        await GiveUpAsync(FormattableString.Invariant($"open and mute: no frame within {_options.MuteAfter.TotalSeconds:0.#} s of market hours; the token may be in use elsewhere"));
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The session has ended.
        }
        catch (Exception exception)
        {
            Log.JoiningFailed(_logger, exception);
            await GiveUpAsync("channels could not be joined"); // a session in which nothing can be joined is none
        }
    }

    private Task GiveUpAsync(string why)
    {
        _whyGivenUp = why;
        return _givenUp.CancelAsync();
    }

    /// <summary>The connection answers pings and brings nothing, although a channel is joined that would have spoken.</summary>
    private bool IsMute()
    {
        var now = _time.GetUtcNow();
        return _demand.Silence?.OpenSince is { } openSince && _demand.ExpectsDataWithin(_options.MuteAfter)
            && now - openSince >= _options.MuteAfter && now - OpenedAt >= _options.MuteAfter && now - _status.LastFrameAt >= _options.MuteAfter;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the thread: one frame of the provider must never end the process.")]
    private void DecodeAll()
    {
        var frames = new List<ReceivedFrame>();
        while (_queue.Take(ref frames))
        {
            foreach (var frame in frames)
            {
                if (frame.DroppedSince is { } since)
                {
                    Log.Dropped(_logger, _options.QueueBytes);
                    _demand.Dropped(since, frame.At, _upstream.Source);
                }

                try
                {
                    Decode(frame);
                }
                catch (Exception exception)
                {
                    _status.Skipped(FrameFault.Undecodable);
                    Log.Undecodable(_logger, exception, frame.Bytes.Length);
                }
            }

            frames.Clear();
        }

        _decoded.SetResult();
    }

    private void Decode(in ReceivedFrame frame)
    {
        var decoded = UnusualWhalesDecoder.Decode(frame.Bytes, _seen);
        switch (decoded.Kind)
        {
            case FrameKind.Data when Find(decoded.Channel) is { } channel:
                Publish(channel, decoded, frame);
                break;
            case FrameKind.Data:
                Fault(FrameFault.UnknownChannel, frame);
                if (!_hub.TryGet(decoded.Channel, out _)) // else a frame that was in flight when its channel was left
                {
                    _status.UnknownChannels.Count(decoded.Channel, frame.At);
                }

                break;
            case FrameKind.Acknowledged when Find(decoded.Channel) is { } channel:
                _status.Acknowledged();
                _demand.Answered(channel, ChannelState.Joined, _upstream.Source, frame.At);
                break;
            case FrameKind.Acknowledged:
                Fault(FrameFault.UnknownAcknowledgement, frame);
                break;
            case FrameKind.Refused:
                Fault(FrameFault.ErrorFrame, frame);
                if (Find(decoded.Channel) is { } refused)
                {
                    _demand.Refused(refused, frame.At);
                }

                break;
            default:
                Fault(decoded.Fault, frame);
                if (decoded.Fault == FrameFault.ChannelLimit)
                {
                    _demand.LimitReached(frame.At);
                }

                break;
        }
    }

    private void Publish(DemandedChannel channel, in DecodedFrame decoded, in ReceivedFrame frame)
    {
        _demand.Silence?.Seen(channel, frame.At);
        channel.CountData(frame.At);
        if (channel.State != ChannelState.Live)
        {
            _demand.Answered(channel, ChannelState.Live, _upstream.Source, frame.At);
        }

        Volatile.Write(ref _hadData, true);
        var log = _hub.TryGet(decoded.Channel, out var known) ? known : _hub.GetOrAdd(channel.Name, channel.Feed);
        var hasId = decoded.Id.End.Value > 0;
        if (hasId && _seen.IsNew(channel.Form))
        {
            // What a former process has published, or this one has forgotten, may be sent again.
            // On the thread that decodes: it waits for one read at most, and not for a disk that stands still.
            foreach (var entry in _hub.PastAsync(log, RememberedOfPast, isUrgent: true).AsTask().GetAwaiter().GetResult())
            {
                _seen.Learn(log, entry);
            }
        }

        var (seen, look) = (default(Seen), default(SeenLook));
        if (hasId)
        {
            seen = _seen.Look(channel.Form, frame.Bytes.AsSpan(decoded.Id), frame.Bytes.AsSpan(decoded.Payload), out look);
            if (seen.IsDuplicate)
            {
                _status.Skipped(FrameFault.Duplicate);
                return;
            }
        }

        _status.Data();
        var isSampled = _samples?.IsDue(channel.Feed, frame.At) ?? false;
        var decodedAt = isSampled ? _time.GetUtcNow() : default;
        var publication = Publication.OfFrame(frame.Bytes, decoded.Payload, frame.At, _upstream.Source, seen.Replaces);
        var position = _hub.Publish(log, publication);
        if (hasId)
        {
            _seen.Published(look, position.Offset);
        }

        _metrics?.Published(frame.At);
        if (isSampled)
        {
            _samples!.Look(log, publication, position, decodedAt, _time.GetUtcNow());
        }

        _tickers.Derive(log, publication);
        if (channel.Feed.Name == HaltsFeed)
        {
            _demand.Silence?.Note(publication.Payload);
        }
    }

    private DemandedChannel? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[128];
        return name.Length <= text.Length ? _demand.Find(text[..Encoding.UTF8.GetChars(name, text)]) : null;
    }

    private void Fault(FrameFault fault, in ReceivedFrame frame)
    {
        _status.Skipped(fault);
        Log.Skipped(_logger, fault, frame.Bytes.Length);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Asked the provider for {Channel}.", EventName = "UpstreamJoin")]
        public static partial void Asked(ILogger logger, string channel);

        [LoggerMessage(2, LogLevel.Debug, "Left {Channel} at the provider.", EventName = "UpstreamLeave")]
        public static partial void Left(ILogger logger, string channel);

        [LoggerMessage(3, LogLevel.Debug, "Skipped a frame of {Length} bytes: {Fault}.", EventName = "UpstreamFrameSkipped")]
        public static partial void Skipped(ILogger logger, FrameFault fault, int length);

        [LoggerMessage(4, LogLevel.Warning, "Frames of the provider were dropped: more than {QueueBytes} bytes were waiting to be decoded. Raise Upstream:QueueBytes or give the machine more processor time.", EventName = "UpstreamFramesDropped")]
        public static partial void Dropped(ILogger logger, long queueBytes);

        [LoggerMessage(5, LogLevel.Error, "A frame of {Length} bytes could not be decoded because of a fault of ours; it was skipped.", EventName = "UpstreamFrameUndecodable")]
        public static partial void Undecodable(ILogger logger, Exception exception, int length);

        [LoggerMessage(6, LogLevel.Error, "Joining channels failed because of a fault of ours; the session is ended.", EventName = "UpstreamJoiningFailed")]
        public static partial void JoiningFailed(ILogger logger, Exception exception);
    }
}
