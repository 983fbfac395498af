using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Tidewire.Server.Sockets.Direct;

/// <summary>
/// The receiving side of one socket: waits without a buffer until something can be read, so that an idle client costs none.
/// One wait or read at a time.
/// </summary>
internal sealed class Readiness(Socket socket) : SocketAsyncEventArgs(true), IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _source;

    /// <summary>Completes once there is something to read, an end or an error included.</summary>
    public ValueTask<int> WaitAsync() => ReceiveAsync(default, SocketFlags.None);

    /// <summary>Reads what there is. 0 when the client has ended its side or is gone.</summary>
    /// <param name="into">Where to.</param>
    public ValueTask<int> ReadAsync(Memory<byte> into) => ReceiveAsync(into, SocketFlags.None);

    /// <summary>The same, and what is read stays to be read again.</summary>
    /// <param name="into">Where to.</param>
    public ValueTask<int> PeekAsync(Memory<byte> into) => ReceiveAsync(into, SocketFlags.Peek);

    int IValueTaskSource<int>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _source.OnCompleted(continuation, state, token, flags);

    protected override void OnCompleted(SocketAsyncEventArgs e) => _source.SetResult(Received);

    private int Received => SocketError == SocketError.Success ? BytesTransferred : 0;

    private ValueTask<int> ReceiveAsync(Memory<byte> into, SocketFlags flags)
    {
        _source.Reset();
        SetBuffer(into);
        SocketFlags = flags;
        try
        {
            return socket.ReceiveAsync(this) ? new ValueTask<int>(this, _source.Version) : new ValueTask<int>(Received);
        }
        catch (ObjectDisposedException)
        {
            return new ValueTask<int>(0);
        }
    }
}
