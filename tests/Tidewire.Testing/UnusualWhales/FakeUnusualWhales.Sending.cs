using System.Text;
using Tidewire.Testing.WebSockets;

namespace Tidewire.Testing.UnusualWhales;

/// <content>What a test makes the provider say.</content>
public sealed partial class FakeUnusualWhales
{
    /// <summary>Sends exactly these bytes as one text message to the open connections. The script may swallow or spoil it.</summary>
    /// <exception cref="InvalidOperationException">No connection is open.</exception>
    public Task SendAsync(ReadOnlyMemory<byte> text) => EachAsync(session => session.SendTextAsync(text), _ => true, "no connection is open");

    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte})"/>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends <c>["channel",payload]</c> to the connections that joined the channel.</summary>
    /// <exception cref="InvalidOperationException">No open connection has joined it.</exception>
    public Task SendDataAsync(string channel, string payloadJson)
    {
        var frame = ProviderFrames.Data(channel, Encoding.UTF8.GetBytes(payloadJson));
        return EachAsync(session => session.SendTextAsync(frame, channel), session => session.Joined.Contains(channel), $"no connection has joined {channel}");
    }

    /// <summary>Acknowledges a form, asked for or not.</summary>
    public Task SendAckAsync(string form) => SendAsync(ProviderFrames.Ack(form));

    /// <summary>Sends a frame of <see cref="BadFrames"/>, as binary where it says so.</summary>
    public Task SendAsync(BadFrame frame) => frame.IsBinary ? SendBinaryAsync(frame.Bytes) : SendAsync(frame.Bytes);

    /// <summary>Sends one binary message.</summary>
    public Task SendBinaryAsync(ReadOnlyMemory<byte> bytes) => SendFrameBytesAsync(FrameBytes.Encode(Opcode.Binary, bytes.Span));

    /// <summary>Sends a ping.</summary>
    public Task SendPingAsync() => SendFrameBytesAsync(FrameBytes.Encode(Opcode.Ping, "provider"u8));

    /// <summary>Writes bytes below the level of frames, such as half a frame or reserved bits.</summary>
    public Task SendFrameBytesAsync(ReadOnlyMemory<byte> bytes) =>
        EachAsync(session => session.SendEncodedAsync(bytes, 0), _ => true, "no connection is open");

    /// <summary>P19: sends many text messages in one write.</summary>
    public Task SendBurstAsync(IEnumerable<ReadOnlyMemory<byte>> texts)
    {
        var (burst, count) = (new MemoryStream(), 0);
        foreach (var text in texts)
        {
            burst.Write(FrameBytes.Encode(Opcode.Text, text.Span));
            count++;
        }

        return EachAsync(session => session.SendEncodedAsync(burst.ToArray(), count), _ => true, "no connection is open");
    }

    /// <summary>Ends all open connections and goes on listening. Joins are forgotten at once.</summary>
    public async Task PartAsync(Parting parting)
    {
        foreach (var session in _open)
        {
            try
            {
                await session.PartAsync(parting).AsTask().WithinBound($"a connection to end by {parting}");
            }
            catch (Exception e) when (IsHangUp(e))
            {
                // It ended on its own.
            }
        }
    }

    /// <summary>
    /// Sends data at a fixed rate for a while. Open loop: messages are due by the clock, and those that fall behind, for
    /// whatever reason, go out together as soon as they can.
    /// </summary>
    /// <remarks>
    /// Numbers begin at 0 and rise by one with each message handed to an open connection that has joined the channel.
    /// What falls due while there is none is left out and takes no number; so every number that a client does not see was
    /// lost after it was sent, and those in <see cref="PumpReport.Interrupted"/> may have been lost in the provider.
    /// Pumps for several channels may run at once.
    /// </remarks>
    /// <param name="channel">The joined form.</param>
    /// <param name="ratePerSecond">Messages per second, up to some 200,000.</param>
    /// <param name="duration">How long; rate times duration messages fall due.</param>
    /// <param name="payload">The payload's JSON for a number; copied at once, so one buffer can be used again.</param>
    /// <param name="cancellation">Ends the pump early, without an exception.</param>
    public Task<PumpReport> PumpAsync(
        string channel, double ratePerSecond, TimeSpan duration, Func<long, ReadOnlyMemory<byte>> payload, CancellationToken cancellation = default) =>
        new FramePump(channel, payload, () => _open).RunAsync(ratePerSecond, duration, cancellation);

    private async Task EachAsync(Func<FakeSession, ValueTask<bool>> send, Func<FakeSession, bool> chosen, string otherwise)
    {
        var sessions = _open.FindAll(session => !session.HasParted && chosen(session));
        if (sessions.IsEmpty)
        {
            throw new InvalidOperationException($"The fake provider could not send: {otherwise}.");
        }

        foreach (var session in sessions)
        {
            try
            {
                await send(session).AsTask().WithinBound("the client to take a frame");
            }
            catch (Exception e) when (IsHangUp(e))
            {
                // The connection ended meanwhile: what is sent into a dying connection is lost.
            }
        }
    }
}
