using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>
/// A client on a socket of our own: ready frames go to the kernel as they are, without a pipe, a copy or an allocation. What the
/// kernel does not take at once is taken as the client reads. Pongs, pings and the close frame wait for their turn behind the
/// bytes that are on their way.
/// </summary>
/// <remarks>Whoever sets <c>_sending</c> sends until nothing is left; there is never more than one.</remarks>
internal sealed class DirectTransport : IClientTransport, IValueTaskSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Socket _socket;
    private readonly SendArgs _args;
    private ManualResetValueTaskSourceCore<bool> _taken; // of the one send that may be under way
    private WaitingFrames _waiting;
    private TaskCompletionSource? _closed;
    private long _sent;
    private FrameUnderway _underway;
    private bool _sending;
    private bool _closeQueued;
    private bool _ended;
    private bool _disposed;
    private volatile bool _leaving;

    public DirectTransport(Socket socket)
    {
        _socket = socket;
        _socket.Blocking = false; // a send takes what the kernel has room for, and never waits
        _args = new SendArgs(this);
    }

    public long? Acknowledged => SendBuffer.Acknowledged(_socket);

    /// <summary>Bytes that the kernel has taken.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Whether there is something that the kernel has yet to take.</summary>
    public bool IsSending
    {
        get
        {
            lock (_gate)
            {
                return _sending;
            }
        }
    }

    /// <summary>Bytes that go out before everything else, with the first send or with <see cref="Uncork"/>.</summary>
    /// <param name="head">The answer to the opening handshake.</param>
    public void Cork(byte[] head) => _waiting.Head = head;

    /// <summary>Sends what <see cref="Cork"/> holds back, unless it went out already.</summary>
    public void Uncork()
    {
        lock (_gate)
        {
            if (_waiting.Head is null || !BeginLocked())
            {
                return;
            }
        }

        Pump();
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        bool begins;
        bool? isTaken;
        lock (_gate)
        {
            if (_ended)
            {
                return ValueTask.FromException(Gone());
            }

            if (_closeQueued)
            {
                return ValueTask.CompletedTask; // nothing follows a close frame
            }

            if (_waiting.Head is { } head && !_sending)
            {
                _waiting.Head = null;
                bytes = (byte[])[.. head, .. bytes.Span];
            }

            isTaken = _sending ? false : SendAtOnceLocked(ref bytes);
            if (isTaken == true)
            {
                return ValueTask.CompletedTask;
            }

            _taken.Reset();
            _waiting.Data = isTaken is null ? default : bytes;
            begins = isTaken is not null && BeginLocked();
        }

        if (isTaken is null)
        {
            End();
            return ValueTask.FromException(Gone());
        }

        var task = new ValueTask(this, _taken.Version);
        if (begins)
        {
            Pump();
        }

        return task;
    }

    /// <summary>Answers a ping. Of several that wait only the newest is answered, as RFC 6455 section 5.5.3 allows.</summary>
    /// <param name="payload">What came with the ping, at most 125 bytes.</param>
    public void SendPong(ReadOnlySpan<byte> payload)
    {
        var frame = ControlFrame.Pong(payload);
        lock (_gate)
        {
            if (_closeQueued)
            {
                return;
            }

            _waiting.Pong = frame;
            if (!BeginLocked())
            {
                return;
            }
        }

        Pump();
    }

    /// <summary>Pings the client. False when it has yet to take something else, or is being closed.</summary>
    public bool TryPing()
    {
        lock (_gate)
        {
            if (_closeQueued || !BeginLocked())
            {
                return false;
            }

            _waiting.Ping = ControlFrame.Ping;
        }

        Pump();
        return true;
    }

    public Task CloseAsync(Disconnect disconnect) => CloseAsync(disconnect.Code, disconnect.Reason);

    /// <summary>Sends a close frame behind everything else. Completes once the kernel has it, or the client is gone.</summary>
    /// <param name="code">The code; 0 for a frame without one.</param>
    /// <param name="reason">At most 123 bytes.</param>
    public Task CloseAsync(int code, string reason)
    {
        Task closed;
        lock (_gate)
        {
            if (_ended)
            {
                return Task.CompletedTask;
            }

            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            closed = _closed.Task;
            if (_closeQueued)
            {
                return closed;
            }

            _closeQueued = true;
            _waiting.Pong = _waiting.Ping = null;
            _waiting.Close = ControlFrame.Close(code, reason);
            if (!BeginLocked())
            {
                return closed;
            }
        }

        Pump();
        return closed;
    }

    /// <summary>From now on its owner ends it, in order or by <see cref="Cut"/>, and <see cref="Abort"/> does nothing.</summary>
    public void Leave() => _leaving = true;

    /// <summary>Tells the client that nothing more follows; it can still be read from.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    public void Abort()
    {
        if (!_leaving)
        {
            Cut();
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Cut()
    {
        // With no time to linger the kernel sends a reset at once, as it must where the client does not read.
        try
        {
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }

        End();
        _socket.Dispose();
    }

    /// <summary>Ends the connection in order: what the kernel holds is still delivered.</summary>
    public void Dispose()
    {
        End();
        _socket.Dispose();
        lock (_gate)
        {
            _disposed = true;
            if (!_sending)
            {
                _args.Dispose(); // else a send is on its way, and whoever ends it does it
            }
        }
    }

    void IValueTaskSource.GetResult(short token) => _taken.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _taken.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _taken.OnCompleted(continuation, state, token, flags);

    private static IOException Gone() => new("The client is gone.");

    /// <summary>
    /// Gives the kernel what it takes at once, as it does for a client that keeps up. True when that is all; else the rest
    /// is left, which goes out as the client reads. Null when the client is gone.
    /// </summary>
    private bool? SendAtOnceLocked(ref ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var sent = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            _sent += sent;
            bytes = bytes[sent..];
            return error == SocketError.Success && bytes.IsEmpty ? true
                : error is SocketError.Success or SocketError.WouldBlock ? false
                : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>True when the caller is the one to send what waits.</summary>
    private bool BeginLocked()
    {
        if (_ended || _sending)
        {
            return false;
        }

        _sending = true;
        return true;
    }

    /// <summary>Sends what waits, one piece after the other, until the kernel takes no more or nothing is left.</summary>
    private void Pump()
    {
        while (Next())
        {
            try
            {
                if (_socket.SendAsync(_args))
                {
                    return; // Completed goes on
                }
            }
            catch (ObjectDisposedException)
            {
                Took(SocketError.OperationAborted);
                return;
            }

            if (!Took(_args.SocketError))
            {
                return;
            }
        }
    }

    private bool Next()
    {
        lock (_gate)
        {
            if (_ended)
            {
                StopLocked();
                return false;
            }

            if (!_waiting.TryTake(out var next, out _underway))
            {
                _sending = false;
                return false;
            }

            _args.SetBuffer(MemoryMarshal.AsMemory(next));
            return true;
        }
    }

    /// <summary>Nothing is being sent any more.</summary>
    private void StopLocked()
    {
        _sending = false;
        if (_disposed)
        {
            _args.Dispose();
        }
    }

    /// <summary>The kernel has taken a piece, or refused it. True when there may be more to send.</summary>
    private bool Took(SocketError error)
    {
        _sent += _args.BytesTransferred;
        _args.SetBuffer(default); // what is shared with other readers must not be held by a connection at rest
        var was = _underway;
        if (error != SocketError.Success)
        {
            if (was == FrameUnderway.Data)
            {
                _taken.SetException(Gone());
            }

            End();
            lock (_gate)
            {
                StopLocked();
            }

            return false;
        }

        switch (was)
        {
            case FrameUnderway.Data:
                _taken.SetResult(true); // whoever waited may hand over the next piece here: it is in line when this returns
                break;
            case FrameUnderway.Close:
                _closed?.TrySetResult();
                break;
        }

        return true;
    }

    /// <summary>Nothing is sent any more; whoever waits for something to be taken learns that the client is gone.</summary>
    private void End()
    {
        bool isWaited;
        lock (_gate)
        {
            isWaited = !_waiting.Data.IsEmpty;
            _waiting = default;
            _ended = true;
        }

        if (isWaited)
        {
            _taken.SetException(Gone());
        }

        _closed?.TrySetResult();
    }

    /// <summary>The one send of a client that may be under way.</summary>
    private sealed class SendArgs(DirectTransport owner) : SocketAsyncEventArgs(true)
    {
        protected override void OnCompleted(SocketAsyncEventArgs e)
        {
            if (owner.Took(SocketError))
            {
                owner.Pump();
            }
        }
    }
}
