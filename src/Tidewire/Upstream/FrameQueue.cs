namespace Tidewire.Upstream;

/// <summary>A frame and when it arrived.</summary>
/// <param name="Bytes">The frame.</param>
/// <param name="At">When it arrived.</param>
/// <param name="DroppedSince">When the first of those dropped right before it arrived; null when none was.</param>
internal readonly record struct ReceivedFrame(byte[] Bytes, DateTimeOffset At, DateTimeOffset? DroppedSince = null);

/// <summary>
/// Between the thread that reads the provider and the one that decodes: bounded in bytes, never blocking the reader.
/// One producer, one consumer.
/// </summary>
/// <param name="capacity">Bytes that may wait.</param>
internal sealed class FrameQueue(long capacity)
{
    /// <summary>What a frame costs beside its bytes: the array's header and its place in the list.</summary>
    private const int Overhead = 64;

    private readonly object _gate = new();
    private List<ReceivedFrame> _waiting = [];
    private long _bytes;
    private long _taken;
    private bool _completed;

    /// <summary>When the first frame was dropped that no frame has followed yet; null when there is none.</summary>
    public DateTimeOffset? DroppedSince { get; private set; }

    /// <summary>Bytes that wait or are being decoded.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Adds a frame. False when there is no room for it; the next that finds room says so.</summary>
    public bool TryAdd(in ReceivedFrame frame)
    {
        lock (_gate)
        {
            // A frame larger than the whole queue may stand in it alone: it fits the frame limit, so it is meant to pass.
            if (_bytes > 0 && _bytes + frame.Bytes.Length + Overhead > capacity)
            {
                DroppedSince ??= frame.At;
                return false;
            }

            _waiting.Add(frame with { DroppedSince = DroppedSince });
            DroppedSince = null;
            _bytes += frame.Bytes.Length + Overhead;
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Waits for frames and takes all there are; those taken before are done with. False when the queue is complete and empty.</summary>
    /// <param name="into">An empty list; swapped with the one that waited.</param>
    public bool Take(ref List<ReceivedFrame> into)
    {
        lock (_gate)
        {
            _bytes -= _taken;
            _taken = 0;
            while (_waiting.Count == 0)
            {
                if (_completed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (into, _waiting) = (_waiting, into);
            _taken = _bytes;
            return true;
        }
    }

    /// <summary>No frame follows.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _completed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
