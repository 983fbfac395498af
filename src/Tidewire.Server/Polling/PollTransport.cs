using System.Buffers;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Polling;

/// <summary>
/// Collects what one answer will hold. Takes one entry at a time and no more once the answer is full or has been made:
/// what follows stays in the log, and the next request asks for it.
/// </summary>
/// <param name="maxMessages">How many entries at most.</param>
/// <param name="maxBytes">Bytes of entries at most, unless the first alone is larger.</param>
internal sealed class PollTransport(int maxMessages, int maxBytes) : IClientTransport
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _messages = new();
    private readonly TaskCompletionSource _due = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _lastOffset;
    private int _count;
    private bool _full;

    /// <summary>Completes once there is reason to answer: an entry, or the end of waiting.</summary>
    public Task Due => _due.Task;

    /// <summary>Ends the waiting.</summary>
    public void Answer() => _due.TrySetResult();

    /// <summary>Takes what was collected; nothing is added from here on.</summary>
    /// <returns>The entries as the inside of a JSON array, and the offset of the last one; null when there is none.</returns>
    public (ReadOnlyMemory<byte> Messages, long? LastOffset) Take()
    {
        lock (_gate)
        {
            _full = true;
            return (_messages.WrittenMemory, _lastOffset);
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var (offset, json) = PollWire.Read(bytes);
        lock (_gate)
        {
            _full |= _count > 0 && _messages.WrittenCount + 1 + json.Length > maxBytes;
            if (!_full)
            {
                if (_count++ > 0)
                {
                    _messages.Write(","u8);
                }

                _messages.Write(json.Span);
                _lastOffset = offset;
                _full = _count == maxMessages;
            }

            _due.TrySetResult();
            return _full ? new ValueTask(_over.Task) : ValueTask.CompletedTask;
        }
    }

    public Task CloseAsync(Disconnect disconnect)
    {
        Answer();
        return Task.CompletedTask;
    }

    public void Abort()
    {
        Answer();
        _over.TrySetResult();
    }
}
