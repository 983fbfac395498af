namespace Tidewire.Upstream.UnusualWhales;

/// <summary>Those who wait for a lease, in order of arrival for each purpose. Not thread-safe: its owner's lock guards it.</summary>
internal sealed class RequestQueue
{
    private readonly LinkedList<Waiter>[] _waiting = [new(), new(), new(), new()];

    /// <summary>The purposes that wait, as bits.</summary>
    public int Waiting
    {
        get
        {
            var waiting = 0;
            for (var purpose = 0; purpose < _waiting.Length; purpose++)
            {
                waiting |= _waiting[purpose].Count > 0 ? 1 << purpose : 0;
            }

            return waiting;
        }
    }

    /// <summary>Puts one at the end of its purpose's queue.</summary>
    public Waiter Add(RequestPurpose purpose)
    {
        var waiter = new Waiter();
        waiter.Node = _waiting[(int)purpose].AddLast(waiter);
        return waiter;
    }

    /// <summary>Answers the first of a purpose. It goes on on another thread, never under the lock.</summary>
    public void Complete(RequestPurpose purpose, RequestLease? lease)
    {
        var waiter = _waiting[(int)purpose].First!.Value;
        _waiting[(int)purpose].RemoveFirst();
        waiter.Complete(lease);
    }

    /// <summary>Takes out one that gives up. Without effect when it was answered before: then the caller has the answer.</summary>
    public static void GiveUp(Waiter waiter, CancellationToken cancellation)
    {
        if (waiter.Node is { List: { } queue } node)
        {
            queue.Remove(node);
            waiter.Cancel(cancellation);
        }
    }

    /// <summary>Refuses all.</summary>
    public void Close()
    {
        foreach (var queue in _waiting)
        {
            foreach (var waiter in queue)
            {
                waiter.Complete(null);
            }

            queue.Clear();
        }
    }

    /// <summary>One who waits.</summary>
    public sealed class Waiter
    {
        private readonly TaskCompletionSource<RequestLease?> _lease = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CancellationTokenRegistration _registration;

        public Task<RequestLease?> Lease => _lease.Task;

        public LinkedListNode<Waiter>? Node { get; set; }

        /// <summary>What would cancel it, dropped once it is answered.</summary>
        public void CancelledBy(CancellationTokenRegistration registration)
        {
            _registration = registration;
            if (Lease.IsCompleted)
            {
                registration.Unregister();
            }
        }

        public void Complete(RequestLease? lease)
        {
            _lease.SetResult(lease);
            _registration.Unregister(); // never waits for a callback that waits for the lock
        }

        public void Cancel(CancellationToken cancellation) => _lease.SetCanceled(cancellation);
    }
}
