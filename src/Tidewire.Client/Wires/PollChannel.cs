using System.Globalization;
using System.Net;
using Tidewire.Client.Subscriptions;
using Tidewire.Protocol;

namespace Tidewire.Client.Wires;

/// <summary><c>/api/stream/poll</c>: one channel, asked for again and again.</summary>
internal sealed class PollChannel(Session session)
{
    private const int MaxLimit = 1000;

    /// <summary>More than the server puts into an answer, however large one entry is.</summary>
    private const long MaxAnswer = 64 << 20;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    /// <summary>Between two polls that are answered at once and with nothing, as by a cache in between.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    /// <summary>Asks until an answer fails.</summary>
    public async Task<HttpEnd> RunAsync(Subscription subscription, Action heard, CancellationToken cancellation)
    {
        var isConfirmed = false;
        while (true)
        {
            await subscription.UntilRoomAsync(cancellation).ConfigureAwait(false);
            using var deadline = session.Limit(session.Options.ConnectTimeout, cancellation);
            var token = await session.Credentials.GetAsync(cancellation).ConfigureAwait(false);
            // The first is answered at once, and shows that polls come through.
            var waits = isConfirmed ? Longest(session.Options.HeartbeatInterval) : TimeSpan.Zero;
            deadline.Extend(isConfirmed ? waits + session.Options.HeartbeatTimeout : session.Options.ConnectTimeout);
            var asked = subscription.Position;
            var askedAt = session.Time.GetTimestamp();
            var wait = string.Create(CultureInfo.InvariantCulture, $"wait={waits.TotalSeconds:0}");
            var limit = string.Create(CultureInfo.InvariantCulture, $"limit={Math.Min(subscription.Room, MaxLimit)}");
            using var request = Endpoint.Get(session.Endpoint.Stream("poll", subscription, wait, limit), "application/json", token);
            session.Tally.Sent();
            using var response = await session.Http.SendAsync(request, deadline.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                session.Tally.Error();
                return await HttpRefusal.ReadAsync(response, deadline.Token).ConfigureAwait(false);
            }

            deadline.Extend(session.Options.HeartbeatInterval + session.Options.HeartbeatTimeout); // it has come, and what is left is its length
            await response.Content.LoadIntoBufferAsync(MaxAnswer, deadline.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
            var read = new List<ServerMessage>();
            if (!ServerMessage.TryReadAll(body, read) || read is not [{ Position: { } told } answer])
            {
                session.Tally.Error();
                return new HttpEnd(new WireEnd("what was answered is no answer to a poll") { IsAgainstTheWire = true });
            }

            var isIdle = isConfirmed && answer.Messages.Count == 0 && asked == new StreamPosition(told.Epoch, told.Offset);
            if (!isConfirmed)
            {
                session.Tally.Connected();
            }

            heard();
            if (!Take(subscription, answer, new StreamPosition(told.Epoch, told.Offset), asked, ref isConfirmed))
            {
                return new HttpEnd(new WireEnd("the channel is read again from its position") { Showed = true });
            }

            if (isIdle && session.Time.GetElapsedTime(askedAt) < Pace / 2)
            {
                await Task.Delay(Pace, session.Time, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>How long a poll waits for its first entry: whole seconds, and no longer than a connection may be silent.</summary>
    private static TimeSpan Longest(TimeSpan heartbeat)
        => heartbeat >= LongestWait ? LongestWait : TimeSpan.FromSeconds(Math.Max(1, Math.Floor(heartbeat.TotalSeconds)));

    /// <summary>Takes an answer. False when the channel has to be asked again from its position.</summary>
    private bool Take(Subscription subscription, ServerMessage answer, StreamPosition at, StreamPosition? asked, ref bool isConfirmed)
    {
        var channel = answer.Channel ?? subscription.Requested;
        var recovered = asked is not null && answer.Recovered == true;
        if (!isConfirmed || !recovered)
        {
            isConfirmed = true;
            // Where it begins is said by the first entry, when there is one.
            var start = recovered ? asked!.Value
                : answer.Messages is [{ Offset: { } first } entry, ..] ? at with { Offset = first - 1 - entry.Merged - entry.Filtered }
                : at;
            subscription.Confirm(channel, start, asked, recovered, answer.Reason);
        }

        foreach (var message in answer.Messages)
        {
            session.Tally.Received(message);
            if (session.Deliver(subscription, message, at.Epoch) is Verdict.Hole or Verdict.Full)
            {
                return false;
            }
        }

        return answer.Messages.Count > 0
            || session.Deliver(subscription, ServerMessage.PositionAt(at.Epoch, at.Offset, answer.Merged, answer.Filtered), at.Epoch) is not (Verdict.Hole or Verdict.Full);
    }
}
