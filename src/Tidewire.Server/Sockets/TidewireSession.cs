using System.Diagnostics.CodeAnalysis;
using Tidewire.Fanout;
using Tidewire.Protocol;

namespace Tidewire.Server.Sockets;

/// <summary><c>/api/ws</c>: many channels over one socket, subscribed to and left by message.</summary>
internal sealed class TidewireSession(Connection connection, TidewireWire wire, Hub hub, FeedCatalogue catalogue, TimeProvider time) : ISocketSession
{
    public void Opened() => Send(MessageWriter.Connection(
        connection.Id, hub.Simulated, hub.Options.MaxMessageBytes, hub.Options.MaxChannelsPerConnection, time.GetUtcNow()));

    public void Received(ReadOnlySpan<byte> message)
    {
        if (!MessageReader.TryRead(message, out var frame, out var error))
        {
            Fail(error!);
            return;
        }

        switch (frame!.Type)
        {
            case ClientFrameType.Ping:
                Send(MessageWriter.Pong(frame.Id, time.GetUtcNow()));
                break;
            case ClientFrameType.Auth:
                Send(MessageWriter.Authenticated(required: false, frame.Id, time.GetUtcNow()));
                break;
            case ClientFrameType.Subscribe:
                Subscribe(frame);
                break;
            case ClientFrameType.Unsubscribe:
                Unsubscribe(frame);
                break;
            default:
                History(frame);
                break;
        }
    }

    public void Unreadable(ProtocolError error) => Send(MessageWriter.Error(error, time.GetUtcNow()));

    private void Subscribe(ClientFrame frame)
    {
        if (ChannelRequest.ReadFilter(frame.Filter, "field", out var filter) is { } badFilter)
        {
            Fail(badFilter with { Id = frame.Id });
            return;
        }

        if (Resolve(frame) is not var (feed, name))
        {
            return;
        }

        // A state feed of ours shows its past first without being asked: that is the contract of ticker and market_status.
        var history = frame.History ?? (feed is { MessageType: not null, Class: FeedClass.State } && frame.Since is null ? hub.Options.History : 0);
        if (connection.Subscribe(feed, name, frame.Since, history: 0, new SubscriptionTerms(filter, frame.MaxRate), out var subscription) is { } error)
        {
            Fail(error with { Id = frame.Id });
            return;
        }

        Answer(StartAsync(subscription!, name, history, frame.Id));
    }

    private async Task StartAsync(Subscription subscription, ChannelName name, int history, string? id)
    {
        if (!await connection.StartedAsync(subscription))
        {
            Fail(new ProtocolError(ErrorCode.NotSubscribed, $"'{name}' was left before it was known where it begins.", "channel", id));
            return;
        }

        var position = default(StreamPosition);
        connection.Confirm(subscription, at =>
        {
            position = at;
            return wire.Frame(MessageWriter.Subscribed(name, at, subscription.Start.Recovered, subscription.Start.Reason, id, time.GetUtcNow()));
        });
        if (history > 0 && !subscription.Start.Recovered)
        {
            await SendHistoryAsync(subscription.Log, history, before: position.Offset + 1, id);
        }

        connection.Begin(subscription);
    }

    /// <summary>Lets an answer be made that may wait for the disk; meanwhile it takes the place of one that is not read.</summary>
    private void Answer(Task made)
    {
        if (made.IsCompleted)
        {
            made.GetAwaiter().GetResult();
            return;
        }

        connection.Answers();
        _ = FinishAsync();

        [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The owner of the task: a fault in it ends this client alone.")]
        async Task FinishAsync()
        {
            try
            {
                await made;
            }
            catch (Exception)
            {
                connection.Close(Disconnect.GoingAway);
            }
            finally
            {
                connection.Answered();
            }
        }
    }

    private void Unsubscribe(ClientFrame frame)
    {
        if (Resolve(frame) is not var (_, name))
        {
            return;
        }

        if (connection.Unsubscribe(name))
        {
            Send(MessageWriter.Unsubscribed(name, frame.Id, time.GetUtcNow()));
        }
        else
        {
            Fail(new ProtocolError(ErrorCode.NotSubscribed, $"This connection is not subscribed to '{name}'.", "channel", frame.Id));
        }
    }

    private void History(ClientFrame frame)
    {
        if (Resolve(frame) is not var (feed, name))
        {
            return;
        }

        var limit = frame.Limit ?? frame.History ?? hub.Options.History;
        if (hub.TryOpen(name, feed, out var log))
        {
            Answer(SendHistoryAsync(log, limit, frame.Before, frame.Id));
        }
        else
        {
            Send(MessageWriter.History(name, hub.Epoch, [], frame.Id, time.GetUtcNow()));
        }
    }

    private async Task SendHistoryAsync(ChannelLog log, int count, long? before, string? id)
    {
        var messages = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        foreach (var publication in (await hub.PastAsync(log, count, before)).Reverse())
        {
            if (publication.Gap is null)
            {
                bytes += publication.Payload.Length;
                if (bytes > hub.Options.MaxHistoryBytes)
                {
                    break; // the rest can be asked for with "before"
                }

                messages.Add(EntryJson.Message(log, publication));
            }
        }

        messages.Reverse();
        Send(MessageWriter.History(log.Name, log.Epoch, messages, id, time.GetUtcNow()));
    }

    private (Feed Feed, ChannelName Name)? Resolve(ClientFrame frame)
    {
        if (catalogue.Resolve(frame.Channel!, frame.Ticker, out var feed, out var name) is not { } error)
        {
            return (feed!, name);
        }

        Fail(error with { Id = frame.Id });
        return null;
    }

    private void Fail(ProtocolError error)
    {
        hub.Counters.Error();
        Send(MessageWriter.Error(error, time.GetUtcNow()));
    }

    private void Send(byte[] message) => connection.Send(wire.Frame(message));
}
