using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.Sockets;

namespace Tidewire.Server.ServerSentEvents;

/// <summary>
/// A client over the answer to its request, which goes on until either side ends it. Nothing is sent, not even the
/// status, before the first bytes.
/// </summary>
internal sealed class ServerSentEventsTransport : IClientTransport
{
    private readonly HttpContext _context;
    private readonly Socket? _connection;
    private readonly IHttpRequestLifetimeFeature _request;
    private readonly IHttpResponseBodyFeature _body;
    private readonly TimeSpan _closeLimit;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _begun;
    private volatile bool _complete;

    public ServerSentEventsTransport(HttpContext context, TimeSpan closeLimit, TimeProvider time)
    {
        _context = context;
        _connection = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        _request = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        _closeLimit = closeLimit;
        _time = time;
    }

    /// <summary>Completes once the stream has ended, whoever ended it.</summary>
    public Task Ended => _ended.Task;

    public long? Acknowledged => SendBuffer.Acknowledged(_connection);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!_begun)
        {
            Begin();
        }

        return _body.Stream.WriteAsync(bytes, CancellationToken.None);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Closing is best effort: whatever fails, the connection is cut off.")]
    public async Task CloseAsync(Disconnect disconnect)
    {
        try
        {
            await _body.CompleteAsync().WaitAsync(_closeLimit, _time);
            _complete = true;
        }
        catch (Exception)
        {
            // A client that does not take the end is cut off.
        }

        Abort();
    }

    public void Abort()
    {
        if (!_complete)
        {
            _request.Abort(); // of the feature, not of the context: that one throws once the request has ended
        }

        _ended.TrySetResult();
    }

    private void Begin()
    {
        _begun = true;
        var response = _context.Response;
        StreamAnswer.SetHeaders(response);
        response.ContentType = "text/event-stream";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx keeps back what a response has until it is asked not to
        _body.DisableBuffering();
        if (_context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null; // how slow a reader may be is the connection's to say
        }
    }
}
