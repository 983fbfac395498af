namespace Tidewire.Fanout;

/// <summary>
/// Answers that wait to be sent to one client, and how many more may: a client that sends commands and does not read
/// finds its next command waiting. Guarded by its connection.
/// </summary>
/// <param name="options">How many, and how many bytes.</param>
internal sealed class ReplyQueue(FanoutOptions options)
{
    private readonly Queue<byte[]> _replies = new();
    private TaskCompletionSource? _roomAgain;
    private long _bytes;
    private int _owed;

    private bool HasRoom => _replies.Count + _owed < options.MaxPendingReplies && _bytes < options.MaxPendingReplyBytes;

    public void Enqueue(byte[] reply)
    {
        _replies.Enqueue(reply);
        _bytes += reply.Length;
    }

    /// <summary>So many answers more, or fewer, are being made: each takes a place.</summary>
    public void Owe(int count)
    {
        _owed += count;
        if (HasRoom)
        {
            TellRoom();
        }
    }

    /// <summary>Moves answers into a batch until it is full.</summary>
    public void MoveTo(WriteBatch batch)
    {
        while (!batch.IsFull && _replies.TryDequeue(out var reply))
        {
            batch.Add(reply);
            _bytes -= reply.Length;
        }

        if (HasRoom)
        {
            TellRoom();
        }
    }

    /// <summary>Completes once there is room for a further answer.</summary>
    public Task RoomAsync()
        => HasRoom ? Task.CompletedTask : (_roomAgain ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Drops every answer; whoever waits for room goes on.</summary>
    public void Clear()
    {
        _replies.Clear();
        _bytes = 0;
        TellRoom();
    }

    private void TellRoom()
    {
        _roomAgain?.TrySetResult();
        _roomAgain = null;
    }
}
