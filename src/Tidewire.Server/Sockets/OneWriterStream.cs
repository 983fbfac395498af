namespace Tidewire.Server.Sockets;

/// <summary>An upgraded connection whose writes wait for their turn, so that a pong never lands inside a publication.</summary>
/// <param name="inner">The connection.</param>
/// <param name="turn">Held while writing.</param>
/// <param name="abort">Cuts the connection off. Disposing the inner stream would not end a read of it, so a client whose pong is missing would stay for ever.</param>
internal sealed class OneWriterStream(Stream inner, SemaphoreSlim turn, Action abort) : Stream
{
    private const byte CloseFrame = 0x88;
    private volatile bool _closeSent;

    /// <summary>Whether a close frame went out: the connection then ends by itself, and a reset would overtake the frame.</summary>
    public bool CloseSent => _closeSent;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
            _closeSent |= buffer.Span is [CloseFrame, ..]; // the framework writes a frame at a time
        }
        finally
        {
            turn.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // every write is flushed

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closeSent)
        {
            abort();
        }

        base.Dispose(disposing);
    }
}
