using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <summary>
/// A scripted stand-in for the provider's REST side on loopback: it answers GET with the headers of PROTOCOL.md section 3,
/// enforces the limits by its own count, and misbehaves as it is told, path by path. Thread-safe.
/// </summary>
/// <remarks>Politely any path gets <c>{"data":[]}</c>, given a bearer token. A bug in the fake surfaces from <see cref="DisposeAsync"/>.</remarks>
public sealed class FakeUnusualWhalesRest : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Func<RestScript>> _scripts = new();
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly Pulse _changed = new();
    private readonly Task _accepting;
    private ImmutableList<RestRequest> _requests = [];
    private int _answered;

    private FakeUnusualWhalesRest(TimeProvider time, VendorLimits limits)
    {
        _time = time;
        Limits = limits;
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    /// <summary>The address for the setting <c>UW_REST_URL</c>.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Its own count.</summary>
    public VendorLimits Limits { get; }

    /// <summary>Everything that was asked, in order of arrival.</summary>
    public IReadOnlyList<RestRequest> Requests => _requests;

    /// <summary>How many requests are over, one way or another.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Changes the headers of every answer; the argument is the truth.</summary>
    public Func<Dictionary<string, string?>, Dictionary<string, string?>>? Headers { get; set; }

    /// <summary>Starts listening.</summary>
    /// <param name="time">The provider's clock.</param>
    /// <param name="limits">Its limits; those of PROTOCOL.md by default.</param>
    public static FakeUnusualWhalesRest StartNew(TimeProvider time, VendorLimits? limits = null) => new(time, limits ?? new VendorLimits(time));

    /// <summary>Scripts every further answer of a path, given without its query; <c>*</c> is every path without a script of its own.</summary>
    public void Script(string path, Func<RestScript> answer) => _scripts[path] = answer;

    /// <inheritdoc cref="Script(string, Func{RestScript})"/>
    public void Script(string path, RestScript answer) => Script(path, () => answer);

    /// <summary>Waits until so many requests have arrived.</summary>
    public Task WaitForRequestsAsync(int count) => _changed.UntilAsync(() => Requests.Count >= count, () => $"{count} requests (there are {Requests.Count})", TestBound.Value);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.WithinBound("the fake REST side's listener to stop");
        await Task.WhenAll(_serving.Keys).WithinBound("the fake REST side's connections to end");
        _stopping.Dispose();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stopping.Token);
            }
            catch (Exception e) when (FakeUnusualWhales.IsHangUp(e))
            {
                return;
            }

            var serving = ServeAsync(socket);
            _serving[serving] = 0;
            _ = serving.ContinueWith(done => _serving.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            while (await HttpHead.ReadAsync(stream, _stopping.Token) is { } head)
            {
                if (!await AnswerAsync(stream, head))
                {
                    socket.LingerState = new LingerOption(true, 0);
                    return;
                }

                if (string.Equals(head["Connection"], "close", StringComparison.OrdinalIgnoreCase))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (FakeUnusualWhales.IsHangUp(e))
        {
            // The ordinary end of a connection.
        }
    }

    /// <summary>Counts and answers one request. False when the connection is to be cut instead.</summary>
    private async Task<bool> AnswerAsync(NetworkStream stream, HttpHead head)
    {
        var count = Limits.Arrive();
        var left = false;
        try
        {
            var line = head.FirstLine.Split(' ');
            var target = line.Length > 1 ? line[1] : "";
            ImmutableInterlocked.Update(ref _requests, all => all.Add(new(line[0], target, head.Headers, count)));
            _changed.Beat();
            var script = Scripted(target.Split('?')[0]);
            if (script.Delay > TimeSpan.Zero)
            {
                await Task.Delay(script.Delay, _time, _stopping.Token);
            }

            if (script.Drops)
            {
                return false;
            }

            // Its own count comes before any script, and the token before that.
            script = head["Authorization"] is { Length: > 7 } token && token.StartsWith("Bearer ", StringComparison.Ordinal) ? count.Exceeded switch
            {
                "day" => RestScript.TooManyInDay,
                "minute" => RestScript.TooManyInMinute,
                "in flight" => RestScript.TooManyInFlight,
                _ => script,
            }
            : RestScript.Unauthorized;
            var bytes = Bytes(script, count);
            Limits.Leave(); // before the last byte is out: the client may ask again at once
            left = true;
            await stream.WriteAsync(bytes, _stopping.Token);
            return true;
        }
        finally
        {
            if (!left)
            {
                Limits.Leave();
            }

            Interlocked.Increment(ref _answered);
            _changed.Beat();
        }
    }

    private RestScript Scripted(string path) =>
        _scripts.TryGetValue(path, out var own) || _scripts.TryGetValue("*", out own) ? own() : RestScript.Ok();

    private byte[] Bytes(RestScript script, VendorCount count)
    {
        var headers = RestScript.TruthOf(count, Limits);
        headers = Headers?.Invoke(headers) ?? headers;
        foreach (var (name, value) in script.Headers)
        {
            headers[name] = value;
        }

        var text = new StringBuilder($"HTTP/1.1 {script.Status} Status\r\n");
        foreach (var (name, value) in headers)
        {
            if (value is not null)
            {
                text.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }

        var body = script.Status == 304 ? [] : Encoding.UTF8.GetBytes(script.Body);
        text.Append("Content-Type: ").Append(script.ContentType).Append("\r\nContent-Length: ").Append(body.Length).Append("\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(text.ToString()), .. body];
    }
}

/// <summary>One request as it arrived.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Count">What the provider counted.</param>
public sealed record RestRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, VendorCount Count);

/// <summary>The right time: a <see cref="FakeTimeProvider"/>'s clock as it would be had nobody set it.</summary>
/// <param name="time">The clock that can be set.</param>
/// <param name="start">What it showed when its timestamps were zero.</param>
public sealed class RightTime(TimeProvider time, DateTimeOffset start) : TimeProvider
{
    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start.ToUniversalTime() + time.GetElapsedTime(0);

    /// <inheritdoc/>
    public override long TimestampFrequency => time.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => time.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime, period);
}
