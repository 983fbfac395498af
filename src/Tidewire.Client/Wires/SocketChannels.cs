using Tidewire.Client.Subscriptions;
using Tidewire.Protocol;

namespace Tidewire.Client.Wires;

/// <summary>The channels of one socket: what was asked for, what is confirmed, and to whom a message belongs. Thread-safe.</summary>
/// <remarks>
/// What comes between asking and the confirmation with the same id is of an earlier asking and is passed over, so that a
/// channel can be left and asked for again from its position without a hole or an overlap.
/// </remarks>
internal sealed class SocketChannels(Session session)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Subscription, Leg> _legs = [];
    private readonly Dictionary<string, Leg> _live = new(StringComparer.Ordinal);
    private long _lastId;

    private enum Phase
    {
        Idle,
        Asked,
        Live,
        Left,
        Leaving,
    }

    /// <summary>Whether a subscription was confirmed.</summary>
    public bool Served { get; private set; }

    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>What is to be sent now, in this order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Due()
    {
        var due = new List<ReadOnlyMemory<byte>>();
        var wanted = session.Subscriptions.Where(static subscription => subscription.IsOpen).ToHashSet();
        lock (_gate)
        {
            foreach (var leg in _legs.Values.Where(leg => !wanted.Contains(leg.Subscription)).ToArray())
            {
                if (leg.Phase is Phase.Asked or Phase.Live or Phase.Left)
                {
                    due.Add(ClientMessage.Unsubscribe(leg.Subscription, NextId()));
                }

                ForgetLocked(leg);
            }

            foreach (var subscription in wanted)
            {
                if (!_legs.TryGetValue(subscription, out var leg))
                {
                    _legs.Add(subscription, leg = new Leg(subscription));
                }

                if (leg.Phase == Phase.Left)
                {
                    (leg.Phase, leg.Id) = (Phase.Leaving, NextId());
                    due.Add(ClientMessage.Unsubscribe(subscription, leg.Id));
                }
                else if (leg.Phase == Phase.Idle && subscription.HasRoom)
                {
                    (leg.Phase, leg.Id, leg.Asked, leg.AskedAt) = (Phase.Asked, NextId(), subscription.Position, session.Time.GetTimestamp());
                    due.Add(ClientMessage.Subscribe(subscription, leg.Id));
                }
            }
        }

        return due;
    }

    /// <summary>Takes a message that belongs to a channel.</summary>
    public void Take(ServerMessage message)
    {
        lock (_gate)
        {
            switch (message.Type)
            {
                case "subscription":
                    AnsweredLocked(message);
                    break;
                case "error":
                    FailedLocked(message);
                    break;
                case "history":
                    ByIdLocked(message.Id)?.Subscription.TakeHistory(message, message.Epoch ?? "");
                    break;
                case "gap" or "position":
                    DeliverLocked(message);
                    break;
                default:
                    if (message.IsPublication)
                    {
                        DeliverLocked(message);
                    }

                    break;
            }
        }
    }

    private void DeliverLocked(ServerMessage message)
    {
        if (message.Channel is null || !_live.TryGetValue(message.Channel, out var leg))
        {
            return;
        }

        if (session.Deliver(leg.Subscription, message, leg.Epoch) is Verdict.Hole or Verdict.Full)
        {
            _live.Remove(message.Channel);
            leg.Phase = Phase.Left;
            session.Changed.Set();
        }
    }

    private void AnsweredLocked(ServerMessage message)
    {
        if (ByIdLocked(message.Id) is not { } leg)
        {
            return;
        }

        if (leg.Phase == Phase.Leaving)
        {
            leg.Phase = Phase.Idle;
            session.Changed.Set();
        }
        else if (leg.Phase == Phase.Asked && message is { Channel: { } channel, Epoch: { } epoch, Offset: { } offset })
        {
            session.Tally.Answered(leg.AskedAt, message.Timestamp);
            if (!_live.TryAdd(channel, leg))
            {
                _legs.Remove(leg.Subscription);
                leg.Subscription.Fail(new TidewireException("already_subscribed", $"'{leg.Subscription.Requested}' is '{channel}', which this client is subscribed to already. Share that subscription, or use another client."));
                return;
            }

            Served = true;
            (leg.Phase, leg.Channel, leg.Epoch) = (Phase.Live, channel, epoch);
            leg.Subscription.Confirm(channel, new StreamPosition(epoch, offset), leg.Asked, message.Recovered == true, message.Reason);
        }
    }

    private void FailedLocked(ServerMessage message)
    {
        session.Tally.Error();
        if (ByIdLocked(message.Id) is not { } leg)
        {
            return;
        }

        if (leg.Phase == Phase.Leaving)
        {
            leg.Phase = Phase.Idle; // the server did not hold it: it is left all the same
            session.Changed.Set();
        }
        else if (leg.Phase == Phase.Asked)
        {
            ForgetLocked(leg);
            leg.Subscription.Fail(new TidewireException(message.Error ?? "error", message.Text ?? "The server refuses this subscription."));
        }
    }

    private Leg? ByIdLocked(long? id) => id is null ? null : _legs.Values.FirstOrDefault(leg => leg.Id == id);

    private void ForgetLocked(Leg leg)
    {
        _legs.Remove(leg.Subscription);
        if (leg.Channel is { } channel && _live.GetValueOrDefault(channel) == leg)
        {
            _live.Remove(channel);
        }
    }

    private sealed class Leg(Subscription subscription)
    {
        public Subscription Subscription => subscription;

        public Phase Phase { get; set; }

        public long Id { get; set; }

        public StreamPosition? Asked { get; set; }

        public long AskedAt { get; set; }

        public string? Channel { get; set; }

        public string Epoch { get; set; } = "";
    }
}
