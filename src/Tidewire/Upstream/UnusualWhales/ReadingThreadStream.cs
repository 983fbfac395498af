namespace Tidewire.Upstream.UnusualWhales;

/// <summary>
/// A stream whose asynchronous reads, once told to, block the caller and complete at once. A WebSocket on top of it then
/// runs wholly on the thread that reads from it: no frame waits for a pool thread to be free, which costs three to four
/// microseconds a message and, under load, far more.
/// </summary>
/// <param name="inner">The connection to the provider, decrypted.</param>
internal sealed class ReadingThreadStream(Stream inner) : Stream
{
    private volatile bool _blocks;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on reads block. The handshake before it stays asynchronous, so that it can be cancelled.</summary>
    public void Block() => _blocks = true;

    /// <summary>From now on reads can be cancelled again: at the end of a session the framework waits for the peer, but not for ever.</summary>
    public void Unblock() => _blocks = false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => _blocks ? new ValueTask<int>(inner.Read(buffer.Span)) : inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
