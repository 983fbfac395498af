namespace Tidewire.Upstream;

/// <summary>A frame and when it arrived.</summary>
internal readonly record struct ReceivedFrame(byte[] Bytes, DateTimeOffset At);

/// <summary>
/// Between the thread that reads the provider and the one that decodes: bounded in bytes, never blocking the reader.
/// One producer, one consumer.
/// </summary>
/// <param name="capacity">Bytes that may wait.</param>
internal sealed class FrameQueue(long capacity)
{
    private readonly object _gate = new();
    private List<ReceivedFrame> _waiting = [];
    private long _bytes;
    private bool _completed;

    /// <summary>Adds a frame. False when there is no room for it.</summary>
    public bool TryAdd(in ReceivedFrame frame)
    {
        lock (_gate)
        {
            // A frame larger than the whole queue may stand in it alone: it fits the frame limit, so it is meant to pass.
            if (_bytes > 0 && _bytes + frame.Bytes.Length > capacity)
            {
                return false;
            }

            _waiting.Add(frame);
            _bytes += frame.Bytes.Length;
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Waits for frames and takes all there are. False when the queue is complete and empty.</summary>
    /// <param name="into">An empty list; swapped with the one that waited.</param>
    public bool Take(ref List<ReceivedFrame> into)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_completed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (into, _waiting) = (_waiting, into);
            _bytes = 0;
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
