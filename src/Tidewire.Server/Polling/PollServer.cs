using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidewire.Fanout;
using Tidewire.Protocol;
using Tidewire.Server.ServerSentEvents;

namespace Tidewire.Server.Polling;

/// <summary>
/// Answers long polls. A poll is a connection like any other for as long as it lasts: it subscribes at its position, is
/// sent what follows, and ends with the first entries or when it has waited for long enough.
/// </summary>
internal sealed class PollServer(Hub hub, FeedCatalogue catalogue, PollWire wire, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>Bytes of an answer that are written in one go.</summary>
    private const int SliceLength = 64 << 10;

    /// <summary>What is there already is on its way even when another thread brings it; that takes no longer.</summary>
    private static readonly TimeSpan OnItsWay = TimeSpan.FromSeconds(1);

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _waiters;

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="channel">The channel as it stands in the path.</param>
    public async Task AnswerAsync(HttpContext context, string channel)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await StreamAnswer.RefuseGoingAwayAsync(context);
            return;
        }

        if (PollRequest.Read(catalogue, channel, context.Request.Query, out var asked) is { } error)
        {
            hub.Counters.Error();
            await StreamAnswer.RefuseAsync(context, error);
            return;
        }

        var transport = new PollTransport(asked!.Limit, hub.Options.MaxHistoryBytes);
        if (!hub.TryConnect(transport, wire, writeBytes: 1, out var connection))
        {
            await StreamAnswer.RefuseTooManyAsync(context, hub.Options.MaxConnections);
            return;
        }

        ReadOnlyMemory<byte> body;
        using (connection)
        {
            if (connection.Subscribe(asked.Channel.Feed, asked.Channel.Name, asked.Channel.Since, asked.Channel.History, asked.Channel.Terms, out var subscription) is not null
                || !await connection.StartedAsync(subscription!))
            {
                await StreamAnswer.RefuseGoingAwayAsync(context); // it began while the others were being closed
                return;
            }

            if (!await CollectAsync(connection, subscription!, transport, asked, context.RequestAborted))
            {
                await StreamAnswer.RefuseForNowAsync(context, "too_many_waiting", $"Too many polls are waiting. Allowed: {hub.Options.MaxPollWaiters} at once.");
                return;
            }

            body = Body(connection, subscription!, transport);
            hub.Hold(subscription!.Log); // it comes back with the position it is told
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(context, body);
        }
    }

    /// <summary>Waits until there is something to answer. False when it would have to wait, and too many do.</summary>
    private async Task<bool> CollectAsync(Connection connection, Subscription subscription, PollTransport transport, PollRequest asked, CancellationToken aborted)
    {
        var log = subscription.Log;
        connection.Begin(subscription);
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            connection.Close(Disconnect.GoingAway);
        }

        var answersAtOnce = asked.Channel.Since is null || !subscription.Start.Recovered;
        var wait = answersAtOnce ? TimeSpan.Zero : asked.Wait;
        if (log.Tail > subscription.Start.Offset && wait < OnItsWay)
        {
            wait = OnItsWay;
        }

        if (transport.Due.IsCompleted || wait == TimeSpan.Zero)
        {
            return true;
        }

        try
        {
            if (Interlocked.Increment(ref _waiters) > hub.Options.MaxPollWaiters)
            {
                return false;
            }

            using var limit = time.CreateTimer(static due => ((PollTransport)due!).Answer(), transport, wait, Timeout.InfiniteTimeSpan);
            using var gone = aborted.UnsafeRegister(static due => ((PollTransport)due!).Answer(), transport);
            await transport.Due;
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _waiters);
        }
    }

    private ReadOnlyMemory<byte> Body(Connection connection, Subscription subscription, PollTransport transport)
    {
        // Looked at before nothing more is taken. Where it has passed over everything, the next poll need not do so again;
        // an entry that is under way to an answer that is made already is the next poll's.
        var (reach, passed) = connection.ReachOf(subscription);
        if (reach.Offset != subscription.Start.Offset + passed.Merged + passed.Filtered)
        {
            (reach, passed) = (reach with { Offset = subscription.Start.Offset }, default);
        }

        var (messages, lastOffset) = transport.Take();
        var log = subscription.Log;
        var position = lastOffset is { } last ? reach with { Offset = last } : reach;
        var buffer = new ArrayBufferWriter<byte>(messages.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("channel"u8, log.NameUtf8.Span);
            json.WriteStartArray("messages"u8);
            if (!messages.IsEmpty)
            {
                json.WriteRawValue(messages.Span, skipInputValidation: true);
            }

            json.WriteEndArray();
            json.WriteStartObject("position"u8);
            json.WriteString("epoch"u8, position.Epoch);
            json.WriteNumber("offset"u8, position.Offset);
            json.WriteEndObject();
            json.WriteString("position_text"u8, position.ToString());
            if (lastOffset is null && passed.Merged > 0)
            {
                json.WriteNumber("merged"u8, passed.Merged);
            }

            if (lastOffset is null && passed.Filtered > 0)
            {
                json.WriteNumber("filtered"u8, passed.Filtered);
            }

            json.WriteBoolean("recovered"u8, subscription.Start.Recovered);
            if (subscription.Start.Reason is { } reason)
            {
                json.WriteString("reason"u8, reason);
            }

            json.WriteBoolean("simulated"u8, hub.Simulated);
            json.WriteString("timestamp"u8, MessageWriter.Instant(time.GetUtcNow()));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Writes an answer; a client that takes nothing of it for as long as a slow reader may is cut off.</summary>
    private async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        StreamAnswer.SetHeaders(context.Response);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        using var limit = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        while (!body.IsEmpty && !limit.IsCancellationRequested)
        {
            limit.CancelAfter(hub.Options.SlowReaderLimit);
            var slice = body[..Math.Min(SliceLength, body.Length)];
            await context.Response.Body.WriteAsync(slice, limit.Token); // cancelled, it cuts the connection off
            body = body[slice.Length..];
        }
    }
}
